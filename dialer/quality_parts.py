"""Builds what quality consists of, and its jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import asyncpg

from dialer.jobs import Job
from dialer.metrics import Metrics
from dialer.services.complaints import Complaints
from dialer.services.improvements import Improvements
from dialer.services.outcomes import OutcomeService
from dialer.services.ports.audit import AuditLog
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.vault import Vault
from dialer.services.quality_trends import QualityTrends
from dialer.services.reviews import Reviews
from dialer.services.sampling import Sampling
from dialer.services.scorecards import Scorecards
from dialer.storage.catalogue import CatalogueStore
from dialer.storage.complaints import PgComplaints
from dialer.storage.improvements import PgImprovements
from dialer.storage.quality_trends import PgQualityTrends
from dialer.storage.reviews import PgReviews
from dialer.storage.sampling import PgSamples
from dialer.storage.scorecards import PgScorecards

_DRAW_EVERY = 900.0
_CORRECT_EVERY = 60.0
_COUNT_EVERY = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityParts:
    """The services behind the pages of quality."""

    sampling: Sampling
    reviews: Reviews
    scorecards: Scorecards
    trends: QualityTrends
    complaints: Complaints
    improvements: Improvements

    def jobs(self, speed: float, metrics: Metrics) -> Sequence[Job]:
        """Work by the clock; `speed`: of the calendar, in a demo."""
        return [
            Job(name="samples", every=_DRAW_EVERY / speed, work=self.sampling.tend),
            Job(name="corrections", every=_CORRECT_EVERY, work=self.reviews.tend),
            Job(name="complaints", every=_COUNT_EVERY, work=partial(_count, self.complaints, metrics), own=True),
        ]


def quality_parts(
    pool: asyncpg.Pool,
    *,
    outcomes: OutcomeService,
    catalogues: CatalogueStore,
    vault: Vault,
    audit: AuditLog,
    clock: Clock,
    ids: Ids,
) -> QualityParts:
    """All of it, over one pool."""
    cards = PgScorecards(pool)
    return QualityParts(
        sampling=Sampling(PgSamples(pool), clock, ids),
        reviews=Reviews(
            store=PgReviews(pool), cards=cards, recoder=outcomes, catalogues=catalogues, vault=vault, audit=audit,
            clock=clock, ids=ids,
        ),
        scorecards=Scorecards(cards, clock),
        trends=QualityTrends(PgQualityTrends(pool), clock),
        complaints=Complaints(store=PgComplaints(pool), vault=vault, audit=audit, clock=clock, ids=ids),
        improvements=Improvements(PgImprovements(pool), clock, ids),
    )  # fmt: skip


async def _count(complaints: Complaints, metrics: Metrics) -> int:
    found = await complaints.overdue()
    for client, overdue in found.items():
        metrics.complaints_overdue.labels(str(client)).set(overdue)
    return 0
