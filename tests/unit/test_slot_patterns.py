"""A week's pattern of free times that cannot be kept, and which field is to be mended."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from dialer.domain.errors import InvalidError
from dialer.schedule.slots import Pattern, check

GOOD = Pattern(weekdays=frozenset({0}), begin=time(9), end=time(12), minutes=30, from_on=date(2026, 3, 2))


@pytest.mark.parametrize(
    ("pattern", "field"),
    [
        (replace(GOOD, weekdays=frozenset()), "weekdays"),
        (replace(GOOD, weekdays=frozenset({7})), "weekdays"),
        (replace(GOOD, end=time(9)), "end"),
        (replace(GOOD, minutes=1), "minutes"),
        (replace(GOOD, minutes=1000), "minutes"),
        (replace(GOOD, minutes=240), "minutes"),
        (replace(GOOD, until_on=date(2026, 3, 1)), "until_on"),
        (replace(GOOD, except_on=frozenset(GOOD.from_on + timedelta(days=n) for n in range(2000))), "except_on"),
    ],
)
def test_what_cannot_be_kept(pattern: Pattern, field: str) -> None:
    assert check(GOOD) is GOOD
    with pytest.raises(InvalidError) as caught:
        check(pattern)
    assert caught.value.field == field
