"""Hours of work at full speed leave nothing behind: no memory, connections, channels, bridges, files.

The whole service in a process of its own, a real Asterisk, a real PostgreSQL, 40 agents whose phones send sound, 15
calls a second that are answered, joined, hung up by the agent and filed; the calendar runs sixty times as fast as the
wall. How long: `DIALER_SOAK_MINUTES` (20 when it is not set), of which the first third warms everything up.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

import asyncpg
import psutil
import pytest

from bench.join_bench import SECRET, Exchange, start_exchange
from bench.load_bench import MONDAY, fill
from dialer.demo.postgres import EmbeddedPostgres
from dialer.demo.processes import Processes
from tests.support.raw_ami import RawAmi

pytestmark = [pytest.mark.system, pytest.mark.nightly]

AGENTS = 40
RATE = 15.0
MINUTES = float(os.environ.get("DIALER_SOAK_MINUTES", "20"))
SPEED = 60.0
PROJECT = Path(__file__).parents[2]


class Soak:
    """Everything that is looked at from outside."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes = Processes(folder)
        self.database = EmbeddedPostgres(folder, self.processes)
        self.samples: list[dict[str, Any]] = []
        self.figures: dict[str, Any] = {}

    def start(self) -> None:
        self.database.start()
        self.exchange: Exchange = start_exchange(self.folder, self.processes, talking=True)
        tree = psutil.Process(self.processes.pid_of(self.exchange.server.name))
        self.asterisk = next(p for p in (tree, *tree.children(recursive=True)) if p.name() == "asterisk")
        master = secrets.token_bytes(32)
        residents = int(1.3 * RATE * 60 * MINUTES) + 500
        settings = {"lines": 500, "calls_per_second": RATE, "ring_seconds": 20, "first_attempt_hours": 0}
        users = asyncio.run(fill(self.database.dsn(), master, AGENTS, residents, settings))
        self.file = self.folder / "soak.json"
        self.file.touch(mode=0o600)
        self.file.write_text(
            json.dumps(
                {
                    "dsn": self.database.dsn(),
                    "ami_port": self.exchange.ami_port,
                    "secret": SECRET,
                    "master": base64.b64encode(master).decode(),
                    "users": users,
                    "times": 1,
                    "ramp": 5.0,
                    "minutes": MINUTES,
                    "calendar": MONDAY.isoformat(),
                    "speed": SPEED,
                    "phones_port": self.exchange.phones_port,
                    "talk": 0.8,
                    "wrap_up": [0.2, 0.8],
                    "rests": False,  # with the usual breath of three seconds 40 agents would make nine calls a second
                    "goes_home": True,
                }
            )
        )

    def run(self) -> None:
        words = [sys.executable, "-m", "bench.load_service", str(self.file)]
        with subprocess.Popen(words, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as service:
            assert service.stdout is not None
            for line in service.stdout:
                told = json.loads(line)
                if told["step"] == "sample":
                    self.samples.append(told | self._looked())
                elif told["step"] == "figures":
                    self.figures = told
        assert service.returncode == 0

    def _looked(self) -> dict[str, Any]:
        return {
            "asterisk mb": self.asterisk.memory_info().rss >> 20,
            "asterisk files": self.asterisk.num_fds(),
            "sessions": asyncio.run(self._sessions()),
            "on disk": sum(
                path.is_file()
                for path in self.folder.rglob("*")
                if "postgres" not in path.relative_to(self.folder).parts[:1]
            ),
        }

    async def _sessions(self) -> int:
        connection = await asyncpg.connect(self.database.dsn())
        try:
            return int(await connection.fetchval("select count(*) from pg_stat_activity where datname is not null")) - 1
        finally:
            await connection.close()

    async def left(self) -> tuple[list[str], list[str]]:
        """Channels and bridges that Asterisk still has."""
        async with RawAmi(self.exchange.ami_port, "bare", SECRET) as ami:
            channels = await ami.listing("CoreShowChannels")
            bridges = await ami.listing("BridgeList")
        return [one["Channel"] for one in channels], [one["BridgeUniqueid"] for one in bridges]


def grown(samples: list[dict[str, Any]], what: str) -> tuple[float, float]:
    """The middle of the first and of the last quarter of the time after the warm-up."""
    after = samples[len(samples) // 3 :]
    part = max(1, len(after) // 4)
    return median(one[what] for one in after[:part]), median(one[what] for one in after[-part:])


@pytest.fixture(scope="module")
def soak(tmp_path_factory: pytest.TempPathFactory) -> Any:
    made = Soak(tmp_path_factory.mktemp("soak"))
    try:
        made.start()
        made.run()
        yield made
    finally:
        made.processes.stop_all()


@pytest.mark.timeout(60 * (MINUTES + 10))
def test_it_worked_all_the_time(soak: Soak) -> None:
    figures: Mapping[str, Any] = soak.figures
    print({key: value for key, value in figures.items() if key != "step"})
    print(soak.samples[0], soak.samples[-1], sep="\n")
    assert figures["dials"] > 0.8 * RATE
    assert figures["filed"] > 0.75 * RATE
    assert figures["messages"] < 0.01 * figures["joined"]
    assert (figures["rejected"], figures["tasks_failed"]) == (0, 0)


@pytest.mark.timeout(60 * (MINUTES + 10))
@pytest.mark.parametrize(
    ("what", "more"),
    [
        ("mb", 6),
        ("asterisk mb", 6),
        ("files", 3),
        ("asterisk files", 40),  # a call that is up has its sockets: as many as there may be calls more or less
        ("connections", 4),
        ("sessions", 4),
        ("tasks", 60),
        ("on disk", 3),
        ("backlog", 60),
    ],
)
def test_nothing_grows(soak: Soak, what: str, more: float) -> None:
    begin, end = grown(soak.samples, what)
    assert end <= begin + more + (0.03 * begin if what.endswith("mb") else 0), (begin, end)


@pytest.mark.timeout(60 * (MINUTES + 10))
async def test_nothing_is_left_when_everybody_has_gone_home(soak: Soak) -> None:
    channels, bridges = await soak.left()
    assert channels == []
    assert bridges == []
