"""Debian's coturn with the configuration of `deploy/coturn`, at addresses and ports of a test's own."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dialer.demo.processes import Processes, free_port
from tests.support.certificates import Authority

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy" / "coturn"
_OLDER = """
openssl_conf = all
[all]
ssl_conf = tls
[tls]
system_default = bounds
[bounds]
MaxProtocol = TLSv1.2
"""
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
        certificate, key = Authority(self.folder, "relay-authority").issue(self.at, name="relay")
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
        self, name: str, credential: str, peer: tuple[str, int], *how: str,
        where: Callable[[Sequence[str]], list[str]] = _same, messages: int = 50, patience: float = 60.0,
    ) -> tuple[int, int]:  # fmt: skip
        """A client's `messages` to an echo behind it: how many were sent, and how many came back; `how`: `-t` over TCP,
        `-t -S` over TLS. Who is refused tries on: after `patience` seconds it is ended.
        """
        client = program("turnutils_uclient")
        assert client is not None
        # Under TLS 1.3 this client (4.6.1) waits in its second handshake for what it has read already.
        older = self.folder / "openssl.cnf"
        older.write_text(_OLDER)
        port = self.tls_port if "-S" in how else self.port
        command = [client, *how, "-c", "-u", name, "-w", credential, "-e", peer[0], "-r", str(peer[1])]
        command += ["-n", str(messages), "-m", "1", "-l", "172", "-p", str(port), self.at]
        running = subprocess.Popen(
            where(command), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**environment(), "OPENSSL_CONF": str(older)},
        )  # fmt: skip
        try:
            told, _ = running.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            running.kill()
            told, _ = running.communicate()
        counts = re.findall(r"tot_send_msgs=(\d+), tot_recv_msgs=(\d+)", told)
        return (int(counts[-1][0]), int(counts[-1][1])) if counts else (0, 0)
