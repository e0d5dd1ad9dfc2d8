"""How long things take, learned from counts: answers by ring age, releases by seconds in wrap-up or talk.

Kaplan-Meier with a prior: each bin's hazard is (events + prior events) / (at risk + prior at risk), so a call that was
cut or refused counts exactly for the seconds that it was watched. Bins are one second for rings.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

RING_BINS = 45  # seconds; an older ring is taken as this old
GRID = (1, 3, 5, 7, 9, 11, 13, 15, 18, 22, 28)  # seconds ahead at which risk is looked at
STEPS = tuple(itertools.pairwise((0, *GRID)))
LATE_RING = 15  # seconds of ringing from which a cut is no nuisance
_PRIOR_RINGS = 40.0  # how many calls the prior's shape is worth
_BRIEF_BINS = 40  # seconds of talk after which it is taken as a person's
_WRAP_RATIO = 1.12
_WRAP_FIRST = 5.0
_WRAP_BINS = 48
_WRAP_LAST = _WRAP_FIRST * _WRAP_RATIO ** (_WRAP_BINS - 1)
_PRIOR_WRAPS = 12.0


class Rings(NamedTuple):
    """Counts of ring ages: pick-ups in each second, calls that reached it, machines among pick-ups."""

    picked: tuple[float, ...]
    at_risk: tuple[float, ...]
    machines: tuple[float, ...]


class Spells(NamedTuple):
    """Counts of durations in bins, and how many lasted on when last seen (censored)."""

    ended: tuple[float, ...]
    censored: tuple[float, ...]


def prior_rings() -> Rings:
    """What is thought before anything was seen: a quarter picks up, most after 8 to 12 s, machines after 18."""
    picked, at_risk, machines = [], [], []
    left = _PRIOR_RINGS
    for second in range(RING_BINS):
        person = _PRIOR_RINGS * (0.18 * _bell(second, 10.5, 3.5) + 0.05 * _bell(second, 16.0, 5.0))
        machine = 0.10 * _PRIOR_RINGS * _bell(second, 20.0, 3.0)
        picked.append(person + machine)
        at_risk.append(max(left, 1.0) if second <= 28 else 1.0)
        machines.append(machine + 1e-4)
        left -= person + machine
    return Rings(tuple(picked), tuple(at_risk), tuple(machines))


def _bell(second: int, mean: float, width: float) -> float:
    if second < 3:
        return 0.0
    return math.exp(-(((second + 0.5 - mean) / width) ** 2) / 2.0) / (width * 2.5066)


def ring_bin(age: float) -> int:
    """The bin of an age in seconds; what is no number counts as just begun."""
    if not age > 0.0:
        return 0
    return min(int(age), RING_BINS - 1) if age < RING_BINS else RING_BINS - 1


def ring_ages(begun: Sequence[float], now: float) -> dict[int, int]:
    """How many of the calls that ring since these moments there are in each bin of age."""
    seconds = [now - since for since in begun]
    if seconds and not (min(seconds) > -1.0 and max(seconds) < RING_BINS - 1 and math.isfinite(sum(seconds))):
        return Counter([ring_bin(each) for each in seconds])
    return Counter(map(int, seconds))  # the same, without a call for each of hundreds


def rings_ended(rings: Rings, age: float, picked: bool) -> Rings:
    """One more call: picked up at this age, or no longer watched from it on."""
    last = ring_bin(age)
    before = [n + 1.0 for n in rings.at_risk[:last]]
    at_risk = (*before, rings.at_risk[last] + _part(age, picked), *rings.at_risk[last + 1 :])
    if not picked:
        return rings._replace(at_risk=at_risk)
    return rings._replace(at_risk=at_risk, picked=bump(rings.picked, last, 1.0))


def _part(age: float, picked: bool) -> float:
    """How much of its last second a call was at risk of being picked up."""
    last = ring_bin(age)
    return 1.0 if picked or not age - last < 1.0 else max(age - last, 0.0)


def bump(counts: tuple[float, ...], place: int, by: float) -> tuple[float, ...]:
    """The same counts with one raised."""
    return (*counts[:place], counts[place] + by, *counts[place + 1 :])


class RingTable(NamedTuple):
    """What follows from `Rings` at one level: chances by age (rows) and grid second (columns)."""

    by: tuple[
        tuple[float, ...], ...
    ]  # picked up within GRID[k] seconds, the agent not back from a machine, at this age
    harm: tuple[
        tuple[float, ...], ...
    ]  # picked up by a person between GRID[k-1] and GRID[k], at this age; late ones less
    person_step: tuple[float, ...]  # of a new call: picked up by a person between GRID[k-1] and GRID[k]
    person: float  # of a new call: picked up by a person at all
    soon: tuple[float, ...]  # picked up by a person within a second, at this age
    machine: tuple[float, ...]  # that whoever picks up at this age is a machine
    machines: float  # that whoever picks up is a machine, at whatever age


@lru_cache(maxsize=64)
def hazards(rings: Rings) -> tuple[float, ...]:
    """The hazard of each second of ringing, a little smoothed over its neighbours."""
    raw = [picked / max(at_risk, 1.0) for picked, at_risk in zip(rings.picked, rings.at_risk, strict=True)]
    padded = [raw[0], *raw, raw[-1]]
    return tuple((padded[place] + 2.0 * padded[place + 1] + padded[place + 2]) / 4.0 for place in range(len(raw)))


def picked_up(rings: Rings, level: float) -> tuple[list[float], list[float]]:
    """Shares that have picked up by the end of second i (at place i; 0 at first): anybody, and a person."""
    reached = [0.0]
    alive = 1.0
    for hazard in hazards(rings):
        alive *= 1.0 - min(hazard, 0.9)
        reached.append(1.0 - alive)
    factor = min(level, 0.95 / max(reached[-1], 1e-9))
    picked = [factor * share for share in reached]
    weight = _persons(rings)
    persons = [0.0]
    for second in range(RING_BINS):
        persons.append(persons[-1] + weight[second] * (picked[second + 1] - picked[second]))
    return picked, persons


@lru_cache(maxsize=64)
def ring_table(rings: Rings, level: float, greeting: int = 12, late: float = 1.0) -> RingTable:
    """Chances at a level: the share that picks up, times this. Ages are taken at the middle of their bin.

    `greeting`: seconds until an agent is back from a machine; `late`: what it weighs when somebody who rings for more
    than `LATE_RING` seconds would meet nobody, against a younger ring.
    """
    weight = _persons(rings)
    picked, persons = picked_up(rings, level)
    middle = [(before + after) / 2.0 for before, after in itertools.pairwise(picked)]
    middle += [picked[-1]] * (GRID[-1] + 1)
    people = [(before + after) / 2.0 for before, after in itertools.pairwise(persons)]
    people += [persons[-1]] * (GRID[-1] + 1)
    machines = [all_of - some for all_of, some in zip(picked, persons, strict=True)]
    gone = [(before + after) / 2.0 for before, after in itertools.pairwise(machines)]
    gone += [machines[-1]] * (GRID[-1] + 1)
    rows, harms, soon = [], [], []
    for age in range(RING_BINS):
        here = middle[age]
        left = 1.0 - here
        rows.append(
            tuple(
                [
                    (middle[age + ahead] - here - gone[max(age + ahead - greeting, age)] + gone[age]) / left
                    for ahead in GRID
                ]
            )
        )
        harms.append(
            tuple(
                [
                    (people[age + now] - people[age + before]) / left * (late if age + now >= LATE_RING else 1.0)
                    for before, now in STEPS
                ]
            )
        )
        soon.append((people[age + 1] - people[age]) / left)
    steps, before = [], 0.0
    for ahead in GRID:
        now = _between(persons, float(ahead))
        steps.append(now - before)
        before = now
    return RingTable(
        tuple(rows),
        tuple(harms),
        tuple(steps),
        max(before, 1e-9),
        tuple(soon),
        tuple([1.0 - share for share in weight]),
        min(sum(rings.machines) / sum(rings.picked), 0.98),
    )


def _persons(rings: Rings) -> list[float]:
    """The share of persons among pick-ups, over five seconds around each.

    Who has not turned out to be a machine counts as a person: a greeting is over within seconds, a conversation lasts
    for minutes, so that counting those that are over would make everybody a machine in the first half-hour.
    """
    shares = []
    for second in range(RING_BINS):
        low, high = max(0, second - 2), second + 3
        picked, machines = sum(rings.picked[low:high]) + 1e-3, sum(rings.machines[low:high])
        shares.append(min(max(1.0 - machines / picked, 0.02), 1.0))
    return shares


def _between(values: list[float], place: float) -> float:
    low = int(place)
    if low >= len(values) - 1:
        return values[-1]
    return values[low] + (place - low) * (values[low + 1] - values[low])


@lru_cache(maxsize=64)
def exposures(rings: Rings) -> tuple[float, ...]:
    """`exposure` at the middle of each bin: for hundreds of calls at once."""
    return tuple([exposure(rings, place + 0.5) for place in range(RING_BINS)])


def exposure(rings: Rings, age: float, picked: bool = False) -> float:
    """The pick-ups that one call of this age would have made on average: what a level is measured against.

    A pick-up stands for its whole second, as it does in the curve; otherwise people who pick up within the first second
    would look like far more than were expected.
    """
    shape = hazards(rings)
    last = ring_bin(age)
    return sum(shape[:last]) + shape[last] * _part(age, picked)


# -- agents -----------------------------------------------------------------------------------------------


def wrap_bin(seconds: float) -> int:
    """The bin of a wrap-up that has lasted this long."""
    return _WRAP_BIN_OF[int(seconds)] if 0.0 <= seconds < _WRAP_LAST else (_WRAP_BINS - 1 if seconds > 0.0 else 0)


def _wrap_bin(seconds: float) -> int:
    if seconds <= _WRAP_FIRST:
        return 0
    return min(1 + int(math.log(seconds / _WRAP_FIRST) / math.log(_WRAP_RATIO)), _WRAP_BINS - 1)


_WRAP_BIN_OF = tuple([_wrap_bin(second + 0.5) for second in range(int(_WRAP_LAST) + 1)])
"""By whole seconds: a logarithm for each of 150 agents takes its time."""


def _wrap_edge(place: float) -> float:
    """Where a bin begins."""
    return _WRAP_FIRST * _WRAP_RATIO ** (place - 1.0) if place >= 1.0 else _WRAP_FIRST * place


def prior_wraps() -> Spells:
    """Lognormal, mean 90 s, wide."""
    middle, sigma = math.log(90.0) - 0.25, 0.7
    shares = [_normal((math.log(_wrap_edge(place + 1.0)) - middle) / sigma) for place in range(_WRAP_BINS)]
    ended = [shares[0]] + [shares[place] - shares[place - 1] for place in range(1, _WRAP_BINS)]
    return Spells(tuple([_PRIOR_WRAPS * share for share in ended]), (0.0,) * _WRAP_BINS)


@lru_cache(maxsize=64)
def seen_share(wraps: Spells) -> float:
    """How far durations are known, 0 to 1: nobody is counted on before it was seen how long it takes."""
    seen = max(sum(wraps.ended) - _PRIOR_WRAPS, 0.0)
    return seen / (seen + _PRIOR_WRAPS)


def prior_briefs() -> Spells:
    """Greetings of machines: 6 to 20 s."""
    ended = [0.3 if 6 <= second < 20 else 0.02 for second in range(_BRIEF_BINS)]
    return Spells(tuple(ended), (0.0,) * _BRIEF_BINS)


def brief_bin(seconds: float) -> int:
    """The bin of a conversation that has lasted this long."""
    if not seconds > 0.0:
        return 0
    return int(seconds) if seconds < _BRIEF_BINS else _BRIEF_BINS - 1


def _reached(spells: Spells) -> list[float]:
    """Share that has ended by the end of each bin."""
    at_risk = sum(spells.ended) + sum(spells.censored)
    alive, reached = 1.0, []
    for ended, censored in zip(spells.ended, spells.censored, strict=True):
        alive *= 1.0 - min(ended / max(at_risk, 1e-9), 1.0)
        reached.append(1.0 - alive)
        at_risk -= ended + censored
    return reached


def ended_within(wraps: Spells, seconds: float) -> float:
    """Share of wrap-ups that are over after so many seconds."""
    return _between([0.0, *_reached(wraps)], _wrap_place(seconds))


@lru_cache(maxsize=64)
def wrap_table(wraps: Spells, threshold: float) -> tuple[tuple[float, ...], ...]:
    """Chance that a wrap-up in this bin ends within GRID[k] + threshold seconds."""
    reached = [0.0, *_reached(wraps)]
    rows = []
    for place, ahead in enumerate(_wrap_places(threshold)):
        done = _between(reached, place + 0.5)
        left = max(1.0 - done, 1e-6)
        rows.append(tuple([min((_between(reached, there) - done) / left, 1.0) for there in ahead]))
    return tuple(rows)


@lru_cache(maxsize=4)
def _wrap_places(threshold: float) -> tuple[tuple[float, ...], ...]:
    """Where each bin's middle has got to GRID[k] + threshold seconds later."""
    return tuple(
        tuple([_wrap_place(_wrap_edge(place + 0.5) + ahead + threshold) for ahead in GRID])
        for place in range(_WRAP_BINS)
    )


