"""A resident's request: its term and what can happen to it."""

from __future__ import annotations

from datetime import date

import pytest

from dialer.domain.errors import IllegalTransitionError
from dialer.domain.privacy_request import WAITING, RequestEvent, RequestState, advance, months_after


@pytest.mark.parametrize(
    ("day", "months", "after"),
    [
        (date(2026, 3, 2), 1, date(2026, 4, 2)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 5), 1, date(2027, 1, 5)),
    ],
)
def test_a_month_after(day: date, months: int, after: date) -> None:
    assert months_after(day, months) == after


def test_put_off_once_and_then_done_or_refused_for_good() -> None:
    later = advance(RequestState.OPEN, RequestEvent.EXTEND)
    assert later in WAITING
    with pytest.raises(IllegalTransitionError):
        advance(later, RequestEvent.EXTEND)
    for event, state in ((RequestEvent.CARRY_OUT, RequestState.DONE), (RequestEvent.REFUSE, RequestState.REFUSED)):
        assert advance(later, event) is advance(RequestState.OPEN, event) is state
        for again in RequestEvent:
            with pytest.raises(IllegalTransitionError):
                advance(state, again)
