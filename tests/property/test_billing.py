"""Bills: totals are the sum of the records, whatever they are, and a credit note takes back exactly what was billed."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.domain.billing import (
    Charge,
    NoTariffError,
    Tariff,
    cents,
    check_close,
    check_tariff,
    first_of_month,
    indexed,
    next_month,
    number_of,
    tariff_on,
    totals,
)
from dialer.domain.errors import ConflictError, InvalidError

PRICES = st.integers(1, 1_000_000).map(lambda n: Decimal(n) / 100)
PERCENTS = st.sampled_from([Decimal(0), Decimal(9), Decimal(21), Decimal("5.5")])
CHARGES = st.lists(st.builds(Charge, price=PRICES, vat_percent=PERCENTS), max_size=60)
DAYS = st.dates(date(2025, 1, 1), date(2035, 12, 31))


@given(CHARGES)
def test_totals_are_the_sum_of_the_records(charges: list[Charge]) -> None:
    total = totals(charges)
    assert total.net == sum((one.price for one in charges), Decimal(0))
    assert total.records == len(charges) == sum(rate.records for rate in total.rates)
    assert sum((rate.net for rate in total.rates), Decimal(0)) == total.net
    for percent, vat in total.vat.items():
        net = sum((one.price for one in charges if one.vat_percent == percent), Decimal(0))
        assert abs(vat - net * percent / 100) <= Decimal("0.005")
    assert total.gross == total.net + sum(total.vat.values(), Decimal(0))
    for amount in (total.net, total.gross, *total.vat.values()):
        assert amount == cents(amount)


@given(CHARGES)
def test_a_credit_note_of_all_takes_back_all(charges: list[Charge]) -> None:
    back = [Charge(price=one.price, vat_percent=one.vat_percent, sign=-1) for one in charges]
    billed, credited = totals(charges), totals(back)
    assert (billed.net, billed.gross, billed.records) == (-credited.net, -credited.gross, -credited.records)
    nothing = totals(charges + back)
    assert not any((nothing.net, nothing.gross, nothing.records))


@given(CHARGES, st.randoms())
def test_the_order_of_the_records_changes_nothing(charges: list[Charge], random: object) -> None:
    mixed = list(charges)
    random.shuffle(mixed)  # type: ignore[attr-defined]  # hypothesis' own
    assert totals(mixed) == totals(charges)


@given(PRICES, st.integers(1, 50_000), st.integers(1, 50_000))
def test_an_index_is_applied_and_its_rounding_shown(price: Decimal, before: int, after: int) -> None:
    found = indexed(price, Decimal(before) / 100, Decimal(after) / 100)
    assert abs(found.exact - price * after / before) <= Decimal("0.000001")
    assert abs(found.price - found.exact) <= Decimal("0.005001")
    assert found.price == cents(found.price)


def test_indexes_that_are_none() -> None:
    assert indexed(Decimal("12.50"), Decimal("126.34"), Decimal("130.51")).exact == Decimal("12.912577")
    assert indexed(Decimal("12.50"), Decimal("126.34"), Decimal("130.51")).price == Decimal("12.91")
    for before, after in (("0", "1"), ("1", "0"), ("-1", "1"), ("NaN", "1")):
        with pytest.raises((InvalidError, ArithmeticError)):
            indexed(Decimal(1), Decimal(before), Decimal(after))


@given(st.lists(DAYS, unique=True, min_size=1), DAYS)
def test_the_tariff_of_a_day_is_the_newest_that_had_begun(starts: list[date], day: date) -> None:
    tariffs = [Tariff(valid_from=one, price=Decimal(n + 1), vat_percent=Decimal(21)) for n, one in enumerate(starts)]
    if min(starts) > day:
        with pytest.raises(NoTariffError):
            tariff_on(tariffs, day)
        return
    found = tariff_on(tariffs, day)
    assert found.valid_from <= day
    assert not any(found.valid_from < one <= day for one in starts)


@pytest.mark.parametrize(
    ("price", "vat", "field"),
    [("0", "21", "price"), ("-1", "21", "price"), ("1.005", "21", "price"), ("10001", "21", "price"),
     ("1", "-1", "vat_percent"), ("1", "101", "vat_percent"), ("1", "2.005", "vat_percent")],
)  # fmt: skip
def test_a_tariff_that_is_none(price: str, vat: str, field: str) -> None:
    check_tariff(Tariff(valid_from=date(2026, 1, 1), price=Decimal("12.50"), vat_percent=Decimal(21)))
    with pytest.raises(InvalidError) as failure:
        check_tariff(Tariff(valid_from=date(2026, 1, 1), price=Decimal(price), vat_percent=Decimal(vat)))
    assert failure.value.field == field


@given(DAYS)
def test_months_follow_one_another(day: date) -> None:
    month = first_of_month(day)
    assert month <= day < next_month(month)
    assert next_month(month) - timedelta(days=1) >= day


def test_when_a_month_may_be_closed() -> None:
    may = date(2026, 5, 1)
    check_close(may, date(2026, 6, 1), [date(2026, 4, 1)])
    with pytest.raises(ConflictError):
        check_close(may, date(2026, 5, 31), [])
    with pytest.raises(ConflictError):
        check_close(may, date(2026, 7, 1), [may])
    with pytest.raises(ConflictError):
        check_close(may, date(2026, 7, 9), [date(2026, 6, 1)])
    with pytest.raises(InvalidError):
        check_close(date(2026, 5, 2), date(2026, 7, 1), [])
    assert number_of(may, 3, "stad") == "2026-05-stad-3"
