"""After the contract: whoever rings the number hears where to go, and nothing of him is kept. A real Asterisk, SIPp."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from dialer.asterisk.sounds import SoundMaker, after_care
from dialer.demo.speech import voice
from dialer.domain.contract_end import AFTER_CARE
from dialer.storage.pool import open_pool
from tests.support.city import CLIENT, CLIENT_NUMBER, TelephoneCity
from tests.support.live_centre import LiveCentre
from tests.support.other_queue import OtherQueue
from tests.support.world import MONDAY

pytestmark = pytest.mark.system

CALLER = "+31600000399"


@pytest.fixture
async def live(telephone_city: TelephoneCity, dsn: str) -> AsyncIterator[LiveCentre]:
    """A centre with an agent who is free, of a client whose contract is over."""
    speak, convert = voice(telephone_city.root)
    last = after_care(CLIENT, "het Contactteam", CLIENT_NUMBER, "Voorbeeldstad")
    SoundMaker(telephone_city.sounds, speak, convert).make(last)
    pool = await open_pool(dsn)
    centre = LiveCentre(telephone_city, pool, MONDAY)
    await centre.start(agents=1)
    await pool.execute(
        "insert into client_end (client_id, ended_on, after_care_until, certificate, at) values ($1, $2, $3, '{}', $4)",
        centre.world.client, MONDAY.date(), MONDAY.date() + timedelta(days=183), MONDAY,
    )  # fmt: skip
    await centre.centre.engine.refresh()
    await centre.centre.takeover.numbers.tend()
    yield centre
    await centre.stop()
    await pool.close()
    async with telephone_city.ami() as ami:  # the number is this session's other tests' too
        await telephone_city.name_client(ami)


async def _nothing_is_kept(live: LiveCentre) -> None:
    await live.centre.journal.settled()
    rows = await live.pool.fetch("select number_key, phone_id, case_id, joined_at from attempt where direction = 'in'")
    assert [tuple(row) for row in rows] == [(None, None, None, None)]
    assert (live.callbacks.opened, live.callbacks.blocked) == ([], [])
    async with live.city.ami() as ami:
        async with asyncio.timeout(30):
            while any(CALLER in row["Key"] for row in await ami.listing("DBGetTree", Family="callback")):
                await live.centre.inbound.collect()
                await asyncio.sleep(0.1)


async def test_a_caller_hears_the_message_to_its_end_though_an_agent_is_free(live: LiveCentre, tmp_path: Path) -> None:
    queue = OtherQueue(live.city, tmp_path / "caller")
    async with live.city.ami() as ami:
        queue.hand_over(CLIENT_NUMBER)
        said = await ami.wait_for("UserEvent", UserEvent="MessageStarted")
        assert said["Kind"] == "closed"
        sounds = await ami.action("Getvar", Channel=said["Channel"], Variable="DIALER_SOUNDS")
        assert sounds["Value"] == f"{CLIENT}{AFTER_CARE}", "the words of after-care, not those of every evening"
        done = await queue.over()
    assert (done.ended, done.back_to) == (True, "")
    await _nothing_is_kept(live)


async def test_whatever_key_is_pressed_nothing_is_noted(live: LiveCentre) -> None:
    async with live.city.ami() as ami, live.city.town_ami() as town:
        await live.city.call_in(town, CALLER, patience=4, keys="19")
        chose = await ami.wait_for("UserEvent", 40, UserEvent="CallerChose")
        await ami.wait_for("Hangup", 40, Uniqueid=chose["Uniqueid"])
    await _nothing_is_kept(live)
