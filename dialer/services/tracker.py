"""Telephone events to changes of the floor: the sole owner of calls' and legs' states.

Synchronous from event to decision: nothing here waits, so an answered resident is joined in the same turn of the loop
in which Asterisk's event arrives. What the change asks for (a join, a journal entry) is started here or by listeners.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from dialer.domain.agent import Agent, AgentEvent, AgentState, LegState
from dialer.domain.call import CallEvent, CallState, Direction, Intent
from dialer.domain.causes import OUR_FAULT, is_abandoned, machine_result
from dialer.domain.ids import ChannelId
from dialer.services.floor import Floor, LiveCall
from dialer.services.journal import Journal
from dialer.services.ports.clock import Clock
from dialer.services.ports.ledger import CallEnd, CallFact
from dialer.services.ports.surveying import SurveyBegun
from dialer.services.ports.switching import Gathered, HandedOver, Met, OnHold, SwitchingEvent, TargetReady
from dialer.services.ports.telephony import (
    AgentLost,
    Answered,
    CallerArrived,
    CallerChose,
    CallerReady,
    Dialed,
    Ended,
    GivenBack,
    Hearing,
    Joined,
    LegIdle,
    LinkDown,
    LinkUp,
    ListenReady,
    MessageStarted,
    Rang,
    Refused,
    TelephonyEvent,
    Told,
)

log = logging.getLogger(__name__)

RING_TIMEOUT_REASON = 3
"""`Reason` of an OriginateResponse when Asterisk's own ring limit ended the call."""

_PROGRESS = {
    Dialed: CallEvent.DIALED,
    Rang: CallEvent.RANG,
    Answered: CallEvent.ANSWERED,
    AgentLost: CallEvent.AGENT_LOST,
}


_SWITCHES = (OnHold, TargetReady, Met, Gathered, HandedOver, Joined, AgentLost, Ended, Refused, LegIdle)


