"""`python -m tests.month`: a list of residents with habits, called for a month pressed into minutes, then the auditor.

python -m tests.month --residents 500 --agents 32 --speed 480
python -m tests.month --residents 60 --agents 8 --speed 900 --seed 7 --data-dir here
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime as dt
import json
import logging
import random
import shutil
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg

from dialer.config import variable
from dialer.demo.people import number
from dialer.demo.robot import Later
from dialer.demo.town import TownSettings
from dialer.schedule import windows
from tests.auditor.__main__ import tell
from tests.auditor.checks import Report, audit
from tests.auditor.evidence import Evidence, exported_signals, from_database, numbers_of, own_calls, town_calls
from tests.auditor.month import CalendarRecord, audit_month, calendar_of, lateness
from tests.month.people import People, draw
from tests.support.day import MONDAY, Day, Resident
from tests.support.plant import Plant

DAYS = 30
SQL_NOW = """
select calendar_at + (clock_timestamp() - wall_at) * speed from clock_pair order by wall_at desc limit 1
"""
_QUIET = 12.0
"""Seconds of wall time without a call after which nobody comes any more."""
_TOLD_EVERY = 0.1  # seconds of wall time after which the town may still believe in the half-hour before


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.month", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--residents", type=int, default=500)
    parser.add_argument("--agents", type=int, default=32)
    parser.add_argument("--speed", type=float, default=480.0, help="calendar seconds in a second (default: 480)")
    parser.add_argument("--town", default="typical", help="habits, as the simulator has them (default: typical)")
    parser.add_argument("--seed", type=int, default=1, help="same seed, same residents with the same luck")
    parser.add_argument("--sharers", type=int, default=12, help="residents on somebody else's number (default: 12)")
    parser.add_argument("--minutes", type=float, default=60.0, help="give up after so long (default: 60)")
    parser.add_argument("--data-dir", type=Path, help="kept; a temporary one is kept only after a failure")
    options = parser.parse_args(arguments)
    data = options.data_dir or Path(tempfile.mkdtemp(prefix="dialer-month-"))
    logging.basicConfig(level=logging.ERROR)
    numbers = [number("mobile", place) for place in range(options.residents)]
    people = draw(options.town, numbers, MONDAY, DAYS, options.seed)
    town = TownSettings(seed=options.seed, rings_back=0.04, rings_back_after=4.0, rings_back_talks=6, presses_key=0.3)
    plant = Plant(data, people=people.turns, weeks=people.weeks, town=town)
    began = time.monotonic()
    try:
        plant.start()
        report = asyncio.run(_month(plant, people, options))
    finally:
        plant.stop()
    tell(report)
    clean = not report.violations
    if clean and options.data_dir is None:
        shutil.rmtree(data, ignore_errors=True)
    counts = report.counts
    verdict = "clean" if clean else f"{len(report.violations)} VIOLATIONS, evidence in {data}"
    print(
        f"month town={options.town} seed={options.seed} residents={options.residents} days={counts['days']:g} "
        f"in {(time.monotonic() - began) / 60:.1f} minutes: reached {counts['reached']:g} of {counts['reachable']:g} "
        f"who can be ({counts['reached'] / counts['reachable']:.1%}), attempts={counts['attempts']:g} {verdict}",
        flush=True,
    )
    return 0 if clean else 1


async def _month(plant: Plant, people: People, options: argparse.Namespace) -> Report:
    rows = [Resident(number) for number, _ in people.turns]
    rows += [Resident(number) for number, _ in people.turns[: options.sharers]]
    settings = {"ring_seconds": 20, "calls_per_second": 20, "lines": 200, "first_attempt_hours": 24}
    speed = {variable("service", "calendar_speed"): str(options.speed)}
    luck = random.Random(options.seed)

    async def hour() -> datetime:
        now: datetime = await day.pool.fetchval(SQL_NOW)
        return _agreed(now, luck)

    day = Day(
        plant,
        rows,
        agents=options.agents,
        wrap_up=(0.2, 0.6),
        most_talk=12.0,
        settings=settings,
        later=Later(share=0.08, hour=hour),
    )
    async with day:
        await day.open(env=speed)
        stop = asyncio.Event()
        living = asyncio.create_task(plant.town.live(stop), name="town")
        clock = asyncio.create_task(_strikes(day, people), name="town-clock")
        await day.run()
        settled = await _settled(day, options.minutes * 60)
        clock.cancel()
        await asyncio.gather(clock, return_exceptions=True)
        stop.set()
        await living
        evidence = await _evidence(day)
        report = audit(evidence)
        calendar = await calendar_of(day.dsn())
        report.violations += [f"month: {found}" for found in audit_month(evidence, calendar)]
        report.counts |= await _counts(day, people) | _kept(evidence, calendar)
    if not settled:
        report.violations.append(f"cases still open after {options.minutes:g} minutes")
    return report


def _agreed(now: datetime, luck: random.Random) -> datetime:
    """ "Donderdag na 18:00": an hour that suits the resident, one to four days on, inside the usual windows."""
    on = windows.local_date(now) + timedelta(days=luck.randint(1, 4))
    asked = windows.at_local(on, dt.time(10 if on.weekday() == 5 else luck.choice((9, 14, 18, 19)), luck.randrange(60)))
    return windows.DEFAULT.next_open(asked) or asked


def _kept(evidence: Evidence, calendar: CalendarRecord) -> dict[str, float]:
    """How well agreements were kept, in calendar time."""
    late = [found for _, found in lateness(evidence, calendar)]
    return {
        "appointments": float(len(late)),
        "kept within 10 minutes": float(sum(found <= timedelta(minutes=10) for found in late)),
        "latest, minutes": round(max(late, default=timedelta(0)) / timedelta(minutes=1), 1),
    }


async def _strikes(day: Day, people: People) -> None:
    """Tell the town which half-hour it is, as soon as the service's calendar comes to it."""
    told = -1
    while True:
        with contextlib.suppress(OSError, TimeoutError, asyncpg.PostgresError):
            now = await day.pool.fetchval(SQL_NOW)
            if now is not None and day.plant.town.listens and (half := people.half_hour(now)) != told:
                day.plant.town.strike(half)
                told = half
        await asyncio.sleep(_TOLD_EVERY)


