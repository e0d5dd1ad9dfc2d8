"""Runbooks of what goes to clients and comes from them, and of what campaigns promise: hours, and who meets nobody."""

from __future__ import annotations

import asyncio
import re
import signal
from datetime import timedelta
from pathlib import Path

import pytest

from dialer.demo.town_plan import special
from tests.support.city import until
from tests.support.day import Day, Resident
from tests.support.office import Office
from tests.support.plant import Plant
from tests.support.prometheus import needs_prometheus
from tests.support.runbook import FOLDER, follow
from tests.support.watched import ends, fires, settings_of, watched

pytestmark = [pytest.mark.system, pytest.mark.nightly, pytest.mark.timeout(240), needs_prometheus]

HURRIED = {"DIALER_SERVICE_CALENDAR_SPEED": "20"}
"""A minute of the calendar is three seconds: what is done by the clock comes soon."""


class Late:
    """Asterisk's events wait until it is `over`; its answers and lists do not, so that the link is well."""

    def __init__(self) -> None:
        self.over = False
        self._held: list[bytes] = []

    def __call__(self, frame: bytes) -> list[bytes]:
        told = frame.startswith(b"Event: ") and (b"\r\nActionID: " not in frame or b"OriginateResponse" in frame)
        if not self.over and told:
            self._held.append(frame)
            return []
        if not self.over:
            return [frame]
        held, self._held = self._held, []
        return [*held, frame]


async def test_a_list_that_was_agreed_does_not_come(plant: Plant, tmp_path: Path) -> None:
    root = tmp_path / "incoming"
    root.mkdir()
    async with Day(plant, [], agents=0) as day:
        dialer = await day.serve(env={"DIALER_EXCHANGE_FOLDER": str(root), **HURRIED})
        office = await day.office()
        client = (await office("GET", "/clients"))["items"][0]["id"]
        campaign = (await office("POST", "/campaigns", {"client": client, "name": "Proef"}))["id"]
        wish = {"kind": "folder", "name": "Map", "path": "stad", "weekdays": list(range(7)), "by": "10:05"}
        boss = Office(day.base, *day.logins.administrator)
        await boss.sign_in()
        await boss("POST", f"/campaigns/{campaign}/sources", wish)
        await boss.close()

        async def said() -> str:
            (source,) = (await office("GET", "/sources"))["items"]
            return str(source["last_error"] or "")

        async with watched(day, tmp_path) as prometheus:
            await fires(prometheus, "ExpectedFileMissing")
            await follow("expected-file-missing", "Look", settings_of(day), metrics_port=dialer.metrics_port)
            # Its folder is not there: the page says so, and it is mended first.
            assert await said()
            (root / "stad").mkdir()

            async def looks() -> bool:
                return not await said()

            await day.until(looks)
            assert "ExpectedFileMissing" in await prometheus.firing()
            (root / "stad" / "juni.csv").write_bytes(day.delivered([Resident(special("200", 0))]))
            await ends(prometheus, "ExpectedFileMissing")
        (arrival,) = (await office("GET", "/arrivals"))["items"]
        assert arrival["state"] == "taken", arrival


async def test_results_stay_with_us(plant: Plant, tmp_path: Path) -> None:
    async with Day(plant, [Resident(special("200", 0))], agents=1, most_talk=5.0) as day:
        dialer = await day.open()
        await day.run()
        await day.until_count("outcome_at is not null and agent_id is not null", 1, 60)
        await day.run("paused")
        await day.until_empty()
        await asyncio.to_thread(plant.processes.stop, "service")
        day.calendar += timedelta(days=14)
        dialer.env = HURRIED
        await day.serve()
        async with watched(day, tmp_path) as prometheus:
            await fires(prometheus, "ResultsLate")
            env = settings_of(day, CAMPAIGN="Proef", FILE=str(tmp_path / "results.csv"))
            await follow("results-late", "Look", env, metrics_port=dialer.metrics_port)
            await follow("results-late", "Do", env, metrics_port=dialer.metrics_port)
            assert "ResultsLate" in await prometheus.firing(), "a file is no receipt"
            run = await day.pool.fetchval("select id from export_run where confirmed_at is null")
            await follow("results-late", "Over when", {**env, "EXPORT": str(run)}, metrics_port=dialer.metrics_port)
            await ends(prometheus, "ResultsLate")


