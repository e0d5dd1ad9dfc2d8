"""What is counted of the work in the days of a report, and what was agreed with a client for its KPIs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from dialer.domain.ids import CaseId, ClientId
from dialer.domain.reports.kpis import Period
from dialer.domain.reports.operations import Agreement, Found


class RecordKind(StrEnum):
    """What stands behind a figure."""

    CASE = "case"
    CALL = "call"
    APPOINTMENT = "appointment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A count of a section: of one row, or of the total (an empty key)."""

    section: str
    figure: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRecord:
    """One record behind a count. `case` None: a caller of whom nobody knows who he is."""

    id: UUID
    kind: RecordKind
    case: CaseId | None
    at: datetime  # of a case: when its list came; of an appointment: when it is
    direction: str  # out | in; of a call
    result: str  # outcome code; `state:` and a case's or an appointment's state where there is none; "" nothing filed


class OperationsStore(Protocol):
    """Counts in the snapshot of a report."""

    async def count(self, report: UUID, periods: Sequence[Period]) -> Sequence[Found]:
        """Of each of these, which follow each other, the oldest first. Raises NotFoundError.

        They may be earlier than the days of the report.
        """
        ...

    async def work_records(
        self, report: UUID, period: Period, cell: Cell, after: UUID | None, limit: int
    ) -> Sequence[WorkRecord]:
        """By id. Raises NotFoundError."""
        ...


class KpiStore(Protocol):
    """What was agreed; a KPI that is not named has its usual."""

    async def agreed(self, client: ClientId) -> Mapping[str, Agreement]:
        """As it stands now. Raises NotFoundError."""
        ...

    async def agree(self, client: ClientId, agreed: Mapping[str, Agreement], at: datetime, actor: str) -> None:
        """In the place of all that was agreed; audited in the same transaction. Raises NotFoundError."""
        ...
