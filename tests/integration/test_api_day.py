"""A campaign's day over HTTP with every real service but the telephone: made, filled, started, filed, handed back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import aiohttp
import pytest

from dialer.api.keys import ApiDeps
from dialer.clock import SystemIds
from dialer.domain.ids import AttemptId, CampaignId, ClientId, UserId
from dialer.intake.process import ChildReader
from dialer.intake.tables import FileTables
from dialer.intake.template import template
from dialer.schedule.rotation import Rotation
from dialer.security.vault import MasterVault
from dialer.services.access import Role
from dialer.services.callbacks import CallbackService
from dialer.services.campaigns import CampaignService
from dialer.services.cases import CaseService
from dialer.services.clients import Clients
from dialer.services.deliveries import DeliveryService
from dialer.services.export import ExportService
from dialer.services.intake import IntakeService
from dialer.services.outcomes import OutcomeService
from dialer.services.people import PeopleService
from dialer.services.ports.desk import AgentView, Filing
from dialer.services.ports.ledger import CallEnd, ClaimOrder
from dialer.storage.callbacks import PostgresCallbacks
from dialer.storage.campaigns import PostgresCampaigns
from dialer.storage.catalogue import CatalogueStore
from dialer.storage.clients import PgClientStore
from dialer.storage.deliveries import DeliveryStore
from dialer.storage.exports import PostgresExports
from dialer.storage.filings import PostgresOutcomes
from dialer.storage.leases import lease_name
from dialer.storage.ledger import PostgresLedger
from dialer.storage.people import PeopleRows
from dialer.storage.pool import open_pool
from dialer.storage.steering import PostgresCases
from tests.support.api import Centre, Visitor, as_user, centre
from tests.support.checklist import waive_all
from tests.support.fake_desk import FakeDesk, wrap_up
from tests.support.intake import csv_bytes, row
from tests.support.telling import telling

SAID = {"birth_date": "1970-02-01", "postcode": "2711ab", "house_number": "12"}


class FilingDesk(FakeDesk):
    """A desk that files for real."""

    outcomes: OutcomeService

    async def file(self, user: UserId, attempt: AttemptId, filing: Filing) -> AgentView:
        await self.outcomes.file(user, attempt, filing)
        return await super().file(user, attempt, filing)


@dataclass
class Day:
    """The API, and the parts that a test drives by hand: the ledger instead of a telephone."""

    api: Centre
    desk: FilingDesk
    ledger: PostgresLedger
    missing: list[str]

    async def call(self, campaign: CampaignId, agent: Visitor, *, talk: bool) -> AttemptId:
        """One dial: answered by a person and joined, or not answered."""
        now, user = self.api.clock.now(), as_user(agent)
        lease = await self.ledger.take_lease(lease_name(campaign), "test", 30)
        assert lease is not None
        order = ClaimOrder(campaign=campaign, owner="test", epoch=lease.epoch, agents=[user], at=now, wall_at=now)
        [claim] = await self.ledger.claim(order)
        await self.ledger.end(
            CallEnd(
                attempt=claim.attempt,
                at=now,
                wall_at=now,
                actor="asterisk",
                result=None if talk else "NO_ANSWER",
                counted=True,
                abandoned=False,
                cause=16,
                sip_code=200,
                ring_ms=5000.0,
                talk_ms=60_000.0 if talk else None,
                wrap_up=talk,
                agent=user if talk else None,
            )
        )
        if talk:
            self.desk.put(user, state="wrap_up", attempt=claim.attempt, wrap_ups=(wrap_up(claim.attempt),))
        return claim.attempt


@asynccontextmanager
async def a_day(dsn: str, folder: Path) -> AsyncIterator[Day]:
    pool = await open_pool(dsn, size=4)
    ids, vault, missing = SystemIds(), MasterVault(bytes(range(32))), cast("list[str]", [])
    catalogues, planner = CatalogueStore(pool), Rotation()
    made: dict[str, Any] = {}

    def swap(deps: ApiDeps) -> ApiDeps:
        clock, audit = deps.clock, deps.audit

        async def numbers(phones: Sequence[Any]) -> Any:
            return await people.numbers(phones)

        ledger = PostgresLedger(pool, ids, catalogues, planner, numbers, vault.number_key)
        people = PeopleService(store=PeopleRows(pool), vault=vault, audit=audit, clock=clock, ledger=ledger)
        outcomes = OutcomeService(PostgresOutcomes(pool, ids, catalogues, planner), catalogues, vault, clock)
        lists, case_store = DeliveryStore(pool), PostgresCases(pool, catalogues, planner)
        desk = FilingDesk()
        desk.outcomes = outcomes
        made.update(ledger=ledger, desk=desk)
        return replace(
            deps,
            desk=desk,
            clients=Clients(PgClientStore(pool), vault, clock, ids, demo=True),
            intake=IntakeService(
                store=lists, reader=ChildReader(), vault=vault, audit=audit, clock=clock, ids=ids, demo=True
            ),
            deliveries=DeliveryService(store=lists, vault=vault, audit=audit, clock=clock, ids=ids, engine=deps.engine),
            tables=FileTables(),
            template=template,
            people=people,
            exports=ExportService(store=PostgresExports(pool), vault=vault, audit=audit, clock=clock, ids=ids),
            wrap_ups=outcomes,
            campaigns=CampaignService(
                PostgresCampaigns(pool),
                case_store,
                clock,
                ids,
                facts=lambda campaign: None,
                missing_messages=lambda slug: missing,
            ),
            cases=CaseService(case_store, clock),
            callbacks=CallbackService(PostgresCallbacks(pool, catalogues, planner), vault, clock, ids),
        )

    try:
        async with centre(dsn, folder, swap=swap) as api:
            await catalogues.seed(api.clock.now())
            yield Day(api=api, desk=made["desk"], ledger=made["ledger"], missing=missing)
    finally:
        await pool.close()


@pytest.fixture
async def day(dsn: str, tmp_path: Path) -> AsyncIterator[Day]:
    async with a_day(dsn, tmp_path) as built:
        yield built


@dataclass
class Begun:
    """A running campaign with one resident on its list."""

    client: ClientId
    campaign: CampaignId
    boss: Visitor
    agent: Visitor


async def _client(day: Day, slug: str = "stad") -> ClientId:
    chief = await day.api.person(Role.ADMINISTRATOR)
    number = await day.api.pool.fetchval("select count(*) from client")
    body = {
        "slug": slug,
        "name": slug.title(),
        "municipality": slug.title(),
        "neutral_name": "het Contactteam",
        "inbound_number": f"+3179000000{number}",
    }
    made = await chief("createClient", json=body)
    assert made.status == 201, made.raw
    client = ClientId(made.json["id"])
    await waive_all(day.api.pool, client, day.api.clock.now())
    return client


async def _upload(visitor: Visitor, campaign: CampaignId, content: bytes) -> Any:
    form = aiohttp.FormData()
    form.add_field("file", content, filename="lijst.csv", content_type="text/csv")
    return await visitor("uploadDelivery", campaign=campaign, data=form)


async def _begun(day: Day) -> Begun:
    client = await _client(day)
    boss, agent = await day.api.person(Role.SUPERVISOR), await day.api.person(Role.AGENT)
    made = await boss("createCampaign", json={"client": str(client), "name": "Maart"})
    assert made.status == 201, made.raw
    campaign = CampaignId(made.json["id"])
    assert (await _upload(boss, campaign, csv_bytes([row()]))).status == 201
    users = {"users": [str(as_user(agent))]}
    assert (await boss("setCampaignAgents", campaign=campaign, json=users)).json == users
    assert (await boss("setCampaignState", campaign=campaign, json={"state": "running"})).status == 200
    return Begun(client=client, campaign=campaign, boss=boss, agent=agent)


async def test_a_campaign_starts_only_when_the_check_passes(day: Day) -> None:
    client, boss = await _client(day), await day.api.person(Role.SUPERVISOR)
    campaign = (await boss("createCampaign", json={"client": str(client), "name": "Maart"})).json["id"]
    again = await boss("createCampaign", json={"client": str(client), "name": "Maart"})
    assert (again.status, again.code) == (409, "conflict")
    day.missing.append("safe")
    check = (await boss("getPreflight", campaign=campaign)).json
    assert {item["code"] for item in check["checks"] if item["blocking"] and not item["ok"]} == {"messages", "agents"}
    refused = await boss("setCampaignState", campaign=campaign, json={"state": "running"})
    assert (refused.status, refused.code) == (409, "preflight")
    assert (await boss("getCampaign", campaign=campaign)).json["state"] == "draft"
    assert (await boss("whyCampaign", campaign=campaign)).json["code"] == "campaign_draft"
    wrong = await boss(
        "updateCampaign", campaign=campaign, json={"settings": {"ring_seconds": 3}}, headers={"If-Match": '"1"'}
    )
    assert (wrong.status, wrong.json["field"]) == (422, "settings.ring_seconds")


async def test_of_two_editors_the_second_reads_again(day: Day) -> None:
    begun = await _begun(day)
    version = (await begun.boss("getCampaign", campaign=begun.campaign)).headers["ETag"]
    for status in (200, 412):
        body, headers = {"name": "April"}, {"If-Match": version}
        answer = await begun.boss("updateCampaign", campaign=begun.campaign, json=body, headers=headers)
        assert answer.status == status


async def test_card_check_dossier_outcome_and_results(day: Day) -> None:
    begun = await _begun(day)
    agent = begun.agent
    attempt = await day.call(begun.campaign, agent, talk=True)

    card = (await agent("getCard", attempt=attempt)).json
    assert (card["name"], card["number"], card["attempt_number"]) == ("J. van der Berg", "+31600000001", 1)
    assert "310" not in telling(card)
    assert "Huur" not in str(card)
    assert (await agent("getDossier", attempt=attempt)).code == "not-verified"
    wrong = await agent("verifyIdentity", attempt=attempt, json={**SAID, "house_number": "13"})
    assert (wrong.json["match"], wrong.json["tries_left"]) == (False, 4)
    day.api.clock.forward(seconds=5)
    assert (await agent("verifyIdentity", attempt=attempt, json=SAID)).json["match"] is True
    shown = await agent("getDossier", attempt=attempt)
    assert shown.status == 200, shown.raw
    dossier = shown.json
    assert dossier["signals"][0]["amount_band"] == "250-500"
    assert "310" not in telling(dossier["signals"])

    assert (await agent("saveDraft", attempt=attempt, json={"note": "Belt met dochter"})).status == 204
    assert (await agent("getDraft", attempt=attempt)).json == {"note": "Belt met dochter"}
    body = {"outcome": "HELP_WANTED", "note": "=Wil hulp", "answers": {"hulpvraag": "toeslagen"}}
    needs_key = await agent("fileOutcome", attempt=attempt, json=body)
    assert needs_key.status == 422
    assert needs_key.json["field"]
    answers = await _answers(begun.boss, "HELP_WANTED")
    filed = await agent("fileOutcome", attempt=attempt, json=body | {"confirmed": True, "answers": answers})
    assert filed.status == 200, filed.raw
    stored = await day.api.pool.fetch("select sealed from pii.note")
    assert b"Wil hulp" not in stored[0]["sealed"]

    case = (await begun.boss("listCases")).json["items"][0]
    assert (case["state"], case["outcome"], case["attempts"]) == ("reached", "HELP_WANTED", 1)
    why = (await begun.boss("whyCase", case=case["id"])).json
    assert why["code"]
    assert why["text"]
    municipality = await day.api.person(Role.CLIENT, begun.client)
    export = (await municipality("createExport", campaign=begun.campaign, json={"kind": "delta"})).json
    text = (await municipality("downloadExport", export=export["id"])).raw.decode("utf-8-sig")
    assert "HELP_WANTED" in text
    assert "'=Wil hulp" in text
    sheet = await municipality("downloadExport", export=export["id"], query={"format": "xlsx"})
    assert sheet.raw[:2] == b"PK"
    assert (await municipality("confirmExport", export=export["id"])).json["confirmed_at"] is not None

    quality = await day.api.person(Role.QUALITY)
    recode = {"outcome": "ADVICE", "reason": "nagehoord"}
    assert (await quality("recodeOutcome", attempt=attempt, json=recode)).status == 204
    second = (await municipality("createExport", campaign=begun.campaign, json={"kind": "delta"})).json
    assert second["lines"] == 1
    assert "vervanging" in (await municipality("downloadExport", export=second["id"])).raw.decode("utf-8-sig")


async def _answers(boss: Visitor, code: str) -> dict[str, str]:
    """What the catalogue asks of this outcome, answered."""
    outcomes = (await boss("listOutcomes")).json["items"]
    needs = next(item["needs"] for item in outcomes if item["code"] == code)
    return {need.removeprefix("answer:"): "toeslagen" for need in needs if need.startswith("answer:")}


async def test_a_guesser_runs_out_of_tries(day: Day) -> None:
    begun = await _begun(day)
    attempt = await day.call(begun.campaign, begun.agent, talk=True)
    for _ in range(5):
        day.api.clock.forward(seconds=5)
        answer = await begun.agent("verifyIdentity", attempt=attempt, json={**SAID, "birth_date": "1971-02-01"})
        assert answer.json["match"] is False
    over = await begun.agent("verifyIdentity", attempt=attempt, json=SAID)
    assert (over.status, over.code) == (409, "no-tries-left")


async def test_withdrawn_is_not_called_and_released_is(day: Day) -> None:
    begun = await _begun(day)
    municipality = await day.api.person(Role.CLIENT, begun.client)
    case = (await municipality("listCases")).json["items"][0]["id"]
    reason = {"reason": "heeft zelf gebeld"}
    assert (await municipality("withdrawCase", case=case, json=reason)).json["state"] == "withdrawn"
    assert day.api.engine.told[-1][0] == "case"
    assert (await municipality("whyCase", case=case)).json["code"] != ""
    opened = (await municipality("getCase", case=case)).json["case"]["opened_at"]
    assert (await municipality("whyCase", case=case, query={"at": opened})).json["code"] != ""
    assert (await municipality("releaseCase", case=case, json=reason)).json["state"] == "open"
    nothing = await municipality("liftOptOut", case=case, json=reason)
    assert (nothing.status, nothing.code) == (409, "conflict")
    audited = await day.api.pool.fetchval("select count(*) from audit_event where subject_id = $1", case)
    assert audited >= 2


async def test_every_look_at_a_resident_is_in_the_audit(day: Day) -> None:
    begun = await _begun(day)
    attempt = await day.call(begun.campaign, begun.agent, talk=True)
    await begun.agent("getCard", attempt=attempt)
    await begun.agent("verifyIdentity", attempt=attempt, json=SAID)
    await begun.agent("getDossier", attempt=attempt)
    actor = f"user:{as_user(begun.agent)}"
    rows = await day.api.pool.fetch("select action from audit_event where actor = $1 order by id", actor)
    actions = [record["action"] for record in rows]
    assert {"card.read", "dossier.read"} <= set(actions)
    assert any("identity" in action or "verif" in action or "check" in action for action in actions)
    dump = str([tuple(record) for record in await day.api.pool.fetch("select * from audit_event")])
    for secret in ("Berg", "0600000001", "600000001", "1970"):
        assert secret not in dump


async def test_a_clients_rules_are_read_and_changed_over_http(day: Day) -> None:
    client = await _client(day)
    chief, boss = await day.api.person(Role.ADMINISTRATOR), await day.api.person(Role.SUPERVISOR)
    read = await boss("getClient", client=client)
    cap = next(one for one in read.json["settings"] if one["key"] == "case_cap")
    assert (cap["value"], cap["own"], cap["unit"], read.json["version"]) == (12, False, "attempts", 1)
    assert cap["text"] == "pogingen per zaak"
    change = {"settings": {"case_cap": 5, "lead_days": 3}}
    assert (await boss("updateClient", client=client, json=change, headers={"If-Match": '"1"'})).status == 403
    done = await chief("updateClient", client=client, json=change, headers={"If-Match": '"1"'})
    assert (done.status, done.json["version"]) == (200, 2), done.raw
    assert {one["key"]: one["value"] for one in done.json["settings"] if one["own"]} == change["settings"]
    late = await chief("updateClient", client=client, json=change, headers={"If-Match": '"1"'})
    assert late.status == 412, late.raw
    bad = await chief("updateClient", client=client, json={"settings": {"case_cap": 0}}, headers={"If-Match": '"2"'})
    assert (bad.status, bad.json["field"]) == (422, "case_cap")
    detail = await day.api.pool.fetchval("select detail::text from audit_event where action = 'client.change'")
    assert '"case_cap": 5' in detail
