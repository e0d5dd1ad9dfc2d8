"""The built panel is served as it was built: packed where a browser takes it, and nothing beside its files."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from dialer.api import panel

SCRIPT = "console.log('paneel');" * 100
Client = TestClient[web.Request, web.Application]


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>Paneel</title>")
    (tmp_path / "assets" / "index-abc.js").write_text(SCRIPT)
    (tmp_path / "assets" / "index-abc.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    app = web.Application()
    panel.mount(app, tmp_path)
    async with TestClient(TestServer(app)) as made:
        yield made


async def test_a_browser_that_takes_it_gets_the_packed_copy(client: Client) -> None:
    answer = await client.get("/assets/index-abc.js", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert int(answer.headers["Content-Length"]) < len(SCRIPT) / 5
    assert "javascript" in answer.headers["Content-Type"]
    assert "immutable" in answer.headers["Cache-Control"]
    assert await answer.text() == SCRIPT


async def test_another_gets_the_file_itself(client: Client) -> None:
    answer = await client.get("/assets/index-abc.js", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in answer.headers
    assert await answer.text() == SCRIPT


async def test_the_packed_copy_is_no_page_of_its_own(client: Client) -> None:
    assert (await client.get("/assets/index-abc.js.gz")).status == 404


async def test_every_other_page_is_the_panels_first(client: Client) -> None:
    answer = await client.get("/campagnes")
    assert "Paneel" in await answer.text()
    assert answer.headers["Cache-Control"] == "no-cache"
