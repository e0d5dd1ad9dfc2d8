"""What no list and no text may hold."""

from __future__ import annotations

import pytest

from dialer.domain.texts import are_bsns, is_bsn_title

BSNS = ["111222333", "123456782", "999996769", "100000009", "111111110"]
"""They pass the check and were never anybody's."""


@pytest.mark.parametrize(
    "title", ["BSN", "bsn nr.", "BSN_inwoner", "Burgerservicenummer", "Burger-service-nummer", "SoFi-nummer"]
)
def test_headings_that_tell(title: str) -> None:
    assert is_bsn_title(title)


@pytest.mark.parametrize("title", ["kenmerk", "zaaknummer", "absentie", "burgerlijke staat", ""])
def test_headings_that_do_not(title: str) -> None:
    assert not is_bsn_title(title)


def test_references_that_are_all_service_numbers() -> None:
    assert are_bsns((BSNS * 2)[:8])
    assert are_bsns([*(BSNS * 2)[:8], "Z-1"]), "what is no number at all says nothing"
    assert not are_bsns((BSNS * 2)[:7]), "too few to tell"
    assert not are_bsns([*BSNS, *BSNS, "123456789"]), "one that does not pass: numbers of the client's own"
    assert not are_bsns(["Z-2026-1"] * 20)
