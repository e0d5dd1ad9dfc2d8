"""Whatever happened before, a planned attempt is legal, and the rules and the planner agree."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dialer.schedule import holidays
from dialer.schedule.model import History, Limits, Number, NumberKind
from dialer.schedule.rotation import Rotation
from dialer.schedule.rules import check
from dialer.schedule.windows import Calendar, Window, local, local_date, parse, to_json
from tests.support.schedule import CATALOGUE, after

START = datetime(2026, 1, 1, tzinfo=UTC)
moments = st.integers(0, 2 * 366 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
kinds = st.sampled_from(NumberKind)
MISSES = [code for code, row in CATALOGUE.outcomes.items() if row.set_by.value != "agent" and not row.case_state]
outcomes = st.sampled_from([*MISSES, "VOICEMAIL", "THIRD_PARTY", "WRONG_PERSON", "CUT_OFF"])


@st.composite
def lives(draw: st.DrawFn) -> tuple[History, list[str], list[float]]:
    arrival = draw(moments)
    numbers = tuple(Number(kind=kind) for kind in draw(st.lists(kinds, min_size=1, max_size=3)))
    fresh = History(
        key=str(draw(st.integers(0, 10**6))),
        arrival=arrival,
        ends_at=arrival + timedelta(days=draw(st.integers(1, 28))),
        numbers=numbers,
        crisis=draw(st.booleans()),
    )
    results = draw(st.lists(outcomes, min_size=1, max_size=40))
    delays = draw(st.lists(st.floats(0, 3 * 86_400), min_size=len(results), max_size=len(results)))
    return fresh, results, delays


LIMITS = st.builds(Limits, per_number=st.integers(1, 7), per_case=st.integers(1, 12), per_day=st.integers(1, 3))


@given(lives(), LIMITS)
def test_every_planned_attempt_is_legal(life: tuple[History, list[str], list[float]], limits: Limits) -> None:
    history, results, delays = life
    planner, now = Rotation(), history.arrival
    times: dict[str, int] = {}
    dialled: list[tuple[datetime, int, bool, bool]] = []
    for outcome, delay in zip(results, delays, strict=True):
        plan = planner.next_attempt(history, now, limits)
        assert plan == planner.next_attempt(history, now, limits)
        if plan is None:
            break
        assert plan.at >= now
        assert check(history, plan.number, plan.at, limits) is None
        # Dialled later than planned, or not at all: capacity decides.
        at = plan.at + timedelta(seconds=delay / 50)
        if check(history, plan.number, at, limits) is not None:
            now = at
            continue
        times[outcome] = times.get(outcome, 0) + 1
        redial = plan.reason["code"] == "redial"
        dialled.append((at, plan.number, CATALOGUE.get(outcome).counted, redial))
        history = after(history, plan.number, at, outcome, times=times[outcome])
        now = at + timedelta(minutes=1)
    _audit(history, limits, dialled)


def _audit(history: History, limits: Limits, dialled: list[tuple[datetime, int, bool, bool]]) -> None:
    """In other words than the rules use."""
    counted = [entry for entry in dialled if entry[2]]
    assert len(counted) <= limits.per_case
    for number in range(len(history.numbers)):
        assert sum(entry[1] == number for entry in counted) <= min(limits.per_number, 7)
    days: dict[object, int] = {}
    for at, _, is_counted, redial in dialled:
        clock = local(at)
        assert not holidays.on(clock.date()) & holidays.GENERAL
        minutes = clock.hour * 60 + clock.minute
        if clock.weekday() == 5:
            assert 9 * 60 <= minutes < 17 * 60
        else:
            assert clock.weekday() < 5
            assert 8 * 60 + 30 <= minutes < 21 * 60
        assert at < history.ends_at
        if is_counted and not redial:
            days[clock.date()] = days.get(clock.date(), 0) + 1
    assert all(count <= limits.per_day for count in days.values())


@given(
    moments,
    st.sampled_from([Calendar(), parse({"holidays": {"good_friday": True}, "week": {"sun": [["01:00", "05:00"]]}})]),
)
def test_next_open_is_the_first_open_moment(at: datetime, calendar: Calendar) -> None:
    opens = calendar.next_open(at)
    assert opens is not None
    assert opens >= at
    assert calendar.is_open(opens)
    if opens > at:
        assert not calendar.is_open(opens - timedelta(seconds=1))
        assert not calendar.is_open(at + (opens - at) / 2)
    closes = calendar.closes(opens)
    assert closes is not None
    assert not calendar.is_open(closes) or any(w.start == closes for w in calendar.windows(local_date(closes)))


@given(moments, st.integers(0, 20))
def test_upcoming_windows_are_in_order_and_apart(at: datetime, days: int) -> None:
    found: list[Window] = list(Calendar().upcoming(at, at + timedelta(days=days)))
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))
    assert all(w.start < w.end and w.end > at for w in found)


@given(st.dictionaries(st.sampled_from([h.value for h in holidays.Holiday]), st.booleans()), st.booleans())
def test_any_calendar_survives_its_json(switches: dict[str, bool], early: bool) -> None:
    calendar = parse({"holidays": switches, "early_closings": early})
    assert parse(to_json(calendar)) == calendar
    assert replace(calendar) == calendar
