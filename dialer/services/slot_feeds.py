"""Reads clients' calendars: each on its own time, again sooner and then ever later when it does not answer.

A look that fails changes nothing of what is offered. One that succeeds says exactly what is: a time that is gone from
the calendar is offered no more, and who has it keeps it until somebody looks (`withdrawn`).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from dialer.domain.bookings import SlotKind
from dialer.domain.errors import ConflictError
from dialer.domain.exchange import Fault
from dialer.domain.feeds import READ_WHOLE_EVERY, next_look, silent_since
from dialer.domain.ids import ClientId
from dialer.services.ports.audit import AuditLog
from dialer.services.ports.clock import Clock
from dialer.services.ports.feeds import FeedAnswer, FeedFetcher, FeedReader
from dialer.services.ports.people import Viewer
from dialer.services.ports.slots import FeedMark, SilentFeed, SlotLook, SlotSource, SlotStore
from dialer.services.ports.vault import SealError, Vault
from dialer.services.viewing import check_scope, noted

log = logging.getLogger(__name__)

SLOT_FEED = "slot_source"
"""Kind of the box that keeps a feed's address."""


class SlotFeeds:
    """The looks."""

    def __init__(
        self,
        *,
        slots: SlotStore,
        fetch: FeedFetcher,
        read: FeedReader,
        vault: Vault,
        audit: AuditLog,
        clock: Clock,
    ) -> None:
        self._slots = slots
        self._fetch = fetch
        self._read = read
        self._vault = vault
        self._audit = audit
        self._clock = clock
        self._busy: set[UUID] = set()

    async def tend(self) -> int:
        """Job: one look at each feed that is due. How many were looked at."""
        due = [one for one in await self._slots.due(self._clock.now()) if one.kind is SlotKind.FEED]
        for source in due:
            if source.id not in self._busy:
                await self._look(source)
        return len(due)

    async def look(self, source: UUID, viewer: Viewer) -> SlotSource:
        """Now, at somebody's word. Raises NotFoundError, ConflictError when it is no feed or is being looked at."""
        found = await self._slots.source(source, self._clock.now())
        check_scope(viewer, found.client)
        if found.kind is not SlotKind.FEED:
            raise ConflictError("there is no calendar to read")
        if source in self._busy:
            raise ConflictError("it is being read at this moment")
        await noted(self._audit, viewer, "slots.look", "slot_source", source, found.client)
        await self._look(found)
        return await self._slots.source(source, self._clock.now())

    async def silent(self, client: ClientId | None) -> Sequence[SilentFeed]:
        """Calendars that have not answered for a day."""
        now = self._clock.now()
        found = []
        for one in await self._slots.sources(client, now):
            since = silent_since(one.last_ok_at, one.created_at, now)
            if one.kind is SlotKind.FEED and one.on and since is not None:
                found.append(SilentFeed(source=one.id, client=one.client, name=one.name, since=since))
        return found

    async def withdrawn(self, client: ClientId | None) -> int:
        """Appointments to come whose time the client does not offer any more: somebody must ring."""
        return await self._slots.withdrawn(client, self._clock.now())

    async def _look(self, source: SlotSource) -> None:
        self._busy.add(source.id)
        try:
            at = self._clock.now()
            answer = await self._answer(source, at)
            fault = answer.fault
            if not fault and not answer.unchanged:
                times = await self._read(answer.body, source.minutes, at)
                fault = times.fault
                if not fault:
                    await self._slots.offer(source.id, times.times, at, version=source.version)
            await self._keep(source, replace(answer, fault=fault))
        finally:
            self._busy.discard(source.id)

    async def _answer(self, source: SlotSource, at: datetime) -> FeedAnswer:
        try:
            assert source.sealed_url is not None
            sealer = self._vault.client(source.client, source.client_key)
            url = sealer.open(SLOT_FEED, source.id, source.sealed_url).decode()
        except SealError:
            return FeedAnswer(fault=Fault.SECRET)
        fresh = source.read_at is not None and at - source.read_at < READ_WHOLE_EVERY
        return await self._fetch(url, source.mark if fresh else FeedMark())

    async def _keep(self, source: SlotSource, answer: FeedAnswer) -> None:
        now = self._clock.now()
        failures = source.failures + 1 if answer.fault else 0
        read = not answer.fault and not answer.unchanged
        await self._slots.looked(
            SlotLook(
                source=source.id,
                version=source.version,
                at=now,
                error=answer.fault,
                next_look_at=next_look(failures, now, answer.patience),
                mark=answer.mark if read else None,
            )
        )
        if answer.fault:
            log.warning("calendar not read source=%s fault=%s failures=%d", source.id, answer.fault, failures)
