"""Numbers, whatever is typed."""

from __future__ import annotations

import phonenumbers
from hypothesis import example, given
from hypothesis import strategies as st

from dialer.domain.numbers import NumberReason, parse_number, read_cells

DIGITS = st.text("0123456789", min_size=0, max_size=14)
TYPED = st.one_of(
    DIGITS,
    st.builds(lambda head, rest: head + rest, st.sampled_from(["+31", "0031", "+31(0)", "0", "31", "+", "00"]), DIGITS),
    st.text("0123456789+-() /.,;ofn\u00a0０１２", max_size=30),
    st.text(max_size=30),
)
NATIONAL = st.integers(100_000_000, 999_999_999).map(str)


@given(TYPED)
@example("0600000123 of 112")
def test_nothing_forbidden_is_ever_accepted(text: str) -> None:
    for number in read_cells([text], demo=True).accepted:
        assert number.e164.startswith("+31")
        national = number.e164[3:]
        assert len(national) == 9
        assert national.isascii()
        assert national.isdigit()
        assert not national.startswith(("0", "112", "800", "90", "66", "67", "69", "82", "84", "87", "91", "97"))


@given(NATIONAL)
def test_agrees_with_the_library_on_what_exists(national: str) -> None:
    result = parse_number("0" + national)
    number = phonenumbers.parse("+31" + national)
    kind = phonenumbers.number_type(number)
    allowed = (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE)
    if national.startswith("85"):
        assert kind == phonenumbers.PhoneNumberType.VOIP
    elif national.startswith("88"):
        assert kind == phonenumbers.PhoneNumberType.UAN
    else:
        assert (not isinstance(result, NumberReason)) == (kind in allowed)


@given(TYPED)
def test_normalising_twice_changes_nothing(text: str) -> None:
    for number in read_cells([text], demo=True).accepted:
        assert parse_number(number.e164, demo=True) == number


@given(NATIONAL, st.sampled_from(["0{}", "+31{}", "+31(0){}", "0031{}", "+310{}", "31{}", "{}"]))
def test_spelling_does_not_matter(national: str, form: str) -> None:
    assert parse_number(form.format(national), demo=True) == parse_number("+31" + national, demo=True)
