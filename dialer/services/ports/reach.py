"""A campaign's reach: what is counted, what is expected, and what was expected before."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from dialer.domain.ids import CampaignId
from dialer.schedule.model import Limits
from dialer.schedule.planner.forecast import Group
from dialer.schedule.planner.holdout import Outcome
from dialer.schedule.planner.values import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachFacts:
    """A campaign as it stands. Callable: has a usable number, and was not withdrawn, recalled or merged."""

    groups: Sequence[Group]  # of the callable
    open: int  # may still be called
    helped: int  # reached, and accepted help
    refused: int  # reached, and wants no help or no further calls
    late: int  # open, and waiting for their turn since two hours or more
    dialled: int  # attempts in the last seven days
    dialled_since: datetime | None  # the first of those
    limits: Limits
    calendar: Mapping[str, Any]  # as `windows.parse` reads it
    hold_out: float  # share, as the newest compared case had it; 0: nothing to compare
    compared: Sequence[Outcome]  # cases of that share whose time is over


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase:
    """A case to forecast: without ids of the resident's, the next attempt not before `start`."""

    record: Record
    start: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptReport:
    """A report as it was kept (figures only), and when it was made."""

    at: datetime
    report: Mapping[str, Any]


class ReachStore(Protocol):
    """Reads the ledger, keeps reports."""

    async def due(self, at: datetime) -> Sequence[CampaignId]:
        """Campaigns without a report of this calendar day in which anything can have changed since the last."""
        ...

    async def facts(self, campaign: CampaignId, at: datetime) -> ReachFacts:
        """Raises NotFoundError."""
        ...

    def open_cases(self, campaign: CampaignId, at: datetime, most: int) -> AsyncGenerator[Sequence[OpenCase], None]:
        """Open cases in small batches; a random `most` of them (the same each time) when there are more."""
        ...

    async def save(self, campaign: CampaignId, kept: KeptReport) -> None:
        """One a calendar day; a later one takes its place."""
        ...

    async def earlier(self, campaign: CampaignId, most: int) -> Sequence[KeptReport]:
        """The newest first."""
        ...

    async def foretold(self) -> Sequence[tuple[CampaignId, Mapping[str, Any]]]:
        """Of every campaign, the earlier forecasts whose time has come, with what came out, as its newest report has
        them."""
        ...

    async def promised(self, campaign: CampaignId) -> float | None:
        """The share promised to the client, if any. Raises NotFoundError."""
        ...
