"""The numbers that the telephone system answers, of clients that come and of those that move."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import pytest

from dialer.domain.ids import CampaignId
from tests.support.city import until
from tests.support.engine_service import CLIENT_NUMBER, Service


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    made = Service()
    yield made
    await made.centre.stop()


async def test_a_client_that_comes_while_we_run_can_be_rung_too(service: Service) -> None:
    await service.start()
    await until(lambda: service.telephony.clients == {CLIENT_NUMBER: "stad"})
    campaign = CampaignId(UUID(int=55))
    service.store.running.append(
        replace(service.store.running[0], campaign=campaign, caller_id="+31790000001", sounds="dorp")
    )
    await service.centre.engine.refresh()
    await service.centre.slow_beat()
    assert service.telephony.clients == {CLIENT_NUMBER: "stad", "+31790000001": "dorp"}
    service.telephony.disconnect()
    service.telephony.clients.clear()  # it may have lost what it was told
    service.telephony.connect()
    await until(lambda: len(service.telephony.clients) == 2)


async def test_a_number_that_moved_to_another_site_is_not_answered_here_any_more(service: Service) -> None:
    await service.start()
    await until(lambda: CLIENT_NUMBER in service.telephony.clients)
    service.store.running, service.store.foreign = [], frozenset({CLIENT_NUMBER})
    await service.centre.engine.refresh()
    assert service.centre.engine.line(CLIENT_NUMBER) is None
    await service.centre.slow_beat()
    assert CLIENT_NUMBER not in service.telephony.clients
    service.telephony.disconnect()
    service.telephony.clients[CLIENT_NUMBER] = "stad"  # it has lost what it was told
    service.telephony.connect()
    await until(lambda: CLIENT_NUMBER not in service.telephony.clients)


async def test_a_number_that_comes_back_is_named_again(service: Service) -> None:
    await service.start()
    running, service.store.running, service.store.foreign = service.store.running, [], frozenset({CLIENT_NUMBER})
    await service.centre.engine.refresh()
    await until(lambda: CLIENT_NUMBER not in service.telephony.clients)
    await service.centre.slow_beat()
    service.store.running, service.store.foreign = running, frozenset()
    await service.centre.engine.refresh()
    await service.centre.slow_beat()
    assert service.telephony.clients[CLIENT_NUMBER] == "stad"
