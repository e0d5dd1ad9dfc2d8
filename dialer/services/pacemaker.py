"""The pacer's eyes and memory: the floor as it sees it, what happens as it is told, and what it has learned.

One model a campaign. It learns whatever the campaign's mode, so that a campaign that is switched to `auto` knows at
once what it has seen all day. Counts only: nothing in it says anything about a person.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from dialer import __version__
from dialer.domain.agent import Agent, AgentState
from dialer.domain.call import Call, CallEvent, CallState, Direction, Intent
from dialer.domain.causes import OUR_FAULT, is_abandoned, machine_result
from dialer.domain.errors import InvalidError
from dialer.domain.ids import CampaignId, UserId
from dialer.pacing import stored, view
from dialer.pacing.journal import Recorder
from dialer.pacing.learned import Model, observe
from dialer.pacing.model import Decision, Limit
from dialer.pacing.predictive import decide
from dialer.schedule.windows import local_date
from dialer.services.floor import Floor, LiveCall
from dialer.services.ports.clock import Clock
from dialer.services.ports.engine import EngineCampaign
from dialer.services.rest import Rests

log = logging.getLogger(__name__)

PREDICTS = frozenset({view.Mode.PREDICTIVE.value, view.Mode.AUTO.value})
"""Modes in which more may ring than there are agents free."""

_LATE_COUNTS = 5.0
"""Seconds for which a late event tells of those to come."""

Written = Callable[[CampaignId, date, list[str]], None]
"""Takes lines of a campaign's journal of a day, in order; must not wait."""

_DOING: Mapping[AgentState, view.Doing] = {
    AgentState.TALKING: view.Doing.TALKING,
    AgentState.WRAP_UP: view.Doing.WRAP_UP,
    AgentState.PAUSED: view.Doing.PAUSED,
}
_SAID_NO = frozenset({"NO_ANSWER", "REJECTED"})


@dataclass(frozen=True, slots=True)
class _Book:
    """A campaign's journal of one day."""

    day: date
    settings: view.Settings
    recorder: Recorder


