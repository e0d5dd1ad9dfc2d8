"""Signing in and out."""

from __future__ import annotations

import logging

from aiohttp import web

from dialer.api.agents import own_view
from dialer.api.call import ApiCall, Handlers, answer, done
from dialer.api.cookies import drop_session, session_secret, set_session
from dialer.api.keys import ApiSettings
from dialer.domain.agent import AgentState
from dialer.domain.browsers import Device, device_of
from dialer.domain.errors import DialerError, NotNowError
from dialer.services.access import Principal, Role
from dialer.services.ports.accounts import User

log = logging.getLogger(__name__)

_IN_CALLS = (AgentState.AVAILABLE, AgentState.RESERVED, AgentState.TALKING)


def address_of(request: web.Request, settings: ApiSettings) -> str:
    """The reader's address; the proxy's word for it only when the proxy is ours."""
    peer = request.remote or "unknown"
    if peer not in settings.trusted_proxies:
        return peer
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    return next((hop[:64] for hop in reversed(hops) if hop not in settings.trusted_proxies), peer)


async def sign_in(call: ApiCall) -> web.StreamResponse:
    """Open a session."""
    secret, principal = await call.deps.accounts.sign_in(
        call.body["login"],
        call.body["password"],
        address_of(call.request, call.deps.settings),
        session_secret(call.request, call.deps.settings),
        device(call),
    )
    return await opened(call, secret, principal)


def device(call: ApiCall) -> Device:
    """Which browser asks."""
    return device_of(call.request.headers.get("User-Agent", ""))


async def opened(call: ApiCall, secret: str, principal: Principal) -> web.StreamResponse:
    """A session that has just been opened, with its cookie."""
    response = answer(await session_view(call, principal))
    set_session(response, secret, call.deps.settings, principal.expires_at - call.deps.clock.wall_utc())
    return response


async def get_session(call: ApiCall) -> web.StreamResponse:
    """Who am I."""
    return answer(await session_view(call, call.principal))


async def sign_out(call: ApiCall) -> web.StreamResponse:
    """End it, here and in the browser, and the duty with it: after the call and its wrap-up, if there are."""
    view = own_view(call.deps, call.principal)
    if view is not None and view.state != AgentState.OFF:
        try:
            await call.deps.desk.off_duty(call.user)
        except DialerError as error:  # whoever wants to leave leaves; the floor shows who is on duty
            log.warning("signed out, still on duty user=%s reason=%s", call.user, error.code)
    await call.deps.accounts.sign_out(call.principal)
    if call.principal.user is not None:
        call.deps.phones.ended(call.principal.user, call.principal.credential)
    response = done()
    drop_session(response, call.deps.settings)
    response.headers["Clear-Site-Data"] = '"storage"'
    return response


async def change_password(call: ApiCall) -> web.StreamResponse:
    """My own."""
    address = address_of(call.request, call.deps.settings)
    await call.deps.accounts.change_password(call.principal, call.body["current"], call.body["new"], address)
    return done()


async def list_my_sessions(call: ApiCall) -> web.StreamResponse:
    """Where I am signed in."""
    found = await call.deps.accounts.sessions(call.user)
    return answer({"items": found, "this": call.principal.credential})


async def end_my_session(call: ApiCall) -> web.StreamResponse:
    """One of them."""
    await call.deps.accounts.end_own(call.principal, call.path["session"])
    return done()


async def end_my_other_sessions(call: ApiCall) -> web.StreamResponse:
    """All but this one."""
    await call.deps.accounts.end_sessions(call.principal.actor, call.user, keep=call.principal.credential)
    return done()


async def lock_session(call: ApiCall) -> web.StreamResponse:
    """Nobody is at the screen. Whoever may get a call, or is in one, goes off the queue first."""
    view = own_view(call.deps, call.principal)
    if view is not None and view.state in _IN_CALLS:
        raise NotNowError("lock-on-duty")
    await call.deps.accounts.lock(call.principal)
    return done()


async def unlock_session(call: ApiCall) -> web.StreamResponse:
    """He is back."""
    address = address_of(call.request, call.deps.settings)
    principal = await call.deps.accounts.unlock(call.principal, call.body["password"], address)
    return answer(await session_view(call, principal))


async def session_view(call: ApiCall, principal: Principal) -> dict[str, object]:
    """Who holds this session, and what it may do."""
    user: User | None = None if principal.user is None else await call.deps.accounts.user(principal.user)
    return {
        "user": user,
        "permissions": principal.permissions,
        "csrf_token": principal.csrf or None,
        "expires_at": principal.expires_at,
        "locked": principal.locked,
        "lock_after_seconds": _lock_after(call, principal),
        "stage": principal.stage,
    }


def _lock_after(call: ApiCall, principal: Principal) -> int | None:
    """A screen on the wall is meant to be left alone: it sees no residents."""
    if principal.role is Role.MONITOR:
        return None
    return int(call.deps.accounts.lock_after.total_seconds()) or None


HANDLERS: Handlers = {
    "signIn": sign_in,
    "getSession": get_session,
    "signOut": sign_out,
    "changePassword": change_password,
    "listMySessions": list_my_sessions,
    "endMySession": end_my_session,
    "endMyOtherSessions": end_my_other_sessions,
    "lockSession": lock_session,
    "unlockSession": unlock_session,
}
