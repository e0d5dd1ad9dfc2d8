"""The team: why agents pause, and what the day was made of."""

from __future__ import annotations

from datetime import time

from aiohttp import web

from dialer.api.call import ApiCall, Handlers, answer
from dialer.domain.ids import UserId
from dialer.domain.pause_reasons import PauseReason
from dialer.schedule.windows import at_local, local_date


async def list_pause_reasons(call: ApiCall) -> web.StreamResponse:
    """In the order of menus; archived ones too, for older pauses."""
    return answer({"items": [_reason(one) for one in call.deps.pauses.all()]})


async def create_pause_reason(call: ApiCall) -> web.StreamResponse:
    """Audited by the store."""
    made = await call.deps.pauses.add(call.body, call.principal.actor)
    return answer(_reason(made), 201, version=made.version)


async def update_pause_reason(call: ApiCall) -> web.StreamResponse:
    """What is left out stays."""
    stored = await call.deps.pauses.change(
        call.path["pause_reason"], call.required_version, call.body, call.principal.actor
    )
    return answer(_reason(stored), version=stored.version)


async def get_team_time(call: ApiCall) -> web.StreamResponse:
    """Today by Amsterdam's calendar, so far."""
    now = call.deps.clock.now()
    day = await call.deps.pauses.day(at_local(local_date(now), time.min), now)
    await call.audit("team.time", "day", local_date(now).isoformat(), agents=len(day.agents))
    return answer(
        {
            "at": now,
            "occupancy": day.occupancy,
            "agents": [
                {
                    "user": one.user,
                    "on_duty": one.on_duty,
                    "in_calls": one.in_calls,
                    "wrap_up": one.wrap_up,
                    "waiting": one.waiting,
                    "worked": one.worked,
                    "paid": one.paid,
                    "pauses": one.pauses,
                }
                for one in day.agents
            ],
        }
    )


async def get_my_day(call: ApiCall) -> web.StreamResponse:
    """Today by Amsterdam's calendar, so far."""
    return answer(await _own_day(call, call.user))


async def get_agent_day(call: ApiCall) -> web.StreamResponse:
    """For who coaches: of one agent at a time, and audited."""
    user = UserId(call.path["user"])
    found = await _own_day(call, user)
    await call.audit("agent.day", "user", user)
    return answer(found)


async def _own_day(call: ApiCall, user: UserId) -> dict[str, object]:
    now = call.deps.clock.now()
    day = await call.deps.pauses.own_day(user, at_local(local_date(now), time.min), now)
    return {
        "at": now,
        **day.done._asdict(),
        "talking": day.talking,
        "wrap_up": day.wrap_up,
        "paused": day.paused,
        "on_duty": day.on_duty,
    }


def _reason(one: PauseReason) -> dict[str, object]:
    return {
        "id": one.id,
        "code": one.code,
        "dutch": one.dutch,
        "english": one.english,
        "position": one.position,
        "counts_as": one.counts_as.value,
        "most_minutes": one.most_minutes,
        "offered": one.offered,
        "archived": one.archived,
        "version": one.version,
    }


HANDLERS: Handlers = {
    "listPauseReasons": list_pause_reasons,
    "createPauseReason": create_pause_reason,
    "updatePauseReason": update_pause_reason,
    "getTeamTime": get_team_time,
    "getMyDay": get_my_day,
    "getAgentDay": get_agent_day,
}
