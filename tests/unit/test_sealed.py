"""What stands in the boxes."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from dialer.domain.intake import SignalRow
from dialer.services import sealed

ROW = SignalRow(
    client_ref="Z-1",
    signal_ref="S-1",
    partner_type="rent",
    signal_on=date(2026, 6, 1),
    crisis=False,
    warm_handover=False,
    surname="van der Bérg",
    initials="A.B.",
    salutation="v",
    birth_date=date(1970, 2, 1),
    postcode="2711AB",
    house_number=12,
    house_addition="bis",
    language="nl",
    arisen_on=date(2026, 5, 1),
    amount_cents=31050,
    brp_checked_on=None,
    phones=(),
)


@pytest.mark.parametrize(
    "row",
    [
        ROW,
        replace(ROW, surname='O\'Neill "Jr" \\ \u2028 \x7f', initials="", house_addition='"'),
        replace(ROW, amount_cents=None, arisen_on=None, brp_checked_on=date(2026, 5, 30), salutation=""),
    ],
)
def test_round_trip(row: SignalRow) -> None:
    who = sealed.resident_data(sealed.resident_box(row))
    assert (who.surname, who.initials, who.salutation, who.birth_date) == (
        row.surname,
        row.initials,
        row.salutation,
        row.birth_date,
    )
    assert (who.postcode, who.house_number, who.house_addition) == (row.postcode, row.house_number, row.house_addition)
    signal = sealed.signal_data(sealed.signal_box(row))
    assert (signal.amount_cents, signal.arisen_on) == (row.amount_cents, row.arisen_on)
    assert (signal.surname, signal.initials) == (row.surname, row.initials)
    assert json.loads(sealed.resident_box(row))["brp_checked_on"] == (
        row.brp_checked_on.isoformat() if row.brp_checked_on else None
    )
    assert row.surname not in repr(who) + repr(signal)


def test_a_renamed_box_keeps_the_rest() -> None:
    other = sealed.signal_data(sealed.signal_box(replace(ROW, surname="Vos", initials="K.")))
    who = sealed.resident_data(sealed.renamed_box(sealed.resident_box(ROW), other))
    assert (who.full_name, who.birth_date) == ("K. Vos", ROW.birth_date)


def test_cells() -> None:
    cells = ["a", "=b", "\ud800", "é"]
    assert sealed.cells_data(sealed.cells_box(cells)) == cells
    assert sealed.row_id(3).int == 3
