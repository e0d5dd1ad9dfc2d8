"""Gives the API every service that the parts have."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dialer.api.keys import ApiDeps
from dialer.call_parts import CallParts
from dialer.campaign_parts import CampaignParts
from dialer.config import Settings
from dialer.exchange_parts import ExchangeParts
from dialer.ground_parts import GroundParts
from dialer.intake.tables import FileTables
from dialer.intake.template import template
from dialer.intake_parts import IntakeParts
from dialer.metrics import Metrics
from dialer.planning_parts import PlanningParts
from dialer.privacy_parts import PrivacyParts
from dialer.quality_parts import QualityParts
from dialer.report_parts import ReportParts
from dialer.security.secrets import RandomTokens
from dialer.services.checklist import Checklist
from dialer.services.clients import Clients
from dialer.services.emergency import EmergencyStop
from dialer.services.export import ExportService
from dialer.services.follow_up import FollowUps
from dialer.services.knowledge import KnowledgeService
from dialer.services.overflow_lines import OverflowLines
from dialer.services.pacing_models import PacingModels
from dialer.services.past_decisions import PastDecisions
from dialer.services.pauses import Pauses
from dialer.services.practice import PracticeService
from dialer.services.questions import Questions
from dialer.services.roster import Roster
from dialer.services.roster_feeds import RosterFeeds
from dialer.services.scripts import ScriptService
from dialer.services.skills import Skills
from dialer.services.transfer_targets import TransferTargets
from dialer.sign_in_parts import SignInParts
from dialer.storage.checklist import PgChecklist
from dialer.storage.clients import PgClientStore
from dialer.storage.day import PgDayBook
from dialer.storage.emergency import PgEmergency
from dialer.storage.exports import PostgresExports
from dialer.storage.follow_up import PgFollowUps
from dialer.storage.idempotency import PostgresIdempotency
from dialer.storage.knowledge import PgKnowledge
from dialer.storage.office import PostgresOffice
from dialer.storage.overflow import PgOverflowLines
from dialer.storage.ownership import PostgresOwnership
from dialer.storage.pacing import PgPacing
from dialer.storage.practice import PgPractice
from dialer.storage.questions import PgQuestions
from dialer.storage.roster import PgRoster
from dialer.storage.roster_feeds import PgRosterFeeds
from dialer.storage.skills import PgSkills
from dialer.wiring import api_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything that the service is built of."""

    ground: GroundParts
    calls: CallParts
    metrics: Metrics
    lists: IntakeParts
    exports: ExportService
    export_store: PostgresExports
    steering: CampaignParts
    planning: PlanningParts
    exchange: ExchangeParts
    reporting: ReportParts
    privacy: PrivacyParts
    quality: QualityParts
    signing_in: SignInParts
    scripts: ScriptService
    pauses: Pauses


def api_deps(settings: Settings, parts: Parts, spool: Path) -> ApiDeps:
    """What `create_app` asks for; what only it uses is built here. `spool`: where files stand while they come in."""
    ground, calls, centre = parts.ground, parts.calls, parts.calls.centre
    pool, vault, audit, clock, ids = ground.pool, ground.vault, ground.audit, ground.clock, ground.ids
    demo = settings.service.demo
    return ApiDeps(
        settings=api_settings(settings, spool, calls.telephones.gateway),
        clock=clock,
        accounts=parts.signing_in.accounts,
        factors=parts.signing_in.factors,
        second_step=parts.signing_in.second_step,
        sign_on=parts.signing_in.sign_on,
        audit=audit,
        idempotency=PostgresIdempotency(pool),
        ownership=PostgresOwnership(pool),
        feed=calls.feed,
        desk=centre.desk,
        phones=centre.phones,
        ears=centre.listening,
        recorder=centre.recorder,
        recordings=calls.recordings,
        transfers=centre.transfers,
        colleagues=centre.colleagues,
        transfer_targets=TransferTargets(calls.transfer_targets, ids, demo=demo),
        overflow_lines=OverflowLines(PgOverflowLines(pool), ids, demo=demo),
        messages=centre.messages,
        pauses=parts.pauses,
        practice=PracticeService(PgPractice(pool), clock),
        skills=Skills(PgSkills(pool), clock, ids),
        roster=Roster(PgRoster(pool), clock),
        roster_feeds=RosterFeeds(PgRosterFeeds(pool), PgRoster(pool), RandomTokens(), clock),
        engine=centre.engine,
        office=PostgresOffice(pool),
        day=PgDayBook(pool),
        clients=Clients(PgClientStore(pool), vault, clock, ids, demo=demo),
        checklist=Checklist(PgChecklist(pool), clock),
        intake=parts.lists.intake,
        deliveries=parts.lists.deliveries,
        drafts=parts.lists.drafts,
        tables=FileTables(),
        template=template,
        people=ground.people,
        exports=parts.exports,
        channels=parts.exchange.channels,
        hand_back=parts.exchange.hand_back,
        outlets=parts.exchange.outlets,
        secrets=parts.exchange.secrets,
        ddas=parts.exchange.ddas,
        sources=parts.exchange.sources,
        slots=parts.exchange.slots,
        call_slots=parts.exchange.call_slots,
        feeds=parts.exchange.feeds,
        wrap_ups=ground.outcomes,
        campaigns=parts.steering.campaigns,
        catalogues=ground.catalogues,
        cases=parts.steering.cases,
        follow_ups=FollowUps(
            store=PgFollowUps(pool, ground.catalogues, ground.planner),
            labels=parts.export_store.labels,
            vault=vault,
            audit=audit,
            clock=clock,
            ids=ids,
        ),
        questions=Questions(store=PgQuestions(pool), vault=vault, audit=audit, clock=clock, ids=ids),
        reviews=parts.quality.reviews,
        scorecards=parts.quality.scorecards,
        quality_trends=parts.quality.trends,
        complaints=parts.quality.complaints,
        improvements=parts.quality.improvements,
        callbacks=ground.callbacks,
        reach=parts.planning.reach,
        reports=parts.reporting.reports,
        operations=parts.reporting.operations,
        report_schedules=parts.reporting.schedules,
        billing=parts.reporting.billing,
        register=parts.privacy.register,
        contract_end=parts.privacy.contract_end,
        incidents=parts.privacy.incidents,
        retention=parts.privacy.retention,
        privacy_requests=parts.privacy.requests,
        tallies=parts.reporting.tallies,
        report_files=parts.reporting.files,
        report_deliveries=parts.reporting.deliveries,
        decisions=PastDecisions(calls.journals, ground.engine_store),
        pacing_models=PacingModels(PgPacing(pool)),
        outcome_rules=parts.planning.outcome_rules,
        ring_back=centre.ring_back,
        staff=ground.staff,
        proof_calls=centre.proof_calls,
        previews=calls.previews,
        scripts=parts.scripts,
        knowledge=KnowledgeService(PgKnowledge(pool), clock, ids),
        emergency=EmergencyStop(PgEmergency(pool), clock, ids, centre.engine.refresh),
        served=parts.metrics.served,
        ready=lambda: {"database": centre.journal.healthy, "telephony": calls.telephones.whole.up},
    )
