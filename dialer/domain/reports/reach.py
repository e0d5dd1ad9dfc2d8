"""The report of reach: counts by delivery, day, partner and kind of number, and whether it is as expected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from dialer.domain.reports.definitions import Share

Counts = Mapping[str, int]
"""Measure -> count. A measure that a row does not know is left out."""


class Dimension(StrEnum):
    """What residents are told apart by."""

    DELIVERY = "delivery"  # key: the delivery's id
    DAY = "day"  # of the first conversation; key: Amsterdam date. Knows `reached` only
    PARTNER = "partner"  # key: kind of partner. Who has signals of two is in both
    NUMBER = "number"  # key: mobile | fixed | both | none


OVERLAPPING = frozenset({Dimension.PARTNER})
"""Dimensions whose rows are more together than the total."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a table."""

    key: str
    counts: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachTables:
    """All counts of a report."""

    total: Counts
    tables: Mapping[Dimension, Sequence[Row]]


class Verdict(StrEnum):
    """How a forecast stands to a promise."""

    BELOW = "below"
    AS_AGREED = "as_agreed"
    ABOVE = "above"  # far above: the promise or the deliveries are not what was thought
    UNKNOWN = "unknown"  # nothing promised, or nothing expected yet


def share_of(share: Share, counts: Mapping[str, int | None]) -> float | None:
    """0..1; None when one of both is hidden, unknown, or nobody is in the denominator."""
    over, under = counts.get(share.numerator), counts.get(share.denominator)
    return None if over is None or not under else over / under


def verdict(promised: float | None, band_points: float, expected: float | None) -> Verdict:
    """`promised`, `expected`: shares 0..1 at the end of calling. The bounds themselves are as agreed."""
    if promised is None or expected is None:
        return Verdict.UNKNOWN
    off = round(100 * (expected - promised), 9)  # 0.65 - 0.55 shall be ten points
    if off < -band_points:
        return Verdict.BELOW
    return Verdict.ABOVE if off > band_points else Verdict.AS_AGREED
