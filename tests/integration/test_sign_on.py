"""Signing on by way of an identity provider that may lie about anything."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from dialer.services.access import Role
from dialer.services.sign_on import SignOn
from tests.support.api import PASSWORD, Answer, Centre, Visitor, as_user, centre
from tests.support.identity_provider import SECRET, Wicked, connected, unsigned, wicked

BACK = "https://panel.example/api/v1/session/sign-on/back"
Swap = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.fixture
async def provider() -> AsyncIterator[Wicked]:
    async with wicked() as built:
        yield built


@asynccontextmanager
async def with_sign_on(dsn: str, tmp_path: Path, issuer: str) -> AsyncIterator[Centre]:
    async with connected(issuer, BACK) as ours:

        def swap(deps: Any) -> Any:
            before: SignOn = deps.sign_on
            made = SignOn(
                ours, deps.accounts, before._store, before._tickets, deps.audit, deps.clock, name="Gemeente Voorbeeld"
            )
            return replace(deps, sign_on=made)

        async with centre(dsn, tmp_path, swap=swap) as built:
            yield built


@pytest.fixture
async def api(dsn: str, tmp_path: Path, provider: Wicked) -> AsyncIterator[Centre]:
    async with with_sign_on(dsn, tmp_path, provider.issuer) as built:
        yield built


async def leave(visitor: Visitor, provider: Wicked, operation: str = "startSignOn", **body: Any) -> dict[str, str]:
    """Off to the provider; returns the query that it was sent."""
    answer = await visitor(operation, **body)
    assert answer.status == 200, answer.raw
    url = urlsplit(answer.json["url"])
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert (query["response_type"], query["code_challenge_method"], query["redirect_uri"]) == ("code", "S256", BACK)
    provider.nonce = query["nonce"]
    return query


async def back(visitor: Visitor, **query: str) -> tuple[str, Answer]:
    """Where the browser is sent on to."""
    path = "/api/v1/session/sign-on/back"
    async with visitor.http.get(path, params=query, allow_redirects=False) as response:
        assert response.status == 303, await response.text()
        return response.headers["Location"], Answer(response.status, response.headers, await response.read())


async def linked(api: Centre, provider: Wicked, login: str = "anna") -> Visitor:
    visitor = await api.person(Role.SUPERVISOR, login=login)
    query = await leave(visitor, provider, "linkSignOn", json={"password": PASSWORD})
    assert (await back(visitor, code="c", state=query["state"]))[0] == "/account?sign-on=linked"
    return visitor


async def signed_on(api: Centre, provider: Wicked, **more: str) -> tuple[str, Visitor]:
    visitor = api.visitor()
    query = await leave(visitor, provider)
    place, _ = await back(visitor, **{"code": "c", "state": query["state"], **more})
    return place, visitor


async def test_who_is_linked_comes_in(api: Centre, provider: Wicked) -> None:
    anna = await linked(api, provider)
    assert (await api.visitor()("getSignInWays")).json == {"sign_on": "Gemeente Voorbeeld"}
    place, visitor = await signed_on(api, provider)
    assert place == "/"
    assert (await visitor("getSession")).json["user"]["login"] == "anna"
    assert (await visitor("getFloor")).status == 200
    asked = provider.asked[-1]
    assert len(asked["code_verifier"]) >= 43
    assert SECRET not in asked.values()
    assert asked["authorization"].startswith("Basic ")
    boss = await api.person(Role.ADMINISTRATOR)
    assert (await boss("getUserAccess", user=as_user(anna))).json["linked"] is True
    assert (await boss("unlinkUserSignOn", user=as_user(anna))).status == 204
    assert (await signed_on(api, provider))[0] == "/?sign-on=sign-on-unknown"
    assert (await boss("unlinkUserSignOn", user=as_user(anna))).status == 409


async def test_nobody_is_found_by_name(api: Centre, provider: Wicked) -> None:
    await api.person(Role.SUPERVISOR, login="anna")
    provider.claims = lambda claims: claims | {"email": "anna@voorbeeld.nl", "preferred_username": "anna"}
    place, visitor = await signed_on(api, provider)
    assert place == "/?sign-on=sign-on-unknown"
    assert (await visitor("getSession")).status == 401


async def test_a_disabled_user_stays_out(api: Centre, provider: Wicked) -> None:
    anna, boss = await linked(api, provider), await api.person(Role.ADMINISTRATOR)
    await boss("updateUser", user=as_user(anna), json={"disabled": True}, headers={"If-Match": '"1"'})
    assert (await signed_on(api, provider))[0] == "/?sign-on=sign-on-unknown"


def _other_key(claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims, RSAKey.generate_key(2048))


def _by_secret(claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "HS256", "kid": "one"}, claims, OctKey.import_key(SECRET * 4))


@pytest.mark.parametrize("sign", [unsigned, _other_key, _by_secret, lambda _: "x.y.z", lambda _: ""])
async def test_a_signature_of_anybody_else_is_refused(
    api: Centre, provider: Wicked, sign: Callable[[dict[str, Any]], str]
) -> None:
    await linked(api, provider)
    provider.sign = sign
    place, visitor = await signed_on(api, provider)
    assert place == "/?sign-on=sign-on-refused"
    assert (await visitor("getSession")).status == 401


@pytest.mark.parametrize(
    "change",
    [
        {"nonce": "another"}, {"nonce": None}, {"iss": "https://elders.example"}, {"aud": "another"},
        {"aud": ["dialer", "another"]}, {"azp": "another"}, {"sub": None}, {"sub": 7}, {"exp": 1}, {"exp": None},
        {"iat": None}, {"iat": 1_000_000_000}, {"iat": 4_000_000_000},
    ],
)  # fmt: skip
async def test_a_claim_that_is_wrong_is_refused(api: Centre, provider: Wicked, change: dict[str, Any]) -> None:
    await linked(api, provider)
    provider.claims = lambda claims: {name: value for name, value in (claims | change).items() if value is not None}
    place, visitor = await signed_on(api, provider)
    assert place == "/?sign-on=sign-on-refused", change
    assert (await visitor("getSession")).status == 401


async def test_only_the_browser_that_left_comes_back_once_and_in_time(api: Centre, provider: Wicked) -> None:
    await linked(api, provider)
    visitor, thief = api.visitor(), api.visitor()
    query = await leave(visitor, provider)
    came = {"code": "c", "state": query["state"]}
    asked = len(provider.asked)
    assert (await back(thief, **came))[0] == "/?sign-on=sign-on-refused", "no ticket"
    await leave(thief, provider)
    assert (await back(thief, **came))[0] == "/?sign-on=sign-on-refused", "another browser's state"
    assert (await back(thief, code="c", state=""))[0] == "/?sign-on=sign-on-refused"
    thief.http.session.cookie_jar.update_cookies({"dialer_sign_on": "bWFkZSB1cA=="}, thief.http.make_url("/"))
    assert (await back(thief, **came))[0] == "/?sign-on=sign-on-refused", "a ticket of his own making"
    assert len(provider.asked) == asked, "the provider is not even asked"
    provider.nonce = query["nonce"]
    assert (await back(visitor, **came, iss="https://elders.example"))[0] == "/?sign-on=sign-on-refused"
    late = api.visitor()
    query = await leave(late, provider)
    api.clock.forward(minutes=11)
    assert (await back(late, code="c", state=query["state"]))[0] == "/?sign-on=sign-on-refused"


async def test_keys_that_changed_are_read_again(api: Centre, provider: Wicked) -> None:
    await linked(api, provider)
    provider.key = RSAKey.generate_key(2048, {"kid": "two", "use": "sig", "alg": "RS256"})
    provider.shown = [provider.key]
    assert (await signed_on(api, provider))[0] == "/"


async def test_a_provider_that_goes_away_on_the_way(api: Centre, provider: Wicked) -> None:
    await linked(api, provider)
    assert (await signed_on(api, provider, code="", error="access_denied"))[0] == "/?sign-on=sign-on-refused"
    visitor = api.visitor()
    query = await leave(visitor, provider)
    provider.token_status = 503
    assert (await back(visitor, code="c", state=query["state"]))[0] == "/?sign-on=sign-on-away"
    visitor = api.visitor()
    query = await leave(visitor, provider)
    await provider.server.close()
    assert (await back(visitor, code="c", state=query["state"]))[0] == "/?sign-on=sign-on-away"
    assert (await api.visitor().sign_in("anna")).status == 200, "a password still opens"


async def test_one_that_is_not_there_or_says_it_is_another(dsn: str, tmp_path: Path, provider: Wicked) -> None:
    provider.discovery = {"issuer": "https://elders.example"}
    async with with_sign_on(dsn, tmp_path, provider.issuer) as api:
        answer = await api.visitor()("startSignOn")
        assert (answer.status, answer.code) == (503, "sign-on-away")


async def test_linking_asks_the_password_and_lasts_no_longer_than_the_session(api: Centre, provider: Wicked) -> None:
    anna = await api.person(Role.SUPERVISOR, login="anna")
    assert (await anna("linkSignOn", json={"password": "geraden"})).code == "sign-in-refused"
    query = await leave(anna, provider, "linkSignOn", json={"password": PASSWORD})
    await api.deps.accounts.end_sessions("cli", as_user(anna))
    assert (await back(anna, code="c", state=query["state"]))[0] == "/account?sign-on=sign-on-refused"
    bram = await linked(api, provider, "bram")
    assert (await bram("getMySignOn")).json == {"name": "Gemeente Voorbeeld", "linked": True}
    carla = await api.person(Role.SUPERVISOR, login="carla")
    query = await leave(carla, provider, "linkSignOn", json={"password": PASSWORD})
    assert (await back(carla, code="c", state=query["state"]))[0] == "/account?sign-on=conflict", "somebody else's"
    assert (await bram("unlinkSignOn")).status == 204
    assert (await bram("unlinkSignOn")).status == 409


async def test_without_a_provider_there_is_none(dsn: str, tmp_path: Path) -> None:
    async with centre(dsn, tmp_path) as api:
        assert (await api.visitor()("getSignInWays")).json == {"sign_on": None}
        assert (await api.visitor()("startSignOn")).status == 404
        assert (await back(api.visitor(), code="c", state="s"))[0] == "/?sign-on=not-found"
