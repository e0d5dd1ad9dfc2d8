"""Users, tokens, clients."""

from __future__ import annotations

from aiohttp import web

from dialer.api.call import ApiCall, Handlers, answer, done, page
from dialer.api.paging import split, text_of
from dialer.domain.client_settings import CLIENT_SETTINGS, setting
from dialer.domain.ids import ClientId, UserId
from dialer.services.access import Permission, Role
from dialer.services.clients import Client, ClientChange, NewClient
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
    return answer({"items": await call.deps.accounts.machines.all()})


async def create_token(call: ApiCall) -> web.StreamResponse:
    """The secret goes out this once; so this operation takes no idempotency key, which would have to keep it."""
    client = call.uuid("client")
    token, secret = await call.deps.accounts.machines.add(
        call.principal.actor,
        call.principal.user,
        name=call.body["name"],
        role=Role(call.body["role"]),
        client=None if client is None else ClientId(client),
        scopes=[Permission(scope) for scope in call.body["scopes"]],
        days=call.body["days"],
    )
    return answer({"token": token, "secret": secret}, 201)


async def renew_token(call: ApiCall) -> web.StreamResponse:
    """The secret goes out this once; so this operation takes no idempotency key."""
    token, secret = await call.deps.accounts.machines.renew(
        call.principal.actor,
        call.principal.user,
        token=call.path["token"],
        overlap_hours=call.body["overlap_hours"],
        days=call.body["days"],
    )
    return answer({"token": token, "secret": secret}, 201)


async def revoke_token(call: ApiCall) -> web.StreamResponse:
    """At once."""
    await call.deps.accounts.machines.revoke(call.principal.actor, call.path["token"])
    return done()


async def list_clients(call: ApiCall) -> web.StreamResponse:
    """By name."""
    return answer({"items": await call.deps.office.clients(call.client)})


async def create_client(call: ApiCall) -> web.StreamResponse:
    """With a key of its own."""
    made = await call.deps.clients.add(NewClient(**call.body))
    await call.audit("client.add", "client", made.id, made.id)
    return answer(_detail(made, call), 201, version=made.version)


async def get_client(call: ApiCall) -> web.StreamResponse:
    """With what rules its calls."""
    client = await call.deps.clients.one(ClientId(call.path["client"]))
    return answer(_detail(client, call), version=client.version)


async def update_client(call: ApiCall) -> web.StreamResponse:
    """What is left out stays."""
    change = ClientChange(**call.body)
    client = await call.deps.clients.change(ClientId(call.path["client"]), call.required_version, change)
    await call.audit("client.change", "client", client.id, client.id, version=client.version, **change.settings)
    return answer(_detail(client, call), version=client.version)


def _detail(client: Client, call: ApiCall) -> dict[str, object]:
    return {
        "id": client.id,
        "slug": client.slug,
        "name": client.name,
        "municipality": client.municipality,
        "neutral_name": client.neutral_name,
        "inbound_number": client.inbound_number,
        "version": client.version,
        "settings": [
            {
                "key": key,
                "topic": known.topic,
                "text": call.text(known.english, known.dutch),
                "unit": known.unit,
                "value": setting(client.settings, key),
                "usual": known.usual,
                "own": key in client.settings,
                "low": known.low,
                "high": known.high,
            }
            for key, known in CLIENT_SETTINGS.items()
        ],
    }


HANDLERS: Handlers = {
    "listClients": list_clients,
    "getClient": get_client,
    "updateClient": update_client,
    "createClient": create_client,
    "listUsers": list_users,
    "createUser": create_user,
    "getUser": get_user,
    "updateUser": update_user,
    "setUserPassword": set_user_password,
    "endUserSessions": end_user_sessions,
    "listTokens": list_tokens,
    "createToken": create_token,
    "renewToken": renew_token,
    "revokeToken": revoke_token,
}
