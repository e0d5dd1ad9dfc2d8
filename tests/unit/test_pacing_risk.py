from __future__ import annotations

import itertools
import random

import pytest

from dialer.pacing.curves import GRID
from dialer.pacing.risk import Shortage, _above

WIDTH = len(GRID)
NONE = [0.0] * WIDTH


def constant(chance: float) -> tuple[float, ...]:
    return (chance,) * WIDTH


def each(chances: list[float]) -> list[tuple[int, tuple[float, ...]]]:
    return [(1, constant(chance)) for chance in chances]


def halves(chances: list[float]) -> list[tuple[int, float, tuple[float, ...]]]:
    """The same of agents, half of each in the factor."""
    return [(1, 0.5, constant(2.0 * chance)) for chance in chances]


def brute(rings: list[float], releases: list[float], idle: int, exactly: bool = False) -> float:
    """Every outcome, one by one."""
    chances = rings + releases
    total = 0.0
    for outcome in itertools.product((0, 1), repeat=len(chances)):
        weight = 1.0
        for happens, chance in zip(outcome, chances, strict=True):
            weight *= chance if happens else 1.0 - chance
        taken = sum(outcome[: len(rings)]) - sum(outcome[len(rings) :])
        if taken == idle if exactly else taken >= idle:
            total += weight
    return total


@pytest.mark.parametrize("idle", [-2, -1, 0, 1, 2, 5])
def test_convolution_counts_every_outcome(idle: int) -> None:
    rings, releases = [0.2, 0.5, 0.1], [0.3, 0.05]
    exact = Shortage(each(rings), halves(releases), NONE)
    assert exact.exact
    assert exact.short(0, idle) == pytest.approx(brute(rings, releases, idle))
    exact.fresh(constant(0.25), 1)
    for k in (0, 3):  # one that was reckoned before the ring was added, and one that was not
        assert exact.short(k, idle) == pytest.approx(brute([*rings, 0.25], releases, idle))


def test_several_of_a_kind_are_several() -> None:
    one = Shortage(each([0.2, 0.2, 0.4]), halves([0.3, 0.3]), NONE)
    many = Shortage([(2, constant(0.2)), (1, constant(0.4))], [(2, 0.5, constant(0.6))], NONE)
    assert many.short(4, 1) == pytest.approx(one.short(4, 1))


@pytest.mark.parametrize("idle", [1, 2, 3, 4])
def test_one_more_taken_agent_leaves_the_next_without(idle: int) -> None:
    rings = [0.1, 0.2, 0.1, 0.05]
    assert Shortage(each(rings), [], NONE).push(2, idle) == pytest.approx(brute(rings, [], idle - 1, exactly=True))


@pytest.mark.parametrize("exact", [True, False])
def test_what_a_taken_agent_does_to_others_never_rises_with_free_agents(exact: bool) -> None:
    lots = random.Random(8)
    for _ in range(50):
        rings = [lots.uniform(0.0, 0.9) for _ in range(lots.randrange(1, 9))]
        releases = [lots.uniform(0.0, 0.9) for _ in range(lots.randrange(0, 5))]
        shortage = Shortage(each(rings), halves(releases), [lots.uniform(0.0, 0.5)] * WIDTH, exact=exact)
        chances = [shortage.push(1, idle) for idle in range(-8, 14)]
        assert all(later <= before + 1e-12 for before, later in itertools.pairwise(chances))


def test_callers_take_agents() -> None:
    assert Shortage([], [], [0.5] * WIDTH).short(0, 1) == pytest.approx(1.0 - 2.718281828**-0.5)


def test_many_terms_are_near_the_exact_distribution() -> None:
    lots = random.Random(4)
    rings = each([lots.uniform(0.02, 0.4) for _ in range(30)])
    releases = halves([lots.uniform(0.01, 0.5) for _ in range(12)])
    exact = Shortage(rings, releases, [0.3] * WIDTH, exact=True)
    normal = Shortage(rings, releases, [0.3] * WIDTH)
    assert not normal.exact
    for idle in range(-3, 16):
        assert normal.short(0, idle) == pytest.approx(exact.short(0, idle), abs=0.01)
    for idle in range(8, 16):
        assert normal.push(0, idle) == pytest.approx(exact.push(0, idle), abs=0.01)
    normal.fresh(constant(0.3), 1)
    exact.fresh(constant(0.3), 1)
    for k in (0, 5):
        assert normal.short(k, 6) == pytest.approx(exact.short(k, 6), abs=0.01)


@pytest.mark.parametrize("third", [-30.0, -1.0, 0.0, 1.0, 30.0])
def test_more_agents_are_never_more_risk(third: float) -> None:
    chances = [_above(value / 4.0, 3.0, 4.0, third) for value in range(-200, 200)]
    assert all(later <= before for before, later in itertools.pairwise(chances))
    assert chances[0] > 0.5 > chances[-1]


def test_no_spread_is_certain() -> None:
    assert _above(0.5, 1.0, 0.0, 0.0) == 1.0
    assert _above(1.5, 1.0, 0.0, 0.0) == 0.0


def test_where_nothing_is_uncertain_the_next_agent_is_the_last_or_not() -> None:
    nothing = Shortage([], [], [0.0] * len(GRID), exact=False)
    assert nothing.push(0, 1) == 1.0
    assert nothing.push(0, 3) == 0.0
