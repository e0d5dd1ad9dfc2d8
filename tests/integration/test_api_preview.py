"""What an agent sees before the call, over HTTP: little, audited, and each refusal in words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dialer.api.errors import STATUS, TITLES
from dialer.services.access import Role
from dialer.services.ports.previews import SkipReason
from dialer.services.previews import PREVIEW_CODES, PreviewRefusedError
from tests.support.api import SPEC, Centre, centre


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(dsn, tmp_path) as built:
        yield built


async def test_name_number_and_attempt_and_nothing_of_the_signal(api: Centre) -> None:
    agent = await api.person(Role.AGENT)
    seen = (await agent("lookPreview", json={"next": False})).json
    assert set(seen) == {
        "showing", "case", "campaign", "name", "number", "attempt_number", "seconds_left", "skips_left",
    }  # fmt: skip
    assert (seen["showing"], seen["name"], seen["number"], seen["attempt_number"]) == (
        "resident", "A. Bakker", "+31600000123", 2,
    )  # fmt: skip
    called = await agent("callPreview", json={"case": seen["case"]})
    assert called.json == {"attempt": seen["case"]}
    assert await audited(api, seen["case"]) == ["preview.call"]


async def test_who_is_passed_on_is_written_down_with_the_reason_and_the_next_is_shown(api: Centre) -> None:
    agent = await api.person(Role.AGENT)
    case = (await agent("lookPreview", json={"next": False})).json["case"]
    after = await agent("skipPreview", json={"case": case, "reason": "language"})
    assert after.json["showing"] == "nobody"
    assert any(asked[0] == "skip" and asked[3] is SkipReason.LANGUAGE for asked in api.previews.asked)
    assert await audited(api, case) == ["preview.skip"]
    detail = await api.pool.fetchval("select detail ->> 'reason' from audit_event where action = 'preview.skip'")
    assert detail == "language"
    assert (await agent("skipPreview", json={"case": case, "reason": "geen zin"})).status == 422


async def test_only_agents_look(api: Centre) -> None:
    for role in (Role.SUPERVISOR, Role.QUALITY, Role.ADMINISTRATOR):
        someone = await api.person(role)
        assert (await someone("lookPreview", json={"next": False})).status == 403


@pytest.mark.parametrize("code", sorted(PREVIEW_CODES))
async def test_a_resident_who_is_not_called_says_why(api: Centre, code: str) -> None:
    agent = await api.person(Role.AGENT)
    case = (await agent("lookPreview", json={"next": False})).json["case"]
    api.previews.not_now = PreviewRefusedError(code)
    for language in ("nl", "en"):
        refused = await agent("callPreview", json={"case": case}, headers={"Accept-Language": language})
        assert (refused.status, refused.code) == (409, code)
        assert refused.json["title"] == TITLES[code][language == "en"]
    assert await audited(api, case) == []


def test_every_refusal_of_a_preview_has_words_of_its_own() -> None:
    assert set(TITLES) >= PREVIEW_CODES
    assert {STATUS[code] for code in PREVIEW_CODES} == {409}
    paths = SPEC.document["paths"]
    described = "".join(paths[f"/agents/me/preview/{which}"]["post"]["description"] for which in ("call", "skip"))
    assert all(f"`{code}`" in described for code in PREVIEW_CODES)


async def audited(api: Centre, case: str) -> list[str]:
    rows = await api.pool.fetch("select action from audit_event where subject_id = $1 order by id", case)
    return [row["action"] for row in rows]
