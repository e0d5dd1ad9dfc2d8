"""What may leave at all: where to, and how often a day."""

from __future__ import annotations

from datetime import date

import pytest

from dialer.asterisk.tolls import TollRules, Tolls
from dialer.services.ports.telephony import TelephonyError

NUMBER, OTHER = "+31600000001", "+31600000002"


class Calendar:
    def __init__(self) -> None:
        self.day = date(2026, 6, 1)

    def __call__(self) -> date:
        return self.day


@pytest.mark.parametrize("number", ["+4479", "+3", "0031600000001", "+32600000001", "+1900555", ""])
def test_abroad_is_not_rung(number: str) -> None:
    tolls = Tolls(TollRules(), Calendar())
    with pytest.raises(TelephonyError, match="destination"):
        tolls.take(number)
    with pytest.raises(TelephonyError, match="destination"):
        tolls.take(number, target=True)
    assert tolls.barred == 2
    tolls.take(NUMBER)


def test_one_number_is_not_rung_all_day(caplog: pytest.LogCaptureFixture) -> None:
    calendar = Calendar()
    tolls = Tolls(TollRules(per_number=3), calendar)
    for _ in range(3):
        tolls.take(NUMBER)
    with pytest.raises(TelephonyError, match="number"):
        tolls.take(NUMBER)
    assert NUMBER not in caplog.text
    tolls.take(OTHER)
    for _ in range(5):
        tolls.take(NUMBER, target=True)  # a client's own desk
    calendar.day = date(2026, 6, 2)
    tolls.take(NUMBER)
    assert tolls.barred == 1


def test_not_everybody_is_rung_in_a_day() -> None:
    calendar = Calendar()
    tolls = Tolls(TollRules(per_day=2, per_number=0), calendar)
    tolls.take(NUMBER)
    tolls.take(NUMBER, target=True)
    for _ in range(2):
        with pytest.raises(TelephonyError, match="day"):
            tolls.take(OTHER)
    calendar.day = date(2026, 6, 2)
    tolls.take(OTHER)


def test_what_was_barred_is_not_counted_as_rung() -> None:
    tolls = Tolls(TollRules(per_day=1), Calendar())
    with pytest.raises(TelephonyError):
        tolls.take("+44790000")
    tolls.take(NUMBER)


def test_without_bounds_only_the_place_counts() -> None:
    tolls = Tolls(TollRules(prefixes=("+31", "+32"), per_day=0, per_number=0), Calendar())
    for _ in range(100):
        tolls.take("+32470000000")
