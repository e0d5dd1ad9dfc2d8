"""Files fetched from clients' folders. Times are calendar time, aware UTC."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

from dialer.domain.arrivals import ArrivalState, Holds, SourceFault, SourceKind
from dialer.domain.errors import DialerError
from dialer.domain.ids import CampaignId, ClientId, DeliveryId
from dialer.schedule.arrivals import Expectation


class SourceError(DialerError):
    """A look did not succeed. Its text is the fault's code."""

    code = "source"

    def __init__(self, fault: SourceFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where files come. `host`, `port`, `user`, `host_key` of SFTP only; the key is an OpenSSH line."""

    path: str
    host: str = ""
    port: int = 22
    user: str = ""
    host_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A place that is watched, and how that goes. Our private key stays in its box."""

    id: UUID
    client: ClientId
    campaign: CampaignId
    kind: SourceKind
    name: str
    on: bool
    place: Place
    holds: Holds
    mapping_name: str
    expected: Expectation
    public_key: str
    created_at: datetime
    version: int
    looked_at: datetime | None = None
    last_error: str = ""
    client_key: bytes = field(repr=False, default=b"")
    sealed_key: bytes | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """A file as a look found it. `stamp` changes when it is written to."""

    name: str
    size: int
    stamp: int

    @property
    def mark(self) -> str:
        """Tells it from an earlier one of that name."""
        return f"{self.name}:{self.size}:{self.stamp}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A file's receipt, as kept."""

    id: UUID
    source: UUID
    client: ClientId
    name: str
    mark: str
    size: int
    content_hash: bytes
    state: ArrivalState
    reason: str  # of a quarantine: a stable word
    delivery: DeliveryId | None
    at: datetime


class Folder(Protocol):
    """A place, open. Raises SourceError."""

    async def files(self) -> Sequence[FoundFile]:
        """Ordinary files in it, in order of name."""
        ...

    async def fetch(self, name: str, to: Path, most: int) -> bool:
        """Copy it; False: it is longer than `most` bytes, and nothing is left of it."""
        ...

    async def put_away(self, name: str, folder: str, note: bytes) -> None:
        """Move it into a folder beside it with a note; a name that is taken there gets a number."""
        ...

    async def put(self, name: str, content: bytes) -> None:
        """Write it whole under its name, or not at all; what is there with the same content is well."""
        ...

    async def probe(self) -> None:
        """Whether we may write there. Nothing is left of it."""
        ...


class Opener(Protocol):
    """Opens places of one kind."""

    def open(self, place: Place, private_key: str) -> AbstractAsyncContextManager[Folder]:
        """Raises SourceError."""
        ...


class SourceStore(Protocol):
    """Places and receipts."""

    async def all(self, client: ClientId | None) -> Sequence[Source]:
        """By name."""
        ...

    async def find(self, source: UUID) -> Source:
        """Raises NotFoundError."""
        ...

    async def mapping_names(self, client: ClientId, holds: Holds) -> Sequence[str]:
        """Column mappings that were saved for the client's files of this sort."""
        ...

    async def add(self, source: Source) -> None:
        """Raises ConflictError when the client has one of that name."""
        ...

    async def change(self, source: Source) -> Source | None:
        """Store the next version; None: another one."""
        ...

    async def owner_of(self, campaign: CampaignId) -> tuple[ClientId, bytes]:
        """The campaign's client and its wrapped key. Raises NotFoundError."""
        ...

    async def lease(self, source: UUID, owner: str, seconds: float) -> bool:
        """Whether this process alone looks there now."""
        ...

    async def unlease(self, source: UUID, owner: str) -> None:
        """Somebody else may."""
        ...

    async def looked(self, source: UUID, at: datetime, error: str) -> None:
        """How a look went; empty: well."""
        ...

    async def receipt(self, source: UUID, content_hash: bytes) -> Arrival | None:
        """The receipt of this content, if it was taken before. What was put aside may be offered again."""
        ...

    async def receipt_of(self, source: UUID, mark: str) -> Arrival | None:
        """The receipt of this very file, which was dealt with and is still where it was."""
        ...

    async def keep(self, arrival: Arrival) -> None:
        """Write a receipt."""
        ...

    async def gone(self, arrival: UUID) -> None:
        """It was moved away: a file of that name is another one."""
        ...

    async def receipts(self, client: ClientId | None, source: UUID | None, limit: int) -> Sequence[Arrival]:
        """The newest first."""
        ...

    async def came(self, source: UUID, since: datetime) -> Sequence[datetime]:
        """When files were taken."""
        ...
