"""The API on a real database, driven over real HTTP; every answer is held against the description."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import aiohttp
import asyncpg
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from dialer.api.application import create_app
from dialer.api.keys import ApiDeps, ApiSettings
from dialer.api.spec import PREFIX, Spec, load
from dialer.clock import SystemIds
from dialer.domain.arrivals import SourceKind
from dialer.domain.exchange import ChannelKind, Fault
from dialer.domain.ids import ClientId, UserId
from dialer.domain.outlets import OutletKind
from dialer.exchange.carriers import PlaceCarrier
from dialer.exchange.ddas import VERSIONS, complaints, document
from dialer.exchange.feeds import ChildFeedReader
from dialer.exchange.folder import FolderOpener
from dialer.exchange.klantinteracties import FIELDS
from dialer.exchange.sftp import is_host_key, new_key
from dialer.intake.tables import FileTables, table_bytes
from dialer.papers.files import ReportFilesWriter
from dialer.schedule.rotation import Rotation
from dialer.security.second_factor import SealedFactors
from dialer.security.secrets import Argon2Passwords, RandomTokens
from dialer.security.tickets import SealedTickets
from dialer.security.vault import MasterVault, signer
from dialer.services.access import Role
from dialer.services.accounts import Accounts
from dialer.services.arrivals import Arrivals
from dialer.services.billing import Billing
from dialer.services.cases import CaseService
from dialer.services.channels import ChannelService
from dialer.services.checklist import Checklist
from dialer.services.complaints import Complaints
from dialer.services.contract_end import CERTIFICATE, ContractEnd
from dialer.services.ddas import Ddas
from dialer.services.drafts import Drafts
from dialer.services.emergency import EmergencyStop
from dialer.services.export import ExportService
from dialer.services.follow_up import FollowUps
from dialer.services.hand_back import HandBack
from dialer.services.improvements import Improvements
from dialer.services.incidents import Incidents
from dialer.services.knowledge import KnowledgeService
from dialer.services.live import LiveFeed
from dialer.services.operations import OperationsReports
from dialer.services.outlets import OutletService
from dialer.services.overflow_lines import OverflowLines
from dialer.services.pacing_models import PacingModels
from dialer.services.pauses import Pauses
from dialer.services.ports.feeds import FeedAnswer
from dialer.services.ports.outlets import Carrier
from dialer.services.ports.slots import FeedMark
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
from dialer.services.residents import ResidentRights
from dialer.services.result_files import ResultFiles
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
from dialer.storage.accounts import PostgresAccounts
from dialer.storage.arrivals import PgArrivals
from dialer.storage.audit import PostgresAudit
from dialer.storage.billing import PgBilling
from dialer.storage.bookings import PgBookings
from dialer.storage.catalogue import CatalogueStore
from dialer.storage.channels import PgChannels
from dialer.storage.checklist import PgChecklist
from dialer.storage.complaints import PgComplaints
from dialer.storage.contract_end import PgContractEnd
from dialer.storage.day import PgDayBook
from dialer.storage.ddas import PgDdas
from dialer.storage.drafts import PgDrafts
from dialer.storage.emergency import PgEmergency
from dialer.storage.erasure_list import ErasureFile
from dialer.storage.exports import PostgresExports
from dialer.storage.follow_up import PgFollowUps
from dialer.storage.hand_back import PgHandBack
from dialer.storage.idempotency import PostgresIdempotency
from dialer.storage.identities import PgIdentities
from dialer.storage.improvements import PgImprovements
from dialer.storage.incidents import PgIncidents
from dialer.storage.knowledge import PgKnowledge
from dialer.storage.kpis import PgKpis
from dialer.storage.logos import PgLogos
from dialer.storage.notices import PgNotices
from dialer.storage.office import PostgresOffice
from dialer.storage.operations import PgOperations
from dialer.storage.outbox import PgOutbox
from dialer.storage.outlets import PgOutlets
from dialer.storage.overflow import PgOverflowLines
from dialer.storage.ownership import PostgresOwnership
from dialer.storage.pacing import PgPacing
from dialer.storage.pauses import PgPauses
from dialer.storage.pool import open_pool
from dialer.storage.practice import PgPractice
from dialer.storage.privacy_requests import PgPrivacyRequests
from dialer.storage.quality_trends import PgQualityTrends
from dialer.storage.questions import PgQuestions
from dialer.storage.recordings import PgRecordings
from dialer.storage.report_deliveries import PgReportDeliveries
from dialer.storage.report_schedules import PgReportSchedules
from dialer.storage.reports import PgReports
from dialer.storage.residents import PgResidents
from dialer.storage.retention import PgRetention
from dialer.storage.reviews import PgReviews
from dialer.storage.roster import PgRoster
from dialer.storage.roster_feeds import PgRosterFeeds
from dialer.storage.schema import PgSchema
from dialer.storage.scorecards import PgScorecards
from dialer.storage.scripts import PgScripts
from dialer.storage.second_factors import PgSecondFactors
from dialer.storage.secrets import PgSecrets
from dialer.storage.skills import PgSkills
from dialer.storage.slots import PgSlots
from dialer.storage.staff import PgStaff
from dialer.storage.steering import PostgresCases
from dialer.storage.tallies import PgTallies
from dialer.storage.transfer_targets import PgTransferTargets
from tests.support.checklist import waive_all
from tests.support.fake_colleagues import FakeColleagues
from tests.support.fake_desk import FakeDesk, FakeEars, FakeEngine, FakeMessages, FakePhones
from tests.support.fake_recorder import FakeRecorder
from tests.support.fake_services import FakeExports, FakePreviews, FakeProofCalls, FakeServices, PlainTables
from tests.support.fake_transfers import FakeTransfers

PASSWORD = "veilig-wachtwoord-1"
SPEC: Spec = load()
_numbers = itertools.count(1)


class HandClock:
    """A clock moved by hand."""

    def __init__(self, at: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def wall(self) -> float:
        return self.at.timestamp()

    def wall_utc(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def forward(self, **delta: float) -> None:
        self.at += timedelta(**delta)


@dataclass
class Answer:
    """A finished response."""

    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.raw)

    @property
    def code(self) -> str:
        return str(self.json["code"])


class Visitor:
    """A browser or a machine: keeps its cookies, sends what a panel sends, checks every answer against the spec."""

    def __init__(self, http: TestClient[Any, Any]) -> None:
        self.http = http
        self.csrf: str | None = None
        self.bearer: str | None = None

    async def __call__(self, operation: str, *, headers: Mapping[str, str] | None = None, **kwargs: Any) -> Answer:
        """`kwargs`: path parameters by name; `query`, `json`, `data` as such."""
        found = SPEC.operations[operation]
        query, body, data = kwargs.pop("query", None), kwargs.pop("json", None), kwargs.pop("data", None)
        path = re.sub(r"{(\w+)}", lambda match: str(kwargs.pop(match.group(1))), found.path)
        assert not kwargs, f"no such parameters: {kwargs}"
        sent = {k: v for k, v in {"X-CSRF-Token": self.csrf}.items() if v is not None and found.method != "GET"}
        if self.bearer is not None:
            sent["Authorization"] = f"Bearer {self.bearer}"
        async with self.http.request(
            found.method, PREFIX + path, params=query, json=body, data=data, headers={**sent, **(headers or {})}
        ) as response:
            answer = Answer(response.status, response.headers, await response.read())
        check(operation, answer)
        return answer

    async def sign_in(self, login: str, password: str = PASSWORD) -> Answer:
        answer = await self("signIn", json={"login": login, "password": password})
        if answer.status == 200:
            self.csrf = answer.json["csrf_token"]
        return answer

    def live(self, **query: str | int) -> Any:
        headers = {} if self.bearer is None else {"Authorization": f"Bearer {self.bearer}"}
        return self.http.ws_connect(str(URL(f"{PREFIX}/live").with_query(query)), headers=headers)


def check(operation: str, answer: Answer) -> None:
    """Fail unless the description allows this answer."""
    found = SPEC.operations[operation]
    responses = SPEC.document["paths"][found.path][found.method.lower()]["responses"]
    key = str(answer.status) if str(answer.status) in responses else "default"
    assert key in responses, f"{operation} answered {answer.status}: {answer.raw[:300]!r}"
    assert key != "default" or answer.status >= 400, f"{operation} answered {answer.status}"
    place: tuple[str, ...] = ("paths", found.path, found.method.lower(), "responses", key)
    response, place = SPEC.resolve(responses[key], *place)
    content = response.get("content")
    if content is None:
        assert answer.raw == b""
        return
    media = answer.headers["Content-Type"].split(";")[0]
    assert media in content, f"{operation} answered {media}"
    if media.endswith("json"):
        errors = list(SPEC.validator(*place, "content", media, "schema").iter_errors(answer.json))
        assert not errors, f"{operation}: {errors[0].json_path} {errors[0].message}"
        assert answer.headers["Cache-Control"] == "no-store"


class Centre:
    """The API with everything behind it."""

    def __init__(
        self,
        deps: ApiDeps,
        pool: asyncpg.Pool,
        clock: HandClock,
        desk: FakeDesk,
        engine: FakeEngine,
        services: FakeServices,
        exports: FakeExports,
    ) -> None:
        self.services = services
        self.exports = exports
        self.deps = deps
        self.pool = pool
        self.clock = clock
        self.desk = desk
        self.phones = cast(FakePhones, deps.phones)
        self.ears = cast(FakeEars, deps.ears)
        self.messages = cast(FakeMessages, deps.messages)
        self.previews = cast(FakePreviews, deps.previews)
        self.engine = engine
        self.server = TestServer(create_app(deps))
        self._visitors: list[TestClient[Any, Any]] = []

    def visitor(self) -> Visitor:
        """A browser that has never been here."""
        client = TestClient(self.server, cookie_jar=aiohttp.CookieJar(unsafe=True))
        self._visitors.append(client)
        return Visitor(client)

    async def person(self, role: Role, client: ClientId | None = None, login: str | None = None) -> Visitor:
        """Somebody of this role, signed in."""
        login = login or f"{role}{next(_numbers)}"
        user = await self.deps.accounts.add_user(
            "cli", login=login, display_name=login.title(), role=role, client=client, language="nl", password=PASSWORD
        )
        visitor = self.visitor()
        assert (await visitor.sign_in(login)).status == 200
        visitor.user = user.id  # type: ignore[attr-defined]
        return visitor

    async def client(self, slug: str) -> ClientId:
        """A municipality."""
        number = next(_numbers)
        identity = ClientId(self.new_id())
        wrapped = MasterVault(bytes(range(32))).new_client_key(identity)
        await self.pool.execute(
            "insert into client (id, slug, name, municipality, neutral_name, inbound_number, wrapped_key, created_at)"
            " values ($1, $2, $3, $3, 'Het Gesprek', $4, $5, $6)",
            identity,
            slug,
            slug.title(),
            f"+3179{number:07d}",
            wrapped,
            self.clock.now(),
        )
        await waive_all(self.pool, ClientId(identity), self.clock.now())
        return ClientId(identity)

    @staticmethod
    def new_id() -> UUID:
        return SystemIds().new()

    async def close(self) -> None:
        for client in self._visitors:
            await client.session.close()
        await self.server.close()


def _outlets(pool: asyncpg.Pool, audit: PostgresAudit, clock: HandClock) -> OutletService:
    """Ways out on a real database; nothing is carried."""
    vault, store, ids = MasterVault(bytes(range(32))), PgOutlets(pool), SystemIds()
    exports = ExportService(store=PostgresExports(pool), vault=vault, audit=audit, clock=clock, ids=ids)
    nowhere = PlaceCarrier(FolderOpener(None))
    carriers: Mapping[OutletKind, Carrier] = {OutletKind.FOLDER: nowhere, OutletKind.SFTP: nowhere}
    files = ResultFiles(
        store=store, exports=exports, carriers=carriers, writer=FileTables(), vault=vault, clock=clock, ids=ids,
        owner="test",
    )  # fmt: skip
    return OutletService(
        store=store, files=files, carriers=carriers, new_key=new_key, is_host_key=is_host_key,
        may_call=lambda url: url.startswith("https://"), vault=vault, audit=audit, clock=clock, ids=ids,
    )  # fmt: skip


def _feeds(pool: asyncpg.Pool, audit: PostgresAudit, clock: HandClock) -> SlotFeeds:
    """Calendars on a real database; none answers."""
    return SlotFeeds(
        slots=PgSlots(pool, SystemIds()), fetch=_nobody, read=ChildFeedReader(), vault=MasterVault(bytes(range(32))),
        audit=audit, clock=clock,
    )  # fmt: skip


async def _nobody(url: str, mark: FeedMark) -> FeedAnswer:
    return FeedAnswer(fault=Fault.UNREACHABLE)


def _sources(pool: asyncpg.Pool, audit: PostgresAudit, clock: HandClock, spool: Path) -> Sources:
    """Places on a real database; nothing is there to look at."""
    vault, store = MasterVault(bytes(range(32))), PgArrivals(pool)
    arrivals = Arrivals(
        store,
        {SourceKind.FOLDER: FolderOpener(None)},
        cast(Any, None),
        vault,
        clock,
        SystemIds(),
        owner="test",
        spool=spool,
    )
    return Sources(
        store=store,
        arrivals=arrivals,
        new_key=new_key,
        is_host_key=is_host_key,
        vault=vault,
        audit=audit,
        clock=clock,
        ids=SystemIds(),
    )


@asynccontextmanager
async def centre(
    dsn: str, tmp_path: Path, *, swap: Callable[[ApiDeps], ApiDeps] = lambda deps: deps, **settings: Any
) -> AsyncIterator[Centre]:
    """A running API on the database at `dsn`. `swap` puts real services in the place of stand-ins."""
    pool = await open_pool(dsn, size=6)
    clock, desk, engine = HandClock(), FakeDesk(), FakeEngine()
    services, exports = FakeServices(), FakeExports()
    audit = PostgresAudit(pool, clock.now)
    factors = SecondFactors(PgSecondFactors(pool), SealedFactors(bytes(range(32))), audit, clock, asks=False)
    accounts = Accounts(
        PostgresAccounts(pool),
        Argon2Passwords(memory_kib=64, passes=1, lanes=1),
        RandomTokens(),
        audit,
        clock,
        SystemIds(),
        asks=factors.stage_of,
    )
    scripts = ScriptService(PgScripts(pool), CatalogueStore(pool), clock, SystemIds())
    pauses = Pauses(PgPauses(pool), PgPauses(pool), clock, SystemIds())
    await pauses.load()
    reports = Reports(store=PgReports(pool), audit=audit, clock=clock, ids=SystemIds())
    operations = OperationsReports(
        runs=PgReports(pool), store=PgOperations(pool), kpis=PgKpis(pool),
        labels=PostgresExports(pool).labels, audit=audit, clock=clock,
    )  # fmt: skip
    deps = ApiDeps(
        settings=replace(ApiSettings(secure=False, spool=tmp_path, heartbeat_seconds=0.2), **settings),
        clock=clock,
        accounts=accounts,
        factors=factors,
        second_step=SecondStep(accounts, factors),
        sign_on=SignOn(None, accounts, PgIdentities(pool), SealedTickets(bytes(range(32))), audit, clock),
        audit=audit,
        idempotency=PostgresIdempotency(pool),
        ownership=PostgresOwnership(pool),
        feed=LiveFeed("epoch-1", history=50, backlog=10),
        desk=desk,
        phones=FakePhones(),
        ears=FakeEars(),
        recorder=FakeRecorder(),
        recordings=Recordings(PgRecordings(pool), MasterVault(bytes(range(32))), audit, clock),
        transfers=FakeTransfers(),
        colleagues=FakeColleagues(),
        transfer_targets=TransferTargets(PgTransferTargets(pool), SystemIds(), demo=True),
        overflow_lines=OverflowLines(PgOverflowLines(pool), SystemIds(), demo=True),
        messages=FakeMessages(),
        pauses=pauses,
        practice=PracticeService(PgPractice(pool), clock),
        skills=Skills(PgSkills(pool), clock, SystemIds()),
        roster=Roster(PgRoster(pool), clock),
        roster_feeds=RosterFeeds(PgRosterFeeds(pool), PgRoster(pool), RandomTokens(), clock),
        engine=engine,
        office=PostgresOffice(pool),
        day=PgDayBook(pool),
        clients=cast(Any, services),
        checklist=Checklist(PgChecklist(pool), clock),
        intake=cast(Any, services),
        deliveries=cast(Any, services),
        drafts=Drafts(PgDrafts(pool), cast(Any, services), clock),
        tables=PlainTables(),
        template=lambda format_, language: b"kenmerk",
        people=services,
        exports=exports,
        channels=ChannelService(
            channels=PgChannels(pool),
            outbox=PgOutbox(pool),
            couriers={},
            fields={ChannelKind.KLANTINTERACTIES: FIELDS},
            may_call=lambda url: url.startswith("https://"),
            vault=MasterVault(bytes(range(32))),
            audit=audit,
            clock=clock,
            ids=SystemIds(),
        ),
        hand_back=HandBack(PgHandBack(pool), clock),
        sources=_sources(pool, audit, clock, tmp_path),
        outlets=_outlets(pool, audit, clock),
        secrets=Secrets(
            store=PgSecrets(pool),
            channels=PgChannels(pool),
            outlets=PgOutlets(pool),
            vault=MasterVault(bytes(range(32))),
            audit=audit,
            clock=clock,
        ),
        ddas=Ddas(
            store=PgDdas(pool),
            document=document,
            complaints=complaints,
            versions=VERSIONS,
            vault=MasterVault(bytes(range(32))),
            audit=audit,
            clock=clock,
        ),
        slots=SlotService(
            slots=PgSlots(pool, SystemIds()),
            bookings=PgBookings(pool, CatalogueStore(pool), Rotation()),
            notices=PgNotices(pool),
            may_call=lambda url: url.startswith("https://"),
            vault=MasterVault(bytes(range(32))),
            audit=audit,
            clock=clock,
            ids=SystemIds(),
        ),
        call_slots=CallSlots(PgSlots(pool, SystemIds()), clock),
        feeds=_feeds(pool, audit, clock),
        wrap_ups=services,
        campaigns=services,
        catalogues=CatalogueStore(pool),
        cases=services,
        follow_ups=FollowUps(
            store=PgFollowUps(pool, CatalogueStore(pool), Rotation()),
            labels=PostgresExports(pool).labels,
            vault=MasterVault(bytes(range(32))),
            audit=audit,
            clock=clock,
            ids=SystemIds(),
        ),
        reports=reports,
        operations=operations,
        billing=Billing(
            store=PgBilling(pool),
            logos=PgLogos(pool),
            writer=ReportFilesWriter(),
            tables=table_bytes,
            audit=audit,
            clock=clock,
            ids=SystemIds(),
        ),
        register=Register(PgSchema(pool)),
        contract_end=ContractEnd(
            store=PgContractEnd(pool),
            retention=PgRetention(pool),
            erasures=None,
            vault=MasterVault(bytes(range(32))),
            logos=PgLogos(pool),
            writer=ReportFilesWriter(),
            sign=signer(bytes(range(32)), CERTIFICATE),
            clock=clock,
        ),
        incidents=Incidents(store=PgIncidents(pool), audit=audit, clock=clock, ids=SystemIds()),
        retention=Retention(store=PgRetention(pool), audit=audit, clock=clock),
        privacy_requests=PrivacyRequests(
            store=PgPrivacyRequests(pool),
            rights=ResidentRights(
                store=PgResidents(pool, SystemIds()),
                cases=CaseService(PostgresCases(pool, CatalogueStore(pool), Rotation()), clock),
                erasures=ErasureFile(tmp_path / "erasures"),
                sounds=Recordings(PgRecordings(pool), MasterVault(bytes(range(32))), audit, clock),
                vault=MasterVault(bytes(range(32))),
                audit=audit,
                clock=clock,
                ids=SystemIds(),
            ),
            audit=audit,
            clock=clock,
            ids=SystemIds(),
        ),
        report_schedules=ReportSchedules(
            PgReportSchedules(pool), MasterVault(bytes(range(32))), clock, SystemIds(), mails=True
        ),
        report_deliveries=ReportDeliveries(
            store=PgReportDeliveries(pool),
            files=cast(Any, None),
            outlets=PgOutlets(pool),
            sender=cast(Any, None),
            carriers={},
            mail=None,
            vault=MasterVault(bytes(range(32))),
            audit=audit,
            clock=clock,
            owner="test",
        ),
        tallies=Tallies(PgTallies(pool), clock, lambda found: None),
        report_files=ReportFiles(
            reports=reports, work=operations, logos=PgLogos(pool), writer=ReportFilesWriter(), audit=audit, clock=clock
        ),
        questions=Questions(
            store=PgQuestions(pool), vault=MasterVault(bytes(range(32))), audit=audit, clock=clock, ids=SystemIds()
        ),
        reviews=Reviews(
            store=PgReviews(pool),
            cards=PgScorecards(pool),
            recoder=services,
            catalogues=CatalogueStore(pool),
            vault=MasterVault(bytes(range(32))),
            audit=audit,
            clock=clock,
            ids=SystemIds(),
        ),
        scorecards=Scorecards(PgScorecards(pool), clock),
        quality_trends=QualityTrends(PgQualityTrends(pool), clock),
        complaints=Complaints(
            store=PgComplaints(pool), vault=MasterVault(bytes(range(32))), audit=audit, clock=clock, ids=SystemIds()
        ),
        improvements=Improvements(PgImprovements(pool), clock, SystemIds()),
        callbacks=services,
        reach=services,
        decisions=services,
        pacing_models=PacingModels(PgPacing(pool)),
        outcome_rules=services,
        ring_back=services,
        staff=StaffService(PgStaff(pool), MasterVault(bytes(range(32))), clock, SystemIds(), demo=True),
        proof_calls=FakeProofCalls(services),
        previews=FakePreviews(),
        scripts=scripts,
        knowledge=KnowledgeService(PgKnowledge(pool), clock, SystemIds()),
        emergency=EmergencyStop(PgEmergency(pool), clock, SystemIds()),
        served=lambda operation, status, seconds: None,
        ready=lambda: {"database": True},
    )
    built = Centre(swap(deps), pool, clock, desk, engine, services, exports)
    await built.server.start_server()
    try:
        yield built
    finally:
        await built.close()
        await pool.close()


def as_user(visitor: Visitor) -> UserId:
    """The user behind a visitor of `Centre.person`."""
    return UserId(visitor.user)  # type: ignore[attr-defined]
