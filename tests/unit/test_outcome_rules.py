"""Which steps may be changed, into what, and what a change does to a case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from dialer.domain.call import Direction
from dialer.domain.case import CaseState, PastAttempt
from dialer.domain.errors import InvalidError
from dialer.domain.ids import AttemptId, CaseId, PhoneId
from dialer.domain.outcome import StepKind
from dialer.schedule.history import CaseFacts, PhoneFacts
from dialer.schedule.model import Limits, NumberKind
from dialer.schedule.outcome_rules import Effect, changed, editable, effect_of, revised
from dialer.schedule.rotation import Rotation
from dialer.schedule.settle import Rulebook
from dialer.storage.catalogue import first_catalogue
from tests.support.schedule import MONDAY

OLD = first_catalogue()
BOOK = Rulebook(limits=Limits(), catalogue=OLD, planner=Rotation())
NOW = MONDAY + timedelta(minutes=30)


def facts(outcome: str, **change: Any) -> CaseFacts:
    phone = PhoneId(UUID(int=7))
    attempt = PastAttempt(
        attempt=AttemptId(UUID(int=9)), direction=Direction.OUT, phone=phone, at=MONDAY,
        ended_at=MONDAY + timedelta(minutes=1), day=MONDAY.date(), outcome=outcome,
    )  # fmt: skip
    values: dict[str, Any] = {
        "case": CaseId(UUID(int=1)), "arrival": MONDAY, "ends_at": MONDAY + timedelta(days=21), "crisis": False,
        "state": "open", "state_reason": "", "recalled": False, "opted_out_at": None, "callback_at": None,
        "paused_until": None, "elsewhere": {}, "attempts": [attempt],
        "phones": [PhoneFacts(phone=phone, number_key=b"1", kind=NumberKind.MOBILE)],
    } | change  # fmt: skip
    return CaseFacts(**values)


def test_a_new_version_has_other_steps_and_all_else_as_it_was() -> None:
    new = revised(OLD, {"ABANDONED": {"kind": "pause", "pause_days": 2}, "NO_ANSWER": {"kind": "other_day"}}, 9)
    assert new.version == 9
    assert changed(OLD, new) == {"ABANDONED", "NO_ANSWER"}
    step = new.outcomes["ABANDONED"].step
    assert (step.kind, step.pause_days) == (StepKind.PAUSE, 2)
    assert step.reserved  # no change lets a resident wait for an agent twice
    assert replace(new.outcomes["NO_ANSWER"], step=OLD.outcomes["NO_ANSWER"].step) == OLD.outcomes["NO_ANSWER"]
    assert OLD.outcomes["NO_ANSWER"].step.kind is StepKind.OTHER_SLOT


@pytest.mark.parametrize(
    "steps",
    [
        {"BUSY": {"kind": "retry_after", "minutes": [20, 40], "times": 2, "then": "other_day"}},
        {"BUSY": {"kind": "other_slot"}},
        {"CUT_OFF": {"kind": "redial", "minutes": [0, 5], "times": 1, "then": "other_slot"}},
        {"CUT_OFF": {"kind": "other_day"}},
        {"UNALLOCATED": {"kind": "next_number", "close_after_days": 3}},
        {"CONGESTION": {"kind": "retry_after", "minutes": [10, 20]}},
        {"VOICEMAIL": {"kind": "human_review"}},
        {"REJECTED": {"kind": "stop"}},
    ],
)
def test_what_may_be(steps: Mapping[str, Mapping[str, Any]]) -> None:
    assert changed(OLD, revised(OLD, steps, 2)) == set(steps)


@pytest.mark.parametrize(
    ("code", "step", "field"),
    [
        ("NOPE", {"kind": "stop"}, ""),
        ("PAID", {"kind": "other_slot"}, ""),
        ("DECEASED", {"kind": "other_slot"}, ""),
        ("LOST", {"kind": "other_day"}, ""),
        ("NO_ANSWER", {"kind": "redial", "minutes": [0, 2]}, ".kind"),
        ("NO_ANSWER", {"kind": "appointment"}, ".kind"),
        ("CONGESTION", {"kind": "stop"}, ".kind"),
        ("FAX", {"kind": "other_slot"}, ".kind"),
        ("NO_ANSWER", {"kind": "retry_after"}, ".minutes"),
        ("NO_ANSWER", {"kind": "retry_after", "minutes": [0, 5]}, ".minutes"),
        ("NO_ANSWER", {"kind": "retry_after", "minutes": [5, 20_000]}, ".minutes"),
        ("NO_ANSWER", {"kind": "other_slot", "minutes": [5, 10]}, ".minutes"),
        ("NO_ANSWER", {"kind": "other_day", "times": 2}, ".times"),
        ("NO_ANSWER", {"kind": "other_day", "then": "stop"}, ".times"),
        ("NO_ANSWER", {"kind": "other_day", "times": 13, "then": "stop"}, ".times"),
        ("NO_ANSWER", {"kind": "other_day", "times": "2", "then": "stop"}, ".times"),
        ("NO_ANSWER", {"kind": "other_day", "times": 2, "then": "pause"}, ".then"),
        ("CONGESTION", {"kind": "retry_after", "minutes": [5, 9], "times": 2, "then": "stop"}, ".then"),
        ("NO_ANSWER", {"kind": "next_number", "close_after_days": 2}, ".close_after_days"),
        ("UNALLOCATED", {"kind": "next_number"}, ".close_after_days"),
        ("UNALLOCATED", {"kind": "next_number", "close_after_days": 8}, ".close_after_days"),
        ("NO_ANSWER", {"kind": "pause"}, ".pause_days"),
        ("NO_ANSWER", {"kind": "pause", "pause_days": 61}, ".pause_days"),
        ("NO_ANSWER", {"kind": "stop", "pause_days": 3}, ".pause_days"),
    ],
)
def test_what_may_not_be_names_the_field(code: str, step: Mapping[str, Any], field: str) -> None:
    with pytest.raises(InvalidError) as caught:
        revised(OLD, {code: step}, 2)
    assert caught.value.field == f"steps.{code}{field}"


def test_nonsense_and_no_change_at_all() -> None:
    for steps, field in (({"BUSY": {"kind": "dance"}}, "next_step"), ({"NO_ANSWER": {"kind": "other_slot"}}, "steps")):
        with pytest.raises(InvalidError) as caught:
            revised(OLD, steps, 2)
        assert caught.value.field == field


def test_appointments_and_ends_are_not_editable() -> None:
    fixed = {code for code, row in OLD.outcomes.items() if not editable(row)}
    assert {"LOST", "PAID", "OPT_OUT", "NOT_REACHED"} <= fixed
    assert {code for code, row in OLD.outcomes.items() if row.step.kind is StepKind.APPOINTMENT} <= fixed
    assert {"BUSY", "NO_ANSWER", "VOICEMAIL", "REJECTED", "CONGESTION"}.isdisjoint(fixed)


def test_what_a_change_does_to_a_case() -> None:
    later = revised(OLD, {"NO_ANSWER": {"kind": "pause", "pause_days": 5}}, 2)
    found = effect_of(facts("NO_ANSWER"), BOOK, later, NOW)
    assert found.effect is Effect.MOVED
    assert found.settled.plan is not None
    assert found.settled.plan.at >= MONDAY + timedelta(days=5)
    assert effect_of(facts("BUSY"), BOOK, later, NOW).effect is Effect.NONE
    ended = revised(OLD, {"NO_ANSWER": {"kind": "stop"}}, 2)
    found = effect_of(facts("NO_ANSWER"), BOOK, ended, NOW)
    assert (found.effect, found.settled.state) == (Effect.CLOSED, CaseState.CLOSED)
    assert effect_of(facts("NO_ANSWER", state="held"), BOOK, later, NOW).effect is Effect.NONE
    back = replace(BOOK, catalogue=ended)
    assert effect_of(facts("NO_ANSWER"), back, OLD, NOW).effect is Effect.MOVED
