"""The second factor, over HTTP, on a real database."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import WSServerHandshakeError

from dialer.domain.one_time import STEP_SECONDS, code_at, secret_of
from dialer.services.access import OPERATIONS, WHILE_HALF, Open, Role
from dialer.services.ports.second_factor import FactorRule
from dialer.services.second_factor import BY_DEFAULT
from tests.support.api import PASSWORD, SPEC, Centre, Visitor, as_user, centre


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(dsn, tmp_path) as built:
        yield built


class App:
    """An authenticator app."""

    def __init__(self, api: Centre, secret: str) -> None:
        self._api, self._secret = api, secret_of(secret)

    def code(self, steps: int = 0) -> str:
        return code_at(self._secret, int(self._api.clock.wall()) // STEP_SECONDS + steps)

    def next(self) -> str:
        """Of a step that was not used."""
        self._api.clock.forward(seconds=STEP_SECONDS)
        return self.code()


async def enrol(api: Centre, visitor: Visitor, **proof: str) -> tuple[App, list[str]]:
    body = proof or {"password": PASSWORD}
    started = await visitor("startSecondFactor", json=body)
    assert started.status == 200, started.raw
    app = App(api, started.json["secret"])
    assert started.json["secret"] in started.json["address"]
    confirmed = await visitor("confirmSecondFactor", json={"code": app.code()})
    assert confirmed.status == 200, confirmed.raw
    visitor.csrf = confirmed.json["session"]["csrf_token"]
    return app, confirmed.json["recovery_codes"]


async def half(api: Centre, login: str = "anna") -> Visitor:
    """Somebody whose password was right."""
    visitor = api.visitor()
    answer = await visitor.sign_in(login)
    assert answer.status == 200
    assert answer.json["stage"] != "open"
    assert answer.json["permissions"] == []
    return visitor


async def prove(visitor: Visitor, code: str) -> Any:
    answer = await visitor("proveSecondFactor", json={"code": code})
    if answer.status == 200:
        visitor.csrf = answer.json["csrf_token"]
    return answer


async def test_two_steps(api: Centre) -> None:
    app, codes = await enrol(api, await api.person(Role.SUPERVISOR, login="anna"))
    assert len(set(codes)) == 10
    visitor = await half(api)
    assert (await visitor("getSession")).json["stage"] == "code"
    kept = {c.key: c.value for c in visitor.http.session.cookie_jar}
    whole = await prove(visitor, app.next())
    assert (whole.status, whole.json["stage"]) == (200, "open")
    assert "HttpOnly" in whole.headers["Set-Cookie"]
    assert (await visitor("getFloor")).status == 200
    thief = api.visitor()
    thief.http.session.cookie_jar.update_cookies(kept, thief.http.make_url("/"))
    assert (await thief("getSession")).status == 401, "the half session's cookie is worth nothing any more"
    assert (await prove(visitor, app.next())).status == 409, "once is enough"


async def test_a_half_session_does_nothing_else(api: Centre) -> None:
    await enrol(api, await api.person(Role.SUPERVISOR, login="anna"))
    visitor = await half(api)
    for operation, needed in OPERATIONS.items():
        if needed is Open.PUBLIC or operation in WHILE_HALF:
            continue
        path: dict[str, Any] = {name: api.new_id() for name in _names(operation)}
        if operation == "openLiveFeed":
            with pytest.raises(WSServerHandshakeError) as refused:
                await visitor.live()
            assert refused.value.status == 403
            continue
        answer = await visitor(operation, **path)
        assert (answer.status, answer.code) == (403, "second-factor-first"), operation
    with pytest.raises(WSServerHandshakeError) as line:
        await visitor.http.ws_connect("/sip", protocols=("sip",), headers={"Origin": str(visitor.http.make_url("/"))})
    assert line.value.status == 403
    api.clock.forward(minutes=15)
    assert (await visitor("getSession")).status == 401, "and does not last"


def _names(operation: str) -> list[str]:
    return re.findall(r"{(\w+)}", SPEC.operations[operation].path)


async def test_a_code_counts_once_also_when_it_comes_twice_at_once(api: Centre) -> None:
    app, _ = await enrol(api, await api.person(Role.SUPERVISOR, login="anna"))
    first, second = await half(api), await half(api)
    assert (await prove(first, app.code())).code == "code-refused", "the one that confirmed the app"
    code = app.next()
    statuses = [answer.status for answer in await asyncio.gather(prove(first, code), prove(second, code))]
    assert sorted(statuses) == [200, 401]
    third = await half(api)
    assert (await prove(third, code)).code == "code-refused"
    assert (await prove(third, app.code(-1))).code == "code-refused", "nor one before it"
    assert (await prove(third, app.code(+1))).status == 200, "a phone may be half a minute ahead"


async def test_a_recovery_code_counts_once(api: Centre) -> None:
    _, codes = await enrol(api, await api.person(Role.SUPERVISOR, login="anna"))
    first, second = await half(api), await half(api)
    answers = await asyncio.gather(prove(first, codes[3].upper()), prove(second, codes[3].replace("-", " ")))
    assert sorted(answer.status for answer in answers) == [200, 401]
    who = first if answers[0].status == 200 else second
    assert (await who("getSecondFactor")).json["recovery_left"] == 9
    stored = await api.pool.fetch("select * from recovery_code")
    assert not any(code.replace("-", "").encode() in bytes(row["code_hash"]) for row in stored for code in codes)
    await api.person(Role.SUPERVISOR, login="bram")
    other = api.visitor()
    await other.sign_in("bram")
    app, _ = await enrol(api, other)
    stranger = await half(api, "bram")
    assert (await prove(stranger, codes[4])).code == "code-refused", "another's opens nothing"
    assert (await prove(stranger, app.next())).status == 200


async def test_guesses_are_throttled_and_a_right_password_does_not_begin_anew(api: Centre) -> None:
    app, _ = await enrol(api, await api.person(Role.SUPERVISOR, login="anna"))
    statuses = []
    for number in range(30):
        guesser = await half(api)
        statuses.append((await prove(guesser, f"{number:06}")).status)
        api.clock.forward(seconds=13)  # the bucket of login and address would let through one a minute
    assert statuses[:5] == [401] * 5
    assert statuses.count(401) <= 5 + 30 * 13 // 60 + 1
    owner = await half(api)
    api.clock.forward(minutes=6)
    assert (await prove(owner, app.code())).status == 200
    told = await api.pool.fetchval("select count(*) from audit_event where action = 'second-factor.refused'")
    assert told == statuses.count(401)


async def test_a_role_that_needs_one_sets_it_up_at_sign_in(api: Centre) -> None:
    boss = await api.person(Role.ADMINISTRATOR)
    rules = (await boss("getSignInRules")).json["items"]
    assert {rule["role"] for rule in rules} == set(Role)
    made = await boss("setSignInRule", json={"role": "supervisor", "second_factor": "required"})
    assert {"role": "supervisor", "second_factor": "required"} in made.json["items"]
    await api.deps.accounts.add_user(
        "cli", login="anna", display_name="A", role=Role.SUPERVISOR, client=None, language="nl", password=PASSWORD
    )
    visitor = await half(api)
    assert (await visitor("getSession")).json["stage"] == "enrol"
    assert (await prove(visitor, "123456")).status == 409
    started = await visitor("startSecondFactor", json={})
    app = App(api, started.json["secret"])
    wrong = await visitor("confirmSecondFactor", json={"code": "000000" if app.code() != "000000" else "000001"})
    assert wrong.code == "code-refused"
    done = await visitor("confirmSecondFactor", json={"code": app.code()})
    assert done.json["session"]["stage"] == "open"
    visitor.csrf = done.json["session"]["csrf_token"]
    assert (await visitor("getFloor")).status == 200
    assert (await visitor("getSecondFactor")).json | {"since": None} == {
        "active": True, "since": None, "recovery_left": 10, "required": True,
    }  # fmt: skip


async def test_whoever_has_the_password_alone_sets_up_no_second_one(api: Centre) -> None:
    """A half session from before the owner's app counted, and one that waits for a code."""
    await api.deps.factors.set_rule("cli", Role.SUPERVISOR, FactorRule.REQUIRED)
    await api.deps.accounts.add_user(
        "cli", login="anna", display_name="A", role=Role.SUPERVISOR, client=None, language="nl", password=PASSWORD
    )
    thief, owner = await half(api), await half(api)
    await enrol(api, owner, code="x")
    assert (await thief("startSecondFactor", json={})).status == 401, "other sessions ended"
    late = await half(api)
    assert (await late("startSecondFactor", json={"password": PASSWORD})).code == "forbidden"
    assert (await late("confirmSecondFactor", json={"code": "123456"})).code == "forbidden"


