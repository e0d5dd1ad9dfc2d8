"""`dialer simulate`: try pacing in a simulated call centre."""

from __future__ import annotations

import argparse
import sys
import tomllib
from pathlib import Path

from dialer import __version__
from dialer.domain.errors import InvalidError
from dialer.pacing.simulator.centre import Centre
from dialer.pacing.simulator.ours import Journalled
from dialer.pacing.simulator.page import page
from dialer.pacing.simulator.scenario import Scenario, scenario_from
from dialer.pacing.simulator.situations import SITUATIONS, situation
from dialer.pacing.simulator.trial import POLICIES, compare, rows, text_table

_EXAMPLES = """\
examples:
  dialer simulate --agents 8
  dialer simulate --situation "answers double" --policies progressive,ours
  dialer simulate centre.toml --seeds 5 --html centre.html
  dialer simulate --agents 3 --journal day.jsonl && dialer replay day.jsonl

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
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    scenario = _scenario(arguments)
    policies = [name.strip() for name in arguments.policies.split(",")]
    unknown = [name for name in policies if name not in POLICIES]
    if unknown:
        raise InvalidError(f"no such policy: {', '.join(unknown)}; there are: {', '.join(POLICIES)}", field="policies")
    if arguments.seeds < 1:
        raise InvalidError("at least one is wanted", field="seeds")
    total = len(policies) * arguments.seeds * scenario.days
    done = 0

    def progress() -> None:
        nonlocal done
        done += 1
        if sys.stderr.isatty():
            bar = "#" * (30 * done // total)
            print(f"\r[{bar:<30}] {done} of {total} days", end="\n" if done == total else "", file=sys.stderr)

    results = compare(scenario, policies, range(arguments.seeds), progress)
    print(text_table(rows(results)))
    if arguments.journal:
        with arguments.journal.open("w", encoding="utf-8") as file:
            pacer = Journalled(lambda line: file.write(line + "\n"), __version__)
            Centre(scenario, pacer, 0, 0).run()
    if arguments.html:
        title = f"{scenario.name}: {scenario.agents} agents, {scenario.days} days, {arguments.seeds} seeds"
        arguments.html.write_text(page(title, results), encoding="utf-8")
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
