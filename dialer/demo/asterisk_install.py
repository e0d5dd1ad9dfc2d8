"""An Asterisk 22 for this machine: the host's own when it is good enough, else a Debian root file system of its own.

The root file system is built beside its place and renamed into it when it is whole, so a start that dies half way
leaves nothing that looks finished. A complete one is used as it is and never replaced, least of all while it runs.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dialer.demo.processes import StartError

PACKAGES = (
    "asterisk", "asterisk-modules", "asterisk-moh-opsound-wav", "espeak-ng", "sox", "sip-tester", "baresip-core",
    "ca-certificates",
)  # fmt: skip
"""Debian packages of the root file system."""
BUILDERS = ("mmdebstrap", "debian-archive-keyring")
"""Debian packages that building it needs on this machine."""
_PROGRAMS = ("usr/sbin/asterisk", "usr/bin/espeak-ng", "usr/bin/sox", "usr/bin/sipp", "usr/bin/baresip",
             "usr/bin/setpriv")  # fmt: skip
_MIRROR = "http://deb.debian.org/debian"
_SUITE = "testing"
_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
_VERSION = re.compile(r"Asterisk (?:certified/)?(\d+)\.(\d+)")

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the packages come from."""

    mirror: str = _MIRROR
    suite: str = _SUITE

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Source:
        """From `DIALER_DEBIAN_MIRROR` and `DIALER_DEBIAN_SUITE`. Raises StartError on a value that is no address."""
        source = cls(
            mirror=environ.get("DIALER_DEBIAN_MIRROR", _MIRROR), suite=environ.get("DIALER_DEBIAN_SUITE", _SUITE)
        )
        if not re.fullmatch(r"(https?|file)://[^\s\[\]]+", source.mirror):
            raise StartError("DIALER_DEBIAN_MIRROR must be an address like http://deb.debian.org/debian")
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", source.suite):
            raise StartError("DIALER_DEBIAN_SUITE must be a suite's name like testing")
        return source


def ensure_asterisk(state: Path, say: Say, source: Source | None = None) -> Path | None:
    """The root file system to run Asterisk in, or None when this machine's own will do. Installs what is missing.

    Raises StartError, saying what is needed and what works without, when it cannot.
    """
    root = state / "asterisk-root"
    if not complete(root):
        if host_will_do():
            return None
        if os.geteuid() != 0:
            raise StartError(_WITHOUT_ROOT)
        with _only_one(state / "asterisk-root.lock"):
            if not complete(root):  # somebody else may have built it while we waited
                _build(root, source or Source.of(os.environ), say)
    _name_host(root)
    return root


_WITHOUT_ROOT = """\
there is no Asterisk here that can be used, and installing one needs root (apt-get and mmdebstrap).
Any of these will do:
  - run this once as root; afterwards it works without, where user namespaces are allowed;
  - install Asterisk 22.4 or newer within 22, espeak-ng and sox by other means;
  - one that runs already, anywhere, serves `dialer serve`: name it with DIALER_ASTERISK_HOST and _PORT.
Without Asterisk you can still run the unit, property, replay, contract and integration tests, and the web panel."""


def host_will_do() -> bool:
    """True when this machine has an Asterisk from 22.4 on within 22, and what makes the messages."""
    if not (shutil.which("espeak-ng") and shutil.which("sox")):
        return False
    program = shutil.which("asterisk") or shutil.which("asterisk", path="/usr/sbin")
    return program is not None and good_version(_output([program, "-V"]))


def good_version(line: str) -> bool:
    """Whether `asterisk -V` says from 22.4 on, within 22."""
    match = _VERSION.match(line)
    return match is not None and int(match[1]) == 22 and int(match[2]) >= 4


def complete(root: Path) -> bool:
    """True when every program is in place; a build that died never gets this name."""
    return all((root / program).exists() for program in _PROGRAMS) and (root / "usr/share/asterisk/moh").is_dir()


@contextlib.contextmanager
def _only_one(lock: Path) -> Iterator[None]:
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)  # let go by the kernel, however we end
        yield


