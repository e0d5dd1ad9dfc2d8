"""A disk so small that it can be filled."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from pathlib import Path

import pytest


class Disk:
    """A file system of `megabytes` at `folder`. Use as a context; skips the test where mounting is not permitted."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.folder = folder
        self._megabytes = megabytes

    def __enter__(self) -> Disk:
        self.folder.mkdir(parents=True, exist_ok=True)
        options = f"size={self._megabytes}m,mode=0700"
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(self.folder)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError:  # a disk can only be made so small by mounting one
            pytest.skip("no `mount` on this machine")
        if done.returncode != 0:  # whoever is not root may not, on a developer's own machine; in CI it is tried
            pytest.skip(f"no file system may be mounted here, that needs root: {done.stderr.strip()}")
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)

    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"

    def fill(self) -> None:
        """Not a byte is left."""
        with self._ballast.open("ab", buffering=0) as out, suppress(OSError):
            while True:
                out.write(b"\0" * 4096)

    def clear(self) -> None:
        """There is room again."""
        self._ballast.unlink(missing_ok=True)
