"""Calls beyond one for each free agent, as long as the risk that somebody meets nobody is accepted."""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import NamedTuple

from dialer.pacing.curves import GRID, RingTable, brief_bin, brief_table, ring_bin, ring_table, wrap_bin, wrap_table
from dialer.pacing.learned import EARLY, EVIDENCE, Model, caller_rate
from dialer.pacing.risk import EXACT, Exact, Normal, Shortage
from dialer.pacing.view import AgentView, Decision, Doing, Held, Mode, Reasons, RingView, Settings, State

_DEFAULT = Settings()


class _Sight(NamedTuple):
    """What a decision rests on."""

    idle: int  # nobody's yet, less who waits
    rings: tuple[tuple[int, RingView], ...]  # with the bin of their age
    table: RingTable
    shortage: Shortage
    releases: float


def decide(state: State, model: Model, settings: Settings = _DEFAULT) -> Decision:
    """How many calls to start, which rings to hang up. Pure: the same three give the same."""
    held = _shut(state, settings)
    if held is not None:
        return Decision(reasons=Reasons(held, "progressive", rings=len(state.rings)))
    idle = sum(agent.doing is Doing.IDLE and not agent.pausing for agent in state.agents)
    idle -= max(state.answered_waiting, 0) + max(state.inbound_waiting, 0) + max(state.appointments_due, 0)
    most, bound = _bounds(state)
    cautious = _cautious(model, settings)
    reserved = max(0, idle - len(state.rings))
    if idle <= 0 and not state.rings and not any([_may_come_free(agent, state.now) for agent in state.agents]):
        return Decision(reasons=Reasons(Held.AGENTS, "progressive" if cautious else "predictive"))
    sight = _look(state, model, settings, idle)
    cancel = _cuts(sight, model, settings) if settings.ring_cuts else ()
    if cautious is not None:
        start = min(reserved, most)
        reasons = Reasons(bound if start < reserved else cautious, "progressive", max(idle, 0), len(state.rings))
        return Decision(start=start, cancel=cancel, reasons=reasons)
    theta = _accepted(model, settings, len(state.rings) - idle)
    start, risk = _starts(sight, theta, reserved, most)
    reasons = Reasons(
        bound if start >= most else Held.RISK,
        "predictive",
        max(idle, 0),
        len(state.rings),
        sum(sight.table.by[age][-1] for age, _ in sight.rings),
        sight.releases,
        risk,
        theta,
        model.credit,
    )
    return Decision(start=start, cancel=cancel if not start else (), reasons=reasons)


def _shut(state: State, settings: Settings) -> Held | None:
    if not state.open or (state.closes_at is not None and not state.now < state.closes_at):
        return Held.CLOSED
    if not state.agents:
        return Held.NOBODY
    return Held.PREVIEW if settings.mode is Mode.PREVIEW else None


def _bounds(state: State) -> tuple[int, Held]:
    bounds = [(max(0, state.lines_free), Held.LINES)]
    if state.starts_allowed is not None:
        bounds.append((max(0, state.starts_allowed), Held.RATE))
    if state.records is not None:
        bounds.append((max(0, state.records), Held.LIST))
    return min(bounds, key=lambda bound: bound[0])


def _cautious(model: Model, settings: Settings) -> Held | None:
    """Why only one call for each free agent, if so."""
    if settings.mode is Mode.PROGRESSIVE or model.watched < EVIDENCE:
        return Held.AGENTS
    if model.credit < 0.0:
        return Held.BUDGET
    spent = model.day_abandoned + 1
    if spent > 2 and spent > 0.9 * settings.ceiling * (model.day_answered + 1):
        return Held.BUDGET
    return None


def _may_come_free(agent: AgentView, now: float) -> bool:
    """Within the half minute that is looked at."""
    if agent.doing is Doing.TALKING:
        return now - agent.since < 39.0
    return agent.doing is Doing.WRAP_UP


