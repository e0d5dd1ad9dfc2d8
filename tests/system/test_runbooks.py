"""A fault is made, its alert fires by our own rules in a real Prometheus, its runbook is followed, and it is over."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from dialer.cli import build_parser
from dialer.demo.postgres import binaries
from dialer.demo.town_plan import special
from tests.support.day import Day, Resident
from tests.support.plant import Plant
from tests.support.prometheus import needs_prometheus
from tests.support.runbook import FOLDER, follow, steps
from tests.support.watched import ends, fires, settings_of, watched

pytestmark = [pytest.mark.system, pytest.mark.timeout(240), needs_prometheus]


def test_every_command_of_a_runbook_is_one() -> None:
    known = next(one.choices for one in build_parser()._actions if isinstance(one.choices, dict))
    typed = [step.command for page in FOLDER.glob("*.md") for part in ("Look", "Do") for step in steps(page.stem, part)]
    assert len(typed) > 20
    for command in typed:
        program, _, rest = command.partition(" ")
        assert program in ("dialer", "curl"), command
        assert program != "dialer" or rest.split()[0] in known, command


@pytest.mark.nightly
async def test_asterisk_stands_still(plant: Plant, tmp_path: Path) -> None:
    async with Day(plant, [Resident(special("200", 0))], agents=1) as day:
        dialer = await day.open()
        env = settings_of(day)
        async with watched(day, tmp_path) as prometheus:
            plant.signal(plant.asterisk.name, signal.SIGSTOP)
            await fires(prometheus, "AsteriskGone")
            await follow("asterisk-gone", "Look", env, metrics_port=dialer.metrics_port)
            plant.signal(plant.asterisk.name, signal.SIGCONT)
            await ends(prometheus, "AsteriskGone")
            await day.run()
            await day.until_count("state = 'joined'", 1, 45)  # dialling goes on by itself


@pytest.mark.nightly
async def test_nobody_is_on_duty_inside_the_hours(plant: Plant, tmp_path: Path) -> None:
    async with Day(plant, [Resident(special("200", 0))], agents=0) as day:
        dialer = await day.open()
        await day.run()
        async with watched(day, tmp_path) as prometheus:
            await fires(prometheus, "NothingDialled")
            await follow("nothing-dialled", "Look", settings_of(day), metrics_port=dialer.metrics_port)
            await day.run("paused")
            await ends(prometheus, "NothingDialled")


async def test_the_back_up_is_too_old(plant: Plant, tmp_path: Path) -> None:
    async with Day(plant, [], agents=0) as day:
        dialer = await day.serve()
        async with watched(day, tmp_path) as prometheus:
            await fires(prometheus, "BackupOld")
            env = settings_of(day, BACKUP=str(tmp_path / "dialer.sealed"), PATH=str(binaries()))
            await follow("backup-old", "Look", env, metrics_port=dialer.metrics_port)
            await follow("backup-old", "Do", env, metrics_port=dialer.metrics_port)
            await ends(prometheus, "BackupOld")


@pytest.mark.nightly
async def test_the_carriers_line_is_gone(plant: Plant, tmp_path: Path) -> None:
    """Over a line that is asked all the time whether it is there, as `dialer asterisk write` makes it."""
    async with Day(plant, [Resident(special("200", 0))], agents=1) as day:
        dialer = await day.open(env={"DIALER_ASTERISK_TRUNK": "watched"})
        async with watched(day, tmp_path) as prometheus:
            plant.signal(plant.town.server.name, signal.SIGSTOP)
            await fires(prometheus, "TrunkGone")
            env = settings_of(day, DIALER_ASTERISK_TRUNK="watched")
            await follow("trunk-gone", "Look", env, metrics_port=dialer.metrics_port)
            plant.signal(plant.town.server.name, signal.SIGCONT)
            await ends(prometheus, "TrunkGone")
            await day.run()
            await day.until_count("state = 'joined'", 1, 45)


@pytest.mark.nightly
async def test_agents_are_free_and_nobody_is_dialled(plant: Plant, tmp_path: Path) -> None:
    """A wrong setting bars every call: agents wait, residents are due, and nothing leaves."""
    async with Day(plant, [Resident(special("200", place)) for place in range(20)], agents=1) as day:
        dialer = await day.open(env={"DIALER_ASTERISK_PREFIXES": "+32"})
        await day.run()
        async with watched(day, tmp_path) as prometheus:
            await fires(prometheus, "CallsBarred")
            await follow("calls-barred", "Look", settings_of(day), metrics_port=dialer.metrics_port)
            await fires(prometheus, "DialsStuck")
            await follow("dials-stuck", "Look", settings_of(day), metrics_port=dialer.metrics_port)
            assert day.town_calls() == [], "nothing has left"
            await asyncio.to_thread(plant.processes.stop, "service")
            dialer.env = {}
            await day.serve()
            await day.until_count("state = 'joined'", 1, 60)
            await ends(prometheus, "DialsStuck")
