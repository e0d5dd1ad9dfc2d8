"""Names of agents' accounts."""

from __future__ import annotations

from uuid import uuid4

import pytest

from dialer.domain.devices import browser_device, browser_user, in_browser, is_own, kind_of_phone, own_device
from dialer.domain.ids import UserId


def test_whose_phone_in_a_browser_it_is() -> None:
    user = UserId(uuid4())
    assert browser_user(browser_device(user)) == user
    assert in_browser(browser_device(user))
    assert kind_of_phone(browser_device(user)) == "browser"


@pytest.mark.parametrize("device", ["a-1", "w-nobody", ""])
def test_nobody_has_any_other(device: str) -> None:
    assert browser_user(device) is None


def test_a_phone_of_ones_own_and_none() -> None:
    assert (kind_of_phone("a-1"), kind_of_phone("")) == ("own", "")
    user = UserId(uuid4())
    assert kind_of_phone(own_device(user)) == "own"
    assert is_own(own_device(user))
    assert not is_own(browser_device(user))
