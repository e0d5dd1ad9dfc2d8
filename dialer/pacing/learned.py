"""What pacing has learned, as a value, and how an event changes it."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import Any

from dialer.pacing.curves import (
    Rings,
    Spells,
    brief_bin,
    bump,
    exposure,
    prior_briefs,
    prior_rings,
    prior_wraps,
    ring_bin,
    rings_ended,
    wrap_bin,
)
from dialer.pacing.view import (
    Abandoned,
    Called,
    DayBegan,
    Ended,
    Event,
    Kind,
    Left,
    PartBegan,
    PickedUp,
    RingEnded,
    TalkEnded,
    WrapUpEnded,
)

VERSION = 3
COUNTS = ("answered", "abandoned", "dials", "cuts", "early_cuts", "credit", "day_answered", "day_abandoned")
"""What the ledger knows too: after a restart it is restored from there, however old the rest is."""
_RINGS, _WRAPS, _BRIEFS = prior_rings(), prior_wraps(), prior_briefs()
TALKS = (45.0, 120.0, math.inf)  # seconds: a wrap-up is learned by the class of the conversation before it
EARLY = 15.0  # seconds of ringing before which a cut is a nuisance
_SETTLE = 12  # new calls after which the curves in use are taken anew
_LEVEL_CALLS = 40.0  # calls over which the level is taken, or
_LEVEL_SECONDS = 240.0  # so many seconds when calls are many
_LEVEL_PRIOR = 3.0  # expected answers that the long-run level is worth
HOURS = 24
PARTS = 4
_PART_CALLS = 4000.0  # calls over which a part of the day is remembered: a week or two of a small team
_PART_PRIOR = 12.0  # expected answers from which a part's own level is half believed
_PART_LEVELS = (0.4, 2.5)
_TAKEN_CALLS, _TAKEN_SPELLS, _TAKEN_ANSWERS = 150.0, 60.0, 60.0  # what an earlier campaign may weigh
_CALLER_MEMORY = 1200.0
_RECENT = 11.0 / 12.0  # the guard remembers a dozen calls, or
_RECENT_SECONDS = 5.0  # so many seconds when calls are many: a dozen calls often look odd when hundreds are looked at
_LEAVERS_MEMORY = 60.0
_BACK = 2.0  # seconds by which events may come in a wrong order
_MOST_CREDIT = 12.0
EARNED = 0.95  # of the target: what each answer pays into the promise, so that what is lent is paid back
AIM = 0.93  # of the target: the fixed point of the feedback
EVIDENCE = 40.0  # calls watched to their end before the model is trusted
THETA_USUAL = math.log(0.05)
THETA = (math.log(0.004), math.log(0.15))  # accepted risk: least and most
ETA = 0.06  # step of log theta for an abandonment


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Everything that is remembered. Counts only: nothing about persons."""

    version: int = VERSION
    rings: Rings = _RINGS
    rings_used: Rings = _RINGS
    watched: float = 0.0  # calls that said something about answers
    unsettled: int = 0
    level_seen: float = _LEVEL_PRIOR
    level_expected: float = _LEVEL_PRIOR
    level_at: float = -math.inf
    level: float = 1.0  # as used
    part: int = -1  # of the day; -1: not told
    part_level: float = 1.0  # what is usual in it: the level is drawn towards this
    part_seen: tuple[float, ...] = (0.0,) * PARTS  # answers in each part of the day, fading over the days
    part_expected: tuple[float, ...] = (0.0,) * PARTS
    wraps: tuple[Spells, ...] = (_WRAPS,) * len(TALKS)  # by how long the conversation was
    wraps_used: tuple[Spells, ...] = (_WRAPS,) * len(TALKS)
    briefs: Spells = _BRIEFS
    briefs_used: Spells = _BRIEFS
    spells: int = 0
    stayed: float = 19.0
    left: float = 1.0
    callers: float = 0.0  # in memory
    callers_at: float = -math.inf
    answered: int = 0
    abandoned: int = 0
    dials: int = 0  # that rang: not those that the carrier refused
    cuts: int = 0
    early_cuts: int = 0
    credit: float = 0.0  # abandonments earned by answers and not used; what is lent comes on top (`budget.lent`)
    day_answered: int = 0
    day_abandoned: int = 0
    hour: int = -1  # the last that was counted, since the clock's own beginning
    hour_answered: tuple[int, ...] = (0,) * HOURS  # of each of the last 24 hours, by the hour's number
    hour_abandoned: tuple[int, ...] = (0,) * HOURS
    recent_seen: float = 0.0  # answers of the last dozen calls or five seconds, fading
    recent_expected: float = 0.0  # what they would have been at level 1
    leavers: float = 0.0  # agents who went away, fading within a minute
    leavers_at: float = -math.inf
    told_at: float = -math.inf  # the last event
    jumped_at: float = -math.inf  # when the clock was seen to go back
    log_theta: float = THETA_USUAL  # of the risk that is accepted of one more call


