from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from dialer.domain.call import Direction
from dialer.domain.case import CaseState, PastAttempt
from dialer.domain.ids import AttemptId, CaseId, PhoneId
from dialer.domain.opening import Earlier, OpeningSettings
from dialer.schedule.history import CLAIM_LASTS, MAX_BACK_OFF, AskedBack, CaseFacts, PhoneFacts
from dialer.schedule.model import Limits, NumberKind
from dialer.schedule.rotation import Rotation
from dialer.schedule.rules import attempts_left, check
from dialer.schedule.settle import RECALL_AGAIN, Rulebook, Settlement, history_of, settle
from tests.support.schedule import CATALOGUE, MONDAY

BOOK = Rulebook(limits=Limits(), catalogue=CATALOGUE, planner=Rotation())
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
MOBILE = PhoneFacts(phone=PhoneId(UUID(int=1)), number_key=b"1", kind=NumberKind.MOBILE)
FIXED = PhoneFacts(phone=PhoneId(UUID(int=2)), number_key=b"2", kind=NumberKind.FIXED)


def facts(*attempts: PastAttempt, phones: Sequence[PhoneFacts] = (MOBILE, FIXED), **more: object) -> CaseFacts:
    base = CaseFacts(
        case=CaseId(UUID(int=9)),
        arrival=MONDAY,
        ends_at=MONDAY + 21 * DAY,
        crisis=False,
        state="open",
        state_reason="",
        recalled=False,
        opted_out_at=None,
        callback_at=None,
        paused_until=None,
        elsewhere={},
        phones=phones,
        attempts=attempts,
    )
    return replace(base, **more)  # type: ignore[arg-type]


def attempt(outcome: str | None, minutes: float = 0, phone: PhoneFacts | None = MOBILE, **more: object) -> PastAttempt:
    at = MONDAY + minutes * MINUTE
    definition = CATALOGUE.outcomes.get(outcome or "")
    base = PastAttempt(
        attempt=AttemptId(UUID(int=int(minutes) + 10**6)),
        direction=Direction.OUT,
        phone=None if phone is None else phone.phone,
        at=at,
        ended_at=at + MINUTE,
        day=at.date(),
        outcome=outcome,
        counted=definition is None or definition.counted,
        reached=definition is not None and definition.reached.value == "yes",
    )
    return replace(base, **more)  # type: ignore[arg-type]


def now(found: CaseFacts, minutes: float = 5, **more: bool) -> Settlement:
    return settle(found, BOOK, MONDAY + minutes * MINUTE, **more)


def test_a_miss_keeps_the_case_open_with_a_plan() -> None:
    settled = now(facts(attempt("NO_ANSWER")))
    assert (settled.state, settled.outcome, settled.phone) == (CaseState.OPEN, "NO_ANSWER", FIXED.phone)
    assert settled.plan is not None


def test_a_final_outcome_closes_even_while_the_line_is_still_up() -> None:
    settled = now(facts(attempt("NO_HELP", live=True)))
    assert (settled.state, settled.reason, settled.plan) == (CaseState.REACHED, "NO_HELP", None)
    assert now(facts(attempt("NO_HELP"), state="held")).state is CaseState.REACHED


@pytest.mark.parametrize("state", ["held", "withdrawn", "recalled", "merged"])
def test_a_decision_stays(state: str) -> None:
    settled = now(facts(attempt("NO_ANSWER"), state=state, state_reason="why"))
    assert (settled.state, settled.reason, settled.plan) == (state, "why", None)
    assert settled.outcome == ("WITHDRAWN" if state == "withdrawn" else "NO_ANSWER")


def test_after_no_phone_everything_is_closed_and_comes_back_when_lifted() -> None:
    settled = now(facts(opted_out_at=MONDAY))
    assert (settled.state, settled.reason, settled.outcome) == (CaseState.CLOSED, "OPT_OUT", "OPT_OUT")
    assert now(facts(state="closed", state_reason="OPT_OUT")).state is CaseState.OPEN


