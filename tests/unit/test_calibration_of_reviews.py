"""How far two sides are apart, and whose turn it is with a coaching item."""

from __future__ import annotations

from uuid import UUID

import pytest

from dialer.domain.calibration import Judgement, Pair, calibrate
from dialer.domain.coaching import CoachingEvent, CoachingState, advance
from dialer.domain.errors import IllegalTransitionError


def pair(
    office: int | None, client: int | None, right: str = "NO_HELP", **points: tuple[int | None, int | None]
) -> Pair:
    return Pair(
        sample=UUID(int=1),
        office=Judgement(score=office, outcome="NO_HELP", points={code: ours for code, (ours, _) in points.items()}),
        client=Judgement(
            score=client,
            outcome=right,
            points={code: theirs for code, (_, theirs) in points.items() if code != "ours_only"},
        ),
    )


def test_what_pairs_come_to() -> None:
    found = calibrate(
        [
            pair(90, 80, tone=(2, 2), filing=(2, 1), ours_only=(1, 1)),
            pair(70, 65, "HELP_WANTED", tone=(1, 1), filing=(None, 1)),
            pair(None, 50, tone=(2, 1)),
        ]
    )
    assert (found.records, found.outcome_alike) == (3, 2)
    assert found.higher == 8  # 7.5, half up
    assert [(one.code, one.alike, one.of) for one in found.criteria] == [("filing", 0, 1), ("tone", 2, 3)]


def test_lower_and_nothing() -> None:
    assert calibrate([pair(60, 80), pair(60, 75)]).higher == -17  # -17.5
    assert calibrate([]).higher is None


def test_a_coaching_item_is_answered_and_closed() -> None:
    assert advance(CoachingState.OPEN, CoachingEvent.ANSWER) is CoachingState.ANSWERED
    assert advance(CoachingState.ANSWERED, CoachingEvent.CLOSE) is CoachingState.CLOSED
    for state, event in [(CoachingState.OPEN, CoachingEvent.CLOSE), (CoachingState.CLOSED, CoachingEvent.ANSWER)]:
        with pytest.raises(IllegalTransitionError):
            advance(state, event)
