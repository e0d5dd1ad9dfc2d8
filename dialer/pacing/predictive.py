"""Calls beyond one for each free agent, as long as the risk that somebody meets nobody is accepted."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
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
CUT_RISK = 0.12
FEW = 9
MACHINE_SOON = 0.05  # chance of a pick-up in a second from which a machine is about to
NEGLIGIBLE = 1e-4
_OLD = float(RING_BINS - 1)
_DIALS_AN_HOUR = 25.0  # by one agent, roughly
_SOON = 0.1  # seconds after a cut: there may be more to cut
# accepted risk by what is left of the promise: with nothing left in a large and in the smallest team, more for each
# abandonment that is left, at most
LEAN = (0.1, 0.5, 0.3, 1.6)
LATE = 2.0  # how much sooner a late ring is cut


class _Sight(NamedTuple):
    """What a decision rests on."""

    idle: int  # nobody's yet, less who waits
    now: float
    rings: Sequence[RingView]
    ages: dict[int, int]  # how many rings there are of each age bin
    table: RingTable
    shortage: Shortage
    answers: float
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
    cancel = _cuts(sight, model, settings, _list_short(state)) if settings.ring_cuts else ()
    if cautious is not None:
        start = min(_spared(state, model, reserved), most)
        reasons = Reasons(bound if start < reserved else cautious, "progressive", max(idle, 0), len(state.rings))
        return Decision(start=start, cancel=cancel, ask_again=_SOON if cancel else 1.0, reasons=reasons)
    accepted = _accepted(state, model, settings, len(state.rings) - idle)
    start, risk = (0, 0.0) if cancel else _starts(sight, accepted, reserved, most)
    reasons = Reasons(
        bound if start >= most else Held.RISK,
        "predictive",
        max(idle, 0),
        len(state.rings),
        sight.answers,
        sight.releases,
        risk,
        accepted.risk,
        model.credit,
    )
    return Decision(start=start, cancel=cancel, ask_again=_SOON if cancel else 1.0, reasons=reasons)


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
    """Overdrawn with callers about, agents are kept for them: one for each abandonment, but never all."""
    if model.credit >= -0.5 or not _callers_about(state, model):
        return reserved
    kept = min(math.ceil(-model.credit - 0.5), max(0, len(state.agents) - 2), 3)
    return max(0, reserved - kept)


def _list_short(state: State) -> bool:
    """Whether the list will be worked off anyway: then a cut ring is a resident lost, and nothing is gained."""
    if state.records is None:
        return False
    hours = 1.0 if state.closes_at is None else min(max((state.closes_at - state.now) / 3600.0, 0.0), 24.0)
    return state.records < _DIALS_AN_HOUR * len(state.agents) * hours


def _callers_about(state: State, model: Model) -> bool:
    """Whether a caller often comes while a call rings."""
    return caller_rate(model, state.now) * _RING > 0.008


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


def _accepted(state: State, model: Model, settings: Settings, over: int) -> _Accepted:
    """By the feedback; cuts are counted on as long as some are left for what rings."""
    agents = len(state.agents)
    burst = max(1.0, math.sqrt(agents) / 3.0)  # a large team loses several at once
    least = max(LEAN[0], LEAN[1] / (1.0 + agents / 4.0))
    lean = min(least + LEAN[2] * max(model.credit, 0.0) / burst, LEAN[3])
    risk = math.exp(model.log_theta_a) * lean
    if not settings.ring_cuts:
        return _Accepted(risk, 0.0, risk)
    early = settings.early_cuts * 0.96 * (model.dials + 20) - model.early_cuts
    every = settings.all_cuts * 0.96 * (model.dials + 20) - model.cuts
    left = min(early, every) - 1.0 - 0.3 * min(max(over, 0), 6)
    if _list_short(state):
        return _Accepted(risk, 0.0, risk)
    if _callers_about(state, model):
        left -= 2.0  # callers cost cuts too
    if left <= 0.0:
        return _Accepted(risk, 0.0, risk)
    bold = math.exp(model.boldness) * min(0.5 + 0.25 * left, 1.5)
    if agents <= FEW:
        return _Accepted(risk, HURRY * bold, risk)
    return _Accepted(risk, 0.0, risk + CUT_RISK * bold)


def _look(state: State, model: Model, settings: Settings, idle: int) -> _Sight:
    now = state.now
    table = ring_table(model.rings_used, model.level)
    ages: dict[int, int] = {}
    for _, since in state.rings:
        seconds = now - since
        age = int(seconds) if 0.0 <= seconds < _OLD else ring_bin(seconds)  # a call less for each of hundreds
        ages[age] = ages.get(age, 0) + 1
    releases = _releases(state, model, settings, table)
    rate = caller_rate(model, now)
    callers = [rate * (ahead + 1.0) for ahead in GRID]
    shortage: Shortage
    if len(state.rings) + sum([many for many, _ in releases]) <= EXACT:
        ringing = [table.by[age] for age, many in ages.items() for _ in range(many)]
        shortage = Exact(ringing, [row for many, row in releases for _ in range(many)], callers)
    else:
        shortage = Normal([(many, table.by[age]) for age, many in ages.items()], releases, callers)
    return _Sight(
        idle,
        now,
        state.rings,
        ages,
        table,
        shortage,
        sum([many * table.by[age][-1] for age, many in ages.items()]),
        sum([many * row[-1] for many, row in releases]),
    )


def _releases(state: State, model: Model, settings: Settings, table: RingTable) -> list[tuple[int, tuple[float, ...]]]:
    """Chances by grid second that agents come free, with how many agents have the same."""
    wraps = [wrap_table(spells, settings.threshold) for spells in model.wraps_used]
    briefs = brief_table(model.briefs_used, settings.threshold)
    stays = model.stayed / (model.stayed + model.left)
    now = state.now
    wrapping: dict[tuple[int, int], int] = {}
    rows: list[tuple[int, tuple[float, ...]]] = []
    for agent in state.agents:
        doing = agent.doing
        if agent.pausing or doing is Doing.IDLE or doing is Doing.PAUSED:
            continue
        if doing is Doing.WRAP_UP:
            key = (talk_class(agent.talked), wrap_bin(now - agent.since))
            wrapping[key] = wrapping.get(key, 0) + 1
        elif agent.ring is not None and _may_come_free(agent, now):
            rows.append((1, _times(stays, briefs.row(now - agent.since, table.machine[ring_bin(agent.ring)]))))
    rows += [(many, _times(stays, wraps[kind][place])) for (kind, place), many in wrapping.items()]
    return rows


def _times(factor: float, row: tuple[float, ...]) -> tuple[float, ...]:
    return tuple([factor * chance for chance in row])


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


def _cuts(sight: _Sight, model: Model, settings: Settings, sparing: bool) -> tuple[Hashable, ...]:
    """Rings whose next second is too dangerous, while the budget of cuts lasts."""
    if not sight.rings:
        return ()
    short = sight.shortage.short(sight.idle)[0]
    if short <= NEGLIGIBLE:
        return ()
    kappa = math.exp(model.log_kappa)
    all_left = settings.all_cuts * 0.96 * (model.dials + 20) - model.cuts
    early_left = settings.early_cuts * 0.96 * (model.dials + 20) - model.early_cuts
    if all_left < 1.0:
        return ()
    scarce = not sparing and 0 < sight.idle < len(sight.rings) and all_left - early_left > 2.0
    worst, chosen = 0.0, -1
    for age in sight.ages:
        early = age < EARLY
        if early and early_left < 1.0:
            continue
        harm = sight.table.soon[age] * short / kappa * (1.0 if early else LATE)
        if not early and scarce and _machine_comes(sight.table, age):
            harm = max(harm, 1.0)
        if harm >= 1.0 and harm > worst:
            worst, chosen = harm, age
    if chosen < 0:
        return ()
    return (next(call for call, since in sight.rings if ring_bin(sight.now - since) == chosen),)


def _machine_comes(table: RingTable, age: int) -> bool:
    """A machine is about to take an agent whom others count on."""
    return table.machine[min(age + 1, RING_BINS - 1)] > 0.6 and table.by[age][0] > MACHINE_SOON
