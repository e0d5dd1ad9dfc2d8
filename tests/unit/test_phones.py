"""Phones in browsers: whose account it is, when it goes, and what a resident hears while one is away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from dialer.domain.agent import AgentEvent, LegState
from dialer.domain.call import CallState
from dialer.domain.devices import browser_device, in_browser, kind_of_phone
from dialer.domain.errors import UnavailableError
from dialer.domain.ids import AttemptId, UserId
from dialer.services.phones import BrowserPhones, OwnPhoneError
from dialer.services.ports.telephony import TelephonyError
from tests.support.floor import Centre, channel_of

HERE, THERE = UUID(int=1), UUID(int=2)
ANNA = UserId(UUID(int=5))
DEVICE = browser_device(ANNA)


class Duty:
    """What is stored of an agent: the phone that he chose."""

    device = ""

    async def find(self, user: UserId) -> Any:
        return SimpleNamespace(user=user, device=self.device)


@pytest.fixture
async def centre() -> AsyncIterator[Centre]:
    built = Centre()
    yield built
    await built.close()
    assert built.tasks.failed == 0


def phones_of(
    centre: Centre,
    duty: Duty | None = None,
    *,
    serves: bool = True,
    forget: float = 60.0,
    on_gone: Callable[[UserId], None] = lambda _: None,
) -> BrowserPhones:
    return BrowserPhones(
        centre.floor,
        centre.telephony,
        centre.legs,
        duty or Duty(),  # type: ignore[arg-type]  # one of its methods is used
        centre.clock,
        centre.tasks,
        sip_domain="sip.example.test",
        serves=lambda: serves,
        on_gone=on_gone,
        forget_after=forget,
    )


async def on_duty(centre: Centre, phones: BrowserPhones) -> None:
    """A page with a phone that is registered, and a leg that is heard."""
    await phones.grant(ANNA, HERE, choose=False)
    phones.open(ANNA, HERE)
    centre.floor.act(ANNA, AgentEvent.ON_DUTY, centre.clock.wall())
    phones.registered(ANNA)
    await settle(centre)
    await listen(centre, 1.0)


async def settle(centre: Centre) -> None:
    """What is to happen at once; the accounts' long waits stand."""
    for _ in range(20):
        await asyncio.sleep(0)
    await centre.journal.settled()


async def listen(centre: Centre, seconds: float, *, sound: bool = True) -> None:
    """Listen to the legs once a second."""
    for _ in range(round(seconds)):
        centre.clock.pass_time(1.0)
        if sound:
            centre.telephony.pass_time(1.0)
        await centre.legs._listen()
        await settle(centre)


async def talk(centre: Centre) -> AttemptId:
    attempt = await dial(centre)
    centre.telephony.answer(channel_of(attempt))
    await settle(centre)
    assert centre.floor.call(attempt).call.state is CallState.JOINED
    return attempt


async def dial(centre: Centre) -> AttemptId:
    attempt = await centre.dial(ANNA)
    await settle(centre)
    return attempt


def leg(centre: Centre) -> LegState:
    return centre.floor.agent(ANNA).leg


def test_an_accounts_name_tells_what_kind_of_phone_it_is() -> None:
    assert in_browser(DEVICE)
    assert [kind_of_phone(device) for device in (DEVICE, "a-05", "")] == ["browser", "own", ""]


async def test_a_page_is_rung_as_soon_as_it_is_registered(centre: Centre) -> None:
    phones = phones_of(centre)
    grant = await phones.grant(ANNA, HERE, choose=False)
    assert (grant.username, grant.domain) == (DEVICE, "sip.example.test")
    assert centre.telephony.devices == {DEVICE: grant.secret}
    assert grant.secret not in repr(grant)
    phones.registered(ANNA)
    assert leg(centre) is LegState.NONE, "not on duty yet"
    centre.floor.act(ANNA, AgentEvent.ON_DUTY, centre.clock.wall())
    phones.registered(ANNA)
    await settle(centre)
    assert leg(centre) is LegState.IDLE


async def test_who_has_chosen_an_own_phone_keeps_it_until_he_says_otherwise(centre: Centre) -> None:
    duty = Duty()
    duty.device = "a-05"
    phones = phones_of(centre, duty)
    with pytest.raises(OwnPhoneError):
        await phones.grant(ANNA, HERE, choose=False)
    assert centre.telephony.devices == {}
    await phones.grant(ANNA, HERE, choose=True)
    assert centre.floor.agent(ANNA).device == DEVICE
    await phones.grant(ANNA, HERE, choose=False)
    centre.floor.set_device(ANNA, "a-05", centre.clock.wall())
    phones.registered(ANNA)
    with pytest.raises(OwnPhoneError):
        await phones.grant(ANNA, HERE, choose=False)


async def test_a_page_that_comes_again_takes_the_leg_over_in_mid_call(centre: Centre) -> None:
    phones = phones_of(centre)
    await on_duty(centre, phones)
    attempt = await talk(centre)
    before = centre.floor.agent(ANNA).leg_channel
    centre.telephony.devices.clear()  # the page is gone, and its phone with it
    first = asyncio.create_task(phones.grant(ANNA, HERE, choose=False))
    grant = await first
    centre.telephony.devices.clear()
    await settle(centre)
    assert centre.floor.call(attempt).call.state is CallState.RESCUE
    centre.telephony.devices[DEVICE] = grant.secret
    phones.registered(ANNA)
    await settle(centre)
    assert centre.floor.call(attempt).call.state is CallState.JOINED
    assert leg(centre) is LegState.IN_CALL
    assert centre.floor.agent(ANNA).leg_channel != before


