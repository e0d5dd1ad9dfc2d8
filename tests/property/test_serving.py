"""Whatever agents can do and whoever answers: nobody is joined to an agent who does not serve him, and whose language
is spoken by somebody free is not joined to somebody else."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.domain.agent import Agent, AgentState
from dialer.domain.call import CallState
from dialer.domain.ids import CampaignId, UserId
from dialer.domain.skills import Abilities, serves, speaks
from dialer.services.serving import Known
from tests.support.floor import ENGINE_CAMPAIGN, Centre, channel_of

CAMPAIGNS = [CampaignId(UUID(int=100 + n)) for n in range(3)]
ABILITIES = st.builds(
    Abilities,
    languages=st.frozensets(st.sampled_from(["tr", "ar"])),
    skills=st.frozensets(st.sampled_from(["crisis", "youth"]), max_size=1),
)
WHAT, LANGUAGES = st.sampled_from(["call", "call", "end", "agent"]), st.sampled_from(["", "nl", "tr", "ar"])
STEPS = st.lists(
    st.tuples(WHAT, st.integers(0, 2), LANGUAGES),
    min_size=3,
    max_size=14,
)  # fmt: skip


@settings(max_examples=60)
@given(
    asks=st.lists(ABILITIES, min_size=3, max_size=3),
    has=st.lists(ABILITIES, min_size=4, max_size=4),
    assigned=st.dictionaries(st.integers(0, 3), st.frozensets(st.sampled_from(CAMPAIGNS))),
    steps=STEPS,
)
def test_nobody_meets_an_agent_who_does_not_serve_him(
    asks: list[Abilities],
    has: list[Abilities],
    assigned: dict[int, frozenset[CampaignId]],
    steps: list[tuple[str, int, str]],
) -> None:
    asyncio.run(_play(asks, has, assigned, steps))


async def _play(
    asks: list[Abilities],
    has: list[Abilities],
    assigned: dict[int, frozenset[CampaignId]],
    steps: list[tuple[str, int, str]],
) -> None:
    centre = Centre()
    users = [UserId(UUID(int=1 + number)) for number in range(4)]
    works = {users[number]: campaigns for number, campaigns in assigned.items()}
    abilities = dict(zip(users, has, strict=True))
    asked = dict(zip(CAMPAIGNS, asks, strict=True))
    campaigns = [replace(ENGINE_CAMPAIGN, campaign=one, asks=asks) for one, asks in asked.items()]
    centre.team.read(Known(assigned=works, abilities=abilities), campaigns)

    def may(user: UserId, campaign: CampaignId) -> bool:
        return campaign in works.get(user, frozenset(CAMPAIGNS)) and serves(abilities[user], asked[campaign])

    def reserved(before: Agent, after: Agent, at: float) -> None:
        del at
        live = None if after.attempt is None else centre.floor.live(after.attempt)
        if live is None or after.state is not AgentState.RESERVED or before.state is AgentState.RESERVED:
            return
        assert may(after.user, live.info.campaign)
        if not speaks(abilities[after.user], live.info.language):
            others = [agent.user for agent in centre.floor.free_agents() if may(agent.user, live.info.campaign)]
            assert not any(speaks(abilities[user], live.info.language) for user in others)

    centre.floor.listen(agents=reserved)
    try:
        joined = 0
        for number, (what, which, language) in enumerate(steps):
            if what == "agent" and which + 1 not in [agent.user.int for agent in centre.floor.agents()]:
                await centre.agent(which + 1)
            elif what == "call":
                attempt = await centre.dial(campaign=CAMPAIGNS[which], language=language)
                centre.telephony.answer(channel_of(attempt))
            elif what == "end":
                for live in list(centre.floor.calls())[:1]:
                    centre.telephony.end(live.call.channel)
            centre.matcher.match()
            await centre.settle()
            for live in centre.floor.calls():
                if live.call.state is CallState.JOINED:
                    joined += 1
                    assert live.call.agent is not None
                    assert may(live.call.agent, live.info.campaign)
                    continue
                # Nobody waits while somebody stands free who serves him.
                able = [agent.user for agent in centre.floor.free_agents() if may(agent.user, live.info.campaign)]
                assert live.call.state is not CallState.ANSWERED or not able, number
    finally:
        await centre.close()
    assert centre.tasks.failed == 0
