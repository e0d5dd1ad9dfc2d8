"""`dialer stop`."""

from __future__ import annotations

import argparse
import asyncio

from dialer.cli.settings import settings_of
from dialer.clock import SystemClock, SystemIds
from dialer.config import Settings
from dialer.services.emergency import EmergencyStop
from dialer.storage.emergency import PgEmergency
from dialer.storage.pool import open_pool

_ACTOR = "cli"


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "stop",
        help="emergency stop: end all ringing, dial nobody until it is lifted",
        description="For all clients and campaigns at once, over restarts. Conversations and callers go on. Needs the "
        "database alone: the running service hears of it within a second.",
        epilog='examples:\n  dialer stop --reason "wrong list"\n  dialer stop --show   (status 1 while it stands)\n'
        "  dialer stop --lift\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--lift", action="store_true", help="let the campaigns go on as they are set")
    what.add_argument("--show", action="store_true", help="change nothing, say whether one stands")
    parser.add_argument("--reason", default="", help="kept in the audit; nothing about residents")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    return asyncio.run(_act(settings_of(arguments), lift=arguments.lift, show=arguments.show, reason=arguments.reason))


async def _act(settings: Settings, *, lift: bool, show: bool, reason: str) -> int:
    pool = await open_pool(settings.database.dsn, size=2)
    try:
        service = EmergencyStop(PgEmergency(pool), SystemClock(), SystemIds())
        if lift:
            print("lifted" if await service.lift(_ACTOR) else "no stop stood")
            return 0
        stop = await service.standing() if show else await service.stop(_ACTOR, reason)
    finally:
        await pool.close()
    if stop is None:
        print("no stop stands")
        return 0
    print(
        f"stopped since {stop.at:%Y-%m-%d %H:%M:%S} UTC by {stop.name or stop.by}: {stop.reason or 'no reason given'}"
    )
    print("lift it with: dialer stop --lift")
    return 1 if show else 0
