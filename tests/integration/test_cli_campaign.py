"""`dialer campaign` as somebody types it."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from dialer import cli
from dialer.storage.pool import open_pool
from tests.support.clock import CalendarAt
from tests.support.world import World


class Shell:
    """Runs the command in a thread of its own, as a process would have its own loop."""

    def __init__(self, world: World, capsys: pytest.CaptureFixture[str]) -> None:
        self.world = world
        self._capsys = capsys

    async def __call__(self, *words: str) -> tuple[int, str]:
        status = await asyncio.to_thread(cli.main, ["campaign", *words])
        captured = self._capsys.readouterr()
        return status, captured.out + captured.err

    async def fine(self, *words: str) -> str:
        status, text = await self(*words)
        assert status == 0, text
        return text.strip()


@pytest.fixture
async def shell(dsn: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> AsyncIterator[Shell]:
    monkeypatch.setenv("DIALER_DATABASE_DSN", dsn)
    monkeypatch.setenv("DIALER_KEYS_MASTER", base64.b64encode(bytes(32)).decode())
    monkeypatch.setenv("DIALER_ASTERISK_SECRET", "x")
    pool = await open_pool(dsn, size=2)
    try:
        yield Shell(await World(pool).build(), capsys)
    finally:
        await pool.close()


async def test_from_the_first_day_to_the_last(shell: Shell, tmp_path: Path) -> None:
    hours = tmp_path / "hours.json"
    hours.write_text('{"week": {"sat": []}}')
    made = await shell.fine(
        "add", "Juni", "--client", "stad", "--calendar", str(hours), "--set", "lines=4", "--starts-on", "2026-01-01"
    )
    assert f"{made}  draft     stad                 Juni" in await shell.fine("list")
    await shell.fine("agents", "Juni", "agent0", "agent1")
    assert await shell.world.pool.fetchval("select count(*) from campaign_agent") == 2
    await shell.fine(
        "set", "Juni", "hold_out_percent=10", "hold_out_agreement=Z-2026/14", "promised_reach_percent=62.5"
    )
    settings = await shell.world.pool.fetchval("select settings::text from campaign where name = 'Juni'")
    assert json.loads(settings) == {
        "lines": 4,
        "hold_out_percent": 10,
        "hold_out_agreement": "Z-2026/14",
        "promised_reach_percent": 62.5,
    }
    status, text = await shell("set", "Juni", "hold_out_percent=60")
    assert (status, "hold_out_percent" in text) == (1, True)
    rules = await shell.fine("rules", "Juni")
    assert 'NO_ANSWER          {"kind": "other_slot"}  geen gehoor' in rules
    assert "PAID               = " in rules
    assert rules.endswith("versie: 1")
    change = ("rules", "Juni", 'NO_ANSWER={"kind": "pause", "pause_days": 2}', "--language", "en")
    assert await shell.fine(*change) == "next attempt moves: 0\nclosed: 0\nas before: 0"
    assert (await shell.fine(*change, "--keep", "less pressing")).endswith("version: 2")
    assert (await shell("rules", "Juni", "NO_ANSWER=stop"))[0] == 1
    before = await shell.fine("preflight", "Juni", "--language", "en")
    assert "note  there is nobody to call yet" in before
    assert "will call: 0" in before
    assert await shell.fine("why", "Juni") == "De belactie is nog niet gestart."
    for action, state in [("start", "running"), ("pause", "paused"), ("drain", "draining"), ("stop", "stopped")]:
        assert await shell.fine(action, made if action == "stop" else "Juni", "--client", "stad") == state
    assert await shell.fine("why", "Juni", "--language", "en") == "The campaign is stopped."
    case = await shell.world.add_case("+31600000001", state="held")
    assert "wacht op de opdrachtgever" in await shell.fine("why", "Juni", "--case", str(case))


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("start", "Nergens"), "no such campaign"),
        (("add", "X", "--client", "nergens"), "no such client"),
        (("add", "X", "--client", "stad", "--set", "lines"), "--set"),
        (("add", "X", "--client", "stad", "--set", "trunk=A B"), "settings.trunk"),
        (("add", "X", "--client", "stad", "--calendar", "/nowhere.json"), "/nowhere.json"),
        (("agents", "Belactie", "niemand"), "no such user: niemand"),
    ],
)
async def test_what_is_wrong_is_said_in_a_line(shell: Shell, words: tuple[str, ...], text: str) -> None:
    status, said = await shell(*words)
    assert status == 1
    assert text in said
    assert said.count("\n") == 1


async def test_a_start_that_preflight_stops(shell: Shell) -> None:
    await shell.fine("add", "Juni", "--client", "stad", "--ends-on", "2026-01-02")
    status, said = await shell("start", "Juni")
    assert status == 1
    assert "einddatum" in said
    status, said = await shell("preflight", "Juni")
    assert status == 1
    assert "STOP  de belactie is voorbij" in said


async def test_why_asks_the_service_that_runs_and_says_when_nobody_answers(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = shell.world
    monkeypatch.setattr("dialer.cli.campaign.SystemClock", lambda: CalendarAt(world.now))
    await world.add_case("+31600000001", next_at=world.now)
    told = (
        f'dialer_agents{{state="talking"}} 1\ndialer_campaign_agents_free{{campaign="{world.campaign}"}} 1\n'
        f'dialer_campaign_holding{{campaign="{world.campaign}",reason="link_down"}} 1\n'
    )

    async def figures(_: web.Request) -> web.Response:
        return web.Response(text=told)

    app = web.Application()
    app.router.add_get("/metrics", figures)
    async with TestServer(app) as server:
        monkeypatch.setenv("DIALER_HTTP_METRICS_PORT", str(server.port))
        always = ("why", str(world.campaign), "--language", "en")
        assert await shell.fine(*always) == "The telephone system does not answer."
    status, text = await shell(*always)
    assert (status, "running service does not answer" in text) == (0, True)
