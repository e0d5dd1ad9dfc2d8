"""Codes of authenticator apps: the RFCs' own vectors, drift, and each code once."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.domain.one_time import (
    DRIFT,
    STEP_SECONDS,
    address_of,
    code_at,
    is_recovery,
    plain_code,
    recovery_text,
    secret_of,
    step_of,
    text_of,
)

SEED = b"12345678901234567890"  # of both RFCs


@pytest.mark.parametrize(
    ("counter", "code"),
    list(
        enumerate(["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"])
    ),
)
def test_rfc_4226_appendix_d(counter: int, code: str) -> None:
    assert code_at(SEED, counter) == code


@pytest.mark.parametrize(
    ("unix", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_rfc_6238_appendix_b(unix: int, code: str) -> None:
    """The RFC shows eight digits; six are the end of them."""
    assert step_of(SEED, code[-6:], unix, 0) == unix // STEP_SECONDS


@given(
    secret=st.binary(min_size=20, max_size=20), unix=st.integers(min_value=90, max_value=2**40), off=st.integers(-3, 3)
)
def test_one_step_of_drift_and_no_more(secret: bytes, unix: int, off: int) -> None:
    now = unix // STEP_SECONDS
    near = {code_at(secret, step) for step in range(now - DRIFT, now + DRIFT + 1)}
    code = code_at(secret, now + off)
    found = step_of(secret, code, unix, -1)
    assert (found is not None) == (code in near)
    if abs(off) <= DRIFT:
        assert found is not None
        assert code_at(secret, found) == code


def test_a_step_that_was_used_and_all_before_it_are_refused() -> None:
    now = 1_700_000_000
    step = now // STEP_SECONDS
    for offset in (-1, 0, 1):
        code = code_at(SEED, step + offset)
        assert step_of(SEED, code, now, step + offset - 1) == step + offset
        assert step_of(SEED, code, now, step + offset) is None


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "\ud800"])
def test_rubbish_is_no_code(code: str) -> None:
    assert step_of(SEED, code, 59, 0) is None


@given(st.binary(min_size=1, max_size=40))
def test_a_secret_is_typed_and_read_again(secret: bytes) -> None:
    text = text_of(secret)
    assert "=" not in text
    assert secret_of(" ".join(text.lower()[at : at + 4] for at in range(0, len(text), 4))) == secret


def test_what_is_no_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="base32"):
        secret_of("0189")


def test_the_address_says_all_that_an_app_needs() -> None:
    parts = urlsplit(address_of(SEED, issuer="Het Gesprek: test", account="anna@x"))
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert parts.path == "/Het%20Gesprek%3A%20test:anna%40x"
    assert parse_qs(parts.query) == {"secret": [text_of(SEED)], "issuer": ["Het Gesprek: test"]}


def test_recovery_codes_are_typed_as_people_do() -> None:
    shown = recovery_text("abcdefghjkmn")
    assert shown == "abcd-efgh-jkmn"
    for typed in (shown, shown.upper(), "abcd efgh jkmn", " abcdefghjkmn "):
        assert plain_code(typed) == "abcdefghjkmn"
        assert is_recovery(plain_code(typed))
    assert plain_code("123 456") == "123456"
    for other in ("123456", "abcdefghjkm", "abcdefghjkm1", "abcdefghjkmnp"):
        assert not is_recovery(other)
