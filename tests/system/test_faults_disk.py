"""Disks that are really full, as small file systems of their own: nothing is lost, it is said, it goes on by itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import aiohttp
import asyncpg
import pytest

from dialer.demo.seed import CLIENT
from dialer.demo.town_plan import special
from tests.support.city import until
from tests.support.day import Day, Resident
from tests.support.office import RefusedError
from tests.support.plant import AMI_USER, Plant
from tests.support.raw_ami import RawAmi
from tests.support.small_disk import Disk

pytestmark = [pytest.mark.system, pytest.mark.nightly, pytest.mark.timeout(240)]

ROOM = 260  # megabytes for PostgreSQL: its data, and its write-ahead log
ASTERISKS_ROOM = 16  # megabytes for all that Asterisk keeps: configuration, database, logs, call events
CALLER = special("486", 90)


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


@pytest.fixture(scope="module")
def cramped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Plant, Disk]]:
    """A plant whose Asterisk stands on a disk of its own."""
    data = tmp_path_factory.mktemp("cramped")
    with Disk(data / "asterisk", ASTERISKS_ROOM) as disk:
        plant = Plant(data)
        try:
            plant.start()
            yield plant, disk
        finally:
            plant.stop()


async def test_asterisks_own_disk_is_full(cramped: tuple[Plant, Disk]) -> None:
    """Its database, its logs and its call events find no room; calls need none of them."""
    plant, disk = cramped
    numbers = [Resident(special("200", place), crisis=True) for place in range(2)]
    numbers += [Resident(special("201", place)) for place in range(6)]
    stop = asyncio.Event()
    async with Day(plant, numbers, agents=2, most_talk=30) as day:
        living = asyncio.create_task(plant.town.live(stop))
        try:
            await day.open()
            await until(lambda: plant.town.listens, what="the town listens")
            await day.run()
            await day.until_count("direction = 'out' and state = 'joined'", 2)
            disk.fill()
            assert not await keeps(plant), "it is the disk of its database"
            await safe_message(plant)
            plant.town.ring(CALLER, CLIENT.inbound_number, patience=14, talks=0, keys="1")

            async def asked() -> bool:
                return bool(await day.pool.fetchval("select count(*) from callback_task where state = 'open'") == 1)

            await day.until(asked, 25)
            talking = [call for call in day.town_calls() if call.number.startswith("+316099200")]
            assert [call.ended for call in talking] == [None, None], "conversations go on"
            await day.until_count("direction = 'out' and agent_id is not null and outcome is not null", 6, 90)
            assert not await keeps(plant), "full all the time"
            assert (await day.figures())["dialer_asterisk_keeps"] == 0, "the alert"
            disk.clear()
            await day.until_count("direction = 'out' and outcome is not null and not wrap_up_open", len(numbers), 90)

            async def again() -> bool:
                return await keeps(plant)

            await day.until(again, 10)
            await day.run("draining")
            await day.until_empty()
            assert await day.doubled() == ["1 more at the town"], "the one that was ours"
            filed = {attempt: code for robot in day.robots for attempt, code in robot.filed.items()}
            rows = await day.pool.fetch(
                "select id, outcome from attempt where agent_id is not null and joined_at is not null"
            )
            assert {str(row["id"]): row["outcome"] for row in rows} == filed
            assert await day.pool.fetchval("select count(*) from callback_task") == 1, "asked once, kept once"
        finally:
            disk.clear()
            stop.set()
            await living


async def test_a_take_over_while_asterisks_disk_is_full(cramped: tuple[Plant, Disk]) -> None:
    """The new owner's line is taken and lost: nothing is claimed that could not leave, until there is room."""
    plant, disk = cramped
    async with Day(plant, [Resident(special("201", place)) for place in range(8)], agents=1, most_talk=4) as day:
        try:
            await day.open()
            await day.run()
            await day.until_count("state = 'joined'", 1)
            await day.run("paused")
            await day.until_empty()
            disk.fill()
            await plant.kill("service")
            await day.serve()

            async def noticed() -> bool:
                return await day.reason() == "link_down"

            await day.until(lambda: full(day), 20)
            before, calls = await day.count(), len(day.town_calls())
            await day.run()
            await day.until(noticed, 15)
            await asyncio.sleep(7.0)  # more than one look
            assert await noticed()
            assert (await day.count(), len(day.town_calls())) == (before, calls)
            disk.clear()
            await day.until_count("outcome is not null and joined_at is not null", before + 2, 45)
        finally:
            disk.clear()


async def full(day: Day) -> bool:
    return (await day.figures())["dialer_asterisk_keeps"] == 0


async def keeps(plant: Plant) -> bool:
    """Whether what is written into Asterisk's database is still there when it has written it to its disk."""
    value = str(time.time_ns())
    async with RawAmi(plant.instance.ami_port, AMI_USER, plant.ami_secret) as ami:
        written = await ami.action("DBPut", Family="proef", Key="disk", Val=value)
        if written["Response"] != "Success":
            return False
        await asyncio.sleep(2.5)  # it writes once a second, and takes back what found no room
        read = await ami.wait_for("DBGetResponse", Val=value) if await _got(ami) else {}
        return read.get("Val") == value


async def _got(ami: RawAmi) -> bool:
    return (await ami.action("DBGet", Family="proef", Key="disk"))["Response"] == "Success"


async def safe_message(plant: Plant) -> None:
    """A resident answers and nobody joins: sound reaches his ear in time, by the town's own word."""
    attempt, number = "00000000-0000-7000-8000-000000000699", special("202", 99)
    async with (
        RawAmi(plant.instance.ami_port, AMI_USER, plant.ami_secret) as ami,
        RawAmi(*plant.town.ami) as town,
    ):
        await ami.action(
            "Originate", ActionID=attempt, Channel=f"PJSIP/{number}@trunk", Context="resident", Exten="s",
            Priority="1", Account=attempt, ChannelId=attempt, Async="true",
            CallerID=f"<{CLIENT.inbound_number}>", Variable=f"DIALER_SOUNDS={CLIENT.slug}",
        )  # fmt: skip
        there = (await town.wait_for("Newchannel", Exten=number))["Uniqueid"]
        answered = await town.wait_for("Newstate", Uniqueid=there, ChannelStateDesc="Up")
        heard = await town.wait_for("ChannelTalkingStart", Uniqueid=there)
        assert float(heard["Timestamp"]) - float(answered["Timestamp"]) < 2.0


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
