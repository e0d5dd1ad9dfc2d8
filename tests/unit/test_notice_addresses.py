"""Where a resident is told of his appointment: an address that can be one."""

from __future__ import annotations

import pytest

from dialer.domain.errors import InvalidError
from dialer.domain.notices import Via, address_of


@pytest.mark.parametrize(
    ("via", "text", "used"),
    [
        (Via.EMAIL, " noor.bakker+afspraak@example.org ", "noor.bakker+afspraak@example.org"),
        (Via.SMS, "06 12345678", "+31612345678"),
        (Via.SMS, "+31600000123", "+31600000123"),
    ],
)
def test_as_it_is_used(via: Via, text: str, used: str) -> None:
    assert address_of(via, text) == used


@pytest.mark.parametrize(
    ("via", "text"),
    [
        (Via.EMAIL, "noor"),
        (Via.EMAIL, "noor..bakker@example.org"),
        (Via.EMAIL, "noor@example.org\nBcc: x@example.org"),
        (Via.EMAIL, "n" * 60 + "@" + ".".join(["d" * 50] * 4) + ".org"),
        (Via.SMS, "079 000 0000"),
        (Via.SMS, "geen nummer"),
    ],
)
def test_what_is_none(via: Via, text: str) -> None:
    with pytest.raises(InvalidError) as caught:
        address_of(via, text)
    assert caught.value.field == "confirm_to"
