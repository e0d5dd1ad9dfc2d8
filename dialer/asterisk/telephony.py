"""Asterisk as the port `Telephony`: orders become AMI actions, AMI events become telephone events."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

from dialer.asterisk.beginnings import Beginnings
from dialer.asterisk.channels import facts_of
from dialer.asterisk.config.devices import ACROSS
from dialer.asterisk.forms import NAME, NUMBER, OWNER, matching
from dialer.asterisk.kept_rows import KeptRows
from dialer.asterisk.kick import Kicker
from dialer.asterisk.link import Headers, Link, LinkSettings
from dialer.asterisk.recording import RecordingActions
from dialer.asterisk.site_mark import SITE_ROW, SiteMark, holder_of
from dialer.asterisk.skew import Skew
from dialer.asterisk.surveying import SurveyActions
from dialer.asterisk.switching import SwitchingActions
from dialer.asterisk.tolls import TollRules, Tolls
from dialer.asterisk.translate import LISTENER_PREFIX, Translator, kind_of
from dialer.domain.devices import OwnPhones
from dialer.domain.ids import ChannelId
from dialer.domain.listening import ListenMode
from dialer.schedule.windows import local_date
from dialer.services.ports.clock import Clock
from dialer.services.ports.telephony import (
    CallerRoute,
    ChannelFact,
    ChannelKind,
    DialOrder,
    EventSink,
    LegOrder,
    LinkDown,
    LinkUp,
    TelephonyError,
    TellOrder,
)
from dialer.services.tasks import in_turns

log = logging.getLogger(__name__)

_GUARD_SECONDS = 10
"""Asterisk's own ring limit lies this much above ours, for the case that we die while it rings."""
_LEG_RING_SECONDS = 20
_TELL_SECONDS = 5
_TEST_RING_SECONDS = 30
_BRING_SECONDS = 2
MOVABLE = {ChannelKind.AGENT: "agent", ChannelKind.LISTENER: "listen", ChannelKind.TARGET: "transfer"}
"""Whom another node may ask for, and where in the dialplan such a one begins."""


