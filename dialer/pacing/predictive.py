"""Calls beyond one for each free agent, as long as the risk that somebody meets nobody is accepted."""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import NamedTuple

from dialer.pacing.curves import (
    GRID,
    RING_BINS,
    RingTable,
    brief_table,
    ring_bin,
    ring_table,
    wrap_bin,
    wrap_table,
)
from dialer.pacing.learned import EARLY, EVIDENCE, Model, caller_rate, talk_class
from dialer.pacing.risk import EXACT, Exact, Normal, Shortage
from dialer.pacing.view import AgentView, Decision, Doing, Held, Mode, Reasons, RingView, Settings, State

_DEFAULT = Settings()
_RING = 12.0  # seconds from a dial to its answer
HURRY = 0.014
CUT_RISK = 0.06
FEW = 5
LEAN = (0.4, 0.3, 1.6)  # accepted risk by what is left of the promise: at nothing, for each abandonment, at most
LATE = 2.0  # how much sooner a late ring is cut


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
    idle = sum(_idle(agent, state.now, settings.breath) for agent in state.agents)
    idle -= max(state.answered_waiting, 0) + max(state.inbound_waiting, 0) + max(state.appointments_due, 0)
    most, bound = _bounds(state)
    cautious = _cautious(model, settings)
    reserved = max(0, idle - len(state.rings))
    if idle <= 0 and not state.rings and not any(_may_come_free(agent, state.now) for agent in state.agents):
        return Decision(reasons=Reasons(Held.AGENTS, "progressive" if cautious else "predictive"))
    sight = _look(state, model, settings, idle)
    cancel = _cuts(sight, model, settings) if settings.ring_cuts else ()
    if cautious is not None:
        start = min(_spared(state, model, reserved), most)
        reasons = Reasons(bound if start < reserved else cautious, "progressive", max(idle, 0), len(state.rings))
        return Decision(start=start, cancel=cancel, reasons=reasons)
    accepted = _accepted(model, settings, len(state.rings) - idle, len(state.agents))
    start, risk = _starts(sight, accepted, reserved, most)
    reasons = Reasons(
        bound if start >= most else Held.RISK,
        "predictive",
        max(idle, 0),
        len(state.rings),
        sum(sight.table.by[age][-1] for age, _ in sight.rings),
        sight.releases,
        risk,
        accepted.risk,
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


def _spared(state: State, model: Model, reserved: int) -> int:
    """With too many abandoned and callers about, one agent is kept for them; a team of two cannot."""
    many = caller_rate(model, state.now) * _RING > 0.008 and len(state.agents) > 2
    return max(0, reserved - 1) if many and model.credit < -0.5 else reserved


def _idle(agent: AgentView, now: float, breath: float) -> bool:
    return agent.doing is Doing.IDLE and not agent.pausing and not now - agent.since < breath


def _may_come_free(agent: AgentView, now: float) -> bool:
    """Within the half minute that is looked at."""
    if agent.doing is Doing.TALKING:
        return now - agent.since < 39.0
    return agent.doing is Doing.WRAP_UP


class _Accepted(NamedTuple):
    """What is accepted of one more call."""

    risk: float  # that it meets nobody, given that it is answered
    hurry: float  # shortages a second of waiting saved: a ring is cut then. 0: no cuts are left
    cut_risk: float  # as `risk`, where rings that would meet nobody are cut


def _accepted(model: Model, settings: Settings, over: int, agents: int) -> _Accepted:
    """By the feedback; cuts are counted on as long as some are left for what rings."""
    risk = math.exp(model.log_theta_a) * min(max(LEAN[0] + LEAN[1] * model.credit, LEAN[0]), LEAN[2])
    if not settings.ring_cuts:
        return _Accepted(risk, 0.0, risk)
    early = settings.early_cuts * 0.96 * (model.dials + 20) - model.early_cuts
    every = settings.all_cuts * 0.96 * (model.dials + 20) - model.cuts
    left = min(early, every) - 1.0 - 0.3 * min(max(over, 0), 6)
    if left <= 0.0:
        return _Accepted(risk, 0.0, risk)
    bold = math.exp(model.boldness) * min(0.5 + 0.25 * left, 1.5)
    if agents <= FEW:
        return _Accepted(risk, HURRY * bold, risk)
    return _Accepted(risk, 0.0, risk + CUT_RISK * bold)


def _look(state: State, model: Model, settings: Settings, idle: int) -> _Sight:
    table = ring_table(model.rings_used, model.level)
    rings = tuple([(ring_bin(state.now - ring.since), ring) for ring in state.rings])
    wraps = [wrap_table(spells, settings.threshold) for spells in model.wraps_used]
    briefs = brief_table(model.briefs_used, settings.threshold)
    stays = model.stayed / (model.stayed + model.left)
    rows: dict[tuple[float, ...], int] = {}
    for agent in state.agents:
        if agent.pausing:
            continue
        if agent.doing is Doing.WRAP_UP:
            row = wraps[talk_class(agent.talked)][wrap_bin(state.now - agent.since)]
        elif _may_come_free(agent, state.now) and agent.ring is not None:
            row = briefs.row(state.now - agent.since, table.machine[ring_bin(agent.ring)])
        else:
            continue
        rows[row] = rows.get(row, 0) + 1
    releases = [(many, tuple([stays * chance for chance in row])) for row, many in rows.items()]
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


def _starts(sight: _Sight, accepted: _Accepted, reserved: int, most: int) -> tuple[int, float]:
    """One at a time while the risk is accepted; returns how many, and the risk of the last that was looked at."""
    start, risk = 0, 0.0
    fresh = sight.table.by[0]
    while start < most:
        short = sight.shortage.short(sight.idle)
        risk = _risk(short, sight.table)
        if start >= reserved and risk > accepted.risk and not _worth_a_cut(sight.shortage, short, risk, accepted):
            break
        sight.shortage.add(fresh)
        start += 1
    return start, risk


def _worth_a_cut(shortage: Shortage, short: list[float], risk: float, accepted: _Accepted) -> bool:
    if risk <= accepted.cut_risk:
        return True
    return isinstance(shortage, Exact) and _hurry(short) <= accepted.hurry


def _risk(short: list[float], table: RingTable) -> float:
    """That a call started now, once a person answers it, meets nobody, or takes the agent whom another needs."""
    worst, harm = 0.0, 0.0
    for k in range(len(GRID) - 1, -1, -1):
        worst = max(worst, short[k])
        harm += table.person_step[k] * worst
    return harm / table.person


def _hurry(short: list[float]) -> float:
    """What starting now costs against starting later: shortages for each second gained, at the worst delay.

    Whoever waits d seconds starts only if no shortage has come by then; he loses the seconds without one.
    """
    worst, gained, before = 0.0, 0.0, 0.0
    for ahead, chance in zip(GRID, short, strict=True):
        gained += (ahead - before) * (1.0 - chance)
        before = ahead
        worst = max(worst, chance / max(gained, 1e-3))
    return worst


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
    if all_left < 1.0:
        return ()
    over = len(sight.rings) > sight.idle
    table = sight.table
    worst, chosen = 0.0, None
    for age, ring in sight.rings:
        early = age < EARLY
        if early and early_left < 1.0:
            continue
        harm = table.soon[age] * short / kappa
        if not early:
            harm *= LATE
            if (
                over
                and sight.idle > 0
                and table.machine[min(age + 1, RING_BINS - 1)] > 0.6
                and table.by[age][0] > 0.05
                and all_left - early_left > 2.0
            ):
                harm = max(harm, 1.0)  # a machine is about to take an agent whom others count on
        if harm >= 1.0 and harm > worst:
            worst, chosen = harm, ring.call
    return () if chosen is None else (chosen,)
