"""What `make bench ARGS=reach` is asked through its environment, and how its figures are made."""

from __future__ import annotations

import math

import pytest

from bench.reach_bench import MAKERS, gap, mean, rows
from dialer.schedule.simulator.run import Score


def score(reach: float) -> Score:
    return Score(
        reach=reach, reach_14=0.0, attempts=0, attempts_per_reached=0.0, time_to_contact=0.0, spread=0.0, violations=0,
        contacts=(),
    )  # fmt: skip


def test_only_the_wanted_planners_play_beside_rotation_and_oracle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REACH_PLANNERS", "random")
    played = dict(rows("typical", [1, 2], count=10))
    assert list(played) == [name for name in MAKERS if name in {"rotation", "oracle", "random"}]
    assert all(len(scores) == 2 for scores in played.values())
    assert played["oracle"] != played["rotation"]


def test_the_gap_goes_from_rotation_to_the_oracle() -> None:
    rotation, oracle = [score(0.5), score(0.6)], [score(0.7), score(0.8)]
    assert gap(rotation, rotation, oracle).value == 0.0
    assert gap(oracle, rotation, oracle).value == pytest.approx(1.0)
    halfway = gap([score(0.6), score(0.7)], rotation, oracle)
    assert halfway.value == pytest.approx(0.5)
    assert halfway.half == pytest.approx(0.0)


def test_an_interval_takes_two_seeds() -> None:
    assert math.isnan(mean([0.4]).half)
    found = mean([0.4, 0.6])
    assert found.value == pytest.approx(0.5)
    assert found.half == pytest.approx(12.71 * 0.1)  # Student, one degree of freedom