class AsteriskTelephony(KeptRows, SiteMark, SwitchingActions, SurveyActions, RecordingActions):
    """One Asterisk node."""

    def __init__(
        self,
        settings: LinkSettings,
        clock: Clock,
        *,
        media_address: str = "127.0.0.1",
        trunk_user: str = "",
        trunk_tls: bool = False,
        own_phones: OwnPhones = "udp",
        permitted: Callable[[], bool] = lambda: True,
        kicker: Kicker | None = None,
        tolls: Tolls | None = None,
        site: str = "",
    ) -> None:
        """`media_address`: the address of ours that agents' softphones reach; `permitted`: whether we may act.

        `trunk_user`: the name by which the carrier knows us, where it asks for a password; `trunk_tls`: its line is
        over TLS; `own_phones`: what agents' own phones may speak; `kicker`: ends the session of the owner before us,
        where there is one; `tolls`: what may leave at all; `site`: whose it must be, "" for whosoever.
        """
        self._clock = clock
        self._permitted = permitted
        self._media_address = media_address
        self._tolls = tolls or Tolls(TollRules(), lambda: local_date(clock.now()))
        self._trunk_user = trunk_user
        self._trunk_tls = trunk_tls
        self._own_phones = own_phones
        self._user = settings.username
        self._site = site
        self._kicker = kicker
        self._translator = Translator()
        self._beginnings = Beginnings()
        self._sink: EventSink = _nowhere
        self._skew = Skew()
        self.guests: frozenset[ChannelId] = frozenset()
        """Of the channels last listed: the far ends of those that stand on another node."""
        self.link = Link(settings, self._on_event, self._on_state, self._on_pong, self._admit)

    def start(self, sink: EventSink) -> None:
        """Connect; from now on every event goes to `sink`."""
        self._sink = sink
        self.link.start()

    async def stop(self) -> None:
        """Disconnect. Calls go on."""
        await self.link.stop()

    @property
    def up(self) -> bool:
        """True while Asterisk answers and this process may act."""
        return self.link.up and self._permitted()

    async def _act(self, name: str, headers: Mapping[str, str | Sequence[str]]) -> Headers:
        """Send an action, unless this process may not act (any more)."""
        if not self._permitted():
            raise TelephonyError(f"{name}: not this process's turn")
        return await self.link.send(name, headers)

    @property
    def unknown_events(self) -> int:
        """AMI events that meant nothing to us so far."""
        return self._translator.unknown

    @property
    def barred(self) -> int:
        """Calls that were not let out, since the start."""
        return self._tolls.barred

    @property
    def clock_apart(self) -> float:
        """Their wall clock less ours, seconds; 0 while they are the same."""
        return -self._skew.ahead(self._clock.monotonic(), self._clock.wall())

    async def trunk_up(self, trunk: str) -> bool:
        """Whether Asterisk can use this line now: configured, and its far end answers. Raises TelephonyError."""
        try:
            rows = await self.link.ask("PJSIPShowEndpoint", {"Endpoint": matching(NAME, trunk)})
        except TelephonyError:
            if self.link.up:
                return False  # it answers, and knows no such line
            raise
        state = next((row.get("DeviceState", "") for row in rows if row.get("Event") == "EndpointDetail"), "")
        return state not in ("", "Unavailable", "Invalid")

    # -- actions ------------------------------------------------------------------------------------------

    async def dial(self, order: DialOrder) -> None:
        """Start a call to a resident."""
        number, caller_id = matching(NUMBER, order.number), matching(NUMBER, order.caller_id)
        attempt = str(order.attempt)
        self._tolls.take(number)
        await self._act(
            "Originate",
            {
                "Channel": f"PJSIP/{number}@{matching(NAME, order.trunk)}",
                "ChannelId": attempt,
                "ActionID": attempt,
                "Account": attempt,
                "Context": "resident",
                "Exten": "s",
                "Priority": "1",
                "CallerID": f"<{caller_id}>",
                "Timeout": str(int((order.ring_seconds + _GUARD_SECONDS) * 1000)),
                "Variable": [
                    f"DIALER_SOUNDS={matching(NAME, order.sounds)}",
                    f"DIALER_SAFE_AFTER={order.safe_after:.1f}",
                ],
                "Async": "true",
            },
        )

    async def test_call(self, number: str, caller_id: str, trunk: str, sounds: str) -> None:
        """Ring a staff member, who sees the caller ID and hears what a resident would."""
        self._tolls.take(matching(NUMBER, number))
        await self._act(
            "Originate",
            {
                "Channel": f"PJSIP/{matching(NUMBER, number)}@{matching(NAME, trunk)}",
                "Context": "testcall",
                "Exten": "s",
                "Priority": "1",
                "Account": "testcall",
                "CallerID": f"<{matching(NUMBER, caller_id)}>",
                "Timeout": str(_TEST_RING_SECONDS * 1000),
                "Variable": [f"DIALER_SOUNDS={matching(NAME, sounds)}"],
                "Async": "true",
            },
        )

    async def ring_agent(self, order: LegOrder) -> None:
        """Call an agent's softphone into the holding bridge."""
        await self._act(
            "Originate",
            {
                "Channel": f"PJSIP/{self._endpoint(order.device)}",
                "ChannelId": matching(NAME, order.leg),
                "ActionID": order.leg,
                "Account": order.leg,
                "Context": "agent",
                "Exten": "s",
                "Priority": "1",
                "CallerID": "<0>",
                "Timeout": str(_LEG_RING_SECONDS * 1000),
                "Async": "true",
            },
        )

    async def join(self, channel: ChannelId, leg: ChannelId, *, mark: bool) -> None:
        """Bridge both; should the leg die, the dialplan knows by its step or by our mark that somebody was there."""
        await self._beginnings.begun(channel)
        if mark:
            await self._act("Setvar", {"Channel": channel, "Variable": "DIALER_JOINED", "Value": "1"})
        try:
            await self._act("Bridge", {"Channel1": channel, "Channel2": leg, "Tone": "no"})
        except TelephonyError:
            if mark:
                await self.link.send("Setvar", {"Channel": channel, "Variable": "DIALER_JOINED", "Value": ""})
            raise

    async def ring_listener(self, channel: ChannelId, device: str) -> None:
        """Call a supervisor's phone; it waits in silence."""
        if not channel.startswith(LISTENER_PREFIX):
            raise TelephonyError("not the name of a listener")
        await self._act(
            "Originate",
            {
                "Channel": f"PJSIP/{self._endpoint(device)}",
                "ChannelId": matching(NAME, channel),
                "ActionID": channel,
                "Account": channel,
                "Context": "listen",
                "Exten": "s",
                "Priority": "1",
                "CallerID": "<0>",
                "Timeout": str(_LEG_RING_SECONDS * 1000),
                "Async": "true",
            },
        )

    async def tell(self, order: TellOrder) -> None:
        """A Local channel: one half plays the sound, the other speaks it into the conversation."""
        await self._act(
            "Originate",
            {
                "Channel": "Local/say@tell/n",
                "Context": "tell",
                "Exten": "hear",
                "Priority": "1",
                "Account": "tell",
                "Timeout": str(_TELL_SECONDS * 1000),
                "Variable": [
                    f"DIALER_HEARS={matching(NAME, order.channel)}",
                    f"DIALER_SOUNDS={matching(NAME, order.sounds)}",
                    f"DIALER_SAYS={matching(NAME, order.message)}",
                    f"DIALER_FOR={matching(NAME, order.listener)}",
                ],
                "Async": "true",
            },
        )

    async def hear(self, channel: ChannelId, target: ChannelId, mode: ListenMode) -> None:
        """The dialplan has a place for each mode."""
        await self._act("Setvar", {"Channel": channel, "Variable": "DIALER_HEARS", "Value": matching(NAME, target)})
        await self._act("Redirect", {"Channel": channel, "Context": "listen", "Exten": mode.value, "Priority": "1"})

    async def hang_up(self, channel: ChannelId, cause: int = 16) -> None:
        """End a channel."""
        try:
            await self._act("Hangup", {"Channel": channel, "Cause": str(cause)})
        except TelephonyError as error:
            if "No such channel" not in str(error):
                raise

    async def route_caller(self, route: CallerRoute) -> None:
        """Set what the dialplan reads in its waiting loop."""
        minutes = "" if route.wait_seconds is None else str(max(1, round(route.wait_seconds / 60)))
        for name, value in (
            ("DIALER_SOUNDS", matching(NAME, route.sounds)),
            ("DIALER_POSITION", str(route.position)),
            ("DIALER_WAIT_MIN", minutes),
            ("DIALER_ROUTE", route.route.value),
        ):
            await self._act("Setvar", {"Channel": route.channel, "Variable": name, "Value": value})

    async def channels(self) -> Sequence[ChannelFact]:
        """Every channel of ours, with its bridge and whether a message has begun."""
        with self._translator.listing() as know:
            answers = await self.link.ask("CoreShowChannels", {})
            rows = [row for row in answers if row.get("Event") == "CoreShowChannel"]
            self.guests = frozenset(
                ChannelId(row["Uniqueid"]) for row in rows if row.get("Channel", "").startswith(f"PJSIP/{ACROSS}")
            )
            facts: list[ChannelFact] = []
            async for fact in in_turns(facts_of(rows)):
                know(fact.channel, fact.kind, "" if fact.holding else fact.bridge)
                facts.append(fact)
        return facts

    async def bring(self, channel: ChannelId, node: str) -> None:
        """Ask `node` for a channel that stands there: an agent's leg, a supervisor's phone, a target.

        A channel of the same id comes about here, and does what such a one does at its beginning: LegIdle, ListenReady
        or TargetReady follows, else Refused or Ended. It ends with the other one, which goes home should this one end.
        """
        kind = kind_of(channel)
        if kind not in MOVABLE:
            raise TelephonyError("nobody whom another node may ask for")
        await self._act(
            "Originate",
            {
                "Channel": f"PJSIP/{matching(NAME, channel)}@{ACROSS}{matching(NAME, node)}",
                "ChannelId": channel,
                "ActionID": channel,
                "Account": channel,
                "Context": MOVABLE[kind],
                "Exten": "s",
                "Priority": "1",
                "CallerID": "<0>",
                "Timeout": str(_BRING_SECONDS * 1000),
                "Async": "true",
            },
        )

    async def knows_phone(self, device: str) -> bool:
        """Whether a phone of this account is registered here."""
        try:
            rows = await self.link.ask("PJSIPShowEndpoint", {"Endpoint": self._endpoint(device)})
        except TelephonyError:
            if self.link.up:
                return False  # no such account
            raise
        return any(row.get("Event") == "ContactStatusDetail" for row in rows)

    async def packets_received(self, legs: Sequence[ChannelId]) -> Mapping[ChannelId, int]:
        """RTP packets received on each leg."""
        if not self._permitted():
            raise TelephonyError("Getvar: not this process's turn")
        rows = [{"Channel": leg, "Variable": "CHANNEL(rtcp,rxcount,audio)"} for leg in legs]
        answers = zip(legs, await self.link.ask_each("Getvar", rows), strict=True)
        values = {leg: answer.get("Value", "") for leg, answer in answers if answer is not None}
        return {leg: int(value) if value.isdigit() else 0 for leg, value in values.items()}

    async def alive(self) -> None:
        """Say that the dialer looks after waiting callers; silent for 20 s, the dialplan says sorry to them."""
        await self._hold()
        seen = self._clock.wall() - self._ahead()  # read by the dialplan's own clock
        await self._act("Setvar", {"Variable": "DIALER_SEEN", "Value": str(int(seen))})

    async def mark_owner(self, owner: str) -> None:
        """A global variable: gone with Asterisk, as the calls are. The last owner's session goes too."""
        await self._hold_new()
        await self._shut_phones()
        if await self.owner() not in ("", owner):
            await self._end_session_before()
        await self._act("Setvar", {"Variable": "DIALER_OWNER", "Value": matching(OWNER, owner)})
        await self._act("Setvar", {"Variable": "DIALER_OWNER_USER", "Value": matching(NAME, self._user)})

    async def _end_session_before(self) -> None:
        """Without it nothing is lost but a second guard: late dials find their line shut in any case."""
        user = (await self.link.send("Getvar", {"Variable": "DIALER_OWNER_USER"})).get("Value", "")
        if self._kicker is None or user in ("", self._user):
            return
        try:
            await self._kicker.end_sessions(matching(NAME, user))
        except TelephonyError as error:
            log.warning("the last owner keeps its session reason=%s", error)

    async def site(self) -> str:
        """Whose Asterisk it is, "" while it is nobody's."""
        return await holder_of(self.link.ask)

    async def mark_site(self, site: str) -> None:
        """Make it this site's, whosever it was."""
        await self._store(*SITE_ROW, matching(NAME, site))

    async def owner(self) -> str:
        """Asked by whoever may have lost the right to act, so without asking for it."""
        return (await self.link.send("Getvar", {"Variable": "DIALER_OWNER"})).get("Value", "")

    # -- events -------------------------------------------------------------------------------------------

    def _on_event(self, headers: Headers) -> None:
        if self._beginnings.see(headers):
            return
        for event in self._translator.feed(headers, self._clock.wall(), self._ahead()):
            self._sink(event)

    def _ahead(self) -> float:
        """Seconds by which our clock is ahead of Asterisk's."""
        return self._skew.ahead(self._clock.monotonic(), self._clock.wall())

    def _on_pong(self, stamp: float, lag: float) -> None:
        self._skew.pong(self._clock.monotonic(), self._clock.wall(), stamp, lag)

    def _on_state(self, up: bool) -> None:
        if not up:
            self._translator.forget()
            self._beginnings.forget()
        at = self._clock.wall()
        self._sink(LinkUp(at=at) if up else LinkDown(at=at))


def _nowhere(_event: object) -> None:
    """The sink before `start`."""