class Pacemaker:
    """Asked by the engine, told by the floor."""

    def __init__(
        self,
        floor: Floor,
        clock: Clock,
        *,
        may_serve: Callable[[UserId, CampaignId], bool],
        rests: Rests,
        written: Written | None = None,
    ) -> None:
        """`may_serve`: whether this agent works for this campaign; `written`: takes the journal's lines."""
        self._rests = rests
        self._written = written
        self._books: dict[CampaignId, _Book] = {}
        self._late = (-math.inf, 0.0)  # wall seconds of the last event, and by how many it came late
        self._floor = floor
        self._clock = clock
        self._may_serve = may_serve
        self._models: dict[CampaignId, Model] = {}
        self._days: dict[CampaignId, date] = {}
        self._changed: set[CampaignId] = set()
        self._last: dict[UserId, tuple[CampaignId, float | None]] = {}  # the conversation before the wrap-up
        floor.listen(calls=self._call_changed, agents=self._agent_changed)

    def decide(self, campaign: EngineCampaign, *, lines_free: int, starts_allowed: int) -> view.Decision:
        """How many calls to start now, with the reasons."""
        which = campaign.campaign
        settings = replace(_FOR_PEOPLE, mode=view.Mode(campaign.mode), target=campaign.abandoned_percent / 100)
        self._open(which, settings)
        state = self.state(which, lines_free=lines_free, starts_allowed=starts_allowed)
        decision = decide(state, self.model(which), settings)
        self._write(which, lambda recorder: [recorder.decision(state, decision)])
        return decision

    def state(self, campaign: CampaignId, *, lines_free: int, starts_allowed: int) -> view.State:
        """The floor as the pacer of this campaign sees it.

        A call with an agent of its own, and that agent, are out of the pacer's hands: it sees neither.
        """
        now = self._clock.wall()
        calls = list(self._floor.calls())
        return view.State(
            now=now,
            agents=[
                self._agent(agent)
                for agent in self._floor.agents()
                if agent.state is not AgentState.OFF and self._may_serve(agent.user, campaign)
            ],
            rings=[view.RingView(c.call.attempt, _ordered(c.call)) for c in calls if _rings_for_anybody(c.call)],
            answered_waiting=len(self._floor.unjoined(now)) + len(self._floor.rescues()),
            inbound_waiting=self._floor.inbound_waiting(),
            lines_free=lines_free,
            starts_allowed=starts_allowed,
            lag=self._late[1] if now - self._late[0] < _LATE_COUNTS else 0.0,
        )

    def _agent(self, agent: Agent) -> view.AgentView:
        pausing = agent.wish is not None
        worked = self._rests.share(agent.user, self._clock.wall())
        shaken = self._rests.shaken(agent.user)
        if agent.state is AgentState.AVAILABLE:
            doing = view.Doing.IDLE if agent.free else view.Doing.PAUSED
            return view.AgentView(agent.user, doing, self._rests.since(agent), pausing, worked=worked, shaken=shaken)
        if agent.state is AgentState.RESERVED:
            since = self._rests.since(agent)
            return view.AgentView(agent.user, self._reserved(agent), since, pausing, worked=worked, shaken=shaken)
        ring = talked = None
        if agent.state is AgentState.TALKING:
            live = self._floor.busy_with(agent.user)
            ring = None if live is None or live.call.direction is Direction.IN else _rang_for(live.call)
        elif agent.state is AgentState.WRAP_UP:
            talked = self._last.get(agent.user, (None, None))[1]
        doing = _DOING[agent.state]
        return view.AgentView(agent.user, doing, agent.since, pausing, ring, talked, worked, shaken)

    def _reserved(self, agent: Agent) -> view.Doing:
        """About to be joined to somebody who is counted as waiting; else kept for one call that rings."""
        live = self._floor.busy_with(agent.user)
        waits = live is not None and live.call.state in (CallState.ANSWERED, CallState.WAITING, CallState.RESCUE)
        return view.Doing.IDLE if waits else view.Doing.PAUSED

    # -- what happens -------------------------------------------------------------------------------------

    def caller(self, campaign: CampaignId, at: float) -> None:
        """Somebody rings the client's number."""
        self._tell(campaign, view.Called(at))

    def _tell(self, campaign: CampaignId, event: view.Event) -> None:
        model = self.model(campaign)
        today = local_date(self._clock.now())
        if self._days.setdefault(campaign, today) != today:
            self._days[campaign] = today
            model = observe(model, view.DayBegan(event.at))
            self._books.pop(campaign, None)  # a new day's journal begins with the next decision
        book = self._books.get(campaign)
        self._models[campaign] = observe(model, event) if book is None else observe(model, event, book.settings.target)
        self._changed.add(campaign)
        self._write(campaign, lambda recorder: [recorder.event(event)])

    def _call_changed(self, live: LiveCall, event: CallEvent, at: float) -> None:
        now = self._clock.wall()
        self._late = (now, max(0.0, now - at))
        if live.call.direction is Direction.OUT and live.info.callback is None:
            told = _event(live.call, event, at)
            if told is not None:
                self._tell(live.info.campaign, told)
        if not live.call.live and live.call.talked and live.call.agent is not None:
            joined = live.call.joined_at if live.call.joined_at is not None else at
            self._last[live.call.agent] = (live.info.campaign, max(0.0, at - joined))

    def _agent_changed(self, before: Agent, after: Agent, at: float) -> None:
        gone = after.state in (AgentState.AVAILABLE, AgentState.PAUSED, AgentState.OFF) and not after.free
        if before.free and gone:  # on a pause, off duty, or without a phone that sounds
            for served in [one for one in self._models if self._may_serve(after.user, one)]:
                self._tell(served, view.Left(at))
        if before.state is not AgentState.WRAP_UP or after.state is AgentState.WRAP_UP:
            return
        campaign, talked = self._last.pop(after.user, (None, None))
        if campaign is not None:
            stays = after.state is AgentState.AVAILABLE
            self._tell(campaign, view.WrapUpEnded(at, after.user, max(0.0, at - before.since), stays, talked))

    def model(self, campaign: CampaignId) -> Model:
        """What is known of a campaign."""
        return self._models.get(campaign, Model())

    # -- the journal --------------------------------------------------------------------------------------

    def _open(self, campaign: CampaignId, settings: view.Settings) -> None:
        """A journal for today, and a new part of it for new settings."""
        book, today = self._books.get(campaign), local_date(self._clock.now())
        if book is not None and book.day == today and book.settings == settings:
            return
        fresh = book is None or book.day != today
        recorder = Recorder(__version__) if fresh or book is None else book.recorder
        self._books[campaign] = _Book(today, settings, recorder)
        self._write(campaign, lambda known: known.begin(self.model(campaign), settings))

    def _write(self, campaign: CampaignId, lines: Callable[[Recorder], list[str]]) -> None:
        book = self._books.get(campaign)
        if book is not None and self._written is not None:
            self._written(campaign, book.day, lines(book.recorder))

    # -- memory -------------------------------------------------------------------------------------------

    def learned(self) -> dict[CampaignId, dict[str, Any]]:
        """Each model that changed since this was asked last, as plain data."""
        changed, self._changed = self._changed, set()
        return {campaign: stored.dump(self._models[campaign]) for campaign in changed}

    def recall(self, campaign: CampaignId, state: Mapping[str, Any]) -> None:
        """Go on with what was kept; what cannot be read is begun anew, and said."""
        try:
            self._models[campaign] = stored.load(state)
        except InvalidError as error:
            log.warning("pacing model not usable campaign=%s field=%s", campaign, error.field)


