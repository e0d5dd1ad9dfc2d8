"""Pure: how many calls to start now, and why."""
