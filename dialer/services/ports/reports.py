"""Reports: what was asked, and what is counted for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from dialer.domain.ids import CampaignId, CaseId, ClientId, UserId
from dialer.domain.reports.operations import Agreement
from dialer.domain.reports.reach import Dimension, ReachTables


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A report that is asked for. Days are Amsterdam dates of deliveries, both included."""

    id: UUID
    client: ClientId
    campaign: CampaignId | None  # None: all of the client
    definitions: int
    operations: int  # version of what is counted of the work
    first_day: date
    last_day: date
    at: datetime
    by: UserId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """The newest forecast of a campaign, its promise and its band, as they stood. Shares 0..1, the band in points."""

    campaign: CampaignId
    name: str
    at: datetime | None  # None: not reckoned yet
    share: float | None  # reached so far, as the forecast counted it
    callable: int | None
    reached: int | None
    expected: float | None
    low: float | None
    high: float | None
    promised: float | None
    band_points: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A report that was asked for before."""

    asked: Asked
    client_name: str
    campaign_name: str
    expected: Sequence[Expectation]
    automatic: bool  # made by the clock
    agreed: Mapping[str, Agreement]  # for KPIs, as it stood; one that is not named has its usual


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """What was agreed when reach was off expectation. `before`: the expectation at that moment."""

    id: UUID
    client: ClientId
    campaign: CampaignId
    campaign_name: str
    at: datetime
    by: UserId
    by_name: str
    agreed_on: date
    agreed_with: str
    agreed: str
    before: Expectation


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One case behind a figure. The case's own page says who it is."""

    case: CaseId
    delivery: UUID
    opened_at: datetime
    reached_at: datetime | None
    state: str
    outcome: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Which records: of a measure, and of one row of a table."""

    measure: str
    dimension: Dimension | None = None
    key: str = ""


class ReportStore(Protocol):
    """What is counted, and what was asked."""

    async def begin(self) -> None:
        """At the start: a database that was restored into another cluster counts transactions anew."""
        ...

    async def ask(self, asked: Asked) -> Run:
        """Keep a report with the snapshot of now. Raises NotFoundError."""
        ...

    async def run(self, report: UUID) -> Run:
        """Raises NotFoundError."""
        ...

    async def runs(self, client: ClientId | None, after: UUID | None, limit: int) -> Sequence[Run]:
        """The newest first."""
        ...

    async def reach(self, report: UUID) -> ReachTables:
        """Counted in the snapshot of the report: the same each time. Raises NotFoundError."""
        ...

    async def deliveries(self, ids: Sequence[UUID]) -> Mapping[UUID, datetime]:
        """When each was received."""
        ...

    async def records(self, report: UUID, part: Slice, after: CaseId | None, limit: int) -> Sequence[Record]:
        """By id, in the snapshot of the report."""
        ...

    async def expectations(self, client: ClientId | None, campaign: CampaignId | None) -> Sequence[Expectation]:
        """Of campaigns that have begun and are not stopped; of one campaign whatever its state."""
        ...

    async def adjust(self, adjustment: Adjustment) -> None:
        """Add a line to the log."""
        ...

    async def adjustments(self, report: UUID) -> Sequence[Adjustment]:
        """Of the report's campaigns until its time, the newest first."""
        ...

    async def adjustments_of(self, campaign: CampaignId) -> Sequence[Adjustment]:
        """The newest first."""
        ...


def expectation_json(one: Expectation) -> Mapping[str, Any]:
    """As it is kept."""
    return {
        "campaign": str(one.campaign),
        "name": one.name,
        "at": None if one.at is None else one.at.isoformat(),
        "share": one.share,
        "callable": one.callable,
        "reached": one.reached,
        "expected": one.expected,
        "low": one.low,
        "high": one.high,
        "promised": one.promised,
        "band_points": one.band_points,
    }


def expectation_of(data: Mapping[str, Any]) -> Expectation:
    """Out of what was kept."""
    at = data["at"]
    return Expectation(
        **{
            **data,
            "campaign": CampaignId(UUID(data["campaign"])),
            "at": None if at is None else datetime.fromisoformat(at),
        }
    )
