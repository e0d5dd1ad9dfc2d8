"""Scorecards: what they may hold, and what a judgement comes to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialer.domain.errors import InvalidError
from dialer.domain.scorecard import MOST_CRITERIA, SHIPPED, Criterion, check_card, check_points, score

CARD = (
    Criterion(code="identity", label="Identiteit", weight=3, fatal=True),
    Criterion(code="tone", label="Toon", weight=1),
    Criterion(code="filing", label="Vastlegging", weight=2),
)


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ({"identity": 2, "tone": 2, "filing": 2}, 100),
        ({"identity": 2, "tone": 0, "filing": 2}, 83),
        ({"identity": 2, "tone": 1, "filing": 2}, 92),  # 91.67
        ({"identity": 0, "tone": 2, "filing": 2}, 0),
        ({"identity": None, "tone": 1, "filing": None}, 50),
        ({"identity": None, "tone": None, "filing": None}, None),
    ],
)
def test_the_score_is_weighed_and_a_fatal_fault_is_zero(points: dict[str, int | None], expected: int | None) -> None:
    assert score(CARD, points) == expected


def test_the_shipped_card_may_be_kept_as_it_is() -> None:
    assert check_card(SHIPPED) == list(SHIPPED)


@pytest.mark.parametrize(
    ("card", "field"),
    [
        ([], "criteria"),
        ([replace(CARD[0], code=f"c{number}") for number in range(MOST_CRITERIA + 1)], "criteria"),
        ([replace(CARD[0], code="Not a code")], "criteria.0.code"),
        ([CARD[0], CARD[0]], "criteria.1.code"),
        ([replace(CARD[0], label="  ")], "criteria.0.label"),
        ([replace(CARD[0], label="x" * 121)], "criteria.0.label"),
        ([replace(CARD[0], label="a\x07b")], "criteria.0.label"),
        ([CARD[0], replace(CARD[1], weight=11)], "criteria.1.weight"),
    ],
)
def test_what_is_no_card(card: list[Criterion], field: str) -> None:
    with pytest.raises(InvalidError) as caught:
        check_card(card)
    assert caught.value.field == field


def test_points_are_of_this_card_and_all_of_it() -> None:
    assert list(check_points(CARD, {"tone": 1, "filing": None, "identity": 2})) == ["identity", "tone", "filing"]
    for wrong in (
        {"tone": 1},
        {"tone": 1, "filing": 1, "identity": 1, "more": 1},
        {"tone": 3, "filing": 1, "identity": 1},
    ):
        with pytest.raises(InvalidError):
            check_points(CARD, wrong)
