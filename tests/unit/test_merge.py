"""When two cases may be put together by hand, and what undoing restores."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from dialer.domain.case import CaseEvent, CaseState, advance
from dialer.domain.errors import IllegalTransitionError
from dialer.domain.ids import CampaignId, CaseId, ClientId
from dialer.domain.merge import Hindrance, Side, UndoHindrance, hindrance, restored, undo_hindrance

CLIENT, CAMPAIGN = ClientId(UUID(int=1)), CampaignId(UUID(int=2))
KEPT = Side(case=CaseId(UUID(int=10)), client=CLIENT, campaign=CAMPAIGN, state=CaseState.OPEN)
OTHER = replace(KEPT, case=CaseId(UUID(int=11)))


@pytest.mark.parametrize("state", [CaseState.OPEN, CaseState.HELD, CaseState.NO_NUMBER])
@pytest.mark.parametrize("kept", [CaseState.OPEN, CaseState.REACHED, CaseState.NOT_REACHED, CaseState.CLOSED])
def test_a_case_without_a_result_joins_one_that_is_going_or_has_one(kept: CaseState, state: CaseState) -> None:
    assert hindrance(replace(KEPT, state=kept, has_merged=True), replace(OTHER, state=state)) is None


@pytest.mark.parametrize(
    ("kept", "other", "why"),
    [
        (KEPT, KEPT, Hindrance.SAME),
        (KEPT, replace(OTHER, client=ClientId(UUID(int=3))), Hindrance.CLIENT),
        (KEPT, replace(OTHER, campaign=CampaignId(UUID(int=3))), Hindrance.CAMPAIGN),
        (KEPT, replace(OTHER, has_merged=True), Hindrance.OTHER_HAS_MERGED),
        (KEPT, replace(OTHER, busy=True), Hindrance.BUSY),
        (replace(KEPT, busy=True), OTHER, Hindrance.BUSY),
        *[
            (replace(KEPT, state=state), OTHER, Hindrance.KEPT_GONE)
            for state in (CaseState.WITHDRAWN, CaseState.RECALLED, CaseState.MERGED)
        ],
        *[
            (KEPT, replace(OTHER, state=state), Hindrance.OTHER_OVER)
            for state in CaseState
            if state not in (CaseState.OPEN, CaseState.HELD, CaseState.NO_NUMBER)
        ],
    ],
)
def test_what_stands_in_the_way_has_a_name(kept: Side, other: Side, why: Hindrance) -> None:
    assert hindrance(kept, other) is why


def test_only_a_merged_case_is_taken_apart_and_not_in_a_call() -> None:
    merged = replace(OTHER, state=CaseState.MERGED)
    assert undo_hindrance(replace(KEPT, state=CaseState.REACHED), merged) is None
    assert undo_hindrance(KEPT, OTHER) is UndoHindrance.NOT_MERGED
    assert undo_hindrance(replace(KEPT, busy=True), merged) is UndoHindrance.BUSY
    assert undo_hindrance(KEPT, replace(merged, busy=True)) is UndoHindrance.BUSY


@pytest.mark.parametrize("before", [CaseState.OPEN, CaseState.HELD, CaseState.NO_NUMBER])
def test_undoing_restores_the_state_unless_the_signals_were_recalled(before: CaseState) -> None:
    assert restored(before, recalled=False) is before
    assert restored(before, recalled=True) is CaseState.RECALLED


def test_nothing_becomes_merged_by_hand_but_by_the_table() -> None:
    with pytest.raises(KeyError):
        restored(CaseState.REACHED, recalled=False)
    with pytest.raises(IllegalTransitionError):
        advance(CaseState.REACHED, CaseEvent.MERGED)
