"""What one data folder started is ended, and nothing else."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from dialer.demo import processes
from dialer.demo.processes import Processes, StartError, free_port, free_range, mark, port_taken

SLEEPS = [sys.executable, "-c", "import time; time.sleep(60)"]


def test_children_are_ended_last_started_first_and_none_starts_afterwards(tmp_path: Path) -> None:
    processes = Processes(tmp_path)
    pids = [processes.start(name, SLEEPS).pid for name in ("one", "two")]
    assert processes.pid_of("two") == pids[1]
    processes.stop_all()
    assert not any(psutil.pid_exists(pid) for pid in pids)
    assert list((tmp_path / "run").iterdir()) == []
    with pytest.raises(StartError, match="not started any more"):
        processes.start("three", SLEEPS)


def test_one_that_ends_at_once_is_told_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="no such luck"):
        Processes(tmp_path).start(
            "bad", [sys.executable, "-c", "import sys; sys.exit('no such luck')"], ready=lambda: False
        )


def test_one_that_never_is_ready_is_ended(tmp_path: Path) -> None:
    processes = Processes(tmp_path)
    with pytest.raises(StartError, match="not ready"):
        processes.start("slow", SLEEPS, ready=lambda: False, seconds=0.2)
    assert list((tmp_path / "run").iterdir()) == []


def test_what_an_earlier_run_left_is_ended_but_never_a_stranger_with_its_pid(tmp_path: Path) -> None:
    child = Processes(tmp_path).start("left", SLEEPS)
    stranger = subprocess.Popen(SLEEPS)
    record = {"pid": stranger.pid, "started": psutil.Process(stranger.pid).create_time() - 500}
    (tmp_path / "run" / "stranger.json").write_text(json.dumps(record))
    (tmp_path / "run" / "garbage.json").write_text("{")
    try:
        assert Processes(tmp_path).end_leftovers() == ["left"]
        child.wait(5)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_free_port_is_free() -> None:
    assert not port_taken(free_port())


def test_no_port_is_given_twice_nor_one_that_the_kernel_may_hand_out() -> None:
    given = [free_port() for _ in range(300)]
    assert len(set(given)) == 300
    assert max(given) < 32_768, "Linux gives connections a port from there on"


def test_a_port_that_another_process_was_given_is_not_given_again() -> None:
    """It listens there only later: both had found it free."""
    code = "from dialer.demo.processes import mark; print(mark('test-of-two'), flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        try:
            assert other.stdout.readline() == b"True\n"
            assert not mark("test-of-two")
        finally:
            other.kill()
    assert mark("test-of-two"), "however its owner ended"
    assert not mark("test-of-two"), "once is once, in one process too"


def test_what_another_process_has_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def held_elsewhere(what: str) -> bool:
        asked.append(what)
        return len(asked) > 3

    monkeypatch.setattr(processes, "mark", held_elsewhere)
    port = free_port()
    assert asked[-1] == f"port-{port}"
    assert len(set(asked)) == 4


def test_a_range_of_ports_is_free_and_apart_from_single_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Free is what a look tells, until another process has it a moment later: the kernel is played here."""
    asked: list[tuple[int, int]] = []

    def taken(port: int, host: str, kind: int) -> bool:
        asked.append((port, kind))
        return len(asked) < 7  # whoever is in the first few ranges that are drawn has all of it

    monkeypatch.setattr(processes, "port_taken", taken)
    low, high = free_range(40)
    assert high - low == 39
    assert low % 2 == 0
    assert asked[-2:] == [(low, socket.SOCK_DGRAM), (low + 20, socket.SOCK_DGRAM)], "looked at, and found free"
    assert len(asked) == 8, "what is taken is not given"
    monkeypatch.undo()
    assert all(not low <= free_port() <= high for _ in range(100))


def test_a_port_for_sound_in_use_is_seen() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as there:
        there.bind(("127.0.0.1", 0))
        assert port_taken(there.getsockname()[1], kind=socket.SOCK_DGRAM)