def observe(model: Model, event: Event, target: float = 0.01) -> Model:
    """The model after an event. Pure; an event that makes no sense changes little and breaks nothing."""
    if event.at < model.told_at - _BACK:
        model = replace(model, told_at=event.at, jumped_at=event.at)
    elif event.at > model.told_at:
        model = replace(model, told_at=event.at)
    match event:
        case PickedUp():
            return _ring(model, event.at, event.age, picked=True)
        case RingEnded():
            return _unanswered(model, event)
        case Abandoned():
            return _abandoned(_counted(model, event.at, abandoned=True))
        case TalkEnded():
            person = event.kind is Kind.PERSON
            return _talked(_counted(model, event.at, abandoned=False) if person else model, event, target)
        case WrapUpEnded():
            return _wrapped_up(model, event)
        case Called():
            return replace(model, callers=callers_now(model, event.at) + 1.0, callers_at=event.at)
        case Left():
            return _gone(model, event.at)
        case DayBegan():
            return _new_day(model, event.at)
        case PartBegan():
            return _new_part(model, event.part)
        case _:
            return model


def callers_now(model: Model, now: float) -> float:
    """Callers remembered at this moment."""
    passed = now - model.callers_at
    if not passed > 0.0:
        return model.callers
    return model.callers * math.exp(-passed / _CALLER_MEMORY)


def caller_rate(model: Model, now: float) -> float:
    """Callers a second, as expected now."""
    return callers_now(model, now) / _CALLER_MEMORY


def _ring(model: Model, at: float, age: float, picked: bool, informative: bool = True) -> Model:
    rings = rings_ended(model.rings, age, picked)
    passed = at - model.level_at
    share, kept = 1.0 / _LEVEL_CALLS, _RECENT
    if 0.0 <= passed < math.inf:
        share = min(share, max(passed, 0.02) / _LEVEL_SECONDS)
        kept = max(kept, math.exp(-max(passed, 0.002) / _RECENT_SECONDS))
    foreseen = exposure(model.rings_used, age, picked)
    seen = model.level_seen * (1.0 - share) + share * _LEVEL_PRIOR * model.part_level + picked
    expected = model.level_expected * (1.0 - share) + share * _LEVEL_PRIOR + foreseen
    level = min(max(seen / expected, 0.2), 4.0)
    values: dict[str, Any] = {
        "rings": rings,
        "watched": model.watched + informative,
        "dials": model.dials + 1,
        "level_seen": seen,
        "level_expected": expected,
        "level_at": at,
        "recent_seen": model.recent_seen * kept + picked,
        "recent_expected": model.recent_expected * kept + foreseen,
    }
    if model.part >= 0:
        fading = 1.0 - 1.0 / _PART_CALLS
        values["part_seen"] = bump(tuple([fading * n for n in model.part_seen]), model.part, picked)
        values["part_expected"] = bump(tuple([fading * n for n in model.part_expected]), model.part, foreseen)
    if abs(level - model.level) > 0.05 * model.level:
        values["level"] = level
    values["unsettled"] = model.unsettled + 1
    if model.unsettled + 1 >= _SETTLE:
        values["unsettled"] = 0
        values["rings_used"] = rings
    return replace(model, **values)


def _unanswered(model: Model, event: RingEnded) -> Model:
    if event.how is Ended.CARRIER:
        return model  # says nothing about residents
    model = _ring(model, event.at, event.age, picked=False, informative=event.how is not Ended.CUT)
    if event.how is not Ended.CUT:
        return model
    early = event.age < EARLY
    return replace(
        model,
        cuts=model.cuts + 1,
        early_cuts=model.early_cuts + early,
    )


def within(model: Model, now: float, hours: float) -> tuple[int, int]:
    """Answered and abandoned calls of the running hour and those before it, so many hours in all."""
    this = _hour(now)
    if this is None:
        return 0, 0
    first, last = max(this - int(hours) + 1, model.hour - HOURS + 1), min(this, model.hour)
    places = [hour % HOURS for hour in range(first, last + 1)]
    return sum([model.hour_answered[place] for place in places]), sum([model.hour_abandoned[place] for place in places])


