import asyncpg
import pytest

from dialer.clock import SystemClock, SystemIds
from dialer.domain.errors import ConflictError, InvalidError
from dialer.security.vault import MasterVault
from dialer.services.clients import Clients, NewClient
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
    from dataclasses import replace

    pool: asyncpg.Pool = await open_pool(dsn)
    try:
        clients = Clients(PgClientStore(pool), MasterVault(bytes(32)), SystemClock(), SystemIds(), demo=True)
        with pytest.raises(InvalidError) as caught:
            await clients.add(replace(TOWN, **{field: value}))
        assert caught.value.field == field
    finally:
        await pool.close()