def test_a_case_does_not_come_back_beside_another_of_the_resident() -> None:
    settled = now(facts(state="closed", state_reason="OPT_OUT"), other_live=True)
    assert (settled.state, settled.reason, settled.plan) == (CaseState.CLOSED, "OPT_OUT", None)
    assert now(facts(), other_live=True).state is CaseState.OPEN


def test_a_live_call_waits_without_a_plan() -> None:
    settled = now(facts(attempt(None, live=True)))
    assert (settled.state, settled.plan) == (CaseState.OPEN, None)
    # The outcome was taken back: the wrap-up is open again, and so is the case.
    undone = now(facts(attempt(None, wrap_up_open=True), state="reached", state_reason="NO_HELP"))
    assert (undone.state, undone.reason, undone.plan) == (CaseState.OPEN, "", None)


def test_without_numbers_it_waits_for_enrichment_and_then_opens() -> None:
    assert now(facts(phones=())).state is CaseState.NO_NUMBER
    settled = now(facts(attempt("FAX"), phones=(MOBILE,)))
    assert (settled.state, settled.closed_phones) == (CaseState.NO_NUMBER, {MOBILE.phone: "FAX"})
    assert now(facts(attempt("FAX"), state="no_number")).state is CaseState.OPEN
    blocked = replace(MOBILE, blocked=True)
    assert now(facts(phones=(blocked,))).state is CaseState.NO_NUMBER
    assert now(facts(phones=(replace(MOBILE, closed="delivery_recalled"),))).state is CaseState.NO_NUMBER


def test_at_the_end_of_planning() -> None:
    late = 22 * 24 * 60
    settled = now(facts(attempt("NO_ANSWER")), late)
    assert (settled.state, settled.reason, settled.outcome) == (CaseState.NOT_REACHED, "term_over", "NOT_REACHED")
    assert now(facts(), late).state is CaseState.NOT_REACHED  # nobody found the time
    settled = now(facts(phones=()), late)
    assert (settled.state, settled.reason, settled.outcome) == (CaseState.CLOSED, "NOT_CALLABLE", "NOT_CALLABLE")
    assert now(facts(attempt("FAX"), phones=(MOBILE,)), late).state is CaseState.NOT_REACHED
    assert now(facts(attempt("PAID"), state="not_reached"), late).state is CaseState.REACHED


def test_why_the_plan_ended_early() -> None:
    seven = [attempt("NO_ANSWER", -n * 3000) for n in range(7, 0, -1)]
    assert now(facts(*seven, phones=(MOBILE,))).reason == "number_cap"
    twelve = [*seven, *(attempt("NO_ANSWER", -n * 300, FIXED) for n in range(5, 0, -1))]
    assert now(facts(*twelve)).reason == "case_cap"
    hour = facts(attempt("NO_ANSWER"), ends_at=MONDAY + 60 * MINUTE)
    assert (now(hour).state, now(hour).reason) == (CaseState.NOT_REACHED, "no_moment_left")


def test_a_recalled_delivery_is_left_to_the_recall() -> None:
    settled = now(facts(recalled=True))
    assert settled.state is CaseState.OPEN
    assert settled.plan is not None
    assert settled.plan.at == MONDAY + 5 * MINUTE + RECALL_AGAIN
    assert now(facts(recalled=True, state="not_reached")).plan is None


def test_the_redial_is_marked() -> None:
    settled = now(facts(attempt("CUT_OFF")), 2)
    assert settled.redial
    assert not now(facts(attempt("CUT_OFF")), 60).redial


def test_the_pause_of_the_opening_holds_until_the_first_dial() -> None:
    later = MONDAY + 3 * DAY
    settled = now(facts(paused_until=later))
    assert settled.paused_until == later
    assert settled.plan is not None
    assert settled.plan.at >= later
    assert now(facts(attempt("NO_ANSWER"), paused_until=later)).paused_until is None


def test_an_open_request_holds_the_plan_for_a_day() -> None:
    settled = now(facts(callback_at=MONDAY))
    assert settled.plan is not None
    assert settled.plan.at >= MONDAY + DAY


