"""AMI events to telephone events. No I/O: feed headers in, take events out. One map from event name to meaning.

Which channel is whose follows from ids alone: a dial's unique id is its attempt's UUID, an agent's leg begins with
`leg.`, a supervisor's phone with `listen.`, somebody to whom a call may go with `transfer.`, a caller is who the
dialplan says has arrived. Everything else is none of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from uuid import UUID

from dialer.domain.ids import ChannelId
from dialer.domain.listening import ListenMode
from dialer.services.ports.surveying import SurveyBegun
from dialer.services.ports.switching import Gathered, HandedOver, Met, OnHold, TargetReady
from dialer.services.ports.telephony import (
    AgentLost,
    Answered,
    CallerArrived,
    CallerChoice,
    CallerChose,
    CallerReady,
    ChannelKind,
    Dialed,
    Ended,
    GivenBack,
    Hearing,
    Joined,
    LegIdle,
    ListenReady,
    MessageStarted,
    Rang,
    Refused,
    TelephonyEvent,
    Told,
)

Headers = Mapping[str, str]

LEG_PREFIX = "leg."
LISTENER_PREFIX = "listen."
TARGET_PREFIX = "transfer."
AWAY = frozenset({ChannelKind.TARGET, ChannelKind.LISTENER})
"""With whom a resident may be without an agent: a target, or a supervisor who took the call over."""
CALLER_ACCOUNT = "in-"
_RINGING, _UP = "5", "6"  # ChannelState
_PLAIN: Mapping[str, Callable[..., TelephonyEvent]] = {
    "AgentLost": AgentLost,
    "CallerReady": CallerReady,
    "ListenReady": ListenReady,
    "OnHold": OnHold,
    "SurveyBegun": SurveyBegun,
    "TargetReady": TargetReady,
}
"""User events that tell of a channel and nothing more."""
_MODES = frozenset(mode.value for mode in ListenMode)


def kind_of(channel: str, account: str = "") -> ChannelKind | None:
    """Whose channel `channel` (a unique id, with its account code) is; None: not one of ours."""
    if channel.startswith(LEG_PREFIX):
        return ChannelKind.AGENT
    if channel.startswith(LISTENER_PREFIX):
        return ChannelKind.LISTENER
    if channel.startswith(TARGET_PREFIX):
        return ChannelKind.TARGET
    if account.startswith(CALLER_ACCOUNT):
        return ChannelKind.CALLER
    try:
        UUID(channel)
    except ValueError:
        return None
    return ChannelKind.RESIDENT


class Translator:
    """Remembers what is needed to give an event its meaning: which channels live, who stands in which bridge."""

    def __init__(self) -> None:
        self._kinds: dict[ChannelId, ChannelKind] = {}
        self._bridges: dict[str, set[ChannelId]] = {}
        self._place: dict[ChannelId, str] = {}  # in which of these each stands
        self._lists: list[set[ChannelId]] = []  # of each list that is being read: who has come, moved or gone since
        self.unknown = 0
        """Events that carried nothing we could use, for the metrics."""
        self._handlers: Mapping[str, Callable[[Headers, float], list[TelephonyEvent]]] = {
            "Newchannel": self._newchannel,
            "Newstate": self._newstate,
            "DialState": self._dialstate,
            "BridgeEnter": self._bridge_enter,
            "BridgeLeave": self._bridge_leave,
            "BridgeDestroy": self._bridge_destroy,
            "OriginateResponse": self._originate_response,
            "Hangup": self._hangup,
            "UserEvent": self._user_event,
        }

    def feed(self, headers: Headers, now: float, ahead: float = 0.0) -> list[TelephonyEvent]:
        """What one AMI event means. `now` (unix seconds) serves where the event has no stamp of Asterisk's.

        `ahead`: seconds by which our clock is ahead of Asterisk's; events are told by ours.
        """
        handler = self._handlers.get(headers.get("Event", ""))
        if handler is None:
            self.unknown += 1
            return []
        try:
            at = float(headers["Timestamp"]) + ahead
        except (KeyError, ValueError):
            at = now
        for since in self._lists:
            since.add(ChannelId(headers.get("Uniqueid", "")))
        return handler(headers, at)

    def forget(self) -> None:
        """The link was lost: what was known may be stale. A `listing` brings back what Asterisk lists."""
        self._kinds.clear()
        self._bridges.clear()
        self._place.clear()

    @contextmanager
    def listing(self) -> Iterator[Callable[[ChannelId, ChannelKind, str], None]]:
        """While a list is asked for and read. Gives what is to be told each channel that stands in it.

        Of a channel that an event told of meanwhile, the event is the newer word.
        """
        since: set[ChannelId] = set()
        self._lists.append(since)

        def know(channel: ChannelId, kind: ChannelKind, bridge: str) -> None:
            if channel not in since:
                self._kinds[channel] = kind
                self._stand(channel, bridge)

        try:
            yield know
        finally:
            self._lists.remove(since)

    def _stand(self, channel: ChannelId, bridge: str) -> None:
        """In this bridge, and in no other; in none when it is empty."""
        before = self._place.pop(channel, None)
        if before is not None and before != bridge:
            self._bridges.get(before, set()).discard(channel)
        if bridge:
            self._place[channel] = bridge
            self._bridges.setdefault(bridge, set()).add(channel)

    def alive(self, channel: ChannelId) -> bool:
        """True while Asterisk has this channel, as far as its events told."""
        return channel in self._kinds

    def _ours(self, headers: Headers, prefix: str = "") -> tuple[ChannelId, ChannelKind] | None:
        """The channel an event is about; one whose beginning was missed is known by its id all the same."""
        channel = ChannelId(headers.get(f"{prefix}Uniqueid", ""))
        kind = self._kinds.get(channel) or kind_of(channel, headers.get(f"{prefix}AccountCode", ""))
        if kind is None:
            return None
        self._kinds[channel] = kind
        return channel, kind

    def _newchannel(self, headers: Headers, at: float) -> list[TelephonyEvent]:
        ours = self._ours(headers)
        if ours is None or ours[1] is not ChannelKind.RESIDENT:
            return []
        return [Dialed(at=at, channel=ours[0])]

    def _newstate(self, headers: Headers, at: float) -> list[TelephonyEvent]:
        ours = self._ours(headers)
        if ours is None or ours[1] is not ChannelKind.RESIDENT:
            return []
        state = headers.get("ChannelState", "")
        if state == _UP:
            return [Answered(at=at, channel=ours[0])]
        return [Rang(at=at, channel=ours[0])] if state == _RINGING else []

    def _dialstate(self, headers: Headers, at: float) -> list[TelephonyEvent]:
        ours = self._ours(headers, "Dest")
        if ours is None or ours[1] is not ChannelKind.RESIDENT:
            return []
        match headers.get("DialStatus", ""):
            case "RINGING":
                return [Rang(at=at, channel=ours[0])]
            case "PROGRESS":
                return [Rang(at=at, channel=ours[0], early_media=True)]
        return []

    def _bridge_enter(self, headers: Headers, at: float) -> list[TelephonyEvent]:
        ours = self._ours(headers)
        if ours is None:
            return []
        channel, kind = ours
        bridge = headers.get("BridgeUniqueid", "")
        if headers.get("BridgeTechnology") == "holding_bridge":
            return [LegIdle(at=at, leg=channel)] if kind is ChannelKind.AGENT else []
        if not bridge:
            self.unknown += 1
            return []
        self._stand(channel, bridge)
        return self._together(self._bridges[bridge], at, met=True)

    def _together(self, members: set[ChannelId], at: float, *, met: bool) -> list[TelephonyEvent]:
        """What it means that just these hear each other. `met`: somebody has come, else somebody has gone."""
        legs = [member for member in members if self._kinds.get(member) is ChannelKind.AGENT]
        targets = [member for member in members if self._kinds.get(member) in AWAY]
        others = [member for member in members if member not in legs and member not in targets]
        match len(others), len(legs), len(targets):
            case 1, 1, 0:
                return [Joined(at=at, channel=others[0], leg=legs[0])]
            case 1, 0, 1:
                return [HandedOver(at=at, channel=others[0], target=targets[0])]
            case (1, 1, 1) | (1, 2, 0) if met:
                return [Gathered(at=at, channel=others[0], others=frozenset(legs + targets))]
            case (0, 1, 1) | (0, 2, 0) if met:
                return [Met(at=at, channels=frozenset(members))]
        return []

    def _bridge_leave(self, headers: Headers, at: float) -> list[TelephonyEvent]:
        bridge, channel = headers.get("BridgeUniqueid", ""), ChannelId(headers.get("Uniqueid", ""))
        members = self._bridges.get(bridge)
        if members is None:
            return []
        if self._place.get(channel) == bridge:
            self._stand(channel, "")
        return self._together(members, at, met=False)

    def _bridge_destroy(self, headers: Headers, _at: float) -> list[TelephonyEvent]:
        for channel in self._bridges.pop(headers.get("BridgeUniqueid", ""), ()):
            self._place.pop(channel, None)
        return []

    def _originate_response(self, headers: Headers, at: float) -> list[TelephonyEvent]:
        channel = ChannelId(headers.get("Uniqueid", ""))
        # A failure carries the id of a *live* channel when an Originate was sent twice: it proves nothing then.
        if headers.get("Response") != "Failure" or self.alive(channel):
            return []
        return [Refused(at=at, channel=channel, reason=_number(headers.get("Reason", "")))]

    def _hangup(self, headers: Headers, at: float) -> list[TelephonyEvent]:
        ours = self._ours(headers)
        if ours is None:
            return []
        channel, _ = ours
        del self._kinds[channel]
        self._stand(channel, "")
        cause = _number(headers.get("Cause", ""))
        return [Ended(at=at, channel=channel, cause=cause, sip_code=_sip_code(headers.get("TechCause", "")))]

    def _user_event(self, headers: Headers, at: float) -> list[TelephonyEvent]:
        channel = ChannelId(headers.get("Uniqueid", ""))
        name = headers.get("UserEvent", "")
        if name in _PLAIN:
            return [_PLAIN[name](at=at, channel=channel)]
        match name:
            case "MessageStarted":
                return [MessageStarted(at=at, channel=channel, kind=headers.get("Kind", ""))]
            case "CallerArrived":
                self._kinds[channel] = ChannelKind.CALLER
                number = headers.get("Number", "") or None
                return [CallerArrived(at=at, channel=channel, number=number, dialed=headers.get("Dialed", ""))]
            case "CallerChose":
                try:
                    choice = CallerChoice(headers.get("Choice", ""))
                except ValueError:
                    return []
                return [CallerChose(at=at, channel=channel, choice=choice)]
            case "GivenBack":
                return [GivenBack(at=at, channel=channel, taken=headers.get("Status", "") == "SUCCESS")]
            case "Hearing":
                mode = headers.get("Mode", "")
                return [Hearing(at=at, channel=channel, mode=ListenMode(mode))] if mode in _MODES else []
            case "Told":
                heard = headers.get("Status", "") == "SUCCESS"
                return [Told(at=at, channel=ChannelId(headers.get("For", "")), heard=heard)]
        return []


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0


def _sip_code(text: str) -> int:
    """`TechCause` reads like `SIP 486 Busy Here`; 0 when there is none."""
    return next((int(word) for word in text.split() if word.isdigit() and len(word) == 3), 0)
