"""The pacer's eyes and memory: the floor as it sees it, what happens as it is told, and what it has learned.

One model a campaign. It learns whatever the campaign's mode, so that a campaign that is switched to `auto` knows at
once what it has seen all day. Counts only: nothing in it says anything about a person.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, cast
from uuid import UUID

from dialer import __version__
from dialer.domain.agent import Agent, AgentState
from dialer.domain.call import CallEvent, CallState, Direction
from dialer.domain.errors import InvalidError
from dialer.domain.ids import CampaignId, ClientId, UserId
from dialer.pacing import stored, view
from dialer.pacing.journal import Recorder
from dialer.pacing.learned import EVIDENCE, Model, inherited, observe
from dialer.pacing.pace import Paces, pace, wrapped_up
from dialer.pacing.pool import Member, Share, decide_together
from dialer.schedule.windows import local_date
from dialer.services.floor import Floor, LiveCall
from dialer.services.happenings import part_of, rang_for, told
from dialer.services.ports.clock import Clock
from dialer.services.ports.engine import EngineCampaign
from dialer.services.rest import Rests

log = logging.getLogger(__name__)

_LATE_COUNTS = 5.0
"""Seconds for which a late event tells of those to come."""


Written = Callable[[CampaignId, date, list[str]], None]
"""Takes lines of a campaign's journal of a day, in order; must not wait."""

_SHARE_HOLDS = 1.0
"""Seconds for which an idle agent's share of the hour is taken as it was: it changes by so many in 3,600."""

_DOING: Mapping[AgentState, view.Doing] = {
    AgentState.TALKING: view.Doing.TALKING,
    AgentState.WRAP_UP: view.Doing.WRAP_UP,
    AgentState.PAUSED: view.Doing.PAUSED,
}


class _Seen(NamedTuple):
    """What was made of an agent, and when."""

    agent: Agent
    view: view.AgentView
    at: float


