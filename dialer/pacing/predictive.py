"""Calls beyond one for each free agent, as long as the risk that somebody meets nobody is accepted."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Hashable, Sequence
from functools import lru_cache
from typing import NamedTuple

from dialer.pacing.budget import Left, accepted, cut_bound, left, lent, spare, worth
from dialer.pacing.curves import (
    GRID,
    RING_BINS,
    RingTable,
    brief_bin,
    brief_table,
    ring_ages,
    ring_bin,
    ring_table,
    seen_share,
    wrap_bin,
    wrap_table,
)
from dialer.pacing.guard import surprise
from dialer.pacing.learned import EARLY, EVIDENCE, HOURS, Model, caller_rate, talk_class, within
from dialer.pacing.risk import Releases, Shortage
from dialer.pacing.view import AgentView, Decision, Doing, Held, Mode, Reasons, RingView, Settings, State

_DEFAULT = Settings()
_RING = 12.0  # seconds from a dial to its answer
_LAST = len(GRID) - 1
LATE_WEIGHT = 0.4
BACK = 12  # seconds after which an agent is back from a machine, roughly
BRIEF = 39.0  # seconds after which a conversation is a person's
PLENTY = 5.0  # late cuts left from which a ring is not left to a machine even when nobody else needs the agent
COMING = 4  # answers for each agent that a day is sure to bring yet
MACHINE_SOON = 0.05  # chance of a pick-up in a second from which a machine is about to
NEGLIGIBLE = 1e-4
_DIALS_AN_HOUR = 25.0  # by one agent, roughly
_ENOUGH_AN_HOUR = 10.0  # what one call for each free agent makes at least
_IDLE, _TALKING, _WRAP_UP, _PAUSED = Doing.IDLE, Doing.TALKING, Doing.WRAP_UP, Doing.PAUSED  # looked up by the thousand
_SOON = 0.1  # seconds after a cut: there may be more to cut
CALLERS_KEEP = 2.0  # early cuts kept for callers, who cost cuts too
_PACE_STEPS, _PACE_MOST = 4, 8  # of a doubling; from a quarter of the team's pace to four times
_PACES = tuple([2.0 ** (step / _PACE_STEPS) for step in range(-_PACE_MOST, _PACE_MOST + 1)])
LATE = 4.0  # how much sooner a late ring is cut


class _Sight(NamedTuple):
    """What a decision rests on."""

    idle: int  # nobody's yet, less who waits
    now: float
    rings: Sequence[RingView]
    ages: dict[int, int]  # how many rings there are of each age bin
    table: RingTable
    weights: tuple[float, ...]  # what it weighs when a new call meets nobody, by grid second
    spare: float  # what it weighs that nobody is left free
    shortage: Shortage
    answers: float
    releases: float


def decide(state: State, model: Model, settings: Settings = _DEFAULT) -> Decision:
    """How many calls to start, which rings to hang up. Pure: the same three give the same."""
    held = _shut(state, settings)
    if held is not None:
        return Decision(reasons=Reasons(held, "progressive", rings=len(state.rings)))
    idle = sum([rested(agent, state.now, settings) for agent in state.agents if agent.doing is _IDLE])
    idle -= max(state.answered_waiting, 0) + max(state.inbound_waiting, 0) + max(state.appointments_due, 0)
    most, bound = _bounds(state)
    ages = ring_ages(state.begun, state.now)
    shock = surprise(state, model, ages)
    cautious = _cautious(model, settings, len(state.agents), shock is not None, state.now)
    if cautious is None and _list_short(state, _ENOUGH_AN_HOUR):
        cautious = Held.LIST
    reserved = max(0, idle - len(state.rings))
    if idle <= 0 and not state.rings and not any(_may_come_free(agent, state.now) for agent in state.agents):
        mode = "predictive" if cautious is None else "progressive"
        return Decision(reasons=Reasons(_nobody_free(state), mode, surprise=shock or ""))
    rest = left(model, settings, len(state.agents))
    if cautious is not None:
        cancel: tuple[Hashable, ...] = ()
        if settings.ring_cuts:
            cancel = _cuts(_look(state, model, settings, idle, ages), rest, _list_short(state))
        spared = _spared(state, model, reserved)
        start = min(spared, most)
        why = bound if start < spared else Held.INBOUND if spared < reserved else cautious
        reasons = Reasons(why, "progressive", max(idle, 0), len(state.rings), budget=rest.promise, surprise=shock or "")
        return Decision(start=start, cancel=cancel, ask_again=_SOON if cancel else 1.0, reasons=reasons)
    sight = _look(state, model, settings, idle, ages)
    cancel = _cuts(sight, rest, _list_short(state)) if settings.ring_cuts else ()
    if _list_short(state) or _callers_about(state, model):
        rest = rest._replace(early=rest.early - CALLERS_KEEP)
    risk_accepted = accepted(model, rest, len(state.agents), len(state.rings) - idle)
    later = risk_accepted * worth(None, len(state.agents))
    risk_accepted *= worth(_youngest(state), len(state.agents))
    start, risk = (0, 0.0) if cancel else _starts(sight, risk_accepted, later, reserved, most)
    reasons = Reasons(
        bound if start >= most else Held.RISK,
        "predictive",
        max(idle, 0),
        len(state.rings),
        sight.answers,
        sight.releases,
        risk,
        risk_accepted,
        rest.promise,
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


def _cautious(model: Model, settings: Settings, agents: int, surprised: bool, now: float) -> Held | None:
    """Why only one call for each free agent, if so."""
    if settings.mode is Mode.PROGRESSIVE or model.watched < EVIDENCE:
        return Held.AGENTS
    if surprised:
        return Held.GUARD
    if model.credit + lent(agents) < 0.0:
        return Held.BUDGET
    spent = model.day_abandoned + 1
    if spent > 2 and spent > 0.9 * settings.ceiling * (model.day_answered + 1 + COMING * agents):
        return Held.BUDGET
    if settings.window < HOURS:
        answered, abandoned = within(model, now, settings.window)
        if abandoned + 1 > 2 and abandoned + 1 > settings.target * (answered + 1 + COMING * agents):
            return Held.BUDGET
    return None


def _spared(state: State, model: Model, reserved: int) -> int:
    """Overdrawn with callers about, agents are kept for them: one for each abandonment, but never all."""
    owed = -model.credit - lent(len(state.agents))
    if owed <= 0.5 or not _callers_about(state, model):
        return reserved
    kept = min(math.ceil(owed - 0.5), max(0, len(state.agents) - 2), 3)
    return max(0, reserved - kept)


def _list_short(state: State, dials: float = _DIALS_AN_HOUR) -> bool:
    """Whether the list will be worked off anyway, at so many dials an hour and agent.

    Then a cut ring is a resident lost; and where one call for each free agent is enough, nothing is gained by more.
    """
    if state.records is None:
        return False
    hours = 1.0 if state.closes_at is None else min(max((state.closes_at - state.now) / 3600.0, 0.0), 24.0)
    return state.records < dials * len(state.agents) * hours


def _callers_about(state: State, model: Model) -> bool:
    """Whether a caller often comes while a call rings."""
    return caller_rate(model, state.now) * _RING > 0.008


def rested(agent: AgentView, now: float, settings: Settings) -> bool:
    """Whether this idle agent may be given a conversation: not about to go, and has had his rest."""
    if agent.pausing or (agent.worked is not None and agent.worked >= settings.occupancy):
        return False
    return not now - agent.since < (settings.long_breath if agent.shaken else settings.breath)


def _nobody_free(state: State) -> Held:
    """Why nobody is free, when nothing rings and nobody comes free soon."""
    resting = any(agent.doing is _IDLE and not agent.pausing for agent in state.agents)
    return Held.BREATH if resting else Held.AGENTS


def _may_come_free(agent: AgentView, now: float) -> bool:
    """Within the half minute that is looked at."""
    if agent.doing is _TALKING:
        return now - agent.since < BRIEF
    return agent.doing is _WRAP_UP


def _look(state: State, model: Model, settings: Settings, idle: int, ages: dict[int, int]) -> _Sight:
    now = state.now
    late = LATE_WEIGHT if settings.ring_cuts else 1.0
    table = ring_table(model.rings_used, model.level, BACK, late)
    releases = _releases(state, model, settings, table)
    rate = caller_rate(model, now)
    callers = [rate * (ahead + 1.0) for ahead in GRID]
    shortage = Shortage([(many, table.by[age]) for age, many in ages.items()], releases, callers)
    return _Sight(
        idle,
        now,
        state.rings,
        ages,
        table,
        tuple([late if ahead >= EARLY else 1.0 for ahead in GRID]),
        spare(3600.0 * rate, len(state.agents)),
        shortage,
        sum([many * table.by[age][-1] for age, many in ages.items()]),
        sum([many * factor * row[-1] for many, factor, row in releases]),
    )


def _releases(state: State, model: Model, settings: Settings, table: RingTable) -> Releases:
    """Chances by grid second that agents come free, with how many agents have the same."""
    wraps = [wrap_table(spells, settings.threshold) for spells in model.wraps_used]
    briefs = brief_table(model.briefs_used, settings.threshold)
    stays = model.stayed / (model.stayed + model.left)
    sure = [stays * seen_share(spells) for spells in model.wraps_used]
    now = state.now
    wrapping: Counter[tuple[int, int]] = Counter()
    greeting: Counter[tuple[float, int]] = Counter()
    own: Counter[tuple[int, int, int]] = Counter()
    for _, doing, since, pausing, ring, talked, _, _, own_pace in state.agents:
        if pausing or doing is _IDLE or doing is _PAUSED:
            continue
        if doing is _TALKING:
            if now - since < BRIEF:
                machine = table.machines if ring is None else table.machine[ring_bin(ring)]
                greeting[machine, brief_bin(now - since)] += 1
        elif own_pace is not None and 0.0 < own_pace < math.inf:
            step = _pace_step(own_pace)
            own[talk_class(talked), wrap_bin((now - since) / _PACES[step]), step] += 1
        else:
            wrapping[talk_class(talked), wrap_bin(now - since)] += 1
    rows = [
        (many, stays * briefs.share(second, machine), briefs.by[second]) for (machine, second), many in greeting.items()
    ]
    rows += [(many, sure[kind], wraps[kind][place]) for (kind, place), many in wrapping.items()]
    rows += [
        (many, sure[kind], _at_pace(wraps[kind][place], _PACES[step], settings.threshold))
        for (kind, place, step), many in own.items()
    ]
    return rows


def _pace_step(pace: float) -> int:
    """Which of `_PACES` is nearest: agents of about one pace are looked at together."""
    return min(max(round(_PACE_STEPS * math.log2(pace)), -_PACE_MOST), _PACE_MOST) + _PACE_MOST


@lru_cache(maxsize=512)
def _at_pace(row: tuple[float, ...], pace: float, threshold: float) -> tuple[float, ...]:
    """Chances by grid second of somebody for whom a second is `1 / pace` of the team's; never too high."""
    found = []
    for ahead in GRID:
        place = bisect_right(GRID, (ahead + threshold) / pace - threshold) - 1
        found.append(row[place] if place >= 0 else 0.0)
    return tuple(found)


