"""Use cases: async, but only through ports."""
