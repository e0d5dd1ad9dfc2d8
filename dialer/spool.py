"""The folder that Asterisk records into, as the port `RecordingSpool`. It must lie in memory, and stay there.

A plain recording on a disk can be read by whoever gets the disk: so a folder that is on one, or that the machine may
swap out to one, takes no recordings.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import UUID

from dialer.domain.ids import AttemptId

IN_MEMORY = frozenset({"tmpfs", "ramfs"})
_NAME = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(\d{3,6})\.(in|out)\.alaw")


class FolderSpool:
    """One folder. `proc`: where the kernel tells of mounts and swap."""

    def __init__(self, folder: Path, proc: Path = Path("/proc")) -> None:
        self._folder = folder
        self._proc = proc

    def trouble(self) -> str:
        """Why nothing may be recorded into it; "": nothing is wrong."""
        try:
            found = self._folder.stat()
            mounts = (self._proc / "self" / "mountinfo").read_text(errors="replace")
        except OSError as error:
            return f"cannot be looked at ({error.strerror})"
        if not stat.S_ISDIR(found.st_mode) or not os.access(self._folder, os.R_OK | os.W_OK | os.X_OK):
            return "is no folder that this process may read and write"
        if found.st_mode & stat.S_IRWXO:
            return "is open to everybody"
        kind, options = _mount(mounts, f"{os.major(found.st_dev)}:{os.minor(found.st_dev)}")
        if kind not in IN_MEMORY:
            return f"is not in memory but on {kind or 'something unknown'}"
        if kind == "tmpfs" and "noswap" not in options and self._swaps():
            return "is in memory that may be swapped out to a disk: mount it with noswap"
        return ""

    def _swaps(self) -> bool:
        """Whether the machine has swap; one that does not tell may have."""
        try:
            return len((self._proc / "swaps").read_text().splitlines()) > 1
        except OSError:
            return True

    def room(self) -> int:
        """Bytes that are free; none where it is not there."""
        try:
            found = os.statvfs(self._folder)
        except OSError:
            return 0
        return found.f_bavail * found.f_frsize

    def places(self, attempt: AttemptId, part: int) -> tuple[str, str]:
        """Paths of what is received and what is sent."""
        received, sent = (self._folder / f"{attempt}.{part:03d}.{way}.alaw" for way in ("in", "out"))
        return str(received), str(sent)

    def arrived(self, attempt: AttemptId, part: int) -> bool:
        """Whether both are there."""
        return all(Path(one).exists() for one in self.places(attempt, part))

    def last_part(self, attempt: AttemptId) -> int:
        """The highest part there is; 0: none."""
        return max((part for of, part, _ in self._files() if of == attempt), default=0)

    def attempts(self) -> Mapping[AttemptId, float]:
        """Calls that have files, with the last change of any (unix seconds)."""
        found: dict[AttemptId, float] = {}
        for attempt, _, path in self._files():
            with contextlib.suppress(FileNotFoundError):
                found[attempt] = max(found.get(attempt, 0.0), path.stat().st_mtime)
        return found

    def read(self, attempt: AttemptId) -> Sequence[tuple[bytes, bytes]]:
        """All parts in order; a file that is not there is empty."""
        parts = sorted({part for of, part, _ in self._files() if of == attempt})
        return [(_content(received), _content(sent)) for received, sent in (self.places(attempt, one) for one in parts)]

    def delete(self, attempt: AttemptId) -> None:
        """Its files."""
        for of, _, path in self._files():
            if of == attempt:
                path.unlink(missing_ok=True)

    def _files(self) -> Sequence[tuple[AttemptId, int, Path]]:
        try:
            names = os.listdir(self._folder)
        except FileNotFoundError:
            return []
        known = ((_NAME.fullmatch(name), name) for name in names)
        return [
            (AttemptId(UUID(is_ours[1])), int(is_ours[2]), self._folder / name) for is_ours, name in known if is_ours
        ]


def _content(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        return b""


def _mount(mountinfo: str, device: str) -> tuple[str, frozenset[str]]:
    """Kind and options of this device's file system; a line: `id parent device ... - kind source options`."""
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        if before.split()[2:3] == [device] and after:
            kind, *rest = after.split()
            return kind, frozenset(rest[-1].split(",")) if rest else frozenset()
    return "", frozenset()
