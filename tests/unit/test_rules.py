from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from dialer.domain.errors import InvalidError
from dialer.schedule.model import CallBack, Hold, Limits, Past, limits
from dialer.schedule.rules import (
    by_hand,
    check,
    check_case,
    check_number,
    exempt_daily,
    first_legal,
    redial_due,
    usable,
    why,
)
from dialer.schedule.windows import DEFAULT, parse
from dialer.schedule.words import HOLD_CODES, moment, say, state_word
from tests.support.schedule import FIXED, MOBILE, MONDAY, after, history

L = Limits()
HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)


def code(hold: Hold | None) -> str:
    return "" if hold is None else hold.code


def test_a_fresh_case_may_be_dialled() -> None:
    assert check(history(), 0, MONDAY, L) is None
    assert why(history(), MONDAY, L) is None


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"recalled": True}, "recalled"),
        ({"opted_out_at": MONDAY}, "opt_out"),
        ({"state": "withdrawn"}, "case_state"),
        ({"ends_at": MONDAY}, "term_over"),
        ({"busy": True}, "in_call"),
        ({"paused_until": MONDAY + DAY}, "paused"),
        ({"callback_until": MONDAY + DAY}, "callback_open"),
        ({"appointment_at": MONDAY + DAY}, "appointment"),
        ({"fault_until": MONDAY + DAY}, "carrier_fault"),
        ({"elsewhere": {MONDAY.date(): 2}}, "daily_cap"),
    ],
)
def test_each_rule_holds_the_case(change: dict[str, object], expected: str) -> None:
    hold = check_case(history(**change), MONDAY, L)  # type: ignore[arg-type]
    assert code(hold) == expected
    assert hold is not None
    assert say(hold)
    assert say(hold, "en") != say(hold)


def test_the_first_rule_in_order_is_told() -> None:
    all_of_them = history(recalled=True, opted_out_at=MONDAY, busy=True, ends_at=MONDAY)
    assert code(check_case(all_of_them, MONDAY.replace(hour=23), L)) == "recalled"


def test_the_window_is_told_last_with_its_opening() -> None:
    hold = check_case(history(), MONDAY.replace(hour=20), L)
    assert hold is not None
    assert (hold.code, hold.until) == ("window", datetime.fromisoformat("2026-03-03T07:30:00+00:00"))
    assert say(hold) == "Het is buiten de beltijden. Tot di 3 mrt, 08:30."
    assert say(hold, "en") == "It is outside calling hours. Until Tue 3 Mar, 08:30."


def test_seven_a_number_twelve_a_case() -> None:
    seven = tuple(Past(number=0, at=MONDAY - n * DAY, outcome="NO_ANSWER") for n in range(7, 0, -1))
    past = history(MOBILE, FIXED, attempts=seven)
    assert code(check_number(past, 0, MONDAY, L)) == "number_cap"
    assert check(past, 1, MONDAY, L) is None
    assert why(past, MONDAY, L) is None
    twelve = (*seven, *(Past(number=1, at=MONDAY - n * DAY, outcome="BUSY") for n in range(5, 0, -1)))
    assert code(check_case(replace(past, attempts=twelve), MONDAY, L)) == "case_cap"
    faults = tuple(replace(a, counted=False) for a in twelve)
    assert check(replace(past, attempts=faults), 0, MONDAY, L) is None  # a carrier fault is none of them


def test_two_a_day_over_all_cases_of_the_resident() -> None:
    once = history(attempts=(Past(number=0, at=MONDAY - HOUR, outcome="NO_ANSWER"),))
    assert check(once, 0, MONDAY, L) is None
    hold = check(replace(once, elsewhere={MONDAY.date(): 1}), 0, MONDAY, L)
    assert code(hold) == "daily_cap"
    assert hold is not None
    assert hold.until == datetime.fromisoformat("2026-03-02T23:00:00+00:00")  # midnight in Amsterdam
    exempt = replace(once, attempts=(replace(once.attempts[0], exempt_daily=True), *once.attempts))
    assert check(exempt, 0, MONDAY, L) is None


def test_an_agreed_hour_and_the_redial_stand_beside_cap_and_pause() -> None:
    twice = tuple(Past(number=0, at=MONDAY - n * MINUTE, outcome="NO_ANSWER") for n in (20, 1))
    met = history(attempts=twice, appointment_at=MONDAY)
    assert check(met, 0, MONDAY, L) is None
    assert exempt_daily(met, 0, MONDAY, L)
    cut = after(history(attempts=twice[:1]), 0, MONDAY - MINUTE, "CUT_OFF")
    assert redial_due(cut, MONDAY, L)
    assert check(cut, 0, MONDAY, L) is None
    late = MONDAY + L.redial_within
    assert not redial_due(cut, late, L)
    assert code(check(cut, 0, late, L)) == "daily_cap"
    again = after(cut, 0, MONDAY, "CUT_OFF", times=2)
    assert not redial_due(again, MONDAY + MINUTE, L)


