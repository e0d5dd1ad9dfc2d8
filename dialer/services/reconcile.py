"""Putting the floor right from what exists: the ledger says what was meant, the telephone system's channels what is.

Used at the start (what the last owner left behind), at a take-over, each time the link comes back, and now and then.

A list of channels is true for the moment in which it was made, and events overtake it on the way. So nothing is changed
that changed on the floor while the list was awaited, and that something is *over* is believed only when a second list
says so too: its own event, which tells how it ended, may just be arriving.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from dialer.domain.agent import Agent, AgentEvent, AgentState, LegState
from dialer.domain.call import Call, CallEvent, CallState
from dialer.domain.ids import AttemptId, CampaignId, ChannelId, UserId
from dialer.services.floor import CallInfo, Floor, LiveCall
from dialer.services.ports.clock import Clock
from dialer.services.ports.duty import DutyRecord
from dialer.services.ports.engine import BorrowedLine
from dialer.services.ports.ledger import Ledger, LiveAttempt
from dialer.services.ports.telephony import ChannelFact, ChannelKind, Telephony, TelephonyError
from dialer.services.tasks import in_turns
from dialer.services.tracker import Tracker

log = logging.getLogger(__name__)

_UNANSWERED = (CallState.CLAIMED, CallState.DIALING, CallState.RINGING)
_AWAY = (CallState.HELD, CallState.HANDED)
_LEFT = (CallState.HANDED, CallState.SURVEY)
"""The call goes on without the agent, who files its outcome."""
_ALONE = (CallState.ANSWERED, CallState.WAITING, CallState.RESCUE, *_AWAY)
_SETTLING_SECONDS = 3.0
"""A claim younger than this may not have a channel yet: its order is still on the way."""
_CLAIM_OVER_SECONDS = 10.0
"""A claim is given up after three seconds: an agent who is reserved for none by then was forgotten."""
_SECOND_LOOK = 0.3
"""Seconds between two lists: far longer than an event is on its way, far shorter than anybody may be left waiting."""

_Leg = tuple[UserId, LegState, ChannelId | None]
_Doubt = AttemptId | LiveCall | _Leg
"""What a list denies: that a call has a channel, that a conversation is as we know it, that a leg is."""


@dataclass(slots=True)
class _Look:
    """The floor as it was when a list was asked for, and what the list denies of it."""

    calls: Sequence[LiveCall]
    legs: frozenset[_Leg]
    doubts: set[_Doubt] = field(default_factory=set)


class Reconciler:
    """Compares and corrects."""

    def __init__(
        self,
        floor: Floor,
        tracker: Tracker,
        telephony: Telephony,
        ledger: Ledger,
        clock: Clock,
        *,
        listeners: Callable[[Collection[ChannelId]], None],
        transfers: Callable[[Collection[ChannelFact]], None] = lambda _: None,
        person_within: Callable[[CampaignId], float],
        borrowed: Callable[[UUID], BorrowedLine | None] = lambda _: None,
    ) -> None:
        """`listeners`: told at each look which supervisors' channels there are.

        `transfers`: told at each look which channels there are. `person_within`: what a campaign promises who answers,
        in seconds. `borrowed`: a line of another team's queue by its id.
        """
        self._borrowed = borrowed
        self._listeners = listeners
        self._transfers = transfers
        self._person_within = person_within
        self._floor = floor
        self._tracker = tracker
        self._telephony = telephony
        self._ledger = ledger
        self._clock = clock

    def restore_agents(self, records: Sequence[DutyRecord]) -> None:
        """Agents as they were stored; calls are adopted afterwards."""
        at = self._clock.wall()
        for record in records:
            before = self._floor.agent(record.user)
            state, attempt = record.state, record.attempt
            if attempt is not None and any(attempt == wrap_up.attempt for wrap_up in record.wrap_ups):
                state = AgentState.WRAP_UP
            elif attempt is None and state is AgentState.RESERVED:
                state = AgentState.AVAILABLE  # reserved for a claim that came to nothing
            after = replace(
                before,
                state=state,
                since=record.since,
                reason=record.reason,
                device=record.device,
                attempt=attempt,
            )
            self._floor.put(before, after, at)

    async def adopt(
        self, campaigns: Sequence[CampaignId], *, older: float = 0.0, but: Collection[AttemptId] = ()
    ) -> Sequence[LiveAttempt]:
        """Take over the live attempts of campaigns that are ours; returns them.

        Left out are those claimed less than `older` seconds ago, and those in `but`: known before the ledger was asked.
        """
        records = await self._ledger.live(campaigns, but)
        known = {*but, *(live.call.attempt for live in self._floor.calls())}
        until = self._clock.wall() - older
        taken = [record for record in records if record.attempt not in known and record.claimed_wall <= until]
        for record in taken:
            live = LiveCall(_call(record, self._person_within(record.campaign)), self._info(record))
            self._floor.add(live)
            self._reserve_again(live)
        if taken:
            log.info("adopted attempts count=%d", len(taken))
        return taken

    def _info(self, record: LiveAttempt) -> CallInfo:
        return CallInfo(
            campaign=record.campaign,
            client=record.client,
            case=record.case,
            ready_at=record.claimed_wall if record.direction.comes_in else None,
            callback=record.callback,
            settles=record.agent if record.state in _LEFT else None,
            borrowed=None if record.overflow is None else self._borrowed(record.overflow),
        )

    def _reserve_again(self, live: LiveCall) -> None:
        """Whom a call that still waits was placed for is kept for it, even if that was not stored in time."""
        user = live.call.agent
        if user is None or live.call.direction.comes_in or live.call.state not in (*_UNANSWERED, CallState.ANSWERED):
            return
        agent = self._floor.agent(user)
        if agent.attempt is None and agent.state is AgentState.AVAILABLE:
            self._floor.try_act(user, AgentEvent.RESERVE, self._clock.wall(), attempt=live.call.attempt)

    async def put_right(self) -> bool:
        """Compare every call and leg with the channels that exist; False when the telephone system did not tell."""
        try:
            doubts = await self._look(frozenset())
            if doubts:
                await asyncio.sleep(_SECOND_LOOK)
                await self._look(doubts)
        except TelephonyError as error:
            log.warning("channels not listed reason=%s", error)
            return False
        self._free_the_forgotten()
        return True

    async def _look(self, doubted: Collection[_Doubt]) -> Collection[_Doubt]:
        """Act on one list. What it denies is acted on when it was `doubted` before, else returned."""
        look = _Look(
            list(self._floor.calls()),
            frozenset(map(_leg, self._floor.agents())),
        )
        facts = {fact.channel: fact for fact in await self._telephony.channels()}
        with_resident = {fact.target for fact in facts.values()}  # who took a call over is in it, and no listener
        ears = [fact.channel for fact in facts.values() if fact.kind is ChannelKind.LISTENER]
        self._listeners([channel for channel in ears if channel not in with_resident])
        self._transfers(facts.values())
        await self._legs(look, facts, doubted)
        async for live in in_turns(look.calls):
            current = self._floor.live(live.call.attempt)
            fact = facts.get(live.call.channel)
            if current is not None and fact is None:
                self._missed(look, live, current, doubted)
            elif current is live and fact is not None:
                self._call(look, live, fact, facts, doubted)
        return look.doubts

    # -- calls --------------------------------------------------------------------------------------------

    def _missed(self, look: _Look, live: LiveCall, current: LiveCall, doubted: Collection[_Doubt]) -> None:
        """A call without a channel. `live`: as it was when the list was asked for.

        It may change all the while, as one does to which agent after agent is to be joined in vain: what has had a
        channel has it no more. A claim gets its channel only when its order is carried out.
        """
        if live.call.state is CallState.CLAIMED:
            young = self._clock.wall() - live.call.claimed_at < _SETTLING_SECONDS
            if young or current is not live:
                return
        if live.call.attempt in doubted:
            log.info("call is gone attempt=%s state=%s", live.call.attempt, current.call.state)
            self._tracker.vanished(current)
        else:
            look.doubts.add(live.call.attempt)

    def _call(
        self,
        look: _Look,
        live: LiveCall,
        fact: ChannelFact,
        facts: Mapping[ChannelId, ChannelFact],
        doubted: Collection[_Doubt],
    ) -> None:
        now = self._clock.wall()
        if fact.up and live.call.state in _UNANSWERED:
            live = self._floor.advance(live, CallEvent.ANSWERED, now) or live
        if fact.message_started and fact.talking_to is None and live.call.state in _ALONE:
            if live.call.state in _AWAY:
                live = self._floor.advance(live, CallEvent.AGENT_LOST, now) or live
            self._floor.advance(live, CallEvent.MESSAGE_STARTED, now)
            return
        if fact.surveyed and live.call.state is CallState.JOINED:  # it began while nobody looked
            self._tracker.left_for_survey(live, now)
            return
        agent = self._floor.agent_of_leg(fact.talking_to) if fact.talking_to is not None else None
        if agent is not None and live.call.state in _ALONE:
            live = self._floor.amend(live, agent=agent.user)
            live = self._floor.advance(live, CallEvent.JOINED, now) or live
        elif agent is None and live.call.state in (CallState.JOINED, *_AWAY):
            away = None if fact.target is None else facts.get(fact.target)
            given = away.channel if away is not None and away.kind is ChannelKind.TARGET else live.info.target
            live = self._without_agent(look, live, fact, given, doubted) or live
        if live.call.state in (CallState.JOINED, CallState.HELD, CallState.RESCUE) and live.call.agent is not None:
            self._bind(live, now)

    def _without_agent(
        self,
        look: _Look,
        live: LiveCall,
        fact: ChannelFact,
        given: ChannelId | None,
        doubted: Collection[_Doubt],
    ) -> LiveCall | None:
        """A conversation that was, and no agent's leg is in it: music, somebody outside, or the agent is lost.

        `given`: to whom it was given; a supervisor who took over is nobody whose goodbye ends it.
        """
        now = self._clock.wall()
        state = CallState.HELD if fact.on_hold else CallState.HANDED if fact.target is not None else None
        if live.call.state is state:
            return live if live.info.target == given else self._floor.amend(live, info=replace(live.info, target=given))
        if live not in doubted:
            look.doubts.add(live)
            return live
        if fact.target is not None:
            self._tracker.given_away(live, given, now)
            return self._floor.live(live.call.attempt)
        event = CallEvent.HELD if fact.on_hold and live.call.state is CallState.JOINED else CallEvent.AGENT_LOST
        return self._floor.advance(live, event, now)

    def _bind(self, live: LiveCall, now: float) -> None:
        """The agent of a conversation is in that conversation, whatever was stored last."""
        user = live.call.agent
        if user is None:
            return
        agent = self._floor.agent(user)
        if agent.state is not AgentState.TALKING or agent.attempt != live.call.attempt:
            self._floor.put(agent, replace(agent, state=AgentState.TALKING, since=now, attempt=live.call.attempt), now)

    # -- agents -------------------------------------------------------------------------------------------

    async def _legs(self, look: _Look, facts: Mapping[ChannelId, ChannelFact], doubted: Collection[_Doubt]) -> None:
        now = self._clock.wall()
        for agent in self._floor.agents():
            missing = agent.leg_channel is not None and agent.leg_channel not in facts
            if missing and agent.leg is not LegState.CALLING and self._denied(look, agent, doubted):
                self._floor.set_leg(agent.user, now, leg=LegState.NONE, channel=None, hears=False)
        async for fact in in_turns(facts.values()):
            if fact.kind is not ChannelKind.AGENT or not fact.up:
                continue
            owner = self._owner(fact.channel)
            if owner is None or owner.state is AgentState.OFF or owner.leg_channel not in (None, fact.channel):
                continue
            leg = LegState.IN_CALL if fact.talking_to is not None or fact.consults else LegState.IDLE
            new = owner.leg_channel is None and _leg(owner) in look.legs
            if new or (owner.leg is not leg and self._denied(look, owner, doubted)):
                self._floor.set_leg(owner.user, now, leg=leg, channel=fact.channel)
                self._tracker.leg_known(fact.channel)

    def _denied(self, look: _Look, agent: Agent, doubted: Collection[_Doubt]) -> bool:
        """Whether the list's word against the floor's on this leg is to be acted on."""
        leg = _leg(agent)
        if leg in look.legs:
            look.doubts.add(leg)
        return leg in look.legs and leg in doubted

    def _owner(self, leg: ChannelId) -> Agent | None:
        user = user_of_leg(leg)
        return None if user is None else self._floor.agent(user)

    def _free_the_forgotten(self) -> None:
        """Nobody stays reserved or talking for a call that is over, nor reserved for a claim that never came."""
        now = self._clock.wall()
        live = {call.call.attempt for call in self._floor.calls()}
        for agent in self._floor.agents():
            if agent.attempt in live or (agent.attempt is None and now - agent.since < _CLAIM_OVER_SECONDS):
                continue
            if agent.state is AgentState.RESERVED:
                self._floor.try_act(agent.user, AgentEvent.RELEASE, now)
            elif agent.state is AgentState.TALKING:
                self._floor.try_act(agent.user, AgentEvent.CALL_OVER, now)


def _leg(agent: Agent) -> _Leg:
    return (agent.user, agent.leg, agent.leg_channel)


def user_of_leg(leg: ChannelId) -> UserId | None:
    """Whose leg a channel id `leg.<user>.<n>` names."""
    parts = leg.split(".")
    try:
        return UserId(UUID(parts[1])) if len(parts) == 3 else None
    except ValueError:
        return None


def _call(record: LiveAttempt, person_within: float) -> Call:
    return Call(
        attempt=record.attempt,
        direction=record.direction,
        channel=record.channel,
        state=CallState(record.state),
        agent=None if record.state in _LEFT else record.agent,  # he has left; see `_info`
        claimed_at=record.claimed_wall,
        answered_at=record.answered_wall,
        joined_at=record.joined_wall,
        surveyed_at=record.surveyed_wall,
        person_within=person_within,
    )
