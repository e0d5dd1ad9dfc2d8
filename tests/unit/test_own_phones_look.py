"""What `dialer doctor` says of the door for agents' own phones."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from dialer.config import Asterisk
from dialer.demo.processes import free_port
from dialer.own_phones import Seen, look
from tests.support.certificates import Authority

Opens = Callable[[tuple[Path, Path]], Coroutine[Any, Any, int]]


@pytest.fixture
async def opens() -> AsyncIterator[Opens]:
    """Listens as Asterisk does, with a certificate and its key; tells the port."""
    servers = []

    async def start(files: tuple[Path, Path]) -> int:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*files)
        servers.append(await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0, ssl=context))
        port: int = servers[-1].sockets[0].getsockname()[1]
        return port

    yield start
    for server in servers:
        server.close()


async def seen(port: int, authority: Path, domain: str = "127.0.0.1") -> Seen:
    return await look(
        Asterisk(secret="s", sip_domain=domain, phones_transport="tls", sip_tls_port=port, tls_ca=str(authority))
    )


async def test_a_certificate_that_is_good_for_long(opens: Opens, tmp_path: Path) -> None:
    authority = Authority(tmp_path, days=90)
    found = await seen(await opens(authority.issue("127.0.0.1")), authority.file)
    assert found.ok, found
    assert "certificate for 90 days more" in found.detail


async def test_one_that_ends_soon(opens: Opens, tmp_path: Path) -> None:
    authority = Authority(tmp_path, days=13)
    found = await seen(await opens(authority.issue("127.0.0.1")), authority.file)
    assert (found.ok, "for 13 days more" in found.detail, "renew" in found.mend) == (False, True, True)


async def test_one_that_no_phone_should_believe(opens: Opens, tmp_path: Path) -> None:
    authority, stranger = Authority(tmp_path, days=90), Authority(tmp_path, "stranger", days=90)
    port = await opens(authority.issue("127.0.0.1"))
    assert "unable to get local issuer" in (await seen(port, stranger.file)).detail
    assert "Hostname mismatch" in (await seen(port, authority.file, "localhost")).detail
    past = Authority(tmp_path, "past", days=-1)
    found = await seen(await opens(past.issue("127.0.0.1")), past.file)
    assert (found.ok, "expired" in found.detail) == (False, True)


async def test_nobody_listens_or_the_authority_cannot_be_read(opens: Opens, tmp_path: Path) -> None:
    authority = Authority(tmp_path, days=90)
    found = await seen(free_port(), authority.file)
    assert (found.ok, "ConnectionRefusedError" in found.detail) == (False, True)
    found = await seen(await opens(authority.issue("127.0.0.1")), tmp_path / "none.pem")
    assert (found.ok, "FileNotFoundError" in found.detail) == (False, True)


@pytest.mark.parametrize(
    ("transport", "address", "ok", "word"),
    [
        ("", "127.0.0.1", True, "this machine"),
        ("udp", "10.1.2.3", True, "private network"),
        ("udp", "8.8.8.8", False, "public address"),
        ("", "8.8.8.8", True, "none"),
        ("none", "10.1.2.3", True, "none"),
    ],
)
async def test_in_the_clear_on_a_private_network_only(transport: str, address: str, ok: bool, word: str) -> None:
    found = await look(Asterisk(secret="s", sip_domain=address, phones_transport=transport))
    assert (found.ok, word in found.detail) == (ok, True)
