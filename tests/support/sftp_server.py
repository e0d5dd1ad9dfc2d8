"""A municipality's SFTP server: asyncssh's own, with a key of a host and one allowed key, over a folder."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh


@dataclass
class SftpTown:
    """Where it listens and who may come in."""

    root: Path
    host_key: str
    port: int = 0
    allowed: list[str] = field(default_factory=list)  # public lines
    logins: list[str] = field(default_factory=list)


class _Server(asyncssh.SSHServer):
    def __init__(self, town: SftpTown) -> None:
        self._town = town

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        raise AssertionError("nobody may offer a password")

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        self._town.logins.append(username)
        line = key.export_public_key().decode().split()[1]
        return any(line == one.split()[1] for one in self._town.allowed)


@asynccontextmanager
async def sftp_town(root: Path) -> AsyncIterator[SftpTown]:
    """It runs on loopback."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    town = SftpTown(root, key.export_public_key().decode().strip())
    server = await asyncssh.create_server(
        lambda: _Server(town),
        "127.0.0.1",
        0,
        server_host_keys=[key],
        sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(root).encode()),
    )
    town.port = server.sockets[0].getsockname()[1]
    try:
        yield town
    finally:
        server.close()
        await server.wait_closed()
