"""Results out. `storage/` implements the store, `intake/` the files. Times are calendar time, aware UTC."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol
from uuid import UUID

from dialer.domain.ids import CampaignId, CaseId, ClientId, DeliveryId, SignalId, UserId
from dialer.services.ports.people import Box


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Header and rows of text for a file. Often personal data: never logged."""

    header: Sequence[str]
    rows: Iterable[Sequence[str]] = field(repr=False)


class TableWriter(Protocol):
    """Makes files that no spreadsheet will execute."""

    def write(self, table: Table, format_: str, out: BinaryIO) -> None:
        """As `csv` or `xlsx`. Raises InvalidError for another format. Run it in a thread."""
        ...

    def write_file(self, table: Table, format_: str, path: Path) -> None:
        """The same to a file of mode 0600, whole or not at all."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRun:
    """An export as stored. Its lines never change."""

    id: UUID
    client: ClientId
    campaign: CampaignId
    kind: str  # full | delta
    created_at: datetime
    created_by: UserId | None
    lines: int
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRow:
    """A signal's present result, as the ledger has it, and what of it went out before."""

    signal: SignalId
    case: CaseId
    result_version: int
    sent: bool  # in a confirmed export
    sent_case: CaseId | None
    sent_version: int
    facts: Mapping[str, object]
    delivery: DeliveryId
    delivery_key: bytes | None = field(repr=False)
    note: Box | None = field(repr=False)  # of the attempt whose outcome stands

    @property
    def action(self) -> str:
        """new | replacement | unchanged. A signal that moved to another case has another result, at any version."""
        if not self.sent:
            return "new"
        same = self.sent_case == self.case and self.sent_version == self.result_version
        return "unchanged" if same else "replacement"

    @property
    def is_news(self) -> bool:
        """Whether a delta tells it."""
        return self.action == "replacement" or (not self.sent and self.result_version > 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportLine:
    """One line of an export, as stored."""

    position: int
    signal: SignalId
    case: CaseId
    result_version: int
    action: str
    facts: Mapping[str, object]
    delivery: DeliveryId
    sealed: bytes | None = field(repr=False)  # the note


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLine:
    """A line read back, with what opens its note."""

    line: ExportLine
    client_ref: str
    signal_ref: str
    partner_type: str
    client_key: bytes = field(repr=False)
    delivery_key: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeLabel:
    """An outcome's words."""

    nl: str
    en: str
    ddas: str


MakeLines = Callable[[Sequence[ResultRow], bytes], Sequence[ExportLine]]
"""(all results of the campaign in order of reference, wrapped client key) -> the lines of an export."""


class ExportStore(Protocol):
    """Exports and their lines."""

    async def create(self, run: ExportRun, make: MakeLines) -> tuple[ExportRun, bool]:
        """Store the lines that `make` draws from the results, in one transaction and one snapshot; True: made now.

        A delta that was not confirmed yet is returned as it is instead of a new one. `make` runs in a thread. Raises
        NotFoundError for an unknown campaign.
        """
        ...

    async def client_of(self, campaign: CampaignId) -> ClientId:
        """Raises NotFoundError."""
        ...

    async def run(self, export: UUID) -> ExportRun:
        """Raises NotFoundError."""
        ...

    async def runs(self, campaign: CampaignId) -> Sequence[ExportRun]:
        """The newest first."""
        ...

    async def lines(self, export: UUID) -> Sequence[StoredLine]:
        """By position."""
        ...

    async def confirm(self, export: UUID, at: datetime) -> ExportRun:
        """The client has it. Twice is once. Raises NotFoundError."""
        ...

    async def labels(self) -> Mapping[str, OutcomeLabel]:
        """All outcomes by code, the newest version's words."""
        ...
