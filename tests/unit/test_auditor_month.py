"""The auditor of a month is fed forged records: each kind of violation must be caught, and honest ones let through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.auditor.evidence import Attempt, Evidence, TownCall
from tests.auditor.month import CalendarRecord, Pair, audit_month
from tests.unit.test_auditor import NUMBER, ONE, attempt, own

MONDAY = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)  # 10:00 in Amsterdam
SPEED = 60.0
CALENDAR = CalendarRecord([Pair(0.0, MONDAY, SPEED)])
"""A minute a second, from Monday 10:00 on."""


def wall(days: float = 0.0, hours: float = 0.0) -> float:
    """Seconds of wall time until so much of the calendar has passed."""
    return (days * 86400 + hours * 3600) / SPEED


def audit(moments: Sequence[float], attempts: Sequence[Attempt] = (), *, picked_up: bool = True) -> list[str]:
    calls = [
        TownCall(NUMBER, f"t-{at}", at, answered=at + 1 if picked_up and at == moments[-1] else None, ended=at + 2)
        for at in moments
    ]
    evidence = Evidence(
        own=[own(a.id, began=a.claimed_wall, joins=[]) for a in attempts if a.direction == "out"],
        town=calls,
        attempts=attempts,
        lines=[],
        table=[],
        signals=[],
        acknowledged={},
        requests=[],
        blocks=[],
        keys={},
    )
    return list(audit_month(evidence, CALENDAR))


def test_honest_calls_are_let_through() -> None:
    assert audit([wall(0, 0), wall(0, 9), wall(1, 2), wall(5, 1), wall(9, 10.99)]) == []


@pytest.mark.parametrize(
    ("moments", "found"),
    [
        ([wall(0, 11.1)], "21:06"),
        ([wall(0, 12)], "22:00"),
        ([wall(1, -1.6)], "Tue 02-06-2026 08:24"),
        ([wall(5, 7.2)], "Sat 06-06-2026 17:12"),
        ([wall(6)], "Sun"),
        ([wall(0), wall(0, 2), wall(0, 4)], "3 times on 2026-06-01"),
        ([wall(0), wall(0, 0.1)], "within a quarter of an hour"),
        ([wall(day, 9) for day in (0, 1, 2, 3, 4, 7, 8, 9)], "rung 8 times"),
    ],
)
def test_a_forgery_is_caught(moments: list[float], found: str) -> None:
    assert any(found in told for told in audit(moments)), audit(moments)


def test_what_left_in_time_may_arrive_a_moment_later() -> None:
    assert audit([wall(0, 11) + 0.5]) == []


def test_a_redial_after_a_line_that_was_cut_off_is_exempt() -> None:
    moments = [wall(0), wall(0, 2), wall(0, 2.1)]
    assert audit(moments) != []
    assert audit(moments, [attempt(exempt=True, final_for_case=False)]) == []


def test_who_was_never_reached_was_tried_at_fair_hours() -> None:
    mornings = [wall(day, 0.5) for day in (0, 1, 2, 3, 7, 8, 9)]
    assert any("given up after 7" in told for told in audit(mornings, picked_up=False))
    assert audit(mornings) == []
    assert audit([*mornings[:-1], wall(9, 9)], picked_up=False) == []
    saturday_mornings = [*mornings[:-1], wall(12, 0.5)]
    assert any("given up after 7" in told for told in audit(saturday_mornings, picked_up=False)), "one part of the day"


def test_nobody_is_rung_after_the_last_word() -> None:
    said = attempt(outcome_at=MONDAY + timedelta(hours=1), claimed_wall=wall(0, 0))
    late = attempt("00000000-0000-7000-8000-000000000002", claimed_wall=wall(0, 2), final_for_case=False)
    assert any("after its case" in told for told in audit([wall(0)], [said, late]))
    assert audit([wall(0)], [said]) == []


TWO, THREE = (f"00000000-0000-7000-8000-{place:012}" for place in (2, 3))


def test_a_resident_is_rung_twice_a_day_at_most_whatever_the_number() -> None:
    one, two, three = (
        attempt(name, number=number, claimed_wall=wall(0, hour), final_for_case=False)
        for name, number, hour in ((ONE, NUMBER, 0), (TWO, NUMBER, 2), (THREE, "+31790000055", 4))
    )
    assert any("resident r1 was rung 3 times" in told for told in audit([], [one, two, three]))
    for harmless in (replace(three, exempt=True), replace(three, counted=False), replace(three, resident="r2")):
        assert audit([], [one, two, harmless]) == []


def test_a_number_is_not_rung_for_b_right_after_a() -> None:
    first = attempt(final_for_case=False, claimed_wall=wall(0))
    other = attempt(TWO, resident="r2", case="case-2", final_for_case=False, claimed_wall=wall(0, 0.5))
    assert any("right after another" in told for told in audit([], [first, other]))
    assert audit([], [first, replace(other, claimed_wall=wall(0, 1))]) == []
    assert audit([], [first, replace(other, resident="r1", case="case-1")]) == []
    moments = [wall(day, 9 + late) for day in (0, 1, 2, 3) for late in (0, 1.5)]
    assert any("rung 8 times" in told for told in audit(moments, [first]))
    assert audit(moments, [first, replace(other, claimed_wall=wall(0, 2))]) == [], "seven for each of them"


def test_an_appointment_is_kept() -> None:
    agreed = attempt(
        outcome="CALL_LATER",
        final_for_case=False,
        outcome_at=MONDAY + timedelta(minutes=5),
        appointment=MONDAY + timedelta(days=1),
    )

    def then(hours: float, *more: Attempt) -> list[str]:
        return audit([], [agreed, attempt(TWO, final_for_case=False, claimed_wall=wall(1, hours)), *more])

    assert then(0.02) == []
    assert any("before" in told for told in then(-3))
    assert any("after it" in told for told in then(3))
    came_in = attempt(THREE, direction="in", claimed=MONDAY + timedelta(hours=3), final_for_case=False)
    assert then(3, came_in) == [], "he rang us himself"
    forgotten = attempt(
        TWO, case="case-2", resident="r2", final_for_case=False, claimed_wall=wall(1, 9), number="+31790000055"
    )
    assert any("after it" in told for told in audit([], [agreed, forgotten]))


def test_wall_time_is_read_as_calendar_time_and_never_goes_back() -> None:
    leap = CalendarRecord([Pair(10.0, MONDAY + timedelta(days=1), SPEED), Pair(0.0, MONDAY, SPEED)])
    assert leap.at(2.0) == MONDAY + timedelta(minutes=2)
    assert leap.at(11.0) == MONDAY + timedelta(days=1, minutes=1)
    assert leap.fastest == SPEED
    with pytest.raises(ValueError, match="before the record"):
        leap.at(-1.0)
    with pytest.raises(ValueError, match="went back"):
        CalendarRecord([Pair(0.0, MONDAY, SPEED), Pair(10.0, MONDAY, SPEED)])
