"""What is learned from everybody, and what follows for one resident.

A resident is a mixture of habits (`habits.LIBRARY`), the same for all of his numbers; each number is usable (in service
and his) or not. From the attempts so far Bayes gives weights of habits and the chance that each number is usable; the
shares of habits and of usable numbers are learned by incremental expectation-maximisation (Neal & Hinton 1998), and
per kind of number and bin a shift in log-odds by a damped Newton step. Everything is shrunk to a prior that knows no
good hours.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import add, mul, sub

from dialer.schedule.model import NumberKind
from dialer.schedule.planner.habits import LIBRARY, PRIOR
from dialer.schedule.planner.values import CLOSES, LIVES, Attempt, Result
from dialer.schedule.planner.week import BINS, bin_of

Vector = list[float]
_ONES = [1.0] * len(LIBRARY)

STATES = {NumberKind.MOBILE: (0.82, 0.11, 0.07), NumberKind.FIXED: (0.62, 0.23, 0.15)}
"""Shares of numbers that are usable, silent (nobody's, or somebody else's) and invalid, before anything is learned."""

PRIOR_RESIDENTS = 60.0
"""The prior of habits weighs as much as so many residents."""

PRIOR_NUMBERS = 40.0
PRIOR_SHIFT = 8.0
"""Precision of the shift of a bin: as if so many units of information said zero."""

ROUNDS = 3
REFRESH = 400
"""Attempts after which shares and shifts are computed anew."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An attempt as the model sees it."""

    number: int
    bin: int
    result: Result


@dataclass(slots=True)
class Belief:
    """One resident: by number the joint weight of (habit, usable), unnormalised, and its sum over everything."""

    weights: list[Vector]  # by number: habit and this number usable
    likelihood: Vector  # of the attempts, by habit
    total: float
    closed: Mapping[int, Result]
    tried: frozenset[int]

    def usable(self, number: int) -> float:
        """The chance that the number is in service and the resident's."""
        return 0.0 if number in self.closed else sum(self.weights[number]) / self.total


@dataclass(slots=True)
class Tally:
    """What one resident adds to the sums; kept, to be taken back when he adds something else."""

    likelihood: Vector
    numbers: dict[int, tuple[float, float, float]]  # usable, silent, invalid


