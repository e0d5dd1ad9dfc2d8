"""Reading lists, and storing what they bring. `intake/` implements the reading, `storage/` the storing.

Times are calendar time, aware UTC.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

from dialer.domain.errors import InvalidError
from dialer.domain.ids import CampaignId, CaseId, ClientId, DeliveryId, ResidentId, SignalId, UserId
from dialer.domain.intake import Issue, NumbersRow, SignalRow
from dialer.domain.visits import VisitRow
from dialer.services.ports.intake_rows import BatchKeys, CampaignInfo, Changes, Known, NewCase, NewResident, SealedRow


class FileRefusedError(InvalidError):
    """The file as a whole cannot be read. `reason` is a stable word, `line` the row where it broke, if one did."""

    code = "file-refused"

    def __init__(
        self,
        reason: str,
        message: str,
        *,
        line: int | None = None,
        headings: Sequence[str] = (),
        columns: Mapping[str, str] | None = None,
    ) -> None:
        """Where columns are missing: `headings` that were found, `columns` as far as they were understood."""
        super().__init__(message, "file")
        self.reason = reason
        self.line = line
        self.headings = list(headings)
        self.columns = dict(columns or {})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOrder:
    """What to read, and how. `columns` maps our fields to the file's headers; None: guess from the headers."""

    path: Path
    kind: str  # list | numbers | visits
    columns: Mapping[str, str] | None
    today: date  # Amsterdam
    demo: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceInfo:
    """What the file turned out to be."""

    format: str  # csv | json | xlsx
    content_hash: bytes  # SHA-256 of the file
    size: int  # bytes
    encoding: str  # csv only
    delimiter: str  # csv only
    header: Sequence[str]
    columns: Mapping[str, str]  # field -> header, as used


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRow:
    """One row of the file. `number` counts as a spreadsheet does, the header included."""

    number: int
    row: SignalRow | NumbersRow | VisitRow | None
    issues: Sequence[Issue]
    cells: Sequence[str] = field(default=(), repr=False)  # as they stood, of refused rows only


class ListStream(Protocol):
    """A file being read. Leaving its context before the end stops the reading."""

    @property
    def info(self) -> SourceInfo:
        """Known before the first row."""
        ...

    def batches(self) -> AsyncIterator[Sequence[ReadRow]]:
        """Rows in order. Raises FileRefusedError where the file breaks off, UnavailableError if the reader died."""
        ...


class ListReader(Protocol):
    """Opens files. Memory does not depend on their size."""

    def open(self, order: ReadOrder) -> AbstractAsyncContextManager[ListStream]:
        """Raises FileRefusedError when it is no readable list."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDelivery:
    """A delivery about to be loaded."""

    delivery: DeliveryId
    client: ClientId
    campaign: CampaignId
    kind: str  # list | numbers | visits
    content_hash: bytes
    format: str
    mapping: UUID | None
    received_at: datetime
    received_by: UserId | None
    wrapped_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryInfo:
    """A delivery as stored."""

    delivery: DeliveryId
    client: ClientId
    campaign: CampaignId
    kind: str
    format: str
    state: str  # loading | loaded | recalled
    received_at: datetime
    received_by: UserId | None
    recalled_at: datetime | None
    counts: Mapping[str, object]
    wrapped_key: bytes | None = field(repr=False)  # None once recalled
    client_key: bytes = field(repr=False)  # wrapped


class LoadSession(Protocol):
    """The one writer of a delivery, as long as its context lives."""

    async def apply(self, keys: BatchKeys, plan: Callable[[Known], Changes], lane: int = 0) -> Changes:
        """One batch in one transaction: look up, let `plan` decide (in a thread), write.

        Batches of different lanes may run at once; a resident always goes by the same lane.
        `plan` may be called again when another writer came in between.
        """
        ...

    async def finish(self, counts: Mapping[str, int], *, of_cases: bool = True) -> Mapping[str, int]:
        """The delivery is loaded: its cases may be dialled from now on. Returns the counts as stored, with those of
        its cases unless it has none by its nature.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMapping:
    """A client's saved mapping; each save is a new version."""

    id: UUID
    client: ClientId
    name: str
    version: int
    kind: str  # list | numbers | visits
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A refused cell, or a remark, of a stored delivery."""

    row: int
    column: str
    reason: str
    fatal: bool
    sealed: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalledLine:
    """For the report of a recall: one attempt to a resident of the delivery."""

    attempt: UUID
    case: CaseId
    client_refs: Sequence[str]
    direction: str
    at: datetime
    outcome: str
    reached: bool
    joined: bool  # spoke with an agent


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenLine:
    """For the report of a recall: one look at a resident's data."""

    at: datetime
    actor: str
    action: str
    subject_kind: str
    subject_id: str
    case: CaseId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToEnrich:
    """A signal of a resident without a number, with what opens the resident's data."""

    client_ref: str
    signal_ref: str
    resident: ResidentId
    client: ClientId
    client_key: bytes = field(repr=False)
    delivery: DeliveryId
    delivery_key: bytes | None = field(repr=False)
    sealed: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitSource:
    """A signal that is to be told apart from the case it joined."""

    signal: SignalId
    case: CaseId
    resident: ResidentId
    client: ClientId
    campaign: CampaignId
    client_ref: str
    match_key: bytes = field(repr=False)
    delivery: DeliveryId
    client_key: bytes = field(repr=False)
    delivery_key: bytes | None = field(repr=False)
    sealed_resident: bytes | None = field(repr=False)
    sealed_signal: bytes | None = field(repr=False)
    crisis: bool
    language: str
    catalogue_version: int
    term_ends_at: datetime
    plan_ends_at: datetime
    has_number: bool  # an open one that this signal's delivery brought


