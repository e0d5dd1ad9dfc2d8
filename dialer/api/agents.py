"""An agent's duty and softphone; the floor."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from aiohttp import web

from dialer.api.call import ApiCall, Handlers, answer, found
from dialer.api.keys import ApiDeps
from dialer.domain.colleague_call import ColleagueEvent
from dialer.domain.errors import InvalidError
from dialer.domain.ids import UserId
from dialer.services.access import Permission, Principal
from dialer.services.ports.desk import AgentView, of_another


def own_view(deps: ApiDeps, who: Principal) -> AgentView | None:
    """The reader's own duty; None for those who take no calls. Who was never on duty has no name there yet."""
    if who.user is None or Permission.DUTY not in who.permissions:
        return None
    view = deps.desk.agent(who.user)
    return view if view.name else replace(view, name=who.name)


async def get_my_view(call: ApiCall) -> web.StreamResponse:
    """Mine."""
    return answer(found(own_view(call.deps, call.principal)))


async def set_my_duty(call: ApiCall) -> web.StreamResponse:
    """Mine."""
    return answer(await _set_duty(call, call.user))


async def grant_my_device(call: ApiCall) -> web.StreamResponse:
    """A SIP account."""
    grant = await call.deps.desk.device(call.user)
    await call.audit("device.grant", "user", call.user)
    return answer(grant)


async def grant_my_softphone(call: ApiCall) -> web.StreamResponse:
    """An account for the phone in this page."""
    grant = await call.deps.phones.grant(call.user, call.principal.credential, choose=call.body["choose"])
    await call.audit("device.grant", "user", call.user, browser=True)
    return answer(grant)


async def set_agent_duty(call: ApiCall) -> web.StreamResponse:
    """Somebody else's, audited. Nobody is forced on duty: that takes the agent's own hands and headset."""
    if call.body["duty"] == "on":
        raise InvalidError("nobody is put on duty by another", "duty")
    user = UserId(call.path["user"])
    view = await _set_duty(call, user)
    await call.audit("agent.force", "user", user, duty=call.body["duty"], reason=call.body.get("reason", ""))
    return answer(of_another(view))


async def send_message(call: ApiCall) -> web.StreamResponse:
    """Audited by the service, without the words."""
    user = UserId(call.path["user"])
    await call.deps.messages.send(
        user, call.body["text"].strip(), sender=call.principal.name, actor=call.principal.actor
    )
    return answer(of_another(call.deps.desk.agent(user)))


async def read_message(call: ApiCall) -> web.StreamResponse:
    """By the agent's own hand."""
    await call.deps.messages.read(call.user, call.required_uuid("message"))
    return answer(found(own_view(call.deps, call.principal)))


async def ask_help(call: ApiCall) -> web.StreamResponse:
    """After a hard call: supervisors see it."""
    view = await call.deps.desk.ask_help(call.user)
    await call.audit("help.ask", "user", call.user)
    return answer(view)


async def list_colleagues(call: ApiCall) -> web.StreamResponse:
    """Whom I can call now."""
    return answer({"items": call.deps.colleagues.choices(call.user)})


async def call_colleague(call: ApiCall) -> web.StreamResponse:
    """Audited by the service, before anything rings."""
    return answer(await call.deps.colleagues.call(call.user, UserId(UUID(call.body["colleague"]))), 201)


async def move_colleague_call(call: ApiCall) -> web.StreamResponse:
    """Accept, refuse, or end."""
    return answer(await call.deps.colleagues.step(call.user, ColleagueEvent(call.body["step"])))


async def get_floor(call: ApiCall) -> web.StreamResponse:
    """Everything now."""
    return answer(call.deps.desk.floor())


async def _set_duty(call: ApiCall, user: UserId) -> AgentView:
    desk = call.deps.desk
    match call.body["duty"]:
        case "on":
            return await desk.on_duty(user)
        case "pause":
            return await desk.pause(user, call.deps.pauses.chosen(call.body.get("reason", "")))
        case "resume":
            return await desk.resume(user)
        case _:
            call.deps.pauses.chosen(call.body.get("reason", ""))
            return await desk.off_duty(user)


HANDLERS: Handlers = {
    "getMyView": get_my_view,
    "setMyDuty": set_my_duty,
    "grantMyDevice": grant_my_device,
    "grantMySoftphone": grant_my_softphone,
    "setAgentDuty": set_agent_duty,
    "sendMessage": send_message,
    "readMessage": read_message,
    "askHelp": ask_help,
    "listColleagues": list_colleagues,
    "callColleague": call_colleague,
    "moveColleagueCall": move_colleague_call,
    "getFloor": get_floor,
}
