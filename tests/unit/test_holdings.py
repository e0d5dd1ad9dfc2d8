"""The register of what is held: what it takes, and how it reads."""

from __future__ import annotations

import re

import pytest

from dialer.domain.client_settings import CLIENT_SETTINGS, in_force
from dialer.domain.errors import InvalidError
from dialer.domain.holdings import KIND_WORDS, PERSONAL, Kind, holdings, parse_holdings, register_lines, unclassed

_PURPOSE = {
    "why": {"nl": "bellen", "en": "calling"},
    "term": {"nl": "{personal_days} dagen", "en": "{personal_days} days"},
}


def _parsed(**classes: object) -> object:
    return parse_holdings({"purpose": {"call": _PURPOSE}, "table": {"person": {"purpose": "call", **classes}}})


def test_each_table_of_the_file_has_a_purpose_and_terms_are_settings() -> None:
    held = holdings()
    assert len({one.table for one in held}) == len(held) > 100
    for one in held:
        for text in (one.purpose.term_nl, one.purpose.term_en):
            assert set(re.findall(r"\{(\w+)\}", text)) <= set(CLIENT_SETTINGS), one.table
    assert set(KIND_WORDS) == set(Kind)
    assert all(one.of(Kind.SEALED) == ["sealed"] for one in held if one.table.startswith("pii."))


def test_what_is_about_nobody_is_not_in_the_register() -> None:
    (one,) = parse_holdings(
        {"purpose": {"call": _PURPOSE}, "table": {"person": {"purpose": "call", "sealed": ["name"], "plain": ["seq"]}}}
    )
    assert one.personal
    lines = register_lines([one], in_force({"personal_days": 31}))
    assert [(line.columns, line.why, line.kind_words, line.term) for line in lines] == [
        (["name"], "bellen", "persoonsgegeven, versleuteld", "31 dagen")
    ]
    assert register_lines([one], in_force({}), english=True)[0].term == "90 days"
    (bare,) = parse_holdings({"purpose": {"call": _PURPOSE}, "table": {"t": {"purpose": "call", "plain": ["seq"]}}})
    assert not bare.personal
    assert register_lines([bare], in_force({})) == []
    assert {Kind.SECRET, Kind.PLAIN}.isdisjoint(PERSONAL)


@pytest.mark.parametrize(
    ("classes", "says"),
    [
        ({"purpose": "rest"}, "no purpose"),
        ({"loose": ["name"]}, "no class"),
        ({"sealed": ["name"], "plain": ["name"]}, "twice"),
    ],
)
def test_a_file_that_is_off_is_refused(classes: dict[str, object], says: str) -> None:
    with pytest.raises(InvalidError, match=says) as caught:
        _parsed(**classes)
    assert caught.value.field == "person"


def test_columns_that_are_new_and_that_are_gone() -> None:
    held = parse_holdings({"purpose": {"call": _PURPOSE}, "table": {"t": {"purpose": "call", "plain": ["a", "b"]}}})
    assert unclassed({"t": ["a", "b"]}, held) == []
    assert unclassed({"t": ["b", "c"], "u": ["d"]}, held) == ["+t.c", "+u.d", "-t.a"]
