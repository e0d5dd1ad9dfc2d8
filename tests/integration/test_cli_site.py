"""`dialer site take` as somebody types it: an Asterisk comes to another site, not while that one works with it."""

from __future__ import annotations

import asyncio
import base64

import pytest

from dialer import cli
from dialer.domain.sites import turn_name
from dialer.services.turn import LEASE_SECONDS
from dialer.storage import leases
from dialer.storage.pool import open_pool
from tests.support.ami_server import AmiServer
from tests.support.ami_server_calls import Fate


async def test_an_asterisk_is_taken_once_nobody_works_with_it(
    dsn: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server = AmiServer(lambda number: Fate(answers_after=0.0), {"dialer": "x"})
    port = await server.start()
    pool = await open_pool(dsn, size=2)
    for name, value in (
        ("DIALER_DATABASE_DSN", dsn),
        ("DIALER_KEYS_MASTER", base64.b64encode(bytes(32)).decode()),
        ("DIALER_ASTERISK_SECRET", "x"),
        ("DIALER_ASTERISK_USERNAME", "dialer"),
        ("DIALER_ASTERISK_PORT", str(port)),
        ("DIALER_SERVICE_SITE", "noord"),
    ):
        monkeypatch.setenv(name, value)
    rows = server.calls.database
    rows["dialer"], rows["did"] = {"site": "main"}, {"+31790000001": "voorbeeld"}
    rows["callback"] = {"+31600000001*+31790000001*call_back": "1"}
    server.calls.globals["DIALER_OWNER"] = "main-1"
    try:
        await leases.taken_for(pool, turn_name("main"), "main-1", LEASE_SECONDS * 20)
        assert await asyncio.to_thread(cli.main, ["site", "take"]) != 0
        assert "site main works with it" in capsys.readouterr().err
        assert rows["dialer"]["site"] == "main"
        async with pool.acquire() as connection:
            await leases.drop(connection, turn_name("main"), "main-1")
        assert await asyncio.to_thread(cli.main, ["site", "take"]) == 0
        assert rows["dialer"]["site"] == "noord"
        assert not rows["did"]
        assert rows["callback"], "what callers left is kept"
        audited = await pool.fetchval("select detail->>'before' from audit_event where action = 'asterisk.take'")
        assert audited == "main"
    finally:
        await pool.close()
        await server.stop()
