"""Numbers as lists hold them."""

from __future__ import annotations

import pytest

from dialer.domain.numbers import NumberKind, NumberReason, masked, parse_number, read_cells, split_cell

R, MOBILE, FIXED = NumberReason, NumberKind.MOBILE, NumberKind.FIXED


@pytest.mark.parametrize(
    ("text", "e164", "kind"),
    [
        ("0600000123", "+31600000123", MOBILE),
        ("06-00000123", "+31600000123", MOBILE),
        ("06 00 00 01 23", "+31600000123", MOBILE),
        ("06‑0000‐0123", "+31600000123", MOBILE),  # typographic hyphens
        ("06\u00a00000\u200b0123", "+31600000123", MOBILE),  # no-break space, zero width space
        ("+31600000123", "+31600000123", MOBILE),
        ("+31 (0)6 00000123", "+31600000123", MOBILE),
        ("+31( 0 )6-00000123", "+31600000123", MOBILE),
        ("+310600000123", "+31600000123", MOBILE),
        ("0031600000123", "+31600000123", MOBILE),
        ("00310600000123", "+31600000123", MOBILE),
        ("31600000123", "+31600000123", MOBILE),  # the plus got lost
        ("310600000123", "+31600000123", MOBILE),
        ("600000123", "+31600000123", MOBILE),  # the zero got lost
        ("600000123.0", "+31600000123", MOBILE),  # a spreadsheet's number written out
        ("'0600000123", "+31600000123", MOBILE),
        ("tel: 0600000123", "+31600000123", MOBILE),
        ("0600000123 (werk)", "+31600000123", MOBILE),
        ("０６０００００１２３", "+31600000123", MOBILE),  # full-width digits
        ("079/0000123", "+31790000123", FIXED),
        ("(079) 000 01 23", "+31790000123", FIXED),
        ("790000123", "+31790000123", FIXED),
        ("0850000123", "+31850000123", FIXED),
        ("088 000 01 23", "+31880000123", FIXED),
    ],
)
def test_accepts(text: str, e164: str, kind: NumberKind) -> None:
    result = parse_number(text, demo=True)
    assert not isinstance(result, NumberReason)
    assert (result.e164, result.kind) == (e164, kind)
    assert e164 not in repr(result)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("112", R.SERVICE),
        ("113", R.SERVICE),
        ("116000", R.SERVICE),
        ("144", R.SERVICE),
        ("14079", R.SERVICE),
        ("+31 14 079", R.SERVICE),
        ("1850", R.SERVICE),
        ("1345", R.SERVICE),
        ("0800-1234", R.SERVICE),
        ("0800 0000123", R.SERVICE),
        ("0900 8844", R.SERVICE),
        ("09060000123", R.SERVICE),
        ("909000012", R.SERVICE),
        ("0660000123", R.RANGE),
        ("0670000123", R.RANGE),
        ("0690000123", R.RANGE),
        ("0820000123", R.RANGE),
        ("0840000123", R.RANGE),
        ("0870000123", R.RANGE),
        ("0910000123", R.RANGE),
        ("0970 00000123", R.RANGE),
        ("0970000123", R.RANGE),
        ("+49 30 123456", R.FOREIGN),
        ("0044 20 7946 0000", R.FOREIGN),
        ("+32 470 00 00 00", R.FOREIGN),
        ("06 123", R.TOO_SHORT),
        ("018400012", R.TOO_SHORT),
        ("06000001234", R.TOO_LONG),
        ("0140000123", R.UNKNOWN_AREA),
        ("0000000000", R.UNREADABLE),
        ("06-0000O123", R.UNREADABLE),
        ("6,0E+08", R.UNREADABLE),
        ("=cmd()", R.UNREADABLE),
        ("0600000123\r\nAction: Originate", R.UNREADABLE),
        ("", R.UNREADABLE),
    ],
)
def test_refuses(text: str, reason: NumberReason) -> None:
    assert parse_number(text, demo=True) is reason


def test_fiction_is_for_the_demo_only() -> None:
    assert parse_number("0600000123") is R.TEST
    assert parse_number("0790000123") is not R.TEST


@pytest.mark.parametrize(
    ("cell", "parts"),
    [
        ("", []),
        (" geen ", []),
        ("n.v.t.", []),
        ("0600000123", ["0600000123"]),
        ("0600000123 / 0790000123", ["0600000123", "0790000123"]),
        ("0600000123,0790000123", ["0600000123", "0790000123"]),
        ("0600000123; 0790000123", ["0600000123", "0790000123"]),
        ("0600000123 of 0790000123", ["0600000123", "0790000123"]),
        ("0600000123 en +31790000123", ["0600000123", "+31790000123"]),
        ("0600000123 0790000123", ["0600000123", "0790000123"]),
        ("0600000123\n0790000123", ["0600000123", "0790000123"]),
        ("06 0000 0123", ["06 0000 0123"]),
        ("079/0000123", ["079/0000123"]),
        ("079,0000123", ["079 0000123"]),
        ("0600000123 / 112", ["0600000123", "112"]),
        ("0600000123 / 0800-1234", ["0600000123", "0800-1234"]),
    ],
)
def test_splits(cell: str, parts: list[str]) -> None:
    assert split_cell(cell) == parts


def test_mobile_first_each_once_and_refusals_with_their_cell() -> None:
    found = read_cells(["0790000123 / 0600000123", "0600000123", "112", "geen"], demo=True)
    assert [number.e164 for number in found.accepted] == ["+31600000123", "+31790000123"]
    assert [(refusal.cell, refusal.reason) for refusal in found.refused] == [(2, R.SERVICE)]


def test_masked_shows_the_kind_and_two_digits() -> None:
    assert masked("+31600000123") == "+316••••••23"
