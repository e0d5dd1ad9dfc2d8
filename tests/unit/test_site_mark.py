"""An Asterisk is one site's: another's dialer is kept out, a standby of the same site is not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from dialer.asterisk.link import LinkSettings
from dialer.asterisk.telephony import AsteriskTelephony
from dialer.clock import SystemClock
from dialer.services.ports.telephony import LinkUp, TelephonyError, TelephonyEvent
from tests.support.ami_server import AmiServer
from tests.support.ami_server_calls import Fate
from tests.support.city import until

SECRET = "secret-nobody-may-read-0002"


class House:
    """One Asterisk, and whoever connects to it."""

    def __init__(self, server: AmiServer, port: int, stack: AsyncExitStack) -> None:
        self.server, self._port, self._stack = server, port, stack

    def rows(self) -> dict[str, str]:
        return self.server.calls.database.setdefault("dialer", {})

    def dialer(
        self, site: str, *, may: Callable[[], bool] = lambda: True
    ) -> tuple[AsteriskTelephony, list[TelephonyEvent]]:
        settings = LinkSettings(port=self._port, username="dialer", secret=SECRET, retry_first=0.01, retry_most=0.01)
        made, events = AsteriskTelephony(settings, SystemClock(), permitted=may, site=site), list[TelephonyEvent]()
        made.start(events.append)
        self._stack.push_async_callback(made.stop)
        return made, events


@asynccontextmanager
async def opened() -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        server = AmiServer(lambda number: Fate(answers_after=0.0), {"dialer": SECRET})
        port = await server.start()
        stack.push_async_callback(server.stop)
        yield House(server, port, stack)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with opened() as made:
        yield made


async def test_the_first_has_it_and_another_site_is_kept_out_until_it_is_given(house: House) -> None:
    main, _ = house.dialer("main")
    assert await main.link.came_up(30.0)
    await main.mark_owner("main-1")
    assert house.rows()["site"] == "main"

    north, heard = house.dialer("noord")
    await until(lambda: "that of site main" in north.link.refusal, 30, "a refusal")
    assert not north.up
    assert not any(isinstance(event, LinkUp) for event in heard), "nothing of it is told"
    with pytest.raises(TelephonyError):
        await north.mark_owner("north-1")
    assert await main.owner() == "main-1"

    await main.mark_site("noord")  # brought over on purpose
    assert await north.link.came_up(30.0)
    with pytest.raises(TelephonyError, match="site noord"):
        await main.alive()
    await until(lambda: not main.up and "site noord" in main.link.refusal, 30, "the old one out")


async def test_who_stands_by_comes_in_and_marks_nothing(house: House) -> None:
    first, _ = house.dialer("main")
    second, _ = house.dialer("main", may=lambda: False)
    assert await first.link.came_up(30.0)
    assert await second.link.came_up(30.0)
    with pytest.raises(TelephonyError, match="turn"):
        await second.mark_owner("main-2")
    assert "site" not in house.rows()
    await first.mark_owner("main-1")
    await first.alive()
    assert house.rows()["site"] == "main"
    assert second.link.up


async def test_two_who_mark_a_new_one_in_the_same_moment_are_not_both_in(house: House) -> None:
    both = [house.dialer("main")[0], house.dialer("noord")[0]]
    for one in both:
        assert await one.link.came_up(30.0)
    done = await asyncio.gather(*(one.mark_owner(f"{place}") for place, one in enumerate(both)), return_exceptions=True)
    refused = [one for one in done if isinstance(one, TelephonyError)]
    assert len(refused) == 1
    assert house.rows()["site"] in ("main", "noord")


async def test_an_emptied_one_is_marked_anew_at_the_next_look(house: House) -> None:
    main, _ = house.dialer("main")
    assert await main.link.came_up(30.0)
    await main.mark_owner("main-1")
    house.rows().clear()
    await main.alive()
    assert house.rows()["site"] == "main"


async def test_empty_takes_out_accounts_numbers_and_lines(house: House) -> None:
    main, _ = house.dialer("main")
    assert await main.link.came_up(30.0)
    await main.set_device("a-1", "geheim-toestel-0001")
    await main.name_overflow("+31790000001", "voorbeeld", "+31790000002")
    await main.open_line("abc-1", "trunk")
    await main.empty()
    kept = {family: rows for family, rows in house.server.calls.database.items() if rows and family != "dialer"}
    assert not kept
