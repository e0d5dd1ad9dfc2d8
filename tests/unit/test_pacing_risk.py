from __future__ import annotations

import itertools
import random

import pytest

from dialer.pacing.curves import GRID
from dialer.pacing.risk import Exact, Normal, _above

WIDTH = len(GRID)


def constant(chance: float) -> tuple[float, ...]:
    return (chance,) * WIDTH


def brute(rings: list[float], releases: list[float], idle: int) -> float:
    """Every outcome, one by one."""
    chances = rings + releases
    total = 0.0
    for outcome in itertools.product((0, 1), repeat=len(chances)):
        weight = 1.0
        for happens, chance in zip(outcome, chances, strict=True):
            weight *= chance if happens else 1.0 - chance
        if sum(outcome[: len(rings)]) - sum(outcome[len(rings) :]) >= idle:
            total += weight
    return total


@pytest.mark.parametrize("idle", [-2, -1, 0, 1, 2, 5])
def test_convolution_counts_every_outcome(idle: int) -> None:
    rings, releases = [0.2, 0.5, 0.1], [0.3, 0.05]
    exact = Exact([constant(each) for each in rings], [constant(each) for each in releases], [0.0] * WIDTH)
    assert exact.short(idle)[0] == pytest.approx(brute(rings, releases, idle))
    exact.add(constant(0.25))
    assert exact.short(idle)[3] == pytest.approx(brute([*rings, 0.25], releases, idle))


def test_callers_take_agents() -> None:
    exact = Exact([], [], [0.5] * WIDTH)
    assert exact.short(1)[0] == pytest.approx(1.0 - 2.718281828**-0.5)


def test_many_terms_are_near_the_exact_distribution() -> None:
    lots = random.Random(4)
    rings = [lots.uniform(0.02, 0.4) for _ in range(30)]
    releases = [lots.uniform(0.01, 0.5) for _ in range(12)]
    exact = Exact([constant(each) for each in rings], [constant(each) for each in releases], [0.3] * WIDTH)
    normal = Normal([(1, constant(each)) for each in rings], [(1, constant(each)) for each in releases], [0.3] * WIDTH)
    for idle in range(-3, 16):
        assert normal.short(idle)[0] == pytest.approx(exact.short(idle)[0], abs=0.01)
    normal.add(constant(0.3))
    exact.add(constant(0.3))
    assert normal.short(6)[0] == pytest.approx(exact.short(6)[0], abs=0.01)


@pytest.mark.parametrize("third", [-30.0, -1.0, 0.0, 1.0, 30.0])
def test_more_agents_are_never_more_risk(third: float) -> None:
    chances = [_above(value / 4.0, 3.0, 4.0, third) for value in range(-200, 200)]
    assert all(later <= before for before, later in itertools.pairwise(chances))
    assert chances[0] > 0.5 > chances[-1]


def test_no_spread_is_certain() -> None:
    assert _above(0.5, 1.0, 0.0, 0.0) == 1.0
    assert _above(1.5, 1.0, 0.0, 0.0) == 0.0
