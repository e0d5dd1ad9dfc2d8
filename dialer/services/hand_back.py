"""What is due to clients, what is late, and what they have not confirmed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dialer.domain.exchange import MessageKind, kind_of
from dialer.domain.ids import CampaignId, CaseId, ClientId
from dialer.schedule.hand_back import due
from dialer.services.ports.clock import Clock
from dialer.services.ports.hand_back import HandBackStore, OpenResult

LOOK_BACK = timedelta(days=730)
"""No shorter than a result without a receipt may keep data: what is waited for is told of."""
MOST = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class DueResult:
    """One result and when it must be with its client."""

    case: CaseId
    campaign: CampaignId
    client_ref: str
    kind: MessageKind
    outcome: str
    settled_at: datetime
    due_at: datetime
    late: bool
    stage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """What clients should have confirmed."""

    counts: Mapping[CampaignId, Mapping[MessageKind, int]]  # results that are late
    longest: Mapping[CampaignId, timedelta]  # since the term of the one that has waited longest; 0: none is late


class HandBack:
    """The list."""

    def __init__(self, store: HandBackStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def due(self, client: ClientId | None) -> Sequence[DueResult]:
        """What goes first stands first."""
        now = self._clock.now()
        found = await self._store.open_results(client, now - LOOK_BACK, MOST)
        results = [self._due(one, now) for one in found]
        return sorted((one for one in results if one is not None), key=lambda one: (one.due_at, one.case))

    async def late(self) -> Late:
        """How many are late, and how long: for the alerts."""
        counts: dict[CampaignId, Counter[MessageKind]] = {}
        longest: dict[CampaignId, timedelta] = {}
        now = self._clock.now()
        for one in await self.due(None):
            counts.setdefault(one.campaign, Counter())[one.kind] += one.late
            waited = max(timedelta(0), now - one.due_at)
            longest[one.campaign] = max(waited, longest.get(one.campaign, waited))
        return Late(counts=counts, longest=longest)

    def _due(self, one: OpenResult, now: datetime) -> DueResult | None:
        kind = kind_of(one.state, one.outcome, one.flags, told_before=False)
        if kind is None:
            return None
        by = due(kind, one.outcome, one.settled_at, one.plan_ends_at)
        return DueResult(
            case=one.case,
            campaign=one.campaign,
            client_ref=one.client_ref,
            kind=kind,
            outcome=one.outcome,
            settled_at=one.settled_at,
            due_at=by,
            late=now > by,
            stage=one.stage,
        )
