"""Signing in by way of the house's own identity provider."""

from __future__ import annotations

import logging

from aiohttp import web

from dialer.api.call import ApiCall, Handlers, answer, done
from dialer.api.cookies import drop_ticket, session_secret, set_session, set_ticket, ticket_of
from dialer.api.session import address_of, device
from dialer.domain.errors import ConflictError, DialerError, NotFoundError
from dialer.domain.ids import UserId
from dialer.services.ports.sign_on import SignOnAwayError, SignOnRefusedError, SignOnUnknownError
from dialer.services.sign_on import TICKET_SECONDS, Departure, Return
from dialer.services.throttle import ThrottledError

log = logging.getLogger(__name__)

_TOLD = (SignOnAwayError, SignOnRefusedError, SignOnUnknownError, ThrottledError, ConflictError, NotFoundError)


async def get_sign_in_ways(call: ApiCall) -> web.StreamResponse:
    """For the first page."""
    return answer({"sign_on": call.deps.sign_on.name})


async def start_sign_on(call: ApiCall) -> web.StreamResponse:
    """To sign in."""
    return _leave(call, await call.deps.sign_on.begin(address_of(call.request, call.deps.settings)))


async def link_sign_on(call: ApiCall) -> web.StreamResponse:
    """To be known there from now on."""
    address = address_of(call.request, call.deps.settings)
    return _leave(call, await call.deps.sign_on.begin_link(call.principal, call.body["password"], address))


async def finish_sign_on(call: ApiCall) -> web.StreamResponse:
    """The browser comes back, and is sent on to the panel whatever came of it."""
    settings = call.deps.settings
    state = call.query.get("state", "")
    came = Return(
        code=call.query.get("code", ""),
        state=state,
        issuer=call.query.get("iss"),
        error=call.query.get("error", ""),
        ticket=ticket_of(call.request, settings) or "",
    )
    place = "/account" if call.deps.sign_on.is_link(state) else "/"
    try:
        opened = await call.deps.sign_on.finish(
            came, session_secret(call.request, settings), device(call), address_of(call.request, settings)
        )
    except DialerError as error:
        if not isinstance(error, _TOLD):
            raise
        log.info("sign-on refused code=%s reason=%s", error.code, error)
        return _go(call, f"{place}?sign-on={error.code}")
    if opened is None:
        return _go(call, "/account?sign-on=linked")
    secret, principal = opened
    response = _go(call, "/")
    set_session(response, secret, settings, principal.expires_at - call.deps.clock.wall_utc())
    return response


async def get_my_sign_on(call: ApiCall) -> web.StreamResponse:
    """Whether I am known there."""
    return answer({"name": call.deps.sign_on.name, "linked": await call.deps.sign_on.linked(call.user)})


async def unlink_sign_on(call: ApiCall) -> web.StreamResponse:
    """My own."""
    await call.deps.sign_on.unlink(call.principal.actor, call.user)
    return done()


async def unlink_user_sign_on(call: ApiCall) -> web.StreamResponse:
    """By an administrator."""
    user = await call.deps.accounts.user(UserId(call.path["user"]))
    await call.deps.sign_on.unlink(call.principal.actor, user.id)
    return done()


def _leave(call: ApiCall, departure: Departure) -> web.StreamResponse:
    response = answer({"url": departure.url})
    set_ticket(response, departure.ticket, call.deps.settings, TICKET_SECONDS)
    return response


def _go(call: ApiCall, place: str) -> web.Response:
    response = web.Response(status=303, headers={"Location": place, "Cache-Control": "no-store"})
    drop_ticket(response, call.deps.settings)
    return response


HANDLERS: Handlers = {
    "getSignInWays": get_sign_in_ways,
    "startSignOn": start_sign_on,
    "finishSignOn": finish_sign_on,
    "linkSignOn": link_sign_on,
    "getMySignOn": get_my_sign_on,
    "unlinkSignOn": unlink_sign_on,
    "unlinkUserSignOn": unlink_user_sign_on,
}
