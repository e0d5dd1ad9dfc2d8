"""Agents in a real Chromium while the service, its answers or the database go: nothing typed is lost, nothing twice."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from dialer.demo.town_plan import special
from tests.support.chromium import CHROMIUM, browser
from tests.support.day import Day, Resident
from tests.support.panel_stub import DIST
from tests.support.person import AGAIN_SECONDS, Person
from tests.support.plant import Plant

pytestmark = [
    pytest.mark.system,
    pytest.mark.nightly,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not DIST.joinpath("index.html").exists(), reason="the panel is not built: npm run build"),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium on this machine"),
]

NOTE = "Belt liever in de avond."


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with browser() as found:
        yield found


def talkers(n: int) -> list[Resident]:
    return [Resident(special("200", place)) for place in range(n)]


async def filings(day: Day) -> dict[str, int]:
    """How often each outcome of a person was written down, by the append-only ledger."""
    rows = await day.pool.fetch(
        "select a.outcome, count(*) as n from attempt_event e join attempt a on a.id = e.attempt_id "
        "where e.kind = 'filed' group by a.id, a.outcome"
    )
    assert all(row["n"] == 1 for row in rows)
    return {str(row["outcome"]): sum(r["outcome"] == row["outcome"] for r in rows) for row in rows}


@pytest.mark.parametrize("robots", [1, 18])
async def test_the_open_tabs_get_their_screens_back_after_a_kill(plant: Plant, chromium: Browser, robots: int) -> None:
    async with Day(plant, talkers(robots + 2), agents=robots, people=2) as day, AsyncExitStack() as stack:
        await day.open()
        people = [await stack.enter_async_context(Person(day, chromium, place)) for place in range(2)]
        await day.run()
        await day.until_count("state = 'joined'", robots + 2, 60)
        for person in people:
            await expect(person.page.get_by_role("heading", name="Opening")).to_be_visible()
        kept, late = people
        await kept.page.get_by_label("Notitie").fill(NOTE)
        await expect(kept.page.get_by_text("Concept bewaard")).to_be_visible()
        await plant.kill("service")
        for person in people:
            await expect(person.page.get_by_text("Geen verbinding.")).to_be_visible()
        await late.page.get_by_label("Notitie").fill(NOTE)  # typed while nobody is there to keep it
        await late.closing_warns()
        await day.serve()
        for person in people:
            await expect(person.page.get_by_text("Geen verbinding.")).to_be_hidden(timeout=1000 * AGAIN_SECONDS)
            await expect(person.page.get_by_role("heading", name="Opening")).to_be_visible()
            await expect(person.page.get_by_label("Notitie")).to_have_value(NOTE)
        await expect(late.page.get_by_text("Concept bewaard")).to_be_visible(timeout=1000 * AGAIN_SECONDS)
        assert all(call.ended is None for call in day.town_calls()), "conversations go on"

        # A tab that was closed and opened again finds the same: the call goes on beside it.
        await kept.page.reload()
        await expect(kept.page.get_by_role("heading", name="Opening")).to_be_visible()
        await expect(kept.page.get_by_label("Notitie")).to_have_value(NOTE)

        # Killed once more, between the conversation and its outcome.
        await kept.hang_up()
        await late.hang_up()
        await plant.kill("service")
        for person in people:
            await person.file()
            await expect(person.page.get_by_text("We sturen het opnieuw")).to_be_visible()
            await person.closing_warns()
        await day.serve()
        for person in people:
            await person.filed()
        assert (await filings(day))["THIRD_PARTY"] >= 2
        assert await day.count("outcome = 'THIRD_PARTY' and wrap_up_open") == 0
        assert await day.doubled() == []


async def test_an_outcome_whose_answer_is_lost_is_sent_again_and_stands_once(plant: Plant, chromium: Browser) -> None:
    async with Day(plant, talkers(1), agents=0, people=1) as day:
        dialer = await day.open()
        async with Person(day, chromium) as person:
            await day.run()
            await day.until_count("state = 'joined'", 1)
            await person.hang_up()
            before = len(plant.processes.log_of("service").read_text())
            dialer.http.mute = True
            await person.file()
            await day.until_count("outcome = 'THIRD_PARTY'", 1)  # committed, and the page does not know
            await person.closing_warns()
            dialer.http.mute = False
            dialer.http.cut()
            await person.filed()
            assert await filings(day) == {"THIRD_PARTY": 1}
            # By the page, or by Chromium itself, which sends again on a connection that was reset without an answer.
            log = plant.processes.log_of("service").read_text()[before:]
            assert log.count("operation=fileOutcome") == 2, "sent again it was"


async def test_an_outcome_while_the_database_is_away_is_sent_again_and_stands_once(
    plant: Plant, chromium: Browser
) -> None:
    async with Day(plant, talkers(1), agents=0, people=1) as day:
        await day.open()
        async with Person(day, chromium) as person:
            await day.run()
            await day.until_count("state = 'joined'", 1)
            await person.hang_up()
            await day.until_count("wrap_up_open and not live", 1)
            await plant.kill("postgres")
            await person.file()
            await expect(person.page.get_by_text("We sturen het opnieuw")).to_be_visible(timeout=20_000)
            await person.closing_warns()
            await asyncio.sleep(3.0)  # away for a while: that is the fault
            await expect(person.page.get_by_text("We sturen het opnieuw")).to_be_visible()
            await plant.start_postgres()
            await day.connect()
            await person.filed()
            assert await filings(day) == {"THIRD_PARTY": 1}


async def test_no_sound_from_the_microphone_in_mid_call(plant: Plant, chromium: Browser) -> None:
    """A headset unplugged, one-way audio: the phone is there, and sends nothing."""
    async with Day(plant, talkers(2), agents=0, people=1) as day:
        await day.open()
        async with Person(day, chromium) as person:
            await day.run()
            await day.until_count("state = 'joined'", 1)
            await expect(person.page.get_by_text("Telefoon verbonden")).to_be_visible()
            plant.signal(person.phone.process, signal.SIGSTOP)
            await expect(person.page.get_by_text("Geen geluid van de microfoon")).to_be_visible(timeout=6_000)
            assert await day.count("state = 'joined'") == 1, "said in mid-call, and the call goes on"
            assert (await day.figures())["dialer_agents_silent"] == 1, "the alert"
            await person.hang_up()
            await person.file()
            await person.filed()
            await expect(person.page.get_by_text("We horen niets van uw microfoon.")).to_be_visible()

            async def held() -> bool:
                return await day.reason() == "agents"

            await day.until(held, 5.0)
            await asyncio.sleep(3.0)  # it stays so: nobody is called for who is not heard
            assert len(day.town_calls()) == 1
            plant.signal(person.phone.process, signal.SIGCONT)
            await expect(person.page.get_by_text("We horen niets van uw microfoon.")).to_be_hidden(timeout=6_000)
            await day.until_count("state = 'joined'", 1)
            assert len(day.town_calls()) == 2


async def test_no_sound_comes_from_the_resident(plant: Plant, chromium: Browser) -> None:
    """The page says what to do, and it works: the outcome it names has the resident called again at once."""
    silent = "Er komt geen geluid van de inwoner."
    async with Day(plant, [Resident(special("205", 1))], agents=0, people=1) as day:
        await day.open()
        async with Person(day, chromium) as person:
            await day.run()
            await day.until_count("state = 'joined'", 1)
            await expect(person.page.get_by_text(silent)).to_be_visible(timeout=9_000)
            assert await day.count("state = 'joined'") == 1, "said in mid-call, and the call goes on"
            await person.hang_up()
            await expect(person.page.get_by_text(silent)).to_be_hidden()
            await person.file("Verbroken")
            await person.filed("Verbroken")
            await day.until_count("state = 'joined' and exempt_daily", 1, 150)
