"""Times that clients offer, who has them, and what became of it. `storage/` implements the stores.

Times are calendar time, aware UTC; a hold runs by the database's own clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from dialer.domain.bookings import BookingEvent, BookingState, Meeting, SlotKind
from dialer.domain.ids import AttemptId, CampaignId, CaseId, ClientId, UserId
from dialer.schedule.slots import Pattern
from dialer.schedule.windows import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedMark:
    """What a server says of a version of its file, to ask whether it changed. Its own text, bounded."""

    etag: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotSource:
    """Where times come from. `pattern`: of an own one. `minutes`: a feed's events are cut into such pieces; 0: not."""

    id: UUID
    client: ClientId
    kind: SlotKind
    name: str
    place: str  # what residents read: an address, "wij bellen u"
    meeting: Meeting
    seats: int
    on: bool
    pattern: Pattern | None
    minutes: int
    created_at: datetime
    version: int
    has_url: bool = False
    looked_at: datetime | None = None
    last_ok_at: datetime | None = None
    last_error: str = ""  # a code of domain.exchange.Fault or domain.feeds.FeedFault
    failures: int = 0
    next_look_at: datetime | None = None
    coming: int = 0  # times that are offered from now on
    free: int = 0
    read_at: datetime | None = None  # when a feed was last read whole
    mark: FeedMark = field(default_factory=FeedMark)
    client_key: bytes = field(repr=False, default=b"")
    sealed_url: bytes | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotLook:
    """How a look at a source went. `error` empty is well; `mark`: of a feed that was read whole now."""

    source: UUID
    version: int  # a source that was changed meanwhile is left alone
    at: datetime
    error: str
    next_look_at: datetime
    mark: FeedMark | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SilentFeed:
    """A calendar that has not answered for a day."""

    source: UUID
    client: ClientId
    name: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotTime:
    """A time as its source names it: `key` is the same at each look."""

    key: str
    window: Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A time that is offered, with how many can still have it."""

    id: UUID
    source: UUID
    starts_at: datetime
    ends_at: datetime
    place: str
    meeting: Meeting
    seats: int
    free: int
    held: bool = False  # by the call that asks


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """An appointment. `withdrawn`: the client does not offer its time any more, so somebody must look."""

    id: UUID
    client: ClientId
    campaign: CampaignId
    case: CaseId
    client_refs: Sequence[str]
    slot: UUID
    starts_at: datetime
    ends_at: datetime
    place: str
    meeting: Meeting
    state: BookingState
    withdrawn: bool
    notice: str  # of what the resident is told: empty (nothing asked for), waiting, sent, failed
    booked_at: datetime
    booked_by: UserId | None
    changed_at: datetime | None
    changed_by: str
    reason: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingChange:
    """What somebody does to an appointment. `slot` of a move, `id` of the one that takes its place."""

    booking: UUID
    event: BookingEvent
    actor: str
    user: UserId | None
    at: datetime
    reason: str = ""
    slot: UUID | None = None
    id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOffers:
    """Of a call: whose times it may offer. `offers`: whether the client offers any at all."""

    client: ClientId
    offers: bool


class SlotStore(Protocol):
    """Sources and times."""

    async def sources(self, client: ClientId | None, at: datetime) -> Sequence[SlotSource]:
        """By name, with their counts from `at` on."""
        ...

    async def source(self, source: UUID, at: datetime) -> SlotSource:
        """Raises NotFoundError."""
        ...

    async def client_key(self, client: ClientId) -> bytes:
        """Raises NotFoundError."""
        ...

    async def add(self, source: SlotSource) -> None:
        """Raises ConflictError when the client has one of that name."""
        ...

    async def change(self, source: SlotSource, at: datetime) -> SlotSource | None:
        """Store the next version. None: `source.version` is not the newest. Raises ConflictError as `add`."""
        ...

    async def offer(self, source: UUID, times: Sequence[SlotTime], at: datetime, *, version: int) -> int:
        """From `at` on exactly these times are offered; one that is gone keeps its booking. How many changed.

        None of it when the source is at another `version`: it was changed while somebody reckoned.
        """
        ...

    async def due(self, at: datetime) -> Sequence[SlotSource]:
        """Sources that are on and whose next look is due."""
        ...

    async def looked(self, look: SlotLook) -> None:
        """Keep how a look went."""
        ...

    async def withdrawn(self, client: ClientId | None, at: datetime) -> int:
        """Appointments after `at` whose time is not offered any more."""
        ...

    async def slots(
        self, client: ClientId, begin: datetime, end: datetime, *, free: bool, limit: int
    ) -> Sequence[Slot]:
        """By time. `free`: only those that can still be had."""
        ...

    async def of_call(self, attempt: AttemptId) -> CallOffers:
        """Raises NotFoundError."""
        ...

    async def for_call(self, attempt: AttemptId, begin: datetime, limit: int) -> Sequence[Slot]:
        """What can be had from `begin` on, and what this call holds, by time."""
        ...

    async def hold(self, attempt: AttemptId, user: UserId, slot: UUID, at: datetime, seconds: float) -> None:
        """Keep it for this call and let go what it held before. The same again renews. Raises SlotTakenError."""
        ...

    async def release(self, attempt: AttemptId) -> None:
        """Let go what this call holds."""
        ...


class BookingStore(Protocol):
    """Appointments."""

    async def bookings(
        self,
        client: ClientId | None,
        *,
        case: CaseId | None,
        states: Sequence[BookingState],
        begin: datetime | None,
        end: datetime | None,
        limit: int,
    ) -> Sequence[Booking]:
        """By time."""
        ...

    async def booking(self, booking: UUID) -> Booking:
        """Raises NotFoundError."""
        ...

    async def apply(self, change: BookingChange, detail: Mapping[str, object]) -> UUID:
        """Do it, with its audit line and the case's result anew, at once; the booking that stands now.

        The same again is no error. Raises NotFoundError, IllegalTransitionError, SlotTakenError, NotYetError.
        """
        ...
