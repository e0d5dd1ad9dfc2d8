"""Results as files. `storage/` implements the store, `exchange/` the carriers, `intake/` the files.

Times are calendar time, aware UTC; days are Amsterdam's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Protocol
from uuid import UUID

from dialer.domain.exchange import ChannelState, MessageEvent, MessageState
from dialer.domain.ids import CampaignId, ClientId, UserId
from dialer.domain.outlets import OutletKind, SendPlan
from dialer.domain.result_layout import Layout
from dialer.services.ports.arrivals import Place
from dialer.services.ports.export import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A version of a client's layout."""

    id: UUID
    client: ClientId
    name: str
    version: int
    layout: Layout
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """Where one campaign's results go, and how that goes. Secrets stay in their box."""

    id: UUID
    client: ClientId
    campaign: CampaignId
    campaign_name: str
    kind: OutletKind
    name: str
    state: ChannelState
    place: Place  # of a push: nothing but `path`, its address
    profile: str  # name; its newest version rules. Empty: our own columns
    plan: SendPlan
    public_key: str
    created_at: datetime
    version: int
    sent_on: date | None = None  # the last day that was dealt with
    last_ok_at: datetime | None = None
    last_error: str = ""
    waiting: int = 0
    dead: int = 0
    client_key: bytes = field(repr=False, default=b"")
    sealed_secret: bytes | None = field(repr=False, default=None)
    old_until: datetime | None = None  # the secret before this one signs beside it until then
    old_secret: bytes | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """One file: what it has, and where it stands. Its lines are those of its export; no copy of it is kept."""

    id: UUID
    outlet: UUID
    client: ClientId
    campaign: CampaignId
    export: UUID
    name: str
    profile: UUID | None  # the version that it is made with
    lines: int
    replacements: int  # of these, lines that take the place of earlier ones
    state: MessageState
    created_at: datetime
    due_at: datetime
    tries: int
    died: int  # so often, in a row, its sender died underway
    error: str
    content_hash: bytes | None  # SHA-256, once it was made
    size: int | None
    done_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """How a try went. `fault` empty: the other side has it."""

    fault: str = ""
    patience: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A file as it goes out: the same at each try. Its content is personal data."""

    id: UUID
    name: str
    media_type: str
    content: bytes = field(repr=False)


class Carrier(Protocol):
    """Brings files to one kind of outlet. Faults come back; a file is there whole, under its name, or not at all."""

    async def carry(self, place: Place, secret: str, bundle: Bundle) -> Carried:
        """Bring it. What is there already with the same content is well."""
        ...

    async def try_out(self, place: Place, secret: str) -> Carried:
        """Whether the way is open. Brings nothing."""
        ...


class LayoutWriter(Protocol):
    """Makes a file in a layout's form that no spreadsheet will execute; the same content each time."""

    def write_layout(self, table: Table, layout: Layout, at: datetime) -> bytes:
        """`at`: the moment that the file says it is of. Run it in a thread."""
        ...


class OutletStore(Protocol):
    """Outlets, their files, and clients' layouts."""

    async def all(self, client: ClientId | None) -> Sequence[Outlet]:
        """By name, with their counts."""
        ...

    async def find(self, outlet: UUID) -> Outlet:
        """Raises NotFoundError."""
        ...

    async def owner_of(self, campaign: CampaignId) -> tuple[ClientId, bytes, str]:
        """Client, its wrapped key, the campaign's name. Raises NotFoundError."""
        ...

    async def add(self, outlet: Outlet) -> None:
        """Raises ConflictError: the client has one of that name, or the campaign has another one that is not off."""
        ...

    async def change(self, outlet: Outlet) -> Outlet | None:
        """Store the next version. None: `outlet.version` is not the newest. Raises ConflictError as `add`."""
        ...

    async def dealt(self, outlet: UUID, day: date) -> None:
        """The day's file is made, or there was nothing to tell."""
        ...

    async def went(self, outlet: UUID, at: datetime, error: str) -> None:
        """How it goes: `error` empty is well."""
        ...

    async def lease(self, outlet: UUID, owner: str, seconds: float) -> bool:
        """Whether this process alone sends for the outlet now. Renews."""
        ...

    async def unlease(self, outlet: UUID, owner: str) -> None:
        """Somebody else may."""
        ...

    async def prepare(self, dispatch: Dispatch, day: date, ending: str) -> Dispatch:
        """Keep that this export goes out, once; its name gets the outlet's next number."""
        ...

    async def due(self, outlet: UUID, at: datetime) -> Dispatch | None:
        """The oldest that is to go, taken: its state is `sending` and its tries count this one.

        Files of an outlet leave in order: none while an earlier one is under way.
        """
        ...

    async def made(self, dispatch: UUID, content_hash: bytes, size: int) -> None:
        """What goes out at this try."""
        ...

    async def settle(
        self, dispatch: Dispatch, event: MessageEvent, at: datetime, *, due_at: datetime | None = None, error: str = ""
    ) -> bool:
        """Move it on. False: it is not where `dispatch` says any more."""
        ...

    async def dispatch(self, dispatch: UUID) -> Dispatch:
        """Raises NotFoundError."""
        ...

    async def dispatches(self, client: ClientId | None, outlet: UUID | None, limit: int) -> Sequence[Dispatch]:
        """The newest first."""
        ...

    async def save_profile(self, profile: Profile, by: UserId | None) -> Profile:
        """As the next version of its name; an equal one is returned as it is."""
        ...

    async def profiles(self, client: ClientId) -> Sequence[Profile]:
        """The newest version of each, by name."""
        ...

    async def profile_versions(self, client: ClientId, name: str, limit: int) -> Sequence[Profile]:
        """Of one layout, the newest first."""
        ...

    async def profile(self, profile: UUID) -> Profile:
        """One version. Raises NotFoundError."""
        ...
