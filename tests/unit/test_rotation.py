from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from dialer.schedule.model import Limits, Past
from dialer.schedule.rotation import Rotation, part_of
from dialer.schedule.windows import local, local_date, parse
from tests.support.schedule import FIXED, MOBILE, MONDAY, after, history

L = Limits()
PLANNER = Rotation()
HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("clock", "part"),
    [("08:30", "morning"), ("12:00", "noon"), ("14:00", "afternoon"), ("17:00", "dusk"), ("19:00", "evening")],
)
def test_day_parts(clock: str, part: str) -> None:
    hour, minute = map(int, clock.split(":"))
    assert part_of(MONDAY.replace(hour=hour - 1, minute=minute)) == part
    assert part_of(MONDAY.replace(day=7)) == "saturday"


def test_the_first_attempt_is_at_once_on_the_mobile() -> None:
    plan = PLANNER.next_attempt(history(FIXED, MOBILE), MONDAY, L)
    assert plan is not None
    assert (plan.at, plan.number, plan.reason["code"]) == (MONDAY, 1, "first")
    night = PLANNER.next_attempt(history(), MONDAY.replace(hour=21), L)
    assert night is not None
    assert local(night.at).strftime("%a %H:%M") == "Tue 08:30"


def test_a_month_of_misses_spreads_over_parts_weekdays_and_numbers() -> None:
    past, now = history(MOBILE, FIXED), MONDAY
    plans = []
    while (plan := PLANNER.next_attempt(past, now, L)) is not None:
        plans.append(plan)
        past = after(past, plan.number, plan.at, "NO_ANSWER")
        now = plan.at + MINUTE
    assert len(plans) >= 11
    assert len({part_of(p.at) for p in plans[:6]}) == 6
    assert len({local(p.at).weekday() for p in plans[:4]}) >= 3
    assert {p.number for p in plans[:2]} == {0, 1}
    assert all(L.calendar.is_open(p.at) for p in plans)
    gaps = [b.at - a.at for a, b in itertools.pairwise(plans)]
    assert min(gaps[:8]) >= 18 * HOUR
    assert plans[-1].at < past.ends_at


def test_the_same_history_gives_the_same_answer() -> None:
    past = after(history(MOBILE, FIXED), 0, MONDAY, "NO_ANSWER")
    assert PLANNER.next_attempt(past, MONDAY + MINUTE, L) == PLANNER.next_attempt(past, MONDAY + MINUTE, L)
    other = PLANNER.next_attempt(replace(past, key="case-2"), MONDAY + MINUTE, L)
    assert other is not None
    assert other != PLANNER.next_attempt(past, MONDAY + MINUTE, L)  # cases do not all come at the same minute


def test_busy_comes_back_on_the_same_number_in_a_quarter_to_half_an_hour() -> None:
    plan = PLANNER.next_attempt(after(history(MOBILE, FIXED), 0, MONDAY, "BUSY"), MONDAY + MINUTE, L)
    assert plan is not None
    assert 15 * MINUTE <= plan.at - MONDAY <= 31 * MINUTE
    assert plan.number == 0


def test_busy_for_the_fourth_time_is_another_slot() -> None:
    plan = PLANNER.next_attempt(after(history(), 0, MONDAY, "BUSY", times=4), MONDAY + MINUTE, L)
    assert plan is not None
    assert plan.at - MONDAY > 12 * HOUR


def test_a_dead_number_makes_way_for_the_next_at_once() -> None:
    plan = PLANNER.next_attempt(after(history(MOBILE, FIXED), 0, MONDAY, "INVALID_NUMBER"), MONDAY + MINUTE, L)
    assert plan is not None
    assert (plan.number, plan.reason["code"]) == (1, "next_number")
    assert plan.at == MONDAY + L.least_pause


def test_an_unallocated_number_alone_is_tried_another_day() -> None:
    plan = PLANNER.next_attempt(after(history(), 0, MONDAY, "UNALLOCATED"), MONDAY + MINUTE, L)
    assert plan is not None
    assert local_date(plan.at) > local_date(MONDAY)


@pytest.mark.parametrize("outcome", ["REJECTED", "EARLY_HANGUP", "ABANDONED", "NOT_VERIFIED"])
def test_another_day(outcome: str) -> None:
    plan = PLANNER.next_attempt(after(history(), 0, MONDAY, outcome), MONDAY + MINUTE, L)
    assert plan is not None
    assert local_date(plan.at) > local_date(MONDAY)