_LIMIT_OF: Mapping[view.Held, Limit] = {
    view.Held.CLOSED: Limit.WINDOW,
    view.Held.NOBODY: Limit.AGENTS,
    view.Held.PREVIEW: Limit.STATE,
    view.Held.AGENTS: Limit.AGENTS,
    view.Held.RISK: Limit.RISK,
    view.Held.GUARD: Limit.GUARD,
    view.Held.INBOUND: Limit.INBOUND,
    view.Held.BREATH: Limit.BREATH,
    view.Held.BUDGET: Limit.BUDGET,
    view.Held.LINES: Limit.LINES,
    view.Held.RATE: Limit.RATE,
    view.Held.LIST: Limit.LIST,
}


def in_words(decision: view.Decision, *, inbound_waiting: int) -> Decision:
    """A pacer's decision as the engine, the screens and the journal know decisions."""
    why = decision.reasons
    limit = _LIMIT_OF[why.held]
    if limit is Limit.AGENTS and inbound_waiting:
        limit = Limit.INBOUND
    return Decision(
        start=decision.start,
        limit=limit,
        ask_again=decision.ask_again,
        facts={
            "free_agents": why.idle,
            "in_ring": why.rings,
            "inbound_waiting": inbound_waiting,
            "answers_expected_percent": round(100 * why.answers),
            "agents_expected_percent": round(100 * why.releases),
            "risk_per_mille": round(1000 * why.risk),
            "risk_allowed_per_mille": round(1000 * why.allowed),
        },
    )


def _ordered(call: Call) -> float:
    return call.dialed_at if call.dialed_at is not None else call.claimed_at


def _rang_for(call: Call) -> float | None:
    return None if call.answered_at is None else max(0.0, call.answered_at - _ordered(call))


def _rings_for_anybody(call: Call) -> bool:
    unanswered = call.state in (CallState.CLAIMED, CallState.DIALING, CallState.RINGING)
    return unanswered and call.direction is Direction.OUT and call.agent is None


def _event(call: Call, event: CallEvent, at: float) -> view.Event | None:
    """What a step of an outbound call tells the pacer."""
    age = max(0.0, at - _ordered(call))
    match event:
        case CallEvent.DIALED:
            return view.Dialled(at)
        case CallEvent.ANSWERED:
            return view.PickedUp(at, age)
        case CallEvent.JOINED if call.joined_at == at:
            return view.Joined(at)
        case CallEvent.MESSAGE_STARTED if not call.talked:
            return view.Abandoned(at, _rang_for(call) or 0.0)
        case CallEvent.ENDED | CallEvent.REFUSED:
            return _end(call, at, age)
        case _:
            return None


def _end(call: Call, at: float, age: float) -> view.Event | None:
    if call.talked:
        kind = view.Kind.MACHINE if call.intent is Intent.VOICEMAIL else view.Kind.PERSON
        joined = call.joined_at if call.joined_at is not None else at
        return view.TalkEnded(at, call.agent, max(0.0, at - joined), kind, _rang_for(call) or 0.0)
    if call.answered_at is not None:
        return view.Abandoned(at, _rang_for(call) or 0.0) if is_abandoned(call) and call.message_at is None else None
    if call.dialed_at is None:
        return None  # it never left
    return view.RingEnded(at, age, _how(call))


def _how(call: Call) -> view.Ended:
    if call.intent is Intent.CANCEL:
        return view.Ended.CUT
    result = machine_result(call)
    if result == "BUSY":
        return view.Ended.BUSY
    if result in OUR_FAULT or result not in _SAID_NO:
        return view.Ended.CARRIER
    return view.Ended.NO_ANSWER
