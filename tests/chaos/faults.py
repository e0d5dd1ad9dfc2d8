"""The faults of the storm. Each breaks one part, waits, mends it, and returns once the part is back."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from tests.support.day import Day
from tests.support.plant import AMI_USER
from tests.support.raw_ami import RawAmi

SERVICE = "service"


@dataclass(slots=True)
class Storm:
    """What faults work on."""

    day: Day
    draw: random.Random
    outages: list[tuple[float, float]] = field(default_factory=list)
    restarts: int = 0

    async def rest(self, low: float, high: float) -> None:
        """Leave it broken for a drawn time."""
        await asyncio.sleep(self.draw.uniform(low, high))

    async def restart_service(self) -> None:
        """Start it, however it ended."""
        self.restarts += 1
        await self.day.serve(SERVICE)


async def dialer_killed(storm: Storm) -> None:
    await storm.day.plant.kill(SERVICE)
    await storm.rest(0.0, 3.0)
    await storm.restart_service()


async def dialer_restarted(storm: Storm) -> None:
    await asyncio.to_thread(storm.day.plant.processes.stop, SERVICE)
    await storm.restart_service()


async def dialer_stopped(storm: Storm) -> None:
    storm.day.plant.signal(SERVICE, signal.SIGSTOP)
    await storm.rest(1.0, 8.0)
    storm.day.plant.signal(SERVICE, signal.SIGCONT)


async def dialer_taken_over(storm: Storm) -> None:
    """Stopped for so long that a second one takes over; woken, it ends, and the second hands back when it stops."""
    plant, day = storm.day.plant, storm.day
    await day.serve("second")
    plant.signal(SERVICE, signal.SIGSTOP)
    await storm.rest(6.0, 9.0)
    plant.signal(SERVICE, signal.SIGCONT)
    await storm.rest(1.0, 2.0)
    await asyncio.to_thread(plant.processes.stop, SERVICE)
    await asyncio.to_thread(plant.processes.stop, "second")
    await storm.restart_service()


async def asterisk_killed(storm: Storm) -> None:
    plant = storm.day.plant
    began = time.time()
    await plant.kill(plant.asterisk.name)
    await storm.rest(0.0, 2.0)
    await asyncio.to_thread(plant.asterisk.start)
    storm.outages.append((began, time.time()))


async def asterisk_stopped(storm: Storm) -> None:
    plant = storm.day.plant
    began = time.time()
    plant.signal(plant.asterisk.name, signal.SIGSTOP)
    await storm.rest(0.5, 4.0)
    plant.signal(plant.asterisk.name, signal.SIGCONT)
    storm.outages.append((began, time.time()))


async def database_killed(storm: Storm) -> None:
    await storm.day.plant.kill("postgres")
    await storm.rest(0.0, 6.0)
    await storm.day.plant.start_postgres()


async def database_stopped(storm: Storm) -> None:
    storm.day.plant.signal("postgres", signal.SIGSTOP)
    await storm.rest(1.0, 10.0)
    storm.day.plant.signal("postgres", signal.SIGCONT)


async def database_link_cut(storm: Storm) -> None:
    proxy = storm.day.dialers[SERVICE].database
    proxy.refuse = True
    proxy.cut()
    await storm.rest(0.0, 5.0)
    proxy.refuse = False


async def database_link_half_open(storm: Storm) -> None:
    proxy = storm.day.dialers[SERVICE].database
    proxy.swallow = True
    await storm.rest(1.0, 6.0)
    proxy.swallow = False
    proxy.cut()


async def ami_link_cut(storm: Storm) -> None:
    proxy = storm.day.dialers[SERVICE].ami
    proxy.refuse = True
    proxy.cut()
    await storm.rest(0.0, 4.0)
    proxy.refuse = False


async def ami_link_half_open(storm: Storm) -> None:
    proxy = storm.day.dialers[SERVICE].ami
    proxy.swallow = True
    await storm.rest(1.0, 8.0)
    proxy.swallow = False
    proxy.cut()


async def ami_link_slow(storm: Storm) -> None:
    proxy = storm.day.dialers[SERVICE].ami
    proxy.delay = storm.draw.uniform(0.1, 0.6)
    await storm.rest(2.0, 6.0)
    proxy.delay = 0.0


async def browser_links_cut(storm: Storm) -> None:
    """Every tab loses the service for a while, in the middle of what it was sending."""
    proxy = storm.day.dialers[SERVICE].http
    proxy.refuse = True
    proxy.cut()
    await storm.rest(0.0, 5.0)
    proxy.refuse = False


async def browser_links_half_open(storm: Storm) -> None:
    proxy = storm.day.dialers[SERVICE].http
    proxy.swallow = True
    await storm.rest(1.0, 6.0)
    proxy.swallow = False
    proxy.cut()


async def browser_answers_lost(storm: Storm) -> None:
    """What tabs send arrives and is done; they never learn of it and send it again."""
    proxy = storm.day.dialers[SERVICE].http
    proxy.mute = True
    await storm.rest(1.0, 4.0)
    proxy.mute = False
    proxy.cut()


async def browsers_reloaded(storm: Storm) -> None:
    """Every tab is closed and opened again: what it knew of its call is gone, the phone stands."""
    for robot in storm.day.robots:
        robot.forget()
    storm.day.dialers[SERVICE].http.cut()


async def legs_dropped(storm: Storm) -> None:
    """Every agent's phone loses its line at once."""
    plant = storm.day.plant
    with contextlib.suppress(OSError, TimeoutError):
        async with RawAmi(plant.instance.ami_port, AMI_USER, plant.ami_secret) as ami:
            await ami.action("Hangup", Channel="/^PJSIP/a-.*/", Cause="16")


FAULTS: Mapping[Callable[[Storm], Awaitable[None]], int] = {
    dialer_killed: 4,
    dialer_restarted: 1,
    dialer_stopped: 3,
    dialer_taken_over: 1,
    asterisk_killed: 2,
    asterisk_stopped: 1,
    database_killed: 2,
    database_stopped: 2,
    database_link_cut: 2,
    database_link_half_open: 1,
    ami_link_cut: 2,
    ami_link_half_open: 2,
    ami_link_slow: 1,
    legs_dropped: 1,
    browser_links_cut: 2,
    browser_links_half_open: 1,
    browser_answers_lost: 2,
    browsers_reloaded: 1,
}
"""Each with its weight."""
