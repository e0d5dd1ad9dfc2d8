"""Times that a client's own calendar offers: its events, cut into appointments. Pure; aware UTC.

A time is named by its moments, not by the event's own id: many calendars name their events anew at each look, and an
event that moves is another time. Events at the same time are told apart by their number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from dialer.schedule.slots import AHEAD, LEAST_MINUTES, MOST_MINUTES, MOST_SLOTS
from dialer.schedule.windows import Window

LONGEST = timedelta(hours=24)
"""A longer event is no stretch of times: it is left out."""


class TooManyTimesError(ValueError):
    """More than a source may offer."""


def offered(events: Iterable[Window], minutes: int, at: datetime) -> list[tuple[str, Window]]:
    """(name, time) of what is offered after `at`, by time, for as long as `AHEAD`.

    `minutes`: events are cut into pieces of so many, and what is left at the end is nothing; 0: an event is one time.
    Times shorter or longer than an appointment can be are left out. Raises TooManyTimesError.
    """
    found: list[Window] = []
    for event in events:
        found += [window for window in _pieces(event, minutes) if at < window.start <= at + AHEAD]
        if len(found) > MOST_SLOTS:
            raise TooManyTimesError("more times than a source may offer")
    seen: Counter[Window] = Counter()
    named: list[tuple[str, Window]] = []
    for window in sorted(found):
        seen[window] += 1
        number = "" if seen[window] == 1 else f"/{seen[window]}"
        named.append((f"{window.start.isoformat()}/{window.end.isoformat()}{number}", window))
    return named


def _pieces(event: Window, minutes: int) -> list[Window]:
    length = event.end - event.start
    if not timedelta(0) < length <= LONGEST:
        return []
    step = timedelta(minutes=minutes) if minutes else length
    if not timedelta(minutes=LEAST_MINUTES) <= step <= timedelta(minutes=MOST_MINUTES):
        return []
    return [Window(event.start + step * n, event.start + step * (n + 1)) for n in range(length // step)]
