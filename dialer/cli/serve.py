"""`dialer serve`."""

from __future__ import annotations

import argparse
import asyncio
import gc
from dataclasses import MISSING, fields
from functools import partial

import uvloop

from dialer.app import serve
from dialer.cli.settings import settings_of, start_logging
from dialer.config import SECTIONS, variable


def _listed() -> str:
    lines = ["settings (file: [section] key = value; environment: the name below, or the name + _FILE):"]
    for section, kind in SECTIONS.items():
        for entry in fields(kind):
            default = "needed" if entry.default is MISSING else f"default: {entry.default!r}"
            lines.append(f"  {variable(section, entry.name):<34} {default}")
    return "\n".join(lines) + "\n\nexample:\n  dialer --config /etc/dialer/dialer.toml serve\n"


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "serve",
        help="run the service",
        description="Runs the dialer, its API and its panel until it is told to stop (SIGTERM, Ctrl-C). "
        "Secrets that change in their files are tried and taken over while it runs, at once at a SIGHUP.",
        epilog=_listed(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=_run)


def calm_collector() -> None:
    """Python's collector stops the calls' events too: let it look seldom, and never at what is loaded by now."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def _run(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    start_logging(settings.service.log_level, settings.service.log_format)
    calm_collector()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(serve(settings, partial(settings_of, arguments)))
