from __future__ import annotations

import pytest

from dialer.domain.case import CaseState
from dialer.domain.errors import InvalidError
from dialer.domain.outcome import (
    Filed,
    FinalFor,
    Reached,
    SetBy,
    StepKind,
    check_filing,
    parse_catalogue,
    parse_step,
    step_json,
)
from tests.support.schedule import CATALOGUE

MACHINE = [
    "BUSY",
    "NO_ANSWER",
    "REJECTED",
    "EARLY_HANGUP",
    "ABANDONED",
    "CONGESTION",
    "FAILED",
    "LOST",
    "GIVEN_BACK",
    "NOT_REACHED",
    "NOT_CALLABLE",
    "WITHDRAWN",
]
BOTH = ["UNALLOCATED", "NUMBER_CHANGED", "INVALID_NUMBER", "FAX", "CUT_OFF"]
REACHED = [
    "HELP_WANTED",
    "HELP_APPOINTMENT",
    "HELP_OTHER",
    "ADVICE",
    "PAID",
    "SELF_SOLVING",
    "NO_HELP",
    "IN_DEBT_HELP",
    "OTHER_HELP",
    "ADMINISTRATOR",
    "DISPUTED",
]
IF_VERIFIED = ["REFUSED", "OPT_OUT", "MOVED"]
NOT_REACHED = [
    "VOICEMAIL",
    "THIRD_PARTY",
    "WRONG_PERSON",
    "NOT_VERIFIED",
    "CALL_LATER",
    "LANGUAGE",
    "NOT_ABLE",
    "NUMBER_BLOCKED",
    "WILL_CALL",
    "DECEASED",
]
OVERFLOW = ["TEAM_HELPED", "TEAM_RETURNED"]
DDAS = {
    "HELP_WANTED": "Vervolghulp en/of verwijzing financieel",
    "HELP_APPOINTMENT": "Vervolghulp en/of verwijzing financieel",
    "HELP_OTHER": "Vervolghulp en/of verwijzing niet financieel",
    "ADVICE": "(Budget)advies en/of quick fix",
    "PAID": "Inwoner heeft zelf al betaald/betalingsregeling getroffen",
    "SELF_SOLVING": "Inwoner regelt het zelf/hoeft geen hulp vanuit vroegsignalering",
    "NO_HELP": "Inwoner regelt het zelf/hoeft geen hulp vanuit vroegsignalering",
    "REFUSED": "Inwoner regelt het zelf/hoeft geen hulp vanuit vroegsignalering",
    "OPT_OUT": "Inwoner regelt het zelf/hoeft geen hulp vanuit vroegsignalering",
    "IN_DEBT_HELP": "Inwoner al bekend bij schuldhulpverlening",
    "OTHER_HELP": "Inwoner heeft al een ander lopend traject",
    "MOVED": "Persoon is geen inwoner (meer) in de gemeente",
    "DECEASED": "Inwoner is overleden",
    "NOT_REACHED": "Definitief geen contact kunnen krijgen",
}
STEPS = {
    "BUSY": StepKind.RETRY_AFTER,
    "NO_ANSWER": StepKind.OTHER_SLOT,
    "VOICEMAIL": StepKind.OTHER_SLOT,
    "REJECTED": StepKind.OTHER_DAY,
    "EARLY_HANGUP": StepKind.OTHER_DAY,
    "ABANDONED": StepKind.OTHER_DAY,
    "CONGESTION": StepKind.RETRY_AFTER,
    "FAILED": StepKind.RETRY_AFTER,
    "UNALLOCATED": StepKind.NEXT_NUMBER,
    "WRONG_PERSON": StepKind.NEXT_NUMBER,
    "CUT_OFF": StepKind.REDIAL,
    "CALL_LATER": StepKind.APPOINTMENT,
    "THIRD_PARTY": StepKind.APPOINTMENT,
    "WILL_CALL": StepKind.PAUSE,
    "NOT_ABLE": StepKind.REVIEW,
    "LANGUAGE": StepKind.REVIEW,
}


def test_every_row_of_the_table_is_there() -> None:
    assert set(CATALOGUE.outcomes) == {*MACHINE, *BOTH, *REACHED, *IF_VERIFIED, *NOT_REACHED, *OVERFLOW}
    assert [o.position for o in CATALOGUE.outcomes.values()] == list(range(1, len(CATALOGUE.outcomes) + 1))


