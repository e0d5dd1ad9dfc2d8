"""Until when a campaign calls: its client's terms in words, and how many open cases end on which day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from dialer.schedule.terms import TermPolicy
from dialer.services.ports.campaigns import TermEnd

FEWEST = 5
"""Smaller counts are not shown to roles that may not see cases."""

SOON = timedelta(days=3)
"""A case whose last day comes this soon is told apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignTerms:
    """`ends`: by the last day on which may be dialled, the earliest first. None: too few to show."""

    term_days: int
    crisis_working_days: int
    delivery_days: int
    lead_days: int
    open: int | None
    soon: int | None
    ends: Sequence[TermEnd]
    text: Sequence[str]


def campaign_terms(
    policy: TermPolicy, ends: Sequence[TermEnd], today: date, language: str, *, whole: bool
) -> CampaignTerms:
    """`today`: by the clock of Amsterdam. `whole` False: counts under five are left out, by day and in all."""
    count = sum(end.cases for end in ends)
    soon = sum(end.cases for end in ends if end.on <= today + SOON)
    return CampaignTerms(
        term_days=policy.ordinary_days,
        crisis_working_days=policy.crisis_working_days,
        delivery_days=policy.delivery_days,
        lead_days=policy.lead_days,
        open=_shown(count, whole),
        soon=_shown(soon, whole) if _shown(count - soon, whole) is not None else None,
        ends=[end for end in ends if whole or (end.cases >= FEWEST and not 0 < end.crisis < FEWEST)],
        text=_text(policy, language == "en"),
    )


def _shown(count: int, whole: bool) -> int | None:
    return count if whole or not 0 < count < FEWEST else None


def _text(policy: TermPolicy, english: bool) -> list[str]:
    term, lead, longest = policy.ordinary_days, policy.lead_days, policy.delivery_days - policy.lead_days
    if english:
        return [
            f"The legal term is {term} days from the signal. We call until {lead} days before its end, and at most "
            f"{longest} days after the delivery. So there is time left for whoever was not reached.",
            f"In a crisis the term is {policy.crisis_working_days} working days. "
            "We call until its end, before all others.",
            f"After a late delivery we call for at least {policy.floor_working_days} working days.",
        ]
    return [
        f"De wettelijke termijn is {term} dagen vanaf het signaal. We bellen tot {lead} dagen voor het einde, en "
        f"hoogstens {longest} dagen na de levering. Zo blijft er tijd over voor wie niet bereikt is.",
        f"Bij een crisis is de termijn {policy.crisis_working_days} werkdagen. "
        "We bellen tot het einde, en eerder dan alle anderen.",
        f"Na een late levering bellen we minstens {policy.floor_working_days} werkdagen.",
    ]
