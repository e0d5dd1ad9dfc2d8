"""The plan's sums, that the page shows what the program prints, and that the pools are what pacing gives today."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import pytest

from bench.capacity import FILE, HEADROOM, LAG_ASKED, NODE, SIZES, at, busy, fits, lag, need, read
from bench.capacity_bench import PAGE, on_page, printed
from bench.capacity_pools import DAYS, played

COSTS, POOLS = read(FILE)
MEASURED = ((0.38, 5.0), (0.50, 11.0), (0.79, 18.0), (0.82, 25.0), (0.81, 28.0), (0.83, 35.0))
"""Share of the loop's core, and lag p99 in ms: docs/benchmarks.md, "Load"."""


def test_the_page_shows_what_the_program_prints() -> None:
    assert on_page(PAGE.read_text(encoding="utf-8")) == printed()


@pytest.mark.nightly
@pytest.mark.parametrize("agents", sorted(DAYS))
@pytest.mark.timeout(1800)
def test_pools_are_what_pacing_gives(agents: int) -> None:
    """Another pacing gives others: `python -m bench capacity --simulate all` tells which, and the page follows."""
    assert played(agents) == POOLS[agents]


def test_larger_pools_waste_less_and_from_two_hundred_on_no_less() -> None:
    assert set(POOLS) == set(DAYS)
    small = [pool.occupancy for size, pool in POOLS.items() if size <= NODE]
    assert small == sorted(small)
    assert small[-1] - small[0] > 10.0
    large = [pool.occupancy for size, pool in POOLS.items() if size >= NODE]
    assert max(large) - min(large) < 1.5
    assert all(pool.abandonment < 3.0 for pool in POOLS.values())


def test_between_two_sizes_a_figure_lies_between() -> None:
    sizes = list(POOLS)
    for low, high in itertools.pairwise(sizes):
        middle = at(POOLS, math.sqrt(low * high), "occupancy")
        assert middle == pytest.approx((POOLS[low].occupancy + POOLS[high].occupancy) / 2)
        assert at(POOLS, high, "calls") == pytest.approx(POOLS[high].calls)
    assert at(POOLS, 1, "occupancy") == POOLS[sizes[0]].occupancy
    assert at(POOLS, 1e6, "occupancy") == POOLS[sizes[-1]].occupancy


def test_lag_is_what_was_measured_give_or_take_two_fifths_and_has_no_end_at_a_whole_core() -> None:
    for load, measured in MEASURED:
        assert 1000 * lag(COSTS, load) == pytest.approx(measured, rel=0.42)
    lags = [lag(COSTS, load / 100) for load in range(100)]
    assert lags == sorted(lags)
    assert lag(COSTS, 0.0) == 0.0
    assert lag(COSTS, 1.0) == math.inf


@pytest.mark.parametrize("agents", [*SIZES, 1, 999, 1001])
def test_no_service_gets_more_than_it_carries_and_nobody_is_left_out(agents: int) -> None:
    found = need(COSTS, POOLS, agents)
    assert found.services * found.pool == pytest.approx(agents)
    assert found.service_busy <= HEADROOM
    assert found.lag < LAG_ASKED
    assert found.nodes >= found.services
    assert found.service_busy == pytest.approx(busy(COSTS, found.pool, found.calls / found.services))


def test_a_dearer_call_or_a_slower_turn_takes_more_services() -> None:
    assert need(COSTS, POOLS, 1_000).services == 1
    assert need(replace(COSTS, service_call=0.05), POOLS, 1_000).services > 1
    assert need(replace(COSTS, turn=0.02), POOLS, 1_000).services > 1
    assert not fits(COSTS, POOLS, 1_001), "nobody has tried it"
