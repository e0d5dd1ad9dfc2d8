"""The server itself: fences, restarts, what it keeps, and the town's people."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
from pathlib import Path

import psutil
import pytest

from dialer.asterisk.config import AmiUser, AsteriskSettings, Instance, Trunk, dialer_files, line_objects, line_removals
from dialer.asterisk.logs import erase
from dialer.demo.asterisk_server import AsteriskServer, asterisk_folders, enter_root
from dialer.demo.processes import Processes, StartError, free_port, free_range
from dialer.demo.town_plan import special
from tests.support.city import BY_THE_HOUR, CLIENT_NUMBER, RINGS_BACK, TelephoneCity, until
from tests.support.raw_ami import RawAmi

pytestmark = pytest.mark.system


async def test_a_shut_line_dials_no_more_and_ends_no_call(telephone_city: TelephoneCity) -> None:
    city = telephone_city
    async with city.ami() as ami:
        for family, key, value in line_objects("out-7", "trunk"):
            await ami.action("DBPut", Family=family, Key=key, Val=value)
        talking = await city.dial(ami, special("200", 50), trunk="out-7")
        await city.answered(ami, talking)
        for family, key in line_removals("out-7"):
            await ami.action("DBDel", Family=family, Key=key)
        late = await city.dial(ami, special("200", 51), trunk="out-7")
        refused = await ami.wait_for("OriginateResponse", ActionID=late)
        assert refused["Response"] == "Failure"
        assert not ami.all_of("Newchannel", Uniqueid=late)
        assert not ami.all_of("Hangup", Uniqueid=talking)
        await ami.action("Hangup", Channel=talking)


async def test_the_kicker_ends_another_session_and_can_do_nothing_else(telephone_city: TelephoneCity) -> None:
    city = telephone_city
    port = city.instance.ami_port
    async with RawAmi(port, *city.ami_other) as old, RawAmi(port, *city.ami_kick) as kicker:
        rows: list[list[str]] = []
        async with asyncio.timeout(30):  # an earlier test's session may not have been seen to end
            while len(rows) != 1:
                shown = await kicker.action("Command", Command="manager show connected")
                rows = [
                    line.split() for line in shown["Output"].splitlines() if line.split()[:1] == [city.ami_other[0]]
                ]
        await kicker.action("Command", Command=f"manager kick session {rows[0][4]}")
        async with asyncio.timeout(30):
            await old.closed.wait()
        assert (await kicker.action("Originate", Channel="PJSIP/x"))["Message"] == "Permission denied"


def test_it_runs_without_privileges_and_leaves_nothing_mounted(telephone_city: TelephoneCity) -> None:
    city = telephone_city
    pid = city.processes.pid_of(city.server.name)
    status = dict(
        line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line
    )
    assert {status[name] for name in ("CapPrm", "CapEff", "CapBnd")} == {"0000000000000000"}
    assert status["NoNewPrivs"] == "1"
    assert str(city.data) not in Path("/proc/self/mountinfo").read_text()
    assert (city.data / "asterisk" / "etc" / "manager.conf").stat().st_mode & 0o077 == 0


async def test_killed_at_any_moment_it_keeps_accounts_and_requests(
    tmp_path: Path, telephone_city: TelephoneCity
) -> None:
    """A third instance beside the two: `kill -9`, started again on the same folder."""
    city = telephone_city
    processes = Processes(tmp_path)
    folder = tmp_path / "asterisk"
    instance = Instance(
        name="third",
        folders=asterisk_folders(folder, city.sounds, city.root),
        sip_port=free_port(),
        ami_port=free_port(),
        rtp_ports=free_range(),
        ami_users=(AmiUser(name="dialer", secret="third-" + "x" * 16),),
    )
    files = dialer_files(AsteriskSettings(instance=instance, trunks=(Trunk(name="trunk", host="127.0.0.1"),)))
    server = AsteriskServer(folder, instance, files, processes, root=city.root, sounds=city.sounds)
    user = instance.ami_users[0]
    try:
        server.start()
        async with RawAmi(instance.ami_port, user.name, user.secret) as ami:
            await ami.action("DBPut", Family="callback", Key="+31600000001*+31790000001*call_back", Val="1700000000")
            database = folder / "db" / "astdb.sqlite3"
            # Asterisk commits its database within a second of a change.
            await until(lambda: _committed(database, "call_back"))
        os.kill(processes.pid_of(server.name), signal.SIGKILL)
        server.stop()
        server.start()
        async with RawAmi(instance.ami_port, user.name, user.secret) as ami:
            [row] = await ami.listing("DBGetTree", Family="callback")
            assert row["Val"] == "1700000000"
        server.stop()
        assert erase(folder, 86_400.0, 30) == 0
        assert erase(folder, 40 * 86_400.0, 30) >= 1
        assert not list((folder / "log").glob("asterisk-*"))
        server.forget()
        assert not folder.exists()
    finally:
        processes.stop_all()


def _committed(database: Path, word: str) -> bool:
    """Whether a row with this word outlives a kill: as another reader of the file sees it."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as reader:
            return reader.execute("select 1 from astdb where key like ?", (f"%{word}%",)).fetchone() is not None
    except sqlite3.OperationalError:  # it is being written to
        return False


