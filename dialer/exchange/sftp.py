"""A folder on a client's SFTP server, by asyncssh: with our key and nothing else, and only the server that was agreed.

The address is resolved here and checked before anything connects; the connection goes to the very address that was
checked. No configuration, agent, password or known host of the machine's user plays a part.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import stat as modes
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path, PurePosixPath

import asyncssh

from dialer.domain.arrivals import NOTE, SourceFault
from dialer.exchange.guarded import Reach
from dialer.services.ports.arrivals import FoundFile, Place, SourceError

_SECONDS = 15.0
_CHUNK = 1 << 18
_MOST_NAMES = 10_000


def new_key() -> tuple[str, str]:
    """(our private key, its public line to hand over), ed25519."""
    key = asyncssh.generate_private_key("ssh-ed25519", comment="dialer")
    return key.export_private_key().decode(), key.export_public_key().decode().strip()


def is_host_key(line: str) -> bool:
    """Whether this is a host's public key, as `ssh-keyscan` prints it without the name."""
    try:
        asyncssh.import_public_key(line)
    except (asyncssh.KeyImportError, ValueError):
        return False
    return True


class SftpOpener:
    """`Opener` of SFTP servers."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    @asynccontextmanager
    async def open(self, place: Place, private_key: str) -> AsyncIterator[SftpFolder]:
        """Raises SourceError."""
        address = await self._address(place)
        try:
            pinned = asyncssh.import_public_key(place.host_key)
            ours = asyncssh.import_private_key(private_key)
        except (asyncssh.KeyImportError, ValueError):
            raise SourceError(SourceFault.SECRET) from None
        try:
            async with (
                asyncssh.connect(
                    address,
                    place.port,
                    username=place.user,
                    known_hosts=([pinned], [], []),
                    client_keys=[ours],
                    preferred_auth="publickey",
                    agent_path=None,
                    config=None,
                    connect_timeout=_SECONDS,
                    login_timeout=_SECONDS,
                    keepalive_interval=15,
                ) as connection,
                connection.start_sftp_client() as sftp,
            ):
                yield SftpFolder(sftp, place.path)
        except asyncssh.HostKeyNotVerifiable:
            raise SourceError(SourceFault.HOST_KEY) from None
        except asyncssh.PermissionDenied:
            raise SourceError(SourceFault.SIGN_IN) from None
        except (asyncssh.ConnectionLost, asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection):
            raise SourceError(SourceFault.CUT_OFF) from None
        except asyncssh.SFTPError:
            raise SourceError(SourceFault.FOLDER) from None
        except (asyncssh.Error, OSError):
            raise SourceError(SourceFault.UNREACHABLE) from None

    async def _address(self, place: Place) -> str:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
        except OSError:
            raise SourceError(SourceFault.UNREACHABLE) from None
        for *_, where in found:
            if self._reach.allows(ipaddress.ip_address(str(where[0]).partition("%")[0])):
                return str(where[0])
        raise SourceError(SourceFault.ADDRESS)


class SftpFolder:
    """`Folder` on a server."""

    def __init__(self, sftp: asyncssh.SFTPClient, path: str) -> None:
        self._sftp = sftp
        self._path = PurePosixPath(path)

    async def files(self) -> Sequence[FoundFile]:
        """By name; ordinary files only."""
        found: list[FoundFile] = []
        async for one in self._sftp.scandir(str(self._path)):
            attributes, name = one.attrs, str(one.filename)
            if attributes.permissions is not None and modes.S_ISREG(attributes.permissions):
                found.append(FoundFile(name=name, size=attributes.size or 0, stamp=attributes.mtime or 0))
            if len(found) > _MOST_NAMES:
                raise SourceError(SourceFault.FOLDER)
        return sorted(found, key=lambda one: one.name)

    async def fetch(self, name: str, to: Path, most: int) -> bool:
        """Read in pieces; whatever it says of its size."""
        size = 0
        async with self._sftp.open(str(self._path / name), "rb") as source:
            with to.open("xb") as target:
                while chunk := await source.read(_CHUNK):
                    size += len(chunk)
                    if size > most:
                        break
                    await asyncio.to_thread(target.write, _bytes(chunk))
        if size > most:
            await asyncio.to_thread(to.unlink)
        return size <= most

    async def put_away(self, name: str, folder: str, note: bytes) -> None:
        """The note first, so that a file that is put away has one."""
        aside = self._path / folder
        try:
            if not await self._sftp.exists(str(aside)):
                await self._sftp.mkdir(str(aside))
            target, number = name, 1
            while await self._sftp.exists(str(aside / target)):
                number += 1
                target = f"{number}-{name}"
            async with self._sftp.open(str(aside / (target + NOTE)), "wb") as file:
                await file.write(note)
            await self._sftp.rename(str(self._path / name), str(aside / target))
        except (asyncssh.SFTPPermissionDenied, asyncssh.SFTPFailure, asyncssh.SFTPNoSuchFile):
            raise SourceError(SourceFault.PUT_AWAY) from None

    async def put(self, name: str, content: bytes) -> None:
        """Under a hidden name, then renamed; what is there with the same content is well."""
        draft, target = str(self._path / f".{name}.part"), str(self._path / name)
        try:
            if await self._sftp.exists(target):
                await self._same(target, content)
                return
            async with self._sftp.open(draft, "wb") as out:
                await out.write(content)
            if (await self._sftp.stat(draft)).size != len(content):
                raise SourceError(SourceFault.CUT_OFF)
            await self._sftp.rename(draft, target)
        except (asyncssh.SFTPPermissionDenied, asyncssh.SFTPFailure, asyncssh.SFTPNoSuchFile):
            raise SourceError(SourceFault.FOLDER) from None

    async def _same(self, target: str, content: bytes) -> None:
        async with self._sftp.open(target, "rb") as there:
            found = _bytes(await there.read(len(content) + 1))
        if found != content:
            raise SourceError(SourceFault.NAME_TAKEN)

    async def probe(self) -> None:
        """Whether we may write."""
        draft = str(self._path / ".proef.part")
        try:
            async with self._sftp.open(draft, "wb"):
                pass
            await self._sftp.remove(draft)
        except (asyncssh.SFTPPermissionDenied, asyncssh.SFTPFailure, asyncssh.SFTPNoSuchFile):
            raise SourceError(SourceFault.FOLDER) from None


def _bytes(chunk: bytes | str) -> bytes:
    """A file that was opened for bytes gives bytes."""
    return chunk if isinstance(chunk, bytes) else chunk.encode()
