"""The second factor: one's own, somebody's as an administrator sees it, and which roles need one."""

from __future__ import annotations

from aiohttp import web

from dialer.api.call import ApiCall, Handlers, answer, done
from dialer.api.cookies import session_secret, set_session
from dialer.api.session import address_of, device, opened, session_view
from dialer.domain.ids import UserId
from dialer.services.access import Role
from dialer.services.ports.second_factor import FactorRule
from dialer.services.second_factor import ResetReason


async def get_second_factor(call: ApiCall) -> web.StreamResponse:
    """My own."""
    return answer(await call.deps.factors.state(await call.deps.accounts.user(call.user)))


async def start_second_factor(call: ApiCall) -> web.StreamResponse:
    """The secret goes out this once."""
    enrolment = await call.deps.second_step.start(
        call.principal, call.body.get("password", ""), call.body.get("code", ""), _address(call)
    )
    return answer({"secret": enrolment.secret, "address": enrolment.address})


async def confirm_second_factor(call: ApiCall) -> web.StreamResponse:
    """The recovery codes go out this once."""
    settings = call.deps.settings
    before = session_secret(call.request, settings)
    codes, secret, principal = await call.deps.second_step.confirm(
        call.principal, call.body["code"], _address(call), before, device(call)
    )
    response = answer({"recovery_codes": codes, "session": await session_view(call, principal)})
    if secret is not None:
        set_session(response, secret, settings, principal.expires_at - call.deps.clock.wall_utc())
    return response


async def prove_second_factor(call: ApiCall) -> web.StreamResponse:
    """A code of the app, or a recovery code."""
    before = session_secret(call.request, call.deps.settings)
    secret, principal = await call.deps.second_step.prove(
        call.principal, call.body["code"], _address(call), before, device(call)
    )
    return await opened(call, secret, principal)


async def get_user_access(call: ApiCall) -> web.StreamResponse:
    """How somebody gets in."""
    user = await call.deps.accounts.user(UserId(call.path["user"]))
    sessions = await call.deps.accounts.sessions(user.id)
    linked = await call.deps.sign_on.linked(user.id)
    return answer({"second_factor": await call.deps.factors.state(user), "sessions": sessions, "linked": linked})


async def reset_second_factor(call: ApiCall) -> web.StreamResponse:
    """By an administrator."""
    reason = ResetReason(call.body["reason"])
    await call.deps.second_step.reset(call.principal.actor, UserId(call.path["user"]), reason)
    return done()


async def get_sign_in_rules(call: ApiCall) -> web.StreamResponse:
    """Of every role."""
    return answer(await _rules(call))


async def set_sign_in_rule(call: ApiCall) -> web.StreamResponse:
    """Of one."""
    role, rule = Role(call.body["role"]), FactorRule(call.body["second_factor"])
    await call.deps.factors.set_rule(call.principal.actor, role, rule)
    return answer(await _rules(call))


async def _rules(call: ApiCall) -> dict[str, object]:
    rules = await call.deps.factors.rules()
    return {"items": [{"role": role, "second_factor": rule} for role, rule in rules.items()]}


def _address(call: ApiCall) -> str:
    return address_of(call.request, call.deps.settings)


HANDLERS: Handlers = {
    "getSecondFactor": get_second_factor,
    "startSecondFactor": start_second_factor,
    "confirmSecondFactor": confirm_second_factor,
    "proveSecondFactor": prove_second_factor,
    "getUserAccess": get_user_access,
    "resetSecondFactor": reset_second_factor,
    "getSignInRules": get_sign_in_rules,
    "setSignInRule": set_sign_in_rule,
}
