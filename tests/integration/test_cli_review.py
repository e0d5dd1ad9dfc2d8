"""`dialer review` as somebody types it: who may come in, what to look at, and that it was looked at."""

from __future__ import annotations

import asyncio
import base64
import csv
import hashlib
import io
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from dialer import cli
from dialer.storage.pool import open_pool
from tests.support.world import World


class Shell:
    """Runs the command in a thread of its own, as a process would have its own loop."""

    def __init__(self, world: World, capsys: pytest.CaptureFixture[str]) -> None:
        self.world = world
        self._capsys = capsys

    async def __call__(self, *words: str) -> tuple[int, str, str]:
        status = await asyncio.to_thread(cli.main, ["review", *words])
        captured = self._capsys.readouterr()
        return status, captured.out, captured.err


@pytest.fixture
async def shell(dsn: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> AsyncIterator[Shell]:
    monkeypatch.setenv("DIALER_DATABASE_DSN", dsn)
    monkeypatch.setenv("DIALER_KEYS_MASTER", base64.b64encode(bytes(32)).decode())
    monkeypatch.setenv("DIALER_ASTERISK_SECRET", "x")
    pool = await open_pool(dsn, size=2)
    try:
        yield Shell(await World(pool).build(agents=0), capsys)
    finally:
        await pool.close()


async def test_who_may_come_in_and_that_it_was_looked_at(shell: Shell) -> None:
    pool, now = shell.world.pool, datetime.now(UTC)
    for login, role, disabled in (("anna", "supervisor", None), ("gone", "administrator", now)):
        await pool.execute(
            "insert into app_user (id, login, display_name, role, password_hash, created_at, disabled_at)"
            " values ($1, $2, 'Iemand', $3, '', $4, $5)",
            shell.world.ids.new(), login, role, now - timedelta(days=200), disabled,
        )  # fmt: skip
    for name, ends in (("bord", now + timedelta(days=5)), ("oud", now - timedelta(days=1))):
        await pool.execute(
            "insert into api_token (id, name, token_hash, role, scopes, created_by, created_at, expires_at)"
            " values ($1, $2, $3, 'monitor', '{floor.read}', (select id from app_user where login = 'gone'), $4, $5)",
            shell.world.ids.new(), name, name.encode(), now - timedelta(days=80), ends,
        )  # fmt: skip
    status, out, err = await shell("--csv")
    assert (status, err.strip()) == (0, "never reviewed")
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(out), delimiter=";")}
    assert set(rows) >= {"anna", "bord"}
    assert not {"gone", "oud"} & set(rows), "who may not come in needs no review"
    assert rows["anna"]["look at"] == "never signed in, no second factor"
    assert rows["bord"]["look at"] == "ends within two weeks, its maker may not sign in any more"
    status, out, err = await shell("--csv", "--done", "m.devries")
    assert status == 0
    event = await pool.fetchrow(
        "select actor, detail::text as detail from audit_event where action = 'access.reviewed'"
    )
    assert event is not None
    detail = json.loads(event["detail"])
    assert (event["actor"], detail["entries"]) == ("cli:m.devries", len(rows))
    assert detail["sha256"] == hashlib.sha256(out.encode()).hexdigest(), "of the very list that was seen"
    _, _, err = await shell()
    assert "by cli:m.devries" in err
    assert (await shell("--done", "Mevrouw De Vries"))[0] == 1
