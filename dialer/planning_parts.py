"""Builds what plans attempts beside the calls themselves: learning, fitting, changed rules, reach; and its jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from dialer.jobs import Job
from dialer.schedule.planner.product import LearnedPlanner
from dialer.services.fitting import FittingService
from dialer.services.learning import LearningService
from dialer.services.outcome_rules import OutcomeRuleService
from dialer.services.plan_changes import PlanChangeService
from dialer.services.ports.clock import Clock
from dialer.services.reach import ReachService
from dialer.storage.campaign_trials import PgCampaignTrials
from dialer.storage.catalogue import CatalogueStore
from dialer.storage.fitting import PgFitting
from dialer.storage.outcome_rules import PgOutcomeRules
from dialer.storage.reach import PgReach

_RELEARN_EVERY = 3600.0
_TAKE_LEARNED_EVERY = 600.0
_FIT_EVERY = 30.0
_CHANGED_RULES_EVERY = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanningParts:
    """The services that plan, and look at what plans came to."""

    learning: LearningService
    fitting: FittingService
    plan_changes: PlanChangeService
    outcome_rules: OutcomeRuleService
    reach: ReachService

    def jobs(self, speed: float) -> Sequence[Job]:
        """Work by the clock; `speed`: of the calendar, in a demo."""
        return [
            Job(name="relearn", every=_RELEARN_EVERY / speed, work=self.learning.tend),
            Job(name="take-learned", every=_TAKE_LEARNED_EVERY / speed, work=self.learning.load, own=True),
            Job(name="fit-plans", every=_FIT_EVERY / speed, work=self.fitting.tend, site=True),
            Job(name="plan-changes", every=_CHANGED_RULES_EVERY, work=self.plan_changes.tend),
            Job(name="outcome-rules", every=_CHANGED_RULES_EVERY, work=self.outcome_rules.tend),
            Job(name="reach", every=_RELEARN_EVERY / speed, work=self.reach.tend),
        ]


def planning_parts(
    pool: asyncpg.Pool,
    *,
    learning: LearningService,
    trials: PgCampaignTrials,
    catalogues: CatalogueStore,
    planner: LearnedPlanner,
    clock: Clock,
    site: str,
) -> PlanningParts:
    """All of it, over one pool. `site`: whose plans are fitted here."""
    return PlanningParts(
        learning=learning,
        fitting=FittingService(PgFitting(pool, catalogues, planner, site), planner, clock),
        plan_changes=PlanChangeService(trials, clock),
        outcome_rules=OutcomeRuleService(PgOutcomeRules(pool, catalogues, planner), catalogues, clock),
        reach=ReachService(PgReach(pool, catalogues, planner), planner, clock),
    )
