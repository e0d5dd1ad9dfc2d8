"""A telephone system in memory, for scale and rare faults. The same contract tests hold it to the real Asterisk.

It is driven by hand. Its dialplan is the real one in short: an unjoined
resident gets the safe message when his order says, usually 1.8 s after the answer, once `pass_time` is called.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dialer.domain.ids import ChannelId
from dialer.domain.listening import ListenMode
from dialer.services.ports.telephony import (
    AgentLost,
    Answered,
    CallerArrived,
    CallerChoice,
    CallerChose,
    CallerReady,
    CallerRoute,
    ChannelFact,
    ChannelKind,
    Dialed,
    DialOrder,
    Ended,
    EventSink,
    Hearing,
    Joined,
    LeftCallback,
    LegIdle,
    LegOrder,
    LinkDown,
    LinkUp,
    ListenReady,
    MessageStarted,
    Rang,
    Refused,
    TelephonyError,
    TellOrder,
    Told,
)


@dataclass(frozen=True)
class _Channel:
    kind: ChannelKind
    up: bool = False
    answered_at: float = 0.0
    peer: ChannelId | None = None
    message: str = ""
    number: str | None = None
    packets: int = 0
    hears: tuple[ChannelId, ListenMode] | None = None  # a supervisor's phone
    safe_after: float = 0.0


class FakeTelephony:
    """The port `Telephony`, with a clock of its own in `now`."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        self.sink: EventSink = lambda event: None
        self.up = False
        self.joins_take = 0.0  # seconds
        self.dialed: list[DialOrder] = []
        self.routes: dict[ChannelId, CallerRoute] = {}
        self.devices: dict[str, str] = {}
        self.clients: dict[str, str] = {}
        self.callbacks: list[LeftCallback] = []
        self.test_calls: list[tuple[str, str]] = []
        self.lines: dict[str, str] = {}
        self.disk_has_room = True
        self.shut: set[str] = set()
        self.marked = ""
        self.refuse_dials = False
        self.refuse_joins = False
        self.told: list[TellOrder] = []
        self.heard: list[tuple[ChannelId, ChannelId, ListenMode]] = []
        self.tells = True  # by itself; else the test says when (`say_told`)
        self.refuse_hearing = False
        self.listeners_ring_for_ever = False
        self.phones_ring_for_ever = False
        self.phones_send = False  # by themselves, whether or not the test lets time pass
        self._channels: dict[ChannelId, _Channel] = {}

    # -- the test's hands ---------------------------------------------------------------------------------

    def connect(self) -> None:
        self.up = True
        self.sink(LinkUp(at=self.now))

    def disconnect(self) -> None:
        self.up = False
        self.sink(LinkDown(at=self.now))

    def ring(self, channel: ChannelId, *, early_media: bool = False) -> None:
        self.sink(Rang(at=self.now, channel=channel, early_media=early_media))

    def answer(self, channel: ChannelId) -> None:
        self._set(channel, up=True, answered_at=self.now)
        self.sink(Answered(at=self.now, channel=channel))

    def end(self, channel: ChannelId, *, cause: int = 16, sip_code: int = 0) -> None:
        """The channel goes, whoever hung up."""
        gone = self._channels.pop(channel)
        self.sink(Ended(at=self.now, channel=channel, cause=cause, sip_code=sip_code))
        for name, other in list(self._channels.items()):
            if other.hears is not None and other.hears[0] == channel:
                self.end(name)
        if gone.peer is not None and gone.peer in self._channels:
            self._set(gone.peer, peer=None)
            if gone.kind is ChannelKind.AGENT:
                self.sink(AgentLost(at=self.now, channel=gone.peer))
            else:
                self.sink(LegIdle(at=self.now, leg=gone.peer))

    def call_in(self, channel: str, number: str | None, dialed: str) -> ChannelId:
        caller = ChannelId(channel)
        self._channels[caller] = _Channel(ChannelKind.CALLER, up=True, answered_at=self.now, number=number)
        self.sink(CallerArrived(at=self.now, channel=caller, number=number, dialed=dialed))
        return caller

    def greeted(self, caller: ChannelId) -> None:
        self.sink(CallerReady(at=self.now, channel=caller))

    def press(self, caller: ChannelId, choice: CallerChoice, dialed: str) -> None:
        number = self._channels[caller].number
        if number is not None and not any(c.number == number and c.wish == choice for c in self.callbacks):
            self.callbacks.append(LeftCallback(number=number, dialed=dialed, at=self.now, wish=choice.value))
        self.sink(CallerChose(at=self.now, channel=caller, choice=choice))

    def pass_time(self, seconds: float) -> None:
        """Time goes by; phones send 50 packets a second; the dialplan does what it does by itself."""
        self.now += seconds
        for name, channel in list(self._channels.items()):
            self._channels[name] = replace(channel, packets=channel.packets + int(50 * seconds))
            late = channel.kind is ChannelKind.RESIDENT and channel.up and channel.peer is None
            if late and not channel.message and self.now - channel.answered_at >= channel.safe_after:
                self._set(name, message="safe")
                self.sink(MessageStarted(at=self.now, channel=name, kind="safe"))

    def _set(self, name: ChannelId, **changes: object) -> None:
        self._channels[name] = replace(self._channels[name], **changes)  # type: ignore[arg-type]

    # -- the port -----------------------------------------------------------------------------------------

    async def dial(self, order: DialOrder) -> None:
        self._need_link()
        if self.refuse_dials:
            raise TelephonyError("Originate: no answer")
        self.dialed.append(order)
        channel = ChannelId(str(order.attempt))
        if order.trunk in self.shut:
            self.sink(Refused(at=self.now, channel=channel, reason=0))
            return
        self._channels[channel] = _Channel(ChannelKind.RESIDENT, number=order.number, safe_after=order.safe_after)
        self.sink(Dialed(at=self.now, channel=channel))

    def refuse(self, channel: ChannelId, reason: int) -> None:
        self._channels.pop(channel, None)
        self.sink(Refused(at=self.now, channel=channel, reason=reason))

    async def test_call(self, number: str, caller_id: str, trunk: str, sounds: str) -> None:
        self._need_link()
        self.test_calls.append((number, caller_id))

    async def ring_agent(self, order: LegOrder) -> None:
        self._need_link()
        if order.device not in self.devices:
            raise TelephonyError("Originate: Extension does not exist.")
        if self.phones_ring_for_ever:
            return
        self._channels[order.leg] = _Channel(ChannelKind.AGENT, up=True, answered_at=self.now)
        self.sink(LegIdle(at=self.now, leg=order.leg))

    async def join(self, channel: ChannelId, leg: ChannelId, *, mark: bool) -> None:
        del mark  # this dialplan never takes a step of its own between two others
        self._need_link()
        if self.refuse_joins or channel not in self._channels or leg not in self._channels:
            raise TelephonyError("Setvar: No such channel")
        self._set(channel, peer=leg)
        self._set(leg, peer=channel)
        self.sink(Joined(at=self.now + self.joins_take, channel=channel, leg=leg))

    async def ring_listener(self, channel: ChannelId, device: str) -> None:
        self._need_link()
        if device not in self.devices:
            raise TelephonyError("Originate: Extension does not exist.")
        self._channels[channel] = _Channel(ChannelKind.LISTENER, up=True, answered_at=self.now)
        if not self.listeners_ring_for_ever:
            self.sink(ListenReady(at=self.now, channel=channel))

    async def tell(self, order: TellOrder) -> None:
        self._need_link()
        self.told.append(order)
        if self.tells:
            self.say_told(order.listener)

    def say_told(self, listener: ChannelId, *, heard: bool = True) -> None:
        self.sink(Told(at=self.now, channel=listener, heard=heard))

    async def hear(self, channel: ChannelId, target: ChannelId, mode: ListenMode) -> None:
        self._need_link()
        if self.refuse_hearing or channel not in self._channels:
            raise TelephonyError("Setvar: No such channel")
        self.heard.append((channel, target, mode))
        self._set(channel, hears=(target, mode))
        self.sink(Hearing(at=self.now, channel=channel, mode=mode))
        if target not in self._channels:
            self.end(channel)

    async def hang_up(self, channel: ChannelId, cause: int = 16) -> None:
        self._need_link()
        if channel in self._channels:
            self.end(channel, cause=cause)

    async def route_caller(self, route: CallerRoute) -> None:
        self._need_link()
        self.routes[route.channel] = route

    async def channels(self) -> Sequence[ChannelFact]:
        self._need_link()
        return [
            ChannelFact(
                channel=name,
                kind=channel.kind,
                up=channel.up,
                bridge="b" if channel.peer is not None else "",
                talking_to=channel.peer,
                message_started=bool(channel.message),
                holding=channel.kind is ChannelKind.AGENT and channel.peer is None,
            )
            for name, channel in self._channels.items()
        ]

    async def packets_received(self, legs: Sequence[ChannelId]) -> Mapping[ChannelId, int]:
        self._need_link()
        known = [leg for leg in legs if leg in self._channels]
        for leg in known if self.phones_send else ():
            self._set(leg, packets=self._channels[leg].packets + 50)
        return {leg: self._channels[leg].packets for leg in known}

    async def set_device(self, device: str, secret: str, *, browser: bool = False) -> None:
        self._need_link()
        self.devices[device] = secret

    async def remove_device(self, device: str) -> None:
        self._need_link()
        self.devices.pop(device, None)

    async def name_client(self, dialed: str, sounds: str) -> None:
        self._need_link()
        self.clients[dialed] = sounds

    async def alive(self) -> None:
        self._need_link()

    async def open_line(self, line: str, trunk: str) -> None:
        self._need_link()
        name, _, epoch = line.rpartition("-")
        for known in list(self.lines):
            if known.rpartition("-")[0] == name and int(known.rpartition("-")[2]) < int(epoch):
                del self.lines[known]
                self.shut.add(known)
        self.lines[line] = trunk

    async def has_line(self, line: str) -> bool:
        self._need_link()
        return line in self.lines

    async def keeps(self) -> bool:
        self._need_link()
        return self.disk_has_room

    def forget(self) -> None:
        """The second after a write is over, and the disk had no room for it."""
        if not self.disk_has_room:
            self.lines.clear()

    async def mark_owner(self, owner: str) -> None:
        self._need_link()
        self.marked = owner

    async def owner(self) -> str:
        self._need_link()
        return self.marked

    async def collect_callbacks(self) -> Sequence[LeftCallback]:
        self._need_link()
        return list(self.callbacks)

    async def forget_callback(self, request: LeftCallback) -> None:
        self._need_link()
        key = (request.number, request.dialed, request.wish)
        self.callbacks = [one for one in self.callbacks if (one.number, one.dialed, one.wish) != key]

    def _need_link(self) -> None:
        if not self.up:
            raise TelephonyError("link is down")
