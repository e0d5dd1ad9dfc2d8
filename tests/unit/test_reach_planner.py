"""The planner for reach: belief, learning, choice, and the five calls from outside."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from dialer.schedule.model import NumberKind
from dialer.schedule.planner.choose import Bookings, Pace, choose, relative
from dialer.schedule.planner.habits import LEVEL, LIBRARY
from dialer.schedule.planner.model import Model, Seen, seen_of
from dialer.schedule.planner.reach import Reach
from dialer.schedule.planner.state import train
from dialer.schedule.planner.values import Attempt, Choice, Contact, Info, Record, Result
from dialer.schedule.planner.week import BINS, Grid, bin_at, bin_of, date_of
from dialer.schedule.windows import DEFAULT, local, local_date, parse
from tests.support.schedule import MONDAY

MOBILE, FIXED = NumberKind.MOBILE, NumberKind.FIXED
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def contact(*kinds: NumberKind, name: object = 1) -> Contact:
    return Contact(id=name, arrival=MONDAY, kinds=kinds or (MOBILE,))


def with_attempt(record: Record, at: datetime, result: Result, number: int | None = 0) -> Record:
    attempt = Attempt(contact=record.contact.id, number=number, at=at, result=result)
    return replace(record, attempts=(*record.attempts, attempt))


def reach(**info: object) -> Reach:
    planner = Reach()
    planner.start(Info(**info))  # type: ignore[arg-type]
    return planner


def plan(planner: Reach, record: Record, now: datetime) -> Choice:
    choice = planner.next_attempt(record, now)
    assert choice is not None
    return choice


# --- the week


@pytest.mark.parametrize("late", [timedelta(), timedelta(seconds=40), DAY])
def test_after_the_end_there_is_no_attempt_not_even_in_its_half_hour(late: timedelta) -> None:
    """The end lies within a half-hour, and somebody asks when it has just passed."""
    ends_at = MONDAY + timedelta(days=3, minutes=10, seconds=5)
    record = Record(contact=contact(), ends_at=ends_at)
    assert reach().next_attempt(record, ends_at + late) is None
    assert plan(reach(), record, ends_at - MINUTE).at < ends_at


def test_bins_cover_the_week_and_begin_at_half_hours() -> None:
    found = {bin_at(weekday, half / 2) for weekday in range(7) for half in range(16, 42)}
    assert found == set(range(BINS))
    assert bin_of(MONDAY) == bin_at(0, 10.0)


def test_half_hours_are_those_of_the_wall_clock_on_both_days_on_which_it_changes() -> None:
    for day in (date(2026, 3, 29), date(2026, 10, 25), date(2026, 6, 1)):
        for minute in range(-60, 26 * 60, 7):
            at = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=minute, microseconds=1)
            clock = local(at)
            assert bin_of(at) == bin_at(clock.weekday(), clock.hour + clock.minute / 60)
            assert date_of(at) == local_date(at)
    with pytest.raises(ValueError, match="naive"):
        bin_of(datetime(2026, 6, 1, 9, 30))  # noqa: DTZ001 - that is the point


def test_a_window_that_begins_askew_is_cut_at_the_clocks_half_hours() -> None:
    grid = Grid(parse({"week": {"mon": [["09:10", "10:20"]]}}))
    day = grid.day(date(2026, 3, 2))
    assert day is not None
    halves = sorted((h for hs in day.bins.values() for h in hs), key=lambda h: h.start)
    clocks = [(f"{local(h.start):%H:%M}", f"{local(h.end):%H:%M}") for h in halves]
    assert clocks == [("09:10", "09:30"), ("09:30", "10:00"), ("10:00", "10:20")]
    assert grid.day(date(2026, 3, 1)) is None  # a Sunday


# --- belief


def chances(model: Model, kinds: tuple[NumberKind, ...], seen: list[Seen], number: int = 0) -> list[float]:
    return model.chances(model.belief(kinds, seen), number, kinds[number])


def test_before_anything_no_hour_is_favoured() -> None:
    fresh = chances(Model(), (MOBILE,), [])
    assert max(fresh) == pytest.approx(min(fresh))


def test_a_miss_lowers_its_own_hour_most_and_distant_ones_least() -> None:
    model = Model()
    before, after = chances(model, (MOBILE,), []), chances(model, (MOBILE,), [Seen(0, 7, Result.NO_ANSWER)])
    # Against the level of all: the miss also says that the number may not be his.
    ratio = [a / b for a, b in zip(after, before, strict=True)]
    assert ratio[7] == min(ratio)
    assert ratio[6] < ratio[2]


def test_a_miss_on_one_number_says_something_about_the_other_but_less() -> None:
    model = Model()
    seen = [Seen(0, 7, Result.NO_ANSWER)] * 3
    before = chances(model, (MOBILE, MOBILE), [], 1)[7]
    same, other = (chances(model, (MOBILE, MOBILE), seen, n)[7] for n in (0, 1))
    assert same < other < before


def test_an_outlook_is_what_belief_and_chances_say_whatever_the_order_until_more_is_learned() -> None:
    model, kinds = Model(), (MOBILE, FIXED)
    seen = [Seen(0, 3, Result.NO_ANSWER), Seen(1, 7, Result.WRONG_PERSON), Seen(0, 5, Result.THIRD_PARTY)]
    outlook, belief = model.outlook(kinds, seen), model.belief(kinds, seen)
    assert outlook.usable == pytest.approx((belief.usable(0), 0.0))
    assert outlook.chances[0] == pytest.approx(model.chances(belief, 0, MOBILE))
    assert outlook.chances[1] == []
    assert model.outlook(kinds, seen[::-1]) is outlook
    for learn in (model.refresh, lambda: model.learn(kinds, {}, {0: (0.0, 1.0, 0.0)})):
        learn()
        assert model.outlook(kinds, seen) is not outlook
        outlook = model.outlook(kinds, seen)
    assert outlook.chances[0] == pytest.approx(model.chances(model.belief(kinds, seen), 0, MOBILE))


def test_only_so_many_outlooks_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dialer.schedule.planner.model.OUTLOOKS", 2)
    model = Model()
    first, last = model.outlook((MOBILE,), []), model.outlook((FIXED,), [])
    model.outlook((MOBILE, FIXED), [])
    assert model.outlook((FIXED,), []) is last
    assert model.outlook((MOBILE,), []) is not first
    assert model.outlook((MOBILE,), []) == first


def test_somebody_of_the_household_proves_the_number() -> None:
    model = Model()
    missed = model.belief((FIXED,), [Seen(0, 3, Result.NO_ANSWER)] * 2)
    for proof in (Result.THIRD_PARTY, Result.BUSY):
        lives = model.belief((FIXED,), [Seen(0, 3, Result.NO_ANSWER), Seen(0, 3, proof)])
        assert missed.usable(0) < lives.usable(0) == pytest.approx(1.0)


@pytest.mark.parametrize("result", [Result.INVALID, Result.WRONG_PERSON])
def test_a_closed_number_is_not_his(result: Result) -> None:
    belief = Model().belief((MOBILE, FIXED), [Seen(0, 3, result)])
    assert belief.usable(0) == 0.0
    assert belief.usable(1) > 0.5


def test_a_number_that_the_network_did_not_know_once_is_doubted_and_tried_another_day() -> None:
    """Bayes over usable and invalid numbers; what else is known of the resident stays."""
    model = Model()
    usable, _, invalid = model.numbers[MOBILE]
    doubted = model.belief((MOBILE, FIXED), [Seen(0, 3, Result.UNALLOCATED)])
    assert doubted.usable(0) == pytest.approx(0.02 * usable / (0.02 * usable + invalid))
    assert doubted.usable(1) == model.belief((MOBILE, FIXED), []).usable(1)
    missed = model.belief((MOBILE,), [Seen(0, 3, Result.UNALLOCATED), Seen(0, 3, Result.NO_ANSWER)])
    assert 0 < missed.usable(0) < doubted.usable(0)
    proven = model.belief((MOBILE,), [Seen(0, 3, Result.BUSY), Seen(0, 3, Result.UNALLOCATED)])
    assert proven.usable(0) == pytest.approx(1.0), "it was in use: the network was wrong"
    record = with_attempt(Record(contact=contact()), MONDAY, Result.UNALLOCATED)
    choice = plan(reach(), record, MONDAY + HOUR)
    assert (choice.number, date_of(choice.at) > date_of(MONDAY)) == (0, True)
    assert choice.chance < 0.1
    twice = with_attempt(record, choice.at, Result.UNALLOCATED)
    assert reach().next_attempt(twice, choice.at + HOUR) is None
    same_day = with_attempt(record, MONDAY + 2 * HOUR, Result.UNALLOCATED)
    assert reach().next_attempt(same_day, MONDAY + 3 * HOUR) is not None


def test_belief_is_bayes() -> None:
    """One number, one miss: against the sum over habits and states written out."""
    model = Model()
    usable, silent, _ = model.numbers[MOBILE]
    q = usable / (usable + silent)
    hit = [1 / (1 + math.exp(-habit[5] - LEVEL[5])) for habit in LIBRARY]
    n = len(LIBRARY)
    evidence = sum((1 - q) + q * (1 - p) for p in hit) / n
    expected = sum(q * (1 - p) * p for p in hit) / n / evidence
    assert chances(model, (MOBILE,), [Seen(0, 5, Result.VOICEMAIL)])[5] == pytest.approx(expected)


# --- learning


def people_at_home(place_hour: int, count: int) -> list[Record]:
    """Residents who pick up at that hour and at no other: tried at 09:00, 13:00 and 19:00, one hour a day."""
    records = []
    for name in range(count):
        record = Record(contact=contact(name=name))
        for day, hour in enumerate((9, 13, 19)):
            result = Result.CONTACT if hour == place_hour else Result.NO_ANSWER
            record = with_attempt(record, MONDAY.replace(hour=hour - 1) + day * DAY, result)
            if result is Result.CONTACT:
                break
        records.append(record)
    return records


@pytest.mark.parametrize("hour", [9, 13, 19])
def test_it_learns_when_people_are_at_home_whatever_the_hour(hour: int) -> None:
    model = train(people_at_home(hour, 200))
    found = chances(model, (MOBILE,), [])
    assert bin_at(0, hour) == found.index(max(found))


def test_it_learns_how_many_numbers_are_invalid() -> None:
    records = [
        with_attempt(Record(contact=contact(name=n)), MONDAY, Result.INVALID if n % 2 else Result.CONTACT)
        for n in range(300)
    ]
    model = train(records)
    assert model.share_usable(MOBILE, tried=False) == pytest.approx(0.52, abs=0.04)
    assert model.share_usable(MOBILE, tried=True) > 0.9


def test_it_learns_from_numbers_that_the_network_does_not_know_and_not_of_the_hour() -> None:
    records = [with_attempt(Record(contact=contact(name=n)), MONDAY, Result.UNALLOCATED) for n in range(300)]
    model = train(records)
    assert model.share_usable(MOBILE, tried=False) < Model().share_usable(MOBILE, tried=False) / 2
    assert model.seen == 0
    for kind in NumberKind:
        assert model.shift[kind] == pytest.approx(Model().shift[kind])


def test_a_residents_later_attempts_replace_what_he_added_before() -> None:
    record = Record(contact=contact(MOBILE, FIXED))
    for n, result in enumerate((Result.NO_ANSWER, Result.WRONG_PERSON, Result.NO_ANSWER)):
        record = with_attempt(record, MONDAY + n * DAY, result, number=int(n == 2))
    model = train([record])
    before = Model()
    for kind in NumberKind:
        assert sum(model.numbers[kind]) == pytest.approx(sum(before.numbers[kind]) + 1)


def test_calls_from_residents_and_strangers_teach_nothing() -> None:
    planner = reach()
    stranger = Attempt(contact="nobody", number=0, at=MONDAY, result=Result.CONTACT)
    planner.observe(stranger)
    planner.next_attempt(Record(contact=contact()), MONDAY)
    planner.observe(Attempt(contact=1, number=None, at=MONDAY, result=Result.INBOUND))
    assert planner.model.seen == 0
    assert seen_of(Attempt(contact=1, number=None, at=MONDAY, result=Result.NO_ANSWER)) is None


def test_a_dial_of_a_closed_number_by_another_hand_is_not_scored() -> None:
    planner = reach()
    planner.follow(contact())
    for _ in range(2):
        planner.observe(Attempt(contact=1, number=0, at=MONDAY, result=Result.WRONG_PERSON))
    assert planner.model.seen == 1


# --- the choice


def test_first_attempt_is_within_the_days_looked_at_and_inside_the_window() -> None:
    choice = plan(reach(), Record(contact=contact()), MONDAY)
    assert DEFAULT.is_open(choice.at)
    assert MONDAY <= choice.at <= MONDAY + 4 * DAY
    assert 0 < choice.chance < 1


def test_asked_at_closing_time_sharp_it_answers_a_later_day() -> None:
    closing = MONDAY.replace(hour=20)
    choice = plan(reach(), Record(contact=contact()), closing)
    assert DEFAULT.is_open(choice.at)
    assert local_date(choice.at) > local_date(closing)


def test_misses_move_to_other_hours_and_fill_the_term() -> None:
    planner, record, now = reach(), Record(contact=contact()), MONDAY
    while (choice := planner.next_attempt(record, now)) is not None:
        record = with_attempt(record, choice.at, Result.NO_ANSWER)
        planner.observe(record.attempts[-1])
        now = choice.at + MINUTE
    times = [a.at for a in record.attempts]
    assert len(times) == 7
    assert len({bin_of(at) for at in times}) >= 4
    assert all(b - a >= timedelta(hours=12) for a, b in itertools.pairwise(times))
    assert times[-1] < MONDAY + 28 * DAY
    assert any(local(at).hour >= 18 or local(at).weekday() == 5 for at in times)


def times_of_misses(kinds: tuple[NumberKind, ...], name: int, pace: Pace) -> list[datetime]:
    """When a resident is dialled who never picks up."""
    planner, record, now = Reach(pace=pace), Record(contact=contact(*kinds, name=name)), MONDAY
    while (choice := planner.next_attempt(record, now)) is not None:
        record = with_attempt(record, choice.at, Result.NO_ANSWER, number=choice.number)
        now = choice.at + MINUTE
    return [a.at for a in record.attempts]


@pytest.mark.parametrize(("kinds", "most"), [((MOBILE,), 4), ((MOBILE, FIXED), 6)])
def test_no_week_is_full_of_attempts_and_yet_none_is_left_over(kinds: tuple[NumberKind, ...], most: int) -> None:
    def fullest(times: list[datetime]) -> int:
        return max(sum(at - 7 * DAY < other <= at for other in times) for at in times)

    found = [times_of_misses(kinds, name, Pace()) for name in range(20)]
    assert max(map(fullest, found)) <= most
    assert all(len(times) >= 7 * len(kinds) - 1 for times in found)
    unrested = [times_of_misses(kinds, name, Pace(fatigue=0.0)) for name in range(20)]
    assert sum(map(fullest, unrested)) > sum(map(fullest, found)) + 15


def test_more_attempts_left_are_made_sooner() -> None:
    def first_five(kinds: tuple[NumberKind, ...]) -> timedelta:
        waits = [times_of_misses(kinds, name, Pace(explore=0.0)) for name in range(30)]
        return sum((times[4] - times[0] for times in waits), timedelta()) / 30

    assert first_five((MOBILE, MOBILE)) < first_five((MOBILE,)) - 6 * HOUR


def test_busy_comes_again_within_half_an_hour_three_times_on_the_same_number() -> None:
    planner = reach(max_per_day=9)
    record, at = Record(contact=contact(MOBILE, FIXED)), MONDAY
    for _ in range(3):
        record = with_attempt(record, at, Result.BUSY, number=1)
        choice = plan(planner, record, at + MINUTE)
        assert 15 * MINUTE <= choice.at - at <= 30 * MINUTE
        assert (choice.number, choice.why["code"]) == (1, "busy")
        at = choice.at
    record = with_attempt(record, at, Result.BUSY, number=1)
    assert plan(planner, record, at + MINUTE).at - at > 3 * HOUR


@pytest.mark.parametrize(
    ("at", "now", "info"),
    [
        (MONDAY.replace(hour=19, minute=58), None, {}),  # the window closes
        (MONDAY, MONDAY + 2 * HOUR, {}),  # asked too late
        (MONDAY, None, {"max_per_day": 1}),
        (MONDAY, None, {"capacity": lambda at: 0 if at < MONDAY + DAY else 9}),
        (MONDAY - DAY, MONDAY - DAY, {}),  # a Sunday, when somebody else dialled
    ],
)
def test_busy_comes_not_again_where_it_may_not(at: datetime, now: datetime | None, info: dict[str, object]) -> None:
    record = with_attempt(Record(contact=contact()), at, Result.BUSY)
    choice = plan(reach(**info), record, now or at + MINUTE)
    assert choice.why["code"] != "busy"
    assert choice.at - at > timedelta(minutes=31)
    assert DEFAULT.is_open(choice.at)


def test_busy_on_a_number_at_its_cap_makes_way() -> None:
    record = Record(contact=contact(MOBILE, FIXED))
    for n in range(7):
        record = with_attempt(record, MONDAY + n * MINUTE, Result.BUSY)
    assert plan(reach(max_per_day=9), record, MONDAY + HOUR).number == 1


def test_busy_at_the_end_of_the_term_is_the_end() -> None:
    record = replace(
        with_attempt(Record(contact=contact()), MONDAY, Result.BUSY), ends_at=MONDAY + timedelta(minutes=10)
    )
    assert reach().next_attempt(record, MONDAY + MINUTE) is None


def test_caps_end_the_plan() -> None:
    record = Record(contact=contact())
    for n in range(7):
        record = with_attempt(record, MONDAY + n * DAY, Result.NO_ANSWER)
    assert reach().next_attempt(record, MONDAY + 8 * DAY) is None
    some = replace(record, attempts=record.attempts[:5])
    assert reach(max_per_case=5).next_attempt(some, MONDAY + 8 * DAY) is None
    assert reach(last_day=date(2026, 3, 9)).next_attempt(some, MONDAY + 8 * DAY) is None
    assert reach().next_attempt(replace(some, shut=frozenset({0})), MONDAY + 8 * DAY) is None


def test_an_inbound_call_counts_for_no_cap() -> None:
    record = Record(contact=contact())
    for n in range(7):
        record = with_attempt(record, MONDAY + n * DAY, Result.INBOUND)
    assert reach().next_attempt(record, MONDAY + 8 * DAY) is not None


def test_the_rest_of_the_term_is_used_when_it_is_short() -> None:
    record = Record(contact=contact(), ends_at=MONDAY + 2 * DAY)
    planner, now = reach(), MONDAY
    while (choice := planner.next_attempt(record, now)) is not None:
        record, now = with_attempt(record, choice.at, Result.NO_ANSWER), choice.at
    assert len(record.attempts) >= 3
    assert record.attempts[-1].at < MONDAY + 2 * DAY


def test_before_giving_up_an_evening_or_saturday_is_tried() -> None:
    record = Record(contact=contact())
    for n in (0, 1, 2, 3, 4, 7):
        record = with_attempt(record, MONDAY + n * DAY, Result.NO_ANSWER)  # mornings of weekdays only
    now = MONDAY + 8 * DAY
    morning_person = train(people_at_home(9, 200))
    grid, info = Grid(DEFAULT), Info()
    fair = choose(morning_person, Pace(), info, grid, record, now, Bookings())
    plain = choose(morning_person, Pace(fair=False), info, grid, record, now, Bookings())
    assert fair is not None
    assert plain is not None
    assert fair[0].why["code"] == "fair"
    assert local(fair[0].at).hour >= 18 or local(fair[0].at).weekday() == 5
    assert local(plain[0].at).hour < 18


def test_where_no_fair_moment_is_left_it_still_plans() -> None:
    calendar = parse({"week": {d: [["09:00", "12:00"]] for d in ("mon", "tue", "wed", "thu", "fri")} | {"sat": []}})
    planner, record, now = reach(hours=calendar, max_per_number=2), Record(contact=contact()), MONDAY
    for _ in range(2):
        choice = plan(planner, record, now)
        record, now = with_attempt(record, choice.at, Result.NO_ANSWER), choice.at
    assert planner.next_attempt(record, now) is None


# --- capacity


def test_a_full_half_hour_is_not_planned_and_cancelled_bookings_come_back() -> None:
    planner = Reach(pace=Pace(overbook=1.0))
    planner.start(Info(capacity=lambda _: 1, last_day=date(2026, 3, 4)))
    found = [plan(planner, Record(contact=contact(name=n)), MONDAY) for n in range(80)]
    halves = [c.at.replace(minute=c.at.minute // 30 * 30, second=0, microsecond=0) for c in found]
    room = len(set(halves))
    assert 70 < room < 80  # three days hold no more
    assert len(set(halves[:room])) == room  # one each, and who comes later waits for what gets free
    planner.observe(Attempt(contact=0, number=0, at=MONDAY, result=Result.INBOUND))
    assert sum(planner.bookings.planned.values()) == 79


def test_asked_again_without_an_attempt_it_leaves_the_full_half_hour() -> None:
    planner, record = reach(), Record(contact=contact())
    first = plan(planner, record, MONDAY)
    again = plan(planner, record, first.at)
    assert again.at.replace(minute=again.at.minute // 30 * 30) > first.at
    assert plan(planner, record, again.at - DAY * 9).at <= again.at  # asked earlier: nothing was full


def test_priority_is_for_whom_this_half_hour_is_good() -> None:
    planner = reach()
    planner.model = train(people_at_home(19, 200))
    record = Record(contact=contact())
    evening, morning = MONDAY.replace(hour=18), MONDAY.replace(hour=8)
    assert planner.priority(record, evening) > planner.priority(record, morning)
    assert planner.priority(replace(record, shut=frozenset({0})), evening) == 0.0
    assert relative([0.1] * (BINS - 1) + [0.5], BINS - 1) == pytest.approx(0.4)


# --- the same input, the same answer


def test_same_input_same_answer_and_batches_are_single_questions() -> None:
    records = [Record(contact=contact(MOBILE, FIXED, name=n)) for n in range(20)]
    one, two = reach(seed=3), reach(seed=3)
    assert one.next_attempts(records, MONDAY) == [two.next_attempt(r, MONDAY) for r in records]
    assert reach(seed=4).next_attempts(records, MONDAY) != reach(seed=3).next_attempts(records, MONDAY)
