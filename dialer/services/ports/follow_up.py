"""The lists of the client's own people, and what they say of the cases on them. Times are calendar time, aware UTC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from dialer.domain.follow_up import FollowUpList, Mark
from dialer.domain.ids import CampaignId, CaseId, ClientId, DeliveryId, UserId
from dialer.services.ports.case_keys import CaseKeys
from dialer.services.ports.people import Box


class FollowUpOrder(StrEnum):
    """What stands first."""

    DUE = "due"  # the least time left; of appointments the earliest
    NEWEST = "newest"
    DONE = "done"  # marked last; of what is done only


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpFilter:
    """Which rows of one list. None and "": any."""

    client: ClientId
    list: FollowUpList
    done: bool = False
    campaign: CampaignId | None = None
    crisis: bool | None = None
    reason: str = ""
    reference: str = ""  # the client's reference or a signal's
    due_before: datetime | None = None
    order: FollowUpOrder = FollowUpOrder.DUE


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A dial that counted."""

    at: datetime
    day_part: str  # DDAS's word
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpLine:
    """A case on a list. `tried`: all counted dials, the oldest first."""

    case: CaseId
    campaign: CampaignId
    list: FollowUpList
    reason: str  # outcome; of a held case why it is held
    state: str
    crisis: bool
    language: str
    since: datetime
    due_at: datetime
    term_ends_at: datetime
    done_at: datetime | None
    version: int  # of the result: what a mark is about
    client_refs: Sequence[str]
    place: str  # of an appointment in a time that the client offers
    tried: Sequence[Tried]
    numbers: int
    numbers_closed: Sequence[str]  # why, of each that is closed
    mark: Mark | None  # the latest that stands
    marked_at: datetime | None
    marked_by: str
    not_home: int  # how often nobody was at home
    question: str  # state of its question; "" without one
    unread: int  # of our messages that the client has not read

    def stands_at(self, order: FollowUpOrder) -> datetime:
        """What it is ordered by, before its id."""
        if order is FollowUpOrder.DONE and self.done_at is not None:
            return self.done_at
        return self.since if order is FollowUpOrder.NEWEST else self.due_at


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpCounts:
    """One list. `overdue`: the term has ended; of appointments: begun, and not marked."""

    list: FollowUpList
    open: int
    overdue: int
    crisis: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkRow:
    """A mark as stored, with its sealed reason."""

    id: UUID
    list: str
    mark: str
    at: datetime
    by: str
    taken_back_at: datetime | None
    taken_back_by: str
    reason: Box | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMark:
    """What somebody of the client says of a case. `version`: of the result that he saw."""

    id: UUID
    case: CaseId
    mark: Mark
    version: int
    at: datetime
    actor: str
    user: UserId | None
    reason: str = field(repr=False)  # to be judged; it is kept sealed only
    delivery: DeliveryId | None = None
    sealed: bytes | None = field(repr=False, default=None)


class FollowUpStore(Protocol):
    """One method is one transaction; every change leaves its audit line in it."""

    async def page(
        self, which: FollowUpFilter, after: tuple[datetime, UUID] | None, limit: int
    ) -> Sequence[FollowUpLine]:
        """In `which.order`; `after` is the place and id that the page before ended with."""
        ...

    async def one(self, case: CaseId) -> FollowUpLine | None:
        """None: on no list."""
        ...

    async def counts(self, client: ClientId, now: datetime) -> Sequence[FollowUpCounts]:
        """Of all three lists."""
        ...

    async def keys(self, case: CaseId) -> CaseKeys:
        """Raises NotFoundError."""
        ...

    async def marks(self, case: CaseId) -> Sequence[MarkRow]:
        """The newest first, those taken back too."""
        ...

    async def mark(self, new: NewMark) -> bool:
        """Keep it, with the result anew for who is told of it. False: the result has another version by now.

        Raises NotFoundError and what `check_mark` raises.
        """
        ...

    async def undo(self, case: CaseId, at: datetime, actor: str, user: UserId | None) -> None:
        """Take the latest mark back. Raises NotFoundError, TooLateError."""
        ...
