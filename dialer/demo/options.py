"""What `dialer demo` can be told."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    """`speed` presses only the calendar and the gaps between attempts; rings, talks and the two seconds stay real."""

    residents: int = 500
    agents: int = 6
    seed: int = 1
    speed: float = 60.0
    until_done: bool = False
    minutes: float = 0.0  # 0: until Ctrl-C
    summary: Path | None = None
    data_dir: Path
    port: int = 8080
    keep: bool = False
    mode: str = "auto"


def default_data_dir() -> Path:
    """`$XDG_STATE_HOME/dialer`, `~/.local/state/dialer` when that is not set."""
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "dialer"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--residents", type=_count(1, 100_000), default=500, help="invented residents (default: 500)")
    parser.add_argument("--agents", type=_count(0, 60), default=6, help="robot agents (default: 6)")
    parser.add_argument("--seed", type=int, default=1, help="same seed, same town (default: 1)")
    parser.add_argument(
        "--speed",
        type=_speed,
        default=60.0,
        help="how fast the calendar runs; rings, talks and the two seconds stay real (default: 60)",
    )
    parser.add_argument("--until-done", action="store_true", help="end with status 0 when the list is worked off")
    parser.add_argument("--minutes", type=float, default=0.0, help="end after so many minutes (default: never)")
    parser.add_argument("--summary", type=Path, help="write the end figures to this file as JSON")
    parser.add_argument("--data-dir", type=Path, default=None, help=f"default: {default_data_dir()}")
    parser.add_argument("--port", type=_count(1, 65535), default=8080, help="of panel and API (default: 8080)")
    parser.add_argument(
        "--mode",
        choices=("auto", "progressive", "predictive"),
        default="auto",
        help="how the campaign dials (default: auto)",
    )
    parser.add_argument("--keep", action="store_true", help="go on with the data of the last demo")


def options_from(arguments: argparse.Namespace) -> DemoOptions:
    """The parsed options."""
    return DemoOptions(
        residents=arguments.residents,
        agents=arguments.agents,
        seed=arguments.seed,
        speed=arguments.speed,
        until_done=arguments.until_done,
        minutes=arguments.minutes,
        summary=arguments.summary,
        data_dir=(arguments.data_dir or default_data_dir()).absolute(),
        port=arguments.port,
        keep=arguments.keep,
        mode=arguments.mode,
    )


def _count(low: int, high: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        value = int(text)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"must be from {low} to {high}")
        return value

    return number


def _speed(text: str) -> float:
    value = float(text)
    if not 1 <= value <= 100_000:
        raise argparse.ArgumentTypeError("must be from 1 to 100000")
    return value
