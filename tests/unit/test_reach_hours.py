"""What one hour teaches about the others, and how far one step of learning goes."""

from __future__ import annotations

import pytest

from dialer.schedule.model import NumberKind
from dialer.schedule.planner import hours
from dialer.schedule.planner.habits import LEVEL
from dialer.schedule.planner.model import Model
from dialer.schedule.planner.week import BINS, bin_at

MOBILE, FIXED = NumberKind.MOBILE, NumberKind.FIXED


def test_what_is_learned_of_one_hour_helps_near_hours_and_the_other_kind_of_number() -> None:
    model, place, near, far = Model(), bin_at(0, 13), bin_at(0, 11.5), bin_at(0, 9)
    model.score[MOBILE][place], model.information[MOBILE][place] = 8.0, 8.0
    model.refresh()
    mobile, fixed = (model.chances(model.belief((kind,), []), 0, kind) for kind in (MOBILE, FIXED))
    assert mobile[place] > mobile[near] > mobile[far]
    # No fixed number was ever dialled. Against its own level: the kinds differ in how many are usable.
    assert fixed[place] / fixed[far] > 1.2


def test_the_posterior_of_the_hours_is_that_of_a_gaussian() -> None:
    known = [0.0] * hours.PLACES
    known[3], known[BINS + 7] = 5.0, 2.0
    direct = [[v + known[i] * (i == j) for j, v in enumerate(row)] for i, row in enumerate(hours.PRECISION)]
    found = hours.posterior(known)
    for row, expected in zip(found, hours.inverse(direct), strict=True):
        assert row == pytest.approx(expected, abs=1e-6)
    before, after = hours.doubts(hours.PRIOR, 0), hours.doubts(found, 0)
    assert after[3] < 0.7 * before[3]
    assert after[3] / before[3] < after[4] / before[4] < after[0] / before[0]


def test_a_step_is_damped_in_length_and_not_in_direction() -> None:
    """Very much evidence for one hour: its neighbours move along, but less."""
    model = Model()
    model.score[MOBILE][4], model.information[MOBILE][4] = 200.0, 1.0
    model.refresh()
    moved = [shift - level for shift, level in zip(model.shift[MOBILE], LEVEL, strict=True)]
    assert moved[4] == pytest.approx(0.5)
    assert moved[4] > moved[5] > moved[7] > 0
