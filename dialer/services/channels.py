"""Channels of a client, and the letters that need a hand: made, changed, tried out, sent again, typed over."""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from dialer.domain.errors import ChangedSinceError, ConflictError, InvalidError
from dialer.domain.exchange import ChannelKind, ChannelState, Fault, MessageEvent, MessageState
from dialer.domain.ids import ClientId
from dialer.services import result_message
from dialer.services.outbox import TRY_SECONDS, secret_box, secret_of
from dialer.services.ports.audit import AuditLog
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.exchange import Address, Channel, ChannelStore, Courier, Message, OutboxStore, Receipt
from dialer.services.ports.people import Viewer
from dialer.services.ports.vault import SealError, Vault
from dialer.services.viewing import check_scope, noted

_NAME, _URL, _VALUE, _SECRET = 60, 500, 200, 500
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelWish:
    """What somebody fills in. None: as it was (of a new one: nothing)."""

    name: str | None = None
    state: ChannelState | None = None
    url: str | None = None
    settings: Mapping[str, str] | None = None
    secret: str | None = field(repr=False, default=None)


class ChannelService:
    """Use cases."""

    def __init__(
        self,
        *,
        channels: ChannelStore,
        outbox: OutboxStore,
        couriers: Mapping[ChannelKind, Courier],
        fields: Mapping[ChannelKind, Mapping[str, str]],
        may_call: Callable[[str], bool],
        vault: Vault,
        audit: AuditLog,
        clock: Clock,
        ids: Ids,
    ) -> None:
        """`fields`: settings of each kind with their usual values; `may_call`: whether an address may be called."""
        self._channels = channels
        self._outbox = outbox
        self._couriers = couriers
        self._fields = fields
        self._may_call = may_call
        self._vault = vault
        self._audit = audit
        self._clock = clock
        self._ids = ids

    async def channels(self, viewer: Viewer) -> Sequence[Channel]:
        """By name."""
        return await self._channels.all(viewer.client)

    def usual(self, kind: ChannelKind) -> Mapping[str, str]:
        """What a channel of this kind may set, with the usual values."""
        return self._fields.get(kind, {})

    async def add(self, client: ClientId, kind: ChannelKind, wish: ChannelWish, viewer: Viewer) -> tuple[Channel, str]:
        """The channel, and the secret that was made for it: it is never shown again. Raises InvalidError."""
        check_scope(viewer, client)
        secret = wish.secret or ""
        if kind is ChannelKind.WEBHOOK:
            secret = "whsec_" + base64.b64encode(os.urandom(_SECRET_BYTES)).decode()
        new = Channel(
            id=self._ids.new(),
            client=client,
            kind=kind,
            name="",
            state=ChannelState.PAUSED,
            url="",
            settings={},
            has_secret=bool(secret),
            created_at=self._clock.now(),
            version=1,
            client_key=await self._channels.client_key(client),
        )
        wished = self._checked(new, replace(wish, secret=secret, state=wish.state or ChannelState.ON))
        await self._channels.add(wished)
        await noted(self._audit, viewer, "channel.add", "channel", new.id, client, {"kind": kind.value})
        return wished, secret if kind is ChannelKind.WEBHOOK else ""

    async def change(self, channel: UUID, version: int, wish: ChannelWish, viewer: Viewer) -> Channel:
        """What is left out stays. Raises NotFoundError, InvalidError, ChangedSinceError."""
        before = await self._channels.find(channel)
        check_scope(viewer, before.client)
        if wish.secret is not None and before.kind is ChannelKind.WEBHOOK:
            raise InvalidError("dit geheim maken wij zelf", "secret")
        stored = await self._channels.change(replace(self._checked(before, wish), version=version))
        if stored is None:
            raise ChangedSinceError("iemand anders heeft deze koppeling gewijzigd")
        detail = {"state": stored.state.value, "secret": wish.secret is not None, "url": wish.url is not None}
        await noted(self._audit, viewer, "channel.change", "channel", channel, before.client, detail)
        return stored

    async def try_out(self, channel: UUID, viewer: Viewer) -> Receipt:
        """Whether the connection works now. Tells of nobody. Raises NotFoundError, ConflictError (a worklist)."""
        found = await self._channels.find(channel)
        check_scope(viewer, found.client)
        courier = self._couriers.get(found.kind)
        if courier is None:
            raise ConflictError("there is nothing to connect to")
        receipt = await self._tried(found, courier)
        now = self._clock.now()
        if receipt.fault is None:
            await self._outbox.went(channel, now, "", None)
        detail = {"fault": receipt.fault.value if receipt.fault else ""}
        await noted(self._audit, viewer, "channel.test", "channel", channel, found.client, detail)
        return receipt

    async def letters(
        self, viewer: Viewer, channel: UUID | None, states: Sequence[MessageState], limit: int
    ) -> Sequence[Message]:
        """Messages in these states, the oldest first. Pseudonymous."""
        return await self._outbox.messages(viewer.client, channel, [state.value for state in states], limit)

    async def resend(self, message: UUID, viewer: Viewer) -> Message:
        """Send a dead one again, now. Raises NotFoundError, ConflictError when it is not dead."""
        found = await self._message(message, viewer)
        if found.state is not MessageState.DEAD:
            raise ConflictError("this message is not dead")
        now = self._clock.now()
        if not await self._outbox.settle(found, MessageEvent.RESENT, now, due_at=now):
            raise ConflictError("somebody was first")
        await self._outbox.wake(found.channel)
        await noted(self._audit, viewer, "message.resend", "message", message, found.client)
        return await self._outbox.message(message)

    async def content(self, message: UUID, viewer: Viewer) -> Mapping[str, object]:
        """What a message of a worklist tells, to type over. Raises NotFoundError, ConflictError, ErasedError."""
        found = await self._by_hand(message, viewer)
        body = result_message.opened(found, self._vault)
        await noted(self._audit, viewer, "message.read", "message", message, found.client, {"case": str(found.case)})
        return body

    async def entered(self, message: UUID, reference: str, viewer: Viewer) -> Message:
        """It stands in the client's system now, under `reference`. Twice is once. Raises as `content`."""
        found = await self._by_hand(message, viewer)
        if not reference.strip() or len(reference) > _VALUE or not reference.isprintable():
            raise InvalidError("1 tot 200 tekens", "reference")
        now = self._clock.now()
        done = await self._outbox.settle(found, MessageEvent.RECEIVED, now, remote=reference.strip(), user=viewer.user)
        if not done:
            raise ConflictError("somebody was first")
        await self._outbox.went(found.channel, now, "", None)
        await noted(self._audit, viewer, "message.entered", "message", message, found.client)
        return await self._outbox.message(message)

    async def _by_hand(self, message: UUID, viewer: Viewer) -> Message:
        found = await self._message(message, viewer)
        channel = await self._channels.find(found.channel)
        if channel.kind is not ChannelKind.HAND or found.state is not MessageState.WAITING or found.sealed is None:
            raise ConflictError("this message is not to be typed over")
        return found

    async def _message(self, message: UUID, viewer: Viewer) -> Message:
        found = await self._outbox.message(message)
        check_scope(viewer, found.client)
        return found

    async def _tried(self, channel: Channel, courier: Courier) -> Receipt:
        try:
            secret = secret_of(self._vault, channel, self._clock.now())
        except SealError:
            return Receipt(fault=Fault.SECRET)
        address = Address(channel=channel.id, url=channel.url, settings=channel.settings, secret=secret)
        try:
            async with asyncio.timeout(TRY_SECONDS):
                return await courier.try_out(address)
        except TimeoutError:
            return Receipt(fault=Fault.SLOW)

    def _checked(self, before: Channel, wish: ChannelWish) -> Channel:
        name = before.name if wish.name is None else wish.name.strip()
        url = before.url if wish.url is None else wish.url.strip()
        settings = before.settings if wish.settings is None else _settings(wish.settings, self.usual(before.kind))
        if not name or len(name) > _NAME or not name.isprintable():
            raise InvalidError(f"1 tot {_NAME} tekens", "name")
        if before.kind is ChannelKind.HAND:
            if url:
                raise InvalidError("een werklijst heeft geen adres", "url")
        elif len(url) > _URL or not self._may_call(url):
            raise InvalidError("begin met https://, zonder wachtwoord, buiten ons eigen netwerk", "url")
        box = before.sealed_secret
        if wish.secret is not None and wish.secret != "":
            if len(wish.secret) > _SECRET or not (wish.secret.isascii() and wish.secret.isprintable()):
                raise InvalidError("gewone tekens, hoogstens 500", "secret")
            box = secret_box(self._vault, before, wish.secret)
        if before.kind is ChannelKind.KLANTINTERACTIES and (box is None or (url != before.url and not wish.secret)):
            # A key goes to the address that it was given for, and to no other.
            raise InvalidError("vul de sleutel van dit register in", "secret")
        return replace(
            before,
            name=name,
            url=url,
            settings=settings,
            state=wish.state or before.state,
            sealed_secret=box,
            has_secret=box is not None,
        )


def _settings(given: Mapping[str, str], known: Mapping[str, str]) -> Mapping[str, str]:
    """Only what differs from the usual is kept."""
    for key, value in given.items():
        if key not in known:
            raise InvalidError("er is geen veld van die naam", f"settings/{key}")
        if len(value) > _VALUE or not value.isprintable():
            raise InvalidError("hoogstens 200 gewone tekens", f"settings/{key}")
    actor = given.get("actor", "")
    if actor:
        try:
            UUID(actor)
        except ValueError:
            raise InvalidError("een uuid", "settings/actor") from None
    return {key: value.strip() for key, value in given.items() if value.strip() and value.strip() != known[key]}
