"""What a resident asks about his data, by way of the client: by when it is answered, what became of it. Pure."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from dialer.domain.errors import IllegalTransitionError


class RequestKind(StrEnum):
    """Which right (articles of the GDPR)."""

    FILE = "file"  # 15: to see what is held
    CORRECT = "correct"  # 16
    ERASE = "erase"  # 17
    RESTRICT = "restrict"  # 18
    OBJECT = "object"  # 21


class RequestState(StrEnum):
    """Where a request stands."""

    OPEN = "open"
    EXTENDED = "extended"  # two months more, told to the resident with the reason: once (Art. 12(3))
    DONE = "done"
    REFUSED = "refused"  # with the reason


class RequestEvent(StrEnum):
    """What can happen to it."""

    EXTEND = "extend"
    CARRY_OUT = "carry_out"
    REFUSE = "refuse"


_S, _E = RequestState, RequestEvent
TRANSITIONS: Mapping[RequestState, Mapping[RequestEvent, RequestState]] = {
    _S.OPEN: {_E.EXTEND: _S.EXTENDED, _E.CARRY_OUT: _S.DONE, _E.REFUSE: _S.REFUSED},
    _S.EXTENDED: {_E.CARRY_OUT: _S.DONE, _E.REFUSE: _S.REFUSED},
    _S.DONE: {},
    _S.REFUSED: {},
}
WAITING = frozenset({_S.OPEN, _S.EXTENDED})
"""Its term runs."""

MONTHS, MONTHS_EXTENDED = 1, 3
"""After the day on which it came in."""


def advance(state: RequestState, event: RequestEvent) -> RequestState:
    """The next state. Raises IllegalTransitionError and changes nothing when `event` cannot happen in `state`."""
    following = TRANSITIONS[state].get(event)
    if following is None:
        raise IllegalTransitionError("request", state, event)
    return following


def months_after(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