async def test_a_call_leaves_while_its_hours_are_made_shorter(plant: Plant, tmp_path: Path) -> None:
    """Asterisk tells late that it left: by then the campaign's hours were over."""
    async with Day(plant, [Resident(special("480", 0))], agents=1) as day:
        dialer = await day.open()
        async with watched(day, tmp_path) as prometheus:

            async def counts() -> bool:
                return bool(await prometheus.ask("dialer_dials_outside_window_total == 0"))

            await prometheus.until(counts, 20)
            late = Late()
            dialer.ami.edit = late
            await day.run()
            await until(lambda: len(day.town_calls()) == 1, what="it has left")
            await _close(day)

            async def closed() -> bool:
                return await day.reason() == "outside_window"

            await day.until(closed)
            assert not await prometheus.ask("dialer_dials_outside_window_total > 0")
            late.over = True
            await fires(prometheus, "DialledOutsideWindow")
            env = settings_of(day, FILE=str(tmp_path / "bundle.zip"))
            page = (FOLDER / "dialled-outside-window.md").read_text(encoding="utf-8")
            await follow("dialled-outside-window", "Look", env, metrics_port=dialer.metrics_port)
            asked = re.search(r"`(select [^`]+)`", page)
            assert asked is not None
            *_, first = await day.pool.fetch(asked.group(1))
            assert first["dialed_at"] is not None
            await follow("dialled-outside-window", "Do", env, metrics_port=dialer.metrics_port)
            await ends(prometheus, "DialledOutsideWindow")


async def _close(day: Day) -> None:
    """The campaign's hours are over from now on: this day is closed."""
    office = await day.office()
    version = (await office("GET", f"/campaigns/{day.campaign}"))["version"]
    closed: dict[str, dict[str, list[str]]] = {"exceptions": {f"{day.calendar.date()}": []}}
    await office("PATCH", f"/campaigns/{day.campaign}", {"calendar": closed}, match=version)


async def test_the_service_stands_still_while_residents_answer(plant: Plant, tmp_path: Path) -> None:
    """Two who answer meet nobody: more than is promised of so few. The next day begins with nothing spent.

    The others keep the agents busy: once a list is worked off, a day of a test leaps to the next one by itself.
    """
    residents = [Resident(special("200", place)) for place in range(6)]
    settings = {"ring_seconds": 20, "calls_per_second": 10, "first_attempt_hours": 0, "mode": "predictive"}
    async with Day(plant, residents, agents=2, settings=settings) as day:
        dialer = await day.open()
        async with watched(day, tmp_path) as prometheus:

            async def counts() -> bool:
                return bool(await prometheus.ask("dialer_calls_abandoned_total == 0"))

            await prometheus.until(counts, 20)
            await day.run()
            await until(lambda: len(day.town_calls()) == 2, what="two ring")
            plant.signal("service", signal.SIGSTOP)
            await until(
                lambda: sum(call.message is not None for call in day.own_calls().values()) == 2, 5.0, "messages"
            )
            plant.signal("service", signal.SIGCONT)
            await fires(prometheus, "PromiseNearlySpent")
            await follow("promise-nearly-spent", "Look", settings_of(day), metrics_port=dialer.metrics_port)
            await asyncio.to_thread(plant.processes.stop, "service")
            day.calendar += timedelta(days=1)
            await day.serve()
            await ends(prometheus, "PromiseNearlySpent")
            spent = "dialer_pacing_promise_spent_ratio"

            async def decided() -> bool:
                return [value for name, value in (await day.figures()).items() if name.startswith(spent + "{")] == [0.0]

            await day.until(decided, 40)