async def _settled(day: Day, seconds: float) -> bool:
    """Every case has come to its end, and for a while no call is live and no wrap-up open: a missed resident may still
    ring, and a caller's wish is collected every five seconds."""
    deadline, told, quiet = time.monotonic() + seconds, 0.0, time.monotonic()
    while time.monotonic() < deadline:
        open_cases = await day.pool.fetchval("select count(*) from case_file where state = 'open'")
        busy = await day.count("live or wrap_up_open")
        if open_cases != 0 or busy != 0:
            quiet = time.monotonic()
        elif time.monotonic() - quiet >= _QUIET:
            return True
        if time.monotonic() - told > 30:
            told = time.monotonic()
            made = await day.count("direction = 'out'")
            now = await day.pool.fetchval("select calendar_at from clock_pair order by wall_at desc limit 1")
            print(f"  {now:%a %d-%m %H:%M}  {open_cases} open, {made} attempts, {busy} busy", flush=True)
        await asyncio.sleep(0.5)
    return False


async def _evidence(day: Day) -> Evidence:
    office, data, plant = await day.office(), day.plant.data, day.plant
    run = await office("POST", f"/campaigns/{day.campaign}/exports", {"kind": "full"})
    exported = bytes(await office("GET", f"/exports/{run['id']}/file?format=csv", raw=True))
    acknowledged = {attempt: code for robot in day.robots for attempt, code in robot.filed.items()}
    for name, content in (
        ("delivered.csv", day.delivered()),
        ("exported.csv", exported),
        ("acknowledged.json", json.dumps(acknowledged).encode()),
    ):
        (data / name).write_bytes(content)
    return Evidence(
        own=own_calls(plant.asterisk.cel, day.began),
        town=town_calls(plant.town.server.cel, day.began),
        table=exported_signals(exported),
        acknowledged=acknowledged,
        **await from_database(day.dsn(), numbers_of(day.delivered())),
    )


async def _counts(day: Day, people: People) -> dict[str, float]:
    row = await day.pool.fetchrow(
        "select (select count(*) from case_file where state = 'reached') as reached, "
        "(select count(*) from case_file where state = 'not_reached') as not_reached, "
        "(select max(calendar_at) - min(calendar_at) from clock_pair) as took"
    )
    return {
        "reachable": float(len(people.reachable)),
        "reached": float(row["reached"]),
        "not reached": float(row["not_reached"]),
        "days": round(row["took"] / timedelta(days=1), 1),
    }


if __name__ == "__main__":
    sys.exit(main())
