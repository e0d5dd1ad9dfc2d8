"""Day-parts as the national exchange has them (DDAS: dagdeel)."""

from __future__ import annotations

from datetime import time
from enum import StrEnum


class DayPart(StrEnum):
    """By local time of the dial; values are DDAS's own words."""

    MORNING = "Ochtend"
    AFTERNOON = "Middag"
    EVENING = "Avond"


def day_part(local: time) -> DayPart:
    """Morning ends at 12:00, afternoon at 18:00."""
    if local < time(12):
        return DayPart.MORNING
    return DayPart.AFTERNOON if local < time(18) else DayPart.EVENING
