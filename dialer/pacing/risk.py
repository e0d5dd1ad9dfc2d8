"""The chance that answers outrun agents, at each second of the grid.

Taken agents less coming ones is D = A + I - R: answers of what rings, callers, releases; independent Bernoullis and a
Poisson. With few of them the distribution is convolved exactly; with many it is normal with its skew (normal power).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

EXACT = 14  # terms up to which the distribution is convolved
_CALLERS = 3  # callers who are looked at one by one


class Shortage(Protocol):
    """The distribution of D at every grid second."""

    def add(self, by: Sequence[float]) -> None:
        """One more ring, with its chances by grid second."""
        ...

    def short(self, idle: int) -> list[float]:
        """The chance that D >= idle, by grid second: whoever answers then finds nobody."""
        ...


class Exact:
    """Convolution."""

    def __init__(
        self, rings: Sequence[Sequence[float]], releases: Sequence[Sequence[float]], callers: Sequence[float]
    ) -> None:
        self._lowest = -len(releases)
        self._spread: list[list[float]] = []
        for k, mean in enumerate(callers):
            spread = _poisson(mean)
            for row in rings:
                spread = _convolve(spread, row[k])
            for row in releases:
                spread = _convolve(spread, 1.0 - row[k])
            self._spread.append(spread)

    def add(self, by: Sequence[float]) -> None:
        """One more ring."""
        self._spread = [_convolve(spread, chance) for spread, chance in zip(self._spread, by, strict=True)]

    def short(self, idle: int) -> list[float]:
        """The chance that D >= idle."""
        first = idle - self._lowest
        if first <= 0:
            return [1.0] * len(self._spread)
        return [min(1.0, sum(spread[first:])) for spread in self._spread]


def _poisson(mean: float) -> list[float]:
    if mean <= 0.0:
        return [1.0]
    terms, term = [], math.exp(-mean)
    for count in range(_CALLERS):
        terms.append(term)
        term *= mean / (count + 1)
    terms.append(max(0.0, 1.0 - sum(terms)))
    return terms


def _convolve(spread: list[float], chance: float) -> list[float]:
    stay = 1.0 - chance
    made = [value * stay for value in spread]
    made.append(0.0)
    for place, value in enumerate(spread, 1):
        made[place] += value * chance
    return made


class Normal:
    """Moments."""

    def __init__(
        self,
        rings: Sequence[tuple[int, Sequence[float]]],
        releases: Sequence[tuple[int, Sequence[float]]],
        callers: Sequence[float],
    ) -> None:
        """Rows with how many there are of each."""
        self._mean = list(callers)
        self._variance = list(callers)
        self._third = list(callers)
        for sign, rows in ((1.0, rings), (-1.0, releases)):
            for many, row in rows:
                self._include(sign, many, row)

    def _include(self, sign: float, many: int, row: Sequence[float]) -> None:
        signed = sign * many
        spread = [many * chance * (1.0 - chance) for chance in row]
        self._mean = [mean + signed * chance for mean, chance in zip(self._mean, row, strict=True)]
        self._variance = [variance + each for variance, each in zip(self._variance, spread, strict=True)]
        self._third = [
            third + sign * each * (1.0 - 2.0 * chance)
            for third, each, chance in zip(self._third, spread, row, strict=True)
        ]

    def add(self, by: Sequence[float]) -> None:
        """One more ring."""
        self._include(1.0, 1, by)

    def short(self, idle: int) -> list[float]:
        """The chance that D >= idle."""
        return [
            _above(idle - 0.5, mean, variance, third)
            for mean, variance, third in zip(self._mean, self._variance, self._third, strict=True)
        ]


def _above(value: float, mean: float, variance: float, third: float) -> float:
    """P(X > value) of a sum with these moments; falls as `value` rises."""
    if variance < 1e-12:
        return 1.0 if mean > value else 0.0
    deviation = math.sqrt(variance)
    z = (value - mean) / deviation
    skew = third / (variance * deviation)
    if skew > 1e-9:
        z = min(z, 3.0 / skew)
    elif skew < -1e-9:
        z = max(z, 3.0 / skew)
    z -= skew * (z * z - 1.0) / 6.0
    return 0.5 * math.erfc(z * 0.7071067811865476)
