"""Surprise: something is so unlike what was foreseen that foresight is not to be trusted for a while."""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import StrEnum

from dialer.pacing.curves import exposures, ring_ages
from dialer.pacing.learned import Model
from dialer.pacing.view import State

LAG = 0.5  # seconds that events may come late: the two seconds of the promise run meanwhile
AHEAD = 1.0  # seconds that something may lie in the future
OLD_RING = 120.0  # seconds: no call rings for so long, so the clock has jumped or an event is lost
CALM = 60.0  # seconds after a surprise until foresight is trusted again
JUMP = 4.5  # standard deviations between answers seen and expected over the calls remembered
LEAVERS = 0.25  # of the team within some two minutes, at least
_FEWEST_LEAVERS = 2.0
_FEWEST_ANSWERS = 2.0  # fewer are no jump, whatever was expected


class Surprise(StrEnum):
    """What it is."""

    CLOCK = "clock"  # jumped
    LAG = "lag"  # events come late
    ANSWERS = "answers"  # far more than expected
    LEAVING = "leaving"  # agents, at once


def surprise(state: State, model: Model, ages: Mapping[int, int] | None = None) -> Surprise | None:
    """The first surprise there is, if any; one free agent a call as long as there is one.

    `ages`: how many rings there are of each age, where the caller has counted them.
    """
    if _clock(state, model):
        return Surprise.CLOCK
    if not state.lag <= LAG:
        return Surprise.LAG
    if _jumped(ring_ages(state.begun, state.now) if ages is None else ages, model):
        return Surprise.ANSWERS
    gone = _leavers(model, state.now)
    if gone >= max(_FEWEST_LEAVERS, LEAVERS * len(state.agents)) - 0.1:
        return Surprise.LEAVING
    return None


def _clock(state: State, model: Model) -> bool:
    now = state.now
    if not math.isfinite(now):
        return True
    if 0.0 <= now - model.jumped_at < CALM:
        return True
    began = state.begun
    if began and not (min(began) > now - OLD_RING and max(began) <= now + AHEAD):
        return True
    since = [agent.since for agent in state.agents]
    if not math.isfinite(sum(began) + sum(since)):
        return True
    return bool(since) and max(since) > now + AHEAD


def _jumped(ages: Mapping[int, int], model: Model) -> bool:
    """Counts are of a fading memory, whose variance is half of a Poisson count's.

    What rings now might have answered too: when hundreds have just been dialled, the first of them to end are those
    who answer.
    """
    if model.recent_seen < _FEWEST_ANSWERS:
        return False
    by_age = exposures(model.rings_used)
    ringing = sum([many * by_age[age] for age, many in ages.items()])
    expected = max((model.recent_expected + ringing) * model.level, 0.3)
    return model.recent_seen - expected > JUMP * math.sqrt(expected / 2.0)


def _leavers(model: Model, now: float) -> float:
    passed = now - model.leavers_at
    return model.leavers * math.exp(-passed / CALM) if 0.0 <= passed < math.inf else 0.0
