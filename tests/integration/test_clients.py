import asyncio
import base64
import re
from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from dialer.cli import main
from dialer.clock import SystemClock, SystemIds
from dialer.domain.errors import ChangedSinceError, ConflictError, InvalidError, NotFoundError
from dialer.domain.ids import ClientId
from dialer.security.vault import MasterVault
from dialer.services.clients import ClientChange, Clients, NewClient
from dialer.storage.clients import PgClientStore
from dialer.storage.pool import open_pool

TOWN = NewClient(
    slug="voorbeeldstad",
    name="Gemeente Voorbeeldstad",
    municipality="Voorbeeldstad",
    neutral_name="Bureau Contact",
    inbound_number="+31790000000",
)


async def test_a_client_gets_a_key_of_its_own_and_stands_once(dsn: str) -> None:
    pool = await open_pool(dsn)
    try:
        vault = MasterVault(bytes(32))
        clients = Clients(PgClientStore(pool), vault, SystemClock(), SystemIds(), demo=True)
        added = await clients.add(TOWN)
        assert await clients.all() == [added]
        with pytest.raises(ConflictError):
            await clients.add(TOWN)
        wrapped = await pool.fetchval("select wrapped_key from client")
        sealer = vault.client(added.id, wrapped)
        assert sealer.open("note", added.id, sealer.seal("note", added.id, b"x")) == b"x"
    finally:
        await pool.close()


def _changed(field: str, value: str) -> NewClient:
    changes: dict[str, Any] = {field: value}
    return replace(TOWN, **changes)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("slug", "Default"),
        ("slug", "default"),
        ("slug", "a\nb"),
        ("inbound_number", "112"),
        ("inbound_number", "+31790000000\r\nAction: Originate"),
        ("name", ""),
        ("name", "x" * 81),
        ("neutral_name", "two\nlines"),
        ("municipality", " "),
    ],
)
async def test_what_cannot_be_a_client_is_refused_by_field(dsn: str, field: str, value: str) -> None:
    pool: asyncpg.Pool = await open_pool(dsn)
    try:
        clients = Clients(PgClientStore(pool), MasterVault(bytes(32)), SystemClock(), SystemIds(), demo=True)
        with pytest.raises(InvalidError) as caught:
            await clients.add(_changed(field, value))
        assert caught.value.field == field
    finally:
        await pool.close()


async def test_settings_are_changed_checked_and_never_overwritten_unseen(dsn: str) -> None:
    pool: asyncpg.Pool = await open_pool(dsn)
    try:
        clients = Clients(PgClientStore(pool), MasterVault(bytes(32)), SystemClock(), SystemIds(), demo=True)
        town = await clients.add(TOWN)
        changed = await clients.change(town.id, 1, ClientChange(settings={"case_cap": 5, "rest_days": 0}, name="Stad"))
        assert (changed.name, changed.settings, changed.version) == ("Stad", {"case_cap": 5, "rest_days": 0}, 2)
        with pytest.raises(ChangedSinceError):
            await clients.change(town.id, 1, ClientChange(settings={"case_cap": 6}))
        with pytest.raises(InvalidError) as caught:
            await clients.change(town.id, 2, ClientChange(settings={"case_cap": 0}))
        assert caught.value.field == "case_cap"
        back = await clients.change(town.id, 2, ClientChange(settings={"case_cap": None}))
        assert (back.settings, await clients.one(town.id)) == ({"rest_days": 0}, back)
        with pytest.raises(NotFoundError):
            await clients.change(ClientId(SystemIds().new()), 1, ClientChange(name="x"))
    finally:
        await pool.close()


async def test_the_command_line_shows_and_sets(
    dsn: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DIALER_DATABASE_DSN", dsn)
    monkeypatch.setenv("DIALER_KEYS_MASTER", base64.b64encode(bytes(32)).decode())
    monkeypatch.setenv("DIALER_ASTERISK_SECRET", "not-used-here-at-all")
    monkeypatch.setenv("DIALER_SERVICE_DEMO", "true")

    async def dialer(*words: str) -> tuple[int, str]:
        code = await asyncio.to_thread(main, ["client", *words])
        said = capsys.readouterr()
        return code, said.out + said.err

    names = ["--name", "Voorbeeldstad", "--municipality", "Voorbeeldstad", "--neutral-name", "Bureau Contact"]
    assert (await dialer("add", "voorbeeldstad", *names, "--number", "+31790000000"))[0] == 0
    code, said = await dialer("set", "voorbeeldstad", "case_cap=5", "--neutral-name", "Het Gesprek")
    assert code == 0, said
    assert "Het Gesprek" in said
    assert re.search(r"case_cap +5 attempts +usual 12 +1 to 100", said)
    assert re.search(r"case_cap +12 ", (await dialer("set", "voorbeeldstad", "case_cap=usual"))[1])
    for words, named in ((["case_cap=0"], "case_cap"), (["case_kap=1"], "case_kap"), (["case_cap"], "KEY=VALUE")):
        code, said = await dialer("set", "voorbeeldstad", *words)
        assert (code, named in said) == (1, True), said
    code, said = await dialer("show", "nergens")
    assert (code, "dialer client list" in said) == (1, True), said
    pool: asyncpg.Pool = await open_pool(dsn)
    try:
        assert await pool.fetchval("select count(*) from audit_event where action = 'client.change'") == 2
    finally:
        await pool.close()
