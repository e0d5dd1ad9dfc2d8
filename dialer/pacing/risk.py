"""The chance that answers outrun agents, at each second of the grid.

Taken agents less coming ones is D = A + I - R: answers of what rings, callers, releases; independent Bernoullis and a
Poisson. With few of them the distribution is convolved exactly; with many it is normal with its skew (normal power).
Each second of the grid is reckoned when it is first asked for: most decisions need one or two of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

EXACT = 14  # terms up to which the distribution is convolved
_CALLERS = 3  # callers who are looked at one by one

Rings = Sequence[tuple[int, Sequence[float]]]
"""Chances by grid second, with how many rings have the same."""
Releases = Sequence[tuple[int, float, Sequence[float]]]
"""The same of agents: how many, and a factor of all the chances. A decision asks for a few seconds of hundreds of rows,
so nobody multiplies them out."""


class Shortage:
    """The distribution of D."""

    def __init__(self, rings: Rings, releases: Releases, callers: Sequence[float], exact: bool | None = None) -> None:
        """`callers`: expected by each grid second. `exact`: None chooses by the number of terms."""
        self._rings = rings
        self._releases = releases
        self._callers = callers
        self._fresh: Sequence[float] = ()  # chances of what is added
        self._added = 0  # of these
        terms = sum([many for many, _ in rings]) + sum([many for many, _, _ in releases])
        self.exact = terms <= EXACT if exact is None else exact
        self._lowest = -sum([many for many, _, _ in releases])
        self._bare: dict[int, list[float]] = {}  # without what is added
        self._spreads: dict[int, list[float]] = {}
        self._moments: dict[int, tuple[float, float, float]] = {}  # without what is added

    def fresh(self, by: Sequence[float], many: int) -> None:
        """So many rings more, in all, each with these chances by grid second."""
        if many < self._added:
            self._spreads.clear()
        elif many > self._added:
            for k in self._spreads:
                for _ in range(many - self._added):
                    self._spreads[k] = _convolve(self._spreads[k], by[k])
        self._fresh, self._added = by, many

    def short(self, k: int, idle: int) -> float:
        """The chance that D >= idle at grid second k: whoever answers then finds nobody."""
        if not self.exact:
            return _above(idle - 0.5, *self._normal(k))
        first = idle - self._lowest
        return 1.0 if first <= 0 else min(1.0, sum(self._convolved(k)[first:]))

    def push(self, k: int, idle: int) -> float:
        """The chance that D is idle - 1 then: one more taken agent leaves the next who answers without.

        Where D is rather higher than that, its most likely value counts, so that it never rises with `idle`.
        """
        if not self.exact:
            mean, variance, _ = self._normal(k)  # without the skew, which moves the most likely value
            place = max(idle - 1.0, mean)
            return max(_above(place - 0.5, mean, variance, 0.0) - _above(place + 0.5, mean, variance, 0.0), 0.0)
        spread = self._convolved(k)
        return max(spread[max(idle - 1 - self._lowest, 0) :], default=0.0)

    def _convolved(self, k: int) -> list[float]:
        known = self._spreads.get(k)
        if known is not None:
            return known
        spread = self._bare.get(k)
        if spread is None:
            spread = self._bare[k] = self._without(k)
        for _ in range(self._added):
            spread = _convolve(spread, self._fresh[k])
        self._spreads[k] = spread
        return spread

    def _without(self, k: int) -> list[float]:
        spread = _poisson(self._callers[k])
        for many, row in self._rings:
            for _ in range(many):
                spread = _convolve(spread, row[k])
        for many, factor, row in self._releases:
            for _ in range(many):
                spread = _convolve(spread, 1.0 - factor * row[k])
        return spread

    def _normal(self, k: int) -> tuple[float, float, float]:
        mean, variance, third = self._moments.get(k) or self._without_fresh(k)
        if self._added:
            chance = self._fresh[k]
            some = self._added * chance
            spread = some * (1.0 - chance)
            return mean + some, variance + spread, third + spread * (1.0 - 2.0 * chance)
        return mean, variance, third

    def _without_fresh(self, k: int) -> tuple[float, float, float]:
        # Written out: a call for each of hundreds of terms takes twice the time.
        mean = variance = third = self._callers[k]
        for many, row in self._rings:
            chance = row[k]
            some = many * chance
            spread = some * (1.0 - chance)
            mean += some
            variance += spread
            third += spread * (1.0 - 2.0 * chance)
        for many, factor, row in self._releases:
            chance = factor * row[k]
            some = many * chance
            spread = some * (1.0 - chance)
            mean -= some
            variance += spread
            third -= spread * (1.0 - 2.0 * chance)
        self._moments[k] = (mean, variance, third)
        return mean, variance, third


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
    """One more term. One that never comes adds nothing, not even a place."""
    if chance <= 0.0:
        return spread
    stay = 1.0 - chance
    return [above * stay + below * chance for above, below in zip([*spread, 0.0], [0.0, *spread], strict=True)]


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
