"""Pure: calling windows, holidays and the moment of each resident's next attempt."""
