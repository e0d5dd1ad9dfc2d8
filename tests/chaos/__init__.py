"""A seeded storm over the running service, and the auditor's word on what came of it."""
