"""What a campaign may set: bounds, kinds, unknown keys."""

from __future__ import annotations

import pytest

from dialer.domain.campaign_settings import (
    AGREEMENT,
    CAMPAIGN_NUMBERS,
    MODES,
    campaign_number,
    check_settings,
    hold_out_share,
)
from dialer.domain.errors import InvalidError


@pytest.mark.parametrize("key", CAMPAIGN_NUMBERS)
def test_bounds_are_part_of_what_is_allowed(key: str) -> None:
    known = CAMPAIGN_NUMBERS[key]
    for value in (known.low, known.high, *(() if known.usual is None else (known.usual,))):
        check_settings({key: value, AGREEMENT: "Z-2026/14"})
    for value in (known.low - 1, known.high + 1, True, "20", None):
        with pytest.raises(InvalidError) as caught:
            check_settings({key: value})
        assert caught.value.field == f"settings.{key}"


def test_lines_are_whole() -> None:
    check_settings({"ring_seconds": 20.5})
    with pytest.raises(InvalidError):
        check_settings({"lines": 2.5})


def test_modes_switches_and_trunks() -> None:
    for mode in MODES:
        check_settings({"mode": mode, "takes_inbound": False, "fair": True, "trunk": "noord-1"})
    for key, value in (("mode", "snel"), ("takes_inbound", 1), ("trunk", "No ord"), ("trunk", 3), ("kleur", "rood")):
        with pytest.raises(InvalidError) as caught:
            check_settings({key: value})
        assert caught.value.field == f"settings.{key}"


def test_nobody_is_held_out_without_the_client_s_agreement() -> None:
    check_settings({"hold_out_percent": 0})
    with pytest.raises(InvalidError) as caught:
        check_settings({"hold_out_percent": 10})
    assert caught.value.field == "settings.hold_out_agreement"
    for reference in ("Z1", "x" * 81, "Z-2026\n14", "   ", 14):
        with pytest.raises(InvalidError):
            check_settings({AGREEMENT: reference})
    assert hold_out_share({"hold_out_percent": 10}) == 0.0
    assert hold_out_share({"hold_out_percent": 10, AGREEMENT: "Z-2026/14"}) == 0.1
    assert hold_out_share({AGREEMENT: "Z-2026/14"}) == 0.0


def test_what_is_not_set_is_as_usual_and_a_promise_has_nothing_usual() -> None:
    assert campaign_number({}, "first_attempt_hours") == 24
    assert campaign_number({"first_attempt_hours": 0}, "first_attempt_hours") == 0
    with pytest.raises(KeyError):
        campaign_number({}, "promised_reach_percent")
