"""Residents whom an agent looks at before he has them called: a hold on the case, for as long as somebody looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from dialer.domain.ids import CampaignId, CaseId, PhoneId, UserId
from dialer.services.ports.ledger import ClaimOrder


class SkipReason(StrEnum):
    """Why an agent does not have this resident called. The case stays due, for colleagues."""

    ACQUAINTED = "acquainted"  # knows the resident
    LANGUAGE = "language"  # does not speak it
    SPOKEN = "spoken"  # was spoken to already, by another way
    OTHER = "other"


class Showing(StrEnum):
    """What an agent is shown."""

    RESIDENT = "resident"
    NOBODY = "nobody"  # the rules allow nobody now
    TIME_OVER = "time_over"  # the campaign's time to look has passed: the case is free again
    BUSY = "busy"  # not free for a call
    OFF = "off"  # no campaign of his in which agents call at their own word


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A case that is held for somebody."""

    case: CaseId
    campaign: CampaignId
    phone: PhoneId
    number: str = field(repr=False)  # E.164
    attempt_number: int  # 1..7 on this number


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewView:
    """What an agent sees before the call: name, number and which attempt it will be, and nothing of the signal."""

    showing: Showing
    case: CaseId | None = None
    campaign: CampaignId | None = None
    name: str = field(default="", repr=False)
    number: str = field(default="", repr=False)
    attempt_number: int = 0
    seconds_left: float | None = None  # None: no limit
    skips_left: int = 0


class PreviewStore(Protocol):
    """Holds and skips. One method is one transaction; holds run by the database's clock, as leases do."""

    async def hold(self, order: ClaimOrder, but: Sequence[CaseId], seconds: float) -> Held | None:
        """The case that a claim would take first, for the order's agent. Raises LostLeaseError, UnavailableError."""
        ...

    async def keep(self, user: UserId, case: CaseId, seconds: float) -> float | None:
        """Hold on; returns since how many seconds. None: it is his no more."""
        ...

    async def drop(self, user: UserId) -> None:
        """He looks no more."""
        ...

    async def skip(self, user: UserId, case: CaseId, reason: str, at: datetime) -> bool:
        """Let it go, and remember why. False: it was his no more."""
        ...

    async def skipped(self, user: UserId, since: datetime) -> Sequence[tuple[CaseId, datetime]]:
        """Cases that he let go."""
        ...
