"""`dialer demo`."""

from __future__ import annotations

import argparse
import asyncio

from dialer.demo.options import add_arguments, options_from
from dialer.demo.run import run

_EXAMPLES = """\
examples:
  dialer demo
  dialer demo --agents 8 --speed 300
  dialer demo --residents 30 --speed 2000 --until-done --summary figures.json
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "demo",
        help="a whole town: database, Asterisk, residents, robot agents, panel",
        description="Starts everything on this machine with invented residents, and ends it all at Ctrl-C.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_arguments(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    return asyncio.run(run(options_from(arguments)))
