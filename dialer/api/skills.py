"""What agents can do: skills as data, and who of the team has which."""

from __future__ import annotations

from aiohttp import web

from dialer.api.call import ApiCall, Handlers, answer
from dialer.domain.ids import UserId
from dialer.domain.skills import FOREIGN
from dialer.services.ports.skills import AgentAbilities


async def list_skills(call: ApiCall) -> web.StreamResponse:
    """Archived ones too, for whoever still has them."""
    return answer({"items": await call.deps.skills.all(), "languages": sorted(FOREIGN)})


async def create_skill(call: ApiCall) -> web.StreamResponse:
    """Audited by the store."""
    made = await call.deps.skills.add(call.body["dutch"], call.body["english"], call.principal.actor)
    return answer(made, 201, version=made.version)


async def update_skill(call: ApiCall) -> web.StreamResponse:
    """What is left out stays."""
    stored = await call.deps.skills.change(call.path["skill"], call.required_version, call.body, call.principal.actor)
    return answer(stored, version=stored.version)


async def list_abilities(call: ApiCall) -> web.StreamResponse:
    """By name of the agent."""
    return answer({"items": [_agent(one) for one in await call.deps.skills.team()]})


async def set_abilities(call: ApiCall) -> web.StreamResponse:
    """Followed by the calls as soon as it is committed: the database tells of it."""
    stored = await call.deps.skills.set_abilities(
        UserId(call.path["user"]),
        call.required_version,
        call.body["languages"],
        call.body["skills"],
        call.principal.actor,
    )
    return answer(_agent(stored), version=stored.version)


def _agent(one: AgentAbilities) -> dict[str, object]:
    return {
        "user": one.user,
        "name": one.name,
        "languages": sorted(one.abilities.languages),
        "skills": sorted(one.abilities.skills),
        "version": one.version,
    }


HANDLERS: Handlers = {
    "listSkills": list_skills,
    "createSkill": create_skill,
    "updateSkill": update_skill,
    "listAbilities": list_abilities,
    "setAbilities": set_abilities,
}
