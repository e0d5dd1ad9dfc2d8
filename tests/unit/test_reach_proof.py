"""Fairness, hold-out, forecast, words and the learned state of the planner for reach; and the service's planner."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from dialer.domain.errors import InvalidError
from dialer.schedule.model import Limits, Number, NumberKind, Past, Planner
from dialer.schedule.planner import explain
from dialer.schedule.planner.choose import Pace
from dialer.schedule.planner.fairness import tried
from dialer.schedule.planner.forecast import (
    Group,
    ahead,
    came_out,
    chance_by,
    chance_within,
    forecast,
    reach_by_day,
    reached_within,
)
from dialer.schedule.planner.holdout import Outcome, difference, held_out
from dialer.schedule.planner.model import Model, Seen
from dialer.schedule.planner.product import LearnedPlanner, in_hold_out, record_of, result_of
from dialer.schedule.planner.state import MOST, MOST_INFORMATION, from_json, to_json, train
from dialer.schedule.planner.values import Attempt, Contact, Info, Record, Result
from dialer.schedule.planner.week import BINS, Grid
from dialer.schedule.rotation import Rotation, part_of
from dialer.schedule.rules import check
from dialer.schedule.settle import CALL_BACK
from dialer.schedule.windows import parse
from tests.support.schedule import FIXED, MOBILE, MONDAY, after, history

L = Limits()
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
MORNING, AFTERNOON, EVENING = MONDAY, MONDAY.replace(hour=13), MONDAY.replace(hour=18)
SATURDAY = MONDAY + 5 * DAY


# --- fairness


@pytest.mark.parametrize(
    ("moments", "missing"),
    [
        ([], 2),
        ([MORNING], 1),
        ([MORNING, AFTERNOON], 1),
        ([MORNING, EVENING], 0),
        ([EVENING], 1),
        ([SATURDAY], 1),
        ([MORNING, SATURDAY], 1),
        ([AFTERNOON, SATURDAY], 0),
    ],
)
def test_what_fairness_still_asks_for(moments: list[datetime], missing: int) -> None:
    found = tried(moments)
    assert (found.missing, found.fair) == (missing, missing == 0)


def test_what_helps() -> None:
    assert tried([MORNING, AFTERNOON]).helps(EVENING)
    assert not tried([MORNING, AFTERNOON]).helps(MORNING)
    assert not tried([MORNING]).helps(AFTERNOON)  # the evening would do both
    assert not tried([MORNING, EVENING]).helps(EVENING)


# --- hold-out


def test_membership_is_fixed_and_about_the_share() -> None:
    held = [held_out(f"case-{n}", 0.1) for n in range(5000)]
    assert held == [held_out(f"case-{n}", 0.1) for n in range(5000)]
    assert 400 < sum(held) < 600
    assert not any(held_out(f"case-{n}", 0.0) for n in range(50))


def draw(rng: random.Random, count: int, planned: float, rotation: float, share: float) -> list[Outcome]:
    found = []
    for _ in range(count):
        held = rng.random() < share
        found.append(Outcome(held_out=held, reached=rng.random() < (rotation if held else planned)))
    return found


def test_too_few_give_no_interval_and_a_wrong_share_is_refused() -> None:
    few = difference(draw(random.Random(1), 100, 0.6, 0.5, 0.1), 0.1)
    assert (few.low, few.high, few.estimate, few.shown) == (None, None, None, False)
    assert few.planned + few.held_out == 100
    for share in (0.0, 1.0):
        with pytest.raises(ValueError, match="share"):
            difference([], share)


def test_a_clear_difference_is_shown() -> None:
    found = difference(draw(random.Random(2), 3000, 0.75, 0.5, 0.3), 0.3)
    assert found.shown
    assert found.low is not None
    assert found.high is not None
    assert found.estimate is not None
    assert found.low < 0.25 < found.high
    worse = difference(draw(random.Random(2), 3000, 0.5, 0.75, 0.3), 0.3)
    assert worse.shown
    assert (worse.high or 0) < 0


def test_looked_at_daily_it_finds_nothing_where_there_is_nothing() -> None:
    """100 months of weekly looks without a difference: the interval leaves zero out in few of them, not in a third."""
    wrong = 0
    for seed in range(100):
        outcomes = draw(random.Random(seed), 2000, 0.6, 0.6, 0.3)
        wrong += any(difference(outcomes[:n], 0.3).shown for n in range(100, 2001, 190))
    assert wrong <= 5


# --- forecast


def test_a_forecast_adds_up_and_stays_possible() -> None:
    found = forecast(50, [0.5] * 40, 100)
    assert found.reach == pytest.approx(0.7)
    assert 0.5 <= found.low < 0.7 < found.high <= 0.9
    assert forecast(50, [], 100).low == forecast(50, [], 100).high == 0.5
    assert forecast(0, [], 0).reach == 0.0


def test_the_chance_within_some_attempts() -> None:
    model, kinds = Model(), (NumberKind.MOBILE, NumberKind.FIXED)
    one, three, seven = (chance_within(model, kinds, [], n) for n in (1, 3, 7))
    assert 0 < one < three < seven < model.share_usable(NumberKind.MOBILE, tried=False)
    belief = model.belief(kinds, [])
    assert one == pytest.approx(max(model.chances(belief, 0, NumberKind.MOBILE)))
    missed = [Seen(0, place, Result.NO_ANSWER) for place in range(6)]
    assert chance_within(model, kinds[:1], missed, 3) < three
    assert chance_within(model, kinds, [], 0) == 0.0
    assert chance_within(model, kinds[:1], [Seen(0, 1, Result.INVALID)], 3) == 0.0


def test_a_sample_stands_for_all_and_is_less_sure() -> None:
    whole, sample = forecast(10, [0.2, 0.6] * 100, 300), forecast(10, [0.2, 0.6] * 25, 300, weight=4.0)
    assert sample.reach == pytest.approx(whole.reach)
    assert sample.high - sample.low > whole.high - whole.low
    assert forecast(10, [], 300, weight=4.0).high == pytest.approx(10 / 300)


def test_looking_ahead_plays_the_plan_to_its_end() -> None:
    model, pace, info = Model(), Pace(busy_times=0), Info(max_per_number=3, max_per_day=2)
    contact = Contact(id=1, arrival=MONDAY, kinds=(NumberKind.MOBILE,))
    record = Record(contact=contact, ends_at=MONDAY + 21 * DAY)
    plan = ahead(model, pace, info, Grid(info.hours), record, MONDAY)
    assert len(plan) == 3
    assert all(MONDAY <= at < MONDAY + 21 * DAY for at, _ in plan)
    assert 0 < plan[0][1] < plan[1][1] < plan[2][1] < 1
    assert [a for a, _ in plan] == sorted(a for a, _ in plan)
    shut = replace(record, shut=frozenset({0}))
    assert ahead(model, pace, info, Grid(info.hours), shut, MONDAY) == []


def test_the_chance_by_a_day_counts_what_can_be_made_by_then() -> None:
    plan = [(MONDAY, 0.2), (MONDAY + DAY, 0.4), (MONDAY + 2 * DAY, 0.5)]
    assert chance_by(plan, MONDAY) == 0.0
    assert chance_by(plan, MONDAY + 2 * DAY) == 0.4
    assert chance_by(plan, MONDAY + 9 * DAY) == 0.5
    assert chance_by(plan, MONDAY + 9 * DAY, 0.5) == pytest.approx(0.3)
    assert chance_by(plan, MONDAY + 9 * DAY, 0.2) == pytest.approx(0.12)


GROUPS = [
    Group(arrival=MONDAY, day=0, residents=20, ends_at=MONDAY + 21 * DAY),
    Group(arrival=MONDAY, day=2, residents=10, ends_at=MONDAY + 21 * DAY),
    Group(arrival=MONDAY, day=None, residents=70, ends_at=MONDAY + 21 * DAY),
    Group(arrival=MONDAY + 10 * DAY, day=0, residents=40, ends_at=MONDAY + 31 * DAY),
    Group(arrival=MONDAY + 10 * DAY, day=None, residents=60, ends_at=MONDAY + 31 * DAY),
]


def test_reach_by_day_takes_young_deliveries_for_what_they_are_old() -> None:
    assert reached_within(GROUPS) == 70
    assert reached_within(GROUPS, 2) == 60
    curve = reach_by_day(GROUPS, MONDAY + 11 * DAY + MINUTE, 28)
    assert len(curve) == 11
    assert curve[0] == curve[1] == pytest.approx(0.3)
    assert curve[2] == curve[-1] == pytest.approx(1 - 0.7 * (1 - 10 / 80))
    assert reach_by_day([], MONDAY, 28) == []
    everybody = [Group(arrival=MONDAY, day=0, residents=5, ends_at=MONDAY)]
    assert reach_by_day(everybody, MONDAY + 3 * DAY, 2) == [1.0, 1.0]


def test_what_came_out_is_of_those_who_were_there_and_only_when_it_is_over() -> None:
    at, later = MONDAY + DAY, MONDAY + 22 * DAY
    assert came_out(GROUPS, at, later, 2) == pytest.approx(0.2)
    assert came_out(GROUPS, at, later, None) == pytest.approx(0.3)
    assert came_out(GROUPS, at, MONDAY + 20 * DAY, None) is None
    assert came_out(GROUPS, MONDAY + 11 * DAY, later, 14) is None
    assert came_out(GROUPS, MONDAY - DAY, later, 2) is None


# --- words


def test_every_code_has_words_in_both_languages() -> None:
    assert len(explain.BIN_WORDS) == BINS
    why = {"bin": 7, "chance": 0.14, "missed": 3, "missed_here": 1, "others": 1, "usable": 0.9}
    for code in explain.CODES:
        nl, en = (explain.sentences({**why, "code": code}, lang) for lang in ("nl", "en"))
        assert len(nl) == len(en) == 3
        assert nl != en
    for code in explain.PLAIN_CODES:
        facts = {"code": code, "part": "dusk"} if code == "other_slot" else {"code": code}
        for lang, group in (("nl", "vergelijkingsgroep"), ("en", "comparison group")):
            (alone,) = explain.sentences(facts, lang)
            said = explain.sentences({**facts, "held_out": True}, lang)
            assert said[0] == alone
            assert group in said[1]
    assert explain.sentences({"code": "best_chance", "bin": 7, "chance": 0.142}) == [
        "In de avond is de kans het grootst dat we de inwoner spreken: 14 op 100."
    ]


def test_every_reason_that_rotation_and_settlement_give_has_words() -> None:
    codes = {"first", "other_slot", "last_chance", "retry_after", "next_number", "redial", "appointment"}
    assert codes | {"carrier_fault", CALL_BACK, "recalled", ""} == explain.PLAIN_CODES
    parts = {part_of(MONDAY.replace(hour=hour)) for hour in range(8, 20)} | {part_of(MONDAY + 5 * DAY)}
    for part in parts:
        assert explain.sentences({"code": "other_slot", "part": part})
    assert len(parts) == 6


def test_when_and_where_in_words_and_small_chances_are_not_none() -> None:
    before = MONDAY - MINUTE
    assert explain.planned(MONDAY, 2, before) == "Volgende poging: ma 2 mrt, 10:00, op nummer 2."
    assert explain.planned(MONDAY, None, before) == "Volgende poging: ma 2 mrt, 10:00."
    assert explain.planned(MONDAY, 2, MONDAY) == "Aan de beurt sinds ma 2 mrt, 10:00, op nummer 2."
    assert explain.planned(MONDAY, 2, before, "en") == "Next attempt: Mon 2 Mar, 10:00, on number 2."
    assert explain.planned(MONDAY, None, MONDAY, "en") == "Due since Mon 2 Mar, 10:00."
    assert explain.in_hundred(0.004) == "minder dan 1 op 100"
    assert explain.in_hundred(0.004, "en") == "less than 1 in 100"


# --- state


def some_records() -> list[Record]:
    contact = Contact(id=1, arrival=MONDAY, kinds=(NumberKind.MOBILE,))
    attempt = Attempt(contact=1, number=0, at=MONDAY, result=Result.NO_ANSWER)
    return [Record(contact=contact, attempts=(attempt,))]


def test_the_learned_state_survives_json() -> None:
    model = train(some_records())
    state = json.loads(json.dumps(to_json(model)))
    again = from_json(state)
    assert again.shift[NumberKind.MOBILE] == pytest.approx(model.shift[NumberKind.MOBILE])
    again.refresh()
    assert again.shift[NumberKind.MOBILE] == pytest.approx(model.shift[NumberKind.MOBILE], abs=1e-6)
    assert again.numbers[NumberKind.MOBILE] == pytest.approx(model.numbers[NumberKind.MOBILE])
    assert again.seen == 1
    assert train(some_records(), again).seen == 2


def test_old_knowledge_weighs_no_more_than_so_much() -> None:
    state = to_json(Model()) | {"numbers": {"mobile": [9e5, 9e5, 0], "fixed": [1, 1, 1]}}
    state["information"] = {"mobile": [1e6] * BINS, "fixed": [0.0] * BINS}
    model = from_json(state)
    assert set(model.information[NumberKind.MOBILE]) == {MOST_INFORMATION}
    assert sum(model.numbers[NumberKind.MOBILE]) == pytest.approx(MOST)
    assert sum(model.numbers[NumberKind.FIXED]) == 3


def test_nothing_or_another_version_begins_afresh() -> None:
    for state in (None, {"version": 0}):
        assert from_json(state) == Model()


@pytest.mark.parametrize(
    "damage",
    [
        {"numbers": None},
        {"numbers": {"mobile": [1.0], "fixed": [1.0, 1.0, 1.0]}},
        {"numbers": {"mobile": [-1.0, 1.0, 1.0], "fixed": [1.0, 1.0, 1.0]}},
        {"information": {"mobile": ["x"] * BINS, "fixed": [0.0] * BINS}},
        {"shift": {"mobile": [float("nan")] * BINS, "fixed": [0.0] * BINS}},
    ],
)
def test_a_damaged_state_is_refused(damage: dict[str, Any]) -> None:
    planner = LearnedPlanner()
    before = planner.model
    with pytest.raises(InvalidError):
        planner.learned(to_json(Model()) | damage)
    assert planner.model is before
    planner.learned(to_json(Model()))
    assert planner.model is not before


# --- the service's planner


@pytest.mark.parametrize(
    ("past", "reached", "result"),
    [
        (Past(number=0, at=MONDAY, outcome="HELP_WANTED"), True, Result.CONTACT),
        (Past(number=None, at=MONDAY, outcome="PAID", counted=False), True, Result.INBOUND),
        (Past(number=0, at=MONDAY, outcome="VOICEMAIL"), False, Result.VOICEMAIL),
        (Past(number=0, at=MONDAY, outcome="FAX"), False, Result.INVALID),
        (Past(number=0, at=MONDAY, outcome="UNALLOCATED"), False, Result.UNALLOCATED),
        (Past(number=0, at=MONDAY, outcome="CALL_LATER", lives=True), False, Result.BUSY),
        (Past(number=0, at=MONDAY, outcome="LOST"), False, Result.NO_ANSWER),
    ],
)
def test_outcomes_in_the_planners_words(past: Past, reached: bool, result: Result) -> None:
    assert result_of(past, reached=reached) is result


def test_a_record_leaves_faults_out_and_closed_numbers_shut() -> None:
    past = after(history(MOBILE, replace(FIXED, closed="FAX")), 0, MONDAY, "NO_ANSWER")
    past = after(past, 0, MONDAY + HOUR, "CONGESTION")
    record = record_of(past, L)
    assert [a.result for a in record.attempts] == [Result.NO_ANSWER]
    assert record.shut == {1}
    spoken = replace(past, attempts=(*past.attempts, Past(number=0, at=MONDAY + DAY, outcome="PAID")))
    assert [a.result for a in record_of(spoken, L, reached=True).attempts][-1] is Result.CONTACT


def test_it_is_a_planner_and_chooses_where_the_rotation_leaves_the_moment_open() -> None:
    planner: Planner = LearnedPlanner()
    past, now, plans = history(MOBILE, FIXED), MONDAY, 0
    while (plan := planner.next_attempt(past, now, L)) is not None:
        assert check(past, plan.number, plan.at, L) is None
        assert plan.reason["code"] in explain.CODES
        assert explain.sentences(plan.reason)
        assert plan.reason.get("after") == ("NO_ANSWER" if plans else None)
        past, now, plans = after(past, plan.number, plan.at, "NO_ANSWER"), plan.at + MINUTE, plans + 1
    assert plans >= 10


def test_the_only_number_that_the_network_did_not_know_is_tried_on_another_day() -> None:
    past = after(history(MOBILE), 0, MONDAY, "UNALLOCATED")
    plan = LearnedPlanner().next_attempt(past, MONDAY + MINUTE, L)
    assert plan is not None
    assert plan.at.date() > MONDAY.date()
    assert check(past, plan.number, plan.at, L) is None


def test_a_campaign_may_turn_fairness_off() -> None:
    """Of two attempts, the second is owed to an evening or Saturday, unless the campaign says otherwise."""
    limits = replace(L, per_number=3)
    past, now = history(MOBILE, days=20), MONDAY
    for day in (0, 1):
        past = after(past, 0, MONDAY + day * DAY, "NO_ANSWER")
        now = MONDAY + day * DAY + MINUTE
    codes = {}
    for fair in (True, False):
        plan = LearnedPlanner().next_attempt(past, now, replace(limits, fair=fair))
        assert plan is not None
        codes[fair] = plan.reason["code"]
    assert codes == {True: "fair", False: "best_chance"}


def test_what_an_outcome_asks_for_stays_the_rotations() -> None:
    planner, plain = LearnedPlanner(), Rotation()
    for outcome in ("BUSY", "INVALID_NUMBER", "CONGESTION"):
        past = after(history(MOBILE, FIXED), 0, MONDAY, outcome)
        assert planner.next_attempt(past, MONDAY + MINUTE, L) == plain.next_attempt(past, MONDAY + MINUTE, L)
    crisis = history(crisis=True, days=5)
    assert planner.next_attempt(crisis, MONDAY, L) == plain.next_attempt(crisis, MONDAY, L)
    shut = history(replace(MOBILE, closed="FAX"))
    assert planner.next_attempt(shut, MONDAY, L) is None


def test_the_hold_out_stays_on_rotation_and_says_so() -> None:
    planner, plain, limits = LearnedPlanner(), Rotation(), replace(L, hold_out=0.5)
    groups = set()
    for n in range(20):
        case = history(key=f"case-{n}")
        plan, rotated = planner.next_attempt(case, MONDAY, limits), plain.next_attempt(case, MONDAY, limits)
        assert plan is not None
        assert rotated is not None
        held = in_hold_out(case.key, limits, crisis=False)
        groups.add(held)
        assert (plan.reason.get("held_out") is True) == held == held_out(f"case-{n}", 0.5)
        if held:
            assert (plan.at, plan.number) == (rotated.at, rotated.number)
        assert "held_out" not in (planner.next_attempt(case, MONDAY, L) or plan).reason
    assert groups == {True, False}


def test_crisis_and_what_was_agreed_are_in_no_group() -> None:
    planner, limits = LearnedPlanner(), replace(L, hold_out=1.0)
    assert in_hold_out("case", L, crisis=False) is None
    assert in_hold_out("case", limits, crisis=True) is None
    for case in (history(crisis=True, days=5), history(appointment_at=MONDAY + 2 * DAY)):
        plan = planner.next_attempt(case, MONDAY, limits)
        assert plan is not None
        assert "held_out" not in plan.reason


def test_rules_that_only_the_case_knows_move_the_chosen_moment() -> None:
    """Yesterday's cap in another case, a number in a call: the choice comes after them, or on the rotation's word."""
    planner = LearnedPlanner()
    elsewhere = history(elsewhere={(MONDAY + n * DAY).date(): 2 for n in range(4)})
    plan = planner.next_attempt(elsewhere, MONDAY, L)
    assert plan is not None
    assert check(elsewhere, plan.number, plan.at, L) is None
    assert (plan.at - MONDAY) / DAY > 3
    live = history(Number(kind=NumberKind.MOBILE, live_until=MONDAY + 2 * DAY))
    plan = planner.next_attempt(live, MONDAY, L)
    assert plan is not None
    assert plan.at >= MONDAY + 2 * DAY


def test_calendars_are_kept_apart() -> None:
    planner = LearnedPlanner()
    late = Limits(calendar=parse({"week": {"mon": [["20:00", "21:00"]]}, "exceptions": {"2026-03-03": []}}))
    for _ in range(2):
        for limits in (L, late):
            plan = planner.next_attempt(history(), MONDAY, limits)
            assert plan is not None
            assert limits.calendar.is_open(plan.at)


def test_where_the_model_finds_nothing_the_rotation_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    planner, plain = LearnedPlanner(), Rotation()
    monkeypatch.setattr("dialer.schedule.planner.product.choose", lambda *_: None)
    assert planner.next_attempt(history(), MONDAY, L) == plain.next_attempt(history(), MONDAY, L)
    monkeypatch.undo()
    monkeypatch.setattr(
        "dialer.schedule.planner.product.first_legal", lambda h, n, at, limits: MONDAY if at == MONDAY else None
    )
    assert planner.next_attempt(history(), MONDAY, L) == plain.next_attempt(history(), MONDAY, L)
