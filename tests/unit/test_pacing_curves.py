from __future__ import annotations

import math

import pytest

from dialer.pacing import curves
from dialer.pacing.curves import GRID, RING_BINS


def learned(answers: list[float], unanswered: list[float]) -> curves.Rings:
    rings = curves.prior_rings()
    for age in answers:
        rings = curves.rings_ended(rings, age, picked=True)
    for age in unanswered:
        rings = curves.rings_ended(rings, age, picked=False)
    return rings


def test_a_curve_learns_share_and_age() -> None:
    rings = learned([10.5] * 500, [27.0] * 1500)
    table = curves.ring_table(rings, 1.0)
    assert table.person == pytest.approx(0.25, abs=0.02)
    row = table.by[0]
    assert row[GRID.index(7)] < 0.02 < 0.2 < row[GRID.index(15)]
    assert table.by[13][-1] < 0.03, "who has rung on past the answers will hardly answer"


def test_calls_that_were_cut_count_for_the_seconds_they_were_watched() -> None:
    whole = learned([12.5] * 300, [27.0] * 700)
    cut = learned([12.5] * 300, [27.0] * 700 + [6.0] * 1000)
    assert curves.ring_table(cut, 1.0).person == pytest.approx(curves.ring_table(whole, 1.0).person, abs=0.01)


def test_a_level_scales_the_share_and_stays_below_one() -> None:
    rings = learned([10.5] * 500, [27.0] * 1500)
    assert curves.ring_table(rings, 2.0).person == pytest.approx(2.0 * curves.ring_table(rings, 1.0).person, rel=0.02)
    wild = curves.ring_table(rings, 50.0)
    assert all(0.0 <= chance <= 1.0 for row in wild.by for chance in row)


def test_machines_pick_up_late() -> None:
    machine = curves.ring_table(curves.prior_rings(), 1.0).machine
    assert machine[10] < 0.2 < 0.6 < machine[21]


@pytest.mark.parametrize(
    ("age", "place"), [(math.nan, 0), (-3.0, 0), (0.0, 0), (7.9, 7), (1e9, RING_BINS - 1), (math.inf, RING_BINS - 1)]
)
def test_any_age_has_a_bin(age: float, place: int) -> None:
    assert curves.ring_bin(age) == place
    assert math.isfinite(sum(curves.rings_ended(curves.prior_rings(), age, picked=False).at_risk))
    assert math.isfinite(curves.exposure(curves.prior_rings(), age))


@pytest.mark.parametrize("seconds", [math.nan, -1.0, 0.0, 5.0, 5.1, 90.0, 1e12, math.inf])
def test_any_spell_has_a_bin(seconds: float) -> None:
    assert 0 <= curves.wrap_bin(seconds) < len(curves.prior_wraps().ended)
    assert 0 <= curves.brief_bin(seconds) < len(curves.prior_briefs().ended)


def test_wrap_ups_end_as_they_did() -> None:
    wraps = curves.prior_wraps()
    for _ in range(400):
        wraps = wraps._replace(ended=curves.bump(wraps.ended, curves.wrap_bin(60.0), 1.0))
    table = curves.wrap_table(wraps, 2.0)
    assert table[curves.wrap_bin(20.0)][0] < 0.05
    assert table[curves.wrap_bin(52.0)][-1] > 0.8
    assert table[curves.wrap_bin(1.0)][-1] < 0.1
    assert all(0.0 <= chance <= 1.0 for row in table for chance in row)
    at_once = curves.wrap_table(wraps, 0.0)
    assert at_once[0][0] <= table[0][0], "less time to wait for an agent, less chance of one"


def test_a_machine_is_told_by_its_late_pick_up_and_gives_the_agent_back() -> None:
    briefs = curves.prior_briefs()
    for _ in range(200):
        briefs = briefs._replace(ended=curves.bump(briefs.ended, 12, 1.0))
    table = curves.brief_table(briefs, 2.0)

    def soon(place: int, machine: float, ahead: int) -> float:
        return table.share(place, machine) * table.by[place][GRID.index(ahead)]

    assert soon(5, 0.9, 11) > 0.8
    assert soon(5, 0.1, 11) < 0.15
    assert soon(39, 0.9, GRID[-1]) < 0.2, "whoever still talks is a person"
    assert soon(5, 0.0, GRID[-1]) == pytest.approx(0.0)
