"""Times that a client offers for appointments, out of a week's pattern. Pure; local clock in, UTC out.

A piece is as long as its minutes say, by the local clock and in truth: one that a change of the clocks would make
longer or shorter, or whose begin does not exist that night, is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from dialer.domain.errors import InvalidError
from dialer.schedule import holidays
from dialer.schedule.windows import Window, at_local, local, local_date

AHEAD = timedelta(days=185)
"""Times are offered for half a year at most: an endless pattern grows at its end, day by day."""
MOST_SLOTS = 4000
"""Of one source at a time."""
LEAST_MINUTES, MOST_MINUTES = 10, 480
MOST_SEATS = 20
_MOST_EXCEPTIONS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """Each of `weekdays` (0 is Monday) from `begin` to `end` by the local clock, in pieces of `minutes`.

    `until_on` is the last day, None: without end. Nothing on `except_on`, nor on general holidays.
    """

    weekdays: frozenset[int]
    begin: time
    end: time
    minutes: int
    from_on: date
    until_on: date | None = None
    except_on: frozenset[date] = field(default_factory=frozenset)


def check(pattern: Pattern) -> Pattern:
    """The pattern, if it can be kept. Raises InvalidError with the field to mend."""
    if not pattern.weekdays or not pattern.weekdays <= frozenset(range(7)):
        raise InvalidError("kies een dag", "weekdays")
    if pattern.begin >= pattern.end:
        raise InvalidError("het einde ligt na het begin", "end")
    if not LEAST_MINUTES <= pattern.minutes <= MOST_MINUTES:
        raise InvalidError(f"tussen {LEAST_MINUTES} en {MOST_MINUTES} minuten", "minutes")
    if not list(_pieces(pattern)):
        raise InvalidError("er past geen afspraak in deze tijd", "minutes")
    if pattern.until_on is not None and pattern.until_on < pattern.from_on:
        raise InvalidError("de laatste dag ligt na de eerste", "until_on")
    if len(pattern.except_on) > _MOST_EXCEPTIONS:
        raise InvalidError(f"hoogstens {_MOST_EXCEPTIONS} dagen", "except_on")
    return pattern


def times(pattern: Pattern, at: datetime) -> list[Window]:
    """What is offered after `at`, in order, for as long as `AHEAD`, at most `MOST_SLOTS`."""
    found: list[Window] = []
    day = max(pattern.from_on, local_date(at))
    last = local_date(at + AHEAD)
    if pattern.until_on is not None:
        last = min(last, pattern.until_on)
    while day <= last and len(found) < MOST_SLOTS:
        if day.weekday() in pattern.weekdays and day not in pattern.except_on and not _closed(day):
            found += [window for window in _on(pattern, day) if window.start > at]
        day += timedelta(days=1)
    return found[:MOST_SLOTS]


def _closed(day: date) -> bool:
    return bool(holidays.on(day) & holidays.GENERAL)


def _pieces(pattern: Pattern) -> Iterator[tuple[time, time]]:
    """Begin and end of each piece by the local clock."""
    day = datetime(2000, 1, 3, tzinfo=UTC)  # any day without a change of the clocks: only times of day are counted
    begin, end = (datetime.combine(day, clock, UTC) for clock in (pattern.begin, pattern.end))
    step = timedelta(minutes=pattern.minutes)
    while begin + step <= end:
        yield begin.time(), (begin + step).time()
        begin += step


def _on(pattern: Pattern, day: date) -> Iterator[Window]:
    length = timedelta(minutes=pattern.minutes)
    for begin, end in _pieces(pattern):
        window = Window(at_local(day, begin), at_local(day, end))
        if window.end - window.start == length and local(window.start).time() == begin:
            yield window


def to_json(pattern: Pattern) -> dict[str, Any]:
    """As it is kept."""
    return {
        "weekdays": sorted(pattern.weekdays),
        "begin": f"{pattern.begin:%H:%M}",
        "end": f"{pattern.end:%H:%M}",
        "minutes": pattern.minutes,
        "from_on": pattern.from_on.isoformat(),
        "until_on": None if pattern.until_on is None else pattern.until_on.isoformat(),
        "except_on": sorted(day.isoformat() for day in pattern.except_on),
    }


def parse(data: Mapping[str, Any]) -> Pattern:
    """The reverse of `to_json`. Raises InvalidError."""
    try:
        return check(
            Pattern(
                weekdays=frozenset(data["weekdays"]),
                begin=time.fromisoformat(data["begin"]),
                end=time.fromisoformat(data["end"]),
                minutes=int(data["minutes"]),
                from_on=date.fromisoformat(data["from_on"]),
                until_on=date.fromisoformat(data["until_on"]) if data.get("until_on") else None,
                except_on=frozenset(date.fromisoformat(day) for day in data.get("except_on", ())),
            )
        )
    except (KeyError, TypeError, ValueError):
        raise InvalidError("dit patroon is niet begrepen", "pattern") from None
