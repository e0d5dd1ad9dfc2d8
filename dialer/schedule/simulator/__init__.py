"""Seeded invented towns, to measure planners on: residents with habits, numbers of all states, days off, annoyance.

Nothing here runs in the service. The only part of the core that draws lots.
"""
