"""Browsers as their headers name them."""

from __future__ import annotations

import pytest

from dialer.domain.browsers import Device, device_of

_APPLE = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
_KIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("header", "browser", "system"),
    [
        (f"{_WINDOWS} {_KIT} Chrome/141.0.0.0 Safari/537.36", "chrome", "windows"),
        (f"{_WINDOWS} {_KIT} Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0", "edge", "windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", "firefox", "linux"),
        (f"{_APPLE} Version/18.5 Safari/605.1.15", "safari", "mac"),
        (f"Mozilla/5.0 (Linux; Android 10; K) {_KIT} Chrome/141.0.0.0 Mobile Safari/537.36", "chrome", "android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) CriOS/141.0 Safari/604.1", "chrome", "ios"),
        ("curl/8.5.0", "other", "other"),
        ("", "other", "other"),
        ("<script>" * 1000, "other", "other"),
    ],
)
def test_known_again(header: str, browser: str, system: str) -> None:
    assert device_of(header) == Device(browser=browser, system=system)
