"""How much one hour teaches about another: the prior of the hours' shifts, and what is left of it after evidence.

The shifts of all bins for all kinds of number are one Gaussian. Near hours are alike, a weekday and a Saturday little,
the kinds of number nearly the same; so a thousand contacts speak for two dozen shifts at once. Matrices are lists of
rows; places run over kinds first, then bins.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import mul

from dialer.schedule.model import NumberKind
from dialer.schedule.planner.week import BINS, WEEKDAY_BINS, WEEKDAY_MIDDLES, WEEKEND_MIDDLES

Matrix = list[list[float]]

COMMON = 0.3
"""Variance (log-odds squared) that all hours share: people pick up more or less than was thought."""

ALIKE, NEAR = 1.0, 2.0
"""Variance that near hours share, and the distance in hours at which that is down to e^-1."""

SATURDAY = 0.3
"""How alike an hour of a weekday and the same hour of a Saturday are."""

OWN = 0.05
"""Variance of each bin alone."""

KINDS = 0.95
"""How alike the hours of two kinds of number are."""

PLACES = BINS * len(NumberKind)


def _prior() -> Matrix:
    middles = (*WEEKDAY_MIDDLES, *WEEKEND_MIDDLES)

    def shared(one: int, other: int) -> float:
        (kind, place), (kind_too, place_too) = divmod(one, BINS), divmod(other, BINS)
        near = math.exp(-(((middles[place] - middles[place_too]) / NEAR) ** 2))
        if (place < WEEKDAY_BINS) != (place_too < WEEKDAY_BINS):
            near *= SATURDAY
        found = COMMON + ALIKE * near + (OWN if place == place_too else 0.0)
        return found if kind == kind_too else KINDS * found

    return [[shared(one, other) for other in range(PLACES)] for one in range(PLACES)]


def inverse(matrix: Sequence[Sequence[float]]) -> Matrix:
    """The inverse of a symmetric positive matrix, by Gauss and Jordan; such a one needs no pivots."""
    size = len(matrix)
    rows = [[*row, *(float(place == other) for other in range(size))] for place, row in enumerate(matrix)]
    for place in range(size):
        pivot = rows[place][place]
        rows[place] = lead = [value / pivot for value in rows[place]]
        for other, row in enumerate(rows):
            if other != place:
                share = row[place]
                rows[other] = [value - share * above for value, above in zip(row, lead, strict=True)]
    return [row[size:] for row in rows]


PRIOR = _prior()
PRECISION = inverse(PRIOR)


def posterior(information: Sequence[float]) -> Matrix:
    """The covariance of the shifts after so much (Fisher) information on each, one place after the other."""
    rows = PRIOR
    for place, known in enumerate(information):
        if known > 0:
            column = rows[place]
            share = known / (1 + known * column[place])
            rows = [
                [value - share * own * other for value, other in zip(row, column, strict=True)]
                for own, row in zip(column, rows, strict=True)
            ]
    return rows


def pull(shifts: Sequence[float]) -> list[float]:
    """How strongly the prior draws shifts (from where it expects them) back, in units of score."""
    return [sum(map(mul, row, shifts)) for row in PRECISION]


def doubts(covariance: Matrix, kind: int) -> list[float]:
    """By bin of a kind: how unsure it is (a standard deviation) whether the hour is better than the others.

    What all hours share is left out: it says nothing about which of them to take.
    """
    begin = kind * BINS
    block = [row[begin : begin + BINS] for row in covariance[begin : begin + BINS]]
    means = [sum(row) / BINS for row in block]
    level = sum(means) / BINS
    return [math.sqrt(max(row[place] - 2 * means[place] + level, 0.0)) for place, row in enumerate(block)]
