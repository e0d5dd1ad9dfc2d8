"""Nobody is left out because little is thought of him: what must have been tried before giving up.

At least two day-parts (as the national exchange has them), and an evening or a Saturday.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from dialer.domain.dayparts import DayPart, day_part
from dialer.schedule.windows import local

DAY_PARTS = 2


@dataclass(frozen=True, slots=True)
class Tried:
    """Where a resident has been tried."""

    parts: frozenset[DayPart]
    off_hours: bool  # an evening or a Saturday

    @property
    def fair(self) -> bool:
        """Whether it is enough to give up."""
        return self.off_hours and len(self.parts) >= DAY_PARTS

    @property
    def missing(self) -> int:
        """How many more attempts it takes at least."""
        if self.fair:
            return 0
        # An evening gives both a new part and the off hours, unless it is the only part there is.
        short = max(DAY_PARTS - len(self.parts), 0)
        return max(short, 0 if self.off_hours else 1)

    def helps(self, at: datetime) -> bool:
        """Whether an attempt at `at` brings it nearer: with as few attempts as possible."""
        part, off = place_of(at)
        after = Tried(self.parts | {part}, self.off_hours or off)
        return after.missing < self.missing


def place_of(at: datetime) -> tuple[DayPart, bool]:
    """The day-part of a moment, and whether it is an evening or a Saturday."""
    clock = local(at)
    part = day_part(clock.time())
    return part, part is DayPart.EVENING or clock.weekday() >= 5


def tried(moments: Iterable[datetime]) -> Tried:
    """Where attempts at these moments have tried."""
    places = [place_of(at) for at in moments]
    return Tried(frozenset(part for part, _ in places), any(off for _, off in places))
