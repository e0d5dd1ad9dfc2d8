"""Debian's coturn with the configuration of `deploy/coturn`, at addresses and ports of a test's own."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dialer.demo.processes import Processes, free_port
from tests.support.certificates import Authority

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy" / "coturn"
_UNPACKED = ROOT / ".state" / "coturn"
_LIBRARIES = _UNPACKED / "usr" / "lib" / "x86_64-linux-gnu"


def program(name: str) -> str | None:
    """Path of one of coturn's programs; None when there is none."""
    unpacked = _UNPACKED / "usr" / "bin" / name
    return str(unpacked) if unpacked.exists() else shutil.which(name)


def environment() -> Mapping[str, str]:
    """In which an unpacked one finds its libraries."""
    return {**os.environ, "LD_LIBRARY_PATH": str(_LIBRARIES)} if _UNPACKED.exists() else dict(os.environ)


def _same(command: Sequence[str]) -> list[str]:
    return list(command)


@dataclass
class Coturn:
    """One relay; `at`: its address, `peer`: whom it may send to, `where` puts a command on its host."""

    folder: Path
    processes: Processes
    secret: str
    at: str = "127.0.0.1"
    peer: str = "127.0.0.1"
    where: Callable[[Sequence[str]], list[str]] = _same

    def __post_init__(self) -> None:
        self.port, self.tls_port = free_port(), free_port()

    def start(self) -> None:
        """Up and listening. Raises StartError."""
        turnserver = program("turnserver")
        assert turnserver is not None
        authority = Authority(self.folder, "relay-authority")
        self._authority = authority.file
        certificate, key = authority.issue(self.at, name="relay")
        run = self.folder / "relay"
        run.mkdir(exist_ok=True)
        text = (DEPLOY / "turnserver.conf").read_text()
        for pattern, value in {
            r"^listening-port=.*": f"listening-port={self.port}\nlistening-ip={self.at}\nrelay-ip={self.at}",
            r"^tls-listening-port=.*": f"tls-listening-port={self.tls_port}",
            r"^cert=.*": f"cert={certificate}",
            r"^pkey=.*": f"pkey={key}",
            r"^pidfile=.*": f"pidfile={run / 'pid'}",
            r"^allowed-peer-ip=.*": f"allowed-peer-ip={self.peer}",
        }.items():
            text, many = re.subn(pattern, value, text, flags=re.MULTILINE)
            assert many == 1, pattern
        own = run / "turnserver.conf"
        own.touch(mode=0o600)
        own.write_text(f"{text}static-auth-secret={self.secret}\n")
        self.processes.start(
            "coturn",
            self.where([turnserver, "-c", str(own), "--userdb", str(run / "db")]),
            env=environment(),
            ready=self._answers,
        )

    def _answers(self) -> bool:
        try:
            with socket.create_connection((self.at, self.port), timeout=0.3):
                return True
        except OSError:
            return False

    def talk(
        self, name: str, credential: str, peer: tuple[str, int], how: str = "tls", *,
        where: Callable[[Sequence[str]], list[str]] = _same, messages: int = 50,
    ) -> str:  # fmt: skip
        """What a client over `udp`, `tcp` or `tls` says of its messages to an echo behind the relay: `50 of 50`."""
        port = self.tls_port if how == "tls" else self.port
        command = [
            sys.executable, "-m", "tests.support.turn_client", how, self.at, str(port), str(self._authority), name,
            credential, peer[0], str(peer[1]), str(messages),
        ]  # fmt: skip
        done = subprocess.run(where(command), capture_output=True, text=True, check=False, cwd=ROOT, timeout=90)
        return done.stdout.strip() or done.stderr[-500:]
