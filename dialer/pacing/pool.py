"""One decision for campaigns that share agents: whoever goes first takes first, and no agent is promised twice.

Campaigns decide one after the other, the most urgent first; among equals whoever has waited longest. Each sees what
those before it took: agents who are kept for one call of theirs are out of its sight, and calls of theirs that ring for
anybody count as if they were its own, as far as agents whom they do not share cannot take them. Callers and
appointments of any of them come first for all. Pure.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from dialer.pacing.learned import Model, caller_rate
from dialer.pacing.predictive import decide, rested
from dialer.pacing.view import AgentView, Decision, Doing, RingView, Settings, State

RING = 12.0
"""Seconds from a dial to its answer: a caller who comes meanwhile finds the reserved agent taken."""

USUAL_PRIORITY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One campaign of the pool.

    `state` is what it would see alone: the agents who may serve it, longest idle first, its own rings, and who waits
    for its agents. Agents of several campaigns are the same ids in each.
    """

    campaign: Hashable
    state: State
    model: Model
    settings: Settings
    priority: int = USUAL_PRIORITY  # 1 goes before 9
    served: float = 0.0  # when it last started a call
    pending: int = 0  # calls decided on before, for anybody, that do not ring yet
    asks: bool = True  # False: its rings count, but it starts nothing now
    soon: bool = False  # it will ask again in a moment (its last calls are on their way): who comes after it waits


class Share(NamedTuple):
    """What one campaign does. `decide(state, model, settings)` gives the same decision."""

    state: State
    decision: Decision
    agents: tuple[Hashable, ...]  # kept for the calls to start, one each; none when these ring for anybody


def decide_together(members: Sequence[Member]) -> dict[Hashable, Share]:
    """A decision for each that asks, but for those that must let another go first."""
    if len(members) == 1 and not members[0].pending:  # by far the most
        return {one.campaign: _alone(one, one.state) for one in members if one.asks}
    shares: dict[Hashable, Share] = {}
    taken: set[Hashable] = set()
    begun = {one.campaign: one.pending for one in members}
    started = 0
    for one in sorted(members, key=lambda each: (each.priority, each.served)):
        if not one.asks or any(
            other.soon and other.priority < one.priority and _share(one, other) for other in members
        ):
            continue
        share = _alone(one, _seen(one, members, taken, begun, started))
        shares[one.campaign] = share
        started += share.decision.start
        taken.update(share.agents)
        if not share.agents:
            begun[one.campaign] += share.decision.start
    return shares


def _share(one: Member, other: Member) -> bool:
    mine = {agent.agent for agent in one.state.agents}
    return any(agent.agent in mine for agent in other.state.agents)


def _alone(one: Member, state: State) -> Share:
    decision = decide(state, one.model, one.settings)
    if decision.reasons.mode == "predictive" or not decision.start:  # which looks ahead to callers by itself
        return Share(state, decision, ())
    callers = expected_callers(one.model, state.now)
    if callers:
        state = replace(state, inbound_waiting=state.inbound_waiting + callers)
        decision = decide(state, one.model, one.settings)
    free = [agent.agent for agent in state.agents if _free(agent, state, one.settings)]
    return Share(state, decision, tuple(free[: decision.start]))


def _free(agent: AgentView, state: State, settings: Settings) -> bool:
    return agent.doing is Doing.IDLE and rested(agent, state.now, settings)


def _seen(
    one: Member, members: Sequence[Member], taken: set[Hashable], begun: dict[Hashable, int], started: int
) -> State:
    """The pool through the eyes of one, after those who went before."""
    state = one.state
    mine = {agent.agent for agent in state.agents}
    sharing = [other for other in members if other is one or any(agent.agent in mine for agent in other.state.agents)]
    rings = [*state.rings, *_new(one, begun)]
    rings += _rivals([other for other in sharing if other is not one], mine, taken, begun)
    return replace(
        state,
        agents=[
            agent._replace(doing=Doing.PAUSED) if agent.agent in taken and agent.doing is Doing.IDLE else agent
            for agent in state.agents
        ],
        rings=rings,
        answered_waiting=sum(other.state.answered_waiting for other in sharing),
        inbound_waiting=sum(other.state.inbound_waiting for other in sharing),
        appointments_due=sum(other.state.appointments_due for other in sharing),
        lines_free=state.lines_free - started,
    )


def _new(one: Member, begun: dict[Hashable, int]) -> list[RingView]:
    return [RingView((one.campaign, place), one.state.now) for place in range(begun[one.campaign])]


def _rivals(
    others: Sequence[Member], mine: set[Hashable], taken: set[Hashable], begun: dict[Hashable, int]
) -> list[RingView]:
    """Rings of others that may want an agent of ours, the newest of each: their own agents take as many as they can.

    An agent of theirs is counted for one campaign only, whichever comes first: that is never too many.
    """
    counted = set(taken)
    found: list[RingView] = []
    for other in others:
        ringing = sorted([*other.state.rings, *_new(other, begun)], key=lambda ring: ring.since)
        for agent in other.state.agents:
            theirs = agent.agent not in mine and agent.agent not in counted
            if ringing and theirs and _free(agent, other.state, other.settings):
                counted.add(agent.agent)
                ringing.pop(0)
        found += ringing
    return found


def expected_callers(model: Model, now: float) -> int:
    """Callers who are sure to come, on average, while a call of ours rings: an agent each is kept for them."""
    return int(caller_rate(model, now) * RING)