def _build(root: Path, source: Source, say: Say) -> None:
    if root.exists() and (users := _users_of(root)):
        raise StartError(f"{root} lacks programs, but processes run in it and it must stay: {users}")
    for old in root.parent.glob(f".{root.name}.*"):  # ours alone: we hold the lock
        shutil.rmtree(old)
    _install_builders(say)
    new = root.parent / f".{root.name}.new"
    log = root.parent / "asterisk-install.log"
    say(f"Asterisk: building a Debian {source.suite} root file system (about 470 MB) with {', '.join(PACKAGES)}")
    command = [
        "mmdebstrap",
        "--mode=root",
        "--variant=apt",
        f"--include={','.join(PACKAGES)}",
        # A mirror may be a dated snapshot; signatures stay checked.
        '--aptopt=Acquire::Check-Valid-Until "false"',
        source.suite,
        str(new),
        f"deb [signed-by={_KEYRING}] {source.mirror} {source.suite} main",
    ]
    _run(command, log, say, "Asterisk")
    if not complete(new):
        raise StartError(f"the root file system lacks programs; see {log}")
    version = _output(["chroot", str(new), "/usr/sbin/asterisk", "-V"])
    if not good_version(version):
        raise StartError(f"{source.suite} has {version.strip() or 'no Asterisk that starts'}; 22.4 or newer is needed")
    new.chmod(0o755)  # it holds no secret, and unprivileged processes use it
    if root.exists():
        root.rename(root.parent / f".{root.name}.old")
    new.rename(root)
    shutil.rmtree(root.parent / f".{root.name}.old", ignore_errors=True)
    say(f"Asterisk: {version.strip()} is in {root}")


def _install_builders(say: Say) -> None:
    if shutil.which("mmdebstrap") and Path(_KEYRING).exists():
        return
    if not shutil.which("apt-get"):
        raise StartError("building Asterisk's root file system needs Debian's apt-get, which this machine lacks")
    say(f"Asterisk: installing the Debian packages {', '.join(BUILDERS)} on this machine")
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-q"], ["apt-get", "install", "-qy", "--no-install-recommends", *BUILDERS]):
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise StartError(f"{' '.join(command)} failed:\n{_last(done.stdout + done.stderr)}")


def _run(command: Sequence[str], log: Path, say: Say, what: str) -> None:
    """Run to the end, saying every few seconds that it still goes on."""
    begun = time.monotonic()
    with log.open("wb") as out:
        child = subprocess.Popen(list(command), stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
    try:
        while True:
            try:
                child.wait(timeout=5)
                break
            except subprocess.TimeoutExpired:
                say(f"{what}: {time.monotonic() - begun:.0f} s, {_last(log.read_text(errors='replace'), 1)[:100]}")
    except BaseException:
        child.terminate()
        child.wait()
        raise
    if child.returncode != 0:
        raise StartError(f"{command[0]} failed; its log is {log}:\n{_last(log.read_text(errors='replace'))}")
    say(f"{what}: built in {time.monotonic() - begun:.0f} s")


def _users_of(root: Path) -> list[int]:
    """Processes whose root or program lies in `root`."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        for link in ("root", "exe"):
            with contextlib.suppress(OSError):
                if (process / link).readlink().is_relative_to(root):
                    found.append(int(process.name))
                    break
    return found


def _name_host(root: Path) -> None:
    """Asterisk looks its own name up at each call; without this line every call would wait for DNS."""
    hosts = root / "etc/hosts"
    name = socket.gethostname()
    text = hosts.read_text() if hosts.exists() else "127.0.0.1\tlocalhost\n::1\tlocalhost\n"
    if name in text.split() or not os.access(hosts if hosts.exists() else hosts.parent, os.W_OK):
        return
    part = hosts.with_name("hosts.new")
    part.write_text(f"{text.rstrip()}\n127.0.1.1\t{name}\n")
    part.replace(hosts)


def _output(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(list(command), capture_output=True, text=True, check=False, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def _last(text: str, lines: int = 15) -> str:
    kept = [line for line in re.split(r"[\r\n]+", text) if line.strip()]
    return "\n".join(kept[-lines:])


if __name__ == "__main__":
    try:
        place = ensure_asterisk(Path(sys.argv[1]), print)
    except StartError as error:
        sys.exit(f"Asterisk: {error}")
    print(f"Asterisk: {place or 'the one of this machine'}")
