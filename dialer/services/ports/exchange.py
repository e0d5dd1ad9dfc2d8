"""Results into a client's own systems. `storage/` implements the stores, `exchange/` the couriers.

Times are calendar time, aware UTC; only what a receiver reads as *now* (the stamp of a signature) is wall time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from dialer.domain.exchange import ChannelKind, ChannelState, Fault, MessageEvent, MessageState
from dialer.domain.ids import CampaignId, CaseId, ClientId, DeliveryId, UserId
from dialer.services.ports.people import Box


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel as stored, with how it goes there. The secret stays in its box."""

    id: UUID
    client: ClientId
    kind: ChannelKind
    name: str
    state: ChannelState
    url: str
    settings: Mapping[str, str]
    has_secret: bool
    created_at: datetime
    version: int
    failures: int = 0
    rest_until: datetime | None = None
    last_ok_at: datetime | None = None
    last_error: str = ""
    last_error_at: datetime | None = None
    waiting: int = 0  # messages that are to go
    dead: int = 0
    confirmed: int = 0
    client_key: bytes = field(repr=False, default=b"")
    sealed_secret: bytes | None = field(repr=False, default=None)
    old_until: datetime | None = None  # the secret before this one signs beside it until then
    old_secret: bytes | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of the outbox. `tries` counts the one under way."""

    id: UUID
    channel: UUID
    client: ClientId
    campaign: CampaignId
    case: CaseId
    version: int
    state: MessageState
    kind: str
    created_at: datetime
    due_at: datetime
    tries: int
    died: int  # so often, in a row, its sender died underway
    error: str
    remote: str
    done_at: datetime | None
    done_by: UserId | None = None
    client_key: bytes = field(repr=False, default=b"")
    delivery: DeliveryId | None = None
    delivery_key: bytes | None = field(repr=False, default=None)
    sealed: bytes | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalFacts:
    """A signal as the client knows it."""

    client_ref: str
    signal_ref: str
    partner_type: str
    signal_on: str
    crisis: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultFacts:
    """What stands of a case now, read in one snapshot."""

    case: CaseId
    version: int
    state: str
    outcome: str
    outcome_nl: str
    ddas: str
    flags: Sequence[str]
    appointment_at: str | None
    signals: Sequence[SignalFacts]
    attempts: Sequence[Mapping[str, object]]
    mark: str | None  # what the client's own people said of it
    marked_at: str | None
    delivery: DeliveryId
    delivery_key: bytes | None = field(repr=False)
    note: Box | None = field(repr=False)
    booking: str = ""  # domain.bookings.BookingState of an appointment in a time that the client offers


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What a courier brings: the same at every try."""

    id: UUID
    case: CaseId
    kind: str
    body: Mapping[str, object] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where to. The text form shows no secret. Of a webhook there may be two, with a blank between: both sign."""

    channel: UUID
    url: str
    settings: Mapping[str, str]
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """How a try went. `fault` None: the other side has it; `remote` is what it calls it."""

    fault: Fault | None = None
    remote: str = ""
    patience: timedelta | None = None  # it asked us to wait so long


class Courier(Protocol):
    """Brings parcels to one kind of channel. Faults come back as receipts; it raises nothing of the network's."""

    async def deliver(self, address: Address, parcel: Parcel) -> Receipt:
        """Bring it; the same parcel again makes nothing twice over there."""
        ...

    async def try_out(self, address: Address) -> Receipt:
        """Whether the connection works. Tells of nobody."""
        ...


class OutboxStore(Protocol):
    """Messages and how channels go."""

    async def take_channels(self, at: datetime) -> Sequence[Channel]:
        """Channels that send by themselves, are on, do not rest and have a message that is due."""
        ...

    async def lease(self, channel: UUID, owner: str, seconds: float) -> bool:
        """Whether this process alone sends for the channel now. Renews."""
        ...

    async def unlease(self, channel: UUID, owner: str) -> None:
        """Somebody else may."""
        ...

    async def claim(self, channel: UUID, at: datetime) -> Message | None:
        """The next message that is due and behind none of its resident's; it is `sending` now, its tries counted.

        Only for who has the lease: one found `sending` was left so by a process that died, and is taken again.
        """
        ...

    async def to_prepare(self, channel: UUID, at: datetime, limit: int) -> Sequence[Message]:
        """Messages of a worklist whose content is not kept yet, the oldest first. Only for who has the lease."""
        ...

    async def is_overtaken(self, message: Message) -> bool:
        """Whether a later message of the same case waits on the channel."""
        ...

    async def facts(self, case: CaseId) -> ResultFacts | None:
        """None: nothing of the case may be read any more."""
        ...

    async def told_before(self, message: Message) -> bool:
        """Whether an earlier message of the case may have been seen on the channel."""
        ...

    async def freeze(self, message: Message, kind: str, delivery: DeliveryId, sealed: bytes) -> None:
        """Keep what it tells: each later try tells the same."""
        ...

    async def settle(
        self,
        message: Message,
        event: MessageEvent,
        at: datetime,
        *,
        due_at: datetime | None = None,
        error: str = "",
        remote: str = "",
        user: UserId | None = None,
    ) -> bool:
        """Move it on. False: it is not where `message` says any more; nothing was changed."""
        ...

    async def went(self, channel: UUID, at: datetime, error: str, rest_until: datetime | None) -> None:
        """How the channel goes: `error` empty is well."""
        ...

    async def wake(self, channel: UUID) -> None:
        """It rests no more."""
        ...

    async def message(self, message: UUID) -> Message:
        """Raises NotFoundError."""
        ...

    async def messages(
        self, client: ClientId | None, channel: UUID | None, states: Sequence[str], limit: int
    ) -> Sequence[Message]:
        """The oldest first."""
        ...


class ChannelStore(Protocol):
    """Channels."""

    async def all(self, client: ClientId | None) -> Sequence[Channel]:
        """By name, with their counts."""
        ...

    async def find(self, channel: UUID) -> Channel:
        """Raises NotFoundError."""
        ...

    async def client_key(self, client: ClientId) -> bytes:
        """Raises NotFoundError."""
        ...

    async def add(self, channel: Channel) -> None:
        """Raises ConflictError when the client has one of that name."""
        ...

    async def change(self, channel: Channel) -> Channel | None:
        """Store the next version. None: `channel.version` is not the newest. Raises ConflictError as `add`."""
        ...