def test_faults_in_a_row_wait_longer_up_to_a_bound() -> None:
    one = history_of(facts(attempt("FAILED")), BOOK)
    assert one.fault_until == MONDAY + MINUTE + 5 * MINUTE
    many = history_of(facts(*(attempt("CONGESTION", n) for n in range(10))), BOOK)
    assert many.fault_until == MONDAY + 10 * MINUTE + MAX_BACK_OFF * 5 * MINUTE
    unknown = history_of(facts(attempt("FAILED"), attempt("NEW_CODE", 1)), BOOK)
    assert unknown.fault_until == one.fault_until


def test_what_the_history_says_of_numbers() -> None:
    past = history_of(
        facts(
            attempt("UNALLOCATED"),
            attempt("THIRD_PARTY", 5, FIXED),
            attempt("PAID", 6, None, direction=Direction.IN, counted=False),
        ),
        BOOK,
    )
    mobile, fixed = past.numbers
    assert mobile.rest_until is not None
    assert mobile.rest_until > MONDAY
    assert fixed.rest_until is None
    assert [a.number for a in past.attempts] == [0, 1, None]
    assert past.last is not None
    assert past.last.number is None
    gone = history_of(facts(attempt("BUSY", phone=replace(MOBILE, phone=PhoneId(UUID(int=77))))), BOOK)
    assert gone.attempts[0].number is None
    assert gone.attempts[0].lives


def test_a_call_back_is_the_next_dial_whatever_the_plan_was() -> None:
    asked = AskedBack(phone=FIXED.phone, at=MONDAY + 2 * MINUTE)
    tried = (attempt("REJECTED"), attempt("REJECTED", 1))
    soon = settle(facts(*tried, asked_back=asked), BOOK, MONDAY + 3 * MINUTE)
    assert soon.plan is not None
    assert (soon.plan.at, soon.phone, soon.reserved) == (MONDAY + 3 * MINUTE, FIXED.phone, True)
    assert soon.plan.reason == {"code": "call_back"}
    night = settle(facts(asked_back=replace(asked, at=MONDAY + 13 * 60 * MINUTE)), BOOK, MONDAY + 13 * 60 * MINUTE)
    assert night.plan is not None
    assert night.plan.at.isoformat() == "2026-03-03T07:30:00+00:00"  # 08:30 in Amsterdam


def test_one_dial_answers_a_call_back_and_a_fault_of_the_line_does_not() -> None:
    asked = AskedBack(phone=MOBILE.phone, at=MONDAY)
    rung = settle(facts(attempt("NO_ANSWER", 1), asked_back=asked), BOOK, MONDAY + 2 * MINUTE)
    assert rung.plan is not None
    assert rung.plan.reason["code"] != "call_back"
    assert not rung.reserved
    failed = settle(facts(attempt("CONGESTION", 1, counted=False), asked_back=asked), BOOK, MONDAY + 3 * MINUTE)
    assert failed.plan is not None
    assert failed.plan.reason == {"code": "call_back"}
    assert failed.plan.at > MONDAY + 3 * MINUTE  # the back-off


def test_an_agent_who_rings_back_by_hand_is_not_overtaken() -> None:
    claimed = AskedBack(phone=MOBILE.phone, at=MONDAY, claimed_at=MONDAY + MINUTE)
    waits = settle(facts(asked_back=claimed), BOOK, MONDAY + 2 * MINUTE)
    assert waits.plan is not None
    assert waits.plan.at == MONDAY + MINUTE + CLAIM_LASTS
    gone = AskedBack(phone=PhoneId(UUID(int=77)), at=MONDAY)
    assert history_of(facts(asked_back=gone), BOOK).call_back is None
    late = replace(claimed, at=MONDAY + 2 * MINUTE, claimed_at=None)  # asked when the term is as good as over
    last = settle(facts(asked_back=late, ends_at=MONDAY + MINUTE), BOOK, MONDAY)
    assert last.plan is not None
    assert last.plan.reason["code"] == "first"


SETTINGS = OpeningSettings(spoken_hold=30 * DAY)


