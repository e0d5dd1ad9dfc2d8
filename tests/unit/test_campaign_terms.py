"""Until when a campaign calls, for who sees all and for who sees no small counts."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from dialer.schedule.terms import TermPolicy
from dialer.services.campaign_terms import campaign_terms
from dialer.services.ports.campaigns import TermEnd

TODAY = date(2026, 3, 2)


def end(days: int, cases: int, crisis: int = 0) -> TermEnd:
    return TermEnd(on=TODAY + timedelta(days=days), cases=cases, crisis=crisis)


def test_ends_are_counted_and_the_near_ones_told_apart() -> None:
    ends = [end(-1, 1), end(3, 6, 2), end(4, 20)]
    found = campaign_terms(TermPolicy(), ends, TODAY, "nl", whole=True)
    assert (found.open, found.soon, found.ends) == (27, 7, ends)
    assert (found.term_days, found.crisis_working_days, found.delivery_days, found.lead_days) == (28, 3, 28, 7)


def test_small_counts_are_for_who_sees_cases() -> None:
    ends = [end(1, 4), end(2, 6, 2), end(9, 20), end(10, 8, 8)]
    found = campaign_terms(TermPolicy(), ends, TODAY, "nl", whole=False)
    assert found.ends == [end(9, 20), end(10, 8, 8)], "two crisis cases of six are somebody"
    assert (found.open, found.soon) == (38, 10)
    few = campaign_terms(TermPolicy(), [end(1, 4)], TODAY, "nl", whole=False)
    assert (few.open, few.soon, few.ends) == (None, None, [])
    rest = campaign_terms(TermPolicy(), [end(1, 20), end(9, 2)], TODAY, "nl", whole=False)
    assert (rest.open, rest.soon) == (22, None), "the others would be the difference"


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_terms_stand_in_words(language: str) -> None:
    policy = TermPolicy(ordinary_days=30, crisis_working_days=4, delivery_days=25, lead_days=5, floor_working_days=1)
    ordinary, crisis, late = campaign_terms(policy, [], TODAY, language, whole=True).text
    assert all(f" {number} " in ordinary for number in (30, 5, 20))
    assert " 4 " in crisis
    assert " 1 " in late
