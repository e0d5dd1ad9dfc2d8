from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from dialer.domain.call import Direction
from dialer.domain.case import (
    DERIVED_STATES,
    TRANSITIONS,
    CaseEvent,
    CaseState,
    PastAttempt,
    Standing,
    advance,
    derive,
)
from dialer.domain.errors import IllegalTransitionError
from dialer.domain.ids import AttemptId, PhoneId, UserId
from dialer.domain.outcome import StepKind
from tests.support.schedule import CATALOGUE, MONDAY

PHONE, OTHER, AGENT = PhoneId(UUID(int=1)), PhoneId(UUID(int=2)), UserId(UUID(int=3))
DAY = timedelta(days=1)


def attempt(outcome: str | None, days: float = 0, **more: object) -> PastAttempt:
    at = MONDAY + days * DAY
    definition = CATALOGUE.outcomes.get(outcome or "")
    values: dict[str, object] = {
        "attempt": AttemptId(UUID(int=int(days * 100) + 1000)),
        "direction": Direction.OUT,
        "phone": PHONE,
        "at": at,
        "ended_at": at + timedelta(seconds=30),
        "day": at.date(),
        "outcome": outcome,
        "outcome_at": at + timedelta(minutes=2),
        "agent": AGENT,
        "counted": definition is None or definition.counted,
        "reached": definition is not None and definition.reached.value == "yes",
    }
    return PastAttempt(**(values | more))  # type: ignore[arg-type]


def fold(*attempts: PastAttempt) -> Standing:
    return derive(attempts, CATALOGUE)


@pytest.mark.parametrize("state", CaseState)
@pytest.mark.parametrize("event", CaseEvent)
def test_every_state_and_event(state: CaseState, event: CaseEvent) -> None:
    if event in TRANSITIONS[state]:
        assert advance(state, event) is TRANSITIONS[state][event]
    else:
        with pytest.raises(IllegalTransitionError):
            advance(state, event)


def test_a_recall_is_final_and_a_decision_is_nobody_elses() -> None:
    assert TRANSITIONS[CaseState.RECALLED] == {}
    assert DERIVED_STATES.isdisjoint({CaseState.HELD, CaseState.WITHDRAWN, CaseState.RECALLED, CaseState.MERGED})


def test_nothing_yet() -> None:
    assert fold() == Standing()


def test_the_last_outcome_leads_and_is_reported() -> None:
    stands = fold(attempt("NO_ANSWER"), attempt("BUSY", 1))
    assert stands.last is not None
    assert (stands.outcome, stands.last.kind) == ("BUSY", StepKind.RETRY_AFTER)
    assert stands.final is None


def test_a_conversation_is_final_and_only_another_conversation_unmakes_it() -> None:
    stands = fold(attempt("NO_HELP"), attempt("REFUSED", 1), attempt("DECEASED", 2))
    assert (stands.final, stands.outcome) == (CaseState.REACHED, "NO_HELP")
    assert fold(attempt("NO_HELP"), attempt("HELP_WANTED", 1)).outcome == "HELP_WANTED"
    assert fold(attempt("REFUSED"), attempt("PAID", 1)).final is CaseState.REACHED
    assert fold(attempt("REFUSED")).final is CaseState.CLOSED
    assert fold(attempt("REFUSED", reached=True)).final is CaseState.REACHED


def test_review_stops_until_the_client_decides() -> None:
    assert fold(attempt("NOT_ABLE")).final is CaseState.CLOSED
    assert fold(attempt("NOT_VERIFIED")).final is None
    assert fold(attempt("NOT_VERIFIED"), attempt("NOT_VERIFIED", 1)).final is CaseState.CLOSED


def test_numbers_close_at_once_or_after_two_days() -> None:
    assert fold(attempt("WRONG_PERSON")).closed_phones == {PHONE: "WRONG_PERSON"}
    assert fold(attempt("UNALLOCATED"), attempt("UNALLOCATED", 0.01)).closed_phones == {}
    assert fold(attempt("UNALLOCATED"), attempt("UNALLOCATED", 1)).closed_phones == {PHONE: "UNALLOCATED"}
    assert fold(attempt("UNALLOCATED"), attempt("UNALLOCATED", 1, phone=OTHER)).closed_phones == {}
    assert fold(attempt("NO_HELP", phone_closed=OTHER)).closed_phones == {OTHER: "NO_HELP"}
    assert fold(attempt("FAX", phone=None)).closed_phones == {}


def test_an_appointment_stands_until_it_is_met_or_replaced() -> None:
    at = MONDAY + 2 * DAY
    made = attempt("CALL_LATER", appointment_at=at)
    stands = fold(made)
    assert (stands.appointment_at, stands.preferred_agent, stands.reserved) == (at, AGENT, True)
    assert fold(made, attempt("FAILED", 2)).appointment_at == at  # a carrier fault does not meet it
    met = fold(made, attempt("NO_ANSWER", 2))
    assert (met.appointment_at, met.preferred_agent) == (None, None)
    later = MONDAY + 3 * DAY
    assert fold(made, attempt("CALL_LATER", 1, appointment_at=later)).appointment_at == later
    called_in = attempt("THIRD_PARTY", 2.5, direction=Direction.IN, counted=False)
    assert fold(made, called_in).appointment_at == at
    assert fold(attempt("THIRD_PARTY")).appointment_at is None


def test_a_cut_off_line_is_for_the_same_agent_once() -> None:
    once = fold(attempt("CUT_OFF"))
    assert once.last is not None
    assert (once.last.kind, once.preferred_agent) == (StepKind.REDIAL, AGENT)
    twice = fold(attempt("CUT_OFF"), attempt("CUT_OFF", 0.01))
    assert twice.last is not None
    assert (twice.last.kind, twice.preferred_agent) == (StepKind.OTHER_DAY, None)


def test_will_call_pauses_from_the_filing() -> None:
    assert fold(attempt("WILL_CALL")).paused_until == MONDAY + timedelta(minutes=2) + 7 * DAY
    assert fold(attempt("WILL_CALL", outcome_at=None)).paused_until == MONDAY + timedelta(seconds=30) + 7 * DAY
    assert fold(attempt("WILL_CALL", outcome_at=None, ended_at=None)).paused_until == MONDAY + 7 * DAY


def test_carrier_faults_count_in_a_row_and_leave_the_rest_alone() -> None:
    stands = fold(attempt("ABANDONED"), attempt("FAILED", 1), attempt("CONGESTION", 1.1))
    assert stands.faults == 2
    assert isinstance(stands.fault_at, datetime)
    assert stands.last is not None
    assert (stands.outcome, stands.reserved) == ("ABANDONED", True)
    assert fold(attempt("FAILED"), attempt("NO_ANSWER", 1)).faults == 0


def test_who_called_and_hung_up_changes_no_plan() -> None:
    stands = fold(attempt("BUSY"), attempt("LOST", 1, direction=Direction.IN, counted=False))
    assert stands.outcome == "BUSY"


def test_a_call_or_an_unfinished_wrap_up_is_busy() -> None:
    assert fold(attempt(None, live=True)).busy
    assert fold(attempt(None, wrap_up_open=True)).busy
    assert not fold(attempt("CUT_OFF", wrap_up_open=True)).busy  # the machine's result leads on meanwhile
    assert not fold(attempt("SOMETHING_NEW")).busy
    assert fold(attempt("SOMETHING_NEW")).last is None
