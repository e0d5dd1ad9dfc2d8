"""When a delivery's personal data goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from dialer.domain.retention import Standing, Waits, ends_at, is_over, waits_for

MARCH = datetime(2026, 3, 2, 9, tzinfo=UTC)
DONE = Standing(
    received_at=MARCH, open_cases=0, not_handed_over=0, open_complaints=0, last_at=MARCH + timedelta(days=20)
)


def test_the_term_runs_from_the_last_that_it_was_needed_for() -> None:
    assert ends_at(DONE, 90) == MARCH + timedelta(days=110)
    assert not is_over(DONE, 90, MARCH + timedelta(days=110, seconds=-1))
    assert is_over(DONE, 90, MARCH + timedelta(days=110))
    assert ends_at(replace(DONE, last_at=None), 90) == MARCH + timedelta(days=90)
    assert ends_at(replace(DONE, last_at=MARCH - timedelta(days=3)), 7) == MARCH + timedelta(days=7)


def test_what_is_unfinished_keeps_it() -> None:
    waiting = replace(DONE, open_cases=1, not_handed_over=2, open_complaints=1)
    assert waits_for(waiting) == [Waits.CASES, Waits.HAND_OVER, Waits.COMPLAINTS]
    assert waits_for(replace(DONE, open_complaints=1)) == [Waits.COMPLAINTS]
    assert ends_at(waiting, 90) is None
    assert not is_over(waiting, 90, MARCH + timedelta(days=9000))
    assert waits_for(DONE) == []
