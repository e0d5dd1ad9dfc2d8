"""Runbooks of what is watched beside the calls: a certificate, a disk, a clock, a term, a caller who waits."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dialer.demo.seed import CLIENT
from dialer.demo.town_plan import special
from tests.support.certificates import pem
from tests.support.city import until
from tests.support.day import Day, Resident
from tests.support.plant import Plant
from tests.support.prometheus import needs_prometheus
from tests.support.runbook import follow
from tests.support.small_disk import Disk
from tests.support.watched import ends, fires, settings_of, watched
from tests.support.wrong_clock import LIBRARY, WrongClock

pytestmark = [pytest.mark.system, pytest.mark.timeout(300), needs_prometheus]


@pytest.mark.nightly
async def test_a_certificate_ends(plant: Plant, tmp_path: Path) -> None:
    file = tmp_path / "panel.pem"
    file.write_bytes(pem(datetime.now(UTC) + timedelta(days=3)))
    async with Day(plant, [], agents=0) as day:
        dialer = await day.serve(env={"DIALER_HTTP_CERTIFICATES": str(file)})
        async with watched(day, tmp_path) as prometheus:
            await fires(prometheus, "CertificateEnds")
            await follow("certificate-ends", "Look", settings_of(day), metrics_port=dialer.metrics_port)
            file.write_bytes(pem(datetime.now(UTC) + timedelta(days=90)))
            await ends(prometheus, "CertificateEnds")


@pytest.mark.nightly
async def test_a_disk_fills(plant: Plant, tmp_path: Path) -> None:
    with Disk(tmp_path / "spool", 8) as disk:
        async with Day(plant, [], agents=0) as day:
            spool = {"DIALER_HTTP_SPOOL": str(disk.folder)}
            dialer = await day.serve(env=spool)
            async with watched(day, tmp_path) as prometheus:
                disk.fill()
                await fires(prometheus, "DiskFilling")
                await follow("disk-filling", "Look", settings_of(day, **spool), metrics_port=dialer.metrics_port)
                disk.clear()
                await ends(prometheus, "DiskFilling")
            await asyncio.to_thread(plant.processes.stop, "service")  # it holds the folder


@pytest.mark.nightly
@pytest.mark.skipif(LIBRARY is None, reason="no libfaketime on this machine (Debian package libfaketime)")
async def test_the_services_clock_is_wrong(plant: Plant, tmp_path: Path) -> None:
    clock = WrongClock(tmp_path)
    async with Day(plant, [], agents=0) as day:
        dialer = await day.serve(env=clock.env)
        async with watched(day, tmp_path) as prometheus:
            clock.put(5)
            await fires(prometheus, "ClockApart")
            await follow("clock-apart", "Look", settings_of(day, **clock.env), metrics_port=dialer.metrics_port)
            clock.put(0)
            await ends(prometheus, "ClockApart")


@pytest.mark.nightly
async def test_a_term_comes_near_and_nobody_was_there_to_call(plant: Plant, tmp_path: Path) -> None:
    async with Day(plant, [Resident(special("200", 0))], agents=1) as day:
        dialer = await day.serve()
        await day.load()
        await day.pool.execute("update case_file set plan_ends_at = $1", day.now() + timedelta(days=1))
        await day.run()
        async with watched(day, tmp_path) as prometheus:
            await fires(prometheus, "TermNear")
            await follow("term-near", "Look", settings_of(day), metrics_port=dialer.metrics_port)
            await day.staff()
            await day.until_count("state = 'joined'", 1, 45)
            await ends(prometheus, "TermNear")


@pytest.mark.nightly
async def test_a_caller_waits_for_the_only_agent(plant: Plant, tmp_path: Path) -> None:
    talker, caller = special("200", 81), special("201", 81)
    async with Day(plant, [Resident(talker, crisis=True), Resident(caller)], agents=1, most_talk=130.0) as day:
        dialer = await day.open()
        stop = asyncio.Event()
        living = asyncio.create_task(plant.town.live(stop))
        try:
            await until(lambda: plant.town.listens, what="the town listens")
            await day.run()
            await day.until_count("direction = 'out' and state = 'joined'", 1)  # the only agent is busy
            async with watched(day, tmp_path) as prometheus:
                plant.town.ring(caller, CLIENT.inbound_number, patience=200, talks=3)
                await fires(prometheus, "CallersWait", 120)
                await follow("callers-wait", "Look", settings_of(day), metrics_port=dialer.metrics_port)
                await day.until_count("direction = 'in' and joined_at is not null", 1, 90)
                await ends(prometheus, "CallersWait")
        finally:
            stop.set()
            await living