@dataclass(frozen=True, slots=True)
class _Book:
    """A campaign's journal of one day."""

    day: date
    settings: view.Settings
    recorder: Recorder


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One campaign, as the engine has it at this moment."""

    campaign: EngineCampaign
    lines_free: int
    starts_allowed: int
    appointments_due: int = 0  # within half a minute
    served: float = 0.0  # monotonic seconds of its last start
    pending: int = 0  # calls for anybody that were decided on and are not on the floor yet
    asks: bool = True  # False: held back by a rule outside pacing, or a claim is under way
    soon: bool = False  # a claim is under way


class Decided(NamedTuple):
    """One round of decisions, for whoever counts."""

    shares: Mapping[CampaignId, Share]
    models: Mapping[CampaignId, Model]
    settings: Mapping[CampaignId, view.Settings]
    seconds: float  # that it took


class Pacemaker:
    """Asked by the engine, told by the floor."""

    def __init__(
        self,
        floor: Floor,
        clock: Clock,
        *,
        may_serve: Callable[[UserId, CampaignId], bool],
        rests: Rests,
        client_of: Callable[[CampaignId], ClientId | None] = lambda _: None,
        written: Written | None = None,
    ) -> None:
        """`may_serve`: whether this agent works for this campaign; `written`: takes the journal's lines.

        `client_of`: whose campaign it is; None: not known.
        """
        self._client_of = client_of
        self._rests = rests
        self._paces = Paces()
        self._idle: dict[UserId, _Seen] = {}  # whoever is free
        self._busy: dict[UserId, view.AgentView] = {}  # whoever is not, since his last change
        self._kept: dict[UserId, None] = {}  # whoever is reserved, in order
        self._changed_agents: dict[UserId, None] = {}
        self._written = written
        self._books: dict[CampaignId, _Book] = {}
        self._late = (-math.inf, 0.0)  # wall seconds of the last event, and by how many it came late
        self._floor = floor
        self._clock = clock
        self._may_serve = may_serve
        self._models: dict[CampaignId, Model] = {}
        self._priors: dict[CampaignId, Model] = {}  # of campaigns that have learned nothing themselves yet
        self._days: dict[CampaignId, date] = {}
        self._changed: set[CampaignId] = set()
        self._last: dict[UserId, tuple[CampaignId, float | None]] = {}  # the conversation before the wrap-up
        self._listeners: list[Callable[[Decided], None]] = []
        floor.listen(calls=self._call_changed, agents=self._agent_changed)

    def listen(self, listener: Callable[[Decided], None]) -> None:
        """Be told of each round of decisions that are followed."""
        self._listeners.append(listener)

    def decide(self, asks: Sequence[Ask], *, record: bool = True) -> dict[CampaignId, Share]:
        """How many calls each of these starts now, with the reasons: one decision for those that share agents.

        `record` False: only to look; nothing is written into the journal.
        """
        if not any(ask.asks for ask in asks):
            return {}  # claims are under way: most moments of a large team
        began = self._clock.monotonic()
        agents = self._agents()
        shares: dict[CampaignId, Share] = {}
        settings: dict[CampaignId, view.Settings] = {}
        for pool in self._pools(asks, agents):
            if not any(ask.asks for ask in pool):
                continue
            members = [self._member(ask, agents) for ask in pool]
            found = decide_together(members)
            for member in members:
                which = CampaignId(cast(UUID, member.campaign))
                share = found.get(which)
                if share is None:
                    continue
                shares[which], settings[which] = share, member.settings
                if record:
                    self._record(which, member.settings, share)
        if record and shares:
            models = {which: self.model(which) for which in shares}
            decided = Decided(shares, models, settings, self._clock.monotonic() - began)
            for listener in self._listeners:
                listener(decided)
        return shares

    def _record(self, campaign: CampaignId, settings: view.Settings, share: Share) -> None:
        self._open(campaign, settings)
        self._write(campaign, lambda recorder: [recorder.decision(share.state, share.decision)])

    def settings(self, campaign: EngineCampaign) -> view.Settings:
        """What the campaign promises, and what agents are given."""
        rules = self._rests.rules
        return view.Settings(
            mode=view.Mode(campaign.mode),
            target=campaign.abandoned_percent / 100,
            window=campaign.abandoned_hours,
            threshold=campaign.person_within_seconds,
            ring_cuts=campaign.ring_cuts,
            breath=rules.breath,
            long_breath=rules.long_breath,
            occupancy=rules.occupancy,
        )

    def _agents(self) -> list[view.AgentView]:
        """Everybody on duty, longest idle first among those who are free."""
        now = self._clock.wall()
        self._look_again()
        known, idle = self._idle, {}
        for agent in self._floor.free_agents():
            seen = known.get(agent.user)
            if seen is None or not self._still(seen, agent, now):
                seen = _Seen(agent, self._agent(agent), now)
            idle[agent.user] = seen
        self._idle = idle
        reserved = [self._agent(self._floor.agent(user)) for user in self._kept]
        return [*(seen.view for seen in idle.values()), *self._busy.values(), *reserved]

    def _look_again(self) -> None:
        """At those who changed since the last look: of a thousand, twenty times a second, only a few did."""
        for user in self._changed_agents:
            agent = self._floor.agent(user)
            self._busy.pop(user, None)
            self._kept.pop(user, None)
            if agent.state is AgentState.RESERVED:  # whose call may be answered at any moment
                self._kept[user] = None
            elif agent.state is not AgentState.OFF and not agent.free:
                self._busy[user] = self._agent(agent)
        self._changed_agents.clear()

    def _still(self, seen: _Seen, agent: Agent, now: float) -> bool:
        """Whether what was seen of a free agent holds."""
        return seen.agent is agent and 0.0 <= now - seen.at < _SHARE_HOLDS and not self._rests.looks(agent.user, now)

    def _pools(self, asks: Sequence[Ask], agents: Sequence[view.AgentView]) -> list[list[Ask]]:
        """Campaigns that have an agent in common, and those that have one in common with these."""
        if len(asks) == 1:
            return [list(asks)]
        pools: list[tuple[list[Ask], set[Hashable]]] = []
        for ask in asks:
            team = {one.agent for one in agents if self._may_serve(cast(UserId, one.agent), ask.campaign.campaign)}
            joined = [pool for pool in pools if pool[1] & team]
            pools = [pool for pool in pools if not pool[1] & team]
            pools.append(
                ([one for pool in joined for one in pool[0]] + [ask], team.union(*(pool[1] for pool in joined)))
            )
        return [pool for pool, _ in pools]

    def _member(self, ask: Ask, agents: Sequence[view.AgentView]) -> Member:
        which = ask.campaign.campaign
        return Member(
            campaign=which,
            state=self._state(which, agents, ask),
            model=self.model(which),
            settings=self.settings(ask.campaign),
            priority=ask.campaign.priority,
            served=ask.served,
            pending=ask.pending,
            asks=ask.asks,
            soon=ask.soon,
        )

    def state(self, ask: Ask) -> view.State:
        """The floor as the pacer of this campaign sees it when it is alone."""
        return self._state(ask.campaign.campaign, self._agents(), ask)

    def _state(self, campaign: CampaignId, agents: Sequence[view.AgentView], ask: Ask) -> view.State:
        """A call with an agent of its own, and that agent, are out of the pacer's hands: it sees neither."""
        now = self._clock.wall()
        waiting = (*self._floor.unjoined(now), *self._floor.rescues())
        return view.State(
            now=now,
            agents=[one for one in agents if self._may_serve(cast(UserId, one.agent), campaign)],
            rings=self._floor.rings(campaign),
            answered_waiting=sum(live.info.campaign == campaign for live in waiting),
            inbound_waiting=self._floor.callers_of(campaign),
            appointments_due=ask.appointments_due,
            lines_free=ask.lines_free,
            starts_allowed=ask.starts_allowed,
            lag=self._late[1] if now - self._late[0] < _LATE_COUNTS else 0.0,
        )

    def _agent(self, agent: Agent) -> view.AgentView:
        pausing = agent.wish is not None
        if agent.state in (AgentState.AVAILABLE, AgentState.RESERVED):
            now = self._clock.wall()
            doing = self._reserved(agent) if agent.state is AgentState.RESERVED else self._available(agent, now)
            since, worked = self._rests.since(agent), self._rests.share(agent.user, now)
            shaken = self._rests.shaken(agent.user)
            return view.AgentView(agent.user, doing, since, pausing, worked=worked, shaken=shaken)
        ring = talked = None
        if agent.state is AgentState.TALKING:
            live = self._floor.busy_with(agent.user)
            ring = None if live is None or live.call.direction is not Direction.OUT else rang_for(live.call)
        elif agent.state is AgentState.WRAP_UP:
            talked = self._last.get(agent.user, (None, None))[1]
        doing = _DOING[agent.state]
        own = pace(self._paces, agent.user) if agent.state is AgentState.WRAP_UP else None
        return view.AgentView(agent.user, doing, agent.since, pausing, ring, talked, pace=own)

    def _available(self, agent: Agent, now: float) -> view.Doing:
        kept = not agent.free or self._rests.looks(agent.user, now)
        return view.Doing.PAUSED if kept else view.Doing.IDLE

    def _reserved(self, agent: Agent) -> view.Doing:
        """About to be joined to somebody who is counted as waiting; else kept for one call that rings."""
        live = self._floor.busy_with(agent.user)
        waits = live is not None and live.call.state in (CallState.ANSWERED, CallState.WAITING, CallState.RESCUE)
        return view.Doing.IDLE if waits else view.Doing.PAUSED

    # -- what happens -------------------------------------------------------------------------------------

    def caller(self, campaign: CampaignId, at: float) -> None:
        """Somebody rings the client's number: everybody who shares its agents expects more of them."""
        serve = [agent.user for agent in self._floor.agents() if self._may_serve(agent.user, campaign)]
        for one in {campaign, *self._models}:
            if one == campaign or any(self._may_serve(user, one) for user in serve):
                self._tell(one, view.Called(at))

    def _tell(self, campaign: CampaignId, event: view.Event) -> None:
        model = self.model(campaign)
        today = local_date(self._clock.now())
        if self._days.setdefault(campaign, today) != today:
            self._days[campaign] = today
            model = observe(model, view.DayBegan(event.at))
            self._books.pop(campaign, None)  # a new day's journal begins with the next decision
        book, part = self._books.get(campaign), part_of(self._clock.now())
        events = [event] if model.part == part else [view.PartBegan(event.at, part), event]
        for one in events:
            model = observe(model, one) if book is None else observe(model, one, book.settings.target)
        self._models[campaign] = model
        self._changed.add(campaign)
        self._write(campaign, lambda recorder: [recorder.event(one) for one in events])

    def _call_changed(self, live: LiveCall, event: CallEvent, at: float) -> None:
        now = self._clock.wall()
        self._late = (now, max(0.0, now - at))
        if live.call.direction is Direction.OUT and live.info.callback is None:
            happened = told(live.call, event, at)
            if happened is not None:
                self._tell(live.info.campaign, happened)
        rehearsed = live.call.direction is Direction.PROOF  # says nothing of how long residents talk
        if not live.call.live and live.call.talked and live.call.agent is not None and not rehearsed:
            joined = live.call.joined_at if live.call.joined_at is not None else at
            self._last[live.call.agent] = (live.info.campaign, max(0.0, at - joined))

    def _agent_changed(self, before: Agent, after: Agent, at: float) -> None:
        self._changed_agents[after.user] = None
        gone = after.state in (AgentState.AVAILABLE, AgentState.PAUSED, AgentState.OFF) and not after.free
        if before.free and gone:  # on a pause, off duty, or without a phone that sounds
            for served in [one for one in self._models if self._may_serve(after.user, one)]:
                self._tell(served, view.Left(at))
        if before.state is not AgentState.WRAP_UP or after.state is AgentState.WRAP_UP:
            return
        campaign, talked = self._last.pop(after.user, (None, None))
        if campaign is not None:
            stays = after.state is AgentState.AVAILABLE
            self._paces = wrapped_up(self._paces, after.user, at - before.since, talked)
            self._tell(campaign, view.WrapUpEnded(at, after.user, max(0.0, at - before.since), stays, talked))

    def model(self, campaign: CampaignId) -> Model:
        """What is known of a campaign; of a new one, what an earlier one of its client taught."""
        known = self._models.get(campaign) or self._priors.get(campaign)
        if known is None:
            known = self._priors[campaign] = self._prior(campaign)
        return known

    def _prior(self, campaign: CampaignId) -> Model:
        client = self._client_of(campaign)
        if client is None:
            return Model()
        earlier = [model for one, model in self._models.items() if self._client_of(one) == client]
        best = max(earlier, key=lambda model: model.watched, default=Model())
        return inherited(best) if best.watched >= EVIDENCE else Model()

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
            self._priors.clear()
        except InvalidError as error:
            log.warning("pacing model not usable campaign=%s field=%s", campaign, error.field)
