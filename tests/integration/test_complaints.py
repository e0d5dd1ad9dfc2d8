"""Complaints and proposals over HTTP: an agent's flag, owners, terms, answers, who reads what, what is sealed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from dialer.clock import SystemIds
from dialer.domain.ids import ClientId, DeliveryId, ResidentId
from dialer.schedule.rotation import Rotation
from dialer.services.access import Role
from dialer.services.outcomes import OutcomeService
from dialer.services.ports.desk import Filing
from dialer.storage.catalogue import CatalogueStore
from dialer.storage.filings import PostgresOutcomes
from dialer.storage.residents import PgResidents
from tests.support.api import Centre, Visitor, as_user, centre
from tests.support.intake import VAULT
from tests.support.rows import Rows, add_rows


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(dsn, tmp_path / "spool") as built:
        yield built


@pytest.fixture
async def rows(api: Centre) -> Rows:
    """With keys that open, and no complaint yet."""
    client = await api.client("zoetermeer")
    rows = await add_rows(api.pool, client, api.clock.now())
    key = VAULT.new_client_key(client)
    await api.pool.execute("update client set wrapped_key = $2 where id = $1", client, key)
    delivery = VAULT.new_delivery_key(ClientId(client), key, DeliveryId(rows.delivery))
    await api.pool.execute("update delivery set wrapped_key = $2 where id = $1", rows.delivery, delivery)
    await api.pool.execute("delete from complaint")
    return rows


@pytest.fixture
async def boss(api: Centre) -> Visitor:
    return await api.person(Role.SUPERVISOR, login="mila")


async def write(boss: Visitor, rows: Rows, text: str = "Er werd door een ander opgenomen, en toch verteld.") -> Any:
    return (await boss("writeComplaint", case=rows.case, json={"text": text})).json


async def step(who: Visitor, shown: Any, name: str, **more: Any) -> Any:
    line = shown["line"]
    tag = {"If-Match": f'"{line["version"]}"'}
    return await who("moveComplaint", complaint=line["id"], json={"step": name, **more}, headers=tag)


async def test_from_the_first_word_to_the_answer_within_six_weeks(api: Centre, rows: Rows, boss: Visitor) -> None:
    shown = await write(boss, rows)
    assert (shown["line"]["state"], shown["line"]["due_on"], shown["overdue"]) == ("received", "2026-04-13", False)
    assert (await step(boss, shown, "answer", text="Excuses")).code == "illegal-transition", "nobody has it in hand"
    assert (await step(boss, shown, "assign")).status == 422
    agent = await api.person(Role.AGENT)
    assert (await step(boss, shown, "assign", owner=str(as_user(agent)))).json["field"] == "owner"
    owned = (await step(boss, shown, "assign", owner=str(as_user(boss)))).json
    assert (owned["line"]["state"], owned["line"]["owner_name"]) == ("in_hand", "Mila")
    assert (await step(boss, shown, "withdraw", text="x y z")).code == "changed-since"
    later = (await step(boss, owned, "extend", text="meer onderzoek nodig")).json
    assert later["line"]["due_on"] == "2026-05-11"  # four weeks
    assert (await step(boss, later, "extend", text="nog meer")).code == "illegal-transition"
    answered = (await step(boss, later, "answer", text="Wij bieden onze excuses aan.")).json
    assert (answered["line"]["state"], answered["answer"]) == ("answered", "Wij bieden onze excuses aan.")
    assert [(one["event"], one["reason"]) for one in answered["steps"]] == [
        ("raise", ""), ("assign", ""), ("extend", "meer onderzoek nodig"), ("answer", ""),
    ]  # fmt: skip
    assert (await boss("listComplaints", query={"open": "true"})).json["items"] == []
    assert len((await boss("listCaseComplaints", case=rows.case)).json["items"]) == 1
    reopened = (await step(boss, answered, "reopen", text="is niet tevreden")).json
    assert reopened["line"]["state"] == "extended"
    for table in ("complaint", "complaint_event", "pii.complaint_text", "audit_event", "idempotency"):
        kept = await api.pool.fetch(f"select t::text as line from {table} t")
        assert not any("excuses" in row["line"] or "verteld" in row["line"] for row in kept), table


async def test_late_ones_are_counted_until_they_are_answered(api: Centre, rows: Rows, boss: Visitor) -> None:
    shown = await write(boss, rows)
    service = api.deps.complaints
    api.clock.forward(days=42)
    assert await service.overdue() == {rows.client: 0}, "its last day is not over"
    api.clock.forward(days=1)
    assert await service.overdue() == {rows.client: 1}
    again = await api.person(Role.SUPERVISOR)
    assert (await again("getComplaint", complaint=shown["line"]["id"])).json["overdue"] is True
    owned = (await step(again, shown, "assign", owner=str(as_user(again)))).json
    await step(again, owned, "answer", text="Opgelost")
    assert await service.overdue() == {rows.client: 0}


async def test_the_day_tells_of_those_that_wait_and_those_that_are_late(api: Centre, rows: Rows, boss: Visitor) -> None:
    async def told() -> dict[str, int]:
        counts: dict[str, int] = (await boss("getDay")).json["complaints"]
        return counts

    assert await told() == {"open": 0, "late": 0}
    shown = await write(boss, rows)
    await write(boss, rows)
    assert await told() == {"open": 2, "late": 0}
    await api.pool.execute("update complaint set due_on = '2020-01-01' where id = $1", UUID(shown["line"]["id"]))
    assert await told() == {"open": 2, "late": 1}
    await step(boss, shown, "withdraw", text="was er geen")
    assert await told() == {"open": 1, "late": 0}


async def test_a_client_may_have_another_term(api: Centre, rows: Rows, boss: Visitor) -> None:
    await api.pool.execute("update client set settings = '{\"complaint_days\": 14}' where id = $1", rows.client)
    assert (await write(boss, rows))["line"]["due_on"] == "2026-03-16"


async def test_an_agents_flag_is_a_complaint_once_and_its_note_is_the_text(
    api: Centre, rows: Rows, boss: Visitor
) -> None:
    agent = await api.person(Role.AGENT)
    await api.pool.execute(
        "update attempt set agent_id = $2, joined_at = claimed_at, verified = true, wrap_up_open = true,"
        " outcome = null, state = 'wrap_up', direction = 'out' where id = $1",
        rows.attempt,
        as_user(agent),
    )
    catalogues = CatalogueStore(api.pool)
    service = OutcomeService(
        PostgresOutcomes(api.pool, SystemIds(), catalogues, Rotation()), catalogues, VAULT, api.clock
    )
    filing = Filing(outcome="NO_HELP", flags=["COMPLAINT"], note="Vindt ons te vaak bellen.")
    await service.file(as_user(agent), rows.attempt, filing)
    await service.file(as_user(agent), rows.attempt, replace(filing, note="Vindt ons veel te vaak bellen."))
    [line] = (await boss("listComplaints")).json["items"]
    assert (line["attempt"], line["case"], line["state"]) == (str(rows.attempt), str(rows.case), "received")
    shown = (await boss("getComplaint", complaint=line["id"])).json
    assert (shown["what"], shown["note"]) == (None, "Vindt ons veel te vaak bellen.")
    await service.undo(as_user(agent), rows.attempt)
    await service.file(as_user(agent), rows.attempt, Filing(outcome="NO_HELP", note="Toch niet."))
    assert len((await boss("listComplaints")).json["items"]) == 1, "what was said stays: a supervisor withdraws it"


async def test_a_filing_that_fails_leaves_no_complaint(api: Centre, rows: Rows) -> None:
    agent = await api.person(Role.AGENT)
    await api.pool.execute(
        "update attempt set agent_id = $2, joined_at = claimed_at, verified = true, wrap_up_open = true,"
        " outcome = null, state = 'wrap_up', direction = 'out' where id = $1",
        rows.attempt,
        as_user(agent),
    )
    await api.pool.execute("alter table case_file add constraint planted check (state <> 'reached') not valid")
    catalogues = CatalogueStore(api.pool)
    service = OutcomeService(
        PostgresOutcomes(api.pool, SystemIds(), catalogues, Rotation()), catalogues, VAULT, api.clock
    )
    with pytest.raises(Exception, match="planted"):
        await service.file(as_user(agent), rows.attempt, Filing(outcome="NO_HELP", flags=["COMPLAINT"], note="x"))
    assert await api.pool.fetchval("select count(*) from complaint") == 0


async def test_who_reads_complaints(api: Centre, rows: Rows, boss: Visitor) -> None:
    shown = await write(boss, rows)
    for role, client in ((Role.AGENT, None), (Role.ADMINISTRATOR, None), (Role.CLIENT, rows.client)):
        visitor = await api.person(role, client)
        assert (await visitor("getComplaint", complaint=shown["line"]["id"])).status == 403
    await boss("getComplaint", complaint=shown["line"]["id"])
    actions = await api.pool.fetch("select action from audit_event where action like 'complaint.%' order by id")
    assert [row["action"] for row in actions] == ["complaint.raise", "complaint.read"]
    assert (await boss("writeComplaint", case=rows.case, json={"text": "bsn 123456782"})).status == 422


async def test_a_proposal_goes_from_an_agents_word_to_an_answer_that_he_reads(api: Centre, boss: Visitor) -> None:
    agent = await api.person(Role.AGENT)
    one = (await agent("proposeImprovement", json={"text": "Eerst zeggen waarom wij bellen."})).json

    async def move(**body: Any) -> Any:
        return await boss(
            "moveImprovement", improvement=one["id"], json=body, headers={"If-Match": f'"{one["version"]}"'}
        )

    assert (one["state"], one["owner"]) == ("plan", None)
    assert (await move(step="next")).json["field"] == "owner"
    due = (api.clock.now() + timedelta(days=14)).date().isoformat()
    assert (await move(step="next", owner=str(as_user(boss)))).json["field"] == "due_on"
    one = (await move(owner=str(as_user(boss)), due_on=due)).json
    for expected in ("do", "check", "act"):
        one = (await move(step="next")).json
        assert (one["state"], one["owner_name"], one["due_on"]) == (expected, "Mila", due)
    assert (await move(step="next")).code == "illegal-transition"
    assert (await move(step="close")).json["field"] == "answer"
    assert (await move(answer="alvast")).status == 422
    assert (await agent("moveImprovement", improvement=one["id"], json={}, headers={"If-Match": '"1"'})).status == 403
    stale = one
    one = (await move(step="close", answer="Staat nu zo in het script.")).json
    one, closed = stale, one
    assert (await move(step="again")).code == "changed-since"
    assert (await agent("listImprovements")).json["items"] == []
    [read] = (await agent("listImprovements", query={"open": "false"})).json["items"]
    assert (read["answer"], read["state"]) == ("Staat nu zo in het script.", "closed") == (closed["answer"], "closed")
    with pytest.raises(Exception, match="check"):
        await api.pool.execute("update improvement set answer = ''")
    outsider = await api.person(Role.CLIENT, await api.client("leiden"))
    assert (await outsider("listImprovements")).status == 403


async def test_a_complaint_stands_in_the_residents_file(api: Centre, rows: Rows, boss: Visitor) -> None:
    shown = await write(boss, rows)
    owned = (await step(boss, shown, "assign", owner=str(as_user(boss)))).json
    await step(boss, owned, "answer", text="Excuses")
    resident = await api.pool.fetchval("select resident_id from case_file where id = $1", rows.case)
    held = await PgResidents(api.pool, SystemIds()).held(ResidentId(resident))
    assert [(one.section, one.box is not None) for one in held if one.section.startswith("complaint")] == [
        ("complaints", True),
        ("complaint_answers", True),
    ]
