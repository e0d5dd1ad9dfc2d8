"""Reads one iCalendar file, in a process of its own: bounded in memory and processor time, without secrets.

Started by `dialer.exchange.feeds`. A line of JSON (`at`, `minutes`, the bounds), then the file, until the end of input;
one JSON value out. Of an event nothing but its begin and end leaves this process: what it is called is of nobody here.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import icalendar
import recurring_ical_events

from dialer.domain.feeds import FeedFault
from dialer.schedule.feed import TooManyTimesError, offered
from dialer.schedule.slots import AHEAD
from dialer.schedule.windows import Window, at_local, local

MOST_EVENTS = 5000


class _RefusedError(Exception):
    def __init__(self, fault: FeedFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


def read(body: bytes, minutes: int, at: datetime) -> dict[str, Any]:
    """`{"times": [[key, begin, end], ...]}`, or `{"fault": code}`."""
    try:
        times = offered(_events(body, at), minutes, at)
    except _RefusedError as refused:
        return {"fault": refused.fault.value}
    except TooManyTimesError:
        return {"fault": FeedFault.TOO_MANY.value}
    except (MemoryError, RecursionError):
        return {"fault": FeedFault.TOO_HEAVY.value}
    return {"times": [[key, window.start.isoformat(), window.end.isoformat()] for key, window in times]}


def _events(body: bytes, at: datetime) -> Iterator[Window]:
    """Each turn of each event, as moments. All-day events and those that were called off are left out."""
    if body.upper().count(b"BEGIN:VEVENT") > MOST_EVENTS:  # counted before it costs anything to read them
        raise _RefusedError(FeedFault.TOO_MANY)
    calendar = _parsed(body)
    try:
        query = recurring_ical_events.of(calendar, components=["VEVENT"])
        for event in query.between(at, at + AHEAD):
            window = _window(event)
            if window is not None:
                yield window
    except (MemoryError, RecursionError):
        raise
    except Exception as error:  # the library says in many ways that a rule makes no sense
        raise _RefusedError(FeedFault.NOT_A_CALENDAR) from error


def _parsed(body: bytes) -> icalendar.Calendar:
    """The one calendar of the file, whole. Half a file has no end."""
    text = body.removeprefix(b"\xef\xbb\xbf").strip()
    if not text[:15].upper() == b"BEGIN:VCALENDAR" or not text[-13:].upper() == b"END:VCALENDAR":
        raise _RefusedError(FeedFault.NOT_A_CALENDAR)
    try:
        found = icalendar.Calendar.from_ical(text)
    except (MemoryError, RecursionError):
        raise
    except Exception as error:  # as above
        raise _RefusedError(FeedFault.NOT_A_CALENDAR) from error
    if not isinstance(found, icalendar.Calendar):
        raise _RefusedError(FeedFault.NOT_A_CALENDAR)
    return found


def _window(event: Any) -> Window | None:
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return None
    begin, end = _moment(event.start), _moment(event.end)
    return None if begin is None or end is None else Window(begin, end)


def _moment(at: date) -> datetime | None:
    """A time without a zone is Amsterdam's; None: a whole day, or a time that its night skips."""
    if not isinstance(at, datetime):
        return None
    if at.tzinfo is not None:
        return local(at).astimezone(UTC)
    moment = at_local(at.date(), at.time())
    return moment if local(moment).replace(tzinfo=None, fold=0) == at.replace(fold=0) else None


def bound_process(memory: int, seconds: int) -> None:
    """A file that asks for more kills its reader, not the service."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(19)  # calls come first


def main() -> int:
    """Read the order and the file, say what it offers."""
    order = json.loads(sys.stdin.buffer.readline())
    bound_process(order["memory"], order["seconds"])
    json.dump(read(sys.stdin.buffer.read(), order["minutes"], datetime.fromisoformat(order["at"])), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
