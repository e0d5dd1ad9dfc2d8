"""The end of a contract: its figures, what stands in the way, and what a certificate's signature is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from dialer.domain.contract_end import ITEMS, EndFigures, after_care_until, open_items, signed_text

FIGURES = EndFigures(
    name="alles", callable=400, reached=225, promised_percent=55, help_wanted=60, appointments=30, kept=20, no_show=4,
    billed=Decimal("2940.00"),
)  # fmt: skip


def test_reach_and_what_a_reached_resident_cost() -> None:
    assert FIGURES.reach == 0.5625
    assert FIGURES.cost_per_reached == Decimal("13.07")
    assert replace(FIGURES, callable=0).reach is None
    assert replace(FIGURES, reached=0).cost_per_reached is None
    assert replace(FIGURES, billed=None).cost_per_reached is None, "no bill is of one campaign"


def test_the_number_is_answered_half_a_year_more_to_a_day_that_exists() -> None:
    assert after_care_until(date(2026, 6, 30)) == date(2026, 12, 30)
    assert after_care_until(date(2026, 8, 31)) == date(2027, 2, 28)


def test_what_is_left_to_do_stands_in_order() -> None:
    assert open_items({}) == []
    assert open_items({"bills": 2, "cases": 1, "requests": 0}) == ["cases", "bills"]
    assert open_items(dict.fromkeys(ITEMS, 1)) == list(ITEMS)


def test_the_same_content_is_signed_as_the_same_bytes_without_the_signature() -> None:
    assert signed_text({"b": "é", "a": 1, "signature": "x"}) == '{"a":1,"b":"é"}'.encode()
    assert signed_text({"a": 1, "b": "é"}) == signed_text({"signature": "y", "b": "é", "a": 1})