def test_a_call_back_stands_beside_cap_and_pause_on_its_own_number_only() -> None:
    twice = tuple(Past(number=0, at=MONDAY - n * MINUTE, outcome="REJECTED") for n in (20, 1))
    asked = history(
        MOBILE,
        FIXED,
        attempts=twice,
        call_back=CallBack(number=0, at=MONDAY),
        paused_until=MONDAY + HOUR,
        appointment_at=MONDAY + HOUR,
    )
    assert check(asked, 0, MONDAY, L) is None
    assert exempt_daily(asked, 0, MONDAY, L)
    assert why(asked, MONDAY, L) is None
    assert code(check(asked, 0, MONDAY - MINUTE, L)) == "paused"
    assert code(check(asked, 1, MONDAY, L)) == "paused"
    assert not exempt_daily(asked, 1, MONDAY, L)
    rejected = replace(after(asked, 0, MONDAY, "REJECTED"), paused_until=None, appointment_at=None)
    assert check(rejected, 0, MONDAY + MINUTE, L) is None
    night = MONDAY + 12 * HOUR
    assert code(check(asked, 0, night, L)) == "window"
    seven = tuple(Past(number=0, at=MONDAY - n * DAY, outcome="NO_ANSWER") for n in range(1, 8))
    assert code(check(replace(asked, attempts=seven), 0, MONDAY, L)) == "number_cap"


def test_a_call_back_that_may_not_be_dialled_is_left_to_agents() -> None:
    asked = history(replace(MOBILE, closed="WRONG_PERSON"), FIXED, call_back=CallBack(number=0, at=MONDAY))
    left = by_hand(asked, L, DAY)
    assert (left.call_back, left.callback_until) == (None, MONDAY + DAY)
    longer = by_hand(replace(asked, callback_until=MONDAY + 2 * DAY), L, DAY)
    assert longer.callback_until == MONDAY + 2 * DAY
    assert code(check(left, 1, MONDAY, L)) == "callback_open"
    fine = replace(asked, numbers=(MOBILE, FIXED))
    assert by_hand(fine, L, DAY) is fine


def test_a_least_pause_between_two_dials() -> None:
    once = history(attempts=(Past(number=0, at=MONDAY - 14 * MINUTE, outcome="NO_ANSWER"),))
    assert code(check(once, 0, MONDAY, L)) == "least_pause"
    assert first_legal(once, 0, MONDAY, L) == MONDAY + MINUTE


def test_rests_that_an_outcome_asks_for() -> None:
    rejected = after(history(), 0, MONDAY, "REJECTED")
    hold = check(rejected, 0, MONDAY + HOUR, L)
    assert code(hold) == "rest"
    assert hold is not None
    assert "REJECTED" in say(hold)
    busy = after(history(), 0, MONDAY, "BUSY")
    assert code(check(busy, 0, MONDAY + 15 * MINUTE, L)) == "rest"
    assert check(busy, 0, MONDAY + 16 * MINUTE, L) is None
    assert check(replace(rejected, appointment_at=MONDAY + HOUR), 0, MONDAY + HOUR, L) is None


def test_numbers_held_back() -> None:
    cases = {
        "number_closed": replace(MOBILE, closed="FAX"),
        "number_blocked": replace(MOBILE, blocked=True),
        "number_live": replace(MOBILE, live_until=MONDAY + 5 * MINUTE),
        "number_rest": replace(MOBILE, rest_until=MONDAY + DAY),
        "shared_rest": replace(MOBILE, shared_at=MONDAY - 30 * MINUTE),
    }
    for expected, number in cases.items():
        hold = check_number(history(number), 0, MONDAY, L)
        assert code(hold) == expected
        assert hold is not None
        assert say(hold)
    rested = replace(MOBILE, shared_at=MONDAY - HOUR, rest_until=MONDAY, live_until=MONDAY)
    assert check_number(history(rested), 0, MONDAY, L) is None


def test_why_over_all_numbers() -> None:
    closed, live = replace(MOBILE, closed="FAX"), replace(FIXED, live_until=MONDAY + MINUTE)
    assert code(why(replace(history(), numbers=()), MONDAY, L)) == "no_number"
    assert code(why(history(closed), MONDAY, L)) == "number_closed"
    assert code(why(history(closed, live), MONDAY, L)) == "number_live"
    assert code(why(history(closed, busy=True), MONDAY, L)) == "in_call"


def test_usable_numbers_and_the_first_legal_moment() -> None:
    past = history(replace(MOBILE, closed="FAX"), replace(FIXED, live_until=MONDAY + MINUTE))
    assert usable(past, L) == [1]
    assert first_legal(past, 1, MONDAY, L) == MONDAY + MINUTE
    assert first_legal(past, 0, MONDAY, L) is None
    saturday_evening = datetime.fromisoformat("2026-03-07T16:00:00+00:00")
    assert first_legal(history(), 0, saturday_evening, L) == datetime.fromisoformat("2026-03-09T07:30:00+00:00")
    assert first_legal(history(days=0.25), 0, MONDAY.replace(hour=20), L) is None
    never = Limits(calendar=parse({"week": {key: [] for key in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}}))
    assert first_legal(history(), 0, MONDAY, never) is None


def test_limits_from_settings() -> None:
    found = limits({"case_cap": 5, "daily_cap": 1, "least_pause_minutes": 60, "other": "x"}, DEFAULT)
    assert (found.per_case, found.per_day, found.per_number, found.least_pause) == (5, 1, 7, HOUR)


@pytest.mark.parametrize("settings", [{"number_cap": 8}, {"daily_cap": 0}, {"case_cap": "12"}, {"case_cap": True}])
def test_bad_limits_name_the_key(settings: dict[str, object]) -> None:
    with pytest.raises(InvalidError) as caught:
        limits(settings, DEFAULT)
    assert caught.value.field == next(iter(settings))


def test_words() -> None:
    assert moment(MONDAY) == "ma 2 mrt, 10:00"
    assert state_word("held", "en") == "held for the client"
    hold = Hold(code="case_state", facts={"state": "closed", "reason": "OPT_OUT"})
    assert say(hold) == "De zaak staat op: afgesloten (OPT_OUT)."
    assert {"window", "daily_cap", "planned"} <= HOLD_CODES