class IntakeStore(Protocol):
    """Deliveries and what they hold."""

    async def campaign(self, campaign: CampaignId) -> CampaignInfo:
        """Raises NotFoundError."""
        ...

    async def find_campaign(self, client: str, name: str) -> CampaignId:
        """By the client's slug (empty: the only one with that name) and the campaign's name. Raises NotFoundError."""
        ...

    async def known(self, client: ClientId, campaign: CampaignId, keys: BatchKeys) -> Known:
        """Look up without changing anything, for the dry run."""
        ...

    async def existing(self, campaign: CampaignId, content_hash: bytes) -> DeliveryInfo | None:
        """The delivery of this content that was not recalled."""
        ...

    async def begin(self, new: NewDelivery) -> tuple[DeliveryInfo, bool]:
        """Insert, or find the delivery of the same content; True when it is new."""
        ...

    def session(
        self, delivery: DeliveryId, client: ClientId, campaign: CampaignId, lanes: int = 1
    ) -> AbstractAsyncContextManager[LoadSession]:
        """Become the delivery's one writer. Raises ConflictError when another process is.

        Waits for another load of the same client to end.
        """
        ...

    async def delivery(self, delivery: DeliveryId) -> DeliveryInfo:
        """Raises NotFoundError."""
        ...

    async def deliveries(self, campaign: CampaignId) -> Sequence[DeliveryInfo]:
        """The newest first."""
        ...

    async def refusals(self, delivery: DeliveryId) -> Sequence[Refusal]:
        """By row."""
        ...

    async def refused_header(self, delivery: DeliveryId) -> bytes | None:
        """The sealed header of the delivery's file; None when no row was refused."""
        ...

    async def mark_recalled(self, delivery: DeliveryId, at: datetime, by: UserId | None) -> bool:
        """First step of a recall, in one short statement: no new dial, key destroyed. False: done before."""
        ...

    async def finish_recall(self, delivery: DeliveryId, at: datetime, batch: int = 2000) -> int:
        """Second step: cases closed, signals freed, boxes deleted. May be run again; returns all cases closed."""
        ...

    async def unfinished_recalls(self) -> Sequence[DeliveryId]:
        """Recalled deliveries whose second step was cut short."""
        ...

    async def called(self, delivery: DeliveryId) -> Sequence[CalledLine]:
        """Attempts to residents of this delivery's signals."""
        ...

    async def seen(self, delivery: DeliveryId) -> Sequence[SeenLine]:
        """Audited looks at residents of this delivery's signals."""
        ...

    async def save_mapping(self, mapping: ColumnMapping, at: datetime, by: UserId | None) -> ColumnMapping:
        """Store as the next version; an equal latest version is returned as it is."""
        ...

    async def mapping(self, client: ClientId, name: str) -> ColumnMapping | None:
        """The latest version."""
        ...

    async def mappings(self, client: ClientId) -> Sequence[ColumnMapping]:
        """The latest version of each name."""
        ...

    async def rename_mapping(self, client: ClientId, name: str, new_name: str) -> bool:
        """All versions, and in the sources that read with it. False: there is none.

        Raises ConflictError: the name is taken.
        """
        ...

    async def remove_mapping(self, client: ClientId, name: str, at: datetime) -> Sequence[str]:
        """No longer offered. Returns the sources that read with it: then nothing was done. Raises NotFoundError."""
        ...

    async def split_source(self, signal: SignalId) -> SplitSource:
        """The signal to be told apart. Raises NotFoundError."""
        ...

    async def split(self, signal: SignalId, old: CaseId, resident: NewResident, case: NewCase, box: SealedRow) -> None:
        """Give a signal a resident and a case of its own, with the numbers that its delivery brought.

        Raises ConflictError when it is the case's only signal, or the case is over.
        """
        ...

    async def to_enrich(self, campaign: CampaignId) -> Sequence[ToEnrich]:
        """Signals of cases without a number."""
        ...
