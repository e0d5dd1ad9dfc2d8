"""Several hosts on one machine: network namespaces on a bridge of their own, each with a cable that a test pulls.

Nothing that is sent into a pulled cable comes back, not even a reset.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from tests.support.cable import own_net


@dataclass(frozen=True, slots=True)
class Host:
    """One host. `command` runs there and replaces itself, so the process id stays that of `command`."""

    name: str
    address: str
    _space: str
    _cable: str

    def command(self, command: Sequence[str]) -> list[str]:
        return ["ip", "netns", "exec", self._space, *command]

    def pids(self) -> list[int]:
        """What runs there, also what has left its parents: all of it was started for this host."""
        return [int(pid) for pid in _ip("netns", "pids", self._space).split()]

    def pull(self) -> None:
        """It reaches nobody, and nobody reaches it."""
        _ip("link", "set", self._cable, "down")

    def plug(self) -> None:
        _ip("link", "set", self._cable, "up")


class Lan:
    """`hosts` hosts, and us: `outside` is our own address on it. Use as a context."""

    def __init__(self, hosts: int) -> None:
        place = os.getpid() % 100_000
        self._bridge = f"dl{place}"
        subnet = f"10.214.{own_net()}"
        self.outside = f"{subnet}.1"
        self.hosts = [
            Host(f"node{n}", f"{subnet}.{10 + n}", f"dialer-lan-{place}-{n}", f"dl{place}c{n}")
            for n in range(1, hosts + 1)
        ]

    def __enter__(self) -> Lan:
        try:
            _ip("link", "add", self._bridge, "type", "bridge")
            _ip("address", "add", f"{self.outside}/24", "dev", self._bridge)
            _ip("link", "set", self._bridge, "up")
            for host in self.hosts:
                _ip("netns", "add", host._space)
                _ip("link", "add", host._cable, "type", "veth", "peer", "name", "eth0", "netns", host._space)
                _ip("link", "set", host._cable, "master", self._bridge)
                _ip("-n", host._space, "address", "add", f"{host.address}/24", "dev", "eth0")
                _ip("-n", host._space, "link", "set", "lo", "up")
                _ip("-n", host._space, "link", "set", "eth0", "up")
                host.plug()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for host in self.hosts:
            with contextlib.suppress(subprocess.CalledProcessError, ProcessLookupError):
                for pid in host.pids():
                    os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(subprocess.CalledProcessError):
                _ip("netns", "delete", host._space)  # its end of the cable goes with it, and so does ours
        with contextlib.suppress(subprocess.CalledProcessError):
            _ip("link", "delete", self._bridge)


def _ip(*arguments: str) -> str:
    return subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True).stdout


@functools.cache
def why_no_lan() -> str:
    """Why this machine gives no network namespaces; empty when it does."""
    if shutil.which("ip") is None:
        return "no `ip` on this machine (Debian package iproute2)"
    try:
        with Lan(1):
            return ""
    except subprocess.CalledProcessError as error:
        return f"no network namespaces here, they need root: {error.stderr.strip()}"
