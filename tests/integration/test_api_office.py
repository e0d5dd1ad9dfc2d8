"""Campaigns, lists, cases, exports and call-backs over HTTP: pages on a real database, services as stand-ins."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast

import aiohttp
import pytest

from dialer.api.errors import STATUS, TITLES
from dialer.api.files import clear_spool
from dialer.domain.campaign_settings import CAMPAIGN_NUMBERS, MODES
from dialer.schedule.windows import local_date
from dialer.services.access import Role
from dialer.services.ports.desk import Filing
from dialer.services.ports.engine import EngineCampaign
from dialer.services.ports.office import APPOINTMENT_GRACE
from dialer.services.ring_back import CALL_BACK_CODES, CallBackRefusedError
from dialer.storage.engine import PgEngineStore
from tests.support.api import SPEC, Centre, Visitor, as_user, centre
from tests.support.fake_desk import wrap_up
from tests.support.rows import Rows, add_rows


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(dsn, tmp_path / "spool", upload_bytes=100_000) as built:
        yield built


@pytest.fixture
async def rows(api: Centre) -> Rows:
    return await add_rows(api.pool, await api.client("zoetermeer"), api.clock.now())


@pytest.fixture
async def boss(api: Centre) -> Visitor:
    return await api.person(Role.SUPERVISOR)


async def _talking(api: Centre, rows: Rows) -> Visitor:
    agent = await api.person(Role.AGENT)
    api.desk.put(as_user(agent), state="talking", attempt=rows.attempt)
    return agent


# -- agents and attempts ------------------------------------------------------------------------------------


async def test_duty_and_device(api: Centre) -> None:
    agent = await api.person(Role.AGENT, login="anna")
    assert (await agent("getMyView")).json["name"] == "Anna"
    assert (await agent("setMyDuty", json={"duty": "on"})).json["state"] == "available"
    assert (await agent("setMyDuty", json={"duty": "pause", "reason": "lunch"})).json["reason"] == "lunch"
    assert (await agent("setMyDuty", json={"duty": "resume"})).json["state"] == "available"
    assert (await agent("setMyDuty", json={"duty": "off"})).json["state"] == "off"
    assert (await agent("setMyDuty", json={"duty": "slapen"})).status == 422
    assert (await agent("grantMyDevice")).json["secret"] == "geheim"


async def test_a_supervisor_sends_on_pause_but_puts_nobody_on_duty(api: Centre, boss: Visitor) -> None:
    agent = await api.person(Role.AGENT)
    assert (await boss("setAgentDuty", user=as_user(agent), json={"duty": "on"})).status == 422
    assert (await boss("setAgentDuty", user=as_user(agent), json={"duty": "pause"})).code == "conflict"
    api.desk.put(as_user(agent), state="available")
    answer = await boss("setAgentDuty", user=as_user(agent), json={"duty": "pause", "reason": "meeting"})
    assert answer.json["state"] == "paused"
    assert await api.pool.fetchval("select count(*) from audit_event where action = 'agent.force'") == 1


async def test_card_check_and_dossier_are_for_the_agent_of_the_call(api: Centre, rows: Rows) -> None:
    agent, other = await _talking(api, rows), await api.person(Role.AGENT)
    for operation in ("getCard", "getDossier", "getDraft"):
        assert (await other(operation, attempt=rows.attempt)).status == 404
    assert (await agent("getCard", attempt=rows.attempt)).json["name"] == "De Vries"
    assert (await agent("getDossier", attempt=rows.attempt)).code == "not-verified"
    said = {"birth_date": "1980-01-02", "postcode": "2712 AB", "house_number": "12a"}
    assert (await agent("verifyIdentity", attempt=rows.attempt, json=said)).json == {"match": True, "tries_left": 2}
    assert (await agent("getDossier", attempt=rows.attempt)).status == 200
    for wrong in ({"birth_date": "1980-02-30"}, {"birth_date": 1980}, {"postcode": ""}, {"case": "x"}):
        assert (await agent("verifyIdentity", attempt=rows.attempt, json={**said, **wrong})).status == 422


async def test_an_unfinished_wrap_up_is_still_the_agents(api: Centre, rows: Rows) -> None:
    agent = await api.person(Role.AGENT)
    api.desk.put(as_user(agent), state="talking", wrap_ups=(wrap_up(rows.attempt),))
    assert (await agent("getDraft", attempt=rows.attempt)).json == {}
    draft = {"outcome": None, "note": "Belt met zoon", "step": "V1"}
    assert (await agent("saveDraft", attempt=rows.attempt, json=draft)).status == 204
    assert (await agent("getDraft", attempt=rows.attempt)).json == draft


async def test_candidates_need_a_said_name(api: Centre, rows: Rows) -> None:
    agent = await _talking(api, rows)
    assert (await agent("findCandidates", attempt=rows.attempt, json={"said_name": "v"})).status == 422
    answer = await agent("findCandidates", attempt=rows.attempt, json={"said_name": "De Vries"})
    assert answer.json["items"][0]["name"] == "De Vries"


async def test_a_hang_up_says_what_was_marked_or_nothing(api: Centre, rows: Rows) -> None:
    agent = await _talking(api, rows)
    ask = partial(agent, "hangUp", attempt=rows.attempt)
    assert (await ask()).status == 200, "as a screen of an earlier release does"
    assert api.desk.asked[-1] == ("hang_up", api.desk.asked[-1][1], rows.attempt)
    assert (await ask(json={})).status == 200
    assert len(api.desk.asked[-1]) == 3
    assert (await ask(json={"flags": ["CRISIS"], "no_survey": True})).status == 200
    assert list(api.desk.asked[-1])[2:] == [rows.attempt, ("CRISIS",), True]
    refused: list[object] = [{"flags": ["MOE"]}, {"flags": ["CRISIS", "CRISIS"]}, {"no_survey": 1}, {"anders": 1}, []]
    for wrong in refused:
        assert (await ask(json=wrong)).status == 422, wrong
    assert (await ask(data="geen json", headers={"Content-Type": "application/json"})).status == 400
    assert (await ask(data="x", headers={"Content-Type": "text/plain"})).status == 415


async def test_an_outcome_is_filed_as_it_was_sent(api: Centre, rows: Rows) -> None:
    agent = await _talking(api, rows)
    await agent("hangUp", attempt=rows.attempt)
    body = {
        "outcome": "HELP_APPOINTMENT",
        "flags": ["VULNERABLE"],
        "note": "=cmd()",
        "appointment_at": "2026-03-04T10:00:00+01:00",
        "answers": {"hulpvraag": "toeslagen"},
        "confirmed": True,
    }
    assert (await agent("fileOutcome", attempt=rows.attempt, json=body)).json["state"] == "available"
    assert api.desk.asked[-1][3] == Filing(
        outcome="HELP_APPOINTMENT",
        flags=("VULNERABLE",),
        note="=cmd()",
        appointment_at=datetime(2026, 3, 4, 9, 0, tzinfo=UTC),
        answers={"hulpvraag": "toeslagen"},
        confirmed=True,
    )
    for wrong in ({"flags": ["MOE"]}, {"appointment_at": "2026-03-04T10:00"}, {"note": 3}, {"outcome": "a b"}):
        assert (await agent("fileOutcome", attempt=rows.attempt, json={**body, **wrong})).status == 422


async def test_a_filing_is_taken_back(api: Centre, rows: Rows) -> None:
    agent = await _talking(api, rows)
    await agent("hangUp", attempt=rows.attempt)
    await agent("fileOutcome", attempt=rows.attempt, json={"outcome": "THIRD_PARTY"})
    answer = await agent("undoOutcome", attempt=rows.attempt)
    assert (answer.json["state"], answer.json["attempt"]) == ("wrap_up", str(rows.attempt))
    assert answer.json["wrap_ups"] == [
        {"attempt": str(rows.attempt), "ended_at": "2026-03-02T09:00:00Z", "direction": "out", "outcome": ""}
    ]


async def test_voicemail_is_one_key(api: Centre, rows: Rows) -> None:
    agent = await _talking(api, rows)
    assert (await agent("markVoicemail", attempt=rows.attempt)).json["attempt"] is None


async def test_recode_needs_a_reason(api: Centre, rows: Rows) -> None:
    quality = await api.person(Role.QUALITY)
    assert (await quality("recodeOutcome", attempt=rows.attempt, json={"outcome": "PAID"})).status == 422
    answer = await quality("recodeOutcome", attempt=rows.attempt, json={"outcome": "PAID", "reason": "nagehoord"})
    assert answer.status == 204


# -- campaigns ----------------------------------------------------------------------------------------------


async def test_campaigns_by_page_and_client(api: Centre, rows: Rows, boss: Visitor) -> None:
    theirs = await add_rows(api.pool, await api.client("leiden"), api.clock.now())
    first = await boss("listCampaigns", query={"limit": 1})
    second = await boss("listCampaigns", query={"limit": 1, "cursor": first.json["next"]})
    assert [first.json["items"][0]["id"], second.json["items"][0]["id"]] == [str(theirs.campaign), str(rows.campaign)]
    assert second.json["next"] is None
    municipality = await api.person(Role.CLIENT, rows.client)
    assert [item["id"] for item in (await municipality("listCampaigns")).json["items"]] == [str(rows.campaign)]
    assert (await municipality("listClients")).json["items"][0]["slug"] == "zoetermeer"


async def test_changing_a_campaign_needs_its_version_and_tells_the_engine(
    api: Centre, rows: Rows, boss: Visitor
) -> None:
    read = await boss("getCampaign", campaign=rows.campaign)
    body = {"name": "April", "ends_on": "2026-05-01"}
    assert (await boss("updateCampaign", campaign=rows.campaign, json=body)).status == 428
    headers = {"If-Match": read.headers["ETag"]}
    assert (await boss("updateCampaign", campaign=rows.campaign, json=body, headers=headers)).status == 200
    assert api.services.asked[-1][2] == 1
    assert api.engine.told == [("campaign", rows.campaign)]
    assert (await boss("updateCampaign", campaign=rows.campaign, json={}, headers=headers)).status == 422


async def test_settings_are_shown_whole_and_a_change_is_tried_first(api: Centre, rows: Rows, boss: Visitor) -> None:
    stored = {"calendar": {"week": {"sat": []}}, "settings": {"lines": 8, "mode": "progressive"}}
    await api.pool.execute(
        "update campaign set calendar = $2::text::jsonb, settings = $3::text::jsonb where id = $1",
        rows.campaign,
        json.dumps(stored["calendar"]),
        json.dumps(stored["settings"]),
    )
    read = (await boss("getCampaignSettings", campaign=rows.campaign)).json
    assert (read["calendar"]["week"]["sat"], read["usual"]["week"]["sat"]) == ([], [["09:00", "17:00"]])
    assert read["calendar"]["week"]["mon"] == [["08:30", "21:00"]]
    assert {"code": "kings_day", "on": "2026-04-27"} in read["holidays"]
    assert (read["mode"], read["modes"][0], read["takes_inbound"]) == ("progressive", "auto", True)
    numbers = {row["key"]: row for row in read["numbers"]}
    assert (numbers["lines"]["value"], numbers["lines"]["usual"], numbers["lines"]["whole"]) == (8, 30, True)
    assert (numbers["promised_reach_percent"]["value"], numbers["promised_reach_percent"]["usual"]) == (None, None)
    body = {"settings": {"lines": 9}, "ends_on": "2026-05-01"}
    tried = await boss("tryCampaignChange", campaign=rows.campaign, json=body)
    assert tried.json == {"moved": 132, "closed": 4, "same": 40, "estimated": True}
    assert api.services.asked[-1] == ("try_change", rows.campaign, {**body, "ends_on": date(2026, 5, 1)})
    assert api.engine.told == []


def test_the_usual_values_are_those_that_the_engine_takes() -> None:
    known = {field.name: field.default for field in fields(EngineCampaign)}
    usual = {key: number.usual for key, number in CAMPAIGN_NUMBERS.items() if key in known}
    assert len(usual) == 9
    assert usual == {key: known[key] for key in usual}
    assert (known["mode"], known["takes_inbound"]) == (MODES[0], True)


async def test_a_state_is_told_to_the_engine_after_it_was_stored(api: Centre, rows: Rows, boss: Visitor) -> None:
    assert (await boss("setCampaignState", campaign=rows.campaign, json={"state": "paused"})).status == 200
    assert api.engine.told == [("campaign", rows.campaign)]
    api.services.blocked = True
    answer = await boss("setCampaignState", campaign=rows.campaign, json={"state": "running"})
    assert (answer.status, answer.code) == (409, "preflight")
    assert len(api.engine.told) == 1


async def test_preflight_why_outcomes_and_agents(api: Centre, rows: Rows, boss: Visitor) -> None:
    assert (await boss("getPreflight", campaign=rows.campaign)).json["will_call"] == 3
    assert (await boss("whyCampaign", campaign=rows.campaign)).json["code"] == "not-running"
    assert (await boss("whyCase", case=rows.case)).json["code"] == ""
    then = (await boss("whyCase", case=rows.case, query={"at": "2026-03-02T09:00:00+01:00"})).json
    assert (then["code"], then["plan"]) == ("window", None)
    outcomes = (await boss("listOutcomes")).json["items"]
    assert {"BUSY": "bezet"}.items() <= {item["code"]: item["label_nl"] for item in outcomes}.items()
    user = str(rows.client)
    assert (await boss("setCampaignAgents", campaign=rows.campaign, json={"users": [user]})).json == {"users": []}
    assert (await boss("setCampaignAgents", campaign=rows.campaign, json={"users": [user, user]})).status == 422
    assert (await boss("placeTestCall", campaign=rows.campaign, json={"number": "+31790000002"})).status == 202
    assert (await boss("getCampaign", campaign=api.new_id())).status == 404


async def test_reach_leaves_small_counts_to_those_who_may_see_cases(api: Centre, rows: Rows, boss: Visitor) -> None:
    terms = (await boss("getCampaignTerms", campaign=rows.campaign)).json
    assert (terms["open"], terms["ends"][0]["crisis"], len(terms["text"])) == (9, 2, 3)
    seen = (await boss("getReach", campaign=rows.campaign)).json
    assert (seen["callable"], seen["reached"], seen["share"], seen["promised"]) == (40, 3, 0.075, 0.55)
    assert seen["text"][0] == "Van de 40 belbare inwoners zijn er 3 bereikt: 8%."
    chief = await api.person(Role.ADMINISTRATOR)
    assert (await chief("getCampaignTerms", campaign=rows.campaign)).json["ends"] == []
    seen = (await chief("getReach", campaign=rows.campaign)).json
    assert (seen["callable"], seen["reached"], seen["share"], seen["expected"]) == (40, None, None, [])
    assert seen["text"][0] == "Het zijn te weinig inwoners om te laten zien."


async def test_rules_of_outcomes_are_tried_unless_it_is_said_otherwise(api: Centre, rows: Rows, boss: Visitor) -> None:
    seen = (await boss("getOutcomeRules", campaign=rows.campaign)).json
    assert (seen["version"], seen["items"][0]["code"]) == (1, "BUSY")
    body = {"version": 1, "steps": {"BUSY": {"kind": "other_day"}}, "note": "rustiger"}
    tried = (await boss("changeOutcomeRules", campaign=rows.campaign, json=body)).json
    assert (tried["version"], tried["moved"]) == (None, 132)
    kept = await boss("changeOutcomeRules", campaign=rows.campaign, json=body, query={"dry_run": "false"})
    assert kept.json["version"] == 2
    assert api.services.asked[-1][:4] == ("revise", rows.campaign, 1, {"BUSY": {"kind": "other_day"}})
    (version,) = (await boss("getOutcomeRulesHistory", campaign=rows.campaign)).json["items"]
    assert (version["by"], version["steps"]) == ("Mila", {"BUSY": {"kind": "retry_after", "minutes": [30, 60]}})
    theirs = await (await api.person(Role.CLIENT, rows.client))("getOutcomeRulesHistory", campaign=rows.campaign)
    assert theirs.json["items"][0]["by"] == ""
    bad = {"version": 1, "steps": {"BUSY": {"kind": "dance"}}}
    assert (await boss("changeOutcomeRules", campaign=rows.campaign, json=bad)).status == 422
    quality = await api.person(Role.QUALITY)
    assert (await quality("changeOutcomeRules", campaign=rows.campaign, json=body)).status == 403


async def test_a_client_reads_its_own_catalogue_only(api: Centre, rows: Rows) -> None:
    theirs = await add_rows(api.pool, await api.client("leiden"), api.clock.now())
    municipality = await api.person(Role.CLIENT, rows.client)
    assert (await municipality("listOutcomes", query={"campaign": str(rows.campaign)})).status == 200
    assert (await municipality("listOutcomes", query={"campaign": str(theirs.campaign)})).status == 404


async def test_errors_of_services_keep_their_code(api: Centre, rows: Rows, boss: Visitor) -> None:
    body = {"client": str(rows.client), "name": "Maart"}
    answer = await boss("createCampaign", json=body, headers={"Idempotency-Key": "sleutel-1234"})
    assert (answer.status, answer.code) == (409, "conflict")


# -- lists in -----------------------------------------------------------------------------------------------


def _form(content: bytes, mapping: str | None = None, name: str = "../../lijst.csv") -> aiohttp.FormData:
    form = aiohttp.FormData()
    if mapping is not None:
        form.add_field("mapping", mapping)
    form.add_field("file", content, filename=name, content_type="text/csv")
    return form


async def _upload(visitor: Visitor, rows: Rows, form: Any, operation: str = "uploadDelivery", **query: str) -> Any:
    return await visitor(operation, campaign=rows.campaign, data=form, query=query)


async def test_a_dry_run_keeps_nothing_and_cuts_long_lists(api: Centre, rows: Rows, boss: Visitor) -> None:
    answer = await _upload(boss, rows, _form(b"a;b\n", '{"client_ref": "a"}'), dry_run="true")
    assert (answer.status, answer.json["delivery"]) == (200, None)
    assert (len(answer.json["refusals"]), answer.json["refusals_cut"]) == (200, True)
    assert api.services.asked[-1][-1] == {"client_ref": "a"}
    assert api.services.uploads == [b"a;b\n"]
    assert list(api.deps.settings.spool.iterdir()) == []


async def test_a_list_is_loaded_once(api: Centre, rows: Rows, boss: Visitor) -> None:
    assert (await _upload(boss, rows, _form(b"een"))).status == 201
    again = await _upload(boss, rows, _form(b"een"))
    assert (again.status, again.json["repeated"]) == (200, True)
    assert (await _upload(boss, rows, _form(b"twee"), "uploadNumbers")).status == 201
    assert (await _upload(boss, rows, _form(b"drie"), "uploadVisits")).status == 201
    assert [asked[2] for asked in api.services.asked[-2:]] == ["numbers", "visits"]


@pytest.mark.parametrize(
    ("form", "status"),
    [
        (_form(b"x", "geen json"), 422),
        (_form(b"x", '["a"]'), 422),
        (_form(b"x", '{"a": 3}'), 422),
        (_form(b"x", "[" * 15_000), 422),
        (_form(b"x", "x" * 20_000), 413),
        (_form(b"x" * 100_001), 413),
        (b"geen multipart", 415),
    ],
)
async def test_uploads_that_are_none(api: Centre, rows: Rows, boss: Visitor, form: Any, status: int) -> None:
    assert (await _upload(boss, rows, form)).status == status
    assert api.services.uploads == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--grens",
        b"--grens\r\n\r\n",
        b"--grens\r\nContent-Disposition: form-data; name=mapping\r\n\r\n\xff\xfe\r\n--grens--\r\n",
        b"--grens\r\nContent-Disposition: form-data; name=ander\r\n\r\nx\r\n--grens--\r\n",
        b"--grens\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n--grens--\r\n",
    ],
)
async def test_broken_multipart(api: Centre, rows: Rows, boss: Visitor, body: bytes) -> None:
    answer = await boss(
        "uploadDelivery",
        campaign=rows.campaign,
        data=body,
        headers={"Content-Type": "multipart/form-data; boundary=grens"},
    )
    assert answer.status in (400, 422)
    assert list(api.deps.settings.spool.iterdir()) == []


async def test_a_huge_upload_is_cut_off_while_it_comes(api: Centre, rows: Rows, boss: Visitor) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(1000):
            yield b"x" * 65_536

    form = aiohttp.FormData()
    form.add_field("file", endless(), filename="x.csv")
    answer = await _upload(boss, rows, form)
    assert (answer.status, answer.code) == (413, "too-large")
    assert list(api.deps.settings.spool.iterdir()) == []


def test_what_a_killed_process_left_in_the_spool_is_swept_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "upload-x").write_bytes(b"personal")
    (tmp_path / "other").write_bytes(b"not ours")
    (tmp_path / "arrival-x").mkdir()
    (tmp_path / "arrival-x" / "list").write_bytes(b"fetched")
    assert clear_spool(tmp_path) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["other"]
    assert clear_spool(tmp_path / "new") == 0
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


async def test_deliveries_and_their_refusals(api: Centre, rows: Rows, boss: Visitor) -> None:
    listed = await boss("listDeliveries", query={"campaign": str(rows.campaign)})
    assert listed.json["items"][0]["counts"] == {"rows": 1}
    assert (await boss("getDelivery", delivery=rows.delivery)).json["state"] == "loaded"
    first = await boss("listRefusals", delivery=rows.delivery, query={"limit": 2})
    rest = await boss("listRefusals", delivery=rows.delivery, query={"limit": 2, "cursor": first.json["next"]})
    seen = [(item["row"], item["reason"], item["fatal"]) for item in first.json["items"] + rest.json["items"]]
    assert seen == [(2, "missing", True), (2, "too_short", False), (3, "missing", True)]
    assert first.json["items"][0]["column"] == "geboortedatum"
    table = await boss("listRefusals", delivery=rows.delivery, query={"format": "csv"})
    assert table.headers["Content-Disposition"].endswith('.csv"')
    assert table.headers["Cache-Control"] == "no-store"
    assert (await boss("listRefusals", delivery=api.new_id())).status == 404


@pytest.mark.parametrize("cursor", ["W10=", "WzEsMl0=", "WzEsMiwzXQ==", "AA=="])
async def test_cursors_of_somebody_elses_making(api: Centre, rows: Rows, boss: Visitor, cursor: str) -> None:
    assert (await boss("listRefusals", delivery=rows.delivery, query={"cursor": cursor})).status == 422
    assert (await boss("listCases", query={"cursor": cursor})).status == 422


async def test_recall_and_template_and_enrichment(api: Centre, rows: Rows, boss: Visitor) -> None:
    assert (await boss("recallDelivery", delivery=rows.delivery, json={"reason": "x"})).status == 422
    answer = await boss("recallDelivery", delivery=rows.delivery, json={"reason": "verkeerde lijst"})
    assert answer.json["cases"] == 1
    assert (await boss("getImportTemplate")).raw == b"kenmerk"
    assert (await boss("downloadToEnrich", campaign=rows.campaign, query={"format": "xlsx"})).status == 200


# -- cases --------------------------------------------------------------------------------------------------


async def test_cases_by_filter(api: Centre, rows: Rows, boss: Visitor) -> None:
    theirs = await add_rows(api.pool, await api.client("leiden"), api.clock.now(), "April")
    every = {str(rows.case), str(theirs.case)}

    def day(after: int) -> str:
        return f"{local_date(api.clock.now()) + timedelta(days=after)}"

    filters: list[tuple[dict[str, str], set[str]]] = [
        ({}, every),
        ({"campaign": str(rows.campaign)}, {str(rows.case)}),
        ({"delivery": str(theirs.delivery)}, {str(theirs.case)}),
        ({"state": "open"}, every),
        ({"state": "closed"}, set()),
        ({"crisis": "true"}, set()),
        ({"crisis": "false"}, every),
        ({"reference": "K-Maart"}, {str(rows.case)}),
        ({"reference": "S-April"}, {str(theirs.case)}),
        ({"reference": "' or true --"}, set()),
        ({"outcome": "PAID"}, set()),
        ({"client": str(rows.client)}, {str(rows.case)}),
        ({"opened_from": day(0)}, every),
        ({"opened_from": day(1)}, set()),
        ({"opened_until": day(0)}, every),
        ({"opened_until": day(-1)}, set()),
        ({"opened_from": day(-1), "opened_until": day(1), "client": str(theirs.client)}, {str(theirs.case)}),
    ]
    for query, expected in filters:
        answer = await boss("listCases", query=query)
        assert {item["id"] for item in answer.json["items"]} == expected, query
    municipality = await api.person(Role.CLIENT, rows.client)
    seen = (await municipality("listCases", query={"delivery": str(theirs.delivery)})).json
    assert seen["items"] == []
    assert await api.pool.fetchval("select count(*) from audit_event where action = 'case.list'") == len(filters) + 1
    elsewhere = await municipality("listCases", query={"client": str(theirs.client)})
    assert elsewhere.status == 404 or {item["id"] for item in elsewhere.json["items"]} <= {str(rows.case)}
    for wrong in ("2026-02-30", "9999-12-31"):
        assert (await boss("listCases", query={"opened_until": wrong})).status == 422


async def test_a_worklist_has_the_least_time_left_first_page_by_page(api: Centre, rows: Rows, boss: Visitor) -> None:
    now = api.clock.now()
    client = await api.client("leiden")
    more = [await add_rows(api.pool, client, now, name) for name in ("April", "Mei", "Juni")]
    for days, case in ((9, rows.case), (2, more[0].case), (5, more[1].case)):
        end = now + timedelta(days=days)
        await api.pool.execute("update case_file set plan_ends_at = $2 where id = $1", case, end)
    await api.pool.execute("update case_file set state = 'reached' where id = $1", more[2].case)
    seen: list[str] = []
    query = {"order": "time_left", "limit": "1"}
    while True:
        answer = (await boss("listCases", query=query)).json
        seen += [item["id"] for item in answer["items"]]
        if answer["next"] is None:
            break
        query["cursor"] = answer["next"]
    assert seen == [str(case) for case in (more[0].case, more[1].case, rows.case)]
    for cursor in ("W10=", "MjAyNi0wMS0wMSB4", "MjAyNi0wMS0wMVQwMDowMDowMCB4"):
        bad = await boss("listCases", query={"order": "time_left", "cursor": cursor})
        assert bad.status == 422


async def test_the_list_has_the_newest_first_page_by_page(api: Centre, rows: Rows, boss: Visitor) -> None:
    now = api.clock.now()
    client = await api.client("leiden")
    others = [(await add_rows(api.pool, client, now, name)).case for name in ("April", "Mei", "Juni")]
    for days, case in ((9, others[0]), (2, rows.case), (2, others[1]), (5, others[2])):
        begun = now - timedelta(days=days)
        await api.pool.execute("update case_file set opened_at = $2 where id = $1", case, begun)
    seen: list[str] = []
    query = {"limit": "1"}
    while True:
        answer = (await boss("listCases", query=query)).json
        seen += [item["id"] for item in answer["items"]]
        if answer["next"] is None:
            break
        query["cursor"] = answer["next"]
    both = sorted((str(rows.case), str(others[1])), reverse=True)  # begun in the same instant
    assert seen == [*both, str(others[2]), str(others[0])]
    assert (await boss("listCases", query={"cursor": "MjAyNi0wMS0wMSB4"})).status == 422


async def test_a_missed_appointment_is_on_the_list_until_somebody_dials(api: Centre, rows: Rows, boss: Visitor) -> None:
    async def missed() -> int:
        items = (await boss("listCases", query={"missed_appointment": "true"})).json["items"]
        figures = await PgEngineStore(api.pool, cast(Any, None), trunk="").figures(api.clock.now() - APPOINTMENT_GRACE)
        assert [one.missed for one in figures] == [len(items)]
        return len(items)

    at, set_at = api.clock.now() - timedelta(minutes=20), "update case_file set appointment_at = $2 where id = $1"
    await api.pool.execute("update campaign set state = 'running' where id = $1", rows.campaign)
    assert await missed() == 0
    await api.pool.execute(set_at, rows.case, at)
    assert await missed() == 1
    await api.pool.execute(set_at, rows.case, at + timedelta(minutes=10))
    assert await missed() == 0
    await api.pool.execute(set_at, rows.case, at)
    await api.pool.execute("update attempt set direction = 'out', claimed_at = $2 where id = $1", rows.attempt, at)
    assert await missed() == 0


async def test_two_cases_are_put_together_by_a_supervisor_alone(api: Centre, rows: Rows, boss: Visitor) -> None:
    other = await add_rows(api.pool, await api.client("leiden"), api.clock.now(), "April")
    municipality = await api.person(Role.CLIENT, rows.client)
    body = {"other": str(other.case), "reason": "zelfde persoon"}
    assert (await municipality("mergeCases", case=rows.case, json=body)).status == 403
    assert (await municipality("unmergeCase", case=rows.case, json={"reason": "zelfde persoon"})).status == 403
    assert (await boss("mergeCases", case=rows.case, json={**body, "reason": ""})).status == 422
    answer = await boss("mergeCases", case=rows.case, json=body)
    assert answer.json["id"] == str(rows.case)
    assert api.engine.told[-2:] == [("case", other.case), ("case", rows.case)]
    assert api.services.asked[-1] == ("merge", rows.case, other.case, "zelfde persoon")
    answer = await boss("unmergeCase", case=other.case, json={"reason": "toch twee"})
    assert answer.json["id"] == str(other.case)


async def test_one_case_with_its_time_line(api: Centre, rows: Rows, boss: Visitor) -> None:
    answer = await boss("getCase", case=rows.case)
    assert answer.json["attempts"][0]["day_part"] == "ochtend"
    assert answer.json["phones"][0] | {"id": ""} == {
        "id": "",
        "position": 1,
        "kind": "mobile",
        "state": "open",
        "closed_reason": None,
        "blocked": False,
        "source": "client",
        "source_on": None,
    }
    audited = await api.pool.fetchrow("select actor, subject_id, client_id from audit_event where action = 'case.read'")
    assert audited is not None
    assert (audited["subject_id"], audited["client_id"]) == (str(rows.case), rows.client)


@pytest.mark.parametrize("operation", ["withdrawCase", "releaseCase", "liftOptOut"])
async def test_decisions_need_a_reason_and_are_told_to_the_engine(api: Centre, rows: Rows, operation: str) -> None:
    municipality = await api.person(Role.CLIENT, rows.client)
    assert (await municipality(operation, case=rows.case, json={})).status == 422
    headers = {"Idempotency-Key": "sleutel-1234"}
    for _ in range(2):
        body = {"reason": "op verzoek"}
        assert (await municipality(operation, case=rows.case, json=body, headers=headers)).status == 200
    assert api.engine.told == [("case", rows.case)]  # the second answer was the first one's
    assert len(api.services.asked) == 1


async def test_only_a_cases_own_numbers_and_signals(api: Centre, rows: Rows, boss: Visitor) -> None:
    other = await add_rows(api.pool, await api.client("leiden"), api.clock.now())
    reason = {"reason": "op verzoek"}
    assert (await boss("unblockPhone", case=rows.case, phone=other.phone, json=reason)).status == 404
    assert (await boss("unblockPhone", case=rows.case, phone=rows.phone, json=reason)).status == 200
    assert (await boss("undoMerge", case=rows.case, json={"signal": str(other.signal)})).status == 404
    assert (await boss("undoMerge", case=rows.case, json={"signal": str(rows.signal)})).status == 404
    assert [asked[0] for asked in api.services.asked] == ["unblock"]


# -- results out and call-backs -----------------------------------------------------------------------------


async def test_exports(api: Centre, rows: Rows, boss: Visitor) -> None:
    made = await boss("createExport", campaign=rows.campaign, json={"kind": "delta"})
    assert (made.status, made.json["kind"]) == (201, "delta")
    assert (await boss("createExport", campaign=rows.campaign, json={"kind": "alles"})).status == 422
    assert (await boss("listExports")).json["items"][0]["id"] == str(rows.export)
    assert (await boss("getExport", export=rows.export)).json["lines"] == 0
    file = await boss("downloadExport", export=rows.export, query={"format": "csv"})
    assert file.raw.splitlines() == [b"kenmerk", b"K-1"]
    assert (await boss("confirmExport", export=rows.export)).json["confirmed_at"] is not None


async def test_call_backs_show_their_number_to_the_one_who_takes_them(api: Centre, rows: Rows) -> None:
    agent = await api.person(Role.AGENT)
    listed = (await agent("listCallbacks")).json["items"]
    assert (listed[0]["id"], listed[0]["number"]) == (str(rows.callback), "")
    assert (await agent("claimCallback", callback=rows.callback)).json["number"] == "+31790000001"
    closed = await agent("closeCallback", callback=rows.callback, json={"result": "done"})
    assert closed.json["number"] == ""
    assert (await agent("listCallbacks", query={"state": "done"})).json["items"] == []
    assert (await agent("listCallbacks", query={"state": "weg"})).status == 422


async def test_a_call_back_is_dialled_for_the_one_who_took_it(api: Centre, rows: Rows) -> None:
    agent, colleague = await api.person(Role.AGENT), await api.person(Role.AGENT)
    await api.pool.execute(
        "update callback_task set state = 'claimed', claimed_by = $2, claimed_at = $3 where id = $1",
        rows.callback,
        as_user(agent),
        api.clock.now(),
    )
    claimed = {"query": {"state": "claimed"}}
    assert [line["number"] for line in (await agent("listCallbacks", **claimed)).json["items"]] == ["+31790000001"]
    assert [line["number"] for line in (await colleague("listCallbacks", **claimed)).json["items"]] == [""]
    dialled = await agent("dialCallback", callback=rows.callback)
    assert (dialled.json["attempt"], dialled.json["tries"]) == (str(rows.callback), 0)
    assert ("call", rows.callback, as_user(agent)) in api.services.asked
    actions = await api.pool.fetch(
        "select action from audit_event where subject_id = $1 order by id", str(rows.callback)
    )
    assert [record["action"] for record in actions] == ["callback.read", "callback.call", "callback.read"]


@pytest.mark.parametrize("code", sorted(CALL_BACK_CODES))
async def test_a_call_back_that_is_not_dialled_says_why(api: Centre, rows: Rows, code: str) -> None:
    agent = await api.person(Role.AGENT)
    api.services.not_now = CallBackRefusedError(code)
    for language in ("nl", "en"):
        refused = await agent("dialCallback", callback=rows.callback, headers={"Accept-Language": language})
        assert (refused.status, refused.code) == (409, code)
        assert refused.json["title"] == TITLES[code][language == "en"]
    assert await api.pool.fetchval("select count(*) from audit_event where action = 'callback.call'") == 0


def test_every_refusal_of_a_call_back_has_words_of_its_own() -> None:
    assert set(TITLES) >= CALL_BACK_CODES
    assert {STATUS[code] for code in CALL_BACK_CODES} == {409}
    described = SPEC.document["paths"]["/callbacks/{callback}/call"]["post"]["description"]
    assert all(f"`{code}`" in described for code in CALL_BACK_CODES)


async def test_a_client_that_exists_already(api: Centre) -> None:
    boss = await api.person(Role.ADMINISTRATOR)
    body = {
        "slug": "leiden",
        "name": "Leiden",
        "municipality": "Leiden",
        "neutral_name": "Het Gesprek",
        "inbound_number": "+31790000009",
    }
    assert (await boss("createClient", json=body)).code == "conflict"
    assert (await boss("createClient", json={**body, "slug": "../x"})).status == 422
