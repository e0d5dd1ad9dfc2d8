"""Pure facts and rules: ids, state machines, outcomes. No I/O, clock or log."""
