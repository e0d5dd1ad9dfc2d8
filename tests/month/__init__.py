"""A whole month of a list on the real stack, its calendar pressed into minutes."""
