"""Scripts over HTTP on a real database: drafted, versioned, approved, chosen; a call keeps its version."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from dialer.domain.script import first_script, parse_script, to_json
from dialer.services.access import Role
from dialer.services.ports.scripts import SHIPPED
from dialer.services.scripts import ScriptService
from tests.support.api import Centre, Visitor, as_user, centre
from tests.support.rows import Rows, add_rows

Json = dict[str, Any]


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(dsn, tmp_path / "spool") as built:
        yield built


class Room:
    """A client with one script, its people, and an agent in a call."""

    def __init__(self, api: Centre, rows: Rows) -> None:
        self.api, self.rows = api, rows

    async def furnish(self) -> Room:
        await self.service.seed()
        self.boss = await self.api.person(Role.SUPERVISOR)
        self.client = await self.api.person(Role.CLIENT, self.rows.client)
        self.agent = await self.api.person(Role.AGENT)
        self.api.desk.put(as_user(self.agent), state="talking", attempt=self.rows.attempt)
        made = await self.boss("createScript", json={"client": str(self.rows.client), "name": "Zoetermeer"})
        assert made.status == 201
        self.script = UUID(made.json["id"])
        return self

    @property
    def service(self) -> ScriptService:
        return self.api.deps.scripts

    async def draft(self) -> Json:
        answer = await self.boss("getScriptDraft", script=self.script)
        assert answer.headers["ETag"] == f'"{answer.json["line"]["draft_version"]}"'
        found: Json = answer.json
        return found

    async def write(self, said: str, *, who: Visitor | None = None, version: int | None = None) -> Any:
        """Put `said` into the first step."""
        draft = await self.draft()
        body = draft["body"]
        body["steps"][0]["say"]["nl"] = said
        tag = {"If-Match": f'"{version or draft["line"]["draft_version"]}"'}
        return await (who or self.boss)("saveScriptDraft", script=self.script, json=body, headers=tag)

    async def publish(self, said: str | None = None) -> Any:
        if said is not None:
            assert (await self.write(said)).status == 200
        tag = {"If-Match": f'"{(await self.draft())["line"]["draft_version"]}"'}
        return await self.boss("publishScript", script=self.script, json={"note": "nieuwe opening"}, headers=tag)

    async def approve(self, version: str, decision: str = "approved", note: str = "") -> Any:
        return await self.client(
            "decideScriptVersion", script_version=version, json={"decision": decision, "note": note}
        )

    async def choose(self, script: UUID | None) -> Any:
        json = {"script": None if script is None else str(script)}
        return await self.boss("chooseCampaignScript", campaign=self.rows.campaign, json=json)

    async def said(self) -> str:
        """What the agent of the call reads first."""
        answer = await self.agent("getCallScript", attempt=self.rows.attempt)
        return str(answer.json["body"]["steps"][0]["say"]["nl"])

    async def versions(self) -> list[Json]:
        return list((await self.boss("listScriptVersions", script=self.script)).json["items"])


@pytest.fixture
async def room(api: Centre) -> Room:
    rows = await add_rows(api.pool, await api.client("zoetermeer"), api.clock.now())
    return await Room(api, rows).furnish()


async def test_a_campaign_that_chose_nothing_has_what_ships(room: Room) -> None:
    shipped = (await room.boss("getCampaignScript", campaign=room.rows.campaign)).json
    assert (shipped["shipped"], shipped["number"]) == (True, 1)
    assert parse_script(shipped["body"]) == first_script()
    call = (await room.agent("getCallScript", attempt=room.rows.attempt)).json
    assert call == shipped
    first = (await room.boss("listScripts")).json["items"][0]
    assert (first["id"], first["approved"], first["draft_differs"]) == (str(SHIPPED), 1, False)
    edit = await room.boss("saveScriptDraft", script=SHIPPED, json=to_json(first_script()), headers={"If-Match": '"2"'})
    assert edit.code == "forbidden"
    tag = {"If-Match": '"2"'}
    made = await room.boss("publishScript", script=SHIPPED, json={"note": "zoals het is"}, headers=tag)
    assert made.code == "forbidden"


async def test_shipping_the_same_again_makes_no_version_and_another_text_does(room: Room) -> None:
    store, at = room.service._store, room.api.clock.now()
    await room.service.seed()
    body = to_json(first_script())
    body["steps"][0]["say"]["nl"] = "Dag."
    await store.seed(parse_script(body), room.api.new_id(), at)
    rows = await store.versions(SHIPPED, 9)
    assert [(row.number, row.state) for row in rows] == [(2, "approved"), (1, "approved")]
    assert (await room.boss("getCampaignScript", campaign=room.rows.campaign)).json["number"] == 2


async def test_a_running_call_keeps_its_version_and_the_next_gets_the_new_one(room: Room) -> None:
    first = (await room.publish("Eerste.")).json
    assert (await room.approve(first["id"])).json["state"] == "approved"
    assert (await room.choose(room.script)).status == 200
    assert await room.said() == "Eerste."
    second = (await room.publish("Tweede.")).json
    assert await room.said() == "Eerste."  # not even approved
    assert (await room.approve(second["id"])).status == 200
    assert await room.said() == "Eerste."  # the page was loaded again in mid-call
    assert (await room.choose(None)).json["shipped"] is True
    assert await room.said() == "Eerste."
    assert (await room.choose(room.script)).json["number"] == 2
    now = (await room.boss("getCampaignScript", campaign=room.rows.campaign)).json
    assert now["body"]["steps"][0]["say"]["nl"] == "Tweede."
    with pytest.raises(asyncpg.RestrictViolationError):
        await room.api.pool.execute("delete from attempt_script")


async def test_two_screens_of_a_call_that_ask_at_once_get_the_same(room: Room) -> None:
    found = await asyncio.gather(*(room.agent("getCallScript", attempt=room.rows.attempt) for _ in range(5)))
    assert len({answer.json["version"] for answer in found}) == 1
    assert await room.api.pool.fetchval("select count(*) from attempt_script") == 1


async def test_only_the_calls_own_agent_gets_its_script(room: Room) -> None:
    other = await room.api.person(Role.AGENT)
    assert (await other("getCallScript", attempt=room.rows.attempt)).status == 404
    unknown = room.api.new_id()
    room.api.desk.put(as_user(other), state="talking", attempt=unknown)
    assert (await other("getCallScript", attempt=unknown)).status == 404  # the ledger lags: the panel asks again


async def test_two_supervisors_do_not_overwrite_each_other(room: Room) -> None:
    other = await room.api.person(Role.SUPERVISOR)
    before = (await room.draft())["line"]["draft_version"]
    assert (await room.write("Van de een.", version=before)).status == 200
    late = await room.write("Van de ander.", who=other, version=before)
    assert (late.status, late.code) == (412, "changed-since")
    assert (await room.draft())["body"]["steps"][0]["say"]["nl"] == "Van de een."
    stale = await room.boss(
        "publishScript", script=room.script, json={"note": "van eerder"}, headers={"If-Match": f'"{before}"'}
    )
    assert stale.status == 412


async def test_a_draft_with_errors_is_kept_but_is_no_version(room: Room) -> None:
    kept = await room.write("Het gaat om {soort}.")
    assert kept.status == 200
    (problem,) = [one for one in kept.json["problems"] if one["blocking"]]
    assert (problem["code"], problem["step"], problem["where"]) == ("placeholder_before_check", "O1", "say")
    assert problem["text"].startswith("{soort} noemt de achterstand")
    assert (await room.publish()).code == "script-problems"
    assert await room.versions() == []
    assert kept.json["changes"] == []  # nothing to compare with yet


async def test_what_is_no_script_is_refused_and_changes_nothing(room: Room) -> None:
    draft = await room.draft()
    body = draft["body"]
    body["steps"].append(body["steps"][0])
    tag = {"If-Match": f'"{draft["line"]["draft_version"]}"'}
    assert (await room.boss("saveScriptDraft", script=room.script, json=body, headers=tag)).status == 422
    assert await room.draft() == draft | {"body": (await room.draft())["body"]}
    assert len((await room.draft())["body"]["steps"]) == 22


async def test_a_version_says_what_changed_and_a_second_equal_one_is_not_made(room: Room) -> None:
    await room.publish()
    assert (await room.publish()).code == "script-unchanged"
    await room.publish("Dag.")
    newest, first = await room.versions()
    (change,) = newest["changes"]
    assert (change["step"], change["kind"]) == ("O1", "changed")
    assert change["fields"][0]["after"] == "Dag."
    assert (first["number"], first["state"], first["changes"]) == (1, "superseded", [])
    theirs = (await room.client("listScriptVersions", script=room.script)).json["items"]
    assert {one["by"] for one in theirs} == {""}  # our people's names are not for clients
    assert newest["by"] != ""


async def test_the_client_alone_decides_once_and_on_the_newest(room: Room) -> None:
    first = (await room.publish("Eerste.")).json["id"]
    body = {"decision": "approved"}
    assert (await room.boss("decideScriptVersion", script_version=first, json=body)).status == 403
    stranger = await room.api.person(Role.CLIENT, await room.api.client("leiden"))
    assert (await stranger("decideScriptVersion", script_version=first, json=body)).status == 404
    assert (await room.approve(first, "refused")).status == 422  # why?
    assert (await room.approve(first, "refused", "De toon is te streng.")).json["state"] == "refused"
    assert (await room.approve(first)).code == "script-decided"
    second = (await room.publish("Tweede.")).json["id"]
    third = (await room.publish("Derde.")).json["id"]
    assert (await room.approve(second)).code == "script-decided"
    assert (await room.approve(third)).status == 200
    states = [one["state"] for one in await room.versions()]
    assert states == ["approved", "superseded", "refused"]
    assert (await room.versions())[2]["decided_note"] == "De toon is te streng."


async def test_a_script_without_approval_cannot_be_chosen_nor_anothers(room: Room) -> None:
    await room.publish()
    assert (await room.choose(room.script)).code == "script-not-approved"
    theirs = await add_rows(room.api.pool, await room.api.client("leiden"), room.api.clock.now())
    assert (await room.choose(theirs.script)).status == 403
    assert (await room.choose(room.api.new_id())).status == 404
    copy = {"client": str(room.rows.client), "name": "Kopie", "source": str(theirs.script_version)}
    assert (await room.boss("createScript", json=copy)).status == 403


async def test_a_campaign_whose_own_outcomes_lack_one_cannot_have_it(room: Room) -> None:
    version = (await room.publish()).json["id"]
    await room.approve(version)
    await room.api.pool.execute(
        "insert into outcome_catalogue (version, created_at) values (7, $1)", room.api.clock.now()
    )
    await room.api.pool.execute("update campaign set catalogue_version = 7 where id = $1", room.rows.campaign)
    await room.api.pool.execute(
        "insert into outcome_definition select 7, code, set_by, label_nl, label_en, reached, final_for, case_state,"
        " next_step, needs, second_key, counted, ddas, position from outcome_definition"
        " where version = 1 and code <> 'WILL_CALL'"
    )
    assert (await room.choose(room.script)).code == "script-problems"


async def test_going_back_makes_a_new_version_that_is_approved_as_the_old_one_was(room: Room) -> None:
    first = (await room.publish("Eerste.")).json["id"]
    await room.approve(first)
    await room.publish("Tweede.")
    back = await room.boss("rollBackScript", script=room.script, json={"to": first, "note": "klachten"})
    assert (back.status, back.json["number"], back.json["same_as"], back.json["state"]) == (201, 3, 1, "approved")
    assert (await room.draft())["body"]["steps"][0]["say"]["nl"] == "Eerste."  # nobody was working on it
    same = await room.boss("rollBackScript", script=room.script, json={"to": first, "note": "nog eens"})
    assert same.code == "script-unchanged"
    second = (await room.versions())[1]["id"]
    await room.write("Half af.")
    unread = await room.boss("rollBackScript", script=room.script, json={"to": second, "note": "toch die"})
    assert unread.json["state"] == "waiting"  # nobody had approved it
    assert (await room.draft())["body"]["steps"][0]["say"]["nl"] == "Half af."  # nothing typed goes
    other = await add_rows(room.api.pool, await room.api.client("leiden"), room.api.clock.now())
    wrong = await room.boss(
        "rollBackScript", script=room.script, json={"to": str(other.script_version), "note": "fout"}
    )
    assert wrong.status == 422


async def test_every_act_leaves_a_line_and_typing_leaves_one(room: Room) -> None:
    for said in ("A.", "Ab.", "Abc."):
        await room.write(said)
    other = await room.api.person(Role.SUPERVISOR)
    await room.write("Abcd.", who=other)
    room.api.clock.forward(minutes=20)
    await room.write("Abcde.", who=other)
    version = (await room.publish()).json["id"]
    await room.approve(version)
    await room.choose(room.script)
    rows = await room.api.pool.fetch("select action, actor from audit_event where action like '%script%' order by id")
    assert [row["action"] for row in rows] == [
        "script.add", "script.draft", "script.draft", "script.version", "script.decide", "campaign.script",
    ]  # fmt: skip
    assert rows[4]["actor"] == f"user:{as_user(room.client)}"


async def test_a_name_is_taken_once_for_a_client(room: Room) -> None:
    again = await room.boss("createScript", json={"client": str(room.rows.client), "name": "Zoetermeer"})
    assert again.status == 409
    assert (await room.boss("createScript", json={"client": str(room.rows.client), "name": " "})).status == 422
    assert (await room.boss("createScript", json={"client": str(room.api.new_id()), "name": "X"})).status == 404
    copied = {"client": str(room.rows.client), "name": "Kort", "source": str(room.rows.script_version)}
    assert (await room.boss("createScript", json=copied)).status == 201
    names = [one["name"] for one in (await room.client("listScripts")).json["items"]]
    assert names == ["Standaardscript", "Kort", "Maart", "Zoetermeer"]