def _accepted(model: Model, settings: Settings, over: int) -> float:
    """The risk that is accepted: with cuts as long as there are some left for what rings."""
    by_abandonments = math.exp(model.log_theta_a)
    if not settings.ring_cuts:
        return by_abandonments
    early = settings.early_cuts * 0.96 * (model.dials + 20) - model.early_cuts
    every = settings.all_cuts * 0.96 * (model.dials + 20) - model.cuts
    if min(early, every) < 1.0 + 0.3 * max(over, 0):
        return by_abandonments
    return max(by_abandonments, math.exp(min(model.log_theta, model.log_theta_e)))


def _look(state: State, model: Model, settings: Settings, idle: int) -> _Sight:
    table = ring_table(model.rings_used, model.level)
    rings = tuple([(ring_bin(state.now - ring.since), ring) for ring in state.rings])
    wraps = wrap_table(model.wraps_used, settings.threshold)
    briefs = brief_table(model.briefs_used, settings.threshold)
    stays = model.stayed / (model.stayed + model.left)
    rows: dict[tuple[int, int], int] = {}
    for agent in state.agents:
        if agent.pausing:
            continue
        if agent.doing is Doing.WRAP_UP:
            key = (0, wrap_bin(state.now - agent.since))
        elif agent.doing is Doing.TALKING and state.now - agent.since < 39.0:
            key = (1, brief_bin(state.now - agent.since))
        else:
            continue
        rows[key] = rows.get(key, 0) + 1
    releases = [
        (many, tuple([stays * chance for chance in wraps[place]]) if which == 0 else briefs[place])
        for (which, place), many in rows.items()
    ]
    rate = caller_rate(model, state.now)
    callers = [rate * (ahead + 1.0) for ahead in GRID]
    expected = sum([many * row[-1] for many, row in releases])
    shortage: Shortage
    if len(rings) + sum(many for many, _ in releases) <= EXACT:
        shortage = Exact(
            [table.by[age] for age, _ in rings], [row for many, row in releases for _ in range(many)], callers
        )
    else:
        ages: dict[int, int] = {}
        for age, _ in rings:
            ages[age] = ages.get(age, 0) + 1
        shortage = Normal([(many, table.by[age]) for age, many in ages.items()], releases, callers)
    return _Sight(idle, rings, table, shortage, expected)


def _starts(sight: _Sight, theta: float, reserved: int, most: int) -> tuple[int, float]:
    """One at a time while the risk is accepted; returns how many, and the risk of the last that was looked at."""
    start, risk = 0, 0.0
    fresh = sight.table.by[0]
    while start < most:
        risk = _risk(sight)
        if start >= reserved and risk > theta:
            break
        sight.shortage.add(fresh)
        start += 1
    return start, risk


def _risk(sight: _Sight) -> float:
    """That a call started now, once a person answers it, meets nobody, or takes the agent whom another needs."""
    worst, harm = 0.0, 0.0
    short = sight.shortage.short(sight.idle)
    for k in range(len(GRID) - 1, -1, -1):
        worst = max(worst, short[k])
        harm += sight.table.person_step[k] * worst
    return harm / sight.table.person


def _cuts(sight: _Sight, model: Model, settings: Settings) -> tuple[Hashable, ...]:
    """Rings whose next second is too dangerous, while the budget of cuts lasts."""
    if not sight.rings:
        return ()
    short = sight.shortage.short(sight.idle)[0]
    if short <= 0.0:
        return ()
    kappa = math.exp(model.log_kappa)
    all_left = settings.all_cuts * 0.96 * (model.dials + 20) - model.cuts
    early_left = settings.early_cuts * 0.96 * (model.dials + 20) - model.early_cuts
    cut = []
    soon = sight.table.soon
    for age, ring in sorted(sight.rings, key=lambda each: -soon[each[0]]):
        early = age < EARLY
        if soon[age] * short < kappa:
            break
        if all_left < 1.0 or (early and early_left < 1.0):
            continue
        cut.append(ring.call)
        all_left -= 1.0
        early_left -= early
        break
    return tuple(cut)
