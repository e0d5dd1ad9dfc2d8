"""A telephone system in memory, for scale and rare faults. The same contract tests hold it to the real Asterisk.

It is driven by hand. Its dialplan is the real one in short: an unjoined
resident gets the safe message when his order says, usually 1.8 s after the answer, once `pass_time` is called.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dialer.domain.ids import AttemptId, ChannelId
from dialer.domain.listening import ListenMode
from dialer.services.ports.surveying import LeftSurvey, SurveyBegun, SurveyOrder
from dialer.services.ports.switching import Gathered, HandedOver, Met, OnHold, TargetOrder, TargetReady
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
    bridge: int = 0  # 0: in none
    place: str = ""  # hold | consult: where the dialplan waits meanwhile
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
        self.overflow: dict[str, str] = {}  # another team's line -> where its calls go back to
        self.callbacks: list[LeftCallback] = []
        self.test_calls: list[tuple[str, str]] = []
        self.lines: dict[str, str] = {}
        self.disk_has_room = True
        self.shut: set[str] = set()
        self.marked = ""
        self.refuse_dials = False
        self.refuse_joins = False
        self.joins_sent = 0
        self.told: list[TellOrder] = []
        self.heard: list[tuple[ChannelId, ChannelId, ListenMode]] = []
        self.tells = True  # by itself; else the test says when (`say_told`)
        self.refuse_hearing = False
        self.listeners_ring_for_ever = False
        self.phones_ring_for_ever = False
        self.phones_send = False  # by themselves, whether or not the test lets time pass
        self.targets: list[TargetOrder] = []
        self.targets_answer = True  # by themselves; else the test says when (`target_answers`)
        self.refuse_targets = False
        self.refuse_redirects = False
        self.surveys: list[SurveyOrder] = []
        self.recorded: dict[ChannelId, tuple[str, str]] = {}  # what is being recorded now
        self.refuse_recording = False
        self.kept: dict[AttemptId, str] = {}
        self._bridges = 0
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
        self._left(gone.bridge)

    def _members(self, bridge: int) -> list[ChannelId]:
        return [name for name, one in self._channels.items() if bridge and one.bridge == bridge]

    def _kind(self, kind: ChannelKind, members: Sequence[ChannelId]) -> list[ChannelId]:
        return [name for name in members if self._channels[name].kind is kind]

    def _away(self, members: Sequence[ChannelId]) -> list[ChannelId]:
        return [*self._kind(ChannelKind.TARGET, members), *self._kind(ChannelKind.LISTENER, members)]

    def _left(self, bridge: int) -> None:
        """Somebody left: who is alone now goes on by himself, two that are left hear each other."""
        members = self._members(bridge)
        if len(members) == 1:
            self._goes_on(members[0])
        elif members:
            self._together(members, met=False)

    def _goes_on(self, name: ChannelId) -> None:
        """The next step of the dialplan."""
        self._set(name, bridge=0, place="")
        kind = self._channels[name].kind
        if kind is ChannelKind.AGENT:
            self.sink(LegIdle(at=self.now, leg=name))
        elif kind in (ChannelKind.TARGET, ChannelKind.LISTENER):
            self.end(name)
        else:
            self.sink(AgentLost(at=self.now, channel=name))

    def _out(self, name: ChannelId) -> None:
        bridge = self._channels[name].bridge
        self._set(name, bridge=0, place="")
        self._left(bridge)

    def _together(self, members: Sequence[ChannelId], *, met: bool, at: float | None = None) -> None:
        at = self.now if at is None else at
        legs, targets = self._kind(ChannelKind.AGENT, members), self._away(members)
        others = [name for name in members if name not in legs and name not in targets]
        match len(others), len(legs), len(targets):
            case 1, 1, 0:
                self.sink(Joined(at=at, channel=others[0], leg=legs[0]))
            case 1, 0, 1:
                self.sink(HandedOver(at=at, channel=others[0], target=targets[0]))
            case (1, 1, 1) | (1, 2, 0) if met:
                self.sink(Gathered(at=at, channel=others[0], others=frozenset(legs + targets)))
            case (0, 1, 1) | (0, 2, 0) if met:
                self.sink(Met(at=at, channels=frozenset(members)))

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
            late = channel.kind is ChannelKind.RESIDENT and channel.up and not channel.bridge
            late = late and not channel.place
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
        self.joins_sent += 1
        self._need_link()
        if self.refuse_joins or channel not in self._channels or leg not in self._channels:
            raise TelephonyError("Setvar: No such channel")
        self._bridges += 1
        bridge = self._bridges
        for name in (channel, leg):
            before = self._channels[name].bridge
            self._set(name, bridge=bridge, place="", hears=None)
            self._left(before)
        if channel in self._channels and leg in self._channels:
            self._together([channel, leg], met=True, at=self.now + self.joins_take)

    async def hold(self, channel: ChannelId, leg: ChannelId) -> None:
        self._redirected(channel, leg)
        for name, place in ((channel, "hold"), (leg, "consult")):
            self._set(name, bridge=0, place=place)
        self.sink(OnHold(at=self.now, channel=channel))

    async def ring_target(self, order: TargetOrder) -> None:
        self._need_link()
        self.targets.append(order)
        if self.refuse_targets:
            self.sink(Refused(at=self.now, channel=order.target, reason=5))
            return
        self._channels[order.target] = _Channel(ChannelKind.TARGET, number=order.number)
        if self.targets_answer:
            self.target_answers(order.target)

    def target_answers(self, target: ChannelId) -> None:
        self._set(target, up=True, answered_at=self.now)
        self.sink(TargetReady(at=self.now, channel=target))

    async def gather(self, channel: ChannelId, leg: ChannelId) -> None:
        self._redirected(channel)
        bridge = self._channels[leg].bridge if leg in self._channels else 0
        if not bridge:
            self._goes_on(channel)
            return
        self._set(channel, bridge=bridge, place="")
        self._together(self._members(bridge), met=True)

    async def send_home(self, leg: ChannelId) -> None:
        self._redirected(leg)
        self._out(leg)
        self.sink(LegIdle(at=self.now, leg=leg))

    async def ring_tone(self, leg: ChannelId) -> None:
        self._redirected(leg)
        self._set(leg, bridge=0, place="consult")

    async def release(self, channel: ChannelId) -> None:
        self._redirected(channel)
        self._out(channel)
        self.sink(AgentLost(at=self.now, channel=channel))

    def _redirected(self, *names: ChannelId) -> None:
        self._need_link()
        if self.refuse_redirects or not all(name in self._channels for name in names):
            raise TelephonyError("Redirect: Channel does not exist")

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
        return [self._fact(name, channel) for name, channel in self._channels.items()]

    def _fact(self, name: ChannelId, channel: _Channel) -> ChannelFact:
        members = self._members(channel.bridge)
        legs, targets = self._kind(ChannelKind.AGENT, members), self._away(members)
        others = [member for member in members if member not in legs and member not in targets]
        agent = channel.kind is ChannelKind.AGENT
        resident = channel.kind in (ChannelKind.RESIDENT, ChannelKind.CALLER)
        mates = others if agent else legs
        return ChannelFact(
            channel=name,
            kind=channel.kind,
            up=channel.up,
            bridge=str(channel.bridge or ""),
            talking_to=mates[0] if mates else None,
            message_started=bool(channel.message),
            holding=agent and not channel.bridge and not channel.place,
            on_hold=resident and channel.place == "hold",
            consults=agent and (channel.place == "consult" or (bool(members) and not others)),
            target=targets[0] if resident and targets else None,
            surveyed=channel.place == "survey",
        )

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

    async def name_overflow(self, dialed: str, sounds: str, back: str) -> None:
        self._need_link()
        self.clients[dialed] = sounds
        self.overflow[dialed] = back

    async def forget_number(self, dialed: str) -> None:
        self._need_link()
        self.clients.pop(dialed, None)
        self.overflow.pop(dialed, None)

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

    async def begin_recording(self, channel: ChannelId, received: str, sent: str) -> None:
        self._need_link()
        if self.refuse_recording or channel not in self._channels:
            raise TelephonyError("no such channel")
        self.recorded[channel] = (received, sent)

    async def end_recording(self, channel: ChannelId) -> None:
        self._need_link()
        self.recorded.pop(channel, None)

    async def begin_survey(self, order: SurveyOrder) -> None:
        self._redirected(order.channel)
        self.surveys.append(order)
        self._out(order.channel)
        self._set(order.channel, place="survey")
        self.kept[order.attempt] = "**"
        self.sink(SurveyBegun(at=self.now, channel=order.channel))

    async def end_survey(self, channel: ChannelId) -> None:
        self._need_link()
        if channel in self._channels:
            self.end(channel)

    async def collect_surveys(self) -> Sequence[LeftSurvey]:
        self._need_link()
        return [LeftSurvey(attempt=attempt, kept=kept) for attempt, kept in self.kept.items()]

    async def forget_survey(self, left: LeftSurvey) -> None:
        self._need_link()
        self.kept.pop(left.attempt, None)

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
