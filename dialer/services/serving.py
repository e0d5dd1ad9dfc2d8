"""Which agents serve which campaign, and who of them speaks what: one answer for matcher, pacer, claims and screens.

Held in memory, for it is asked of every agent at every decision; made anew when the engine reads its campaigns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from dialer.domain import skills
from dialer.domain.ids import CampaignId, UserId
from dialer.domain.skills import NONE, Abilities
from dialer.services.ports.engine import EngineCampaign


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """As it was read."""

    assigned: Mapping[UserId, frozenset[CampaignId]] = field(default_factory=dict)  # who is not in here works for all
    abilities: Mapping[UserId, Abilities] = field(default_factory=dict)
    practised: frozenset[UserId] = frozenset()


class Serving:
    """Asked by everybody, told by the engine."""

    def __init__(self) -> None:
        self._known = Known()
        self._skilled: dict[CampaignId, frozenset[UserId]] = {}  # of campaigns that ask for something
        self._able: dict[CampaignId, frozenset[UserId]] = {}  # the same, and who has practised where that is asked
        self._spoken: dict[CampaignId, frozenset[str]] = {}

    def read(self, known: Known, campaigns: Iterable[EngineCampaign]) -> None:
        """What holds from now on."""
        self._known, ours = known, list(campaigns)
        self._skilled = {
            one.campaign: frozenset(user for user, has in known.abilities.items() if skills.serves(has, one.asks))
            for one in ours
            if one.asks != NONE
        }
        practised = {one.campaign: known.practised for one in ours if one.requires_practice}
        self._able = practised | {
            campaign: skilled & practised.get(campaign, skilled) for campaign, skilled in self._skilled.items()
        }
        self._spoken = {one.campaign: self._spoken_for(one.campaign) for one in ours}

    def _spoken_for(self, campaign: CampaignId) -> frozenset[str]:
        able = (has.languages for user, has in self._known.abilities.items() if self.may_serve(user, campaign))
        return frozenset[str]().union(*able)

    def may_serve(self, user: UserId, campaign: CampaignId) -> bool:
        """Whether this agent works for this campaign: nobody is joined to an agent who does not."""
        assigned = self._known.assigned.get(user)
        if assigned is not None and campaign not in assigned:
            return False
        able = self._able.get(campaign)
        return able is None or user in able

    def must_practise(self, user: UserId, campaign: CampaignId) -> bool:
        """Whether nothing but the practice is in the way."""
        assigned, skilled = self._known.assigned.get(user), self._skilled.get(campaign)
        fits = (assigned is None or campaign in assigned) and (skilled is None or user in skilled)
        return fits and not self.may_serve(user, campaign)

    def of(self, user: UserId) -> Abilities:
        """What this agent can do."""
        return self._known.abilities.get(user, NONE)

    def speaks(self, user: UserId, language: str) -> bool:
        """Whether this agent is preferred for a resident of this language."""
        return skills.speaks(self.of(user), language)

    def languages(self, users: Iterable[UserId]) -> dict[UserId, frozenset[str]]:
        """What each of these speaks beside Dutch; those who speak nothing else are left out."""
        return {user: has for user in users if (has := self.of(user).languages)}

    def waited_for(self, campaign: CampaignId, free: Iterable[UserId]) -> frozenset[str]:
        """Languages whose residents are not dialled while only these are free."""
        return skills.waited_for(self.spoken(campaign), [self.of(user).languages for user in free])

    def spoken(self, campaign: CampaignId) -> frozenset[str]:
        """Beside Dutch, by whoever serves this campaign, on duty or not."""
        return self._spoken.get(campaign, frozenset())
