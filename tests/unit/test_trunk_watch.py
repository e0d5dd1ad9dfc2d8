"""When a trunk that fails is left alone, and for how long."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from dialer.domain import call as calls
from dialer.domain.call import Call, CallEvent, CallState, Intent
from dialer.domain.ids import AttemptId
from dialer.services.trunk_watch import PAUSE_FIRST, PAUSE_MOST, STOP_AFTER_FAULTS, TrunkWatch

DIAL = replace(calls.outbound(AttemptId(UUID(int=1)), None, 100.0), state=CallState.ENDED)
CONGESTED = replace(DIAL, sip_code=503)
BUSY = replace(DIAL, sip_code=486)


def _after(*ends: Call, event: CallEvent = CallEvent.ENDED) -> tuple[TrunkWatch, list[float | None]]:
    watch = TrunkWatch()
    return watch, [watch.ended(end, event) for end in ends]


def test_the_fifth_fault_in_a_row_rests_the_trunk_and_each_rest_is_longer_up_to_the_longest() -> None:
    watch, rests = _after(*[CONGESTED] * (STOP_AFTER_FAULTS + 6))
    assert rests[: STOP_AFTER_FAULTS - 1] == [None] * (STOP_AFTER_FAULTS - 1)
    assert rests[STOP_AFTER_FAULTS - 1 :] == [PAUSE_FIRST, 30.0, 60.0, 120.0, 240.0, PAUSE_MOST, PAUSE_MOST]
    assert watch.ill


def test_one_dial_that_works_makes_good_all_before() -> None:
    watch, rests = _after(*[CONGESTED] * STOP_AFTER_FAULTS, BUSY, *[CONGESTED] * STOP_AFTER_FAULTS)
    assert [rest for rest in rests if rest is not None] == [PAUSE_FIRST, PAUSE_FIRST]
    assert watch.faults == STOP_AFTER_FAULTS


@pytest.mark.parametrize(
    ("end", "event"),
    [
        (replace(CONGESTED, intent=Intent.CANCEL), CallEvent.ENDED),
        (replace(BUSY, intent=Intent.RING_TIMEOUT), CallEvent.ENDED),
        (CONGESTED, CallEvent.REFUSED),
    ],
)
def test_what_we_ended_or_what_never_left_says_nothing_of_the_carrier(end: Call, event: CallEvent) -> None:
    watch, _ = _after(*[CONGESTED] * 3)
    assert watch.ended(end, event) is None
    assert watch.faults == 3
