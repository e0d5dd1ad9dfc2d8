"""How many attempts fit, by who was there."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from dialer.schedule.model import History, Limits, Number, NumberKind
from dialer.schedule.planner.product import LearnedPlanner
from dialer.schedule.planner.rooms import BUSY_SHARE, Rooms, Staffing, half_of, slot_of
from dialer.schedule.planner.week import Grid
from dialer.schedule.windows import local, parse
from tests.support.schedule import MONDAY

WEEK = timedelta(weeks=1)


def test_until_anything_is_known_those_who_serve_the_campaign_are_there() -> None:
    staffing = Staffing(usual=3.0)
    assert staffing.agents(MONDAY) == 3.0
    assert staffing.capacity(MONDAY) == pytest.approx(3.0 * BUSY_SHARE * 1800 / 90)


def test_who_was_there_counts_by_half_hour_of_the_week() -> None:
    seen = Staffing(usual=3.0, since=MONDAY - 4 * WEEK, until=MONDAY, present={slot_of(MONDAY): 8.0})
    assert seen.agents(MONDAY + WEEK) == pytest.approx((8.0 + 0.25 * 3.0) / 4.25)
    assert seen.agents(MONDAY + timedelta(hours=1)) == pytest.approx(0.75 / 4.25), "nobody was ever there"


def test_a_half_hour_counts_as_often_as_it_was_looked_at() -> None:
    """Three days of history: Monday was seen once, Friday not at all."""
    seen = Staffing(usual=2.0, since=MONDAY, until=MONDAY + timedelta(days=3), present={slot_of(MONDAY): 2.0})
    assert seen.agents(MONDAY + WEEK) == pytest.approx((2.0 + 0.5) / 1.25)
    assert seen.agents(MONDAY + timedelta(days=4)) == 2.0
    assert seen.agents(MONDAY - WEEK) == pytest.approx((2.0 + 0.5) / 0.25), "the past is nobody's plan, and no fault"


def test_quick_attempts_make_room_for_more() -> None:
    slow = Staffing(usual=1.0, seconds=300.0 * 950, attempts=950)
    quick = Staffing(usual=1.0, seconds=30.0 * 950, attempts=950)
    assert quick.capacity(MONDAY) > 5 * slow.capacity(MONDAY)
    assert slow.attempts_each() == pytest.approx(BUSY_SHARE * 1800 / 289.5)


def test_a_half_hour_of_which_the_window_leaves_a_part_is_counted_with_the_whole() -> None:
    day = Grid(parse({"week": {"mon": [["09:10", "10:20"]]}})).day(date(2026, 3, 2))
    assert day is not None
    first = min((half for halves in day.bins.values() for half in halves), key=lambda half: half.start)
    assert first.start.minute == 10
    rooms = Rooms(capacity=lambda _: 2.0)
    rooms.book(half_of(first.start) + timedelta(minutes=25))
    assert rooms.load(first) == 0.5
    assert Rooms().load(first) == 0.0
    assert Rooms(capacity=lambda _: 0.0).load(first) == float("inf")


def plans(planner: LearnedPlanner, count: int, limits: Limits) -> list[datetime]:
    """The first attempts of so many residents, planned one after the other."""
    found = []
    for number in range(count):
        history = History(
            key=str(UUID(int=number)),
            arrival=MONDAY,
            ends_at=MONDAY + timedelta(days=21),
            numbers=(Number(kind=NumberKind.MOBILE),),
        )
        plan = planner.next_attempt(history, MONDAY, limits)
        assert plan is not None
        if limits.campaign in planner.rooms:
            planner.rooms[limits.campaign].book(plan.at)
        found.append(plan.at)
    return found


def test_a_full_half_hour_is_nobodys_best_moment() -> None:
    limits, room = Limits(campaign="stad"), Staffing(usual=0.5).capacity
    crowded = plans(LearnedPlanner(), 300, limits)
    spread = plans(LearnedPlanner(rooms={"stad": Rooms(capacity=room)}), 300, limits)
    assert max(_by_half(crowded).values()) > 2 * room(MONDAY)
    assert max(_by_half(spread).values()) <= room(MONDAY) + 1
    assert max(spread) > max(crowded), "whoever does not fit comes later"
    assert all(limits.calendar.is_open(at) for at in spread)


def test_another_campaigns_half_hours_are_its_own() -> None:
    planner = LearnedPlanner(rooms={"stad": Rooms(capacity=lambda _: 0.0)})
    assert plans(planner, 5, Limits(campaign="dorp")) == plans(LearnedPlanner(), 5, Limits(campaign="dorp"))


def test_nobody_is_given_up_because_all_is_full() -> None:
    planner = LearnedPlanner(rooms={"stad": Rooms(capacity=lambda _: 0.0)})
    assert len(plans(planner, 5, Limits(campaign="stad"))) == 5


def test_the_first_attempt_comes_within_the_campaigns_time() -> None:
    soon = plans(LearnedPlanner(), 20, Limits(first_look=timedelta(hours=3)))
    assert {local(at).date() for at in soon} == {local(MONDAY).date()}
    assert set(plans(LearnedPlanner(), 20, Limits(first_look=timedelta()))) == {MONDAY}, "at once is at once"


def _by_half(times: list[datetime]) -> dict[datetime, int]:
    counts: dict[datetime, int] = {}
    for at in times:
        counts[half_of(at)] = counts.get(half_of(at), 0) + 1
    return counts
