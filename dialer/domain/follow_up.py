"""What the client's own people do with a case that is their turn. Pure: times are arguments, aware UTC.

Which cases are whose turn the database keeps (`follow_up_list` in the schema), because it follows the case whoever
changed it. Here stands what may be said of one, and what that does.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from dialer.domain.errors import ConflictError, InvalidError


class FollowUpList(StrEnum):
    """The three lists. A case is on one at most."""

    TO_VISIT = "to_visit"  # nobody was spoken to: to be reached in another way
    APPOINTMENT = "appointment"  # made with the municipality
    DECISION = "decision"  # nothing goes on before the client says what


class Mark(StrEnum):
    """What the client's people say of a case on a list."""

    SPOKEN = "spoken"  # visited, and somebody was spoken to
    NOT_HOME = "not_home"
    LETTER = "letter"  # reached out in writing
    NO_ACTION = "no_action"  # nothing is to be done
    KEPT = "kept"
    NO_SHOW = "no_show"
    WE_CONTACT = "we_contact"  # the municipality takes it up itself
    STANDS = "stands"  # looked into: the signal is right
    VOID = "void"  # looked into: the signal is not right
    SETTLED = "settled"  # otherwise, as the reason says


MARKS: Mapping[FollowUpList, tuple[Mark, ...]] = {
    FollowUpList.TO_VISIT: (Mark.SPOKEN, Mark.NOT_HOME, Mark.LETTER, Mark.NO_ACTION),
    FollowUpList.APPOINTMENT: (Mark.KEPT, Mark.NO_SHOW),
    FollowUpList.DECISION: (Mark.WE_CONTACT, Mark.STANDS, Mark.VOID, Mark.SETTLED),
}

GOES_ON = frozenset({Mark.NOT_HOME})
"""After these the case stays on its list."""

WITH_REASON = frozenset({Mark.SETTLED, Mark.NO_ACTION})
"""These say nothing by themselves."""

UNDO_WITHIN = timedelta(days=7)
"""A week: long enough for who finds a slip after the weekend, short enough that what is reported stands."""

LONGEST_REASON = 500


class NotOnListError(ConflictError):
    """The case is on no list, or on another one by now."""

    code = "not-on-list"


class MarkedError(ConflictError):
    """Somebody marked it already."""

    code = "marked-already"


class TooEarlyError(ConflictError):
    """The appointment has not begun: nobody can say whether it was kept."""

    code = "appointment-to-come"


class TooLateError(ConflictError):
    """There is nothing to take back, or it is too long ago."""

    code = "undo-too-late"


class ReleaseFirstError(ConflictError):
    """A held case is released or withdrawn: no other word would do anything."""

    code = "release-or-withdraw"


def check_mark(
    mark: Mark, on: FollowUpList, *, held: bool, done: bool, due_at: datetime, reason: str, now: datetime
) -> None:
    """Refuse a mark that cannot be made now. `due_at`: of an appointment its time.

    Raises NotOnListError, ReleaseFirstError, MarkedError, TooEarlyError, InvalidError that names the field.
    """
    if mark not in MARKS[on]:
        raise NotOnListError("another list by now")
    if done:
        raise MarkedError("marked already")
    if held:
        raise ReleaseFirstError("release or withdraw it")
    if on is FollowUpList.APPOINTMENT and now < due_at:
        raise TooEarlyError("it has not begun")
    if mark in WITH_REASON and not reason:
        raise InvalidError("schrijf erbij waarom", "reason")
    if len(reason) > LONGEST_REASON:
        raise InvalidError(f"een reden heeft hoogstens {LONGEST_REASON} tekens", "reason")


def check_undo(marked_at: datetime | None, now: datetime) -> None:
    """Refuse to take back what is not there, or older than UNDO_WITHIN. Raises TooLateError."""
    if marked_at is None or now - marked_at > UNDO_WITHIN:
        raise TooLateError("nothing that can be taken back")
