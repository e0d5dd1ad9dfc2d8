"""The emergency stop, over HTTP."""

from __future__ import annotations

from aiohttp import web

from dialer.api.call import ApiCall, Handlers, answer
from dialer.services.ports.emergency import Stop


async def get_emergency_stop(call: ApiCall) -> web.StreamResponse:
    """Who stopped, when and why."""
    return answer({"stop": _told(await call.deps.emergency.standing())})


async def stop_everything(call: ApiCall) -> web.StreamResponse:
    """Audited by the store."""
    return answer({"stop": _told(await call.deps.emergency.stop(call.principal.actor, call.body.get("reason", "")))})


async def lift_emergency_stop(call: ApiCall) -> web.StreamResponse:
    """Audited by the store."""
    await call.deps.emergency.lift(call.principal.actor)
    return answer({"stop": _told(await call.deps.emergency.standing())})


def _told(stop: Stop | None) -> dict[str, object] | None:
    return None if stop is None else {"at": stop.at, "name": stop.name, "reason": stop.reason}


HANDLERS: Handlers = {
    "getEmergencyStop": get_emergency_stop,
    "stopEverything": stop_everything,
    "liftEmergencyStop": lift_emergency_stop,
}
