"""What is learned from everybody, and what follows for one resident.

A resident is a mixture of habits (`habits.LIBRARY`), the same for all of his numbers; each number is usable (in service
and his) or not. From the attempts so far Bayes gives weights of habits and the chance that each number is usable; the
shares of usable numbers are learned by incremental expectation-maximisation (Neal & Hinton 1998), and per kind of
number and bin a shift in log-odds by a damped Newton step, near hours and kinds of number helping each other (`hours`).
Everything is shrunk to a prior that knows no good hours.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import add, mul, sub

from dialer.schedule.model import NumberKind
from dialer.schedule.planner import hours
from dialer.schedule.planner.habits import LEVEL, LIBRARY
from dialer.schedule.planner.values import CLOSES, LIVES, Attempt, Result
from dialer.schedule.planner.week import BINS, bin_of

Vector = list[float]
_ONES = [1.0] * len(LIBRARY)

STATES = {NumberKind.MOBILE: (0.82, 0.11, 0.07), NumberKind.FIXED: (0.62, 0.23, 0.15)}
"""Shares of numbers that are usable, silent (nobody's, or somebody else's) and invalid, before anything is learned."""

PRIOR_NUMBERS = 40.0
"""The prior of the numbers' states weighs as much as so many numbers."""

WRONGLY_UNKNOWN = 0.02
"""How often the network says of a number in service that it knows no such number: a guess, not measured yet."""

MOST_STEP = 0.5
REFRESH = 100
"""Attempts after which the shifts are computed anew."""

OUTLOOKS = 8192
"""Outlooks that are remembered, some kB each: residents with the same attempts have the same one."""


@dataclass(frozen=True, slots=True, order=True)
class Seen:
    """An attempt as the model sees it."""

    number: int
    bin: int
    result: Result


@dataclass(slots=True)
class Belief:
    """One resident: by number the joint weight of (habit, usable), unnormalised, and its sum over everything."""

    weights: list[Vector]  # by number: habit and this number usable
    total: float
    closed: Mapping[int, Result]
    tried: frozenset[int]
    doubtful: frozenset[int] = frozenset()  # the network did not know them once

    def usable(self, number: int) -> float:
        """The chance that the number is in service and the resident's."""
        return 0.0 if number in self.closed else sum(self.weights[number]) / self.total


@dataclass(frozen=True, slots=True)
class Outlook:
    """What to expect of a resident: by number, how likely it is usable, and contact by bin (closed: none)."""

    usable: tuple[float, ...]
    chances: tuple[Vector, ...]


Tally = Mapping[int, tuple[float, float, float]]
"""What one resident's tried numbers add to the sums: usable, silent, invalid. Kept, to be taken back later."""


