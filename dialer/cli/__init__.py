"""Command line: `dialer COMMAND`. Each command has a file of its own; this one only finds it."""

from __future__ import annotations

import argparse
import importlib
import logging
import sys
from collections.abc import Sequence

from dialer import __version__
from dialer.domain.errors import DialerError

_COMMANDS = (
    "serve", "demo", "migrate", "doctor", "client", "targets", "user", "campaign", "import_", "export", "ddas",
    "messages", "asterisk", "simulate", "replay", "backup", "restore", "audit", "resident", "privacy", "contract",
    "bill", "secret", "review", "stop", "support", "site",
)  # fmt: skip


def build_parser(commands: Sequence[str] = _COMMANDS) -> argparse.ArgumentParser:
    """The command line with these commands; without a word of it, the whole."""
    parser = argparse.ArgumentParser(
        prog="dialer",
        description="Outbound contact service for public-service outreach.",
        epilog="Settings come from --config FILE (TOML) and the environment; `dialer serve --help` lists them.",
    )
    parser.add_argument("--version", action="version", version=f"dialer {__version__}")
    parser.add_argument("--config", metavar="FILE", default=None, help="settings in TOML (default: $DIALER_CONFIG)")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in commands:
        importlib.import_module(f"dialer.cli.{name}").register(subparsers)
    return parser


def _named(arguments: Sequence[str] | None) -> Sequence[str]:
    """The command that is asked for, else all: to load the code of all takes longer than most of them run."""
    first = argparse.ArgumentParser(add_help=False)
    first.add_argument("--config")
    first.add_argument("command", nargs="?")
    command = first.parse_known_args(arguments)[0].command
    return [name for name in _COMMANDS if name.rstrip("_") == command] or _COMMANDS


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status. 0: done, 1: refused or failed, 2: the words are off."""
    parsed = build_parser(_named(arguments)).parse_args(arguments)
    try:
        status: int = parsed.run(parsed)
    except DialerError as error:
        field = getattr(error, "field", None)
        print(f"dialer: {f'{field}: ' if field else ''}{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # somebody read enough
        return 0
    finally:
        logging.shutdown()
    return status
