"""What the model expects of calls that ring, in a form that can be held against what came of them. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from dialer.pacing.curves import GRID, ring_ages, ring_table
from dialer.pacing.learned import Model

HORIZON = GRID[-1]
"""Seconds ahead that a decision looks."""


def expected_answers(model: Model, begun: Sequence[float], now: float) -> float:
    """Pick-ups expected within `HORIZON` of the calls that ring since these moments: by persons and machines, whoever
    is back from one or not.

    A decision's own `Reasons.answers` leaves out machines whose agent is back by then: no agent is missing for them.
    """
    table = ring_table(model.rings_used, model.level, HORIZON)
    return sum(many * table.by[age][-1] for age, many in ring_ages(begun, now).items())
