"""What the composition root makes of the settings, and how its parts run beside each other."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from aiohttp import web

from dialer.api.keys import ApiSettings
from dialer.asterisk.kick import Kicker
from dialer.asterisk.link import LinkSettings
from dialer.asterisk.tolls import TollRules, Tolls
from dialer.clock import PressedClock, SystemClock
from dialer.config import Settings, SettingsError
from dialer.domain.ids import UserId
from dialer.schedule.windows import local_date
from dialer.security.relay import Relay
from dialer.services.rest import RestRules
from dialer.services.room import TrunkBounds


def clock_of(settings: Settings) -> SystemClock:
    """The calendar that the settings ask for. Raises SettingsError."""
    service = settings.service
    if not service.calendar_start:
        return SystemClock()
    try:
        start = datetime.fromisoformat(service.calendar_start)
    except ValueError:
        raise SettingsError("service.calendar_start must be a time like 2026-06-01T08:30:00+02:00") from None
    if start.tzinfo is None:
        raise SettingsError("service.calendar_start needs a time zone")
    return PressedClock(start, service.calendar_speed)


def speed_of(clock: SystemClock) -> float:
    """How much more often work by the clock is done when a day passes in minutes."""
    return min(30.0, clock.speed) if isinstance(clock, PressedClock) else 1.0


def link_of(settings: Settings) -> LinkSettings:
    """The session with Asterisk that gives the orders."""
    asterisk = settings.asterisk
    return LinkSettings(
        host=asterisk.host,
        port=asterisk.port,
        username=asterisk.username,
        secret=asterisk.secret,
        tls=asterisk.tls,
        tls_ca=asterisk.tls_ca,
    )


def websocket_of(settings: Settings) -> str:
    """Address of Asterisk's WebSocket for phones in browsers."""
    asterisk = settings.asterisk
    return f"{'wss' if asterisk.tls else 'ws'}://{asterisk.host}:{asterisk.http_port}/ws"


def kicker_of(settings: Settings) -> Kicker | None:
    """The one that ends another's session; None without a user for it."""
    return Kicker(kicker_link_of(settings)) if settings.asterisk.kick_username else None


def kicker_link_of(settings: Settings) -> LinkSettings:
    """The session of the user who may give commands."""
    asterisk = settings.asterisk
    return replace(link_of(settings), username=asterisk.kick_username, secret=asterisk.kick_secret)


def rest_of(settings: Settings) -> RestRules:
    """What agents are given between calls of ours. A ceiling of 1 is none: a share of the hour is 1 at most."""
    rest = settings.rest
    ceiling = rest.occupancy if rest.occupancy < 1.0 else 2.0
    return RestRules(breath=rest.breath, long_breath=rest.long_breath, occupancy=ceiling)


def trunk_of(settings: Settings) -> TrunkBounds:
    """What the carrier takes."""
    asterisk = settings.asterisk
    return TrunkBounds(lines=asterisk.trunk_lines, calls_per_second=asterisk.trunk_calls_per_second)


def tolls_of(settings: Settings, clock: SystemClock) -> Tolls:
    """What may leave over the carrier's line. Raises SettingsError."""
    asterisk = settings.asterisk
    prefixes = tuple(asterisk.prefixes.split())
    if not prefixes or not all(re.fullmatch(r"\+[1-9][0-9]{0,14}", one) for one in prefixes):
        raise SettingsError("asterisk.prefixes must be beginnings of numbers like +31, separated by blanks")
    rules = TollRules(prefixes=prefixes, per_day=asterisk.calls_per_day, per_number=asterisk.calls_per_number)
    return Tolls(rules, lambda: local_date(clock.now()))


def relay_of(settings: Settings, clock: SystemClock) -> Relay | None:
    """The one that gives leave to use the relay; None where there is none."""
    relay = settings.relay
    if not relay.urls:
        return None
    return Relay(relay.urls.split(), relay.secret, wall=clock.wall, seconds=3600 * relay.hours)


def api_settings(settings: Settings, spool: Path, gateway: Callable[[UserId], str]) -> ApiSettings:
    """What the HTTP side needs to know. `gateway`: where an agent's phone in a browser is led to."""
    http = settings.http
    return ApiSettings(
        secure=http.secure_cookies,
        origins=frozenset(http.origins.split()),
        trusted_proxies=frozenset(http.proxies.split()),
        web_dist=Path(http.panel) if http.panel else None,
        spool=spool,
        sip_gateway=gateway,
        sip_tls=link_of(settings).context,
    )


def background(stack: AsyncExitStack, job: Coroutine[None, None, None], name: str) -> None:
    """Run it until the stack closes."""
    task = asyncio.create_task(job, name=name)

    async def end() -> None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    stack.push_async_callback(end)


async def listen_on(stack: AsyncExitStack, app: web.Application, host: str, port: int, key: str) -> int:
    """Serve `app`; the port that was taken. Raises SettingsError, naming `key`."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=3.0)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    site = web.TCPSite(runner, host, port)
    try:
        await site.start()
    except OSError as error:
        raise SettingsError(f"{key}: port {port} cannot be taken: {error.strerror}") from None
    return int(runner.addresses[0][1])
