"""The first of the README's two commands, as a new user runs it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from dialer.demo.processes import free_port

pytestmark = [pytest.mark.system, pytest.mark.timeout(420)]

PROJECT = Path(__file__).parents[2]


class Demo:
    """One run in a data folder."""

    def __init__(self, data: Path, *arguments: str) -> None:
        self.data = data
        self.log = data.parent / f"{data.name}.log"
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "dialer", "demo", "--data-dir", str(data), *arguments],
                cwd=PROJECT,
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )

    @property
    def text(self) -> str:
        return self.log.read_text(errors="replace")

    def until(self, condition: Callable[[], bool], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert self.process.poll() is None, self.text
            assert time.monotonic() < deadline, self.text
            time.sleep(0.1)

    def children(self) -> list[psutil.Process]:
        """Whatever this data folder started, found by what stands on its command line or in its environment."""
        found = []
        for process in psutil.process_iter(["pid", "cmdline"]):
            words = " ".join(process.info["cmdline"] or ())
            if str(self.data) in words and process.pid != self.process.pid:
                found.append(process)
        return found


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "data"
    for record in (tmp_path / "data" / "run").glob("*.json"):  # a failed test must not leave a town behind
        pid = int(json.loads(record.read_text())["pid"])
        if psutil.pid_exists(pid):
            os.killpg(pid, signal.SIGKILL)


def test_a_small_town_is_worked_off_and_its_figures_are_right(data: Path) -> None:
    summary = data.parent / "summary.json"
    demo = Demo(
        data, "--residents", "8", "--agents", "4", "--speed", "20000", "--port", str(free_port()), "--seed", "3",
        "--mode", "progressive", "--until-done", "--summary", str(summary),
    )  # fmt: skip
    try:
        assert demo.process.wait(400) == 0, demo.text
    finally:
        demo.process.kill()
    figures = json.loads(summary.read_text())
    assert set(figures) == {
        "residents", "callable", "reached", "attempts", "answered", "abandoned", "answer_to_agent_ms", "inbound",
        "rule_violations", "outcomes",
    }  # fmt: skip
    assert figures["residents"] >= 7
    assert 0 < figures["reached"] <= figures["callable"]
    assert figures["attempts"] >= figures["reached"]
    assert figures["rule_violations"] == 0
    assert figures["abandoned"] == 0, "progressive: an agent is reserved for every call"
    assert 0 < figures["answer_to_agent_ms"]["p50"] < 50
    assert demo.children() == []
    assert "Ready after" in demo.text
    assert re.search(r"log-in +medewerker", demo.text)


@pytest.mark.nightly  # eight minutes of a floor at work
@pytest.mark.timeout(900)
def test_a_campaign_that_predicts_rings_more_than_are_free_and_keeps_its_promise(data: Path) -> None:
    summary = data.parent / "summary.json"
    demo = Demo(
        data, "--residents", "500", "--agents", "12", "--speed", "600", "--port", str(free_port()), "--seed", "6",
        "--mode", "predictive", "--minutes", "8", "--summary", str(summary),
    )  # fmt: skip
    try:
        assert demo.process.wait(800) == 0, demo.text
    finally:
        demo.process.kill()
    figures = json.loads(summary.read_text())
    assert figures["answered"] > 100
    # One percent is promised over the long run; by chance alone so few answers can meet nobody three times.
    assert figures["abandoned"] <= max(3, 0.03 * figures["answered"])
    assert figures["rule_violations"] == 0
    assert 0 < figures["answer_to_agent_ms"]["p50"] < 50
    shown = re.findall(r"(\d+) ringing .*? (\d+) free .*? (\d+) reserved", demo.text)
    assert any(int(ringing) > int(free) + int(reserved) for ringing, free, reserved in shown), "it never predicted"


def test_after_a_kill_of_everything_the_next_start_just_works(data: Path) -> None:
    arguments = ("--residents", "8", "--agents", "1", "--port", str(free_port()))
    first = Demo(data, *arguments)
    first.until(lambda: "robot" in " ".join(p.name for p in (data / "run").glob("phone-*.json")), 180)
    victims = [int(json.loads(record.read_text())["pid"]) for record in (data / "run").glob("*.json")]
    first.process.kill()
    first.process.wait()
    service = json.loads((data / "run" / "service.json").read_text())["pid"]
    os.kill(service, signal.SIGKILL)
    again = Demo(data, *arguments, "--keep")
    try:
        again.until(lambda: again.text.count("Ready after") == 2, 180)
        assert "ended what an earlier run left behind" in again.text
        for pid in victims:
            assert not psutil.pid_exists(pid) or psutil.Process(pid).create_time() > first_end(again)
    finally:
        again.process.send_signal(signal.SIGINT)
        assert again.process.wait(60) == 0, again.text
    assert again.children() == []


def first_end(demo: Demo) -> float:
    return psutil.Process(demo.process.pid).create_time() if demo.process.poll() is None else 0.0
