"""A call that its agent gives to somebody else, as the API and the stores need it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from dialer.domain.ids import AttemptId, ClientId, UserId
from dialer.domain.transfer import Transfer, TransferEvent, Way
from dialer.domain.transfer_target import TransferTarget


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferView:
    """A transfer as the screens of both agents show it."""

    state: str  # TransferState
    way: str  # Way
    kind: str  # TargetKind
    name: str  # of the target; for the colleague who gets the call: of whoever gives it
    incoming: bool  # for the colleague
    since: float  # unix seconds
    why: str  # TransferEnd, once it goes back or is over; else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetChoice:
    """A target, as an agent may choose it. Its number stays here."""

    id: UUID
    kind: str
    name: str
    languages: Sequence[str]
    open: bool  # by its hours, now
    closes_at: datetime | None = None  # aware; while it is open
    opens_at: datetime | None = None  # aware; while it is closed; None: never
    protocol: str = ""  # of a crisis desk: what the agent does first; "": the usual one


@dataclass(frozen=True, slots=True, kw_only=True)
class ColleagueChoice:
    """Somebody who is free now and serves the same campaign."""

    user: UserId
    name: str
    languages: Sequence[str] = ()  # beside Dutch


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferChoices:
    """To whom this call may go now."""

    targets: Sequence[TargetChoice]
    colleagues: Sequence[ColleagueChoice]


class TransferTargetStore(Protocol):
    """Keeps targets."""

    async def of(self, client: ClientId) -> Sequence[TransferTarget]:
        """All of a client's, in their order."""
        ...

    async def find(self, target: UUID) -> TransferTarget:
        """Raises NotFoundError."""
        ...

    async def add(self, target: TransferTarget) -> None:
        """Raises NotFoundError for a client that does not exist."""
        ...

    async def change(self, target: TransferTarget) -> TransferTarget | None:
        """Store it as the next version. None: `target.version` is not the newest."""
        ...


class Transfers(Protocol):
    """Errors are DialerErrors; a refusal's `code` is one of `services.transfers.TRANSFER_CODES`."""

    async def choices(self, user: UserId, attempt: AttemptId) -> TransferChoices:
        """To whom the agent's call may go."""
        ...

    async def start(
        self, user: UserId, attempt: AttemptId, way: Way, *, target: UUID | None, colleague: UserId | None
    ) -> Transfer:
        """Music for the resident; the target is rung."""
        ...

    async def step(self, user: UserId, attempt: AttemptId, event: TransferEvent) -> Transfer:
        """Three together, leave, or the resident back."""
        ...


def transfer_view(transfer: Transfer, *, incoming: str = "") -> TransferView:
    """As the screens show it. `incoming`: who gives the call, for the colleague."""
    return TransferView(
        state=transfer.state.value,
        way=transfer.way.value,
        kind=transfer.kind.value,
        name=incoming or transfer.name,
        incoming=bool(incoming),
        since=transfer.since,
        why="" if transfer.why is None else transfer.why.value,
    )
