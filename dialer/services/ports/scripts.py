"""Conversation scripts as screens have them, and the store behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from dialer.domain.ids import AttemptId, CampaignId, ClientId, UserId
from dialer.domain.script import Script
from dialer.domain.script_diff import StepChange

SHIPPED = UUID("00000000-0000-7000-8000-000000000001")
"""The script that ships with the service and belongs to no client. Campaigns that chose none have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptLine:
    """One script. Numbers of versions; None: there is none such."""

    id: UUID
    client: ClientId | None  # None: shipped
    name: str
    newest: int | None
    approved: int | None  # the one that calls get
    waiting: int | None  # for the client's decision
    draft_version: int
    draft_at: datetime
    draft_by: str  # "" for the service itself
    draft_differs: bool  # from the newest version


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemLine:
    """One thing that is wrong, in words."""

    code: str
    step: str
    where: str
    text: str
    blocking: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptDraft:
    """What a supervisor edits: the line, the body in its JSON form, what is wrong, what differs from the newest."""

    line: ScriptLine
    body: Mapping[str, Any]
    problems: Sequence[ProblemLine]
    changes: Sequence[StepChange]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """A version as stored. `state`: waiting, approved, refused, superseded (nobody decided before the next one)."""

    id: UUID
    script: UUID
    client: ClientId | None
    name: str  # of the script
    number: int
    note: str
    same_as: int | None
    at: datetime
    by: str
    state: str
    decided_at: datetime | None
    decided_by: str
    decided_note: str
    body: Script


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionLine:
    """A version for a screen, with what it changed."""

    id: UUID
    number: int
    note: str
    same_as: int | None
    at: datetime
    by: str
    state: str
    decided_at: datetime | None
    decided_by: str
    decided_note: str
    changes: Sequence[StepChange]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallScript:
    """The version that a campaign or a call has."""

    script: UUID
    name: str
    shipped: bool
    version: UUID
    number: int
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Who does something when, for the audit."""

    actor: str
    user: UserId | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVersion:
    """A version to be kept. `carry`: its words were approved before, so it is approved at once."""

    id: UUID
    script: UUID
    base: int | None  # the newest number when this one was made; the next is made only after it
    body: Script
    note: str
    same_as: int | None = None
    carry: bool = False
    draft_version: int | None = None  # the draft that it was made of
    draft: Script | None = None  # what the draft becomes


class ScriptStore(Protocol):
    """One method is one transaction. Every change leaves its audit line in it."""

    async def seed(self, body: Script, version: UUID, at: datetime) -> None:
        """Keep what ships with the service, as a new version where it differs from the newest."""
        ...

    async def lines(self, client: ClientId | None) -> Sequence[ScriptLine]:
        """The shipped one and this client's (None: everybody's), by name."""
        ...

    async def draft(self, script: UUID) -> tuple[ScriptLine, Script]:
        """Raises NotFoundError."""
        ...

    async def add(self, script: UUID, client: ClientId, name: str, body: Script, act: Act) -> None:
        """Raises ConflictError when the name is taken, NotFoundError without such a client."""
        ...

    async def save_draft(self, script: UUID, version: int, body: Script, act: Act) -> int | None:
        """The draft's new version; None when `version` is not the newest."""
        ...

    async def versions(self, script: UUID, most: int) -> Sequence[VersionRow]:
        """The newest first."""
        ...

    async def version(self, version: UUID) -> VersionRow:
        """Raises NotFoundError."""
        ...

    async def keep(self, new: NewVersion, act: Act) -> int | None:
        """Its number; None when somebody made another version, or changed the draft, meanwhile."""
        ...

    async def decide(self, version: UUID, decision: str, note: str, act: Act) -> bool:
        """False when it is not the newest, or was decided already."""
        ...

    async def client_of_campaign(self, campaign: CampaignId) -> tuple[ClientId, int]:
        """(client, its version of the outcome catalogue). Raises NotFoundError."""
        ...

    async def of_campaign(self, campaign: CampaignId) -> VersionRow:
        """The newest approved version of what it chose. Raises NotFoundError."""
        ...

    async def choose(self, campaign: CampaignId, script: UUID | None, act: Act) -> None:
        """From the next call on."""
        ...

    async def of_call(self, attempt: AttemptId, at: datetime) -> VersionRow:
        """The call's own version, chosen now if it has none. Raises NotFoundError while the ledger has no such call."""
        ...
