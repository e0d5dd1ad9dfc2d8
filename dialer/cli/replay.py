"""`dialer replay`: make a day's pacing decisions again, and see that they are the same."""

from __future__ import annotations

import argparse
import gzip
import itertools
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from dialer import __version__
from dialer.domain.errors import InvalidError
from dialer.pacing.journal import Outcome, replay

_EXAMPLES = """\
examples:
  dialer replay 2026-11-25 --folder journals
  dialer replay 2026-11-25 --folder journals --why 36120
  dialer replay monday.jsonl.gz

a day is the file pacing-DAY.jsonl or pacing-DAY.jsonl.gz in the folder; `dialer simulate --journal FILE` writes one.
"""
_SHOWN = 10


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "replay",
        help="make a day's pacing decisions again",
        description="Makes every decision of a pacing journal again, compared bit for bit. Status 1 if any differs.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("day", help="a day (2026-11-25) or a journal's file")
    parser.add_argument("--folder", type=Path, default=Path(), help="where the days are (default: here)")
    parser.add_argument(
        "--why", type=float, metavar="SECOND", help="show the decisions from this second of the clock on"
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    path = journal_of(arguments.day, arguments.folder)
    held: Counter[str] = Counter()
    asked = started = differ = shown = 0
    for outcome in replay(lines_of(path), __version__):
        asked += 1
        started += outcome.now[0]
        held[outcome.now[3][0]] += 1
        if arguments.why is not None and outcome.state.now >= arguments.why and shown < _SHOWN:
            shown += 1
            print(_told(outcome))
        if not outcome.same:
            differ += 1
            if differ <= _SHOWN:
                print(f"line {outcome.line}: was {outcome.written}, is {outcome.now}")
    print(f"{asked} decisions, {started} calls started, {differ} differ")
    print("held by: " + ", ".join(f"{why} {count}" for why, count in held.most_common()))
    return 1 if differ else 0


def _told(outcome: Outcome) -> str:
    start, cancel, _, (held, mode, idle, rings, answers, releases, risk, allowed, budget, surprise) = outcome.now
    seen = f"{idle} free, {rings} in ring, {answers:.1f} answers and {releases:.1f} agents expected"
    weighed = f"risk {risk:.1%} of {allowed:.1%}, {budget:.1f} left of the promise"
    done = f"start {start}, hang up {len(cancel)}; held by {held}" + (f" ({surprise})" if surprise else "")
    return f"{outcome.state.now:.1f} s: {mode}, {seen}, {weighed}: {done}"


def journal_of(day: str, folder: Path) -> Path:
    """The file of a day (2026-11-25) in a folder, or that file itself. Raises InvalidError."""
    if Path(day).is_file():
        return Path(day)
    try:
        stem = f"pacing-{datetime.strptime(day, '%Y-%m-%d').date()}.jsonl"  # noqa: DTZ007 a day has no zone
    except ValueError as error:
        raise InvalidError(f"{day} is neither a file nor a day like 2026-11-25", field="day") from error
    for path in (folder / stem, folder / f"{stem}.gz"):
        if path.is_file():
            return path
    raise InvalidError(f"no journal of {day} in {folder.resolve()}", field="day")


def lines_of(path: Path) -> Iterator[str]:
    """Its lines, unpacked."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        yield from itertools.filterfalse(str.isspace, file)
