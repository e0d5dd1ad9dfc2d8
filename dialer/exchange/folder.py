"""A watched folder below the operator's own. No link is followed, and nothing outside is reached by a name."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from dialer.domain.arrivals import NOTE, SourceFault
from dialer.services.ports.arrivals import FoundFile, Place, SourceError

_CHUNK = 1 << 20


class FolderOpener:
    """`Opener` of folders. `root` None: the operator allows none."""

    def __init__(self, root: Path | None) -> None:
        self._root = root

    @asynccontextmanager
    async def open(self, place: Place, private_key: str) -> AsyncIterator[LocalFolder]:  # noqa: ARG002 - the port's
        """Raises SourceError."""
        yield LocalFolder(await asyncio.to_thread(self._checked, place.path))

    def _checked(self, path: str) -> Path:
        if self._root is None:
            raise SourceError(SourceFault.FOLDER)
        root = self._root.resolve()
        folder = (root / path).resolve()
        if folder == root or root not in folder.parents or not folder.is_dir():
            raise SourceError(SourceFault.FOLDER)
        return folder


class LocalFolder:
    """`Folder` on this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def files(self) -> Sequence[FoundFile]:
        """By name."""
        return await asyncio.to_thread(self._files)

    async def fetch(self, name: str, to: Path, most: int) -> bool:
        """A copy; the file stays."""
        return await asyncio.to_thread(self._fetch, name, to, most)

    async def put_away(self, name: str, folder: str, note: bytes) -> None:
        """In the same file system: whole or not at all."""
        await asyncio.to_thread(self._put_away, name, folder, note)

    async def put(self, name: str, content: bytes) -> None:
        """Whole or not at all; what is there with the same content is well."""
        await asyncio.to_thread(self._put, name, content)

    async def probe(self) -> None:
        """Whether we may write."""
        await asyncio.to_thread(self._probe)

    def _put(self, name: str, content: bytes) -> None:
        draft, target = self._folder / f".{name}.part", self._folder / name
        try:
            draft.unlink(missing_ok=True)  # of a try that died
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
            with os.fdopen(os.open(draft, flags, 0o640), "wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            try:
                os.link(draft, target)  # a rename would take the place of what is there
            except FileExistsError:
                if target.is_symlink() or target.read_bytes() != content:
                    raise SourceError(SourceFault.NAME_TAKEN) from None
            draft.unlink()
            self._keep()
        except OSError:
            raise SourceError(SourceFault.FOLDER) from None

    def _probe(self) -> None:
        draft = self._folder / ".proef.part"
        try:
            draft.unlink(missing_ok=True)
            os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
            draft.unlink()
        except OSError:
            raise SourceError(SourceFault.FOLDER) from None

    def _keep(self) -> None:
        """The name outlives a power cut."""
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _files(self) -> list[FoundFile]:
        try:
            with os.scandir(self._folder) as entries:
                found = [
                    FoundFile(name=one.name, size=one.stat().st_size, stamp=one.stat().st_mtime_ns)
                    for one in entries
                    if one.is_file(follow_symlinks=False)
                ]
        except OSError:
            raise SourceError(SourceFault.FOLDER) from None
        return sorted(found, key=lambda one: one.name)

    def _fetch(self, name: str, to: Path, most: int) -> bool:
        try:
            descriptor = os.open(self._folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(descriptor, "rb") as source, to.open("xb") as target:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    raise SourceError(SourceFault.FOLDER)
                size = 0
                while chunk := source.read(_CHUNK):
                    size += len(chunk)
                    if size > most:
                        break
                    target.write(chunk)
        except OSError:
            raise SourceError(SourceFault.FOLDER) from None
        if size > most:
            to.unlink()
        return size <= most

    def _put_away(self, name: str, folder: str, note: bytes) -> None:
        aside = self._folder / folder
        try:
            aside.mkdir(mode=0o750, exist_ok=True)
            if aside.is_symlink():
                raise SourceError(SourceFault.PUT_AWAY)
            target = next(one for one in _names(name) if not (aside / one).exists())
            (aside / (target + NOTE)).write_bytes(note)
            (self._folder / name).rename(aside / target)
        except OSError:
            raise SourceError(SourceFault.PUT_AWAY) from None


def _names(name: str) -> Sequence[str]:
    """The name, then with numbers."""
    return [name, *(f"{number}-{name}" for number in range(2, 10_000))]
