"""Disks that are really full, as small file systems of their own: nothing is lost, it is said, it goes on by itself."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from dialer.demo.town_plan import special
from tests.support.plant import Day, Plant, RefusedError, Resident

pytestmark = [pytest.mark.system, pytest.mark.nightly, pytest.mark.timeout(240)]

ROOM = 260  # megabytes for PostgreSQL: its data, and its write-ahead log


class Disk:
    """A file system of `megabytes` at `folder`. Use as a context; skips the test where mounting is not permitted."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.folder = folder
        self._megabytes = megabytes

    def __enter__(self) -> Disk:
        self.folder.mkdir(parents=True, exist_ok=True)
        options = f"size={self._megabytes}m,mode=0700"
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(self.folder)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            pytest.skip("no `mount` on this machine")
        if done.returncode != 0:
            pytest.skip(f"no file system may be mounted here, that needs root: {done.stderr.strip()}")
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)

    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"

    def fill(self) -> None:
        """Not a byte is left."""
        with self._ballast.open("ab", buffering=0) as out, suppress(OSError):
            while True:
                out.write(b"\0" * 4096)

    def clear(self) -> None:
        """There is room again."""
        self._ballast.unlink(missing_ok=True)


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Plant, Disk]]:
    """A plant whose database stands on a disk of its own."""
    data = tmp_path_factory.mktemp("narrow")
    with Disk(data / "postgres", ROOM) as disk:
        plant = Plant(data)
        try:
            plant.start()
            yield plant, disk
        finally:
            plant.stop()


@pytest.mark.parametrize("how", ["data", "write-ahead log"])
async def test_the_databases_disk_is_full(narrow: tuple[Plant, Disk], how: str) -> None:
    plant, disk = narrow
    # Two talk through it all; for the others, a little is written all the time.
    numbers = [Resident(special("200", place), crisis=True) for place in range(2)]
    numbers += [Resident(special("201", place)) for place in range(10)]
    async with Day(plant, numbers, agents=4, most_talk=30) as day:
        try:
            await day.open()
            # Three entries a page, so that something needs room soon, not only after a hundred calls.
            await day.pool.execute("alter table attempt_event set (fillfactor = 10)")
            await day.run()
            await day.until_count("state = 'joined'", 3)
            disk.fill()
            if how == "write-ahead log":
                await burst(day)

            async def refused() -> bool:
                disk.fill()  # what the database itself has given back meanwhile
                return not await day.ready()

            await day.until(refused, 30)
            await asyncio.sleep(1.0)  # what was committed may still leave
            calls = len(day.town_calls())
            began = time.monotonic()
            while time.monotonic() - began < 6.0:  # full for so long: that is the fault
                disk.fill()
                assert not await day.ready(), "the load balancer is told"
                await asyncio.sleep(0.2)
            assert len(day.town_calls()) == calls, "no new calls"
            talking = [call for call in day.town_calls() if call.number.startswith("+316099200")]
            assert [call.ended for call in talking] == [None, None], "conversations go on"
            log = plant.processes.log_of("service").read_text()
            if how == "data":
                assert "the disk of the database is full" in log
            disk.clear()
            if how == "write-ahead log":  # PostgreSQL itself has ended, and whoever looks after it starts it again
                await plant.postgres_again()
            await day.connect()
            await day.until_count("outcome is not null and not live and not wrap_up_open", len(numbers), 90)
            await day.run("draining")
            await day.until_empty()
            assert await day.doubled() == []
            filed = {attempt: code for robot in day.robots for attempt, code in robot.filed.items()}
            rows = await day.pool.fetch(
                "select id, outcome from attempt where agent_id is not null and joined_at is not null"
            )
            assert {str(row["id"]): row["outcome"] for row in rows} == filed
        finally:
            disk.clear()


async def burst(day: Day) -> None:
    """Make the database begin new pieces of its write-ahead log until it cannot."""
    connection = await asyncpg.connect(day.dsn())
    try:
        for _ in range(40):
            await connection.execute("select pg_switch_wal()")
            await connection.execute("create table if not exists ballast (x int)")
            await connection.execute("insert into ballast values (1)")
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        return
    finally:
        connection.terminate()
    pytest.fail("the write-ahead log never needed room")


async def test_the_disk_for_uploads_is_full(plant: Plant) -> None:
    with Disk(plant.data / "spool-service", 1) as disk:
        async with Day(plant, [Resident(special("200", 0))], agents=0) as day:
            await day.serve()
            office = await day.office()
            client = (await office("GET", "/clients"))["items"][0]["id"]
            campaign = (await office("POST", "/campaigns", {"client": client, "name": "Proef"}))["id"]

            async def deliver() -> object:
                form = aiohttp.FormData()
                form.add_field("file", day.delivered(), filename="lijst.csv")
                return await office("POST", f"/campaigns/{campaign}/deliveries", form)

            disk.fill()
            with pytest.raises(RefusedError) as refused:
                await deliver()
            status, answer = refused.value.args
            assert (status, answer["code"]) == (503, "disk-full")
            assert "schijf" in answer["title"]
            assert [path.name for path in disk.folder.iterdir()] == ["ballast"], "nothing of the list is left"
            disk.clear()
            await deliver()
            assert await day.pool.fetchval("select count(*) from case_file") == 1
