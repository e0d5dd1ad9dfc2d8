"""The line to PostgreSQL: encrypted, to the one that was meant, or not at all."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dialer.cli import main
from dialer.config import load
from dialer.demo.postgres import EmbeddedPostgres
from dialer.demo.processes import Processes
from dialer.doctor import Finding, _database
from dialer.domain.errors import UnavailableError
from dialer.storage.pool import open_pool
from tests.support.certificates import Authority

DEBIAN = max(Path("/usr/lib/postgresql").glob("*/bin/postgres"), default=None, key=lambda path: int(path.parts[4]))
"""The wheel's PostgreSQL is built without TLS."""
pytestmark = pytest.mark.skipif(DEBIAN is None, reason="no PostgreSQL with TLS in /usr/lib/postgresql")
MASTER = base64.b64encode(bytes(32)).decode()


@dataclass
class Server:
    """A PostgreSQL whose certificate names `localhost` alone."""

    postgres: EmbeddedPostgres
    ours: Authority
    theirs: Authority

    def dsn(self, host: str, authority: Authority | None) -> str:
        dsn = self.postgres.dsn().replace("@127.0.0.1:", f"@{host}:")
        return dsn if authority is None else f"{dsn}?sslmode=verify-full&sslrootcert={authority.file}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("tls")
    processes, ours = Processes(folder), Authority(folder)
    certificate, key = ours.issue("localhost")
    more = {"ssl": "on", "ssl_cert_file": str(certificate), "ssl_key_file": str(key)}
    assert DEBIAN is not None
    postgres = EmbeddedPostgres(folder, processes, fast=True, more=more, programs=DEBIAN.parent)
    postgres.start()
    try:
        yield Server(postgres, ours, Authority(folder, "stranger"))
    finally:
        postgres.stop()


async def test_only_the_one_that_was_meant_is_spoken_to(server: Server) -> None:
    pool = await open_pool(server.dsn("localhost", server.ours), size=1)
    try:
        assert await pool.fetchval("select ssl from pg_stat_ssl where pid = pg_backend_pid()")
    finally:
        await pool.close()
    for host, authority in (("localhost", server.theirs), ("127.0.0.1", server.ours)):
        with pytest.raises(UnavailableError):
            await open_pool(server.dsn(host, authority), size=1)


async def test_doctor_says_how_it_is_spoken_to(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    async def line(dsn: str) -> Finding:
        settings = load({"DIALER_DATABASE_DSN": dsn, "DIALER_KEYS_MASTER": MASTER, "DIALER_ASTERISK_SECRET": "x" * 16})
        return next(finding for finding in await _database(settings) if finding.name == "line to the database")

    proven = await line(server.dsn("localhost", server.ours))
    assert (proven.ok, proven.detail) == (True, "TLSv1.3, certificate and host checked")
    assert (await line(server.dsn("localhost", None))).ok, "on this machine it may be as it is"
    monkeypatch.setattr("dialer.doctor.is_here", lambda _host: False)
    assert (await line(server.dsn("localhost", server.ours))).ok
    assert not (await line(server.dsn("localhost", None))).ok, "encrypted, but to just anybody"


def test_a_back_up_goes_the_same_way(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIALER_KEYS_MASTER", MASTER)
    monkeypatch.setenv("DIALER_ASTERISK_SECRET", "x" * 16)
    monkeypatch.delenv("DIALER_CONFIG", raising=False)
    monkeypatch.setenv("DIALER_DATABASE_DSN", server.dsn("localhost", server.ours))
    assert main(["migrate"]) == 0
    assert DEBIAN is not None
    backup = ["backup", "--tools", str(DEBIAN.parent)]
    assert main([*backup, str(tmp_path / "one.sealed")]) == 0
    monkeypatch.setenv("DIALER_DATABASE_DSN", server.dsn("localhost", server.theirs))
    assert main([*backup, str(tmp_path / "two.sealed")]) == 1
    assert not (tmp_path / "two.sealed").exists()
