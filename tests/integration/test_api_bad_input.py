"""Whatever is sent: a clear refusal with a stable code, nothing kept, nothing told."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from dialer.api.spec import PREFIX
from dialer.services.access import Role
from tests.support.api import PASSWORD, Answer, Centre, Visitor, centre, check

SECRET = "Geheim-van-de-inwoner"


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<!doctype html><title>paneel</title>")
    (dist / "assets" / "app-1a2b.js").write_text("export {}")
    (tmp_path / "secret.txt").write_text(SECRET)
    async with centre(dsn, tmp_path, web_dist=dist) as built:
        yield built


async def _raw(visitor: Visitor, operation: str, body: bytes | str, kind: str = "application/json") -> Answer:
    return await visitor(operation, data=body, headers={"Content-Type": kind})


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[" * 30_000, 400),
        (b'{"login": "a", "password": ' + b"[" * 50 + b"]" * 50 + b"}", 400),
        (b'{"login": "a", "password": NaN}', 400),
        (b'{"login": "a", "password": ' + b"9" * 5000 + b"}", 400),
        (b'{"login": "a\\u0000", "password": "x"}', 400),
        (b'{"login": "a\\ud800", "password": "x"}', 400),
        (b"[]", 422),
        (b"null", 422),
        (b'"tekst"', 422),
        (b"{}", 422),
        (b'{"login": 7, "password": "x"}', 422),
        (b'{"login": ["a"], "password": {"$ne": ""}}', 422),
        (b'{"login": "a", "password": "x", "role": "administrator"}', 422),
        (b'{"login": "", "password": "x"}', 422),
        (b'{"login": "a", "password": "' + b"x" * 201 + b'"}', 422),
        (b'{"login": "' + b"x" * 70_000 + b'"}', 413),
    ],
)
async def test_bodies_that_are_no_request(api: Centre, body: bytes, status: int) -> None:
    answer = await _raw(api.visitor(), "signIn", body)
    assert answer.status == status


async def test_faults_name_the_place_and_the_rule_and_never_the_value(api: Centre) -> None:
    boss = await api.person(Role.ADMINISTRATOR)
    body = {"login": SECRET, "display_name": "", "role": SECRET, "password": PASSWORD}
    answer = await boss("createUser", json=body)
    assert answer.status == 422
    assert {(fault["field"], fault["rule"]) for fault in answer.json["errors"]} == {
        ("/login", "pattern"),
        ("/display_name", "minLength"),
        ("/role", "enum"),
    }
    assert SECRET.encode() not in answer.raw


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/xml"])
async def test_json_only(api: Centre, kind: str) -> None:
    answer = await _raw(api.visitor(), "signIn", json.dumps({"login": "a", "password": "b"}), kind)
    assert (answer.status, answer.code) == (415, "wrong-media-type")


async def test_a_body_without_end_is_cut_off(api: Centre) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(10_000):
            yield b" " * 8192

    visitor = api.visitor()
    answer = await visitor("signIn", data=endless(), headers={"Content-Type": "application/json"})
    assert (answer.status, answer.code) == (413, "too-large")


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "201"},
        {"limit": "-1"},
        {"limit": "1e3"},
        {"limit": "９"},
        {"limit": "9" * 400},
        {"role": "koning"},
        {"cursor": "%%%"},
        {"cursor": "é"},
        {"cursor": "x" * 400},
    ],
)
async def test_queries_that_do_not_fit(api: Centre, query: dict[str, str]) -> None:
    boss = await api.person(Role.ADMINISTRATOR)
    answer = await boss("listUsers", query=query)
    assert (answer.status, answer.code) == (422, "invalid")


@pytest.mark.parametrize(
    "name", ["'; drop table app_user; --", "<script>alert(1)</script>", "=cmd|' /C calc'!A0", "😀ß"]
)
async def test_names_with_other_languages_in_them_are_kept_as_they_are(api: Centre, name: str) -> None:
    boss = await api.person(Role.ADMINISTRATOR)
    body = {"login": "bram", "display_name": name, "role": "agent", "password": PASSWORD}
    made = await boss("createUser", json=body)
    again = await boss("getUser", user=made.json["id"])
    assert again.json["display_name"] == name
    assert again.headers["Content-Type"].startswith("application/json")
    assert again.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("identity", ["1", "%00", "'", "0" * 5000, "%2e%2e%2fsession"])
async def test_ids_that_are_none(api: Centre, identity: str) -> None:
    boss = await api.person(Role.ADMINISTRATOR)
    async with boss.http.get(f"{PREFIX}/users/{identity}") as response:
        assert response.status in (404, 400, 405)
        assert response.content_type == "application/problem+json"


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/assets/../../secret.txt",
        "/assets/%2e%2e/%2e%2e/secret.txt",
        "//etc/passwd",
        "/assets/..\\..\\secret.txt",
        "/assets/app-1a2b.js/../../../secret.txt",
        "/secret.txt%00.html",
    ],
)
async def test_files_outside_the_panel_cannot_be_had(api: Centre, path: str) -> None:
    url = api.server.make_url("/").with_path(path, encoded=True)
    async with api.visitor().http.session.get(url) as response:
        assert SECRET not in await response.text()


async def test_the_panel_is_served_with_a_fallback_and_cached_by_name(api: Centre) -> None:
    http = api.visitor().http
    for path in ("/", "/floor", "/cases/018f"):
        async with http.get(path) as response:
            assert "paneel" in await response.text()
            assert response.headers["Cache-Control"] == "no-cache"
            assert "'unsafe-inline'" not in response.headers["Content-Security-Policy"]
    async with http.get("/assets/app-1a2b.js") as response:
        assert "immutable" in response.headers["Cache-Control"]
        assert response.content_type in ("text/javascript", "application/javascript")
    for path in ("/assets/gone-9.js", "/api/v2/session"):
        async with http.get(path) as response:
            assert response.status == 404


async def test_unknown_methods_and_paths_are_problems_too(api: Centre) -> None:
    http = api.visitor().http
    async with http.patch(f"{PREFIX}/session") as response:
        assert (response.status, response.content_type) == (405, "application/problem+json")
        assert "GET" in response.headers["Allow"]
    async with http.get(f"{PREFIX}/nothing") as response:
        assert (await response.json())["code"] == "not-found"


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer é", "Basic YTpi", "Bearer " + "x" * 5000, "bearer a b"]
)
async def test_authorisations_that_are_none(api: Centre, header: str) -> None:
    answer = await api.visitor()("getFloor", headers={"Authorization": header})
    assert answer.status == 401


async def test_faults_of_ours_tell_nothing(
    api: Centre, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = await api.person(Role.AGENT)

    def broken(_: object) -> Any:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(api.desk, "agent", broken)
    with caplog.at_level(logging.INFO):
        answer = await agent("getMyView")
    assert (answer.status, answer.code) == (500, "error")
    assert SECRET.encode() not in answer.raw
    assert SECRET not in caplog.text
    assert "RuntimeError" in caplog.text
    check("getMyView", answer)


async def test_logs_hold_no_path_query_or_name(api: Centre, caplog: pytest.LogCaptureFixture) -> None:
    boss = await api.person(Role.ADMINISTRATOR)
    with caplog.at_level(logging.INFO, logger="dialer"):
        await boss("listUsers", query={"cursor": "S2V1a2VuaG9m"})
        await api.visitor().sign_in("keukenhof", SECRET)
    assert "operation=listUsers" in caplog.text
    for word in ("S2V1a2VuaG9m", "keukenhof", SECRET):
        assert word not in caplog.text


async def test_a_dead_database_is_said_to_be_unavailable(api: Centre) -> None:
    agent = await api.person(Role.AGENT)
    await api.pool.close()
    answer = await agent("getSession")
    assert (answer.status, answer.code) == (503, "unavailable")


async def test_health_is_open_and_says_which_part_is_ill(dsn: str, tmp_path: Path) -> None:
    async with centre(dsn, tmp_path) as api:
        http = api.visitor().http
        async with http.get("/healthz") as response:
            assert response.status == 200
        async with http.get("/readyz") as response:
            assert await response.json() == {"ok": True, "database": True}


async def test_english_for_those_who_ask(api: Centre) -> None:
    visitor = api.visitor()
    dutch = await visitor("getSession", headers={"Accept-Language": "de, nl;q=0.5"})
    english = await visitor("getSession", headers={"Accept-Language": "en-GB"})
    assert (dutch.json["title"], english.json["title"]) == ("U bent niet aangemeld.", "You are not signed in.")


async def test_the_description_can_be_read(api: Centre) -> None:
    http = api.visitor().http
    async with http.get(f"{PREFIX}/openapi.yaml") as response:
        assert (await response.text()).startswith("openapi: 3.1.0")
    async with http.get(f"{PREFIX}/docs") as response:
        page = await response.text()
        assert "verifyIdentity" in page
        for inline in ("<script", "<style", " style=", "onclick"):
            assert inline not in page
