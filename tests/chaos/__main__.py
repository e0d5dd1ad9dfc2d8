"""`make chaos ARGS="--minutes 3 --seed 7"`: break everything in turn, let it settle, and ask the auditor."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from dialer import __version__
from dialer.config import variable
from dialer.demo.people import number
from dialer.demo.town import TownSettings, residents
from dialer.pacing.journal import replay
from tests.auditor.__main__ import tell
from tests.auditor.checks import Report, audit
from tests.auditor.evidence import Evidence, exported_signals, from_database, numbers_of, own_calls, town_calls
from tests.chaos.faults import FAULTS, SERVICE, Storm
from tests.support.day import Day, Resident
from tests.support.plant import Plant

DRAIN_SECONDS = 180.0
JOURNALS = "journals"
_GAPS = (4.0, 12.0)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=3.0, help="how long it storms (default: 3)")
    parser.add_argument("--seed", type=int, default=None, help="same seed, same faults in the same order")
    parser.add_argument("--agents", type=int, default=8)
    parser.add_argument("--residents", type=int, default=600)
    parser.add_argument("--calm", action="store_true", help="nothing is broken; decisions are made again afterwards")
    parser.add_argument(
        "--data-dir", type=Path, default=None, help="kept; a temporary one is kept only after a failure"
    )
    options = parser.parse_args(arguments)
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1_000_000)
    data = options.data_dir or Path(tempfile.mkdtemp(prefix="dialer-chaos-"))
    logging.basicConfig(level=logging.ERROR)  # robots and pools say at length that things are broken
    calm = " --calm" if options.calm else ""
    again = f'make chaos ARGS="--minutes {options.minutes:g} --seed {seed}{calm}"'
    kind = "calm" if options.calm else "storm"
    print(f"{kind} of {options.minutes:g} minutes, seed {seed}; again: {again}", flush=True)
    numbers = [number("mobile", place) for place in range(options.residents)]
    town = TownSettings(
        seed=seed, rings_back=0.25, rings_back_after=6.0, rings_back_talks=6, patience=20, talk_median=8.0, talk_most=25
    )
    plant = Plant(data, people=residents(numbers, town), town=town)
    try:
        plant.start()
        storm = _storm(plant, numbers, options.agents, options.minutes * 60, seed, calm=options.calm)
        report, faults = asyncio.run(storm)
        if options.calm:
            _make_again(data / JOURNALS, report)
    finally:
        plant.stop()
    tell(report)
    clean = not report.violations
    if clean and options.data_dir is None:
        shutil.rmtree(data, ignore_errors=True)
    verdict = "clean" if clean else f"{len(report.violations)} VIOLATIONS, evidence in {data}, again: {again}"
    print(
        f"storm seed={seed} minutes={options.minutes:g} faults={faults} attempts={report.counts['attempts']:g} "
        f"conversations={report.counts['person']:g} callers={report.counts['callers']:g} "
        f"answered_and_served_in_2s={report.counts['served in 2.0 s']:.2%} {verdict}",
        flush=True,
    )
    return 0 if clean else 1


async def _storm(
    plant: Plant, numbers: list[str], agents: int, seconds: float, seed: int, *, calm: bool
) -> tuple[Report, int]:
    rows = [Resident(one) for one in numbers]
    async with Day(plant, rows, agents=agents, wrap_up=(0.5, 1.5), most_talk=14.0) as day:
        await day.open(env={variable("service", "journal"): str(plant.data / JOURNALS)})
        stop = asyncio.Event()
        living = asyncio.create_task(plant.town.live(stop), name="town")
        await day.run()
        storm = Storm(day, random.Random(seed))
        if calm:
            await asyncio.sleep(seconds)
        faults = 0 if calm else await _break_things(storm, seconds)
        stop.set()
        await living
        await _mended(storm)
        await day.run("draining")
        drained = await _drained(day)
        exported = await _export(day)
        evidence = await _evidence(day, storm, exported)
    report = audit(evidence)
    if not drained:
        report.violations.append(f"not drained within {DRAIN_SECONDS:g} s")
    return report, faults


def _make_again(folder: Path, report: Report) -> None:
    """Count the journals' decisions; each that is not the same when it is made again is a violation."""
    decisions = ahead = 0
    for path in sorted(folder.rglob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            for outcome in replay(lines, __version__):
                decisions += 1
                ahead += outcome.now[3][1] == "predictive"
                if not outcome.same:
                    report.violations.append(f"decision of line {outcome.line} in {path.name} is another now")
    report.counts["decisions made again"] = decisions
    report.counts["of them predicting"] = ahead


async def _break_things(storm: Storm, seconds: float) -> int:
    began, faults = time.monotonic(), 0
    while time.monotonic() - began < seconds:
        await storm.rest(*_GAPS)
        fault = storm.draw.choices(list(FAULTS), list(FAULTS.values()))[0]
        faults += 1
        print(f"  {time.monotonic() - began:5.0f} s  {fault.__name__}", flush=True)
        await fault(storm)
        await _mended(storm)
    return faults


async def _mended(storm: Storm) -> None:
    """A supervisor's part: a service that has ended is started again."""
    child = storm.day.plant.processes._children.get(SERVICE)
    if child is None or child.poll() is not None:
        await asyncio.to_thread(storm.day.plant.processes.stop, SERVICE)
        await storm.restart_service()


async def _drained(day: Day) -> bool:
    """No call is live, no wrap-up open, and what callers left has been collected."""
    await day.connect()
    deadline = time.monotonic() + DRAIN_SECONDS
    while await day.count("live or wrap_up_open") > 0:
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.5)
    await asyncio.sleep(12.0)  # a caller's wish is collected every five seconds; twice, and a little
    return True


async def _export(day: Day) -> bytes:
    office = await day.office()
    run = await office("POST", f"/campaigns/{day.campaign}/exports", {"kind": "full"})
    return bytes(await office("GET", f"/exports/{run['id']}/file?format=csv", raw=True))


async def _evidence(day: Day, storm: Storm, exported: bytes) -> Evidence:
    plant, data = day.plant, day.plant.data
    acknowledged = {attempt: code for robot in day.robots for attempt, code in robot.filed.items()}
    for name, content in (
        ("delivered.csv", day.delivered()),
        ("exported.csv", exported),
        ("acknowledged.json", json.dumps(acknowledged).encode()),
        ("outages.json", json.dumps(storm.outages).encode()),
    ):
        (data / name).write_bytes(content)
    found = await from_database(day.dsn(), numbers_of(day.delivered()))
    return Evidence(
        own=own_calls(plant.asterisk.cel, day.began),
        town=town_calls(plant.town.server.cel, day.began),
        table=exported_signals(exported),
        acknowledged=acknowledged,
        outages=storm.outages,
        **found,
    )


if __name__ == "__main__":
    sys.exit(main())
