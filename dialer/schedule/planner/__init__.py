"""Pure: whom to call when, from what earlier attempts taught. See docs/reach.md."""