def _hour(at: float) -> int | None:
    return int(at // 3600.0) if math.isfinite(at) else None


def _counted(model: Model, at: float, *, abandoned: bool) -> Model:
    """One more answered call in its hour; hours that nothing happened in are empty, older ones forgotten.

    Events come a little out of order: one of an hour before counts there.
    """
    hour = _hour(at)
    if hour is None:
        return model
    answered_in, abandoned_in, last = list(model.hour_answered), list(model.hour_abandoned), model.hour
    if not last - HOURS < hour < last + HOURS:  # a day passed, or the clock went far back
        answered_in, abandoned_in, last = [0] * HOURS, [0] * HOURS, hour
    for gone in range(last + 1, hour + 1):
        answered_in[gone % HOURS] = abandoned_in[gone % HOURS] = 0
    answered_in[hour % HOURS] += 1
    abandoned_in[hour % HOURS] += abandoned
    return replace(model, hour=max(last, hour), hour_answered=tuple(answered_in), hour_abandoned=tuple(abandoned_in))


def _abandoned(model: Model) -> Model:
    return replace(
        model,
        answered=model.answered + 1,
        abandoned=model.abandoned + 1,
        credit=model.credit - 1.0,
        day_answered=model.day_answered + 1,
        day_abandoned=model.day_abandoned + 1,
        log_theta=max(model.log_theta - ETA, THETA[0]),
    )


def _talked(model: Model, event: TalkEnded, target: float) -> Model:
    person = event.kind is Kind.PERSON
    place = ring_bin(event.ring)
    rings = model.rings
    briefs = model.briefs
    if not person:
        rings = rings._replace(machines=bump(rings.machines, place, 1.0))
        briefs = briefs._replace(ended=bump(briefs.ended, brief_bin(event.seconds), 1.0))
    values: dict[str, Any] = {"rings": rings, "briefs": briefs, **_settle(model, briefs=briefs, wraps=model.wraps)}
    if person:
        values |= {
            "answered": model.answered + 1,
            "day_answered": model.day_answered + 1,
            "credit": min(model.credit + EARNED * target, _MOST_CREDIT),
            "log_theta": min(model.log_theta + ETA * AIM * target, THETA[1]),
        }
    return replace(model, **values)


def talk_class(talked: float | None) -> int:
    """Which class of `TALKS`; what is not known is the last, the usual one."""
    if talked is None:
        return len(TALKS) - 1
    return len(TALKS) - 1 if math.isnan(talked) else min(bisect_right(TALKS, talked), len(TALKS) - 1)


def _wrapped_up(model: Model, event: WrapUpEnded) -> Model:
    kind = talk_class(event.talked)
    spells = model.wraps[kind]
    changed = spells._replace(ended=bump(spells.ended, wrap_bin(event.seconds), 1.0))
    wraps = (*model.wraps[:kind], changed, *model.wraps[kind + 1 :])
    if not event.stays:
        model = _gone(model, event.at)
    return replace(
        model,
        wraps=wraps,
        stayed=model.stayed + event.stays,
        left=model.left + (not event.stays),
        **_settle(model, briefs=model.briefs, wraps=wraps),
    )


def _gone(model: Model, at: float) -> Model:
    passed = at - model.leavers_at
    kept = model.leavers * math.exp(-passed / _LEAVERS_MEMORY) if 0.0 <= passed < math.inf else 0.0
    return replace(model, leavers=kept + 1.0, leavers_at=at)


def _settle(model: Model, briefs: Spells, wraps: tuple[Spells, ...]) -> dict[str, Any]:
    if model.spells + 1 < _SETTLE:
        return {"spells": model.spells + 1}
    return {"spells": 0, "briefs_used": briefs, "wraps_used": wraps}


def _new_day(model: Model, at: float) -> Model:
    return replace(
        model,
        day_answered=0,
        day_abandoned=0,
        level_seen=_LEVEL_PRIOR,
        level_expected=_LEVEL_PRIOR,
        level=1.0,
        level_at=at,
        callers_at=at,
        recent_seen=0.0,
        recent_expected=0.0,
        part=-1,
        part_level=1.0,
    )


def _new_part(model: Model, part: int) -> Model:
    """What is usual then, at once; by how much today is unlike other days, stays."""
    if not 0 <= part < PARTS:
        return replace(model, part=-1, part_level=1.0)
    usual = part_usual(model, part)
    seen = model.level_seen * usual / model.part_level
    level = min(max(seen / model.level_expected, 0.2), 4.0)
    return replace(model, part=part, part_level=usual, level_seen=seen, level=level)


def part_usual(model: Model, part: int) -> float:
    """How readily people usually pick up in a part of the day, against the curve."""
    usual = (model.part_seen[part] + _PART_PRIOR) / (model.part_expected[part] + _PART_PRIOR)
    return min(max(usual, _PART_LEVELS[0]), _PART_LEVELS[1])


def inherited(model: Model) -> Model:
    """What a new campaign may take over from an earlier one of the same client.

    How long things take and when people answer, as far as half a day of a small team teaches it; no counts, no budgets,
    nothing of today. There is still evidence to be gathered before it predicts.
    """
    part = min(1.0, _TAKEN_CALLS / max(model.rings.at_risk[0], 1.0))
    rings = Rings(*[tuple([part * n for n in counts]) for counts in model.rings])
    wraps, briefs = tuple([_thinned(spells) for spells in model.wraps]), _thinned(model.briefs)
    parts = min(1.0, _TAKEN_ANSWERS / max(sum(model.part_expected), 1.0))
    return Model(
        rings=rings,
        rings_used=rings,
        watched=min(model.watched, EVIDENCE / 2.0),
        wraps=wraps,
        wraps_used=wraps,
        briefs=briefs,
        briefs_used=briefs,
        part_seen=tuple([parts * n for n in model.part_seen]),
        part_expected=tuple([parts * n for n in model.part_expected]),
    )


def _thinned(spells: Spells) -> Spells:
    part = min(1.0, _TAKEN_SPELLS / max(sum(spells.ended) + sum(spells.censored), 1.0))
    return Spells(*[tuple([part * n for n in counts]) for counts in spells])
