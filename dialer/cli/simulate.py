"""`dialer simulate`: try pacing in a simulated call centre."""

from __future__ import annotations

import argparse
import os
import sys
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from dialer import __version__
from dialer.cli.replay import journal_of, lines_of
from dialer.domain.errors import InvalidError
from dialer.pacing.simulator.centre import Centre
from dialer.pacing.simulator.figures import Summary
from dialer.pacing.simulator.fit import fit
from dialer.pacing.simulator.ours import Journalled
from dialer.pacing.simulator.page import page
from dialer.pacing.simulator.scenario import Scenario, scenario_from
from dialer.pacing.simulator.situations import SITUATIONS, situation
from dialer.pacing.simulator.trial import POLICIES, Job, Result, compare, rows, text_table
from dialer.pacing.simulator.what_if import Variant, what_if
from dialer.pacing.view import Mode, Settings

T = TypeVar("T")

_EXAMPLES = """\
examples:
  dialer simulate --agents 8
  dialer simulate --situation "answers double" --policies progressive,ours
  dialer simulate centre.toml --seeds 5 --html centre.html
  dialer simulate --agents 3 --journal day.jsonl && dialer replay day.jsonl
  dialer simulate --from-day 2026-11-24 --folder journals --more-agents 2
  dialer simulate --from-day 2026-11-24 --folder journals --mode predictive --percent 2

a scenario file (all keys have defaults; docs/pacing.md lists them):
  name = "evening"
  agents = 5
  days = 3
  answer = [[0, 0.20], [14400, 0.30]]   # seconds from the opening, share answered by a person
  inbound = 0.5                          # callers an hour for each agent
  absences = [{begins = 12600, ends = 14400, share = 0.5}]
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "simulate",
        help="try pacing in a simulated call centre",
        description="Plays the same simulated days with several ways of pacing and prints what came of each.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", nargs="?", type=Path, help="scenario in TOML")
    parser.add_argument("--situation", choices=sorted(SITUATIONS), default="ordinary", help="when no file is given")
    parser.add_argument("--agents", type=int, default=8, help="when no file is given (default: 8)")
    parser.add_argument("--days", type=int, default=2, help="when no file is given (default: 2)")
    parser.add_argument("--seeds", type=int, default=3, help="how many different weeks (default: 3)")
    parser.add_argument("--policies", default="progressive,ours,clairvoyant", help=f"of: {', '.join(POLICIES)}")
    parser.add_argument("--html", type=Path, help="write the table and a drawing to this file")
    parser.add_argument("--journal", type=Path, help="write the decisions of our pacing on the first day to this file")
    day = parser.add_argument_group("a recorded day", "What would have come of it otherwise?")
    day.add_argument("--from-day", metavar="DAY", help="a day (2026-11-24) or a journal's file, in place of a scenario")
    day.add_argument("--folder", type=Path, default=Path(), help="where the days are (default: here)")
    day.add_argument("--more-agents", type=int, default=0, metavar="N", help="so many more all day; fewer: below zero")
    day.add_argument("--mode", choices=[mode.value for mode in Mode if mode is not Mode.PREVIEW], help="dialled so")
    day.add_argument("--percent", type=_percent, help="promised at most of answered calls, 0.1 to 3")
    parser.set_defaults(run=_run)


def _percent(text: str) -> float:
    value = float(text)
    if not 0.1 <= value <= 3.0:
        raise argparse.ArgumentTypeError("must be from 0.1 to 3")
    return value


def _run(arguments: argparse.Namespace) -> int:
    if arguments.seeds < 1:
        raise InvalidError("at least one is wanted", field="seeds")
    return _run_day(arguments) if arguments.from_day is not None else _run_scenario(arguments)


def _run_day(arguments: argparse.Namespace) -> int:
    path = journal_of(arguments.from_day, arguments.folder)
    fitted = fit(lines_of(path), path.name)
    variants = _variants(arguments, fitted.settings)
    results = what_if(fitted, variants, range(arguments.seeds), _side_by_side)
    print(text_table(rows(results)))
    _write_page(arguments, fitted.scenario, results)
    return 0


def _variants(arguments: argparse.Namespace, settings: Settings) -> list[Variant]:
    """Each thing by itself that is asked for, and both together."""
    more = arguments.more_agents
    agents = f"{more:+d} agent{'' if abs(more) == 1 else 's'}"
    other = replace(
        settings,
        mode=Mode(arguments.mode or settings.mode),
        target=settings.target if arguments.percent is None else arguments.percent / 100,
    )
    pacing = f"{other.mode} at {100 * other.target:g}%"
    found = [Variant(name=agents, more_agents=more)] if more else []
    if other != settings:
        found.append(Variant(name=pacing, settings=other))
        if more:
            found.append(Variant(name=f"{agents}, {pacing}", more_agents=more, settings=other))
    return found


def _side_by_side(jobs: Sequence[Job]) -> Sequence[Summary]:
    """A process for each core, with a bar of what is done; the results are those of one after the other."""
    cores = min(os.cpu_count() or 1, len(jobs))
    if cores == 1:
        return [job() for job in _watched(jobs, len(jobs))]
    # Started anew rather than forked: whoever calls us may have threads.
    with ProcessPoolExecutor(cores, get_context("spawn")) as pool:
        running = [pool.submit(job) for job in jobs]
        for _ in _watched(as_completed(running), len(jobs)):
            pass
        return [one.result() for one in running]


def _watched(things: Iterable[T], total: int) -> Iterator[T]:
    for done, thing in enumerate(things):
        _bar(done, total)
        yield thing
    _bar(total, total)


def _bar(done: int, total: int) -> None:
    if sys.stderr.isatty():
        bar = "#" * (30 * done // total)
        print(f"\r[{bar:<30}] {done} of {total}", end="\n" if done == total else "", file=sys.stderr, flush=True)


def _write_page(arguments: argparse.Namespace, scenario: Scenario, results: Sequence[Result]) -> None:
    if arguments.html:
        title = f"{scenario.name}: {scenario.agents} agents, {scenario.days} days, {arguments.seeds} seeds"
        arguments.html.write_text(page(title, results), encoding="utf-8")


def _run_scenario(arguments: argparse.Namespace) -> int:
    scenario = _scenario(arguments)
    policies = [name.strip() for name in arguments.policies.split(",")]
    unknown = [name for name in policies if name not in POLICIES]
    if unknown:
        raise InvalidError(f"no such policy: {', '.join(unknown)}; there are: {', '.join(POLICIES)}", field="policies")
    results = compare(scenario, policies, range(arguments.seeds), _side_by_side)
    print(text_table(rows(results)))
    if arguments.journal:
        with arguments.journal.open("w", encoding="utf-8") as file:
            pacer = Journalled(lambda line: file.write(line + "\n"), __version__)
            Centre(scenario, pacer, 0, 0).run()
    _write_page(arguments, scenario, results)
    return 0


def _scenario(arguments: argparse.Namespace) -> Scenario:
    if arguments.file is None:
        if arguments.agents < 1 or arguments.days < 1:
            raise InvalidError("at least one is wanted", field="agents" if arguments.agents < 1 else "days")
        return situation(arguments.situation, arguments.agents, arguments.days)
    try:
        with arguments.file.open("rb") as file:
            return scenario_from(tomllib.load(file))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise InvalidError(f"{arguments.file}: {error}", field="file") from error