async def test_another_app_asks_password_and_a_code_of_the_present_one(api: Centre) -> None:
    visitor = await api.person(Role.AGENT, login="anna")
    elsewhere = api.visitor()
    await elsewhere.sign_in("anna")
    assert (await visitor("startSecondFactor", json={"password": "geraden"})).code == "sign-in-refused"
    app, old_codes = await enrol(api, visitor)
    assert (await elsewhere("getSession")).status == 401, "opened without it"
    assert (await visitor("startSecondFactor", json={"password": PASSWORD})).code == "code-refused"
    started = await visitor("startSecondFactor", json={"password": PASSWORD, "code": app.next()})
    back = await half(api)
    assert (await prove(back, app.next())).status == 200, "the present one counts until the new one is confirmed"
    new = App(api, started.json["secret"])
    assert (await back("confirmSecondFactor", json={"code": new.code()})).status == 200
    later = await half(api)
    assert (await prove(later, app.next())).code == "code-refused"
    assert (await prove(later, old_codes[0])).code == "code-refused"
    assert (await prove(later, new.code())).status == 200


async def test_an_administrator_takes_it_away_with_a_reason(api: Centre) -> None:
    boss = await api.person(Role.ADMINISTRATOR)
    visitor = await api.person(Role.AGENT, login="anna")
    anna = as_user(visitor)
    assert (await boss("resetSecondFactor", user=anna, json={"reason": "lost"})).status == 409
    await enrol(api, visitor)
    assert (await boss("getUserAccess", user=anna)).json["second_factor"]["active"] is True
    assert (await boss("resetSecondFactor", user=anna, json={})).status == 422
    assert (await boss("resetSecondFactor", user=anna, json={"reason": "lost"})).status == 204
    assert (await visitor("getSession")).status == 401
    assert (await api.visitor().sign_in("anna")).json["stage"] == "open"
    detail = await api.pool.fetchval("select detail from audit_event where action = 'second-factor.reset'")
    assert "lost" in str(detail)
    assert (await boss("resetSecondFactor", user=as_user(boss), json={"reason": "lost"})).status == 422, "not one's own"
    assert (await boss("resetSecondFactor", user=api.new_id(), json={"reason": "lost"})).status == 404


