"""What the API is built of: one frozen record of ports, given to `create_app`."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from dialer.api.needs import (
    Callbacks,
    Campaigns,
    Cases,
    Catalogues,
    Exports,
    Messages,
    OutcomeRuleChanges,
    PacingModels,
    PastDecisions,
    People,
    Previews,
    ProofCalls,
    Reach,
    RingBack,
    WrapUps,
)
from dialer.domain.ids import UserId
from dialer.services.access import Principal
from dialer.services.accounts import Accounts
from dialer.services.billing import Billing
from dialer.services.channels import ChannelService
from dialer.services.checklist import Checklist
from dialer.services.clients import Clients
from dialer.services.complaints import Complaints
from dialer.services.contract_end import ContractEnd
from dialer.services.ddas import Ddas
from dialer.services.deliveries import DeliveryService
from dialer.services.drafts import Drafts
from dialer.services.emergency import EmergencyStop
from dialer.services.follow_up import FollowUps
from dialer.services.hand_back import HandBack
from dialer.services.improvements import Improvements
from dialer.services.incidents import Incidents
from dialer.services.intake import IntakeService
from dialer.services.knowledge import KnowledgeService
from dialer.services.live import LiveFeed
from dialer.services.operations import OperationsReports
from dialer.services.outlets import OutletService
from dialer.services.overflow_lines import OverflowLines
from dialer.services.pauses import Pauses
from dialer.services.ports.audit import AuditLog
from dialer.services.ports.clock import Clock
from dialer.services.ports.colleagues import ColleagueCalls
from dialer.services.ports.day import DayBook
from dialer.services.ports.desk import Desk, EngineControl
from dialer.services.ports.ears import Ears
from dialer.services.ports.export import TableWriter
from dialer.services.ports.office import Office
from dialer.services.ports.phones import Phones
from dialer.services.ports.recordings import RecordingDesk
from dialer.services.ports.requests import Idempotency, Ownership
from dialer.services.ports.transfers import Transfers
from dialer.services.practice import PracticeService
from dialer.services.privacy_requests import PrivacyRequests
from dialer.services.quality_trends import QualityTrends
from dialer.services.questions import Questions
from dialer.services.recordings import Recordings
from dialer.services.register import Register
from dialer.services.report_deliveries import ReportDeliveries
from dialer.services.report_files import ReportFiles
from dialer.services.report_schedules import ReportSchedules
from dialer.services.reports import Reports
from dialer.services.retention import Retention
from dialer.services.reviews import Reviews
from dialer.services.roster import Roster
from dialer.services.roster_feeds import RosterFeeds
from dialer.services.scorecards import Scorecards
from dialer.services.scripts import ScriptService
from dialer.services.second_factor import SecondFactors
from dialer.services.second_step import SecondStep
from dialer.services.secrets import Secrets
from dialer.services.sign_on import SignOn
from dialer.services.skills import Skills
from dialer.services.slot_feeds import SlotFeeds
from dialer.services.slots import CallSlots, SlotService
from dialer.services.sources import Sources
from dialer.services.staff import StaffService
from dialer.services.tallies import Tallies
from dialer.services.transfer_targets import TransferTargets


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiSettings:
    """How the API meets the world."""

    secure: bool = True  # served over TLS; False only for a demo on loopback
    origins: frozenset[str] = frozenset()  # Origin headers allowed beside that of the Host header
    trusted_proxies: frozenset[str] = frozenset()  # addresses whose X-Forwarded-For is believed
    web_dist: Path | None = None  # the built panel
    spool: Path  # folder for uploads while they are read; only for this process
    upload_bytes: int = 64 * 1024 * 1024
    body_bytes: int = 64 * 1024
    heartbeat_seconds: float = 10.0
    sip_gateway: Callable[[UserId], str] = lambda _user: ""
    """Address of the WebSocket of the Asterisk for an agent's phone; empty: no phones in browsers."""
    sip_tls: Callable[[], ssl.SSLContext | None] = lambda: (
        None
    )  # how its certificate is judged, asked at each connection


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiDeps:
    """Ports behind the API."""

    settings: ApiSettings
    clock: Clock
    accounts: Accounts
    factors: SecondFactors
    second_step: SecondStep
    sign_on: SignOn
    audit: AuditLog
    idempotency: Idempotency
    ownership: Ownership
    feed: LiveFeed
    desk: Desk
    phones: Phones
    ears: Ears
    recorder: RecordingDesk
    recordings: Recordings
    transfers: Transfers
    colleagues: ColleagueCalls
    transfer_targets: TransferTargets
    overflow_lines: OverflowLines
    messages: Messages
    pauses: Pauses
    practice: PracticeService
    skills: Skills
    roster: Roster
    roster_feeds: RosterFeeds
    engine: EngineControl
    office: Office
    day: DayBook
    clients: Clients
    checklist: Checklist
    intake: IntakeService
    deliveries: DeliveryService
    drafts: Drafts
    tables: TableWriter
    template: Callable[[str, str], bytes]  # (csv | xlsx, language) -> our own import template
    people: People
    exports: Exports
    channels: ChannelService
    hand_back: HandBack
    outlets: OutletService
    secrets: Secrets
    ddas: Ddas
    sources: Sources
    slots: SlotService
    call_slots: CallSlots
    feeds: SlotFeeds
    staff: StaffService
    wrap_ups: WrapUps
    campaigns: Campaigns
    catalogues: Catalogues
    cases: Cases
    follow_ups: FollowUps
    questions: Questions
    reviews: Reviews
    scorecards: Scorecards
    quality_trends: QualityTrends
    complaints: Complaints
    improvements: Improvements
    callbacks: Callbacks
    reach: Reach
    reports: Reports
    operations: OperationsReports
    report_files: ReportFiles
    billing: Billing
    register: Register
    retention: Retention
    privacy_requests: PrivacyRequests
    incidents: Incidents
    contract_end: ContractEnd
    tallies: Tallies
    report_schedules: ReportSchedules
    report_deliveries: ReportDeliveries
    decisions: PastDecisions
    pacing_models: PacingModels
    outcome_rules: OutcomeRuleChanges
    ring_back: RingBack
    proof_calls: ProofCalls
    previews: Previews
    scripts: ScriptService
    knowledge: KnowledgeService
    emergency: EmergencyStop
    served: Callable[[str, int, float], None]  # told of each request: operation, status, seconds
    ready: Callable[[], Mapping[str, bool]]  # part -> works; all of them: ready for traffic


DEPS = web.AppKey("deps", ApiDeps)
WHO = web.RequestKey("who", Principal)
