"""`dialer targets` as somebody types it."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dialer import cli
from dialer.storage.pool import open_pool
from tests.support.world import World


class Shell:
    """Runs the command in a thread of its own, as a process would have its own loop."""

    def __init__(self, world: World, capsys: pytest.CaptureFixture[str]) -> None:
        self.world = world
        self._capsys = capsys

    async def __call__(self, *words: str) -> tuple[int, str]:
        status = await asyncio.to_thread(cli.main, ["targets", *words])
        captured = self._capsys.readouterr()
        return status, (captured.out + captured.err).strip()


@pytest.fixture
async def shell(dsn: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> AsyncIterator[Shell]:
    monkeypatch.setenv("DIALER_DATABASE_DSN", dsn)
    monkeypatch.setenv("DIALER_KEYS_MASTER", base64.b64encode(bytes(32)).decode())
    monkeypatch.setenv("DIALER_ASTERISK_SECRET", "x")
    monkeypatch.setenv("DIALER_SERVICE_DEMO", "true")
    pool = await open_pool(dsn, size=2)
    try:
        yield Shell(await World(pool).build(), capsys)
    finally:
        await pool.close()


async def test_a_target_is_added_changed_retired_and_used_again(shell: Shell, tmp_path: Path) -> None:
    office = "mon 09:00-17:00; tue 09:00-17:00; wed 09:00-17:00; thu 09:00-17:00; fri 09:00-17:00"
    assert await shell("add", "stad", "team", "Team Schulden", "0790000051") == (
        0,
        f"team        +31790000051 Team Schulden ({office})",
    )
    steps = tmp_path / "steps.txt"
    steps.write_text("Blijf rustig.\n", encoding="utf-8")
    crisis = ("add", "stad", "crisis", "Crisisdienst", "0790000053")
    status, text = await shell(*crisis, "--hours", "mon-sun=0:00-23:59", "--protocol", str(steps))
    assert (status, "sun 00:00-23:59" in text) == (0, True)
    changed = ("set", "stad", "Team Schulden", "--name", "Team Geld", "--hours", "tue-fri=", "--hours")
    status, text = await shell(*changed, "mon=9-12,13:00-17:00")
    assert (status, "mon=9-12" in text or "hours" in text) == (1, True)
    assert await shell(*changed, "mon=9:00-12:00,13:00-17:00") == (
        0,
        "team        +31790000051 Team Geld (mon 09:00-12:00, 13:00-17:00)",
    )
    assert (await shell("retire", "stad", "Team Geld"))[1].endswith("retired")
    assert not (await shell("use", "stad", "Team Geld"))[1].endswith("retired")
    listed = (await shell("list", "stad"))[1].splitlines()
    assert [line.split()[0] for line in listed] == ["team", "crisis"]
    rows = await shell.world.pool.fetch("select action, actor from audit_event order by at, id")
    assert [row["action"] for row in rows] == ["transfer_target.add"] * 2 + ["transfer_target.change"] * 3
    assert {row["actor"] for row in rows} == {"cli"}


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("list", "dorp"), "there is no client"),
        (("retire", "stad", "Niemand"), "nobody is called"),
        (("set", "stad", "Niemand", "--number", "0790000051"), "nobody is called"),
        (("add", "stad", "desk", "Loket", "112"), "number:"),
        (("add", "stad", "desk", "Loket", "0790000051", "--languages", "ar"), "languages:"),
        (("add", "stad", "desk", "Loket", "0790000051", "--hours", "ma=9:00-17:00"), "DAYS=HOURS"),
        (("add", "stad", "desk", "Loket", "0790000051", "--hours", "mon=17:00-9:00"), "hours:"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_is_kept(shell: Shell, words: tuple[str, ...], why: str) -> None:
    status, text = await shell(*words)
    assert (status, why in text) == (1, True), text
    assert await shell.world.pool.fetchval("select count(*) from transfer_target") == 0


async def test_two_of_one_name_are_told_apart_by_id(shell: Shell) -> None:
    for number in ("0790000051", "0790000052"):
        assert (await shell("add", "stad", "desk", "Loket", number))[0] == 0
    status, text = await shell("retire", "stad", "Loket")
    assert (status, "more than one" in text) == (1, True)
    row = await shell.world.pool.fetchval("select id from transfer_target where number like '%52'")
    assert (await shell("retire", "stad", str(row)))[1].endswith("retired")