@pytest.mark.parametrize(
    ("outcome", "reached", "reason"),
    [
        ("DECEASED", False, "deceased"),
        ("MOVED", False, "moved"),
        ("IN_DEBT_HELP", True, "in_help"),
        ("ADVICE", True, "spoken_recently"),
    ],
)
@pytest.mark.parametrize("state", ["open", "no_number"])
def test_what_another_case_came_to_holds_this_one(outcome: str, reached: bool, reason: str, state: str) -> None:
    ended = Earlier(outcome=outcome, reached=reached, closed_at=MONDAY)
    settled = now(facts(attempt("NO_ANSWER"), state=state, ended_elsewhere=ended))
    assert (settled.state, settled.reason, settled.plan, settled.held_elsewhere) == ("held", reason, None, True)
    again = now(facts(state="held", state_reason=reason, held_elsewhere=True, ended_elsewhere=ended))
    assert (again.state, again.reason, again.held_elsewhere) == ("held", reason, True)


def test_a_hold_by_another_case_lifts_when_that_is_taken_back() -> None:
    settled = now(facts(state="held", state_reason="deceased", held_elsewhere=True))
    assert (settled.state, settled.reason, settled.held_elsewhere) == (CaseState.OPEN, "", False)
    assert settled.plan is not None


def test_the_opening_s_own_hold_is_left_to_the_client() -> None:
    ended = Earlier(outcome="DECEASED", reached=False, closed_at=MONDAY)
    for found in (None, ended):
        settled = now(facts(state="held", state_reason="opted_out", ended_elsewhere=found))
        assert (settled.state, settled.reason, settled.held_elsewhere) == ("held", "opted_out", False)


@pytest.mark.parametrize("state", ["withdrawn", "recalled", "merged", "reached", "not_reached", "closed"])
def test_a_case_that_is_over_is_not_held(state: str) -> None:
    ended = Earlier(outcome="DECEASED", reached=False, closed_at=MONDAY)
    found = facts(attempt("NO_HELP"), state=state, state_reason="NO_HELP", held_elsewhere=True, ended_elsewhere=ended)
    settled = now(found)
    assert settled.state is not CaseState.HELD
    assert not settled.held_elsewhere


def test_a_conversation_elsewhere_holds_for_as_long_as_the_client_set() -> None:
    book = replace(BOOK, opening=SETTINGS)
    found = facts(
        ends_at=MONDAY + 60 * DAY,
        ended_elsewhere=Earlier(outcome="ADVICE", reached=True, closed_at=MONDAY),
    )
    assert settle(found, book, MONDAY + 29 * DAY).state is CaseState.HELD
    assert settle(found, book, MONDAY + 30 * DAY).state is CaseState.OPEN
    history = history_of(found, book)
    held = check(history, 0, MONDAY + 29 * DAY, Limits())
    assert held is not None
    assert (held.code, held.facts["reason"], held.until) == ("case_state", "spoken_recently", MONDAY + 30 * DAY)
    assert check(history, 0, MONDAY + 31 * DAY, Limits()) is None
    none = replace(BOOK, opening=OpeningSettings(spoken_hold=0 * DAY))
    assert settle(found, none, MONDAY).state is CaseState.OPEN


def test_an_attempt_is_left_until_a_cap_or_the_last_number_says_otherwise() -> None:
    def left(found: CaseFacts, **caps: int) -> bool:
        return attempts_left(history_of(found, BOOK), replace(Limits(), **caps))  # type: ignore[arg-type]

    tried = facts(attempt("NO_ANSWER"), attempt("NO_ANSWER", 60))
    assert left(tried)
    assert left(tried, per_number=2), "the other number"
    assert not left(replace(tried, phones=[MOBILE]), per_number=2)
    assert not left(tried, per_case=2)
    assert not left(facts(phones=[replace(MOBILE, closed="FAX"), replace(FIXED, blocked=True)]))
    assert left(facts(phones=[replace(MOBILE, live_until=MONDAY + DAY)])), "busy now is not gone"


def test_the_rules_know_the_hold_before_the_case_is_settled() -> None:
    found = facts(ended_elsewhere=Earlier(outcome="DECEASED", reached=False, closed_at=MONDAY))
    held = check(history_of(found, BOOK), 0, MONDAY + DAY, Limits())
    assert held is not None
    assert (held.code, held.until) == ("case_state", None)
