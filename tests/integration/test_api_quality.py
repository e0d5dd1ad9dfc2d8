"""Quality over HTTP: who scores what, what each side sees of the other, calibration, trends, cards in versions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from dialer.domain.ids import ClientId, DeliveryId
from dialer.domain.scorecard import SHIPPED
from dialer.services.access import Role
from tests.support.api import Centre, Visitor, as_user, centre
from tests.support.intake import VAULT
from tests.support.rows import Rows, add_rows

WELL: dict[str, int | None] = {one.code: 2 for one in SHIPPED}


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(dsn, tmp_path / "spool") as built:
        yield built


async def with_keys(api: Centre, slug: str) -> Rows:
    client = await api.client(slug)
    rows = await add_rows(api.pool, client, api.clock.now(), slug)
    key = VAULT.new_client_key(client)
    await api.pool.execute("update client set wrapped_key = $2 where id = $1", client, key)
    delivery = VAULT.new_delivery_key(ClientId(client), key, DeliveryId(rows.delivery))
    await api.pool.execute("update delivery set wrapped_key = $2 where id = $1", rows.delivery, delivery)
    return rows


@pytest.fixture
async def rows(api: Centre) -> Rows:
    return await with_keys(api, "zoetermeer")


async def review(who: Visitor, sample: UUID, **more: Any) -> Any:
    return await who("reviewSample", sample=sample, json={"points": WELL, **more})


async def test_each_side_judges_without_knowing_the_other_and_once(api: Centre, rows: Rows) -> None:
    mila, town = await api.person(Role.QUALITY, login="mila"), await api.person(Role.CLIENT, rows.client)
    ours = (await review(mila, rows.sample, coaching="Rustiger praten")).json
    assert (ours["line"]["mine"], ours["line"]["theirs"], ours["line"]["score"]) == (True, False, 100)
    assert ours["coaching"]["text"] == "Rustiger praten"
    before = (await town("getSample", sample=rows.sample)).json
    assert (before["reviews"], before["line"]["theirs"]) == ([], True), "nothing to lean on"
    points = {**WELL, "listening": 0, "need": None}
    theirs = (await review(town, rows.sample, points=points, wanted="NO_HELP", reason="er was een gesprek")).json
    assert [one["side"] for one in theirs["reviews"]] == ["office", "client"]
    assert theirs["reviews"][0]["by"] == ""
    assert (theirs["reviews"][1]["correction"], theirs["reviews"][1]["score"]) == ("proposed", 87)
    assert (theirs["coaching"], theirs["line"]["agent"], theirs["line"]["agent_name"]) == (None, None, "")
    assert not any(asked[0] == "recode" for asked in api.services.asked), "a proposal changes nothing"
    assert (await review(town, rows.sample)).code == "already-reviewed"
    shown = (await mila("getCalibration", client=rows.client)).json
    assert [(one["apart"], one["client"]["outcome"]) for one in shown["pairs"]] == [(13, "NO_HELP")]
    assert (shown["summary"]["records"], shown["summary"]["outcome_alike"], shown["summary"]["higher"]) == (1, 0, 13)
    assert shown["summary"]["criteria"][0] == {"code": "listening", "alike": 0, "of": 1}
    assert (await town("getCalibration", client=rows.client)).json == shown


async def test_another_outcome_given_by_our_reviewer_is_corrected_at_once(api: Centre, rows: Rows) -> None:
    boss = await api.person(Role.SUPERVISOR)
    for wrong, field in (
        ({"wanted": "NO_HELP"}, "reason"),
        ({"wanted": "LOST", "reason": "x"}, "wanted"),
        ({"wanted": "NO_SUCH", "reason": "x"}, "wanted"),
        ({"wanted": "NO_HELP", "reason": "bsn 123456782"}, "reason"),
        ({"points": {"identity": 2}}, "points"),
    ):
        refused = await review(boss, rows.sample, **wrong)
        assert (refused.status, refused.json["field"]) == (422, field)
    shown = (await review(boss, rows.sample, wanted="NO_HELP", reason="wil geen hulp")).json
    assert shown["reviews"][0]["correction"] == "done"
    assert ("recode", as_user(boss), rows.attempt, "NO_HELP", "wil geen hulp") in api.services.asked


async def test_who_may_what(api: Centre, rows: Rows) -> None:
    agent, boss = await api.person(Role.AGENT), await api.person(Role.SUPERVISOR)
    stranger = await api.person(Role.CLIENT, await api.client("leiden"))
    administrator = await api.person(Role.ADMINISTRATOR)
    for nobody in (agent, administrator):
        assert (await nobody("listSamples")).status == 403
        assert (await nobody("getSample", sample=rows.sample)).status == 403
    assert (await stranger("listSamples")).json["items"] == []
    assert (await stranger("getSample", sample=rows.sample)).status == 404
    assert (await review(stranger, rows.sample)).status == 404
    assert (await stranger("getCalibration", client=rows.client)).status == 404
    assert (await stranger("getQualityTrends")).status == 403, "single agents are not for clients"
    await boss("getSample", sample=rows.sample)
    seen = await api.pool.fetch("select actor, purpose from audit_event where action = 'sample.read'")
    assert [(row["actor"], row["purpose"]) for row in seen] == [(f"user:{as_user(boss)}", "quality")]


async def test_the_agent_reads_his_own_and_answers(api: Centre, rows: Rows) -> None:
    agent, other, mila = await api.person(Role.AGENT), await api.person(Role.AGENT), await api.person(Role.QUALITY)
    await api.pool.execute("update sample set agent_id = $1", as_user(agent))
    await review(mila, rows.sample, coaching="Vat samen", wanted="NO_HELP", reason="wil niets")
    [own] = (await agent("listMyReviews")).json["items"]
    assert (own["review"]["score"], own["review"]["wanted"], own["coaching"]["text"]) == (100, "NO_HELP", "Vat samen")
    assert (await other("listMyReviews")).json["items"] == []
    item = own["coaching"]["id"]
    assert (await other("answerCoaching", coaching=item, json={"text": "x"})).status == 404
    assert (await mila("closeCoaching", coaching=item)).code == "illegal-transition", "not before the answer"
    assert (await agent("answerCoaching", coaching=item, json={"text": "Goed punt"})).json["state"] == "answered"
    assert (await (await api.person(Role.SUPERVISOR))("closeCoaching", coaching=item)).status == 404
    assert (await mila("closeCoaching", coaching=item)).json["answer"] == "Goed punt"


async def test_a_card_is_kept_in_versions_and_what_was_scored_keeps_its_own(api: Centre, rows: Rows) -> None:
    boss, town = await api.person(Role.SUPERVISOR), await api.person(Role.CLIENT, rows.client)
    card = (await boss("getScorecard", client=rows.client)).json
    assert (card["version"], len(card["criteria"])) == (0, len(SHIPPED))
    await review(boss, rows.sample)
    mine = [{"code": "tone", "label": " Toon ", "weight": 2, "fatal": False}]
    tag = {"If-Match": '"0"'}
    saved = await boss("saveScorecard", client=rows.client, json={"criteria": mine}, headers=tag)
    assert (saved.json["version"], saved.json["criteria"][0]["label"]) == (1, "Toon")
    late = await boss("saveScorecard", client=rows.client, json={"criteria": mine}, headers=tag)
    assert late.code == "changed-since"
    assert (await town("saveScorecard", client=rows.client, json={"criteria": mine}, headers=tag)).status == 403
    twice = await boss("saveScorecard", client=rows.client, json={"criteria": mine * 2}, headers={"If-Match": '"1"'})
    assert twice.status == 422
    assert (await boss("getSample", sample=rows.sample)).json["card"]["version"] == 0
    theirs = (await review(town, rows.sample, points={"tone": 1})).json
    assert [one["card"]["version"] for one in theirs["reviews"]] == [0, 1]
    with pytest.raises(Exception, match="append-only"):
        await api.pool.execute("update scorecard set criteria = '[]'")


async def test_lists_by_day_and_urgency_and_trends_by_agent_and_team(api: Centre, rows: Rows) -> None:
    boss = await api.person(Role.SUPERVISOR)
    anna = await api.pool.fetchval("select agent_id from sample where id = $1", rows.sample)
    more = [await with_keys(api, slug) for slug in ("delft", "leiden", "gouda")]
    for number, one in enumerate(more):
        await api.pool.execute("update sample set priority = $2, agent_id = $3 where id = $1", one.sample, number, anna)
    listed: list[str] = []
    cursor: str | None = None
    while len(listed) < 9:
        query = {"limit": "1", "done": "false"} | ({} if cursor is None else {"cursor": cursor})
        shown = (await boss("listSamples", query=query)).json
        listed += [one["id"] for one in shown["items"]]
        cursor = shown["next"]
        if cursor is None:
            break
    assert listed[:2] == [str(more[2].sample), str(more[1].sample)]
    assert len(listed) == len(set(listed)) == 4
    assert (await boss("listSamples", query={"cursor": "Zm9v"})).status == 422
    await review(boss, rows.sample)
    await review(boss, more[0].sample, points={**WELL, "need": 0}, wanted="NO_HELP", reason="anders")
    trends = (await boss("getQualityTrends")).json["items"]
    week = (api.clock.now().date() - timedelta(days=api.clock.now().weekday())).isoformat()
    assert [(one["agent"], one["week"], one["reviewed"], one["score"], one["right"]) for one in trends] == [
        (None, week, 2, 92, 1),  # 100 and 83
        (str(anna), week, 2, 92, 1),
    ]
    only = (await boss("getQualityTrends", query={"client": str(rows.client)})).json["items"]
    assert [one["reviewed"] for one in only] == [1, 1]
    assert len((await boss("listSamples", query={"done": "true"})).json["items"]) == 2
