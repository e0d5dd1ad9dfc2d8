"""A client's calendar that is read over https: what can be wrong with it, and when it is looked at again. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from dialer.domain.exchange import LONGEST_ASKED


class FeedFault(StrEnum):
    """What is wrong with what came, beside `domain.exchange.Fault`: stable codes, put in words on the screen."""

    NOT_A_CALENDAR = "not_a_calendar"  # a sign-in page, a file of another kind, half a calendar
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"  # times, or events
    TOO_HEAVY = "too_heavy"  # its rules ask for more reckoning than a calendar may


LOOK_EVERY = timedelta(minutes=15)
READ_WHOLE_EVERY = timedelta(hours=12)
"""So often it is read whole also when it has not changed: rules without an end go on at their end."""
SILENT_AFTER = timedelta(days=1)
_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (2, 5, 10, 20, 40, 60))


def next_look(failures: int, at: datetime, asked: timedelta | None = None) -> datetime:
    """When it is looked at again; `failures` in a row, this one included; `asked`: the server's Retry-After."""
    pause = LOOK_EVERY if failures == 0 else _PAUSES[min(failures, len(_PAUSES)) - 1]
    return at + (pause if asked is None else max(pause, min(asked, LONGEST_ASKED)))


def silent_since(last_ok_at: datetime | None, created_at: datetime, at: datetime) -> datetime | None:
    """Since when a feed has not answered, once that is a day; None: it is well, or young."""
    since = last_ok_at or created_at
    return since if at - since >= SILENT_AFTER else None