def _youngest(state: State) -> float | None:
    """Seconds that the newest call has rung."""
    return state.now - max(state.begun) if state.begun else None


def _starts(sight: _Sight, accepted: float, later: float, reserved: int, most: int) -> tuple[int, float]:
    """As many as the risk allows; returns how many, and the risk of the last, or of the one that was too many.

    `accepted` for the first, `later` for any after it: the newest ring is then a fresh one. Each one more is a higher
    risk, so the last that may be is searched for: in steps that double, then by halves. Most decisions start few.
    """
    start, risk, refused = min(reserved, most), 0.0, most + 1
    if start < 1 <= most:
        risk = _risk(sight, accepted)
        if risk > accepted:
            return 0, risk
        start = 1
    step = 1
    while start + 1 < refused:
        tried = min(start + step, refused - 1)
        sight.shortage.fresh(sight.table.by[0], tried - 1)
        found = _risk(sight, later)
        if found > later:
            refused, risk = tried, found
        else:
            start, risk = tried, risk if refused <= most else found
        step = 2 * step if refused > most else max((refused - start) // 2, 1)
    return start, risk


def _risk(sight: _Sight, enough: float) -> float:
    """Expected persons who meet nobody because of a call started now, for each person who answers it.

    Himself, when agents are out at that second; whoever answers later and finds the agent taken whom he would have
    had; and by `spare` a caller who finds nobody free. Summed from the far end; what is above `enough` is not looked at
    further.
    """
    table, shortage, idle = sight.table, sight.shortage, sight.idle
    others, harm = 0.0, 0.0
    for k in range(_LAST, -1, -1):
        step = table.person_step[k]
        if step > 0.0:
            last = sight.spare * shortage.short(k, idle - 1) if sight.spare else 0.0
            harm += step * min(shortage.short(k, idle) * sight.weights[k] + last + others, 1.0)
            if harm > enough * table.person:
                break
        answers = sum([many * table.harm[age][k] for age, many in sight.ages.items()])
        if answers > NEGLIGIBLE:
            others += answers * shortage.push(k, idle)
    return harm / table.person


def _cuts(sight: _Sight, rest: Left, sparing: bool) -> tuple[Hashable, ...]:
    """Rings whose next second is too dangerous, while the budget of cuts lasts."""
    if not sight.rings or rest.cuts < 1.0:
        return ()
    short = sight.shortage.short(0, sight.idle)
    kappa = cut_bound(rest)
    late_left = rest.cuts - rest.early
    scarce = not sparing and sight.idle > 0 and late_left > (2.0 if sight.idle < len(sight.rings) else PLENTY)
    worst, chosen = 0.0, -1
    for age in sight.ages:
        early = age < EARLY
        if early and rest.early < 1.0:
            continue
        harm = sight.table.soon[age] * short / kappa * (1.0 if early else LATE)
        if not early and scarce and _machine_comes(sight.table, age):
            harm = max(harm, 1.0)
        if harm >= 1.0 and harm > worst:
            worst, chosen = harm, age
    if chosen < 0:
        return ()
    low = chosen if chosen else -math.inf
    high = chosen + 1 if chosen < RING_BINS - 1 else math.inf
    now = sight.now
    return tuple([call for call, since in sight.rings if low <= now - since < high][:1])


def _machine_comes(table: RingTable, age: int) -> bool:
    """A machine is about to take an agent whom others count on."""
    return table.machine[min(age + 1, RING_BINS - 1)] > 0.6 and table.by[age][0] > MACHINE_SOON
