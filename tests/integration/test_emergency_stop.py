"""The emergency stop over HTTP and by shell: who may, what is kept, what the database itself refuses."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from dialer import cli
from dialer.services.access import Role
from dialer.storage.changes import listen
from dialer.storage.pool import open_pool
from tests.support.api import Centre, centre
from tests.support.world import World

MOBILE = "+31612345678"


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(dsn, tmp_path) as built:
        yield built


@pytest.fixture
async def world(dsn: str) -> AsyncIterator[World]:
    pool = await open_pool(dsn, size=2)
    yield await World(pool).build()
    await pool.close()


async def test_it_stands_until_it_is_lifted_and_each_is_in_the_audit(api: Centre) -> None:
    boss = await api.person(Role.SUPERVISOR, login="mila")
    assert (await boss("getEmergencyStop")).json == {"stop": None}
    set_ = await boss("stopEverything", json={"reason": "verkeerde lijst"})
    assert (set_.status, set_.json["stop"]["reason"]) == (200, "verkeerde lijst")
    again = await boss("stopEverything", json={"reason": "nog eens"})
    assert again.json == set_.json, "the first stands"
    assert (await boss("getEmergencyStop")).json == set_.json
    assert (await boss("liftEmergencyStop")).json == {"stop": None}
    assert (await boss("liftEmergencyStop")).json == {"stop": None}, "nothing to lift"
    rows = await api.pool.fetch(
        "select action, detail::text as detail from audit_event where action like 'emergency.%'"
    )
    assert [row["action"] for row in rows] == ["emergency.stop", "emergency.lift"]
    assert "verkeerde lijst" in rows[0]["detail"]


async def test_who_may_stop(api: Centre, world: World) -> None:
    for role, status in ((Role.AGENT, 403), (Role.QUALITY, 403), (Role.MONITOR, 403), (Role.SUPERVISOR, 200)):
        person = await api.person(role, login=f"some-{role}")
        assert (await person("stopEverything", json={})).status == status, role
        assert (await person("liftEmergencyStop")).status == status, role
    theirs = await api.person(Role.CLIENT, client=world.client)
    assert (await theirs("stopEverything", json={})).status == 403, "it is every client's calls"


async def test_the_database_itself_lets_nothing_be_claimed(world: World) -> None:
    await world.add_case(MOBILE)
    await world.pool.execute(
        "insert into emergency_stop (id, set_at, set_by) values ($1, $2, 'psql')", world.ids.new(), world.now
    )
    assert await world.claim() == []
    assert await world.pool.fetchval("select count(*) from attempt") == 0
    await world.pool.execute("update emergency_stop set lifted_at = $1", world.now)
    assert len(await world.claim(at=world.now + timedelta(hours=1))) == 1, "put off by the refusal, not lost"


async def test_by_shell_and_the_running_service_hears_of_it(
    dsn: str, world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DIALER_DATABASE_DSN", dsn)
    monkeypatch.setenv("DIALER_KEYS_MASTER", base64.b64encode(bytes(32)).decode())
    monkeypatch.setenv("DIALER_ASTERISK_SECRET", "x")
    heard: asyncio.Queue[str] = asyncio.Queue()
    ear = asyncio.create_task(listen(dsn, lambda kind, subject: heard.put_nowait(kind)))
    assert await heard.get() == "all"

    async def typed(*words: str) -> tuple[int, str]:
        return await asyncio.to_thread(cli.main, ["stop", *words]), capsys.readouterr().out

    assert await typed("--show") == (0, "no stop stands\n")
    status, shown = await typed("--reason", "wrong list")
    assert status == 0
    assert "by cli: wrong list" in shown
    async with asyncio.timeout(30):
        assert await heard.get() == "emergency"
    assert (await typed("--show"))[0] == 1
    assert await typed("--lift") == (0, "lifted\n")
    async with asyncio.timeout(30):
        assert await heard.get() == "emergency"
    assert await typed("--lift") == (0, "no stop stood\n")
    ear.cancel()
