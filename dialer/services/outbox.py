"""Sends the outbox: channel by channel, one message at a time, each until the other side has it or somebody must look.

Whoever sends for a channel has its lease, so that two processes never send for the same one. What a message tells is
kept before the first try. Who dies between sending and writing it down leaves the message `sending`; the next one sends
it again, with the same id and the same content, and the receiver knows it by that.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime

from dialer.domain.exchange import (
    DIED,
    LASTING,
    MOST_DEATHS,
    ChannelKind,
    Fault,
    MessageEvent,
    failed,
    kind_of,
    next_try,
)
from dialer.services import result_message
from dialer.services.ports.clock import Clock
from dialer.services.ports.exchange import Address, Channel, Courier, Message, OutboxStore, Parcel, Receipt
from dialer.services.ports.vault import ErasedError, SealError, Vault

log = logging.getLogger(__name__)

SECRET = "exchange_channel"  # noqa: S105 - the kind of a box
LEASE_SECONDS = 120.0
TRY_SECONDS = 60.0
"""A try takes no longer, so a lease that was renewed before it outlasts it."""
ROUND = 50
"""Messages that a channel sends in a round; the others wait for the next, so that no channel starves another."""


class Outbox:
    """The sender."""

    def __init__(
        self,
        store: OutboxStore,
        couriers: Mapping[ChannelKind, Courier],
        vault: Vault,
        clock: Clock,
        owner: str,
    ) -> None:
        """`owner` names this process in leases: new at each start."""
        self._store = store
        self._couriers = couriers
        self._vault = vault
        self._clock = clock
        self._owner = owner

    async def tend(self) -> int:
        """One round over all channels that have something due; how many messages were received."""
        channels = await self._store.take_channels(self._clock.now())
        done = await asyncio.gather(*(self._round(channel) for channel in channels), return_exceptions=True)
        for failure in done:
            if isinstance(failure, BaseException):
                log.error("outbox round failed error=%s", type(failure).__name__)
        faults = [failure for failure in done if isinstance(failure, BaseException)]
        if faults:
            raise faults[0]
        return sum(count for count in done if isinstance(count, int))

    async def _round(self, channel: Channel) -> int:
        sent = 0
        if not await self._store.lease(channel.id, self._owner, LEASE_SECONDS):
            return 0
        try:
            if channel.kind is ChannelKind.HAND:
                await self._prepare_worklist(channel)
                return 0
            address = self._address(channel)
            for _ in range(ROUND):
                # Renewed before each: who stood still for long finds that somebody else sends now.
                if not await self._store.lease(channel.id, self._owner, LEASE_SECONDS):
                    return sent
                message = await self._store.claim(channel.id, self._clock.now())
                if message is None:
                    break
                went_on = await self._one(channel, address, message)
                sent += went_on
                if not went_on:
                    break
        finally:
            await self._store.unlease(channel.id, self._owner)
        return sent

    async def _prepare_worklist(self, channel: Channel) -> None:
        for message in await self._store.to_prepare(channel.id, self._clock.now(), ROUND):
            parcel = await self._parcel(message)
            if isinstance(parcel, MessageEvent):
                await self._store.settle(message, parcel, self._clock.now())

    def _address(self, channel: Channel) -> Address | None:
        """None: our own secret does not open."""
        try:
            secret = secret_of(self._vault, channel, self._clock.now())
        except SealError:
            return None
        return Address(channel=channel.id, url=channel.url, settings=channel.settings, secret=secret)

    async def _one(self, channel: Channel, address: Address | None, message: Message) -> bool:
        """Send one message. False: the channel had better rest."""
        if message.died >= MOST_DEATHS:
            log.error("message given up, its sender died each time message=%s died=%d", message.id, message.died)
            await self._store.settle(message, MessageEvent.REFUSED, self._clock.now(), error=DIED)
            return True
        parcel = await self._parcel(message)
        if isinstance(parcel, MessageEvent):
            await self._store.settle(message, parcel, self._clock.now())
            return True
        receipt = Receipt(fault=Fault.SECRET) if address is None else await self._brought(channel, address, parcel)
        now = self._clock.now()
        if receipt.fault is None:
            await self._store.settle(message, MessageEvent.RECEIVED, now, remote=receipt.remote)
            await self._store.went(channel.id, now, "", None)
            log.info("message received message=%s channel=%s tries=%d", message.id, channel.id, message.tries)
            return True
        code = receipt.fault.value
        log.warning("message not received message=%s channel=%s fault=%s", message.id, channel.id, code)
        if receipt.fault in LASTING:
            await self._store.settle(message, MessageEvent.REFUSED, now, error=code)
            await self._store.went(channel.id, now, code, None)
            return True
        due = next_try(message.tries, now, receipt.patience)
        await self._store.settle(message, failed(message.tries), now, due_at=due, error=code)
        # The channel rests, not this message alone: the others would meet the same.
        await self._store.went(channel.id, now, code, next_try(min(channel.failures + 1, 6), now, receipt.patience))
        return False

    async def _brought(self, channel: Channel, address: Address, parcel: Parcel) -> Receipt:
        try:
            async with asyncio.timeout(TRY_SECONDS):
                return await self._couriers[channel.kind].deliver(address, parcel)
        except TimeoutError:
            return Receipt(fault=Fault.SLOW)
        except Exception as error:  # noqa: BLE001 - a bug of ours must not hold up all others without a pause
            log.error("courier failed channel=%s error=%s", channel.id, type(error).__name__)  # its text may tell
            return Receipt(fault=Fault.ANSWER)

    async def _parcel(self, message: Message) -> Parcel | MessageEvent:
        """What the message tells, kept now if it was not; or what became of it instead of being sent."""
        try:
            if message.sealed is not None:
                body = result_message.opened(message, self._vault)
                return Parcel(id=message.id, case=message.case, kind=message.kind, body=body)
            facts = await self._store.facts(message.case)
            if facts is None:
                return MessageEvent.EMPTY
            if facts.version > message.version and await self._store.is_overtaken(message):
                return MessageEvent.OVERTAKEN
            before = await self._store.told_before(message)
            kind = kind_of(facts.state, facts.outcome, facts.flags, told_before=before)
            if kind is None:
                return MessageEvent.EMPTY
            note = result_message.note_of(facts, self._vault)
            kept = result_message.content(message.id, facts, kind, replaces=before, note=note)
            box = result_message.seal(message, facts, kept, self._vault)
        except ErasedError:
            return MessageEvent.EMPTY
        await self._store.freeze(message, kind.value, facts.delivery, box)
        return Parcel(id=message.id, case=message.case, kind=kind.value, body=kept)


def secret_of(vault: Vault, channel: Channel, now: datetime) -> str:
    """A channel's secret, and behind a blank the one before it while that is valid. Raises SealError."""
    if channel.sealed_secret is None:
        return ""
    sealer = vault.client(channel.client, channel.client_key)
    boxes = [channel.sealed_secret]
    if channel.old_secret is not None and channel.old_until is not None and channel.old_until > now:
        boxes.append(channel.old_secret)
    return " ".join(sealer.open(SECRET, channel.id, box).decode() for box in boxes)


def secret_box(vault: Vault, channel: Channel, secret: str) -> bytes:
    """A channel's secret, sealed with its client's key."""
    return vault.client(channel.client, channel.client_key).seal(SECRET, channel.id, secret.encode())
