"""A supervisor's phone in the panel, and what he hears and says with it."""

from __future__ import annotations

from aiohttp import web

from dialer.api.call import ApiCall, Handlers, answer, done
from dialer.domain.ids import AttemptId
from dialer.domain.listening import ListenMode, ListenPurpose
from dialer.services.ports.ears import Supervisor, listener_view


def _who(call: ApiCall) -> Supervisor:
    return Supervisor(user=call.user, name=call.principal.name, client=call.client)


async def grant_listen_phone(call: ApiCall) -> web.StreamResponse:
    """An account for the phone in this page."""
    grant = await call.deps.phones.grant_listener(call.user, call.principal.credential)
    await call.audit("device.grant", "user", call.user, browser=True)
    return answer(grant)


async def start_listening(call: ApiCall) -> web.StreamResponse:
    """Audited by the service, before anything rings."""
    attempt, purpose = AttemptId(call.path["attempt"]), ListenPurpose(call.body["purpose"])
    return answer(listener_view(await call.deps.ears.start(_who(call), attempt, purpose)), 201)


async def set_listen_mode(call: ApiCall) -> web.StreamResponse:
    """Audited by the service, before anybody hears it."""
    attempt, mode = AttemptId(call.path["attempt"]), ListenMode(call.body["mode"])
    return answer(listener_view(await call.deps.ears.turn(_who(call), attempt, mode)))


async def stop_listening(call: ApiCall) -> web.StreamResponse:
    """Enough."""
    await call.deps.ears.stop(_who(call), AttemptId(call.path["attempt"]))
    return done()


HANDLERS: Handlers = {
    "grantListenPhone": grant_listen_phone,
    "startListening": start_listening,
    "setListenMode": set_listen_mode,
    "stopListening": stop_listening,
}
