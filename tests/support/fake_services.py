"""Stand-ins for the services behind the API: remember what was asked, answer with something of the right shape."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid4

from dialer.domain.errors import ConflictError, ForbiddenError, NotFoundError
from dialer.domain.ids import AttemptId, CampaignId, CaseId, ClientId, DeliveryId, PhoneId, SignalId, UserId
from dialer.schedule.terms import TermPolicy
from dialer.services.campaign_terms import CampaignTerms, campaign_terms
from dialer.services.clients import Client, ClientChange, NewClient
from dialer.services.deliveries import RecallReport
from dialer.services.intake import Loaded
from dialer.services.intake_preview import Preview, PreviewIssue, PreviewRow
from dialer.services.past_decisions import PastMinutes
from dialer.services.ports.campaigns import (
    CampaignTried,
    CaseWhy,
    Check,
    Count,
    NewCampaign,
    PlannedAttempt,
    Preflight,
    TermEnd,
    Why,
)
from dialer.services.ports.export import ExportRun, Table
from dialer.services.ports.intake import ColumnMapping, DeliveryInfo
from dialer.services.ports.outcome_rules import OutcomeRule, OutcomeRules, RulesChanged, RulesVersion
from dialer.services.ports.people import Candidate, Card, Dossier, SaidIdentity, Verification, Viewer
from dialer.services.ports.previews import PreviewView, Showing, SkipReason
from dialer.services.ports.reach import KeptReport
from dialer.services.reach_report import ReachReport, report_of

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class NotVerifiedError(ForbiddenError):
    code = "not-verified"


@dataclass
class FakeServices:
    """All of them in one: each method belongs to one of the ports in `dialer.api.needs` and its neighbours."""

    asked: list[tuple[object, ...]] = field(default_factory=list)
    verified: bool = False
    not_now: ConflictError | None = None  # a call-back that is not dialled
    blocked: bool = False
    uploads: list[bytes] = field(default_factory=list)
    past: PastMinutes | None = None  # decisions
    drafts: dict[AttemptId, Mapping[str, object]] = field(default_factory=dict)

    # -- people
    async def card(self, attempt: AttemptId, viewer: Viewer) -> Card:
        self.asked.append(("card", attempt, viewer))
        return Card(
            attempt=attempt,
            direction="out",
            case=None,
            salutation="mevrouw",
            name="De Vries",
            number="+31600000001",
            number_kind="mobile",
            attempt_number=1,
            language="nl",
            municipality="Zoetermeer",
            neutral_name="Het Contactteam",
            callback_number="+31790000000",
            campaign=CampaignId(uuid4()),
            verified=None,
        )

    async def candidates(self, attempt: AttemptId, said_name: str, viewer: Viewer) -> Sequence[Candidate]:
        self.asked.append(("candidates", attempt, said_name))
        return [Candidate(case=CaseId(uuid4()), name="De Vries")]

    async def verify(
        self, attempt: AttemptId, said: SaidIdentity, viewer: Viewer, *, case: CaseId | None = None
    ) -> Verification:
        self.asked.append(("verify", attempt, said, case))
        self.verified = said.birth_date == date(1980, 1, 2)
        return Verification(match=self.verified, tries_left=2)

    async def dossier(self, attempt: AttemptId, viewer: Viewer) -> Dossier:
        if not self.verified:
            raise NotVerifiedError("first the check")
        return Dossier(case=CaseId(uuid4()), crisis=False, term_ends_at=AT, signals=(), history=(), phones=())

    # -- exports
    async def table(self, export: UUID, viewer: Viewer) -> Table:
        self.asked.append(("table", export, viewer))
        return Table(header=["kenmerk"], rows=[["K-1"]])

    async def confirm(self, export: UUID, viewer: Viewer) -> ExportRun:
        return ExportRun(
            id=export,
            client=ClientId(uuid4()),
            campaign=CampaignId(uuid4()),
            kind="full",
            created_at=AT,
            created_by=None,
            lines=1,
            confirmed_at=AT,
        )

    # -- wrap-ups
    async def draft(self, user: UserId, attempt: AttemptId) -> Mapping[str, object] | None:
        return self.drafts.get(attempt)

    async def save_draft(self, user: UserId, attempt: AttemptId, draft: Mapping[str, object]) -> None:
        self.drafts[attempt] = draft

    async def recode(self, user: UserId, attempt: AttemptId, outcome: str, reason: str) -> None:
        self.asked.append(("recode", user, attempt, outcome, reason))

    # -- campaigns
    async def create(self, campaign: NewCampaign, actor: str) -> CampaignId:
        raise ConflictError("name exists")

    async def update(self, campaign: CampaignId, version: int, change: Mapping[str, object], actor: str) -> None:
        self.asked.append(("update", campaign, version, change))

    async def try_change(self, campaign: CampaignId, change: Mapping[str, object]) -> CampaignTried:
        self.asked.append(("try_change", campaign, change))
        return CampaignTried(moved=132, closed=4, same=40, estimated=True)

    async def set_state(self, campaign: CampaignId, state: str, actor: str) -> None:
        self.asked.append(("set_state", campaign, state))
        if self.blocked:
            error = ConflictError("not ready")
            error.code = "preflight"
            raise error

    async def set_agents(self, campaign: CampaignId, users: Sequence[UserId], actor: str) -> None:
        self.asked.append(("set_agents", campaign, users))

    async def preflight(self, campaign: CampaignId, language: str) -> Preflight:
        return Preflight(
            may_start=False,
            will_call=3,
            skipped=[Count(code="no_number", text="geen nummer", count=2)],
            checks=[Check(code="messages", ok=False, blocking=True, text="berichten ontbreken")],
        )

    async def terms(self, campaign: CampaignId, language: str, *, whole: bool) -> CampaignTerms:
        ends = [TermEnd(on=AT.date(), cases=9, crisis=2)]
        return campaign_terms(TermPolicy(), ends, AT.date(), language, whole=whole)

    async def test_call(self, campaign: CampaignId, number: str, actor: str) -> None:
        self.asked.append(("test_call", campaign, number))

    async def why(self, campaign: CampaignId, language: str) -> Why:
        return Why(code="not-running", text="De belactie staat uit.", until=None, facts={"state": "draft"})

    async def why_case(self, case: CaseId, language: str) -> CaseWhy:
        plan = PlannedAttempt(at=AT, number=1, chance=0.2, text=["Volgende poging: straks."])
        return CaseWhy(code="", text="", until=AT, facts={}, plan=plan)

    async def why_case_then(self, case: CaseId, at: datetime, language: str) -> CaseWhy:
        self.asked.append(("then", case, at))
        return CaseWhy(code="window", text="Het was buiten de beltijden.", until=AT, facts={}, plan=None)

    async def between(self, campaign: CampaignId, since: datetime, minutes: float) -> PastMinutes | None:
        self.asked.append(("between", campaign, since, minutes))
        return self.past

    async def report(self, campaign: CampaignId, language: str, *, whole: bool) -> ReachReport:
        report = {
            "callable": 40, "reached": 3, "helped": 1, "refused": 0, "open": 30, "room": None, "by_day": [0.05],
            "expected": {"end": {"reach": 0.5, "low": 0.4, "high": 0.6}}, "hold_out": None, "earlier": [],
        }  # fmt: skip
        return report_of(KeptReport(at=AT, report=report), 0.55, language, whole=whole)

    async def rules(self, campaign: CampaignId, language: str) -> OutcomeRules:
        rule = OutcomeRule(
            code="BUSY", label="bezet", editable=True, step={"kind": "other_slot"}, kinds=["other_slot"], thens=[]
        )
        return OutcomeRules(version=1, waiting=0, items=[rule])

    async def history(self, campaign: CampaignId) -> Sequence[RulesVersion]:
        step = {"BUSY": {"kind": "retry_after", "minutes": [30, 60]}}
        return [RulesVersion(version=1, at=AT, by="Mila", note="eerste", steps=step)]

    async def revise(
        self, campaign: CampaignId, base: int, steps: Mapping[str, Mapping[str, object]], **how: object
    ) -> RulesChanged:
        self.asked.append(("revise", campaign, base, steps, how))
        version = None if how["dry_run"] else base + 1
        return RulesChanged(version=version, moved=132, closed=3, same=40, estimated=False)

    # -- cases
    async def withdraw(self, case: CaseId, reason: str, actor: str) -> None:
        self.asked.append(("withdraw", case, reason, actor))

    async def release(self, case: CaseId, reason: str, actor: str) -> None:
        self.asked.append(("release", case, reason, actor))

    async def lift_opt_out(self, case: CaseId, reason: str, actor: str) -> None:
        self.asked.append(("lift_opt_out", case, reason, actor))

    async def unblock(self, case: CaseId, phone: PhoneId, reason: str, actor: str) -> None:
        self.asked.append(("unblock", case, phone, reason))

    async def merge(self, kept: CaseId, other: CaseId, reason: str, actor: str) -> None:
        self.asked.append(("merge", kept, other, reason))

    async def unmerge(self, other: CaseId, reason: str, actor: str) -> CaseId:
        self.asked.append(("unmerge", other, reason))
        return other

    # -- call-backs
    async def claim(self, callback: UUID, user: UserId) -> None:
        self.asked.append(("claim", callback, user))

    async def close(self, callback: UUID, user: UserId, *, done: bool) -> None:
        self.asked.append(("close", callback, user, done))

    async def number(self, callback: UUID, user: UserId) -> str:
        return "+31790000001"

    async def call(self, callback: UUID, user: UserId) -> AttemptId:
        self.asked.append(("call", callback, user))
        if self.not_now is not None:
            raise self.not_now
        return AttemptId(callback)

    # -- clients
    async def add(self, new: NewClient) -> Client:
        raise ConflictError("slug exists")

    async def one(self, client: ClientId) -> Client:
        return Client(
            id=client,
            slug="stad",
            name="Stad",
            municipality="Stad",
            neutral_name="Het Gesprek",
            inbound_number="+31790000001",
            settings={"case_cap": 5},
            version=3,
        )

    async def change(self, client: ClientId, version: int, change: ClientChange) -> Client:
        self.asked.append(("change-client", client, version, change))
        return await self.one(client)

    # -- lists
    async def client_of(self, campaign: CampaignId, viewer: Viewer) -> ClientId:
        return ClientId(uuid4())

    async def mappings(self, client: ClientId, viewer: Viewer) -> Sequence[ColumnMapping]:
        return [await self.mapping(client, "vps", viewer)]

    async def mapping(self, client: ClientId, name: str, viewer: Viewer) -> ColumnMapping:
        columns = {"client_ref": "Zaak"}
        return ColumnMapping(id=uuid4(), client=client, name=name, version=1, kind="list", columns=columns)

    async def save_mapping(
        self, client: ClientId, name: str, columns: Mapping[str, str], viewer: Viewer, *, kind: str = "list"
    ) -> ColumnMapping:
        return await self.mapping(client, name, viewer)

    async def rename_mapping(self, client: ClientId, name: str, new_name: str, viewer: Viewer) -> ColumnMapping:
        return await self.mapping(client, new_name, viewer)

    async def remove_mapping(self, client: ClientId, name: str, viewer: Viewer) -> None:
        self.asked.append(("remove-mapping", client, name))

    async def headings(self, example: Path) -> Sequence[str]:
        return (await asyncio.to_thread(example.read_text)).splitlines()[0].split(";")

    async def learn_mapping(
        self,
        client: ClientId,
        name: str,
        example: Path,
        viewer: Viewer,
        *,
        kind: str,
        columns: Mapping[str, str] | None,
    ) -> tuple[ColumnMapping, Sequence[str]]:
        return await self.mapping(client, name, viewer), []

    async def preview(
        self, campaign: CampaignId, path: Path, viewer: Viewer, *, kind: str, columns: Mapping[str, str] | None
    ) -> Preview:
        self.asked.append(("preview", campaign, kind, columns))
        self.uploads.append(await asyncio.to_thread(path.read_bytes))
        return Preview(
            format="csv",
            encoding="utf-8",
            delimiter=";",
            columns={"client_ref": "kenmerk"},
            unused=["leeg"],
            repeated=False,
            counts={"rows": 1},
            reasons={"missing": 1},
            issues=[
                PreviewIssue(row=number, column="naam", reason="missing", text="leeg", fatal=True)
                for number in range(2, 203)
            ],
            rows=[PreviewRow(row=2, taken=True, cells={"naam": "D•••"})],
        )

    async def load(
        self, campaign: CampaignId, path: Path, viewer: Viewer, *, kind: str, columns: Mapping[str, str] | None
    ) -> Loaded:
        self.asked.append(("load", campaign, kind, columns))
        content = await asyncio.to_thread(path.read_bytes)
        repeated = content in self.uploads
        self.uploads.append(content)
        delivery = DeliveryInfo(
            delivery=DeliveryId(uuid4()),
            client=ClientId(uuid4()),
            campaign=campaign,
            kind=kind,
            format="csv",
            state="loaded",
            received_at=AT,
            received_by=None,
            recalled_at=None,
            counts={"rows": 1},
            wrapped_key=None,
            client_key=b"",
        )
        return Loaded(delivery=delivery, repeated=repeated, columns={"client_ref": "kenmerk"})

    async def refused_rows(self, delivery: DeliveryId, viewer: Viewer) -> Table:
        self.asked.append(("refused_rows", delivery, viewer))
        return Table(header=["kenmerk", "rij"], rows=[["K-1", "2"]])

    async def recall(self, delivery: DeliveryId, reason: str, viewer: Viewer) -> RecallReport:
        self.asked.append(("recall", delivery, reason))
        return RecallReport(delivery=delivery, cases=1, called=(), seen=())

    async def to_enrich(self, campaign: CampaignId, viewer: Viewer) -> Table:
        return Table(header=["kenmerk"], rows=[])

    async def undo_merge(self, signal: SignalId, viewer: Viewer) -> CaseId:
        raise NotFoundError("nothing to undo")


class FakePreviews:
    """One resident, who is shown until he is called or passed on."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []
        self.not_now: ConflictError | None = None
        self.case: CaseId | None = CaseId(UUID(int=71))

    async def look(self, user: UserId, viewer: Viewer, *, following: bool = False) -> PreviewView:
        self.asked.append(("look", user, viewer.user, following))
        if self.case is None:
            return PreviewView(showing=Showing.NOBODY)
        return PreviewView(
            showing=Showing.RESIDENT, case=self.case, campaign=CampaignId(UUID(int=3)), name="A. Bakker",
            number="+31600000123", attempt_number=2, seconds_left=40.0, skips_left=9,
        )  # fmt: skip

    async def call(self, user: UserId, case: CaseId) -> AttemptId:
        self.asked.append(("call", user, case))
        if self.not_now is not None:
            raise self.not_now
        return AttemptId(case)

    async def skip(self, user: UserId, case: CaseId, reason: SkipReason) -> None:
        self.asked.append(("skip", user, case, reason))
        if self.not_now is not None:
            raise self.not_now
        self.case = None


class FakeProofCalls:
    """Rings everybody, or refuses as `services` does."""

    def __init__(self, services: FakeServices) -> None:
        self._services = services

    async def call(self, campaign: CampaignId, phone: UUID, actor: str) -> AttemptId:
        self._services.asked.append(("proof", campaign, phone, actor))
        if self._services.not_now is not None:
            raise self._services.not_now
        return AttemptId(phone)


class FakeExports(FakeServices):
    """Its `create` is an export's."""

    async def create(self, campaign: CampaignId, kind: str, viewer: Viewer) -> ExportRun:  # type: ignore[override]
        self.asked.append(("create", campaign, kind))
        return ExportRun(
            id=uuid4(),
            client=ClientId(uuid4()),
            campaign=campaign,
            kind=kind,
            created_at=AT,
            created_by=viewer.user,
            lines=0,
            confirmed_at=None,
        )


class PlainTables:
    """Writes CSV whatever was asked for."""

    def write(self, table: Table, format_: str, out: BinaryIO) -> None:
        text = io.StringIO()
        csv.writer(text).writerows([table.header, *table.rows])
        out.write(text.getvalue().encode())

    def write_file(self, table: Table, format_: str, path: Path) -> None:
        raise NotImplementedError