def _wrap_place(seconds: float) -> float:
    if seconds <= _WRAP_FIRST:
        return seconds / _WRAP_FIRST
    return 1.0 + math.log(seconds / _WRAP_FIRST) / math.log(_WRAP_RATIO)


class BriefTable(NamedTuple):
    """Conversations with machines: how many last beyond each second, and end within GRID[k] + threshold then."""

    lasts: tuple[float, ...]
    by: tuple[tuple[float, ...], ...]

    def share(self, place: int, machine: float) -> float:
        """The chance that a conversation in this bin, a machine's with that chance at first, is with a machine yet.

        It ends soon by that times `by[place]`.
        """
        lasts = machine * self.lasts[place]
        return lasts / (lasts + 1.0 - machine + 1e-9)


@lru_cache(maxsize=64)
def brief_table(briefs: Spells, threshold: float) -> BriefTable:
    """What follows from the durations of conversations with machines."""
    reached = [0.0, *_reached(briefs)]
    rows, lasts = [], []
    for second in range(_BRIEF_BINS):
        done = (reached[second] + reached[second + 1]) / 2.0
        left = max(1.0 - done, 1e-6)
        lasts.append(left)
        rows.append(tuple([(_between(reached, second + 0.5 + ahead + threshold) - done) / left for ahead in GRID]))
    return BriefTable(tuple(lasts), tuple(rows))


def _normal(x: float) -> float:
    return 0.5 * math.erfc(-x / 1.4142135623730951)