async def test_the_secret_is_sealed_and_bound_to_its_owner(api: Centre) -> None:
    one, two = await api.person(Role.AGENT, login="anna"), await api.person(Role.AGENT, login="bram")
    started = await one("startSecondFactor", json={"password": PASSWORD})
    await one("confirmSecondFactor", json={"code": App(api, started.json["secret"]).code()})
    app, _ = await enrol(api, two)
    sealed = bytes(await api.pool.fetchval("select sealed from second_factor where user_id = $1", as_user(one)))
    assert secret_of(started.json["secret"]) not in sealed
    await api.pool.execute("update second_factor set sealed = $1 where user_id = $2", sealed, as_user(two))
    visitor = await half(api, "bram")
    answer = await prove(visitor, App(api, started.json["secret"]).next())
    assert answer.status == 500, "a box that was moved to another row does not open"
    assert app.code() != ""


async def test_machines_have_none(api: Centre) -> None:
    boss = await api.person(Role.ADMINISTRATOR)
    made = await boss("createToken", json={"name": "x", "role": "monitor", "scopes": ["floor.read"], "days": 7})
    machine = api.visitor()
    machine.bearer = made.json["secret"]
    for operation, body in (
        ("getSecondFactor", None), ("startSecondFactor", {}), ("confirmSecondFactor", {"code": "1"}),
        ("proveSecondFactor", {"code": "1"}),
    ):  # fmt: skip
        assert (await machine(operation, json=body)).status == 422


def test_who_sees_many_residents_needs_one_by_default() -> None:
    assert set(BY_DEFAULT) == set(Role)
    assert {role for role, rule in BY_DEFAULT.items() if rule is FactorRule.OPTIONAL} == {Role.AGENT, Role.MONITOR}
