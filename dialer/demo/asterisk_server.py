"""One Asterisk of ours: writes its configuration, starts it without privileges, waits until it answers, stops it.

In a root file system of its own it runs in a private user and mount namespace: the data folder is bound into the root
at its own path, so paths read the same on both sides, and nothing stays mounted however the process ends. Root inside
that namespace is nobody's root outside, and its capabilities are dropped before Asterisk begins.
"""

from __future__ import annotations

import functools
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from dialer.asterisk.config.settings import Folders, Instance
from dialer.demo.processes import Processes, StartError

_BIND = """
set -eu
root=$1; shift
while [ "$1" != -- ]; do mount -t tmpfs -o mode=755 tmpfs "$root$1"; shift; done
shift
while [ "$1" != -- ]; do mkdir -p "$root$1"; mount --rbind "$1" "$root$1"; shift; done
shift
exec chroot "$root" /usr/bin/setpriv --bounding-set=-all --inh-caps=-all --no-new-privs "$@"
"""
_PROGRAMS_LIVE_IN = frozenset({"bin", "boot", "dev", "etc", "lib", "lib64", "proc", "run", "sbin", "sys", "usr", "var"})


def enter_root(root: Path, binds: Sequence[Path], command: Sequence[str]) -> list[str]:
    """The command line that runs `command` inside `root` with `binds` (absolute folders) visible at their own paths.

    It replaces itself step by step, so the process id stays that of `command`. Raises StartError when this machine
    allows no mount namespace.
    """
    tops = sorted({folder.parts[1] for folder in binds} - _PROGRAMS_LIVE_IN)
    for top in tops:
        (root / top).mkdir(exist_ok=True)
    # The mount points are made on a passing tmpfs, so nothing of them is left in the root file system.
    covers = [f"/{top}" for top in tops]
    return [*_namespace(), "sh", "-c", _BIND, "enter", str(root), *covers, "--", *map(str, binds), "--", *command]


@functools.cache
def _namespace() -> list[str]:
    with_user = ["unshare", "--user", "--map-root-user", "--mount", "--propagation", "private"]
    without = ["unshare", "--mount", "--propagation", "private"]
    for command in (with_user, without):
        done = subprocess.run([*command, "true"], capture_output=True, check=False)
        if done.returncode == 0:
            return command
    raise StartError(
        "this machine allows no mount namespace (unshare), which Asterisk's own root file system needs; "
        "run as root or allow user namespaces; an Asterisk that runs already serves `dialer serve`, not the demo"
    )


def asterisk_folders(folder: Path, sounds: Path, root: Path | None) -> Folders:
    """The folders of an instance in `folder`, with the program's own ones as found in `root` (None: this machine)."""
    base = root or Path("/")
    found = sorted(base.glob("usr/lib/*/asterisk/modules")) + sorted(base.glob("usr/lib/asterisk/modules"))
    if not found:
        raise StartError(f"no Asterisk modules under {base}")
    modules = "/" + str(found[0].relative_to(base))
    return Folders.below(
        str(folder), sounds=str(sounds), modules=modules, data="/usr/share/asterisk", music="/usr/share/asterisk/moh"
    )


class AsteriskServer:
    """One instance in `folder`."""

    def __init__(
        self,
        folder: Path,
        instance: Instance,
        files: Mapping[str, str],
        processes: Processes,
        *,
        root: Path | None,
        sounds: Path,
        memory: Path | None = None,
    ) -> None:
        """`files` is the whole configuration; `root` None uses this machine's own Asterisk.

        `memory`: the machine's folder in memory that it sees as well, for recordings.
        """
        self._memory = memory
        self.instance = instance
        self._folder = folder.absolute()
        self._sounds = sounds.absolute()
        self._files = files
        self._processes = processes
        self._root = root

    @property
    def name(self) -> str:
        """Name among the processes."""
        return f"asterisk-{self.instance.name}"

    @property
    def cel(self) -> Path:
        """The call event log: written at once, without numbers for the dialer's instance."""
        return self._folder / "cel" / "cel.csv"

    def write_files(self) -> None:
        """Write the configuration; it holds secrets, so nobody else may read it."""
        for name in ("etc", "run", "db", "spool", "log", "log/cel-custom", "cel"):
            (self._folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
        for name, text in self._files.items():
            target = self._folder / "etc" / name
            target.touch(mode=0o600)
            target.write_text(text)

    def start(self, seconds: float = 60.0) -> None:
        """Start and wait until AMI takes connections. Raises StartError with the end of the log."""
        self.write_files()
        self._sounds.mkdir(parents=True, exist_ok=True)
        # -f: stay in the foreground; -p is left out: no real-time priority, it would need privileges.
        command = ["/usr/sbin/asterisk", "-f", "-C", str(self._folder / "etc" / "asterisk.conf")]
        if self._root is not None:
            seen = (self._folder, self._sounds, *(() if self._memory is None else (self._memory,)))
            command = enter_root(self._root, seen, command)
        env = {"PATH": os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"), "LANG": "C.UTF-8", "HOME": "/"}
        self._processes.start(self.name, command, env=env, cwd=Path("/"), ready=self._answers, seconds=seconds)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it; calls that are up are cut."""
        self._processes.stop(self.name, how=how)

    def forget(self) -> None:
        """Delete all that this instance keeps (its accounts, its stored requests, its logs)."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _answers(self) -> bool:
        user = self.instance.ami_users[0]
        return fully_booted(self.instance.bind, self.instance.ami_port, user.name, user.secret)


def fully_booted(host: str, port: int, user: str, secret: str) -> bool:
    """True once a log-in succeeds and Asterisk says that it has loaded everything: it listens before that."""
    login = f"Action: Login\r\nUsername: {user}\r\nSecret: {secret}\r\n\r\n"
    seen = b""
    try:
        with socket.create_connection((host, port), timeout=0.5) as probe:
            probe.sendall(login.encode())
            while b"Event: FullyBooted" not in seen:
                part = probe.recv(4096)
                if not part:
                    return False
                seen += part
    except OSError:
        return False
    return True
