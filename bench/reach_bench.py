"""Reach: our planner against what others do and against an oracle, on invented towns at equal capacity.

`make bench ARGS=reach`. REACH_SEEDS (3) from REACH_FIRST (1) on, REACH_RESIDENTS (1500), REACH_TOWNS (all),
REACH_PLANNERS (all; rotation and oracle always play) and REACH_SVG (docs/reach.svg) change the run. Differences are
paired over the seeds: every contender calls the same residents with the same luck.
"""

from __future__ import annotations

import math
import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bench.reach_plot import Bar, plot
from dialer.schedule.planner.reach import Reach
from dialer.schedule.planner.values import Attempt, Info, Record, Result
from dialer.schedule.simulator.baselines import CONTENDERS
from dialer.schedule.simulator.run import FIRST, Campaign, Contender, Score
from dialer.schedule.simulator.town import TOWNS, Resident, people
from dialer.schedule.windows import DEFAULT

T_95 = {1: 12.71, 2: 4.30, 3: 3.18, 4: 2.78, 5: 2.57, 6: 2.45, 7: 2.36, 8: 2.31, 9: 2.26, 14: 2.14, 19: 2.09}
MAKERS: dict[str, Callable[[list[Resident]], Contender]] = {**CONTENDERS, "ours": lambda _: Reach()}


@dataclass
class Mean:
    """A mean over seeds, and half of its 95 % interval."""

    value: float
    half: float

    def text(self, scale: float = 100, digits: int = 1) -> str:
        return f"{self.value * scale:.{digits}f} ±{self.half * scale:.{digits}f}"


def mean(values: Sequence[float]) -> Mean:
    """The mean with Student's interval; no interval from one value."""
    if len(values) < 2:
        return Mean(statistics.fmean(values), math.nan)
    freedom = len(values) - 1
    t = T_95[max(k for k in T_95 if k <= freedom)]
    return Mean(statistics.fmean(values), t * statistics.stdev(values) / math.sqrt(len(values)))


def gap(ours: Sequence[Score], rotation: Sequence[Score], oracle: Sequence[Score]) -> Mean:
    """The share of the way from rotation to the oracle; by the mean way, since single ones are noisy."""
    way = statistics.fmean(o.reach - r.reach for o, r in zip(oracle, rotation, strict=True))
    return mean([(x.reach - r.reach) / way for x, r in zip(ours, rotation, strict=True)])


def rows(town: str, seeds: Sequence[int], count: int) -> Iterator[tuple[str, list[Score]]]:
    """The scores of each contender."""
    wanted = {"rotation", "oracle", *os.environ.get("REACH_PLANNERS", ",".join(MAKERS)).split(",")}
    for name in MAKERS:
        if name in wanted:
            yield name, [Campaign(TOWNS[town], seed, MAKERS[name], count=count).run() for seed in seeds]


def main() -> None:
    """Print the table, write the plot."""
    first = int(os.environ.get("REACH_FIRST", "1"))
    seeds = range(first, first + int(os.environ.get("REACH_SEEDS", "3")))
    count = int(os.environ.get("REACH_RESIDENTS", "1500"))
    names = os.environ.get("REACH_TOWNS", ",".join(TOWNS)).split(",")
    bars: list[Bar] = []
    print(f"{count} residents, seeds {seeds[0]} to {seeds[-1]}, 28 days; ± is a 95 % interval over the seeds")
    head = "| town | planner | reach 28 d % | reach 14 d % | of the gap % | attempts per reached | days to contact |"
    print(head + " parts in 4 | violations |\n|" + " --- |" * 9)
    for town in names:
        scores = dict(rows(town, seeds, count))
        for name, found in scores.items():
            closed = gap(found, scores["rotation"], scores["oracle"])
            reach = mean([s.reach for s in found])
            cells = (
                town,
                name,
                reach.text(),
                mean([s.reach_14 for s in found]).text(),
                closed.text(),
                mean([s.attempts_per_reached for s in found]).text(1, 2),
                f"{statistics.fmean(s.time_to_contact for s in found):.1f}",
                f"{statistics.fmean(s.spread for s in found):.2f}",
                str(sum(s.violations for s in found)),
            )
            print("| " + " | ".join(cells) + " |", flush=True)
            bars.append(Bar(town, name, reach.value, reach.half))
    path = Path(os.environ.get("REACH_SVG", "docs/reach.svg"))
    path.write_text(plot(bars), encoding="utf-8")
    print(f"plot: {path}\n")
    speed()


def speed(residents: int = 100_000) -> None:
    """How long planning takes, on one core."""
    town, calendar = TOWNS["typical"], DEFAULT
    folk = people(town, 1, 2000, FIRST, calendar, 28)
    reach = Reach()
    reach.start(Info(last_day=FIRST + timedelta(days=40)))
    records = []
    for place in range(residents):
        base = folk[place % len(folk)].contact
        past = tuple(
            Attempt(contact=place, number=n % len(base.kinds), at=base.arrival + timedelta(days=n, hours=3 * n % 11),
                    result=Result.NO_ANSWER)
            for n in range(place % 6)
        )  # fmt: skip
        records.append(Record(contact=type(base)(id=place, arrival=base.arrival, kinds=base.kinds), attempts=past))
    now = folk[-1].contact.arrival
    begin = time.process_time()
    planned = sum(choice is not None for choice in reach.next_attempts(records, now))
    taken = time.process_time() - begin
    print(f"{residents} residents planned anew in {taken:.1f} s of CPU ({planned} have an attempt left)")
    begin, observed = time.process_time(), 0
    for record in records[:5000]:
        observed += 1
        reach.observe(Attempt(contact=record.contact.id, number=0, at=now, result=Result.NO_ANSWER))
        reach.next_attempt(record, now)
    each = (time.process_time() - begin) / observed
    print(f"one outcome, learned from and planned anew: {each * 1e6:.0f} µs on average")
