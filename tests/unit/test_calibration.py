"""The width of a forecast is learned from what came of earlier ones."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from dialer.schedule.planner.calibration import ASSUMED, BOUNDS, CameOut, learned_doubt
from dialer.schedule.planner.forecast import forecast


def months(count: int, spread: float, seed: int, *, chance: float = 0.3, residents: int = 200) -> list[CameOut]:
    """Campaign months of a model whose chances are all off by the same share, drawn anew each month."""
    rng, found = random.Random(seed), []
    for month in range(count):
        true = min(max(chance * (1 + rng.gauss(0, spread)), 0.0), 1.0)
        came = sum(rng.random() < true for _ in range(residents))
        luck = residents * chance * (1 - chance)
        found += [CameOut(of=month, expected=residents * chance, luck=luck, came=came)] * 28  # told every day
    return found


def test_nothing_known_is_what_is_assumed() -> None:
    found = learned_doubt([])
    assert found.share == pytest.approx(ASSUMED)
    assert found.months == 0
    few = CameOut(of=1, expected=4.9, luck=3.0, came=20)
    assert learned_doubt([few]).months == 0, "so few tell of luck only"


@pytest.mark.parametrize("spread", [0.05, 0.12, 0.3])
def test_with_the_years_it_comes_to_what_it_is(spread: float) -> None:
    found = [learned_doubt(months(120, spread, seed)) for seed in range(8)]
    assert all(one.months == 120 for one in found)
    mean = sum(one.share for one in found) / len(found)
    assert mean == pytest.approx(spread, abs=0.04)


def test_one_bad_month_widens_it_a_little_and_a_year_of_them_much() -> None:
    bad = CameOut(of="a month", expected=60.0, luck=42.0, came=20.0)
    once = learned_doubt([bad, bad, bad])
    assert once.months == 1, "the same residents every day are one piece of evidence"
    year = learned_doubt([CameOut(of=month, expected=60.0, luck=42.0, came=20.0) for month in range(12)])
    assert ASSUMED < once.share < year.share < 2 / 3


def test_it_stays_within_bounds() -> None:
    right = [CameOut(of=month, expected=60.0, luck=42.0, came=60.0) for month in range(1000)]
    wrong = [CameOut(of=month, expected=60.0, luck=42.0, came=240.0) for month in range(1000)]
    assert (learned_doubt(right).share, learned_doubt(wrong).share) == BOUNDS


def holds(known: Sequence[CameOut], spread: float) -> float:
    doubt = learned_doubt(known).share
    fresh = months(400, spread, 99)[::28]
    part = forecast(0, [0.3] * 200, 200, doubt=doubt)
    return sum(part.low <= one.came / 200 <= part.high for one in fresh) / len(fresh)


def test_nine_in_ten_hold_once_it_has_learned() -> None:
    assert holds([], 0.3) < 0.75, "what was assumed is too narrow for this model"
    assert holds(months(60, 0.3, 3), 0.3) == pytest.approx(0.9, abs=0.05)
