"""Results out. `storage/` implements the store, `intake/` the files. Times are calendar time, aware UTC."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
    sent_case: CaseId | None  # of the last confirmed export line; None: never sent
    sent_version: int
    facts: Mapping[str, object]
    note: Box | None = field(repr=False)  # of the attempt whose outcome stands


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportLine:
    """One line of an export."""

    position: int
    signal: SignalId
    case: CaseId
    result_version: int
    action: str  # new | replacement | unchanged
    facts: Mapping[str, object]
    delivery: DeliveryId | None
    sealed: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLine:
    """A line read back, with what opens its note."""

    line: ExportLine
    client_ref: str
    signal_ref: str
    partner_type: str
    client_key: bytes = field(repr=False)
    delivery_key: bytes | None = field(repr=False)


class ExportStore(Protocol):
    """Exports and their lines."""

    async def create(
        self,
        run: ExportRun,
        make: MakeLines,
    ) -> ExportRun:
        """Read the results and store the lines that `make` draws from them, in one transaction and one snapshot.

        For a delta with an unconfirmed delta before it, that one is returned and nothing is made.
        """
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

    async def outcomes(self, campaign: CampaignId) -> Mapping[str, OutcomeLabel]:
        """The catalogue, by code; all versions that the campaign's cases use, the newest winning."""
        ...


class MakeLines(Protocol):
    """Draws the lines of an export from the results."""

    def __call__(self, results: Sequence[ResultRow]) -> Sequence[ExportLine]:
        """Called once, in a thread."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeLabel:
    """An outcome's words."""

    nl: str
    en: str
    ddas: str
