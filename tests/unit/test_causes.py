"""Every row of the table of results: own intent, what was heard, Q.850 cause, SIP code."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from dialer.domain.call import Call, CallState, Direction, Intent
from dialer.domain.causes import OUR_FAULT, dial_result, is_abandoned, machine_result
from dialer.domain.ids import AttemptId, ChannelId, UserId
from tests.support.schedule import CATALOGUE

SIP_ROWS = [
    ((404, 485, 604), "UNALLOCATED"),
    ((410,), "NUMBER_CHANGED"),
    ((484,), "INVALID_NUMBER"),
    ((486, 600), "BUSY"),
    ((480, 487), "NO_ANSWER"),
    ((603,), "REJECTED"),
    ((420, 488, 500, 501, 502, 504, 606, 401, 407, 483), "FAILED"),
    ((503,), "CONGESTION"),
]
CAUSE_ROWS = [
    ((1,), "UNALLOCATED"),
    ((22,), "NUMBER_CHANGED"),
    ((28,), "INVALID_NUMBER"),
    ((17,), "BUSY"),
    ((19,), "NO_ANSWER"),
    ((2, 3, 27, 38, 41, 102, 127, 58, 65, 79, 88), "FAILED"),
    ((34, 42, 44, 47), "CONGESTION"),
]


@pytest.mark.parametrize("rang", [True, False])
@pytest.mark.parametrize(("codes", "result"), SIP_ROWS)
def test_sip_codes(codes: tuple[int, ...], result: str, rang: bool) -> None:
    for code in codes:
        # Asterisk folds 480 and 483 into 19, 401/403/407/603 into 21: the SIP code leads.
        cause = 19 if code in (480, 483) else 21 if code in (401, 407, 603) else 127
        assert dial_result(intent=Intent.NONE, rang=rang, cause=cause, sip_code=code) == result


@pytest.mark.parametrize("rang", [True, False])
@pytest.mark.parametrize(("causes", "result"), CAUSE_ROWS)
def test_causes_without_a_sip_code(causes: tuple[int, ...], result: str, rang: bool) -> None:
    for cause in causes:
        assert dial_result(intent=Intent.NONE, rang=rang, cause=cause, sip_code=0) == result


@pytest.mark.parametrize(
    ("cause", "sip_code", "rang", "result"),
    [
        (18, 408, True, "NO_ANSWER"),
        (18, 408, False, "FAILED"),
        (18, 0, True, "NO_ANSWER"),
        (18, 0, False, "FAILED"),
        (21, 403, True, "REJECTED"),
        (21, 403, False, "FAILED"),
        (21, 0, True, "REJECTED"),
        (21, 0, False, "FAILED"),
        (55, 0, True, "REJECTED"),
        (55, 0, False, "FAILED"),
        (21, 401, True, "FAILED"),
        (0, 0, True, "FAILED"),
        (200, 0, True, "FAILED"),
    ],
)
def test_rows_that_depend_on_ringing(cause: int, sip_code: int, rang: bool, result: str) -> None:
    assert dial_result(intent=Intent.NONE, rang=rang, cause=cause, sip_code=sip_code) == result


@pytest.mark.parametrize("intent", [Intent.RING_TIMEOUT, Intent.CANCEL])
def test_our_own_end_of_the_ring_is_known_by_our_intent(intent: Intent) -> None:
    assert dial_result(intent=intent, rang=True, cause=19, sip_code=480) == "NO_ANSWER"
    assert dial_result(intent=intent, rang=False, cause=19, sip_code=480) == "FAILED"


CALL = Call(
    attempt=AttemptId(UUID(int=1)),
    direction=Direction.OUT,
    channel=ChannelId("c"),
    state=CallState.ENDED,
    claimed_at=0.0,
    answered_at=10.0,
    ended_at=60.0,
    agent=UserId(UUID(int=2)),
)


@pytest.mark.parametrize(
    ("change", "result", "abandoned"),
    [
        ({"joined_at": 10.1}, "", False),
        ({"joined_at": 10.1, "lost_at": 40.0, "message_at": 50.0}, "CUT_OFF", False),
        ({"joined_at": 10.1, "lost_at": 40.0}, "", False),  # he hung up himself while waiting: the agent files
        ({"message_at": 11.8}, "ABANDONED", True),
        ({"ended_at": 12.0}, "ABANDONED", True),
        ({"ended_at": 11.9}, "EARLY_HANGUP", False),
        ({"answered_at": None, "vanished": True}, "FAILED", False),
        ({"answered_at": None, "refused": True}, "FAILED", False),
        ({"answered_at": None, "cause": 17, "sip_code": 486}, "BUSY", False),
        ({"direction": Direction.IN}, "LOST", False),
        ({"direction": Direction.IN, "joined_at": 20.0}, "", False),
        ({"ended_at": None}, "EARLY_HANGUP", False),
    ],
)
def test_what_an_ended_call_amounts_to(change: dict[str, object], result: str, abandoned: bool) -> None:
    call = replace(CALL, **change)  # type: ignore[arg-type]
    assert machine_result(call) == result
    assert is_abandoned(call) is abandoned


def test_every_result_stands_in_the_catalogue_and_our_faults_are_not_counted() -> None:
    results = {result for _, result in SIP_ROWS + CAUSE_ROWS} | {"ABANDONED", "EARLY_HANGUP", "CUT_OFF", "LOST"}
    assert results <= set(CATALOGUE.outcomes)
    assert {code for code, row in CATALOGUE.outcomes.items() if not row.counted} == OUR_FAULT
