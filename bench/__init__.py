"""Figures, not tests: each prints what it measured, on what machine, beside what it is compared with."""
