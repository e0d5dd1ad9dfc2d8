"""The calls of the simulated telephone system: channels, bridges, people, and the dialplan in short.

Events leave with the headers that Asterisk gives them. No socket here: see `ami_server`.
"""

from __future__ import annotations

import asyncio
import itertools
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

Action = Mapping[str, list[str]]
Pairs = Sequence[tuple[str, str]]

RESCUE_AFTER = 10.0
_GREETING = 0.3
_CAUSES = {16: "Normal Clearing", 17: "User busy", 19: "User alerting, no answer", 0: "Unknown", 1: "Unallocated"}
_STATES = {"0": "Down", "4": "Ring", "5": "Ringing", "6": "Up"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What becomes of a call to a resident. Seconds since the ring, or since the join."""

    rings_after: float | None = 0.0  # None: never
    answers_after: float | None = None  # None: rings on
    fails_after: float | None = None
    cause: int = 17
    sip_code: int = 486
    talks: float | None = None  # hangs up so long after being joined; None: stays
    message: float = 10.0  # length of a message that is played to him


@dataclass(eq=False, slots=True)
class Channel:
    """One channel."""

    uniqueid: str
    name: str
    context: str
    number: str
    account: str = ""
    exten: str = "s"
    state: str = "0"
    action: str = ""  # of its Originate
    target: str = ""  # context after the answer
    fate: Fate = field(default_factory=Fate)
    bridge: Bridge | None = None
    up_at: float = 0.0  # loop time
    began: float = 0.0
    variables: dict[str, str] = field(default_factory=dict)
    timer: asyncio.TimerHandle | None = None
    ring_limit: asyncio.TimerHandle | None = None
    keys: str = ""  # what a caller presses
    dialed: str = ""
    hears: str = ""  # a supervisor's phone: whom


@dataclass(eq=False, slots=True)
class Bridge:
    """Channels that hear each other, or legs that wait."""

    uniqueid: str
    holding: bool = False
    members: list[Channel] = field(default_factory=list)


class Calls:
    """One telephone system. `fate` says what becomes of a call to a number."""

    def __init__(
        self,
        fate: Callable[[str], Fate],
        told: Callable[[bytes], None],
        *,
        greeting: float = _GREETING,
        trunks: Sequence[str] = ("trunk",),
    ) -> None:
        """`told`: gets every event, as it goes over the wire."""
        self._fate = fate
        self._told = told
        self._greeting = greeting
        self._trunks = set(trunks)
        self._numbers = itertools.count(0)
        self._holding: Bridge | None = None
        self.channels: dict[str, Channel] = {}
        self.globals: dict[str, str] = {}
        self.database: dict[str, dict[str, str]] = {}
        self.originated = 0
        self.events = 0

    def stop(self) -> None:
        """Nothing happens by itself any more."""
        for channel in self.channels.values():
            self._quiet(channel)

    @property
    def bridges(self) -> int:
        """Bridges that exist."""
        return len({id(c.bridge) for c in self.channels.values() if c.bridge is not None})

    # -- people -------------------------------------------------------------------------------------------

    def call_in(
        self, number: str, dialed: str, *, keys: str = "", patience: float = 30.0, talks: float | None = None
    ) -> str:
        """Somebody rings a client's number, waits so long, presses `keys` when he may, and talks when joined."""
        count = next(self._numbers)
        channel = Channel(
            uniqueid=f"dialer-{int(time.time())}.{count}", name=f"PJSIP/trunk-{count:08x}", context="inbound",
            number=number, exten=dialed, state="4", keys=keys, dialed=dialed, fate=Fate(talks=talks),
        )  # fmt: skip
        self._begin(channel)
        sounds = self.database.get("did", {}).get(dialed, "")
        if not sounds:
            self.hang_up(channel, 1)
            return channel.uniqueid
        channel.context, channel.account = "arrive", f"in-{channel.uniqueid}"
        channel.variables["DIALER_SOUNDS"] = sounds
        self._keep(channel, "missed")
        self._user_event(channel, "CallerArrived", ("Number", number), ("Dialed", dialed))
        self._state(channel, "6")
        loop = asyncio.get_running_loop()
        channel.ring_limit = loop.call_later(patience, self.hang_up, channel)
        channel.timer = loop.call_later(self._greeting, self._greeted, channel)
        return channel.uniqueid

    def phone_dies(self, leg: str) -> None:
        """An agent's phone is gone."""
        self.hang_up(self.channels[leg])

    # -- the dialplan -------------------------------------------------------------------------------------

    def _greeted(self, caller: Channel) -> None:
        self._user_event(caller, "CallerReady")
        caller.context = "route"
        self._routed(caller, time.monotonic() + 2.0)

    def _routed(self, caller: Channel, until: float) -> None:
        route = caller.variables.get("DIALER_ROUTE", "")
        loop = asyncio.get_running_loop()
        if not route and time.monotonic() < until:
            caller.timer = loop.call_later(0.05, self._routed, caller, until)
            return
        caller.context = route if route in ("queue", "closed") else "sorry"
        caller.timer = None
        if caller.context != "queue":
            self._user_event(caller, "MessageStarted", ("Kind", caller.context))
        if caller.keys:
            caller.timer = loop.call_later(0.2, self._pressed, caller)
        elif caller.context != "queue":
            caller.timer = loop.call_later(6.0, self.hang_up, caller)

    def _pressed(self, caller: Channel) -> None:
        wish = {"1": "call_back", "9": "block_number"}.get(caller.keys[:1])
        if wish is None:
            return
        self._keep(caller, wish)
        self._user_event(caller, "CallerChose", ("Choice", wish))
        caller.context = "noted"
        kind = "callback" if wish == "call_back" else "blocked"
        self._user_event(caller, "MessageStarted", ("Kind", kind))
        caller.timer = asyncio.get_running_loop().call_later(1.0, self.hang_up, caller)

    def _keep(self, caller: Channel, wish: str) -> None:
        if not caller.number:
            return
        rows = self.database.setdefault("callback", {})
        if wish != "missed":
            rows.pop(f"{caller.number}*{caller.dialed}*missed", None)
        rows.setdefault(f"{caller.number}*{caller.dialed}*{wish}", str(int(time.time())))

    def _alone(self, channel: Channel) -> None:
        """Nobody was joined in time."""
        for step in (2, 3, 4):
            self._step(channel, step)
        self._final(channel, "safe")

    def _final(self, channel: Channel, kind: str) -> None:
        channel.context = "final"
        self._user_event(channel, "MessageStarted", ("Kind", kind))
        channel.timer = asyncio.get_running_loop().call_later(channel.fate.message, self.hang_up, channel)

    def _lost(self, channel: Channel) -> None:
        if channel.context == "resident":
            self._step(channel, 2)
        channel.context = "lost"
        channel.variables.pop("DIALER_JOINED", None)
        self._user_event(channel, "AgentLost")
        channel.timer = asyncio.get_running_loop().call_later(RESCUE_AFTER, self._final, channel, "rescue")

    def redirect(self, channel: Channel, context: str, exten: str) -> None:
        """To another place of the dialplan; what it was joined to is alone, or two are left."""
        before = channel.bridge
        self._quiet(channel)
        self._leave(channel)
        channel.context, channel.exten = context, exten
        match context:
            case "hold":
                channel.variables.pop("DIALER_JOINED", None)
                self._user_event(channel, "OnHold")
            case "agent":
                self._idle(channel)
            case "lost":
                self._lost(channel)
            case "together":
                meets = self.channels.get(channel.variables.get("DIALER_MEETS", ""))
                if meets is None or meets.bridge is None:
                    self._lost(channel)
                else:
                    self._enter(meets.bridge, channel)
            case "listen":
                self._listens(channel, exten)
            case "survey" if exten == "s":
                self.database.setdefault("survey", {})[channel.variables["DIALER_SURVEY"]] = "**"
                self._user_event(channel, "SurveyBegun")
            case "survey":
                self.hang_up(channel)
        if before is not None and not before.holding:
            self._left_alone(before)

    def apart(self, first: Channel, second: Channel) -> None:
        """Two that are redirected together: neither goes on with a step of its own in between."""
        for channel in (first, second):
            bridge = channel.bridge
            self._leave(channel)
            if bridge is not None and not bridge.holding and not bridge.members:
                self._bridge_event("BridgeDestroy", bridge)

    def _left_alone(self, bridge: Bridge) -> None:
        """Who is the last in a bridge goes on with the next step."""
        if len(bridge.members) != 1:
            return
        mate = bridge.members[0]
        self._leave(mate)
        self._bridge_event("BridgeDestroy", bridge)
        if mate.uniqueid.startswith("leg."):
            self._idle(mate)
        elif mate.uniqueid.startswith(("transfer.", "listen.")):
            self.hang_up(mate)
        else:
            self._lost(mate)

    def _listens(self, channel: Channel, exten: str) -> None:
        """A supervisor's phone hears a channel, until that is gone."""
        channel.hears = channel.variables.get("DIALER_HEARS", "")
        self._user_event(channel, "Hearing", ("Mode", exten))
        if channel.hears not in self.channels:
            self.hang_up(channel)

    def tell(self, action: Action) -> None:
        """Said into a conversation, by a Local channel that nobody else sees."""
        given = dict(pair.partition("=")[::2] for pair in action.get("variable", ()))
        loop = asyncio.get_running_loop()
        loop.call_later(0.05, self._told_so, given)

    def _told_so(self, given: Mapping[str, str]) -> None:
        if given.get("DIALER_HEARS", "") in self.channels:
            self._event(
                "UserEvent",
                ("Channel", "Local/say@tell-00000001;2"),
                ("Uniqueid", "dialer-1.1"),
                ("UserEvent", "Told"),
                ("For", given.get("DIALER_FOR", "")),
                ("Status", "SUCCESS"),
            )

    def _idle(self, leg: Channel) -> None:
        leg.context = "agent"
        self._user_event(leg, "LegIdle")
        if self._holding is None:
            self._holding = Bridge(str(uuid.uuid4()), holding=True)
            self._bridge_event("BridgeCreate", self._holding)
        self._enter(self._holding, leg)

    # -- calls out ----------------------------------------------------------------------------------------

    def originate(self, action: Action) -> None:
        """A call out, or a call to an agent's phone."""
        self.originated += 1
        technology, _, dial = header(action, "Channel").partition("/")
        if technology == "Local":
            self.tell(action)
            return
        number, at, line = dial.partition("@")
        endpoint = line if at else number
        uniqueid = header(action, "ChannelId") or f"dialer-{time.time():.6f}"
        name = "trunk" if at else number
        channel = Channel(
            uniqueid=uniqueid, name=f"PJSIP/{name}-{next(self._numbers):08x}", context="inbound" if at else "nothing",
            number=number if at else "", action=header(action, "ActionID"), target=header(action, "Context"),
            began=asyncio.get_running_loop().time(),
        )  # fmt: skip
        if uniqueid in self.channels or not self._known(endpoint):
            self._originated(channel, 0)
            return
        for pair in action.get("variable", ()):
            key, _, value = pair.partition("=")
            channel.variables[key] = value
        self._begin(channel)
        channel.account = header(action, "Account")
        self._dial_event("DialBegin", channel, ("DialString", dial))
        loop = asyncio.get_running_loop()
        limit = float(header(action, "Timeout") or 30_000) / 1000
        channel.ring_limit = loop.call_later(limit, self._failed, channel, 19, 0, 3)
        if not at:
            channel.fate = Fate(answers_after=0.0)
            self._ring(channel)
            return
        channel.fate = fate = self._fate(number)
        if fate.rings_after is not None:
            channel.timer = loop.call_later(fate.rings_after, self._ring, channel)
        elif fate.fails_after is not None:
            channel.timer = loop.call_later(fate.fails_after, self._fail, channel)

    def _known(self, endpoint: str) -> bool:
        return endpoint in self._trunks or endpoint in self.database.get("dyn/endpoint", {})

    def _ring(self, channel: Channel) -> None:
        self._state(channel, "5")
        self._dial_event("DialState", channel, ("DialStatus", "RINGING"))
        fate, loop = channel.fate, asyncio.get_running_loop()
        if fate.answers_after is not None:
            channel.timer = loop.call_later(fate.answers_after, self._answer, channel)
        elif fate.fails_after is not None:
            channel.timer = loop.call_later(fate.fails_after, self._fail, channel)

    def _answer(self, channel: Channel) -> None:
        if channel.ring_limit is not None:
            channel.ring_limit.cancel()
        self._state(channel, "6")
        self._dial_event("DialEnd", channel, ("DialStatus", "ANSWER"))
        channel.context = channel.target
        if channel.target == "resident":
            self._step(channel, 1)
        self._originated(channel, 4)
        if channel.target == "agent":
            self._idle(channel)
        elif channel.target == "listen":
            self._user_event(channel, "ListenReady")
        elif channel.target == "transfer":
            self._user_event(channel, "TargetReady")
        else:
            channel.timer = asyncio.get_running_loop().call_later(
                float(channel.variables["DIALER_SAFE_AFTER"]), self._alone, channel
            )

    def _fail(self, channel: Channel) -> None:
        self._failed(channel, channel.fate.cause, channel.fate.sip_code, 5 if channel.fate.cause == 17 else 8)

    def _failed(self, channel: Channel, cause: int, sip_code: int, reason: int) -> None:
        status = {17: "BUSY", 19: "NOANSWER"}.get(cause, "CANCEL" if cause == 16 else "CONGESTION")
        self._dial_event("DialEnd", channel, ("DialStatus", status))
        self._gone(channel, cause, sip_code)
        self._originated(channel, reason)

    def _originated(self, channel: Channel, reason: int) -> None:
        self._event(
            "OriginateResponse",
            ("ActionID", channel.action),
            ("Response", "Success" if reason == 4 else "Failure"),
            ("Channel", channel.name),
            ("Context", channel.target),
            ("Exten", "s"),
            ("Reason", str(reason)),
            ("Uniqueid", channel.uniqueid if reason == 4 or channel.action else "<null>"),
            ("CallerIDNum", "<unknown>"),
            ("CallerIDName", "<unknown>"),
        )

    # -- joins and ends -----------------------------------------------------------------------------------

    def join(self, first: Channel, second: Channel) -> None:
        """Both in a bridge of their own."""
        bridge = Bridge(str(uuid.uuid4()))
        self._bridge_event("BridgeCreate", bridge)
        for channel in (first, second):
            before = channel.bridge
            self._quiet(channel)
            self._leave(channel)
            self._enter(bridge, channel)
            if before is not None and not before.holding:
                self._left_alone(before)
        for channel in (first, second):
            if channel.fate.talks is not None and not channel.uniqueid.startswith("leg."):
                channel.timer = asyncio.get_running_loop().call_later(channel.fate.talks, self.hang_up, channel)

    def hang_up(self, channel: Channel, cause: int = 16) -> None:
        """The channel ends, whoever wanted it."""
        if channel.uniqueid not in self.channels:
            return
        if channel.state != "6" and channel.action:
            self._failed(channel, cause, 0, 0)
            return
        bridge = channel.bridge
        self._leave(channel)
        if bridge is not None and not bridge.holding:
            self._left_alone(bridge)
        self._gone(channel, cause, 0)
        for other in [one for one in self.channels.values() if one.hears == channel.uniqueid]:
            self.hang_up(other)

    def _gone(self, channel: Channel, cause: int, sip_code: int) -> None:
        self._quiet(channel)
        self.channels.pop(channel.uniqueid, None)
        tech = (("TechCause", str(sip_code)),) if sip_code else ()
        self._event(
            "Hangup", *shown(channel), ("Cause", str(cause)), *tech, ("Cause-txt", _CAUSES.get(cause, "Unknown"))
        )

    def _quiet(self, channel: Channel) -> None:
        for timer in (channel.timer, channel.ring_limit):
            if timer is not None:
                timer.cancel()
        channel.timer = channel.ring_limit = None

    def _enter(self, bridge: Bridge, channel: Channel) -> None:
        bridge.members.append(channel)
        channel.bridge = bridge
        self._bridge_event("BridgeEnter", bridge, *shown(channel))

    def _leave(self, channel: Channel) -> None:
        bridge = channel.bridge
        if bridge is not None:
            bridge.members.remove(channel)
            channel.bridge = None
            self._bridge_event("BridgeLeave", bridge, *shown(channel))

    # -- events -------------------------------------------------------------------------------------------

    def _begin(self, channel: Channel) -> None:
        self.channels[channel.uniqueid] = channel
        channel.began = channel.began or asyncio.get_running_loop().time()
        self._event("Newchannel", *shown(channel))

    def _state(self, channel: Channel, state: str) -> None:
        channel.state = state
        if state == "6":
            channel.up_at = asyncio.get_running_loop().time()
        self._event("Newstate", *shown(channel))

    def _dial_event(self, name: str, channel: Channel, *more: tuple[str, str]) -> None:
        self._event(name, *((f"Dest{key}", value) for key, value in shown(channel)), *more)

    def _step(self, channel: Channel, priority: int) -> None:
        """A step of the dialplan for residents, the only one whose steps are told."""
        steps = {1: "WaitForCondition", 2: "GotoIf", 3: "Set", 4: "Goto"}
        told = dict(shown(channel)) | {"Priority": str(priority)}
        more = (("Extension", "s"), ("Application", steps[priority]), ("AppData", ""))
        self._event("Newexten", *told.items(), *more)

    def _user_event(self, channel: Channel, kind: str, *more: tuple[str, str]) -> None:
        self._event("UserEvent", *shown(channel), ("UserEvent", kind), *more)

    def _bridge_event(self, name: str, bridge: Bridge, *more: tuple[str, str]) -> None:
        self._event(
            name,
            ("BridgeUniqueid", bridge.uniqueid),
            ("BridgeType", "base" if bridge.holding else "basic"),
            ("BridgeTechnology", "holding_bridge" if bridge.holding else "simple_bridge"),
            ("BridgeCreator", "BridgeWait" if bridge.holding else "<unknown>"),
            ("BridgeName", "agents" if bridge.holding else "<unknown>"),
            ("BridgeNumChannels", str(len(bridge.members))),
            ("BridgeVideoSourceMode", "none"),
            *more,
        )

    def _event(self, name: str, *pairs: tuple[str, str]) -> None:
        self.events += 1
        privilege = {"UserEvent": "user,all", "Newexten": "dialplan,all"}.get(name, "call,all")
        lines = [f"Event: {name}\r\nPrivilege: {privilege}\r\nTimestamp: {time.time():.6f}\r\nSystemName: dialer\r\n"]
        lines += [f"{key}: {value}\r\n" for key, value in pairs]
        lines.append("\r\n")
        self._told("".join(lines).encode())


def shown(channel: Channel) -> Pairs:
    """A channel as every event shows it."""
    return (
        ("Channel", channel.name),
        ("ChannelState", channel.state),
        ("ChannelStateDesc", _STATES[channel.state]),
        ("CallerIDNum", channel.number or "<unknown>"),
        ("CallerIDName", "<unknown>"),
        ("ConnectedLineNum", "<unknown>"),
        ("ConnectedLineName", "<unknown>"),
        ("Language", "nl"),
        ("AccountCode", channel.account),
        ("Context", channel.context),
        ("Exten", channel.exten),
        ("Priority", "1"),
        ("Uniqueid", channel.uniqueid),
        ("Linkedid", channel.uniqueid),
    )


def message(pairs: Pairs) -> bytes:
    """As it goes over the wire."""
    return ("".join(f"{key}: {value}\r\n" for key, value in pairs) + "\r\n").encode()


def header(action: Action, name: str) -> str:
    """The first value of a header; empty when there is none."""
    values = action.get(name.lower())
    return values[0] if values else ""