def test_a_cut_off_line_is_redialled_at_once_and_only_in_time() -> None:
    past = after(history(MOBILE, FIXED), 1, MONDAY, "CUT_OFF")
    plan = PLANNER.next_attempt(past, MONDAY + MINUTE, L)
    assert plan is not None
    assert (plan.at, plan.number, plan.reason["code"]) == (MONDAY + MINUTE, 1, "redial")
    late = PLANNER.next_attempt(past, MONDAY + HOUR, L)
    assert late is not None
    assert late.reason["code"] == "other_slot"


def test_an_appointment_is_kept_to_the_minute_on_the_number_spoken_on() -> None:
    spoken = after(history(MOBILE, FIXED), 1, MONDAY, "CALL_LATER")
    at = MONDAY + 6 * HOUR
    plan = PLANNER.next_attempt(replace(spoken, appointment_at=at), MONDAY + MINUTE, L)
    assert plan is not None
    assert (plan.at, plan.number, plan.reason["code"]) == (at, 1, "appointment")
    closed = replace(spoken, appointment_at=at, numbers=(MOBILE, replace(FIXED, closed="FAX")))
    other = PLANNER.next_attempt(closed, MONDAY + MINUTE, L)
    assert other is not None
    assert (other.at, other.number) == (at, 0)


def test_carrier_faults_wait_and_change_nothing_else() -> None:
    first = PLANNER.next_attempt(after(history(), 0, MONDAY, "FAILED"), MONDAY + MINUTE, L)
    assert first is not None
    assert timedelta(minutes=5) <= first.at - MONDAY <= timedelta(minutes=6)
    missed = after(history(), 0, MONDAY - DAY, "NO_ANSWER")
    again = PLANNER.next_attempt(after(missed, 0, MONDAY, "CONGESTION"), MONDAY + MINUTE, L)
    assert again is not None
    assert (again.reason["code"], again.at - MONDAY < timedelta(minutes=6)) == ("carrier_fault", True)


def test_a_crisis_is_not_spread_over_weeks() -> None:
    past = after(history(days=3, crisis=True), 0, MONDAY, "NO_ANSWER")
    plan = PLANNER.next_attempt(past, MONDAY + MINUTE, L)
    assert plan is not None
    assert plan.at - MONDAY <= 12 * HOUR


def test_what_has_worked_is_preferred() -> None:
    past = after(history(MOBILE, FIXED), 1, MONDAY - 3 * DAY, "THIRD_PARTY")
    past = after(past, 0, MONDAY - 2 * DAY, "NO_ANSWER")
    plan = PLANNER.next_attempt(past, MONDAY, L)
    assert plan is not None
    assert plan.number == 1


def test_near_the_end_it_takes_the_last_chance_or_gives_up() -> None:
    past = after(history(days=0.4), 0, MONDAY, "NO_ANSWER")
    plan = PLANNER.next_attempt(past, MONDAY + MINUTE, L)
    assert plan is not None
    assert (plan.reason["code"], plan.at) == ("last_chance", MONDAY + 3 * HOUR)
    assert PLANNER.next_attempt(after(history(days=0.1), 0, MONDAY, "NO_ANSWER"), MONDAY + MINUTE, L) is None


def test_no_usable_number_no_plan() -> None:
    assert PLANNER.next_attempt(history(replace(MOBILE, closed="FAX")), MONDAY, L) is None


def test_a_call_from_the_resident_counts_for_no_part() -> None:
    inbound = Past(number=None, at=MONDAY, outcome="THIRD_PARTY", counted=False, lives=True)
    past = replace(after(history(), 0, MONDAY, "THIRD_PARTY"), attempts=(inbound,))
    plan = PLANNER.next_attempt(past, MONDAY + MINUTE, L)
    assert plan is not None
    assert plan.reason["code"] == "other_slot"


def test_a_slot_that_a_rule_pushes_away_is_not_taken() -> None:
    # The other cases of this resident used up the coming days: the plan lies beyond.
    used = {local_date(MONDAY + n * DAY): 2 for n in range(5)}
    past = replace(after(history(), 0, MONDAY - DAY, "NO_ANSWER"), elsewhere=used)
    plan = PLANNER.next_attempt(past, MONDAY, L)
    assert plan is not None
    assert local_date(plan.at) not in used


def test_a_window_over_two_days_and_midnight_cuts() -> None:
    calendar = parse({"week": {"mon": [["00:00", "23:59"]]}})
    past = after(history(), 0, MONDAY, "NO_ANSWER")
    plan = PLANNER.next_attempt(past, MONDAY + MINUTE, Limits(calendar=calendar))
    assert plan is not None
    assert datetime.fromisoformat("2026-03-03T00:00:00+00:00") < plan.at
