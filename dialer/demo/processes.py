"""Processes that one data folder owns: started as children, found again by pid *and* start time, ended by pid alone.

A record of each stands in `<data>/run/<name>.json`, so that the next start after a `kill -9` of everything finds what
is left and ends it, and never a stranger who got the same pid.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import random
import resource
import signal
import socket
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil


class StartError(Exception):
    """A process did not come up; the text says which, why, and where its log is."""


_SINGLES, _RANGES = range(10_000, 20_000), range(20_000, 32_000)
"""Ports to choose from: below those that the kernel hands out by itself, to any connection at any moment."""
_given: deque[int] = deque(maxlen=1000)  # by this process; whoever was given one may not listen there yet
_marks: deque[socket.socket] = deque()  # what other processes see of that


def free_port(host: str = "127.0.0.1") -> int:
    """A port that is free now on `host`, for TCP and UDP alike. Raises StartError."""
    for _ in range(200):
        port = random.choice(_SINGLES)
        if port in _given or port_taken(port, host) or port_taken(port, host, socket.SOCK_DGRAM):
            continue
        if mark(f"port-{port}"):
            _given.append(port)
            return port
    raise StartError("no free port")  # pragma: no cover - two hundred crowded draws


def mark(what: str) -> bool:
    """Take `what` for this process as long as it lives; False when another process on this machine has it.

    A name in Linux' abstract namespace of sockets: taken by one alone, and free again however its owner ends. A process
    that takes very many gives the oldest back, which it has used by then.
    """
    held = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        held.bind(f"\0dialer-{what}")
    except OSError:
        held.close()
        return False
    _marks.append(held)
    if len(_marks) > min(2000, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 4):
        _marks.popleft().close()
    return True


@atexit.register
def _unmark() -> None:
    while _marks:
        _marks.popleft().close()


def free_range(width: int = 400, host: str = "127.0.0.1") -> tuple[int, int]:
    """First (even) and last of a range of UDP ports, free now as far as a look at some of them tells.

    Of thousands a few may be taken: whoever takes a port for sound goes on to the next. Raises StartError.
    """
    for _ in range(50):
        low = random.randrange(_RANGES.start, _RANGES.stop - width, 2)
        looks = range(low, low + width, 20)
        if sum(port_taken(port, host, socket.SOCK_DGRAM) for port in looks) <= len(looks) // 50:
            return low, low + width - 1
    raise StartError("no free range of UDP ports")  # pragma: no cover - fifty crowded draws


def port_taken(port: int, host: str = "127.0.0.1", kind: int = socket.SOCK_STREAM) -> bool:
    """True when somebody listens on `port`."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
        return False


class Processes:
    """The processes of one data folder, ended in the reverse order of their start."""

    def __init__(self, data: Path) -> None:
        self._run = data / "run"
        self._logs = data / "log"
        self._run.mkdir(parents=True, exist_ok=True)
        self._logs.mkdir(parents=True, exist_ok=True)
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._gate = threading.Lock()
        self._closed = False

    def log_of(self, name: str) -> Path:
        """Where the output of `name` goes."""
        return self._logs / f"{name}.log"

    def pid_of(self, name: str) -> int:
        """Process id of a running child. Raises KeyError."""
        return self._children[name].pid

    def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        ready: Callable[[], bool] | None = None,
        seconds: float = 60.0,
    ) -> subprocess.Popen[bytes]:
        """Start `command`, and wait until `ready()` says so.

        Raises StartError with the end of the log when it exits first or is not ready within `seconds`.
        """
        log = self.log_of(name)
        with self._gate, log.open("ab") as out:
            if self._closed:  # a thread that was about to start one while everything is ended
                raise StartError(f"{name} is not started any more: all is being ended")
            child = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=dict(env) if env is not None else None,
                cwd=cwd,
                start_new_session=True,
            )
            self._children[name] = child
            self._record(name, child.pid)
        deadline = time.monotonic() + seconds
        while ready is not None and not ready():
            if child.poll() is not None:
                raise StartError(f"{name} ended with status {child.returncode}:\n{_tail(log)}")
            if time.monotonic() > deadline:
                self.stop(name)
                raise StartError(f"{name} was not ready within {seconds:.0f} s; its log: {log}\n{_tail(log)}")
            time.sleep(0.05)
        return child

    def stop(self, name: str, *, how: signal.Signals = signal.SIGTERM, seconds: float = 20.0) -> None:
        """End one child: ask, wait, then kill. One that is gone is no error."""
        child = self._children.pop(name, None)
        if child is not None:
            _end(child.pid, how, seconds, child)
        (self._run / f"{name}.json").unlink(missing_ok=True)

    def stop_all(self) -> None:
        """End all children, last started first, and start none from now on."""
        with self._gate:
            self._closed = True
        for name in reversed(list(self._children)):
            self.stop(name)

    def end_leftovers(self) -> list[str]:
        """End what an earlier run of this data folder left behind; returns the names."""
        ended = []
        for record in sorted(self._run.glob("*.json"), key=lambda path: path.stat().st_mtime, reverse=True):
            with contextlib.suppress(OSError, ValueError, KeyError, psutil.Error):
                facts = json.loads(record.read_text())
                process = psutil.Process(int(facts["pid"]))
                if abs(process.create_time() - float(facts["started"])) < 1.0:
                    _end(process.pid, signal.SIGTERM, 5.0, None)
                    ended.append(record.stem)
            record.unlink(missing_ok=True)
        return ended

    def _record(self, name: str, pid: int) -> None:
        started = psutil.Process(pid).create_time()
        record = self._run / f"{name}.json"
        fresh = record.with_suffix(".new")  # whole at once: of a half one nobody would end the process
        fresh.write_text(json.dumps({"pid": pid, "started": started}))
        fresh.replace(record)


def _end(pid: int, how: signal.Signals, seconds: float, child: subprocess.Popen[bytes] | None) -> None:
    """Signal the whole group of `pid` (each child leads its own), then kill what is still there."""
    for step, wait in ((how, seconds), (signal.SIGKILL, 3.0)):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, step)
        deadline = time.monotonic() + wait
        while time.monotonic() < deadline:
            if child is not None:
                child.poll()
            if not _group_alive(pid):
                if child is not None:
                    child.wait(timeout=1.0)  # a zombie counts as gone: reap it
                return
            time.sleep(0.02)


def _group_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    for process in psutil.process_iter(["pid", "status"]):
        with contextlib.suppress(ProcessLookupError):
            if os.getpgid(process.pid) == group and process.info["status"] != psutil.STATUS_ZOMBIE:
                return True
    return False


def _tail(log: Path, lines: int = 15) -> str:
    with contextlib.suppress(OSError):
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    return ""
