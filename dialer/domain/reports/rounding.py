"""Figures of the work for who may not see residents: every count is rounded to a multiple of five.

Rows and columns of many tables overlap here in too many ways to hide single cells (`suppress`, for the tables of
reach): whatever is reckoned from rounded counts is no better known than they are. Shares divide rounded counts, and a
timing of fewer than five calls is left out.
"""

from __future__ import annotations

from dialer.domain.reports.operations import Found, Line
from dialer.domain.reports.suppress import FEWEST

STEP = 5
OFF = 2
"""How far a rounded count is from the true one at most."""


def rounded(count: int) -> int:
    """The nearest multiple of five."""
    return STEP * ((count + OFF) // STEP)


def coarse(found: Found) -> Found:
    """All of it, rounded."""
    return {section: {key: _coarse(line) for key, line in lines.items()} for section, lines in found.items()}


def _coarse(line: Line) -> Line:
    return Line(
        counts={key: rounded(count) for key, count in line.counts.items()},
        timings={key: timing for key, timing in line.timings.items() if timing.base >= FEWEST},
    )
