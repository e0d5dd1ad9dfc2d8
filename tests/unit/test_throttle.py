"""Leaky buckets for sign-ins."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.services.throttle import ADDRESS, LOGIN, PAIR, SignInThrottle, ThrottledError


def _fail(throttle: SignInThrottle, login: str, address: str, now: float, times: int) -> int:
    refused = 0
    for _ in range(times):
        try:
            throttle.take(login, address, now)
        except ThrottledError:
            refused += 1
    return refused


def test_failures_of_a_pair_fill_its_bucket_and_drain() -> None:
    throttle = SignInThrottle()
    assert _fail(throttle, "anna", "a", 0.0, 8) == 3
    with pytest.raises(ThrottledError) as refused:
        throttle.take("anna", "a", 10.0)
    assert refused.value.retry_after == 50
    throttle.take("anna", "a", 60.0)


def test_a_success_is_no_failure() -> None:
    throttle = SignInThrottle()
    for _ in range(500):  # an office behind one address
        throttle.take("anna", "kantoor", 0.0)
        throttle.give_back("anna", "kantoor", 0.0)
    throttle.take("bram", "kantoor", 0.0)


def test_guessing_from_elsewhere_does_not_lock_the_owner_out() -> None:
    throttle = SignInThrottle()
    _fail(throttle, "anna", "boef", 0.0, 1000)
    throttle.take("anna", "kantoor", 0.0)


def test_many_addresses_are_bound_by_the_login_and_the_login_opens_again() -> None:
    throttle = SignInThrottle()
    passed = sum(1 - _fail(throttle, "anna", f"a{number}", 0.0, 1) for number in range(1000))
    assert passed == LOGIN.failures
    throttle.take("anna", "kantoor", LOGIN.drain_seconds)


def test_many_logins_from_one_address_are_bound() -> None:
    throttle = SignInThrottle()
    passed = sum(1 - _fail(throttle, f"l{number}", "boef", 0.0, 1) for number in range(1000))
    assert passed == ADDRESS.failures


def test_memory_is_bounded() -> None:
    throttle = SignInThrottle(capacity=100)
    for number in range(10_000):
        _fail(throttle, f"l{number}", f"a{number}", 0.0, 1)
    assert len(throttle) == 100


def test_giving_back_what_was_forgotten_is_no_error() -> None:
    throttle = SignInThrottle(capacity=1)
    throttle.take("anna", "a", 0.0)
    throttle.give_back("anna", "a", 0.0)
    throttle.give_back("bram", "b", 0.0)


@given(st.lists(st.floats(min_value=0, max_value=200), min_size=1, max_size=60))
def test_never_more_failures_than_the_bucket_and_its_drain(gaps: list[float]) -> None:
    throttle, now, passed = SignInThrottle(), 0.0, 0
    for gap in gaps:
        now += gap
        passed += 1 - _fail(throttle, "anna", "a", now, 1)
    assert passed <= PAIR.failures + now / PAIR.drain_seconds + 1
