"""A network of its own for one process, with a cable that a test pulls: a network namespace and a pair of interfaces.

Nothing that is sent into a pulled cable comes back, not even a reset: both ends only notice that nobody answers.
"""

from __future__ import annotations

import functools
import itertools
import os
import shutil
import subprocess
from collections.abc import Sequence

from dialer.demo.processes import mark

_places = itertools.count()


class Cable:
    """`outside` is our end's address, `inside` the process's. Use as a context."""

    def __init__(self) -> None:
        place = next(_places) % 64
        subnet = f"10.213.{own_net()}"
        self.outside = f"{subnet}.{4 * place + 1}"
        self.inside = f"{subnet}.{4 * place + 2}"
        self._space = f"dialer-test-{os.getpid()}-{place}"
        self._ours, self._theirs = f"dt{os.getpid() % 100000}a{place}", f"dt{os.getpid() % 100000}b{place}"

    def __enter__(self) -> Cable:
        _ip("netns", "add", self._space)
        try:
            _ip("link", "add", self._ours, "type", "veth", "peer", "name", self._theirs, "netns", self._space)
            _ip("address", "add", f"{self.outside}/30", "dev", self._ours)
            _ip("-n", self._space, "address", "add", f"{self.inside}/30", "dev", self._theirs)
            _ip("-n", self._space, "link", "set", "lo", "up")
            _ip("-n", self._space, "link", "set", self._theirs, "up")
            self.plug()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        _ip("netns", "delete", self._space)  # the interfaces go with it

    def pull(self) -> None:
        """Nothing passes any more."""
        _ip("link", "set", self._ours, "down")

    def plug(self) -> None:
        """All passes again."""
        _ip("link", "set", self._ours, "up")

    def pull_inside(self) -> None:
        """The same at the far end, whose programs notice that they have no network; what is near keeps its address."""
        _ip("-n", self._space, "link", "set", self._theirs, "down")

    def plug_inside(self) -> None:
        """All passes again."""
        _ip("-n", self._space, "link", "set", self._theirs, "up")

    def command(self, command: Sequence[str]) -> list[str]:
        """`command`, run at the far end. It replaces itself, so the process id stays that of `command`."""
        return ["ip", "netns", "exec", self._space, *command]


@functools.cache
def own_net() -> int:
    """A network for this process alone: others have cables at the same time."""
    return next(net for net in range(255) if mark(f"net-{net}"))


@functools.cache
def why_no_cable() -> str:
    """Why this machine gives no network namespaces; empty when it does."""
    if shutil.which("ip") is None:
        return "no `ip` on this machine (Debian package iproute2)"
    try:
        with Cable() as cable:
            cable.pull()
    except subprocess.CalledProcessError as error:
        return f"no network namespaces here, they need root: {error.stderr.strip()}"
    return ""


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)
