"""Secrets that change while the service runs: read again from their files, tried, and only then used.

Every five seconds, and at once at a SIGHUP, the settings are read as at the start. A secret that differs from the one
in use is tried first: the database and Asterisk must let us in with it. What they refuse is not used; the one before
stays, the gauge `dialer_secret_refused` is 1, and it is tried again, since whoever changes a secret on two machines
does one of them first. A line that is up stays up: who was let in is not asked again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, fields

from prometheus_client import CollectorRegistry, Gauge

from dialer.config import SECTIONS, Settings, SettingsError
from dialer.domain.errors import DialerError

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0
AGAIN_SECONDS = 30.0
"""Until a secret that was refused is tried again, unless somebody asks: five wrong log-ins a minute help nobody."""
SETTINGS = "settings"
"""Stands among the secrets: 1 while the settings cannot be read."""


class NotTakenError(DialerError):
    """What stands in a secret's place is not used; the text says why, without the secret."""

    code = "secret-refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotating:
    """A secret that may change. `take` tries it and from then on uses it; raises DialerError when it is no good."""

    name: str  # section.key
    take: Callable[[Settings], Awaitable[None]]

    def of(self, settings: Settings) -> str:
        """Its value in these settings."""
        section, _, key = self.name.partition(".")
        return str(getattr(getattr(settings, section), key))


class RotationGauges:
    """The instruments."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.refused = Gauge(
            "dialer_secret_refused",
            "1 while what stands in a secret's place is not what is used: it was refused, or cannot be read.",
            ["secret"],
            registry=registry,
        )
        self.taken = Gauge(
            "dialer_secret_taken_timestamp_seconds",
            "Since when the secret in use is used: the start, or its last change.",
            ["secret"],
            registry=registry,
        )


class Rotation:
    """Looks, tries, takes."""

    def __init__(
        self,
        settings: Settings,
        read: Callable[[], Settings],
        rotating: Sequence[Rotating],
        gauges: RotationGauges,
        wall: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        """`settings`: those of the start; `read` reads them again, raises SettingsError. `wall`: unix seconds."""
        self._read = read
        self._start = settings
        self._rotating = rotating
        self._used = {one.name: one.of(settings) for one in rotating}
        self._refused: dict[str, tuple[str, float]] = {}  # what was refused, and when it may be tried again
        self._gauges = gauges
        self._wall = wall
        self._monotonic = monotonic
        self._asked = asyncio.Event()
        for name in (SETTINGS, *self._used):
            gauges.refused.labels(name).set(0)
        for name in self._used:
            gauges.taken.labels(name).set(wall())

    def ask(self) -> None:
        """Look now, and try again what was refused: at a SIGHUP."""
        self._refused.clear()
        self._asked.set()

    async def run(self) -> None:
        """Look again and again, for ever."""
        while True:
            asked = False
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    asked = await self._asked.wait()
            except TimeoutError:
                pass
            self._asked.clear()
            try:
                await self.look(told=asked)
            except Exception:  # whatever it is, the next change is to be seen
                log.exception("secrets not looked at")

    async def look(self, *, told: bool = False) -> Sequence[str]:
        """Once; the names of the secrets that were taken. `told`: somebody asked, and reads in the log what came."""
        try:
            settings = await asyncio.to_thread(self._read)
        except SettingsError as error:  # a file that is being replaced, or is gone: all stays as it is
            self._not("settings", str(error))
            return []
        self._gauges.refused.labels(SETTINGS).set(0)
        taken = [one.name for one in self._rotating if await self._consider(one, settings)]
        if told:
            waiting = sorted(changed(self._start, settings) - set(self._used))
            log.info("settings read again taken=%s", ",".join(taken) or "none")
            if waiting:
                log.warning("settings that change at a restart only keys=%s", ",".join(waiting))
        return taken

    async def _consider(self, one: Rotating, settings: Settings) -> bool:
        value = one.of(settings)
        if value == self._used[one.name]:
            self._refused.pop(one.name, None)
            self._gauges.refused.labels(one.name).set(0)
            return False
        before = self._refused.get(one.name)
        if before is not None and before[0] == value and self._monotonic() < before[1]:
            return False
        try:
            await one.take(settings)
        except DialerError as error:
            self._refused[one.name] = (value, self._monotonic() + AGAIN_SECONDS)
            self._not(one.name, str(error))
            return False
        self._used[one.name] = value
        self._refused.pop(one.name, None)
        self._gauges.refused.labels(one.name).set(0)
        self._gauges.taken.labels(one.name).set(self._wall())
        log.info("new secret in use secret=%s", one.name)
        return True

    def _not(self, name: str, reason: str) -> None:
        self._gauges.refused.labels(name).set(1)
        log.error("secret not taken, the one before stays secret=%s reason=%s", name, reason)


def changed(before: Settings, now: Settings) -> set[str]:
    """Keys (section.key) that differ."""
    return {
        f"{section}.{entry.name}"
        for section, kind in SECTIONS.items()
        for entry in fields(kind)
        if getattr(getattr(before, section), entry.name) != getattr(getattr(now, section), entry.name)
    }


def refused_in(metrics: str) -> Mapping[str, bool]:
    """Which secrets a running service has refused, by name, from the text of its `/metrics`."""
    found = {}
    for line in metrics.splitlines():
        if line.startswith('dialer_secret_refused{secret="'):
            name, _, value = line.partition('{secret="')[2].partition('"} ')
            found[name] = float(value) == 1.0
    return found
