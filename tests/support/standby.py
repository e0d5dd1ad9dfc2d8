"""A second PostgreSQL that follows the tests' own, as a standby does: what is written there comes here."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psutil

from dialer.demo.postgres import EmbeddedPostgres, _as_nobody, binaries
from dialer.demo.processes import Processes, free_port


class Standby:
    """A copy of `primary`'s cluster, streaming from it."""

    def __init__(self, folder: Path, primary: EmbeddedPostgres) -> None:
        self._primary = primary
        self._data = folder / "postgres"
        self.processes = Processes(folder)
        self._server = EmbeddedPostgres(folder, self.processes, fast=True, more={"hot_standby": "on"})
        self._port = free_port()

    def start(self) -> None:
        """Copy what there is and follow. Raises CalledProcessError, StartError."""
        if not self._data.exists():
            self._copy()
        self._server.start(self._port)

    def dsn(self, dsn: str) -> str:
        """The same database here."""
        parts = urlsplit(dsn)
        who = parts.netloc.rpartition("@")[0]
        return urlunsplit(parts._replace(netloc=f"{who}@127.0.0.1:{self._port}"))

    def kill(self) -> None:
        """The machine dies: `kill -9` of every process at once, no goodbye on any line."""
        first = psutil.Process(self.processes.pid_of("postgres"))
        for one in (first, *first.children(recursive=True)):  # each leads a session of its own
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        self.processes.stop("postgres")

    def stop(self) -> None:
        """As an operator does, to begin again."""
        self._server.stop()

    def _copy(self) -> None:
        command = [str(binaries() / "pg_basebackup"), "-d", self._primary.dsn(), "-D", str(self._data)]
        subprocess.run(
            _as_nobody([*command, "--checkpoint=fast", "--write-recovery-conf", "--no-sync"]),
            check=True, capture_output=True,
        )  # fmt: skip
        shutil.copy(self._primary.secret_file, self._data.parent / "postgres.secret")
