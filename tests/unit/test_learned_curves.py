"""What pacing has learned, as curves."""

from __future__ import annotations

from itertools import pairwise

import pytest

from dialer.pacing.learned import PARTS, Model, observe
from dialer.pacing.learned_curves import RING_SECONDS, WRAP_SECONDS, learned
from dialer.pacing.view import DayBegan, Ended, PartBegan, PickedUp, RingEnded, WrapUpEnded


def test_before_anything_was_seen_it_is_what_was_thought() -> None:
    seen = learned(Model())
    assert (seen.calls, seen.level, seen.parts) == (0, 1.0, (None,) * PARTS)
    assert seen.rings == seen.rings_before
    assert all(wrap.done == seen.wraps_before and wrap.seen == 0 for wrap in seen.wraps)


def test_curves_rise_and_persons_are_never_more_than_all() -> None:
    model = Model()
    for second in range(300):
        model = observe(model, PickedUp(float(second), second % 30))
        model = observe(model, RingEnded(float(second), 28.0, Ended.NO_ANSWER))
        model = observe(model, WrapUpEnded(float(second), "a", 20.0 + second % 50, talked=200.0))
    seen = learned(model)
    assert len(seen.rings.anybody) == len(RING_SECONDS)
    for curve in (seen.rings.anybody, seen.rings.person, *(wrap.done for wrap in seen.wraps)):
        assert curve[0] == 0.0
        assert all(before <= after <= 1.0 for before, after in pairwise(curve))
    assert all(person <= anybody for person, anybody in zip(seen.rings.person, seen.rings.anybody, strict=True))
    *others, long = seen.wraps
    assert [wrap.seen for wrap in others] == [0, 0]
    assert long.seen == 300
    assert (long.talked_from, long.talked_until) == (120.0, None)
    assert long.done[WRAP_SECONDS.index(20)] < 0.1 < 0.9 < long.done[WRAP_SECONDS.index(80)]


def test_a_part_of_the_day_is_told_once_enough_was_seen_of_it() -> None:
    model = observe(Model(), PartBegan(0.0, 2))
    for day in range(6):
        model = observe(model, DayBegan(86_400.0 * day))
        model = observe(model, PartBegan(86_400.0 * day, 2))
        for call in range(60):
            model = observe(model, PickedUp(86_400.0 * day + call, 8.0))
    parts = learned(model).parts
    assert parts[2] is not None
    assert parts[2] > 1.5
    assert parts[:2] + parts[3:] == (None,) * 3


@pytest.mark.parametrize("level", [0.2, 1.0, 4.0])
def test_no_share_goes_beyond_one(level: float) -> None:
    seen = learned(Model(level=level))
    assert max(seen.rings.anybody) <= 0.95
    assert seen.level == level
