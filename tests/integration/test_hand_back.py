"""What must be with the client by when, until a receipt is known."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from dialer.domain.exchange import ChannelKind, MessageKind
from dialer.services.export import ExportService
from dialer.services.hand_back import HandBack
from dialer.storage.exports import PostgresExports
from dialer.storage.hand_back import PgHandBack
from tests.support.exchange import Exchange, exchange
from tests.support.intake import VAULT
from tests.support.receiver import receiver


@pytest.fixture
async def e(dsn: str, tmp_path: Path) -> AsyncIterator[Exchange]:
    async with exchange(dsn, tmp_path) as built:
        yield built


def hand_back(e: Exchange) -> HandBack:
    return HandBack(PgHandBack(e.w.pool), e.w.clock)


async def test_a_call_for_help_is_due_until_a_confirmed_export_has_it(e: Exchange) -> None:
    assert await hand_back(e).due(None) == []
    attempt = await e.conversation()
    [one] = await hand_back(e).due(e.w.client)
    assert (one.client_ref, one.kind, one.late, one.stage) == ("Z-1", MessageKind.HELP, False, "none")
    e.later(days=2)
    [one] = await hand_back(e).due(None)
    assert one.late
    late = await hand_back(e).late()
    assert late.counts == {e.w.campaign: {MessageKind.HELP: 1}}
    exports = ExportService(
        store=PostgresExports(e.w.pool), vault=VAULT, audit=e.w.audit, clock=e.w.clock, ids=e.w.world.ids
    )
    run = await exports.create(e.w.campaign, "delta", e.w.viewer)
    assert [one.stage for one in await hand_back(e).due(None)] == ["sent"]  # no receipt yet: still late
    await exports.confirm(run.id, e.w.viewer)
    assert await hand_back(e).due(None) == []
    # A correction is due anew.
    await e.outcomes.recode(e.w.world.agents[0], attempt, "ADVICE", "verkeerde toets")
    assert [one.kind for one in await hand_back(e).due(None)] == [MessageKind.RESULT]


async def test_a_crisis_is_late_after_an_hour_and_a_receipt_of_their_system_ends_it(e: Exchange) -> None:
    async with receiver() as town:
        await e.channel(ChannelKind.WEBHOOK, town.url)
        await e.conversation(flags=("CRISIS",), note="dak boven het hoofd")
        [one] = await hand_back(e).due(None)
        assert (one.kind, one.stage) == (MessageKind.CRISIS, "sent")
        town.answers.append(422)
        await e.sender().tend()
        e.later(minutes=61)
        [one] = await hand_back(e).due(None)
        assert (one.late, one.stage) == (True, "dead")
        message = await e.w.one("select id from outbox_message")
        await e.channels.resend(message, e.w.viewer)
        await e.sender().tend()
        assert await hand_back(e).due(None) == []


async def test_another_clients_results_are_not_shown(e: Exchange) -> None:
    await e.conversation()
    other = await e.w.world.add_client("dorp", "+31790000002", {})
    assert await hand_back(e).due(other) == []


async def test_how_long_the_oldest_has_waited_for_its_receipt(e: Exchange) -> None:
    assert (await hand_back(e).late()).longest == {}
    await e.conversation()
    assert (await hand_back(e).late()).longest == {e.w.campaign: timedelta(0)}
    [one] = await hand_back(e).due(None)
    e.later(days=300)  # as long as it may keep data, it is told of
    assert (await hand_back(e).late()).longest == {e.w.campaign: e.w.clock.now() - one.due_at}
