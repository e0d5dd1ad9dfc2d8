"""Steering single cases, and looking at one to say why it is not called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from dialer.domain.ids import CampaignId, CaseId, PhoneId
from dialer.schedule.model import History, Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOutlook:
    """A case as the rules see it now, and its plan."""

    campaign: CampaignId
    history: History
    limits: Limits
    next_at: datetime | None
    next_reason: Mapping[str, Any]
    next_number: int | None  # position in the list's order; None: not chosen yet
    language: str = ""  # the resident's
    speaker_until: datetime | None = None  # so long he waits for an agent who speaks it; None: he does not


@dataclass(frozen=True, slots=True, kw_only=True)
class PastOutlook:
    """A case as the rules would have seen it at a past moment, and the dial that came next.

    Limits and hours are today's; `changed_since`: the campaign's or the client's settings were changed later.
    """

    campaign: CampaignId
    history: History
    limits: Limits
    campaign_state: str
    changed_since: bool
    next_at: datetime | None
    next_number: int | None
    next_reason: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Steering:
    """Who does what to a case, and why. `reason` goes into the audit: it must name nobody."""

    case: CaseId
    actor: str
    reason: str
    at: datetime


class CaseStore(Protocol):
    """One method is one transaction, effective for the very next dial. Raises NotFoundError."""

    async def outlook(self, case: CaseId, at: datetime) -> CaseOutlook:
        """As it is now, without a lock."""
        ...

    async def past(self, case: CaseId, at: datetime) -> PastOutlook | None:
        """The case at a past moment; None: it was not there yet. Raises NotFoundError."""
        ...

    async def withdraw(self, steering: Steering) -> None:
        """The client takes the resident back. Raises IllegalTransitionError when a result stands already."""
        ...

    async def release(self, steering: Steering) -> None:
        """A held or withdrawn case may be called. Raises IllegalTransitionError, ConflictError."""
        ...

    async def lift_opt_out(self, steering: Steering) -> None:
        """The resident asked to be called again. Raises ConflictError when there is no opt-out."""
        ...

    async def unblock(self, steering: Steering, phone: PhoneId) -> None:
        """The number may be called again. Raises ConflictError when it is not blocked."""
        ...

    async def merge(self, steering: Steering, other: CaseId) -> None:
        """`other` is the same person's: `steering.case` answers for both from now on, and only it is dialled.

        Raises NotNowError with what stands in the way (`domain.merge`).
        """
        ...

    async def unmerge(self, steering: Steering) -> CaseId:
        """The case stands alone again, as it was; what was done since stays with the one that was kept, whose id is
        returned. Raises NotNowError.
        """
        ...

    async def close_ended(self, at: datetime, limit: int) -> int:
        """Close up to `limit` cases whose planning is over, so that their result can go out; returns how many."""
        ...
