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
_NONE: list[float] = []

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
        self._spreads: dict[int, tuple[int, list[float]]] = {}  # with how many added
        self._moments: dict[int, tuple[float, float, float]] = {}  # without what is added

    def fresh(self, by: Sequence[float], many: int) -> None:
        """So many rings more, in all, each with these chances by grid second."""
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
            return _at(max(idle - 1.0 - mean, 0.0), variance)
        spread = self._convolved(k)
        return max(spread[max(idle - 1 - self._lowest, 0) :], default=0.0)

    def _convolved(self, k: int) -> list[float]:
        added, spread = self._spreads.get(k, (-1, _NONE))
        if added == self._added:
            return spread
        if not 0 <= added < self._added:
            added, spread = 0, self._bare.get(k) or self._bare.setdefault(k, self._without(k))
        for _ in range(added, self._added):
            spread = _convolve(spread, self._fresh[k])
        self._spreads[k] = self._added, spread
        return spread

    def _without(self, k: int) -> list[float]:
        chances = [row[k] for many, row in self._rings for _ in range(many)]
        chances += [1.0 - factor * row[k] for many, factor, row in self._releases for _ in range(many)]
        # A term that never comes adds nothing; the others two by two, which takes half as long as one by one.
        chances = [chance for chance in chances if chance > 0.0]
        spread = _poisson(self._callers[k])
        for one, other in zip(chances[::2], chances[1::2], strict=False):
            spread = _convolve_two(spread, one, other)
        return _convolve(spread, chances[-1]) if len(chances) % 2 else spread

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
    """One more term."""
    stay = 1.0 - chance
    return [above * stay + below * chance for above, below in zip([*spread, 0.0], [0.0, *spread], strict=True)]


def _convolve_two(spread: list[float], one: float, other: float) -> list[float]:
    """Two more terms."""
    neither, both = (1.0 - one) * (1.0 - other), one * other
    either = 1.0 - neither - both
    rows = zip([*spread, 0.0, 0.0], [0.0, *spread, 0.0], [0.0, 0.0, *spread], strict=True)
    return [a * neither + b * either + c * both for a, b, c in rows]


def _at(distance: float, variance: float) -> float:
    """The chance of half a step on either side of what is so far above the mean, without skew."""
    if variance < 1e-12:
        return 1.0 if distance < 0.5 else 0.0
    scale = 0.7071067811865476 / math.sqrt(variance)
    return max(0.5 * (math.erfc((distance - 0.5) * scale) - math.erfc((distance + 0.5) * scale)), 0.0)


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
