"""Signing in, over HTTP, on a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import WSMsgType

from dialer.domain.errors import UnavailableError
from dialer.domain.ids import UserId
from dialer.security.secrets import Argon2Passwords
from dialer.services.access import Permission, Role
from dialer.services.accounts import SignInRefusedError
from dialer.services.ports.desk import AgentView
from dialer.services.throttle import ADDRESS, LOGIN, ThrottledError
from tests.support.api import PASSWORD, Centre, as_user, centre


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(dsn, tmp_path) as built:
        yield built


async def test_each_request_is_told_to_the_metrics(dsn: str, tmp_path: Path) -> None:
    told: list[tuple[str, int]] = []

    def served(operation: str, status: int, seconds: float) -> None:
        assert seconds >= 0
        told.append((operation, status))

    async with centre(dsn, tmp_path, swap=lambda deps: replace(deps, served=served)) as api:
        await api.visitor()("getSession")
    assert told == [("getSession", 401)]


async def test_sign_in_gives_a_cookie_out_of_reach_of_scripts(api: Centre) -> None:
    await api.person(Role.AGENT, login="anna")
    visitor = api.visitor()
    answer = await visitor.sign_in("anna")
    assert answer.status == 200
    assert answer.json["user"]["login"] == "anna"
    assert "duty" in answer.json["permissions"]
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    again = await visitor("getSession")
    assert again.json["csrf_token"] == visitor.csrf


async def test_cookie_is_bound_to_the_host_over_tls(dsn: str, tmp_path: Path) -> None:
    async with centre(dsn, tmp_path, secure=True) as api:
        await api.deps.accounts.add_user(
            "cli", login="anna", display_name="A", role=Role.AGENT, client=None, language="nl", password=PASSWORD
        )
        answer = await api.visitor().sign_in("anna")
        assert answer.headers["Set-Cookie"].startswith("__Host-dialer=")
        assert "Secure" in answer.headers["Set-Cookie"]
        assert "max-age" in answer.headers["Strict-Transport-Security"]


@pytest.mark.parametrize(("login", "password"), [("anna", "verkeerd-wachtwoord"), ("niemand", PASSWORD), ("'--", "x")])
async def test_refusals_look_the_same(api: Centre, login: str, password: str) -> None:
    await api.person(Role.AGENT, login="anna")
    answer = await api.visitor().sign_in(login, password)
    assert (answer.status, answer.code) == (401, "sign-in-refused")
    assert "Set-Cookie" not in answer.headers


async def test_unknown_login_takes_as_long_as_a_wrong_password(api: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    """The slow hash is made either way: within noise, not within the factor that no hash would give."""
    await api.person(Role.AGENT, login="anna")
    calls: list[str] = []
    verify = api.deps.accounts._passwords.verify

    def counted(hashed: str, password: str) -> bool:
        calls.append(hashed)
        return verify(hashed, password)

    monkeypatch.setattr(api.deps.accounts._passwords, "verify", counted)
    await api.visitor().sign_in("anna", "verkeerd-wachtwoord")
    await api.visitor().sign_in("niemand", "verkeerd-wachtwoord")
    assert len(calls) == 2
    assert calls[0].split("$")[:4] == calls[1].split("$")[:4]  # same algorithm and cost


async def test_a_hash_of_older_cost_is_renewed_at_the_next_sign_in(api: Centre) -> None:
    await api.person(Role.AGENT, login="anna")
    cheap = Argon2Passwords(memory_kib=32, passes=1, lanes=1).hash(PASSWORD)
    await api.pool.execute("update app_user set password_hash = $1", cheap)
    assert (await api.visitor().sign_in("anna")).status == 200
    renewed = await api.pool.fetchval("select password_hash from app_user")
    assert "m=64" in renewed
    assert (await api.visitor().sign_in("anna")).status == 200


async def test_signing_in_changes_the_secret_and_ends_the_one_before(api: Centre) -> None:
    visitor = await api.person(Role.AGENT, login="anna")
    planted = {c.key: c.value for c in visitor.http.session.cookie_jar}
    await visitor.sign_in("anna")
    assert {c.key: c.value for c in visitor.http.session.cookie_jar} != planted
    victim = api.visitor()
    victim.http.session.cookie_jar.update_cookies(planted, visitor.http.make_url("/"))
    assert (await victim("getSession")).code == "not-signed-in"


async def test_a_planted_cookie_is_never_taken_over(api: Centre) -> None:
    visitor = api.visitor()
    visitor.http.session.cookie_jar.update_cookies({"dialer_session": "planted"}, visitor.http.make_url("/"))
    await api.person(Role.AGENT, login="anna")
    await visitor.sign_in("anna")
    other = api.visitor()
    other.http.session.cookie_jar.update_cookies({"dialer_session": "planted"}, other.http.make_url("/"))
    assert (await other("getSession")).status == 401


async def test_sign_out_ends_the_session_on_the_server(api: Centre) -> None:
    visitor = await api.person(Role.AGENT)
    kept = {c.key: c.value for c in visitor.http.session.cookie_jar}
    assert (await visitor("signOut")).status == 204
    thief = api.visitor()
    thief.http.session.cookie_jar.update_cookies(kept, thief.http.make_url("/"))
    assert (await thief("getSession")).status == 401


async def test_sessions_end_by_time_and_by_idleness(api: Centre) -> None:
    idle, busy = await api.person(Role.AGENT), await api.person(Role.AGENT)
    for _ in range(8):
        api.clock.forward(minutes=75)
        assert (await busy("getSession")).status == 200
    assert (await idle("getSession")).status == 401
    api.clock.forward(hours=1.9)
    assert (await busy("getSession")).status == 200
    api.clock.forward(minutes=10)
    assert (await busy("getSession")).status == 401  # twelve hours are over, though it was never idle


@pytest.mark.parametrize("change", [{"disabled": True}, {"role": "monitor"}])
async def test_a_changed_user_is_signed_out_at_once(api: Centre, change: dict[str, object]) -> None:
    agent, boss = await api.person(Role.AGENT), await api.person(Role.ADMINISTRATOR)
    answer = await boss("updateUser", user=as_user(agent), json=change, headers={"If-Match": '"1"'})
    assert answer.status == 200
    assert (await agent("getSession")).status == 401


async def test_disabled_user_cannot_sign_in(api: Centre) -> None:
    agent, boss = await api.person(Role.AGENT, login="anna"), await api.person(Role.ADMINISTRATOR)
    await boss("updateUser", user=as_user(agent), json={"disabled": True}, headers={"If-Match": '"1"'})
    assert (await api.visitor().sign_in("anna")).code == "sign-in-refused"


async def test_own_password_needs_the_old_one_and_ends_other_sessions(api: Centre) -> None:
    here = await api.person(Role.AGENT, login="anna")
    elsewhere = api.visitor()
    await elsewhere.sign_in("anna")
    wrong = await here("changePassword", json={"current": "nee", "new": "nieuw-wachtwoord-22"})
    assert wrong.code == "sign-in-refused"
    weak = await here("changePassword", json={"current": PASSWORD, "new": "anna-anna-anna"})
    assert (weak.status, weak.json["field"]) == (422, "password")
    assert (await here("changePassword", json={"current": PASSWORD, "new": "nieuw-wachtwoord-22"})).status == 204
    assert (await here("getSession")).status == 200
    assert (await elsewhere("getSession")).status == 401
    assert (await api.visitor().sign_in("anna", "nieuw-wachtwoord-22")).status == 200


async def test_a_locked_screen_answers_nothing_until_its_owner_is_back(api: Centre) -> None:
    anna = await api.person(Role.AGENT, login="anna")
    elsewhere = api.visitor()
    await elsewhere.sign_in("anna")
    async with anna.live() as feed:
        assert (await anna("lockSession")).status == 204
        while (told := await feed.receive()).type is WSMsgType.TEXT:
            pass
        assert told.type in (WSMsgType.CLOSE, WSMsgType.CLOSED)
    refused = await anna("getMyView")
    assert (refused.status, refused.code) == (423, "session-locked")
    assert (await anna("changePassword", json={"current": PASSWORD, "new": "nieuw-wachtwoord-22"})).status == 423
    assert (await anna("getSession")).json["locked"] is True, "after a reload too"
    assert (await elsewhere("getMyView")).status == 200, "another screen is another session"
    wrong = await anna("unlockSession", json={"password": "geraden"})
    assert (wrong.status, wrong.code) == (401, "sign-in-refused")
    assert (await anna("getMyView")).status == 423
    back = await anna("unlockSession", json={"password": PASSWORD})
    assert (back.status, back.json["locked"], back.json["lock_after_seconds"]) == (200, False, 600)
    assert (await anna("getMyView")).status == 200
    rows = await api.pool.fetch("select action from audit_event where action like 'session.%' order by id")
    assert [row["action"] for row in rows][-3:] == ["session.lock", "session.refused", "session.unlock"]


async def test_a_screen_on_the_wall_does_not_lock_itself(api: Centre) -> None:
    for role, after in ((Role.MONITOR, None), (Role.SUPERVISOR, 600)):
        assert (await (await api.person(role))("getSession")).json["lock_after_seconds"] == after


async def test_guesses_at_a_locked_screen_are_throttled(api: Centre) -> None:
    anna = await api.person(Role.AGENT, login="anna")
    await anna("lockSession")
    answers = [(await anna("unlockSession", json={"password": f"geraden-{n}"})).status for n in range(12)]
    assert answers[0] == 401
    assert answers[-1] == 429


async def test_who_may_get_a_call_pauses_before_the_screen_locks(api: Centre) -> None:
    anna = await api.person(Role.AGENT, login="anna")
    for state, status in (("available", 409), ("talking", 409), ("paused", 204)):
        api.desk.put(as_user(anna), state=state)
        answer = await anna("lockSession")
        assert answer.status == status, state
        if status == 409:
            assert answer.code == "lock-on-duty"


async def test_who_signs_out_is_off_duty(api: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    anna, bram, carla = [await api.person(Role.AGENT) for _ in range(3)]
    api.desk.put(as_user(anna), state="talking")
    assert (await anna("signOut")).status == 204
    assert (await bram("signOut")).status == 204
    assert api.desk.asked == [("off", as_user(anna))], "after the call; who was not on duty is not asked for"

    async def away(_: UserId) -> AgentView:
        raise UnavailableError("standing by")

    api.desk.put(as_user(carla), state="available")
    monkeypatch.setattr(api.desk, "off_duty", away)
    assert (await carla("signOut")).status == 204
    assert (await carla("getSession")).status == 401


async def test_signing_out_of_a_locked_screen_works(api: Centre) -> None:
    anna = await api.person(Role.AGENT, login="anna")
    await anna("lockSession")
    assert (await anna("signOut")).status == 204
    assert (await anna("getSession")).status == 401


async def test_changes_need_the_csrf_token_of_this_session(api: Centre) -> None:
    visitor, other = await api.person(Role.AGENT), await api.person(Role.AGENT)
    for token in (None, "", other.csrf, "é"):
        visitor.csrf = token
        answer = await visitor("setMyDuty", json={"duty": "on"})
        assert (answer.status, answer.code) == (403, "csrf")
    assert api.desk.asked == []


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://boef.example"}, {"Origin": "null"}, {"Origin": "http://["}, {"Sec-Fetch-Site": "cross-site"}],
)
async def test_changes_from_another_site_are_refused(api: Centre, headers: dict[str, str]) -> None:
    visitor = await api.person(Role.AGENT, login="anna")
    assert (await visitor("setMyDuty", json={"duty": "on"}, headers=headers)).code == "wrong-origin"
    login = await api.visitor()("signIn", json={"login": "anna", "password": PASSWORD}, headers=headers)
    assert login.code == "wrong-origin"  # nobody is signed in behind his back either


async def test_ten_thousand_guesses(api: Centre) -> None:
    """Nobody gets in, memory stays bounded, the owner gets in from his own desk and later from anywhere."""
    await api.person(Role.AGENT, login="anna")
    accounts, refused, addresses = api.deps.accounts, 0, 16
    for number in range(10_000):
        answered = await _guess(api, "anna" if number % 2 else f"gok{number}", f"10.0.0.{number % addresses}")
        refused += answered
    assert refused == 10_000
    assert len(accounts.throttle) <= 20_000
    audited = await api.pool.fetchval("select count(*) from audit_event where action = 'session.refused'")
    # The throttle answered for the rest, without a slow hash: half the addresses guess at logins, half at one login.
    assert audited == addresses // 2 * ADDRESS.failures + LOGIN.failures
    assert (await api.visitor().sign_in("anna")).code == "throttled"
    api.clock.forward(minutes=1)
    assert (await api.visitor().sign_in("anna")).status == 200


async def _guess(api: Centre, login: str, address: str) -> int:
    try:
        await api.deps.accounts.sign_in(login, "geraden-wachtwoord", address, None)
    except (SignInRefusedError, ThrottledError):
        return 1
    return 0


async def test_throttle_says_when_to_come_back(api: Centre) -> None:
    visitor = api.visitor()
    answers = [await visitor.sign_in("anna", "x") for _ in range(6)]
    assert [answer.status for answer in answers] == [401] * 5 + [429]
    wait = answers[-1].json["retry_after"]
    assert answers[-1].headers["Retry-After"] == str(wait)
    api.clock.forward(seconds=wait)
    assert (await visitor.sign_in("anna", "x")).status == 401


async def test_a_token_may_do_what_its_scopes_say_until_it_ends(api: Centre) -> None:
    boss = await api.person(Role.ADMINISTRATOR)
    made = await boss("createToken", json={"name": "grafana", "role": "monitor", "scopes": ["floor.read"], "days": 7})
    assert made.status == 201
    machine = api.visitor()
    machine.bearer = made.json["secret"]
    assert (await machine("getFloor")).status == 200
    assert (await machine("listUsers")).code == "forbidden"
    assert (await machine("getSession")).json["user"] is None
    stored = await api.pool.fetchval("select token_hash from api_token")
    assert machine.bearer.encode() not in stored
    api.clock.forward(days=7)
    assert (await machine("getFloor")).status == 401


async def test_a_revoked_token_is_dead(api: Centre) -> None:
    boss = await api.person(Role.ADMINISTRATOR)
    made = await boss("createToken", json={"name": "x", "role": "monitor", "scopes": ["floor.read"], "days": 7})
    assert (await boss("revokeToken", token=made.json["token"]["id"])).status == 204
    machine = api.visitor()
    machine.bearer = made.json["secret"]
    assert (await machine("getFloor")).status == 401
    assert (await boss("revokeToken", token=api.new_id())).status == 404
    assert (await boss("listTokens")).json["items"][0]["revoked_at"] is not None


async def test_scopes_cannot_go_beyond_the_role(api: Centre) -> None:
    boss = await api.person(Role.ADMINISTRATOR)
    answer = await boss("createToken", json={"name": "x", "role": "agent", "scopes": [Permission.TOKEN], "days": 1})
    assert (answer.status, answer.json["field"]) == (422, "scopes")


async def test_ends_of_sessions_by_the_administrator(api: Centre) -> None:
    agent, boss = await api.person(Role.AGENT), await api.person(Role.ADMINISTRATOR)
    assert (await boss("endUserSessions", user=as_user(agent))).status == 204
    assert (await agent("getSession")).status == 401


async def test_users_are_listed_by_page_and_made_once(api: Centre) -> None:
    boss = await api.person(Role.ADMINISTRATOR, login="boss")
    for name in ("bram", "carla", "daan"):
        body = {"login": name, "display_name": name, "role": "agent", "password": PASSWORD}
        answer = await boss("createUser", json=body)
        assert (answer.status, answer.headers["ETag"]) == (201, '"1"')
    assert (await boss("createUser", json=body)).code == "conflict"
    seen, cursor = [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        answer = await boss("listUsers", query=query)
        seen += [user["login"] for user in answer.json["items"]]
        cursor = answer.json["next"]
        if cursor is None:
            break
    assert seen == ["boss", "bram", "carla", "daan"]


async def test_two_who_edit_one_user_cannot_overwrite_each_other(api: Centre) -> None:
    agent, boss = await api.person(Role.AGENT), await api.person(Role.ADMINISTRATOR)
    first = await boss("updateUser", user=as_user(agent), json={"display_name": "Een"}, headers={"If-Match": '"1"'})
    assert (first.status, first.headers["ETag"]) == (200, '"2"')
    second = await boss("updateUser", user=as_user(agent), json={"display_name": "Twee"}, headers={"If-Match": '"1"'})
    assert (second.status, second.code) == (412, "changed-since")
    assert (await boss("updateUser", user=as_user(agent), json={"display_name": "X"})).status == 428


async def test_an_idempotency_key_gives_the_first_answer_again(api: Centre) -> None:
    boss = await api.person(Role.ADMINISTRATOR)
    body = {"login": "bram", "display_name": "B", "role": "agent", "password": PASSWORD}
    key = {"Idempotency-Key": "sleutel-12345"}
    first, again = await boss("createUser", json=body, headers=key), await boss("createUser", json=body, headers=key)
    assert first.raw == again.raw
    assert again.headers["Idempotency-Replayed"] == "true"
    other = await boss("createUser", json=body | {"login": "carla"}, headers=key)
    assert (other.status, other.code) == (422, "key-reused")
    bad = await boss("createUser", json=body, headers={"Idempotency-Key": "; drop table"})
    assert bad.status == 422


async def test_a_key_of_a_refused_request_may_be_used_again(api: Centre) -> None:
    boss = await api.person(Role.ADMINISTRATOR)
    body = {"login": "bram", "display_name": "B", "role": "client", "password": PASSWORD}
    key = {"Idempotency-Key": "sleutel-12345"}
    assert (await boss("createUser", json=body, headers=key)).status == 422
    assert (await boss("createUser", json=body | {"role": "agent"}, headers=key)).status == 201


async def test_a_key_whose_process_died_is_taken_over_later(api: Centre) -> None:
    boss = await api.person(Role.ADMINISTRATOR)
    body = {"login": "bram", "display_name": "B", "role": "agent", "password": PASSWORD}
    key = {"Idempotency-Key": "sleutel-12345"}
    assert (await boss("createUser", json=body, headers=key)).status == 201
    await api.pool.execute("update idempotency set status = null, body = null")
    await api.pool.execute("delete from app_user where login = 'bram'")
    assert (await boss("createUser", json=body, headers=key)).code == "repeat-in-progress"
    api.clock.forward(minutes=3)
    assert (await boss("createUser", json=body, headers=key)).status == 201


async def test_sign_in_is_audited_without_the_password(api: Centre) -> None:
    await api.person(Role.AGENT, login="anna")
    await api.visitor().sign_in("anna", "verkeerd-wachtwoord")
    rows = await api.pool.fetch("select actor, action, detail::text from audit_event order by id")
    assert [row["action"] for row in rows][-2:] == ["session.open", "session.refused"]
    assert all("wachtwoord" not in str(tuple(row)) for row in rows)


async def test_a_crowd_beyond_the_queue_is_asked_to_come_back(api: Centre) -> None:
    """Slow hashes must not pile up; whoever is sent away has not used up a try."""
    await api.person(Role.AGENT, login="anna")
    accounts = api.deps.accounts
    accounts._hashes._waiting = 64
    answer = await api.visitor().sign_in("anna")
    assert (answer.status, answer.code) == (503, "unavailable")
    accounts._hashes._waiting = 0
    assert (await api.visitor().sign_in("anna")).status == 200
    assert accounts.throttle._level(("login", "anna"), LOGIN, api.clock.monotonic()) == 0


async def test_the_address_is_the_proxys_word_only_behind_our_proxy(dsn: str, tmp_path: Path) -> None:
    async with centre(dsn, tmp_path, trusted_proxies=frozenset({"127.0.0.1"})) as api:
        visitor = api.visitor()

        async def guess(forwarded: str) -> int:
            body = {"login": "anna", "password": "x"}
            return (await visitor("signIn", json=body, headers={"X-Forwarded-For": forwarded})).status

        assert [await guess("198.51.100.7, 127.0.0.1") for _ in range(6)][-1] == 429
        assert await guess("198.51.100.8") == 401
        # Only the hop that our proxy itself saw counts: what stands before it is the visitor's own invention.
        assert await guess("198.51.100.99, 198.51.100.7") == 429


async def test_nobody_believes_a_forwarded_address_of_a_strangers_making(api: Centre) -> None:
    visitor = api.visitor()
    statuses = []
    for number in range(6):
        body = {"login": "anna", "password": "x"}
        headers = {"X-Forwarded-For": f"198.51.100.{number}"}
        statuses.append((await visitor("signIn", json=body, headers=headers)).status)
    assert statuses[-1] == 429


async def test_an_administrator_sets_a_password_and_moves_somebody_to_a_client(api: Centre) -> None:
    agent, boss = await api.person(Role.AGENT, login="anna"), await api.person(Role.ADMINISTRATOR)
    body = {"password": "ander-wachtwoord-5"}
    assert (await boss("setUserPassword", user=as_user(agent), json=body)).status == 204
    assert (await agent("getSession")).status == 401
    client = await api.client("zoetermeer")
    change = {"role": "client", "client": str(client)}
    moved = await boss("updateUser", user=as_user(agent), json=change, headers={"If-Match": '"1"'})
    assert moved.json["client"] == str(client)
    back = await boss("updateUser", user=as_user(agent), json={"role": "agent"}, headers={"If-Match": '"2"'})
    assert (back.status, back.json["client"]) == (200, None)
    nowhere = {"role": "client", "client": str(api.new_id())}
    lost = await boss("updateUser", user=as_user(agent), json=nowhere, headers={"If-Match": '"3"'})
    assert (lost.status, lost.json["field"]) == (422, "client")
    assert (await boss("setUserPassword", user=api.new_id(), json=body)).status == 404


async def test_a_machine_has_no_hands(api: Centre) -> None:
    boss = await api.person(Role.ADMINISTRATOR)
    scopes = ["duty", "call", "callback"]
    made = await boss("createToken", json={"name": "x", "role": "agent", "scopes": scopes, "days": 1})
    machine = api.visitor()
    machine.bearer = made.json["secret"]
    for operation, body in (("setMyDuty", {"duty": "on"}), ("signOut", None), ("grantMyDevice", None)):
        assert (await machine(operation, json=body)).status == 422
    assert (await machine("getMyView")).status == 404
    change = {"current": "x", "new": "nieuw-wachtwoord-22"}
    assert (await machine("changePassword", json=change)).status == 422
