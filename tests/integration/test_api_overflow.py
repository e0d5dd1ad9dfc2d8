"""Lines of other teams over HTTP and in the database, and what is filed of their calls."""

from __future__ import annotations

import wave
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from dialer.asterisk.sounds import OVERFLOW_KINDS
from dialer.config import load
from dialer.doctor import _messages
from dialer.services.access import Role
from tests.support.api import Centre, centre
from tests.support.rows import add_rows

HOURS = [[["09:00", "17:00"]]] * 5 + [[], []]


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(dsn, tmp_path) as built:
        yield built


def wish(campaign: object, **more: object) -> dict[str, object]:
    return {
        "campaign": str(campaign), "number": "079 000 05 01", "team": "het Loket",
        "opening": "U neemt op voor het Loket.", "back_number": "079 000 05 02",
    } | more  # fmt: skip


async def test_a_supervisor_keeps_the_lines_and_each_change_is_audited(api: Centre) -> None:
    client = await api.client("stad")
    rows = await add_rows(api.pool, client, api.clock.now())
    boss = await api.person(Role.SUPERVISOR)
    made = await boss("createOverflowLine", client=client, json=wish(rows.campaign, most_waiting=5))
    assert made.status == 201, made.raw
    assert (made.json["number"], made.json["hours"], made.json["most_waiting"]) == ("+31790000501", HOURS, 5)
    again = await boss("createOverflowLine", client=client, json=wish(rows.campaign))
    assert again.status == 409, again.raw
    line = made.json["id"]
    etag = {"If-Match": '"1"'}
    changed = await boss("updateOverflowLine", overflow_line=line, json={"after_own": False}, headers=etag)
    assert (changed.status, changed.json["after_own"], changed.json["version"]) == (200, False, 2)
    late = await boss("updateOverflowLine", overflow_line=line, json={"active": False}, headers=etag)
    assert late.status == 412
    moved = await boss("updateOverflowLine", overflow_line=line, json={"number": "+31790000509"}, headers=etag)
    assert moved.status == 422, "a number never changes: the telephone system would still answer the old one"
    listed = await boss("listOverflowLines", client=client)
    assert "het Loket" in [one["team"] for one in listed.json["items"]]
    actions = await api.pool.fetch("select action from audit_event where action like 'overflow_line.%' order by id")
    assert [one["action"] for one in actions] == ["overflow_line.add", "overflow_line.change"]


async def test_the_doctor_misses_the_messages_of_a_line(api: Centre, dsn: str, tmp_path: Path) -> None:
    client = await api.client("stad")
    rows = await add_rows(api.pool, client, api.clock.now())
    boss = await api.person(Role.SUPERVISOR)
    made = await boss("createOverflowLine", client=client, json=wish(rows.campaign))
    settings = load(
        {"DIALER_DATABASE_DSN": dsn, "DIALER_KEYS_MASTER": "ab" * 32, "DIALER_ASTERISK_SECRET": "x" * 16,
         "DIALER_ASTERISK_SOUNDS": str(tmp_path)}
    )  # fmt: skip
    folder = "stad-31790000501"

    async def found() -> tuple[bool, str]:
        (one,) = [each for each in await _messages(settings) if each.name == f"messages of {folder}"]
        return one.ok, one.detail

    ok, detail = await found()
    assert (ok, detail.startswith(f"{len(OVERFLOW_KINDS)} missing: greeting")) == (False, True)
    (tmp_path / folder).mkdir()
    for kind in OVERFLOW_KINDS:
        with wave.open(str(tmp_path / folder / f"{kind}.wav"), "wb") as sound:
            sound.setparams((1, 2, 8000, 0, "NONE", ""))
            sound.writeframes(bytes(1600))
    assert await found() == (True, "all there")
    (tmp_path / folder / "greeting.wav").write_bytes(b"no sound")
    assert await found() == (False, "1 missing: greeting")
    etag = {"If-Match": '"1"'}
    await boss("updateOverflowLine", overflow_line=made.json["id"], json={"active": False}, headers=etag)
    assert folder not in str(await _messages(settings)), "nobody hears what is closed for good"


async def test_no_line_has_a_clients_own_number_or_another_clients_agents(api: Centre) -> None:
    client, other = await api.client("stad"), await api.client("dorp")
    rows = await add_rows(api.pool, client, api.clock.now())
    foreign = await add_rows(api.pool, other, api.clock.now())
    boss = await api.person(Role.SUPERVISOR)
    own = await api.pool.fetchval("select inbound_number from client where id = $1", other)
    for body, field in ((wish(rows.campaign, number=own), "number"), (wish(foreign.campaign), "campaign")):
        refused = await boss("createOverflowLine", client=client, json=body)
        assert (refused.status, refused.json["field"]) == (422, field), refused.raw
    nobody = await boss("createOverflowLine", client=client, json=wish(uuid4()))
    assert nobody.status == 404
    made = await boss("createOverflowLine", client=client, json=wish(rows.campaign))
    with pytest.raises(asyncpg.CheckViolationError):
        await api.pool.execute("update client set inbound_number = $2 where id = $1", other, made.json["number"])
