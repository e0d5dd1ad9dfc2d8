"""The floor: every agent and every live call of this process, in memory. Changed only here, told to whoever listens.

Live counts are counted from these sets, never kept with plus and minus; sets that are asked for often (who is free,
which calls are in a state) are kept beside, changed only where the whole is. What must outlive the process goes to the
ledger and the duty store through the journal; what is here can be made anew from them and from the telephone system's
list of channels.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from uuid import UUID

from dialer.domain import agent as agents
from dialer.domain import call as calls
from dialer.domain.agent import Agent, AgentEvent, LegState
from dialer.domain.call import Call, CallEvent, CallState
from dialer.domain.errors import IllegalTransitionError, NotFoundError
from dialer.domain.ids import AttemptId, CampaignId, CaseId, ChannelId, ClientId, DeliveryId, PhoneId, UserId
from dialer.domain.listening import Listener
from dialer.domain.recording import Recording
from dialer.pacing.view import RingView
from dialer.services.ports.engine import BorrowedLine

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallInfo:
    """What the floor knows of a call beside its state."""

    campaign: CampaignId
    client: ClientId
    case: CaseId | None
    phone: PhoneId | None = None
    delivery: DeliveryId | None = None
    seq: int = 0
    ready_at: float | None = None  # inbound: the greeting has been heard, may be joined
    closed: bool = False  # inbound: was told that nobody takes calls now, and nobody does
    known_number: bool = False
    reserved: UserId | None = None  # the case asks for this agent
    language: str = ""  # the resident's; "" not known
    callback: UUID | None = None  # the request that an agent had dialled: whose number it is, nobody knows yet
    borrowed: BorrowedLine | None = None  # the line of another team's queue on which it came
    silent: bool = False  # no sound comes from the line of whoever is in conversation
    listener: Listener | None = None  # a supervisor who hears it, or is about to
    recording: Recording | None = None  # the resident was asked, and it runs, pauses or was refused
    target: ChannelId | None = None  # of whom the call was given to, outside
    settles: UserId | None = None  # who files its outcome: whoever gave it to somebody outside


@dataclass(frozen=True, slots=True)
class LiveCall:
    """A call and its facts."""

    call: Call
    info: CallInfo


_UNANSWERED = frozenset({CallState.CLAIMED, CallState.DIALING, CallState.RINGING})

CallListener = Callable[[LiveCall, CallEvent, float], None]
AgentListener = Callable[[Agent, Agent, float], None]
SoundListener = Callable[[LiveCall], None]


class Floor:
    """Agents on duty and live calls."""

    def __init__(self) -> None:
        self._agents: dict[UserId, Agent] = {}
        self._free: dict[UserId, Agent] = {}
        self._free_in_order: list[Agent] | None = None  # until somebody comes or goes
        self._calls: dict[AttemptId, LiveCall] = {}
        self._by_state: dict[CallState, dict[AttemptId, LiveCall]] = {state: {} for state in CallState}
        self._unanswered: dict[CampaignId, dict[AttemptId, LiveCall]] = {}  # outbound dials that are out or claimed
        self._rings: dict[CampaignId, dict[AttemptId, RingView]] = {}  # of these, those that ring for anybody
        self._of_campaign: dict[CampaignId, dict[AttemptId, LiveCall]] = {}
        self._by_channel: dict[ChannelId, AttemptId] = {}
        self._by_leg: dict[ChannelId, UserId] = {}
        self._ends: dict[AttemptId, list[asyncio.Future[None]]] = {}
        self._call_listeners: list[CallListener] = []
        self._agent_listeners: list[AgentListener] = []
        self._sound_listeners: list[SoundListener] = []
        self._ear_listeners: list[SoundListener] = []
        self.illegal = 0
        """Events that a state machine refused, for the metrics."""

    def listen(
        self,
        *,
        calls: CallListener | None = None,
        agents: AgentListener | None = None,
        sound: SoundListener | None = None,
        ears: SoundListener | None = None,
    ) -> None:
        """Be told after each change: of a call (with the event), of an agent (before, after), of a line's sound, of who
        listens to a call or how its recording stands."""
        if calls is not None:
            self._call_listeners.append(calls)
        if agents is not None:
            self._agent_listeners.append(agents)
        if sound is not None:
            self._sound_listeners.append(sound)
        if ears is not None:
            self._ear_listeners.append(ears)

    # -- agents -------------------------------------------------------------------------------------------

    def agent(self, user: UserId) -> Agent:
        """The agent; one never seen is off duty."""
        return self._agents.get(user) or Agent(user=user)

    def agents(self) -> list[Agent]:
        """Everybody this process knows."""
        return list(self._agents.values())

    def agent_of_leg(self, leg: ChannelId) -> Agent | None:
        """Whose standing leg this is."""
        user = self._by_leg.get(leg)
        return None if user is None else self._agents[user]

    def free_agents(self) -> list[Agent]:
        """Who may be joined now, longest idle first."""
        if self._free_in_order is None:
            self._free_in_order = sorted(self._free.values(), key=lambda a: (a.since, a.user.int))
        return self._free_in_order.copy()

    def act(
        self, user: UserId, event: AgentEvent, at: float, *, attempt: AttemptId | None = None, reason: str = ""
    ) -> Agent:
        """Feed one event to an agent. Raises IllegalTransitionError and changes nothing."""
        before = self.agent(user)
        return self.put(before, agents.advance(before, event, at, attempt=attempt, reason=reason), at)

    def try_act(self, user: UserId, event: AgentEvent, at: float, *, attempt: AttemptId | None = None) -> bool:
        """As `act`, but an event that comes out of order is counted, not raised: facts arrive as they do."""
        try:
            self.act(user, event, at, attempt=attempt)
        except IllegalTransitionError as error:
            self._refused(error, user=str(user))
            return False
        return True

    def set_leg(
        self, user: UserId, at: float, *, leg: LegState, channel: ChannelId | None, hears: bool | None = None
    ) -> Agent:
        """What is known of the agent's standing leg."""
        before = self.agent(user)
        hears_now = before.hears if hears is None else hears
        after = replace(before, leg=leg, leg_channel=channel, hears=hears_now and leg is not LegState.NONE)
        return self.put(before, after, at)

    def tell(self, user: UserId) -> None:
        """Something of the agent has changed that the floor does not hold."""
        agent = self.agent(user)
        for listener in self._agent_listeners:
            listener(agent, agent, agent.since)

    def set_device(self, user: UserId, device: str, at: float) -> Agent:
        """Which SIP account rings for this agent."""
        before = self.agent(user)
        return self.put(before, replace(before, device=device), at)

    def put(self, before: Agent, after: Agent, at: float) -> Agent:
        """Store and tell."""
        if before.leg_channel != after.leg_channel:
            if before.leg_channel is not None:
                self._by_leg.pop(before.leg_channel, None)
            if after.leg_channel is not None:
                self._by_leg[after.leg_channel] = after.user
        self._agents[after.user] = after
        if after.free or after.user in self._free:
            self._free_in_order = None
            if after.free:
                self._free[after.user] = after
            else:
                del self._free[after.user]
        if before != after:
            for listener in self._agent_listeners:
                listener(before, after, at)
        return after

    # -- calls --------------------------------------------------------------------------------------------

    def add(self, live: LiveCall) -> None:
        """A call begins."""
        self._keep(live)
        self._by_channel[live.call.channel] = live.call.attempt

    def _keep(self, live: LiveCall) -> None:
        """The call as it is now, in every set it belongs to."""
        call = live.call
        before = self._calls.get(call.attempt)
        if before is not None and before.call.state is not call.state:
            self._by_state[before.call.state].pop(call.attempt, None)
        if before is not None and before.info.campaign != live.info.campaign:
            self._of_campaign[before.info.campaign].pop(call.attempt, None)
        self._calls[call.attempt] = live
        self._of_campaign.setdefault(live.info.campaign, {})[call.attempt] = live
        self._by_state[call.state][call.attempt] = live
        if call.state in _UNANSWERED:
            self._unanswered.setdefault(live.info.campaign, {})[call.attempt] = live
            self._ring(live)
        elif before is not None and before.call.state in _UNANSWERED:
            self._answered(before)

    def _ring(self, live: LiveCall) -> None:
        """As the pacer sees it: thousands are looked at twenty times a second, of which a few changed."""
        call, rings = live.call, self._rings.setdefault(live.info.campaign, {})
        if call.agent is None:
            rings[call.attempt] = RingView(call.attempt, call.claimed_at if call.dialed_at is None else call.dialed_at)
        else:
            rings.pop(call.attempt, None)

    def _drop(self, attempt: AttemptId) -> None:
        before = self._calls.pop(attempt, None)
        if before is not None:
            self._by_channel.pop(before.call.channel, None)
            self._of_campaign[before.info.campaign].pop(attempt, None)
            self._by_state[before.call.state].pop(attempt, None)
            if before.call.state in _UNANSWERED:
                self._answered(before)

    def _answered(self, before: LiveCall) -> None:
        others = self._unanswered[before.info.campaign]
        others.pop(before.call.attempt, None)
        self._rings[before.info.campaign].pop(before.call.attempt, None)
        if not others:
            del self._unanswered[before.info.campaign], self._rings[before.info.campaign]

    def call(self, attempt: AttemptId) -> LiveCall:
        """A live call. Raises NotFoundError."""
        try:
            return self._calls[attempt]
        except KeyError:
            raise NotFoundError("the call is over") from None

    def live(self, attempt: AttemptId) -> LiveCall | None:
        """The call, while it lives."""
        return self._calls.get(attempt)

    def find(self, channel: ChannelId) -> LiveCall | None:
        """The live call of a resident's or caller's channel."""
        attempt = self._by_channel.get(channel)
        return None if attempt is None else self._calls[attempt]

    def when_over(self, attempt: AttemptId) -> asyncio.Future[None]:
        """Done once the conversation has ended: with the call, or a survey follows (at once when it has already)."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if attempt in self._calls and self._calls[attempt].call.state is not CallState.SURVEY:
            self._ends.setdefault(attempt, []).append(future)
        else:
            future.set_result(None)
        return future

    def calls(self) -> Iterator[LiveCall]:
        """All live calls."""
        return iter(list(self._calls.values()))

    def advance(
        self,
        live: LiveCall,
        event: CallEvent,
        at: float,
        *,
        cause: int = 0,
        sip_code: int = 0,
        early_media: bool = False,
    ) -> LiveCall | None:
        """Feed one event to a call; None when it does not fit the call's state (counted, nothing changed)."""
        try:
            call = calls.advance(live.call, event, at, cause=cause, sip_code=sip_code, early_media=early_media)
        except IllegalTransitionError as error:
            self._refused(error, attempt=str(live.call.attempt))
            return None
        after = LiveCall(call, live.info)
        if call.live:
            self._keep(after)
        else:
            self._drop(call.attempt)
        for listener in self._call_listeners:
            listener(after, event, at)
        if not call.live or call.state is CallState.SURVEY:
            for future in self._ends.pop(call.attempt, ()):
                if not future.done():
                    future.set_result(None)
        return after

    def amend(self, live: LiveCall, *, info: CallInfo | None = None, **changes: object) -> LiveCall:
        """Change facts of a call that are no state: its agent, our intent, what the case asks for."""
        call = replace(live.call, **changes) if changes else live.call  # type: ignore[arg-type]  # names checked there
        after = LiveCall(call, info or live.info)
        self._keep(after)
        return after

    def set_silent(self, live: LiveCall, silent: bool) -> None:
        """Whether the line of whoever is in conversation brings no sound. No state: nothing is decided by it."""
        after = self.amend(live, info=replace(live.info, silent=silent))
        for listener in self._sound_listeners:
            listener(after)

    def set_listener(self, attempt: AttemptId, listener: Listener | None) -> None:
        """Who listens to a call; one that is over has nobody."""
        live = self._calls.get(attempt)
        if live is None:
            return
        after = self.amend(live, info=replace(live.info, listener=listener))
        for told in self._ear_listeners:
            told(after)

    def set_recording(self, attempt: AttemptId, recording: Recording) -> None:
        """How a call's recording stands; one that is over has none."""
        live = self._calls.get(attempt)
        if live is None:
            return
        after = self.amend(live, info=replace(live.info, recording=recording))
        for told in self._ear_listeners:
            told(after)

    def shift(self, seconds: float) -> None:
        """The wall clock has been put forth by so much: nobody rings, waits or idles any longer for that."""
        for live in self.calls():
            ready_at = live.info.ready_at
            info = live.info if ready_at is None else replace(live.info, ready_at=ready_at + seconds)
            self._keep(LiveCall(live.call.shifted(seconds), info))
        for agent in self.agents():
            after = replace(agent, since=agent.since + seconds)
            self.put(agent, after, after.since)

    def _refused(self, error: IllegalTransitionError, **ids: str) -> None:
        self.illegal += 1
        words = " ".join(f"{key}={value}" for key, value in ids.items())
        log.warning(
            "event out of order machine=%s state=%s event=%s %s", error.machine, error.state, error.event, words
        )

    # -- who talks ----------------------------------------------------------------------------------------

    def joined(self) -> list[LiveCall]:
        """Conversations under way."""
        return list(self._by_state[CallState.JOINED].values())

    def given_away(self) -> list[LiveCall]:
        """Calls that were given to somebody outside, those whose people have just lost each other included."""
        found = [*self._by_state[CallState.HANDED].values(), *self._by_state[CallState.RESCUE].values()]
        return [live for live in found if live.info.target is not None]

    def in_conversation(self, attempt: AttemptId) -> LiveCall | None:
        """The call, while it is one."""
        return self._by_state[CallState.JOINED].get(attempt)

    # -- who waits ----------------------------------------------------------------------------------------

    def rescues(self) -> list[LiveCall]:
        """Residents whose agent's leg died, longest first."""
        return sorted(self._by_state[CallState.RESCUE].values(), key=lambda c: c.call.lost_at or 0.0)

    def unjoined(self, now: float) -> list[LiveCall]:
        """Residents who answered and can still be joined, the longest waiting first."""
        found = [c for c in self._by_state[CallState.ANSWERED].values() if c.call.may_join(now)]
        return sorted(found, key=lambda c: c.call.answered_at or 0.0)

    def queue(self) -> list[LiveCall]:
        """Inbound callers who have heard the greeting, the first to come first; another team's may go after ours."""
        found = [c for c in self.expected() if c.info.ready_at is not None]
        return sorted(found, key=lambda c: (_goes_after(c), c.call.claimed_at, c.call.attempt.int))

    def inbound_waiting(self) -> int:
        """Callers for whom an agent is expected, greeting included."""
        return len(self.expected())

    def callers_of(self, campaign: CampaignId) -> int:
        """Callers on a campaign's line for whom an agent is expected, greeting included."""
        return sum(live.info.campaign == campaign for live in self.expected())

    def expected(self) -> list[LiveCall]:
        """Callers for whom an agent is expected, greeting included."""
        return [live for live in self._by_state[CallState.WAITING].values() if not live.info.closed]

    def in_flight(self, campaign: CampaignId) -> list[LiveCall]:
        """Outbound dials of a campaign that are not answered yet."""
        return list(self._unanswered.get(campaign, {}).values())

    def rings(self, campaign: CampaignId) -> list[RingView]:
        """The same as the pacer sees them: those without an agent of their own, each since its dial or its claim."""
        return list(self._rings.get(campaign, {}).values())

    def lines(self) -> int:
        """Calls that hold a line of the trunk now, either way."""
        return len(self._calls)

    def lines_of(self, campaign: CampaignId) -> int:
        """The same, of one campaign."""
        return len(self._of_campaign.get(campaign, ()))

    def busy_with(self, user: UserId) -> LiveCall | None:
        """The call an agent is reserved for or talks in."""
        attempt = self.agent(user).attempt
        return None if attempt is None else self._calls.get(attempt)


def _goes_after(live: LiveCall) -> bool:
    return live.info.borrowed is not None and live.info.borrowed.line.after_own
