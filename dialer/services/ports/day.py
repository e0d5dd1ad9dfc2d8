"""A supervisor's day: what it starts with, and what came of it. Pseudonymous."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dialer.domain.ids import CampaignId, CaseId, ClientId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class DayAppointment:
    """Agreed with a resident for today. `agent`: who made it, and is wanted for it."""

    case: CaseId
    campaign: CampaignId
    at: datetime
    agent: UserId | None
    crisis: bool
    missed: bool  # the time is past and nobody dialled


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCampaign:
    """One campaign's day."""

    campaign: CampaignId
    name: str
    state: str
    callbacks: int  # requests that nobody has taken
    oldest_callback: datetime | None
    ends_soon: int  # cases that may be called until the end of the next working day only
    ends_soon_crisis: int  # of these
    last_list_at: datetime | None  # None: none has come
    loading: int  # lists that are not whole: being loaded, or cut off in it
    dialled: int  # calls out today
    answered: int  # of these, by a person as far as is known
    reached: int
    abandoned: int
    abandoned_percent: float  # of answered calls, promised at most
    abandoned_hours: float  # over which that is measured; 24: today
    answered_within: int  # of today's calls, in those hours
    abandoned_within: int  # of these
    reach: float | None  # share of the callable who were spoken to, by the newest report; None: none yet
    promised: float | None  # share that the client was promised


@dataclass(frozen=True, slots=True, kw_only=True)
class DayWrapUps:
    """Somebody's calls that are over, but not filed."""

    user: UserId
    count: int
    oldest: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The whole. `appointments`: the first hundred; `appointments_total` counts all."""

    at: datetime
    appointments: Sequence[DayAppointment]
    appointments_total: int
    campaigns: Sequence[DayCampaign]
    wrap_ups: Sequence[DayWrapUps]
    exports_open: int  # exports that their client has not confirmed


@dataclass(frozen=True, slots=True, kw_only=True)
class DayBounds:
    """Moments that cut the days: `begin` and `end` of today, and of which terms end soon."""

    now: datetime
    begin: datetime
    end: datetime
    soon: datetime
    missed_before: datetime


class DayBook(Protocol):
    """Reads only."""

    async def day(self, client: ClientId | None, bounds: DayBounds) -> Day:
        """Of one client's campaigns; None: of all that are not stopped."""
        ...