async def test_music_for_the_resident_when_a_page_is_silent_for_four_seconds(centre: Centre) -> None:
    phones = phones_of(centre)
    await on_duty(centre, phones)
    attempt = await talk(centre)
    await listen(centre, 20.0)
    await listen(centre, 3.0, sound=False)
    assert centre.floor.call(attempt).call.state is CallState.JOINED
    centre.telephony.devices.clear()
    await listen(centre, 1.0, sound=False)
    assert centre.floor.call(attempt).call.state is CallState.RESCUE


async def test_music_sooner_when_the_line_is_gone_too(centre: Centre) -> None:
    phones = phones_of(centre)
    await on_duty(centre, phones)
    attempt = await talk(centre)
    phones.closed(ANNA)  # the service was cut off, or the browser is gone: the sound tells
    await listen(centre, 5.0)
    assert centre.floor.call(attempt).call.state is CallState.JOINED
    phones.open(ANNA, HERE)
    await listen(centre, 3.0, sound=False)
    assert centre.floor.call(attempt).call.state is CallState.JOINED, "there again: a drop"
    await listen(centre, 1.0)
    phones.closed(ANNA)
    centre.telephony.devices.clear()
    await listen(centre, 2.0, sound=False)
    assert centre.floor.call(attempt).call.state is CallState.RESCUE


async def test_a_leg_that_fell_silent_is_listened_to_closely_for_a_while(centre: Centre) -> None:
    phones = phones_of(centre)
    await on_duty(centre, phones)
    await listen(centre, 2.0)
    leg = centre.floor.agent(ANNA).leg_channel

    def due(after: float) -> bool:
        return leg in centre.legs._due(centre.clock.monotonic() + after)

    assert (due(0.5), due(1.0)) == (False, True)
    await listen(centre, 1.0, sound=False)
    assert (due(0.05), due(0.15)) == (False, True)
    await listen(centre, 10.0, sound=False)
    assert (due(0.5), due(1.0)) == (False, True)


async def test_an_own_phone_may_be_silent_and_so_may_an_idle_page(centre: Centre) -> None:
    own = await centre.agent(1)
    phones = phones_of(centre)
    await on_duty(centre, phones)
    attempt = await centre.dial(own)
    centre.telephony.answer(channel_of(attempt))
    await settle(centre)
    await listen(centre, 2.0)
    await listen(centre, 20.0, sound=False)
    assert centre.floor.call(attempt).call.state is CallState.JOINED
    assert leg(centre) is LegState.IDLE, "Asterisk ends it after thirty seconds"


async def test_signing_out_ends_what_is_this_sessions_and_nothing_else(centre: Centre) -> None:
    phones = phones_of(centre)
    await on_duty(centre, phones)
    phones.ended(ANNA, THERE)
    await settle(centre)
    assert DEVICE in centre.telephony.devices
    assert leg(centre) is LegState.IDLE
    phones.ended(ANNA, HERE)
    await settle(centre)
    assert DEVICE not in centre.telephony.devices
    assert leg(centre) is not LegState.IDLE


async def test_a_line_that_stays_away_takes_the_account_along(centre: Centre) -> None:
    phones = phones_of(centre, forget=0.01)
    await phones.grant(ANNA, HERE, choose=False)
    await phones.grant(ANNA, HERE, choose=False)
    phones.open(ANNA, HERE)
    phones.open(ANNA, HERE)
    phones.closed(ANNA)
    await asyncio.sleep(0.05)  # time itself is what is tested
    assert DEVICE in centre.telephony.devices, "another line is there"
    phones.closed(ANNA)
    await centre.tasks.idle()
    assert DEVICE not in centre.telephony.devices
    phones.ended(ANNA, HERE)  # known no more: nothing happens


async def test_a_conversation_is_waited_for(centre: Centre) -> None:
    phones = phones_of(centre, forget=0.01)
    await on_duty(centre, phones)
    attempt = await talk(centre)
    phones.closed(ANNA)
    await asyncio.sleep(0.05)  # time itself is what is tested
    assert DEVICE in centre.telephony.devices
    centre.telephony.end(channel_of(attempt))
    await centre.tasks.idle()
    assert DEVICE not in centre.telephony.devices


async def test_no_account_where_calls_are_anothers_or_asterisk_is_away(centre: Centre) -> None:
    standing_by = phones_of(centre, serves=False)
    with pytest.raises(UnavailableError):
        await standing_by.grant(ANNA, HERE, choose=True)
    with pytest.raises(UnavailableError):
        standing_by.open(ANNA, HERE)
    centre.telephony.disconnect()
    with pytest.raises(UnavailableError):
        await phones_of(centre).grant(ANNA, HERE, choose=True)


async def test_an_account_that_cannot_be_erased_is_worthless_all_the_same(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    phones = phones_of(centre)
    await phones.grant(ANNA, HERE, choose=False)

    async def away(device: str) -> None:
        raise TelephonyError("away")

    monkeypatch.setattr(centre.telephony, "remove_device", away)
    phones.ended(ANNA, HERE)
    await settle(centre)


async def test_a_supervisors_phone_has_no_duty_and_no_leg_and_its_end_is_told(centre: Centre) -> None:
    gone: list[UserId] = []
    phones = phones_of(centre, on_gone=gone.append)
    grant = await phones.grant_listener(ANNA, HERE)
    assert centre.telephony.devices[grant.username] == grant.secret
    assert phones.line_of(ANNA) is None
    phones.open(ANNA, HERE)
    phones.registered(ANNA)
    await settle(centre)
    assert leg(centre) is LegState.NONE, "it is rung for a call alone"
    assert phones.line_of(ANNA) == grant.username
    phones.open(ANNA, HERE)  # another page takes it
    phones.closed(ANNA)
    assert gone == []
    phones.closed(ANNA)
    assert (gone, phones.line_of(ANNA)) == ([ANNA], None)
