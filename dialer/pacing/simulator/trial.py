"""Several policies on the same days, and the table of what came of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from dialer.pacing.simulator.centre import Centre, Policy
from dialer.pacing.simulator.figures import Day, Summary, interval, summary
from dialer.pacing.simulator.ours import Ours
from dialer.pacing.simulator.policies import ErlangB, Issabel, Manual, Progressive, Ratio, VicidialHard
from dialer.pacing.simulator.scenario import Scenario
from dialer.pacing.simulator.survival_cut import SurvivalCut
from dialer.pacing.view import Settings

CLAIRVOYANT = "clairvoyant"
POLICIES: Mapping[str, Callable[[], Policy]] = {
    "manual": Manual,
    "progressive": Progressive,
    "ratio 2": lambda: Ratio(2.0),
    "vicidial hard": VicidialHard,
    "issabel": Issabel,
    "issabel over": lambda: Issabel(overcommit=True),
    "erlang-b": ErlangB,
    "survival cut": SurvivalCut,
    "ours without cuts": lambda: Ours(Settings(ring_cuts=False)),
    "ours": lambda: Ours(Settings(ring_cuts=True)),
    CLAIRVOYANT: Progressive,  # who dials does not matter: the centre lets everybody talk at once
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of one policy, by seed."""

    policy: str
    seeds: tuple[Summary, ...]

    def figure(self, name: str) -> tuple[float, float]:
        """Mean and half of the 95% interval of one figure of `Summary`, over the seeds that have it."""
        values = [getattr(seed, name) for seed in self.seeds]
        known = [value for value in values if not math.isnan(value)]
        return interval(known) if known else (math.nan, math.nan)


def play(scenario: Scenario, policy: str, seed: int) -> list[Day]:
    """All days of a scenario, one after the other, with one memory."""
    chosen = POLICIES[policy]()
    clairvoyant = policy == CLAIRVOYANT
    return [Centre(scenario, chosen, seed, number, instant=clairvoyant).run() for number in range(scenario.days)]


def week(scenario: Scenario, policy: str, seed: int) -> Summary:
    """What came of them."""
    return summary(play(scenario, policy, seed))


Job = Callable[[], Summary]
Runner = Callable[[Sequence[Job]], Sequence[Summary]]
"""Does jobs that do not touch each other, and gives their results in order."""


def in_turn(jobs: Sequence[Job]) -> Sequence[Summary]:
    """One after the other."""
    return [job() for job in jobs]


def compare(scenario: Scenario, policies: Sequence[str], seeds: Sequence[int], run: Runner = in_turn) -> list[Result]:
    """Every policy on the same seeds."""
    return by_name(
        policies, seeds, run([partial(week, scenario, policy, seed) for policy in policies for seed in seeds])
    )


def by_name(names: Sequence[str], seeds: Sequence[int], found: Sequence[Summary]) -> list[Result]:
    """Results of jobs that were given name by name, for each seed."""
    many = len(seeds)
    return [
        Result(policy=name, seeds=tuple(found[place * many : (place + 1) * many])) for place, name in enumerate(names)
    ]


def gap(results: Sequence[Result], policy: str) -> float:
    """The share of the gap from progressive to the clairvoyant, in percent; not a number without these two."""
    by_name = {result.policy: result.figure("occupancy")[0] for result in results}
    low, high = by_name.get("progressive", math.nan), by_name.get(CLAIRVOYANT, math.nan)
    return 100.0 * (by_name[policy] - low) / (high - low) if high > low else math.nan


COLUMNS: Mapping[str, str] = {
    "occupancy": "occupancy %",
    "conversations": "conv/agent-hour",
    "abandonment": "abandoned %",
    "excess_days": "excess days %",
    "all_cuts": "cuts %",
    "early_cuts": "early cuts %",
    "inbound": "inbound 20 s %",
    "soon_free": "free in 20 s %",
    "idle_between": "idle between s",
}


def rows(results: Sequence[Result]) -> list[list[str]]:
    """The table as text: a head, then a row for each policy."""
    table = [["policy", *COLUMNS.values(), "gap %"]]
    for result in results:
        cells = [_cell(*result.figure(name)) for name in COLUMNS]
        share = gap(results, result.policy)
        table.append([result.policy, *cells, "" if math.isnan(share) else f"{share:.0f}"])
    return table


def text_table(table: Sequence[Sequence[str]]) -> str:
    """Columns under each other, as Markdown."""
    widths = [max(len(row[place]) for row in table) for place in range(len(table[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in table
    ]
    lines.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
    return "\n".join(lines)


def _cell(mean: float, half: float) -> str:
    if math.isnan(mean):
        return "-"
    return f"{mean:.1f}" if math.isinf(half) else f"{mean:.1f} ±{half:.1f}"
