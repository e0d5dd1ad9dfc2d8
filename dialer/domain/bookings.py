"""An appointment of a resident with the municipality: where it stands. Pure.

Not to be mixed up with a call that we promised (`appointment` in the ledger): there nobody is expected anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from dialer.domain.errors import ConflictError, IllegalTransitionError


class SlotKind(StrEnum):
    """Who offers the times."""

    OWN = "own"  # a week's pattern that is filled in here
    FEED = "feed"  # the client's own calendar (iCalendar over https)


class Meeting(StrEnum):
    """How they meet."""

    OFFICE = "office"
    PHONE = "phone"  # the municipality rings the resident
    HOME = "home"


class BookingState(StrEnum):
    """Where an appointment stands."""

    BOOKED = "booked"
    MOVED = "moved"  # another one took its place
    CANCELLED = "cancelled"
    KEPT = "kept"
    NO_SHOW = "no_show"


class BookingEvent(StrEnum):
    """What can happen to it."""

    MOVED = "moved"
    CANCELLED = "cancelled"
    KEPT = "kept"
    MISSED = "missed"
    REOPENED = "reopened"  # kept or no-show was a slip of the hand


_S, _E = BookingState, BookingEvent
TRANSITIONS: Mapping[BookingState, Mapping[BookingEvent, BookingState]] = {
    _S.BOOKED: {_E.MOVED: _S.MOVED, _E.CANCELLED: _S.CANCELLED, _E.KEPT: _S.KEPT, _E.MISSED: _S.NO_SHOW},
    _S.MOVED: {},
    _S.CANCELLED: {},
    _S.KEPT: {_E.MISSED: _S.NO_SHOW, _E.REOPENED: _S.BOOKED},
    _S.NO_SHOW: {_E.KEPT: _S.KEPT, _E.REOPENED: _S.BOOKED, _E.MOVED: _S.MOVED},
}


def advance(state: BookingState, event: BookingEvent) -> BookingState:
    """The state after `event`. Raises IllegalTransitionError when it cannot happen now."""
    try:
        return TRANSITIONS[state][event]
    except KeyError:
        raise IllegalTransitionError("booking", state, event) from None


class SlotTakenError(ConflictError):
    """Somebody else has this time, or the client does not offer it any more."""

    code = "slot-taken"


class BookedAlreadyError(ConflictError):
    """The resident has an appointment: it is moved, not made a second time."""

    code = "booked-already"


class NotYetError(ConflictError):
    """The appointment has not begun: nobody can say whether it was kept."""

    code = "booking-not-yet"