class Tracker:
    """Feed it events; read the floor."""

    def __init__(
        self,
        floor: Floor,
        journal: Journal,
        clock: Clock,
        *,
        on_caller: Callable[[CallerArrived | CallerReady | CallerChose | GivenBack], None],
        on_link: Callable[[bool], None],
        on_waiting: Callable[[], None],
        on_leg: Callable[[ChannelId, LegState], None],
        on_listener: Callable[[ListenReady | Told | Hearing | Ended | Refused], None],
        on_switch: Callable[[TelephonyEvent], None] = lambda _: None,
    ) -> None:
        """`on_waiting`: somebody may be joinable now (an answer, a free agent, a lost leg).

        `on_listener`: told of every end that is nobody's call and nobody's leg, too. `on_switch`: told of all that may
        concern a call that goes from one to another, once the floor has it.
        """
        self._on_switch = on_switch
        self._on_listener = on_listener
        self._floor = floor
        self._journal = journal
        self._clock = clock
        self._on_caller = on_caller
        self._on_link = on_link
        self._on_waiting = on_waiting
        self._on_leg = on_leg
        floor.listen(calls=self._note)

    def handle(self, event: TelephonyEvent) -> None:
        """One event, in order. Never raises into the link."""
        try:
            self._handle(event)
            if isinstance(event, _SWITCHES):
                self._on_switch(event)
        except Exception:  # one event that breaks us must not end the others' calls
            log.exception("event not handled kind=%s", type(event).__name__)

    def _handle(self, event: TelephonyEvent) -> None:
        match event:
            case Dialed() | Rang() | Answered() | AgentLost():
                self._progress(event)
            case Joined():
                self._joined(event)
            case MessageStarted():
                self._message(event)
            case SurveyBegun():
                self._survey(event)
            case Refused():
                self._refused(event)
            case Ended():
                self._ended(event)
            case LegIdle():
                self._leg_idle(event)
            case CallerArrived() | CallerReady() | CallerChose() | GivenBack():
                self._on_caller(event)
            case ListenReady() | Told() | Hearing():
                self._on_listener(event)
            case OnHold() | Gathered() | Met() | HandedOver() | TargetReady():
                self._switched(event)
            case LinkUp() | LinkDown():
                self._on_link(isinstance(event, LinkUp))

    def _progress(self, event: Dialed | Rang | Answered | AgentLost) -> None:
        early_media = isinstance(event, Rang) and event.early_media
        after = self._move(event.channel, _PROGRESS[type(event)], event.at, early_media=early_media)
        if after is not None and isinstance(event, Answered | AgentLost):
            self._on_waiting()

    def _move(self, channel: ChannelId, event: CallEvent, at: float, *, early_media: bool = False) -> LiveCall | None:
        live = self._floor.find(channel)
        if live is None:
            return None
        return self._floor.advance(live, event, at, early_media=early_media)

    # -- joins --------------------------------------------------------------------------------------------

    def _joined(self, event: Joined) -> None:
        live = self._floor.find(event.channel)
        agent = self._floor.agent_of_leg(event.leg)
        if live is None or agent is None:
            log.error("join of unknown legs call=%s agent=%s", live is not None, agent is not None)
            return
        before = live.call.agent
        if before == agent.user and live.call.state is CallState.JOINED:
            return  # two of three talk on
        if before != agent.user:
            live = self._floor.amend(live, agent=agent.user)
            if before is not None and self._floor.agent(before).attempt == live.call.attempt:
                self._floor.try_act(before, AgentEvent.RELEASE, event.at)
        self._floor.set_leg(agent.user, event.at, leg=LegState.IN_CALL, channel=event.leg)
        self._floor.try_act(agent.user, AgentEvent.JOINED, event.at, attempt=live.call.attempt)
        self._floor.advance(live, CallEvent.JOINED, event.at)

    def _switched(self, event: SwitchingEvent) -> None:
        """The call goes from one to another; a target that has answered is nobody's call and nobody's leg."""
        match event:
            case OnHold():
                self._move(event.channel, CallEvent.HELD, event.at)
            case Gathered():
                self._move(event.channel, CallEvent.GATHERED, event.at)
            case Met():
                self._met(event)
            case HandedOver():
                self._handed_over(event)

    def _met(self, event: Met) -> None:
        """An agent speaks with somebody else than a resident: a colleague's leg is busy as well."""
        for channel in event.channels:
            agent = self._floor.agent_of_leg(channel)
            if agent is not None:
                self._floor.set_leg(agent.user, event.at, leg=LegState.IN_CALL, channel=channel)

    def _handed_over(self, event: HandedOver) -> None:
        live = self._floor.find(event.channel)
        if live is not None:
            self.given_away(live, event.target, event.at)

    def given_away(self, live: LiveCall, target: ChannelId | None, at: float) -> None:
        """The resident talks with somebody outside. Whoever gave the call files its outcome, and need not wait.

        `target`: whose goodbye ends the call; None: nobody's.
        """
        user = live.call.agent
        settles = live.info.settles if user is None else user
        live = self._floor.amend(live, info=replace(live.info, target=target, settles=settles), agent=None)
        after = self._floor.advance(live, CallEvent.HANDED, at)
        if after is not None and user is not None and self._floor.agent(user).attempt == live.call.attempt:
            self._floor.try_act(user, AgentEvent.CALL_OVER, at)

    def _survey(self, event: SurveyBegun) -> None:
        live = self._floor.find(event.channel)
        if live is not None:
            self.left_for_survey(live, event.at)

    def left_for_survey(self, live: LiveCall, at: float) -> None:
        """The conversation is over and the resident is asked two questions: the agent's wrap-up begins, at once."""
        if live.call.state is not CallState.JOINED:
            return
        user = live.call.agent
        settles = live.info.settles or user
        before = live
        live = self._floor.amend(live, info=replace(live.info, settles=settles), agent=None)
        if self._floor.advance(live, CallEvent.SURVEYED, at) is not None:
            self._let_go(before, at)

    def _message(self, event: MessageStarted) -> None:
        live = self._move(event.channel, CallEvent.MESSAGE_STARTED, event.at)
        if live is not None:
            self._let_go(live, event.at)

    def _refused(self, event: Refused) -> None:
        agent = self._floor.agent_of_leg(event.channel)
        if agent is not None:  # the softphone is not registered, or nobody took it up
            self._leg_gone(agent, event.channel, event.at)
            return
        live = self._floor.find(event.channel)
        if live is None:
            self._on_listener(event)
            return
        if event.reason == RING_TIMEOUT_REASON:
            live = self._floor.amend(live, intent=Intent.RING_TIMEOUT)
        self._close(live, CallEvent.REFUSED, event.at)

    # -- ends ---------------------------------------------------------------------------------------------

    def _ended(self, event: Ended) -> None:
        agent = self._floor.agent_of_leg(event.channel)
        if agent is not None:
            self._leg_gone(agent, event.channel, event.at)
            return
        live = self._floor.find(event.channel)
        if live is not None:
            self._close(live, CallEvent.ENDED, event.at, cause=event.cause, sip_code=event.sip_code)
        else:
            self._on_listener(event)

    def _leg_gone(self, agent: Agent, leg: ChannelId, at: float) -> None:
        self._floor.set_leg(agent.user, at, leg=LegState.NONE, channel=None, hears=False)
        self._on_leg(leg, LegState.NONE)

    def leg_known(self, leg: ChannelId) -> None:
        """A leg was found that exists already; listen to it."""
        self._on_leg(leg, LegState.IDLE)

    def vanished(self, live: LiveCall) -> None:
        """The call's channel is gone and no event told us how."""
        self._close(self._floor.amend(live, vanished=True), CallEvent.ENDED, self._clock.wall())

    def withdraw(self, live: LiveCall) -> None:
        """The dial never left: somebody was first, or a rule changed between the claim and the dial."""
        self._close(self._floor.amend(live, intent=Intent.CANCEL), CallEvent.REFUSED, self._clock.wall())

    def _close(self, live: LiveCall, event: CallEvent, at: float, *, cause: int = 0, sip_code: int = 0) -> None:
        after = self._floor.advance(live, event, at, cause=cause, sip_code=sip_code)
        if after is None:
            return
        call = after.call
        talked = call.talked
        result = machine_result(call)
        self._journal.end(
            CallEnd(
                attempt=call.attempt,
                at=self._clock.now(),
                wall_at=_utc(at),
                actor="asterisk",
                result=result or None,
                counted=call.direction is Direction.OUT
                and live.info.callback is None
                and result not in OUR_FAULT
                and call.intent is not Intent.CANCEL,
                abandoned=is_abandoned(call),
                cause=call.cause,
                sip_code=call.sip_code,
                ring_ms=_ms(call.ringing_at, call.answered_at if call.answered_at is not None else at),
                talk_ms=_ms(call.joined_at, at if call.surveyed_at is None else call.surveyed_at),
                wrap_up=talked,
                agent=(live.info.settles or call.agent) if talked else None,
                ring_cut=call.intent is Intent.RING_CUT and call.answered_at is None,
                lost_ms=_ms(call.claimed_at, at) if _lost(after) else None,
            )
        )
        self._let_go(after, at)

    def _let_go(self, live: LiveCall, at: float) -> None:
        """The call needs its agent no more: wrap-up after a conversation, else free again."""
        user = live.call.agent
        if user is None:
            return
        agent = self._floor.agent(user)
        if agent.attempt != live.call.attempt:
            return
        if agent.state is AgentState.TALKING and live.info.settles not in (None, user):
            self._floor.try_act(user, AgentEvent.RELEASE, at)  # he took it over; somebody else files its outcome
            self._on_waiting()
        elif agent.state is AgentState.TALKING:
            self._floor.try_act(user, AgentEvent.CALL_OVER, at)
        elif agent.state is AgentState.RESERVED:
            self._floor.try_act(user, AgentEvent.RELEASE, at)
            self._on_waiting()

    def _leg_idle(self, event: LegIdle) -> None:
        agent = self._floor.agent_of_leg(event.leg)
        if agent is None:
            log.warning("idle leg of nobody")
            return
        self._floor.set_leg(agent.user, event.at, leg=LegState.IDLE, channel=event.leg)
        self._on_leg(event.leg, LegState.IDLE)
        self._on_waiting()

    # -- ledger -------------------------------------------------------------------------------------------

    def _note(self, live: LiveCall, event: CallEvent, at: float) -> None:
        if event in (CallEvent.ENDED, CallEvent.REFUSED):
            return  # written as the call's end, with what it means
        call = live.call
        joined = event is CallEvent.JOINED and call.answer_to_agent is not None
        self._journal.fact(
            CallFact(
                attempt=call.attempt,
                kind=event.value,
                at=self._clock.now(),
                wall_at=_utc(at),
                actor="asterisk",
                state=call.state.value,
                agent=live.info.settles or call.agent,
                answer_to_agent_ms=1000 * call.answer_to_agent if joined and call.answer_to_agent is not None else None,
                data={"early_media": True} if event is CallEvent.RANG and call.early_media else {},
            )
        )


def _lost(live: LiveCall) -> bool:
    """A caller who met nobody, unless we were closed when he came. Whom we sent home while he waited is lost too."""
    told_closed = live.info.closed and live.info.ready_at is None
    return live.call.direction.comes_in and not live.call.talked and not told_closed


def _utc(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _ms(start: float | None, end: float | None) -> float | None:
    return None if start is None or end is None else max(0.0, 1000 * (end - start))
