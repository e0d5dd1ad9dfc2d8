"""Tells residents of their appointments: in order, each until it is taken, or somebody must look.

Who dies between sending and writing it down sends again, under the same id: a mail has the same Message-ID and its
event the same UID and SEQUENCE, so that a diary shows it once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import timedelta

from dialer.domain.exchange import DIED, LASTING, MOST_DEATHS, Fault, MessageEvent, failed, next_try
from dialer.domain.notices import Via
from dialer.services.booking_letter import letter
from dialer.services.ports.clock import Clock
from dialer.services.ports.exchange import Receipt
from dialer.services.ports.notices import Notice, NoticeStore, Post
from dialer.services.ports.vault import ErasedError, Vault
from dialer.services.sealed import BOOKING_CONTACT

log = logging.getLogger(__name__)

KEPT = timedelta(days=7)
"""How long after the appointment the resident's address is kept."""
_LEASE_SECONDS = 120.0
_TRY_SECONDS = 45.0
_ROUND = 50


class BookingNotices:
    """The sender."""

    def __init__(
        self, store: NoticeStore, posts: Mapping[Via, Post], vault: Vault, clock: Clock, *, owner: str, organizer: str
    ) -> None:
        """`owner` is new at each start; `organizer`: the address from which mail goes out."""
        self._store = store
        self._posts = posts
        self._vault = vault
        self._clock = clock
        self._owner = owner
        self._organizer = organizer

    async def tend(self) -> int:
        """One round; how many were taken."""
        sent = 0
        if not await self._store.lease(self._owner, _LEASE_SECONDS):
            return 0
        try:
            for _ in range(_ROUND):
                if not await self._store.lease(self._owner, _LEASE_SECONDS):
                    return sent
                notice = await self._store.claim(self._clock.now())
                if notice is None:
                    break
                sent += await self._one(notice)
        finally:
            await self._store.unlease(self._owner)
        return sent

    async def forget(self) -> int:
        """Job: addresses whose appointment is over."""
        return await self._store.forget(self._clock.now() - KEPT)

    async def _one(self, notice: Notice) -> bool:
        to = self._address(notice)
        now = self._clock.now()
        if notice.died >= MOST_DEATHS:
            log.error("notice given up, its sender died each time notice=%s died=%d", notice.id, notice.died)
            await self._store.settle(notice, MessageEvent.REFUSED, now, error=DIED)
            return False
        if to is None or notice.via is None or notice.ends_at <= now:
            await self._store.settle(notice, MessageEvent.EMPTY, now)
            return False
        receipt = await self._sent(notice, notice.via, to)
        now = self._clock.now()
        if receipt.fault is None:
            await self._store.settle(notice, MessageEvent.RECEIVED, now)
            log.info("notice sent notice=%s kind=%s tries=%d", notice.id, notice.kind, notice.tries)
            return True
        code = receipt.fault.value
        log.warning("notice not sent notice=%s fault=%s", notice.id, code)
        event = MessageEvent.REFUSED if receipt.fault in LASTING else failed(notice.tries)
        due = next_try(notice.tries, now, receipt.patience)
        await self._store.settle(notice, event, now, due_at=due, error=code)
        return False

    def _address(self, notice: Notice) -> str | None:
        """None: it was erased."""
        if notice.sealed is None or notice.delivery is None:
            return None
        try:
            sealer = self._vault.delivery(notice.client, notice.client_key, notice.delivery, notice.delivery_key)
        except ErasedError:
            return None
        return sealer.open(BOOKING_CONTACT, notice.attempt, notice.sealed).decode()

    async def _sent(self, notice: Notice, via: Via, to: str) -> Receipt:
        post = self._posts.get(via)
        if post is None:  # switched off since
            return Receipt(fault=Fault.SECRET)
        try:
            async with asyncio.timeout(_TRY_SECONDS):
                return await post.send(to, letter(notice, to, self._organizer))
        except TimeoutError:
            return Receipt(fault=Fault.SLOW)
        except Exception as error:  # noqa: BLE001 - a bug of ours must not hold up all others without a pause
            log.error("post failed error=%s", type(error).__name__)  # its text may hold an address
            return Receipt(fault=Fault.ANSWER)
