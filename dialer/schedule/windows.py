"""When dials may start: windows as data, per campaign, in Europe/Amsterdam.

A window is open from its start until strictly before its end. Everything outside this module is UTC; local clock times
exist only here and on screens. Both DST days come out right because each date is converted by its own offset.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from dialer.domain.errors import InvalidError
from dialer.schedule import holidays
from dialer.schedule.holidays import Holiday

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HORIZON = timedelta(days=400)
"""How far `next_open` looks: a calendar without an opening in that time is closed for good."""


def local(at: datetime) -> datetime:
    """`at` on the wall clock of Amsterdam. Raises ValueError for a naive time."""
    if at.tzinfo is None:
        raise ValueError("naive time")
    return at.astimezone(AMSTERDAM)


def local_date(at: datetime) -> date:
    """The Amsterdam date of `at`."""
    return local(at).date()


def at_local(day: date, clock: time) -> datetime:
    """The UTC moment at which Amsterdam's clocks show `clock` on `day` (the first one where they show it twice)."""
    return datetime.combine(day, clock, AMSTERDAM).astimezone(UTC)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of one day by the local clock; `end` is not part of it."""

    start: time
    end: time


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A stretch of time, aware UTC; `end` is not part of it."""

    start: datetime
    end: datetime


_WEEKDAY = (Span(time(8, 30), time(21)),)
_SATURDAY = (Span(time(9), time(17)),)
EARLY_CLOSINGS: Mapping[tuple[int, int], time] = MappingProxyType(
    {(5, 4): time(18, 30), (12, 5): time(18, 30), (12, 24): time(18, 30)},
)
"""Evenings on which people are not rung: Remembrance Day, 5 and 24 December (month, day) -> closing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The windows of one campaign.

    A date in `exceptions` overrules week, holidays and early closings. `closed_on` names the holidays without calls.
    """

    week: tuple[tuple[Span, ...], ...] = (*(_WEEKDAY,) * 5, _SATURDAY, ())
    closed_on: frozenset[Holiday] = holidays.GENERAL
    early: Mapping[tuple[int, int], time] = field(default_factory=lambda: EARLY_CLOSINGS)
    exceptions: Mapping[date, tuple[Span, ...]] = field(default_factory=lambda: MappingProxyType({}))
    _known: dict[date, tuple[Window, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def spans(self, day: date) -> tuple[Span, ...]:
        """The open stretches of `day` by the local clock."""
        if day in self.exceptions:
            return self.exceptions[day]
        if holidays.on(day) & self.closed_on:
            return ()
        closing = self.early.get((day.month, day.day))
        spans = self.week[day.weekday()]
        if closing is None:
            return spans
        return tuple(Span(s.start, min(s.end, closing)) for s in spans if s.start < closing)

    def windows(self, day: date) -> tuple[Window, ...]:
        """The open stretches of `day`, UTC. One that DST swallows whole is left out."""
        known = self._known.get(day)
        if known is None:
            found = (Window(at_local(day, s.start), at_local(day, s.end)) for s in self.spans(day))
            known = self._known[day] = tuple(w for w in found if w.start < w.end)
        return known

    def window(self, day: date) -> Window | None:
        """From the first opening to the last closing of `day`; None when it stays closed."""
        found = self.windows(day)
        return Window(found[0].start, found[-1].end) if found else None

    def is_open(self, at: datetime) -> bool:
        """Whether a dial may start at `at`."""
        return any(w.start <= at < w.end for w in self.windows(local_date(at)))

    def next_open(self, at: datetime) -> datetime | None:
        """The first moment from `at` on at which a dial may start; None when there is none within HORIZON."""
        return next((max(w.start, at) for w in self.upcoming(at)), None)

    def closes(self, at: datetime) -> datetime | None:
        """When the window that is open at `at` ends; None while closed."""
        return next((w.end for w in self.windows(local_date(at)) if w.start <= at < w.end), None)

    def upcoming(self, at: datetime, until: datetime | None = None) -> Iterator[Window]:
        """Windows that end after `at`, in order, up to `until` (or HORIZON); the first may be open already."""
        last = at + HORIZON if until is None else min(until, at + HORIZON)
        day = local_date(at)
        while day <= local_date(last):
            yield from (w for w in self.windows(day) if w.end > at and w.start < last)
            day += timedelta(days=1)


DEFAULT = Calendar()


def _clock(text: Any, where: str) -> time:
    try:
        value = time.fromisoformat(text)
    except (TypeError, ValueError):
        raise InvalidError("geen kloktijd (uu:mm)", where) from None
    if value.tzinfo is not None or value.second or value.microsecond:
        raise InvalidError("geen kloktijd (uu:mm)", where)
    return value


def _spans(data: Any, where: str) -> tuple[Span, ...]:
    if not isinstance(data, list):
        raise InvalidError("geen lijst van begin en eind", where)
    spans: list[Span] = []
    for item in data:
        if not isinstance(item, list) or len(item) != 2:
            raise InvalidError("geen begin en eind", where)
        span = Span(_clock(item[0], where), _clock(item[1], where))
        if span.start >= span.end or (spans and span.start < spans[-1].end):
            raise InvalidError("begin en eind staan niet op volgorde", where)
        spans.append(span)
    return tuple(spans)


def _date(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidError("geen datum (jjjj-mm-dd)", where) from None


def _mapping(data: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise InvalidError("geen object", where)
    return data


def _week(data: Mapping[str, Any]) -> tuple[tuple[Span, ...], ...]:
    for name in data:
        if name not in DAYS:
            raise InvalidError("onbekende dag", f"calendar.week.{name}")
    return tuple(
        _spans(data[day], f"calendar.week.{day}") if day in data else DEFAULT.week[number]
        for number, day in enumerate(DAYS)
    )


def _closed_on(data: Mapping[str, Any]) -> frozenset[Holiday]:
    closed = set(holidays.GENERAL)
    for name, switch in data.items():
        where = f"calendar.holidays.{name}"
        if name not in set(Holiday):
            raise InvalidError("onbekende feestdag", where)
        if not isinstance(switch, bool):
            raise InvalidError("geen ja of nee", where)
        (closed.add if switch else closed.discard)(Holiday(name))
    return frozenset(closed)


def parse(data: Mapping[str, Any]) -> Calendar:
    """A calendar from its JSON form; what is not named keeps its default.

    `{"week": {"sat": [["09:00", "17:00"]]}, "exceptions": {"2026-12-31": [["08:30", "16:00"]]},
    "holidays": {"good_friday": true}, "early_closings": false}`. Raises InvalidError with the field.
    """
    for name in data:
        if name not in ("week", "exceptions", "holidays", "early_closings"):
            raise InvalidError("onbekende instelling", f"calendar.{name}")
    early = data.get("early_closings", True)
    if not isinstance(early, bool):
        raise InvalidError("geen ja of nee", "calendar.early_closings")
    exceptions = _mapping(data.get("exceptions", {}), "calendar.exceptions")
    return Calendar(
        week=_week(_mapping(data.get("week", {}), "calendar.week")),
        closed_on=_closed_on(_mapping(data.get("holidays", {}), "calendar.holidays")),
        early=EARLY_CLOSINGS if early else MappingProxyType({}),
        exceptions=MappingProxyType(
            {
                _date(day, f"calendar.exceptions.{day}"): _spans(spans, f"calendar.exceptions.{day}")
                for day, spans in exceptions.items()
            }
        ),
    )


def to_json(calendar: Calendar) -> dict[str, Any]:
    """The JSON form that `parse` reads back to the same calendar."""

    def spans(found: tuple[Span, ...]) -> list[list[str]]:
        return [[s.start.isoformat("minutes"), s.end.isoformat("minutes")] for s in found]

    return {
        "week": {day: spans(calendar.week[number]) for number, day in enumerate(DAYS)},
        "exceptions": {day.isoformat(): spans(found) for day, found in sorted(calendar.exceptions.items())},
        "holidays": {holiday.value: holiday in calendar.closed_on for holiday in Holiday},
        "early_closings": bool(calendar.early),
    }
