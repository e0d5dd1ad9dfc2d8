"""How wide a forecast's interval must be, learned from earlier forecasts and what came out."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

ASSUMED = 0.12
"""Spread of what all chances together are off, as a share of what they promise, before anything is known."""

ASSUMED_WEIGHT = 6.0
"""What is assumed weighs as much as the evidence of so many months of one campaign."""

FEWEST = 5.0
"""A forecast of fewer residents tells of luck only."""

BOUNDS = (0.04, 0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class CameOut:
    """A forecast whose time has come. Counts of residents who were still to be reached."""

    of: Hashable  # a campaign's month: its forecasts are about the same residents, and err together
    expected: float
    luck: float  # variance of the count if every chance was right
    came: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """The spread to use, and of how many campaign months it was learned."""

    share: float
    months: int


def learned_doubt(earlier: Iterable[CameOut]) -> Doubt:
    """The spread of the common error: squared relative errors less what luck explains, shrunk to `ASSUMED`.

    Method of moments for an over-dispersed count: E[(came - expected)^2] = luck + (share x expected)^2. What luck alone
    explains counts as an error of less than nothing, so that the mean is right; the result is kept within `BOUNDS`.
    """
    evidence: dict[Hashable, list[float]] = defaultdict(list)
    for one in earlier:
        if one.expected >= FEWEST:
            evidence[one.of].append(((one.came - one.expected) ** 2 - one.luck) / one.expected**2)
    found = sum(sum(errors) / len(errors) for errors in evidence.values())
    square = (ASSUMED_WEIGHT * ASSUMED**2 + found) / (ASSUMED_WEIGHT + len(evidence))
    low, high = BOUNDS
    return Doubt(share=min(max(math.sqrt(max(square, 0.0)), low), high), months=len(evidence))
