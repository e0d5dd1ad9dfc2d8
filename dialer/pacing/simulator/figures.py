"""What came of simulated days, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields


@dataclass(slots=True)
class Day:
    """Counts and seconds of one day."""

    dials: int = 0
    answered: int = 0  # by persons
    abandoned: int = 0
    joined: int = 0  # conversations with persons, out
    machines: int = 0  # conversations with machines
    cuts: int = 0
    early_cuts: int = 0
    callers: int = 0
    callers_in_time: int = 0
    open: float = 0.0  # seconds
    soon_free: float = 0.0  # of these, from which an agent was free within 20 s
    busy: float = 0.0  # agent-seconds with persons and in wrap-up
    idle: float = 0.0
    staffed: float = 0.0  # agent-seconds logged on and not paused
    illegal: int = 0
    decisions: int = 0

    @property
    def excess(self) -> bool:
        """Over 3% and more than two."""
        return self.abandoned > 2 and self.abandoned > 0.03 * self.answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Shares over several days, in percent where not said otherwise."""

    occupancy: float
    abandonment: float
    excess_days: float
    early_cuts: float
    all_cuts: float
    inbound: float  # within 20 s; not a number when nobody called
    soon_free: float  # of the moments at which a caller might come: a person within 20 s
    conversations: float  # per agent hour
    idle_between: float  # seconds
    illegal: int


def total(days: Sequence[Day]) -> Day:
    """All days as one."""
    whole = Day()
    for each in fields(Day):
        setattr(whole, each.name, sum(getattr(day, each.name) for day in days))
    return whole


def summary(days: Sequence[Day]) -> Summary:
    """The figures of these days."""
    whole = total(days)
    return Summary(
        occupancy=_percent(whole.busy, whole.staffed),
        abandonment=_percent(whole.abandoned, whole.answered),
        excess_days=_percent(sum(day.excess for day in days), len(days)),
        early_cuts=_percent(whole.early_cuts, whole.dials),
        all_cuts=_percent(whole.cuts, whole.dials),
        inbound=100.0 * whole.callers_in_time / whole.callers if whole.callers else math.nan,
        soon_free=_percent(whole.soon_free, whole.open),
        conversations=3600.0 * whole.joined / whole.staffed if whole.staffed else 0.0,
        idle_between=whole.idle / (whole.joined + whole.machines) if whole.joined + whole.machines else 0.0,
        illegal=whole.illegal,
    )


def _percent(part: float, whole: float) -> float:
    return 100.0 * part / whole if whole else 0.0


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Mean and half the width of its 95% interval (Student's t); one value has no width: infinite."""
    mean = sum(values) / len(values)
    if len(values) < 2:
        return mean, math.inf
    spread = math.sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1))
    table = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26)
    factor = table[len(values) - 2] if len(values) - 2 < len(table) else 2.0
    return mean, factor * spread / math.sqrt(len(values))
