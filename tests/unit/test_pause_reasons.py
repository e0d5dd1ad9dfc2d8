"""Reasons of pauses: what may be written, and their codes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from dialer.domain.errors import InvalidError
from dialer.domain.pause_reasons import AFTER_CRISIS, OTHER, PauseReason, check_reason, new_code

PRAYER = PauseReason(id=UUID(int=1), code="prayer", dutch=" Gebed ", english="Prayer", most_minutes=20)


def test_words_are_trimmed() -> None:
    assert check_reason(PRAYER).dutch == "Gebed"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"dutch": "  "}, "dutch"),
        ({"english": "x" * 41}, "english"),
        ({"dutch": "twee\nregels"}, "dutch"),
        ({"most_minutes": 0}, "most_minutes"),
        ({"most_minutes": 481}, "most_minutes"),
        ({"code": OTHER, "archived": True}, "archived"),
        ({"code": AFTER_CRISIS, "archived": True}, "archived"),
    ],
)
def test_what_cannot_be_read_or_done_is_refused(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidError) as refused:
        check_reason(replace(PRAYER, **change))
    assert refused.value.field == field


def test_who_may_choose_it() -> None:
    assert PRAYER.offered
    assert not replace(PRAYER, archived=True).offered
    assert not replace(PRAYER, code=AFTER_CRISIS).offered


@pytest.mark.parametrize(
    ("english", "taken", "code"),
    [
        ("Short break", set(), "short_break"),
        ("Short break", {"short_break"}, "short_break_2"),
        ("Short break", {"short_break", "short_break_2"}, "short_break_3"),
        ("Café à la carte", set(), "cafe_a_la_carte"),
        ("1 on 1", set(), "pause_1_on_1"),
        ("فطور", set(), "pause"),
        ("x" * 29 + " y", set(), "x" * 29),
    ],
)
def test_a_code_is_made_of_the_words(english: str, taken: set[str], code: str) -> None:
    assert new_code(english, taken) == code
