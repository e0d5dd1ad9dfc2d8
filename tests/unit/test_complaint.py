"""Complaints and proposals: what may follow on what."""

from __future__ import annotations

import pytest

from dialer.domain import complaint, improvement
from dialer.domain.complaint import ComplaintEvent, ComplaintState
from dialer.domain.errors import IllegalTransitionError
from dialer.domain.improvement import ImprovementEvent, ImprovementState


def complained(*events: str) -> ComplaintState:
    state = ComplaintState.RECEIVED
    for event in events:
        state = complaint.advance(state, ComplaintEvent(event))
    return state


def test_a_complaint_gets_an_owner_before_an_answer_and_more_time_once() -> None:
    assert complained("assign", "extend", "assign", "answer") is ComplaintState.ANSWERED
    assert complained("assign", "answer", "reopen") is ComplaintState.EXTENDED
    assert complained("withdraw") is ComplaintState.WITHDRAWN
    for wrong in (("answer",), ("extend",), ("assign", "extend", "extend"), ("assign", "answer", "reopen", "extend")):
        with pytest.raises(IllegalTransitionError):
            complained(*wrong)


def test_a_proposal_goes_round_and_ends_with_an_answer() -> None:
    state = ImprovementState.PLAN
    for event, after in [("next", "do"), ("next", "check"), ("again", "plan"), ("next", "do"), ("next", "check"),
                         ("next", "act"), ("close", "closed")]:  # fmt: skip
        state = improvement.advance(state, ImprovementEvent(event))
        assert state == after
    for event in ImprovementEvent:
        with pytest.raises(IllegalTransitionError):
            improvement.advance(ImprovementState.CLOSED, event)
