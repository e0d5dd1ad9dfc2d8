"""A draft that is thrown away leaves nothing, and what must stay keeps no data of residents."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from dialer.domain.errors import ConflictError, NotFoundError
from dialer.domain.ids import CampaignId
from dialer.services.drafts import Drafts
from dialer.storage.drafts import PgDrafts
from tests.support.intake import IntakeWorld, intake_world, row

_KEPT = {"audit_event", "audit_link", "idempotency", "migration", "schema_migration", "column_mapping"}


@pytest.fixture
async def w(dsn: str, tmp_path: Path) -> AsyncIterator[IntakeWorld]:
    async with intake_world(dsn, tmp_path) as made:
        await made.pool.execute("update campaign set state = 'draft'")
        yield made


def drafts(w: IntakeWorld) -> Drafts:
    return Drafts(PgDrafts(w.pool), w.deliveries, w.clock)


async def counts(pool: asyncpg.Pool) -> dict[str, int]:
    tables = await pool.fetch(
        "select table_schema || '.' || table_name as name from information_schema.tables"
        " where table_schema in ('public', 'pii') and table_type = 'BASE TABLE'"
    )
    names = [row["name"] for row in tables if row["name"].split(".")[1] not in _KEPT]
    return {name: await pool.fetchval(f"select count(*) from {name}") for name in names}


async def test_nothing_is_left_of_it(w: IntakeWorld) -> None:
    """Row for row, in every table: as it was before the draft was made."""
    second = await w.world.add_campaign(w.client, "Juni", state="draft")
    before = await counts(w.pool)
    first = w.world.campaign
    w.world.campaign = second
    await w.load(row(), row(kenmerk="Z-2", achternaam="", telefoon_1="0600000002", **{"signaal-id": "S-2"}))
    await w.load(row(kenmerk="Z-3", achternaam="Jansen", telefoon_1="0600000003", **{"signaal-id": "S-3"}))
    await w.pool.execute("insert into campaign_agent values ($1, $2)", second, w.world.agents[0])
    assert await counts(w.pool) != before
    assert await drafts(w).discard(second, w.viewer)
    after = await counts(w.pool)
    changed = {name: after[name] for name in after if after[name] != before[name]}
    assert changed.pop("public.campaign") == before["public.campaign"] - 1
    # What reports count is only added to: ids and codes, taken back one by one, so that nothing of it counts.
    assert set(changed) == {"public.report_case", "public.report_mark"}
    for facts in changed:
        assert await w.one(f"select count(*) from (select case_id from {facts} group by 1 having sum(sign) > 0) c") == 0
    assert await w.one("select id from campaign") == first
    assert await w.one("select count(*) from audit_event where action = 'campaign.discard'") == 1


async def test_residents_of_another_campaign_stay(w: IntakeWorld) -> None:
    await w.load(row())
    kept = w.world.campaign
    draft = await w.world.add_campaign(w.client, "Juni", state="draft")
    w.world.campaign = draft
    await w.load(row(kenmerk="Z-9", **{"signaal-id": "S-9"}))  # the same person
    assert await drafts(w).discard(draft, w.viewer)
    assert await w.one("select count(*) from resident") == 1
    assert await w.one("select count(*) from case_phone") == 1
    assert await w.one("select count(*) from pii.resident") == 1
    assert await w.one("select campaign_id from case_file") == kept


async def test_with_proof_calls_the_draft_is_stopped_and_empty_of_data(w: IntakeWorld) -> None:
    await w.load(row())
    phone = w.world.ids.new()
    await w.pool.execute(
        "insert into staff_phone (id, client_id, label, number_key, sealed_number, created_at)"
        " values ($1, $2, 'Noor', 'k', '', $3)",
        phone, w.client, w.clock.now(),
    )  # fmt: skip
    await w.pool.execute(
        "insert into attempt (id, direction, client_id, campaign_id, number_key, channel_id, state, live, claimed_at,"
        " catalogue_version, staff_phone_id) values ($1, 'proof', $2, $3, 'k', 'c', 'ended', false, $4, 1, $5)",
        w.world.ids.new(), w.client, w.campaign, w.clock.now(), phone,
    )  # fmt: skip
    assert not await drafts(w).discard(w.campaign, w.viewer)
    assert await w.one("select state from campaign") == "stopped"
    assert await w.one("select count(*) from delivery where wrapped_key is not null") == 0
    assert await w.one("select count(*) from case_file where state = 'open'") == 0


@pytest.mark.parametrize("state", ["running", "paused", "draining", "stopped"])
async def test_what_has_begun_is_not_thrown_away(w: IntakeWorld, state: str) -> None:
    loaded = await w.load(row())
    await w.pool.execute("update campaign set state = $1", state)
    with pytest.raises(ConflictError):
        await drafts(w).discard(w.campaign, w.viewer)
    assert await w.one("select state from delivery where id = $1", loaded.delivery.delivery) == "loaded"
    with pytest.raises(NotFoundError):
        await drafts(w).discard(CampaignId(w.world.ids.new()), w.viewer)