@pytest.mark.parametrize("code", CATALOGUE.outcomes)
def test_each_row(code: str) -> None:
    row = CATALOGUE.get(code)
    expected = SetBy.MACHINE if code in MACHINE else SetBy.BOTH if code in BOTH else SetBy.AGENT
    assert row.set_by is expected
    reached = Reached.YES if code in REACHED else Reached.IF_VERIFIED if code in IF_VERIFIED else Reached.NO
    assert row.reached is reached
    assert row.ddas == DDAS.get(code)
    assert row.counted is (code not in ("CONGESTION", "FAILED"))
    assert row.second_key is (code.startswith("HELP") or code in ("PAID", "OPT_OUT"))
    assert row.label()
    assert row.label("en")
    assert row.label() != code
    if row.reached is Reached.YES:
        assert "verified" in row.needs
        assert (row.final_for, row.case_state) == (FinalFor.CASE, "reached")
    if row.case_state is not None:
        assert CaseState(row.case_state)
    if code in STEPS:
        assert row.step.kind is STEPS[code]
    assert parse_step(step_json(row.step)) == row.step


def test_reached_depends_on_the_identity_check_where_it_says_so() -> None:
    assert CATALOGUE.get("PAID").is_reached(None)
    assert CATALOGUE.get("REFUSED").is_reached(True)
    assert not CATALOGUE.get("REFUSED").is_reached(None)
    assert not CATALOGUE.get("VOICEMAIL").is_reached(True)


def test_a_step_may_change_with_its_occurrence() -> None:
    busy = CATALOGUE.get("BUSY").step
    assert [busy.kind_at(n) for n in (1, 3, 4)] == [StepKind.RETRY_AFTER, StepKind.RETRY_AFTER, StepKind.OTHER_SLOT]
    assert CATALOGUE.get("NOT_VERIFIED").step.kind_at(2) is StepKind.REVIEW
    assert CATALOGUE.get("NO_ANSWER").step.kind_at(9) is StepKind.OTHER_SLOT


def test_agents_choose_in_order_and_confirm_what_asks_for_it() -> None:
    codes = [o.code for o in CATALOGUE.for_agents()]
    assert "BUSY" not in codes
    assert "FAX" in codes
    assert {one.code for one in CATALOGUE.for_agents() if one.second_key} == {
        "HELP_WANTED",
        "HELP_APPOINTMENT",
        "HELP_OTHER",
        "PAID",
        "OPT_OUT",
    }


@pytest.mark.parametrize(
    "step",
    [{}, {"kind": "dance"}, {"kind": "stop", "minutes": [3]}, {"kind": "stop", "then": "x"}, {"kind": "stop", "a": 1}],
)
def test_a_step_that_is_not_understood_is_refused(step: dict[str, object]) -> None:
    with pytest.raises(InvalidError):
        parse_step(step)
    with pytest.raises(InvalidError):
        parse_step({"kind": "stop", "minutes": [30, 15]})


def test_a_catalogue_row_that_is_not_understood_is_named() -> None:
    with pytest.raises(InvalidError) as caught:
        parse_catalogue('version = 2\n[outcome.X]\nset_by = "nobody"\nnl = "x"\nen = "x"\nstep = { kind = "stop" }')
    assert caught.value.field == "outcome.X"
    with pytest.raises(InvalidError):
        CATALOGUE.get("X")


FINE = Filed(outcome="x", has_note=True, has_appointment=True, confirmed=True, answers={"need": "ja"})


@pytest.mark.parametrize(
    ("code", "filed", "verified", "field"),
    [
        ("BUSY", FINE, True, "outcome"),
        ("NO_HELP", FINE, None, "verified"),
        ("NO_HELP", FINE, False, "verified"),
        ("CALL_LATER", Filed(outcome="x"), None, "appointment_at"),
        ("HELP_APPOINTMENT", Filed(outcome="x", answers={"need": "x"}, confirmed=True), True, "appointment_at"),
        ("HELP_WANTED", Filed(outcome="x", confirmed=True), True, "answers.need"),
        ("HELP_WANTED", Filed(outcome="x", answers={"need": "x"}), True, "confirmed"),
        ("NO_HELP", Filed(outcome="x", flags=frozenset({"RICH"})), True, "flags"),
    ],
)
def test_a_filing_must_hold_what_its_outcome_needs(code: str, filed: Filed, verified: bool | None, field: str) -> None:
    with pytest.raises(InvalidError) as caught:
        check_filing(CATALOGUE.get(code), filed, verified=verified)
    assert caught.value.field == field
    if code != "BUSY" and field != "verified":
        check_filing(CATALOGUE.get(code), FINE, verified=True)


def test_a_note_can_be_asked_for() -> None:
    text = 'version = 2\n[outcome.X]\nset_by = "agent"\nnl = "x"\nen = "x"\nneeds = ["note"]\nstep = { kind = "stop" }'
    row = parse_catalogue(text).get("X")
    with pytest.raises(InvalidError):
        check_filing(row, Filed(outcome="X"), verified=None)
    check_filing(row, FINE, verified=None)
