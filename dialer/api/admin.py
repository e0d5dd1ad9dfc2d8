"""Users, tokens, clients."""

from __future__ import annotations

from aiohttp import web

from dialer.api.call import ApiCall, Handlers, answer, done, page
from dialer.api.paging import split, text_of
from dialer.domain.ids import ClientId, UserId
from dialer.services.access import Permission, Role
from dialer.services.clients import NewClient
from dialer.services.ports.accounts import UserChange


async def list_users(call: ApiCall) -> web.StreamResponse:
    """By login."""
    limit = call.query["limit"]
    after = text_of(call.query.get("cursor")) or ""
    rows = await call.deps.accounts.users(call.query.get("role"), after, limit + 1)
    items, following = split(rows, limit, lambda user: user.login)
    return page(items, following)


async def create_user(call: ApiCall) -> web.StreamResponse:
    """With a first password."""
    client = call.uuid("client")
    user = await call.deps.accounts.add_user(
        call.principal.actor,
        login=call.body["login"],
        display_name=call.body["display_name"],
        role=Role(call.body["role"]),
        client=None if client is None else ClientId(client),
        language=call.body.get("language", "nl"),
        password=call.body["password"],
    )
    return answer(user, 201, version=user.version)


async def get_user(call: ApiCall) -> web.StreamResponse:
    """One."""
    user = await call.deps.accounts.user(UserId(call.path["user"]))
    return answer(user, version=user.version)


async def update_user(call: ApiCall) -> web.StreamResponse:
    """What is left out stays."""
    before = await call.deps.accounts.user(UserId(call.path["user"]))
    role = call.body.get("role", before.role)
    client = call.uuid("client") if "client" in call.body else before.client
    change = UserChange(
        display_name=call.body.get("display_name", before.display_name),
        role=role,
        client=ClientId(client) if client is not None and role == Role.CLIENT else None,
        language=call.body.get("language", before.language),
        disabled=call.body.get("disabled", before.disabled),
    )
    user = await call.deps.accounts.change_user(call.principal.actor, before.id, call.required_version, change)
    return answer(user, version=user.version)


async def set_user_password(call: ApiCall) -> web.StreamResponse:
    """By an administrator."""
    await call.deps.accounts.set_password(call.principal.actor, UserId(call.path["user"]), call.body["password"])
    return done()


async def end_user_sessions(call: ApiCall) -> web.StreamResponse:
    """Everywhere."""
    await call.deps.accounts.end_sessions(call.principal.actor, UserId(call.path["user"]))
    return done()


async def list_tokens(call: ApiCall) -> web.StreamResponse:
    """Without secrets."""
    return answer({"items": await call.deps.accounts.tokens()})


async def create_token(call: ApiCall) -> web.StreamResponse:
    """The secret goes out this once; so this operation takes no idempotency key, which would have to keep it."""
    client = call.uuid("client")
    token, secret = await call.deps.accounts.add_token(
        call.principal.actor,
        call.principal.user,
        name=call.body["name"],
        role=Role(call.body["role"]),
        client=None if client is None else ClientId(client),
        scopes=[Permission(scope) for scope in call.body["scopes"]],
        days=call.body["days"],
    )
    return answer({"token": token, "secret": secret}, 201)


async def revoke_token(call: ApiCall) -> web.StreamResponse:
    """At once."""
    await call.deps.accounts.revoke_token(call.principal.actor, call.path["token"])
    return done()


async def list_clients(call: ApiCall) -> web.StreamResponse:
    """By name."""
    return answer({"items": await call.deps.office.clients(call.client)})


async def create_client(call: ApiCall) -> web.StreamResponse:
    """With a key of its own."""
    made = await call.deps.clients.add(NewClient(**call.body))
    await call.audit("client.add", "client", made.id, made.id)
    return answer(made, 201)


HANDLERS: Handlers = {
    "listClients": list_clients,
    "createClient": create_client,
    "listUsers": list_users,
    "createUser": create_user,
    "getUser": get_user,
    "updateUser": update_user,
    "setUserPassword": set_user_password,
    "endUserSessions": end_user_sessions,
    "listTokens": list_tokens,
    "createToken": create_token,
    "revokeToken": revoke_token,
}
