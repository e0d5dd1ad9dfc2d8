"""A ledger that brings more residents than there are agents for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import cycle, islice

from dialer.domain.ids import UserId
from dialer.services.ports.ledger import Claim, ClaimOrder
from dialer.storage.ledger import PostgresLedger


class Overdialing(PostgresLedger):
    """Claims `times` as many as there are agents for: what a pacer that dials ahead does, whoever decides it."""

    times = 1
    crowd: Sequence[UserId] = ()

    async def claim(self, order: ClaimOrder) -> Sequence[Claim]:
        extra = len(order.agents) * (self.times - 1)
        padding = islice(cycle(self.crowd), extra)
        claims = await super().claim(replace(order, agents=[*order.agents, *padding]))
        mine = set(order.agents)
        kept = []
        for claim in claims:
            kept.append(claim if claim.agent in mine else replace(claim, agent=None))
            mine.discard(claim.agent)
        return kept
