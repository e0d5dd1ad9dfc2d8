"""Keeping data no longer than a client's contract says: each night, or by hand, and first as a dry run.

Names, numbers and notes go when the delivery's key is destroyed: what stays is pseudonymous. A run that is cut short is
finished by the next one: a destroyed key is in the audit before its boxes are taken away.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from dialer.domain.client_settings import setting
from dialer.domain.errors import NotFoundError
from dialer.domain.ids import ClientId, DeliveryId
from dialer.domain.retention import Waits, ends_at, is_over, waits_for
from dialer.schedule.windows import local
from dialer.services.ports.audit import AuditLog
from dialer.services.ports.clock import Clock
from dialer.services.ports.people import Viewer
from dialer.services.ports.residents import Erasure, ErasureList
from dialer.services.ports.retention import Kept, RetentionStore, Terms
from dialer.services.viewing import noted

log = logging.getLogger(__name__)

NIGHT = range(1, 6)
"""Hours of Amsterdam in which the job works."""

_ENGINE = Viewer(actor="engine", user=None, role="operator", client=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLine:
    """A delivery with data: when it goes, or what it waits for."""

    kept: Kept
    ends_at: datetime | None
    waits: Sequence[Waits]


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What a run did for one client, or would do."""

    client: ClientId
    name: str
    deliveries: Sequence[Kept]  # whose key was destroyed
    waiting: Sequence[KeptLine]  # whose term would be over, but for what is unfinished
    loose: Mapping[str, int]
    references: int

    @property
    def empty(self) -> bool:
        """Whether there was nothing to do."""
        return not (self.deliveries or self.references or any(self.loose.values()))


class Retention:
    """Use cases. `erasures` hears of each destroyed key, so that a back-up does not bring it back."""

    def __init__(
        self, *, store: RetentionStore, audit: AuditLog, clock: Clock, erasures: ErasureList | None = None
    ) -> None:
        self._store = store
        self._audit = audit
        self._clock = clock
        self._erasures = erasures
        self._done_on: date | None = None

    async def terms(self, client: ClientId) -> Terms:
        """A client's name and settings. Raises NotFoundError."""
        for one in await self._store.clients():
            if one.client == client:
                return one
        raise NotFoundError("no such client")

    async def kept(self, client: ClientId) -> Sequence[KeptLine]:
        """All that is still there of a client, the oldest first. Raises NotFoundError."""
        terms, now = await self.terms(client), self._clock.now()
        return [_line(one, terms) for one in await self._store.kept(client, now, now)]

    async def apply(self, client: ClientId | None, viewer: Viewer, *, dry: bool = False) -> Sequence[Applied]:
        """Of one client or all. `dry`: nothing is changed."""
        if not dry:
            for delivery in await self._store.expired_unfinished():
                await self._store.clear(delivery, self._clock.now(), viewer.actor)
        return [
            await self._of_client(terms, viewer, dry=dry)
            for terms in await self._store.clients()
            if client in (None, terms.client)
        ]

    async def expire_again(self, erasure: Erasure, viewer: Viewer) -> bool:
        """After a back-up was brought back. False when its key is not there."""
        delivery = DeliveryId(erasure.subject)
        if not await self._store.expire(delivery, None, self._clock.now(), viewer.actor):
            return False
        await self._store.clear(delivery, self._clock.now(), viewer.actor)
        return True

    async def tend(self) -> int:
        """Once in a night; how many deliveries went."""
        now = local(self._clock.now())
        if now.hour not in NIGHT or self._done_on == now.date():
            return 0
        done = await self.apply(None, _ENGINE)
        self._done_on = now.date()
        return sum(len(one.deliveries) for one in done)

    async def _of_client(self, terms: Terms, viewer: Viewer, *, dry: bool) -> Applied:
        now = self._clock.now()
        days, years = setting(terms.settings, "personal_days"), setting(terms.settings, "billing_years")
        until = now - timedelta(days=days)
        gone, waiting = [], []
        for one in await self._store.kept(terms.client, until, now):
            line = _line(one, terms)
            if line.waits:
                waiting.append(line)
            elif is_over(one.standing, days, now) and (dry or await self._expire(one, days, viewer)):
                gone.append(one)
        today = local(now).date()
        recorded_until = now - timedelta(days=setting(terms.settings, "recording_days"))
        recordings = await self._store.recordings(terms.client, recorded_until, dry=dry)
        applied = Applied(
            client=terms.client,
            name=terms.name,
            deliveries=gone,
            waiting=waiting,
            loose={**await self._store.loose(terms.client, until, dry=dry), "recording": recordings},
            references=await self._store.references(terms.client, _years_before(today, years), dry=dry),
        )
        if not dry and not applied.empty:
            detail = {
                "deliveries": len(gone), "waiting": len(waiting), "bill_lines": applied.references,
                "personal_days": days, "billing_years": years, **{k: n for k, n in applied.loose.items() if n},
            }  # fmt: skip
            await noted(self._audit, viewer, "retention.applied", "client", terms.client, terms.client, detail)
            log.info("retention applied client=%s deliveries=%d waiting=%d", terms.client, len(gone), len(waiting))
        return applied

    async def _expire(self, one: Kept, days: int, viewer: Viewer) -> bool:
        at = self._clock.now()
        if not await self._store.expire(one.delivery, days, at, viewer.actor):
            return False
        if self._erasures is not None:  # afterwards: what is not on the list goes in the night after a restore
            self._erasures.add(Erasure(at=at, kind="expiry", client=one.client, subject=one.delivery))
        await self._store.clear(one.delivery, at, viewer.actor)
        return True


def _line(one: Kept, terms: Terms) -> KeptLine:
    days = setting(terms.settings, "personal_days")
    return KeptLine(kept=one, ends_at=ends_at(one.standing, days), waits=waits_for(one.standing))


def _years_before(day: date, years: int) -> date:
    """The same day, so many years earlier; of 29 February the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
