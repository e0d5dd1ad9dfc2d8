"""Recording over HTTP: an agent's four wishes, who may play, and what is answered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast
from uuid import uuid4

import pytest

from dialer.services.access import Role
from tests.support.api import Centre, centre
from tests.support.fake_recorder import FakeRecorder


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(dsn, tmp_path) as found:
        yield found


async def test_an_agent_s_wishes_and_why_they_cannot_be(api: Centre) -> None:
    agent, attempt = await api.person(Role.AGENT), uuid4()
    recorder = cast(FakeRecorder, api.deps.recorder)
    for wish in ("agreed", "pause", "resume", "refuse"):
        answer = await agent("setRecording", attempt=attempt, json={"wish": wish})
        assert (answer.status, answer.json["recording"]) == (200, "")
    assert [(what, at) for what, _, at in recorder.asked] == [
        (wish, attempt) for wish in ("agreed", "pause", "resume", "refuse")
    ]
    assert (await agent("setRecording", attempt=attempt, json={"wish": "secretly"})).status in (400, 422)
    recorder.refusal = "recording-not-verified"
    refused = await agent("setRecording", attempt=attempt, json={"wish": "agreed"})
    assert (refused.status, refused.code) == (409, "recording-not-verified")
    for role in (Role.SUPERVISOR, Role.QUALITY, Role.CLIENT):
        other = await api.person(role, await api.client("zoetermeer") if role is Role.CLIENT else None)
        assert (await other("setRecording", attempt=attempt, json={"wish": "agreed"})).status == 403


async def test_who_may_play_and_never_without_a_reason(api: Centre) -> None:
    attempt = uuid4()
    for role in (Role.SUPERVISOR, Role.QUALITY, Role.PRIVACY):
        person = await api.person(role)
        assert (await person("playRecording", attempt=attempt)).status in (400, 422)
        assert (await person("playRecording", attempt=attempt, query={"purpose": "resident"})).status == 404
    for role in (Role.AGENT, Role.ADMINISTRATOR, Role.MONITOR, Role.CLIENT):
        person = await api.person(role, await api.client("zoetermeer") if role is Role.CLIENT else None)
        assert (await person("playRecording", attempt=attempt, query={"purpose": "quality"})).status == 403
    assert await api.pool.fetchval("select count(*) from audit_event where action = 'recording.play'") == 0


async def test_who_may_delete_and_never_without_a_reason(api: Centre) -> None:
    attempt = uuid4()
    for role in (Role.SUPERVISOR, Role.PRIVACY):
        person = await api.person(role)
        for query in ({}, {"reason": "because"}):
            assert (await person("deleteRecording", attempt=attempt, query=query)).status in (400, 422)
        assert (await person("deleteRecording", attempt=attempt, query={"reason": "resident"})).status == 404
    for role in (Role.AGENT, Role.QUALITY, Role.ADMINISTRATOR, Role.MONITOR, Role.CLIENT):
        person = await api.person(role, await api.client("zoetermeer") if role is Role.CLIENT else None)
        assert (await person("deleteRecording", attempt=attempt, query={"reason": "resident"})).status == 403