@dataclass(slots=True)
class Model:
    """The learned state. All sums start with the prior."""

    numbers: dict[NumberKind, Vector] = field(
        default_factory=lambda: {k: [PRIOR_NUMBERS * share for share in shares] for k, shares in STATES.items()}
    )
    shift: dict[NumberKind, Vector] = field(default_factory=lambda: {k: list(LEVEL) for k in NumberKind})
    score: dict[NumberKind, Vector] = field(default_factory=lambda: {k: [0.0] * BINS for k in NumberKind})
    information: dict[NumberKind, Vector] = field(default_factory=lambda: {k: [0.0] * BINS for k in NumberKind})
    seen: int = 0
    hit: dict[NumberKind, list[Vector]] = field(default_factory=dict)  # by kind and bin: chance by habit
    miss: dict[NumberKind, list[Vector]] = field(default_factory=dict)
    doubt: dict[NumberKind, Vector] = field(default_factory=dict)  # standard deviation against other hours
    _outlooks: dict[tuple[object, ...], Outlook] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.refresh()

    def refresh(self) -> None:
        """Shifts and chances from the sums: one Newton step for all hours together."""
        apart = [value - LEVEL[place] for kind in NumberKind for place, value in enumerate(self.shift[kind])]
        covariance = hours.posterior([known for kind in NumberKind for known in self.information[kind]])
        scores = [value for kind in NumberKind for value in self.score[kind]]
        slope = list(map(sub, scores, hours.pull(apart)))
        steps = [sum(map(mul, row, slope)) for row in covariance]
        damped = MOST_STEP / max(MOST_STEP, *map(abs, steps))  # all alike: the direction is what was learned
        for begin, kind in enumerate(NumberKind):
            shift, score, information = self.shift[kind], self.score[kind], self.information[kind]
            for place in range(BINS):
                step = damped * steps[begin * BINS + place]
                shift[place] += step
                # The score was taken at the old shift; what is left of it decays as the shift moves.
                score[place] -= step * information[place]
            self.hit[kind] = [
                [1 / (1 + math.exp(-habit[place] - shift[place])) for habit in LIBRARY] for place in range(BINS)
            ]
            self.miss[kind] = [[1 - p for p in row] for row in self.hit[kind]]
            self.doubt[kind] = hours.doubts(covariance, begin)
        self._outlooks.clear()

    def share_usable(self, kind: NumberKind, *, tried: bool, doubtful: bool = False) -> float:
        """The share of usable numbers of a kind: of all, of those that the first attempt did not prove invalid, or of
        those that the network did not know once (`doubtful`; Bayes over usable and invalid numbers).
        """
        usable, silent, invalid = self.numbers[kind]
        if doubtful:
            return usable * WRONGLY_UNKNOWN / (usable * WRONGLY_UNKNOWN + invalid)
        return usable / (usable + silent + (0.0 if tried else invalid))

    def belief(self, kinds: Sequence[NumberKind], attempts: Sequence[Seen]) -> Belief:
        """What the attempts say about a resident with numbers of these kinds."""
        survive: list[Vector | None] = [None] * len(kinds)
        lives: set[int] = set()
        closed: dict[int, Result] = {}
        doubtful: set[int] = set()
        for seen in attempts:
            n, kind = seen.number, kinds[seen.number]
            if seen.result in CLOSES:
                closed[n] = seen.result
                continue
            if seen.result is Result.UNALLOCATED:
                doubtful.add(n)
                continue
            if seen.result in LIVES:
                lives.add(n)
                if seen.result is Result.BUSY:
                    continue
            row = (self.hit if seen.result is Result.CONTACT else self.miss)[kind][seen.bin]
            old = survive[n]
            survive[n] = row if old is None else list(map(mul, old, row))
        habits = _ONES
        factors: list[Vector | None] = []
        for n, kind in enumerate(kinds):
            vector = survive[n]
            factor: Vector | None = None
            if n not in closed and vector is not None:
                if n in lives:
                    factor = vector
                else:
                    q = self.share_usable(kind, tried=True, doubtful=n in doubtful)
                    factor = [1 - q + q * s for s in vector]
                habits = factor if habits is _ONES else list(map(mul, habits, factor))
            factors.append(factor)
        weights = [
            []
            if n in closed
            else self._weights(kind, habits, survive[n], factors[n], lives=n in lives, doubtful=n in doubtful)
            for n, kind in enumerate(kinds)
        ]
        tried = frozenset(s.number for s in attempts)
        return Belief(weights, sum(habits), closed, tried, frozenset(doubtful - lives))

    def _weights(
        self,
        kind: NumberKind,
        habits: Vector,
        survived: Vector | None,
        factor: Vector | None,
        *,
        lives: bool,
        doubtful: bool,
    ) -> Vector:
        """By habit, the weight of the habit and the number's being usable."""
        if lives:
            return habits
        q = self.share_usable(kind, tried=survived is not None, doubtful=doubtful)
        if survived is None or factor is None:
            return [q * h for h in habits]
        if habits is factor:  # no other number says anything: the division cancels out
            return [q * s for s in survived]
        return [h * q * s / f for h, s, f in zip(habits, survived, factor, strict=True)]

    def chances(self, belief: Belief, number: int, kind: NumberKind) -> Vector:
        """The chance of contact by bin."""
        weights, total = belief.weights[number], belief.total
        return [sum(map(mul, weights, row)) / total for row in self.hit[kind]]

    def outlook(self, kinds: Sequence[NumberKind], attempts: Iterable[Seen]) -> Outlook:
        """`belief` and `chances` in one, whatever the order of the attempts. Remembered until more is learned."""
        told = sorted(attempts)
        key = (*kinds, *told)
        known = self._outlooks.get(key)
        if known is None:
            belief = self.belief(kinds, told)
            known = self._outlooks[key] = Outlook(
                tuple(belief.usable(n) for n in range(len(kinds))),
                tuple([] if n in belief.closed else self.chances(belief, n, kind) for n, kind in enumerate(kinds)),
            )
            if len(self._outlooks) > OUTLOOKS:
                del self._outlooks[next(iter(self._outlooks))]
        return known

    def tally(self, belief: Belief) -> Tally:
        """What this belief adds to the sums."""
        found = {}
        for n in belief.tried:
            usable = belief.usable(n)
            if n in belief.doubtful:
                found[n] = (usable, 0.0, 1 - usable)
            elif belief.closed.get(n) is Result.INVALID:
                found[n] = (0.0, 0.0, 1.0)
            else:
                found[n] = (usable, 1 - usable, 0.0)
        return found

    def learn(self, kinds: Sequence[NumberKind], old: Tally, new: Tally) -> None:
        """Put what a resident adds now in place of what he added before."""
        for n, shares in old.items():
            self.numbers[kinds[n]] = list(map(sub, self.numbers[kinds[n]], shares))
        for n, shares in new.items():
            self.numbers[kinds[n]] = list(map(add, self.numbers[kinds[n]], shares))
        self._outlooks.clear()

    def score_attempt(self, kind: NumberKind, place: int, chance: float, contact: bool) -> None:
        """Compare an attempt with what was expected; from time to time draw the conclusions."""
        self.score[kind][place] += contact - chance
        self.information[kind][place] += chance * (1 - chance)
        self.seen += 1
        if self.seen % REFRESH == 0:
            self.refresh()


def seen_of(attempt: Attempt) -> Seen | None:
    """An attempt as the model sees it; None when it says nothing (a call from the resident)."""
    if attempt.number is None or attempt.result is Result.INBOUND:
        return None
    return Seen(attempt.number, bin_of(attempt.at), attempt.result)