@dataclass(slots=True)
class Model:
    """The learned state. All sums start with the prior."""

    prior: Vector = field(default_factory=lambda: [PRIOR_RESIDENTS * p for p in PRIOR])
    likelihoods: dict[Hashable, Vector] = field(default_factory=dict)  # of each resident's attempts, by habit
    numbers: dict[NumberKind, Vector] = field(
        default_factory=lambda: {k: [PRIOR_NUMBERS * share for share in shares] for k, shares in STATES.items()}
    )
    shift: dict[NumberKind, Vector] = field(default_factory=lambda: {k: [0.0] * BINS for k in NumberKind})
    score: dict[NumberKind, Vector] = field(default_factory=lambda: {k: [0.0] * BINS for k in NumberKind})
    information: dict[NumberKind, Vector] = field(default_factory=lambda: {k: [0.0] * BINS for k in NumberKind})
    seen: int = 0
    shares: Vector = field(default_factory=lambda: list(PRIOR))
    hit: dict[NumberKind, list[Vector]] = field(default_factory=dict)  # by kind and bin: chance by habit
    miss: dict[NumberKind, list[Vector]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.refresh()

    def refresh(self) -> None:
        """Shares, shifts and chances from the sums."""
        for _ in range(ROUNDS):
            sums = self.prior
            for likelihood in self.likelihoods.values():
                joint = list(map(mul, self.shares, likelihood))
                scale = 1 / sum(joint)
                sums = [s + j * scale for s, j in zip(sums, joint, strict=True)]
            total = sum(sums)
            self.shares = [s / total for s in sums]
        for kind in NumberKind:
            shift, score, information = self.shift[kind], self.score[kind], self.information[kind]
            for place in range(BINS):
                step = (score[place] - PRIOR_SHIFT * shift[place]) / (information[place] + PRIOR_SHIFT)
                shift[place] += max(-0.3, min(0.3, step))
                # The score was taken at the old shift; what is left of it decays as the shift moves.
                score[place] -= step * information[place]
            self.hit[kind] = [
                [1 / (1 + math.exp(-habit[place] - shift[place])) for habit in LIBRARY] for place in range(BINS)
            ]
            self.miss[kind] = [[1 - p for p in row] for row in self.hit[kind]]

    def share_usable(self, kind: NumberKind, *, tried: bool) -> float:
        """The share of usable numbers of a kind: of all, or of those that the first attempt did not prove invalid."""
        usable, silent, invalid = self.numbers[kind]
        return usable / (usable + silent + (0.0 if tried else invalid))

    def belief(self, kinds: Sequence[NumberKind], attempts: Sequence[Seen]) -> Belief:
        """What the attempts say about a resident with numbers of these kinds."""
        survive: list[Vector | None] = [None] * len(kinds)
        lives: set[int] = set()
        closed: dict[int, Result] = {}
        for seen in attempts:
            n, kind = seen.number, kinds[seen.number]
            if seen.result in CLOSES:
                closed[n] = seen.result
                continue
            if seen.result in LIVES:
                lives.add(n)
                if seen.result is Result.BUSY:
                    continue
            row = (self.hit if seen.result is Result.CONTACT else self.miss)[kind][seen.bin]
            old = survive[n]
            survive[n] = row if old is None else list(map(mul, old, row))
        likelihood = _ONES
        factors: list[Vector | None] = []
        for n, kind in enumerate(kinds):
            vector = survive[n]
            factor: Vector | None = None
            if n not in closed and vector is not None:
                if n in lives:
                    factor = vector
                else:
                    q = self.share_usable(kind, tried=True)
                    factor = [1 - q + q * s for s in vector]
                likelihood = factor if likelihood is _ONES else list(map(mul, likelihood, factor))
            factors.append(factor)
        habits = list(map(mul, self.shares, likelihood))
        weights: list[Vector] = []
        for n, kind in enumerate(kinds):
            vector, factor = survive[n], factors[n]
            if n in closed:
                weights.append([])
            elif n in lives:
                weights.append(habits)
            else:
                q = self.share_usable(kind, tried=vector is not None)
                if vector is None or factor is None:
                    weights.append([q * h for h in habits])
                else:
                    weights.append([h * q * s / f for h, s, f in zip(habits, vector, factor, strict=True)])
        return Belief(weights, likelihood, sum(habits), closed, frozenset(s.number for s in attempts))

    def chances(self, belief: Belief, number: int, kind: NumberKind) -> Vector:
        """The chance of contact by bin."""
        weights, total = belief.weights[number], belief.total
        return [sum(map(mul, weights, row)) / total for row in self.hit[kind]]

    def tally(self, belief: Belief) -> Tally:
        """What this belief adds to the sums: numbers that were tried, and the habits."""
        numbers = {}
        for n in belief.tried:
            if belief.closed.get(n) is Result.INVALID:
                numbers[n] = (0.0, 0.0, 1.0)
            else:
                usable = belief.usable(n)
                numbers[n] = (usable, 1 - usable, 0.0)
        return Tally(belief.likelihood, numbers)

    def learn(self, resident: Hashable, kinds: Sequence[NumberKind], old: Tally | None, new: Tally) -> None:
        """Put what a resident adds now in place of what he added before."""
        self.likelihoods[resident] = new.likelihood
        if old is not None:
            for n, shares in old.numbers.items():
                self.numbers[kinds[n]] = list(map(sub, self.numbers[kinds[n]], shares))
        for n, shares in new.numbers.items():
            self.numbers[kinds[n]] = list(map(add, self.numbers[kinds[n]], shares))

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
