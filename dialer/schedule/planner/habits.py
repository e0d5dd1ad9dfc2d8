"""The library of habits: how a resident's willingness to pick up may run through the week.

Nobody is one of these; a resident is a mixture that his own attempts narrow down. At first all habits are as likely
and, by `LEVEL`, all hours as good. When people really pick up is learned as a shift of each hour (`model`). Learning
the shares of the habits too brought nothing: see docs/decisions/reach-model.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from dialer.schedule.planner.week import BINS, WEEKDAY_MIDDLES, WEEKEND_MIDDLES

PEAKS = (-0.2, -1.6, -3.2)
"""Log-odds of picking up in the best hours: eager, average, hardly ever."""

DEPTH = 2.6
"""How far below its best hours a habit's worst lie, in log-odds."""

WEEKENDS = (0.95, 0.2)
"""Saturday as a share of the depth: at home, away."""

Shape = Callable[[float], float]


def _hump(centre: float, width: float) -> Shape:
    return lambda hour: math.exp(-(((hour - centre) / width) ** 2))


def _dip(centre: float, width: float) -> Shape:
    return lambda hour: 1 - math.exp(-(((hour - centre) / width) ** 2))


def _flat(_: float) -> float:
    return 0.75


def _shapes() -> Iterator[Shape]:
    yield _flat
    for centre in WEEKDAY_MIDDLES:
        yield _hump(centre, 1.6)
    for centre in (9.5, 11.5, 13.5, 15.5, 17.5, 19.5):
        yield _hump(centre, 3.5)
    yield _dip(12.0, 3.0)
    yield _dip(15.0, 3.0)


def library() -> tuple[tuple[float, ...], ...]:
    """Log-odds by habit and bin."""
    found: list[tuple[float, ...]] = []
    for peak in PEAKS:
        for shape in _shapes():
            for weekend in WEEKENDS:
                week = [shape(hour) for hour in WEEKDAY_MIDDLES]
                free = [weekend for _ in WEEKEND_MIDDLES]
                found.append(tuple(peak - DEPTH * (1 - share) for share in (*week, *free)))
    return tuple(found)


LIBRARY = library()
SIZE = len(LIBRARY)
assert all(len(habit) == BINS for habit in LIBRARY)


def _levels() -> Iterator[float]:
    for place in range(BINS):
        low, high = -3.0, 3.0
        for _ in range(40):
            middle = (low + high) / 2
            mean = sum(1 / (1 + math.exp(-habit[place] - middle)) for habit in LIBRARY) / SIZE
            low, high = (middle, high) if mean < FIRST_CHANCE else (low, middle)
        yield low


FIRST_CHANCE = 0.12
LEVEL = tuple(_levels())
"""Shifts at which the average resident is equally likely to pick up in every bin: nothing is known yet."""