def test_a_configuration_that_cannot_start_says_so(tmp_path: Path, telephone_city: TelephoneCity) -> None:
    city = telephone_city
    processes = Processes(tmp_path)
    instance = Instance(
        name="broken",
        folders=asterisk_folders(tmp_path / "a", city.sounds, city.root),
        sip_port=free_port(),
        ami_port=free_port(),
        rtp_ports=free_range(),
        ami_users=(AmiUser(name="dialer", secret="x" * 20),),
    )
    files = {"asterisk.conf": "[directories]\nastmoddir=/nowhere\n"}
    server = AsteriskServer(tmp_path / "a", instance, files, processes, root=city.root, sounds=city.sounds)
    with pytest.raises(StartError, match="asterisk-broken"):
        server.start(seconds=3)


def test_entering_the_root_keeps_the_process_id(tmp_path: Path, telephone_city: TelephoneCity) -> None:
    assert telephone_city.root is not None
    processes = Processes(tmp_path)
    (tmp_path / "seen").mkdir()
    marker = tmp_path / "seen" / "pid"
    command = ["/bin/sh", "-c", f"echo $$ > {marker}; exec sleep 60"]
    child = processes.start(
        "inside", enter_root(telephone_city.root, (tmp_path / "seen",), command),
        ready=lambda: marker.exists() and marker.read_text().endswith("\n"),  # it is there before it is written to
    )  # fmt: skip
    assert int(marker.read_text()) == child.pid
    processes.stop("inside")
    assert not psutil.pid_exists(child.pid)
    assert not (telephone_city.root / str(tmp_path).lstrip("/")).exists()  # no trace in the root file system


async def test_a_resident_has_moods_in_turn_and_rings_back(telephone_city: TelephoneCity) -> None:
    city = telephone_city
    stop = asyncio.Event()
    async with city.ami() as ami:
        await city.name_client(ami)
        living = asyncio.create_task(city.town.live(stop))
        await until(lambda: city.town.listens, what="the town listens")
        missed = await city.dial(ami, RINGS_BACK)
        assert (await ami.wait_for("Hangup", Uniqueid=missed))["TechCause"] == "486"
        caller = await ami.wait_for("UserEvent", UserEvent="CallerArrived", Number=RINGS_BACK)
        assert caller["Dialed"] == CLIENT_NUMBER
        await ami.action("Hangup", Channel=caller["Channel"])
        second = await city.dial(ami, RINGS_BACK)
        await city.answered(ami, second)
        assert city.town.moods[RINGS_BACK] == "answer"
        await ami.action("Hangup", Channel=second)
        stop.set()
        async with asyncio.timeout(30):
            await living
    # The town's own word on who rang whom.
    await until(lambda: f'"{RINGS_BACK}","{CLIENT_NUMBER}"' in city.town.server.cel.read_text())


async def test_a_resident_with_a_week_is_there_by_the_hour(telephone_city: TelephoneCity) -> None:
    city, stop = telephone_city, asyncio.Event()
    async with city.ami() as ami:
        living = asyncio.create_task(city.town.live(stop))
        await until(lambda: city.town.listens, what="the town listens")
        for half_hour, there in ((0, True), (1, False), (0, True)):
            city.town.strike(half_hour)
            async with city.town_ami() as town, asyncio.timeout(30):  # another session may be read first
                while (await town.action("Getvar", Variable="HALF_HOUR"))["Value"] != str(half_hour):  # noqa: ASYNC110 - no event tells
                    await asyncio.sleep(0.05)
            call = await city.dial(ami, BY_THE_HOUR)
            if there:
                await city.answered(ami, call)
                await ami.action("Hangup", Channel=call)
            ended = await ami.wait_for("Hangup", Uniqueid=call)
            assert (ended["Cause"] == "17") is not there
        stop.set()
        async with asyncio.timeout(30):
            await living
