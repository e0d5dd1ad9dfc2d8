"""What reach will come of it: the sum of everybody's chances, with an interval.

For each open resident the chance over the attempts that are likely to be made, each at the best hours that his belief
then leaves. The interval holds the luck (each is reached or not) and the doubt about the model (all chances wrong the
same way).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul

from dialer.schedule.model import NumberKind
from dialer.schedule.planner.model import Model, Seen

DOUBT = 0.12
"""Spread of what all chances together may be off, as a share."""

Z = 1.645
"""Nine in ten forecasts shall hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Expected reach, as shares of the callable residents."""

    reach: float
    low: float
    high: float


def chance_within(model: Model, kinds: Sequence[NumberKind], attempts: Sequence[Seen], planned: int) -> float:
    """The chance that one of the next `planned` attempts reaches the resident, each at the best hour by then.

    The attempts go to the number that looked best at the start; a second number is worth a little more than that.
    """
    belief = model.belief(kinds, attempts)
    found = [(max(model.chances(belief, n, kind)), n) for n, kind in enumerate(kinds) if n not in belief.closed]
    if not found or planned <= 0:
        return 0.0
    number = max(found)[1]
    weights = belief.weights[number]
    lost = belief.total - sum(weights)  # the number is dead
    for _ in range(planned):
        hits = [sum(map(mul, weights, row)) for row in model.hit[kinds[number]]]
        row = model.miss[kinds[number]][hits.index(max(hits))]
        weights = list(map(mul, weights, row))
    return 1 - (sum(weights) + lost) / belief.total


def forecast(reached: int, chances: Sequence[float], callable_residents: int) -> Forecast:
    """Reach when `reached` are reached already and the open ones have these chances."""
    if callable_residents <= 0:
        return Forecast(reach=0.0, low=0.0, high=0.0)
    expected = sum(chances)
    luck = sum(p * (1 - p) for p in chances)
    spread = Z * math.sqrt(luck + (DOUBT * expected) ** 2)
    most = reached + len(chances)
    return Forecast(
        reach=(reached + expected) / callable_residents,
        low=max(reached, reached + expected - spread) / callable_residents,
        high=min(most, reached + expected + spread) / callable_residents,
    )
