"""What is usual in a part of the day, and what an earlier campaign teaches a new one."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest

from dialer.pacing.curves import exposure, prior_rings
from dialer.pacing.learned import EVIDENCE, PARTS, Model, inherited, observe
from dialer.pacing.stored import dump, load
from dialer.pacing.view import Abandoned, DayBegan, Ended, Kind, PartBegan, PickedUp, RingEnded, TalkEnded, WrapUpEnded

MORNING, EVENING = 0, 2
DAY = 86_400.0


def part_of_a_day(model: Model, draw: random.Random, begins: float, part: int, share: float, calls: int) -> Model:
    """So many calls, of which that share is picked up after eight to twelve seconds."""
    model = observe(model, PartBegan(begins, part))
    for place in range(calls):
        at = begins + 20.0 * place
        picked = draw.random() < share
        model = observe(
            model, PickedUp(at, draw.uniform(8.0, 12.0)) if picked else RingEnded(at, 27.0, Ended.NO_ANSWER)
        )
    return model


def days(many: int) -> Model:
    """Days on which twice as many answer in the evening."""
    draw, model = random.Random(4), Model()
    for day in range(many):
        model = observe(model, DayBegan(day * DAY))
        model = part_of_a_day(model, draw, day * DAY, MORNING, 0.15, 250)
        model = part_of_a_day(model, draw, day * DAY + 8000.0, EVENING, 0.30, 250)
    return model


def test_the_level_of_the_evening_is_known_when_it_begins() -> None:
    model = observe(days(4), DayBegan(4 * DAY))
    morning = part_of_a_day(model, random.Random(9), 4 * DAY, MORNING, 0.15, 100)
    evening = observe(morning, PartBegan(4 * DAY + 9000.0, EVENING))
    assert evening.level / morning.level == pytest.approx(2.0, rel=0.25)
    assert evening.level == pytest.approx(evening.part_level * morning.level / morning.part_level, rel=0.06)


def test_a_day_unlike_others_stays_unlike_them() -> None:
    model = observe(days(4), DayBegan(4 * DAY))
    poor = part_of_a_day(model, random.Random(9), 4 * DAY, MORNING, 0.05, 100)
    assert poor.level < 0.7 * poor.part_level
    evening = observe(poor, PartBegan(4 * DAY + 9000.0, EVENING))
    assert evening.level < 0.75 * evening.part_level


def test_where_parts_are_not_told_nothing_is_learned_of_them() -> None:
    model = observe(Model(), PickedUp(5.0, 9.0))
    assert (model.part, model.part_level, sum(model.part_expected)) == (-1, 1.0, 0.0)


@pytest.mark.parametrize("part", [-1, -7, PARTS, 99])
def test_a_part_that_there_is_not_is_none(part: int) -> None:
    model = observe(observe(days(1), PartBegan(DAY, EVENING)), PartBegan(DAY, part))
    assert (model.part, model.part_level) == (-1, 1.0)
    assert math.isfinite(observe(model, PickedUp(DAY + 1.0, 9.0)).level)


def test_a_new_day_begins_in_no_part_and_remembers_them() -> None:
    before = days(2)
    after = observe(before, DayBegan(3 * DAY))
    assert (after.part, after.part_level) == (-1, 1.0)
    assert after.part_seen == before.part_seen


def test_parts_are_kept_with_the_model() -> None:
    model = days(1)
    assert load(dump(model)) == model


# -- a new campaign -----------------------------------------------------------------------------------------


def test_a_new_campaign_takes_over_how_things_go_and_no_counts() -> None:
    old = days(4)
    for place in range(60):
        at = 5 * DAY + 100.0 * place
        old = observe(old, TalkEnded(at, 1, 240.0, Kind.PERSON, 9.0))
        old = observe(old, WrapUpEnded(at + 40.0, 1, 40.0, True, 240.0))
    old = observe(observe(old, Abandoned(6 * DAY)), Abandoned(6 * DAY + 1.0))
    new = inherited(old)
    assert (new.answered, new.abandoned, new.dials, new.cuts, new.credit, new.level) == (0, 0, 0, 0, 0.0, 1.0)
    for age in (5.0, 12.0, 27.0):
        assert exposure(new.rings_used, age) == pytest.approx(exposure(old.rings, age), rel=0.1)
    assert exposure(new.rings_used, 27.0) < exposure(prior_rings(), 27.0)
    assert (
        new.part_seen[EVENING] / new.part_expected[EVENING] > 1.5 * new.part_seen[MORNING] / new.part_expected[MORNING]
    )


def test_what_was_taken_over_gives_way_to_what_is_seen() -> None:
    new = inherited(days(8))
    assert new.rings.at_risk[0] == pytest.approx(150.0)
    assert sum(new.part_expected) <= 60.0 * (1.0 + 1e-9)
    draw = random.Random(2)
    taught = part_of_a_day(new, draw, 0.0, MORNING, 0.5, 400)
    assert exposure(taught.rings, 27.0) > 1.5 * exposure(new.rings, 27.0)


def test_a_new_campaign_gathers_evidence_of_its_own_before_it_predicts() -> None:
    assert inherited(days(4)).watched == EVIDENCE / 2.0
    assert inherited(replace(Model(), watched=3.0)).watched == 3.0


def test_of_a_campaign_that_has_seen_little_little_is_taken() -> None:
    assert inherited(Model()).rings == Model().rings
