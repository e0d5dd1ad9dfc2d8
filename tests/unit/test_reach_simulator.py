"""The invented towns: the same seed gives the same town, rules are checked, and knowing more reaches more."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from dialer.schedule.model import NumberKind
from dialer.schedule.planner.habits import LEVEL
from dialer.schedule.planner.reach import Reach
from dialer.schedule.planner.values import Choice, Record
from dialer.schedule.simulator.baselines import CONTENDERS, Plain
from dialer.schedule.simulator.run import FIRST, Campaign
from dialer.schedule.simulator.town import TOWNS, Resident, curve, half_of, people
from dialer.schedule.windows import DEFAULT, at_local
from tests.support.schedule import MONDAY


@pytest.mark.parametrize("town", TOWNS)
def test_a_town_is_the_same_each_time_and_its_chances_are_chances(town: str) -> None:
    one, two = (people(TOWNS[town], 7, 60, FIRST, DEFAULT, 28) for _ in range(2))
    assert [r.contact for r in one] == [r.contact for r in two]
    at = MONDAY + timedelta(days=15, hours=3)
    for a, b in zip(one, two, strict=True):
        for line in range(len(a.lines)):
            assert a.chance(line, at, 1) == b.chance(line, at, 1)
            assert 0 <= a.chance(line, at, 1) < 1
    assert sum(r.reachable for r in one) > 30
    assert [r.contact for r in people(TOWNS[town], 8, 60, FIRST, DEFAULT, 28)] != [r.contact for r in one]


def test_many_attempts_annoy_and_nobody_is_home_while_away() -> None:
    folk = [r for r in people(TOWNS["typical"], 1, 200, FIRST, DEFAULT, 28) if r.reachable]
    resident = next(r for r in folk if r.lines[0].state == "right")
    assert resident.chance(0, MONDAY + timedelta(days=10), 6) < resident.chance(0, MONDAY + timedelta(days=10), 0)
    away = next(r for r in folk if r.away[0] < FIRST + timedelta(days=20) and r.lines[0].state == "right")
    assert away.chance(0, at_local(away.away[0], MONDAY.time()), 0) == 0.005


def test_curves_are_straight_between_their_points() -> None:
    found = curve((8, 0.0), (21, 13.0))
    assert found[0] == pytest.approx(0.25)
    assert found[half_of(MONDAY)] == pytest.approx(2.25)
    assert curve((9, 1.0))[0] == 1.0


@pytest.mark.parametrize("name", [*CONTENDERS, "ours"])
def test_every_contender_keeps_the_rules_and_repeats_itself(name: str) -> None:
    make = CONTENDERS.get(name, lambda _: Reach())
    one, two = (Campaign(TOWNS["scarce"], 3, make, count=40).run() for _ in range(2))
    assert one == two
    assert one.violations == 0
    assert 0.2 < one.reach <= 1
    assert one.reach_14 <= one.reach
    assert one.attempts > 40


def test_the_oracle_reaches_more_than_rotation_and_rotation_more_than_a_short_pause() -> None:
    scores = {
        name: Campaign(TOWNS["typical"], 5, CONTENDERS[name], count=150).run()
        for name in ("oracle", "rotation", "recycle-4h")
    }
    assert scores["oracle"].reach > scores["rotation"].reach + 0.1
    assert scores["rotation"].spread > 3.5
    assert scores["recycle-4h"].reach_14 == pytest.approx(scores["recycle-4h"].reach, abs=0.03)


class Stubborn(Plain):
    """Breaks the rules: always a Sunday."""

    def next_attempt(self, record: Record, now: datetime) -> Choice | None:
        del now
        return Choice(at=record.contact.arrival + timedelta(days=6), number=0, chance=0.0, why={})


def test_a_planner_that_breaks_rules_is_found_out() -> None:
    def make(_: list[Resident]) -> Stubborn:
        return Stubborn()

    score = Campaign(replace(TOWNS["typical"], arrival_days=1), 1, make, count=20).run()
    assert score.violations == 20
    assert score.attempts == 0


def test_ours_learns_in_a_town_of_other_hours() -> None:
    """Not a figure to be proud of, which takes the bench: only that the hours at noon are found to be good."""
    planner = Reach()
    score = Campaign(TOWNS["other-hours"], 2, lambda _: planner, count=250).run()
    assert score.violations == 0
    shift = planner.model.shift[NumberKind.MOBILE]
    assert max(shift[2:4]) - LEVEL[2] > shift[6] - LEVEL[6]
