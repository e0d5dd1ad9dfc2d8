"""From one release to the next while people talk: nobody notices, nothing is lost, and what is taken away waits."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dialer.demo.town_plan import special
from tests.support.city import until
from tests.support.day import Day, Resident
from tests.support.plant import Plant
from tests.support.releases import ADDED, TAKEN, after, before

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]


async def test_an_upgrade_during_calls_loses_none(plant: Plant, tmp_path: Path) -> None:
    old, new = before(tmp_path / "old"), after(tmp_path / "new")
    residents = [Resident(special("200", place)) for place in range(4)]
    async with Day(plant, residents, agents=2) as day:
        settings = {
            "DIALER_DATABASE_DSN": day.dsn(),
            "DIALER_ASTERISK_SECRET": plant.ami_secret,
            "DIALER_KEYS_MASTER": plant.master_key,
            "PATH": os.environ["PATH"],
        }

        async def migrate(code: Path, *words: str) -> tuple[int, str]:
            done = await asyncio.to_thread(
                subprocess.run, [sys.executable, "-m", "dialer", "migrate", *words], cwd=code, env=settings,
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            return done.returncode, done.stdout + done.stderr

        await day.serve(code=old)
        await day.load()
        await day.staff()
        await day.run()
        await day.until_count("state = 'joined'", 2, 40)
        talking = {call.number for call in day.town_calls() if call.ended is None}

        # 1. The new release's additions, while the old one dials.
        assert (await migrate(new, "--check")) == (1, f"{ADDED}\n{TAKEN} waits for --contract\n")
        status, said = await migrate(new)
        assert (status, said.splitlines()[0]) == (0, ADDED), said
        assert await migrate(new, "--check") == (0, f"up to date\n{TAKEN} waits for --contract\n")
        # 2. It stands by, and the old one gives its turn back.
        await day.serve("second", code=new)
        assert await day.owner() == "service"
        process = plant.processes._children["service"]
        began = time.time()
        # What the old one still needs is not taken away under it.
        status, said = await migrate(new, "--contract")
        assert status == 1
        assert "still connected: dialer" in said
        os.kill(plant.processes.pid_of("service"), signal.SIGTERM)

        async def adopted() -> bool:
            calls = (await day.floor("second"))["calls"]
            return [call["state"] for call in calls] == ["joined", "joined"]

        await day.until(adopted)
        await until(lambda: process.poll() is not None, what="the old one ends")
        assert process.returncode == 0
        assert await day.owner() == "second"
        assert time.time() - began < 30
        assert {call.number for call in day.town_calls() if call.ended is None} == talking, "everybody talks on"
        # 3. Back again to the old one, should the new one not please: it starts on what the new one has added.
        await asyncio.to_thread(plant.processes.stop, "service")
        assert (await migrate(old, "--check"))[0] == 0
        assert (await migrate(old))[0] == 0, "as its unit does before each start"
        await day.serve(code=old)
        plant.processes.stop("second")
        await day.until(lambda: _owned(day, "service"))
        assert {call.number for call in day.town_calls() if call.ended is None} == talking
        # 4. Forward for good, and the second step.
        await day.serve("second", code=new)
        plant.processes.stop("service")
        await day.until(lambda: _owned(day, "second"))
        assert await migrate(new, "--contract") == (0, f"{TAKEN}\n")
        assert await day.pool.fetchval("select has_table_privilege('dialer_tenant', 'note_kind', 'select')"), (
            "the way back has taken no right of the new one"
        )
        assert {call.number for call in day.town_calls() if call.ended is None} == talking
        assert await day.doubled() == []


async def _owned(day: Day, name: str) -> bool:
    return await day.owner() == name
