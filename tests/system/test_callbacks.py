"""A caller who asks to be rung back, from the key to the conversation: by the plan where it is known whose number it
is, at an agent's word where it is not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from dialer.asterisk.logs import erase
from dialer.demo.seed import CLIENT
from dialer.demo.softphone import Softphone
from dialer.demo.town_plan import special
from tests.auditor.checks import audit
from tests.auditor.evidence import Evidence, from_database, numbers_of, own_calls, town_calls
from tests.support.city import until
from tests.support.day import Day, Resident
from tests.support.office import Office
from tests.support.plant import AMI_USER, Plant
from tests.support.raw_ami import RawAmi

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

TALKER, CALLER = special("200", 71), special("201", 71)
LISTED, STRANGER, NEVER_HOME = special("410", 72), special("200", 72), special("180", 72)

SQL_RUNG_BACK = """
select a.joined_at is not null as joined, a.outcome, e.data -> 'reason' ->> 'code' as reason,
       a.case_id = t.case_id as same
  from callback_task t
  join attempt a on a.number_key = t.number_key and a.direction = 'out'
  join attempt_event e on e.attempt_id = a.id and e.kind = 'claimed'
"""


async def test_a_caller_who_presses_one_is_rung_back_next(plant: Plant) -> None:
    residents = [Resident(TALKER, crisis=True), Resident(CALLER)]
    async with Day(plant, residents, agents=1, most_talk=40.0) as day:
        await day.open()
        stop = asyncio.Event()
        living = asyncio.create_task(plant.town.live(stop))
        try:
            await until(lambda: plant.town.listens, what="the town listens")
            await day.run()
            await day.until_count("direction = 'out' and state = 'joined'", 1)  # the only agent is busy
            assert erase(plant.data / "asterisk", time.time(), 30) == 0  # what is written until now is set aside
            plant.town.ring(CALLER, CLIENT.inbound_number, patience=12, talks=0, keys="1")

            async def asked() -> bool:
                origin: str | None = await day.pool.fetchval(
                    "select origin from callback_task where case_id is not null"
                )
                return origin == "queue"

            await day.until(asked)
            await day.until_count("direction = 'out' and outcome is not null", 2, 100)
        finally:
            stop.set()
            await living
        (call,) = await day.pool.fetch(SQL_RUNG_BACK)
        assert (call["joined"], call["reason"], call["same"]) == (True, "call_back", True)
        assert sum(own.joined is not None for own in day.own_calls().values()) == 1, "events go on in a new file"
        assert [c.number for c in day.town_calls()] == [TALKER, CALLER]


class Person:
    """An agent with a softphone, who presses what there is to press."""

    def __init__(self, day: Day) -> None:
        self._day = day
        login, password = day.person()
        self.api = Office(day.base, login, password)
        self._phone = Softphone(f"{login}-person", day.plant.data / "phones", day.plant.root, day.plant.processes)

    async def start(self) -> None:
        await self.api.sign_in()
        grant = await self.api("POST", "/agents/me/device", {})
        self._day.plant.processes.log_of(self._phone.process).unlink(missing_ok=True)
        await asyncio.to_thread(
            self._phone.start, grant["username"], grant["secret"], grant["domain"], int(grant["sip_port"])
        )
        await self.api("PUT", "/agents/me/duty", {"duty": "on"})

    async def stop(self) -> None:
        await self.api.close()
        await asyncio.to_thread(self._phone.stop)

    async def agent(self) -> Any:
        return await self.api("GET", "/agents/me")

    async def free(self) -> bool:
        agent = await self.agent()
        return (agent["state"], agent["phone"]) == ("available", "ready")

    async def requests(self, state: str = "open") -> list[Any]:
        return list((await self.api("GET", f"/callbacks?state={state}"))["items"])


@asynccontextmanager
async def _asked_back(day: Day, number: str) -> AsyncIterator[Person]:
    """A day whose only listed number has changed, a free agent, and the request of a number that is on no list.

    A changed number is never dialled again: nothing is due, so the calendar does not leap and nobody takes the agent.
    """
    await day.serve()
    await day.load()
    await day.run()
    plant, stop = day.plant, asyncio.Event()
    async with RawAmi(plant.instance.ami_port, AMI_USER, plant.ami_secret) as ami:

        async def answers() -> bool:
            named = await ami.action("DBGet", Family="did", Key=CLIENT.inbound_number)
            return named["Response"] == "Success"

        await day.until(answers)
    living = asyncio.create_task(plant.town.live(stop))
    await asyncio.sleep(0)  # from here on `listens` is of this connection
    try:
        await until(lambda: plant.town.listens, what="the town listens")
        plant.town.ring(number, CLIENT.inbound_number, patience=2, talks=1)  # nobody is on duty: he hangs up

        async def missed() -> bool:
            origin: str | None = await day.pool.fetchval("select origin from callback_task where case_id is null")
            return origin == "missed"

        await day.until(missed)
    finally:
        stop.set()
        await living
    person = Person(day)
    await person.start()
    try:
        await day.until_count("outcome = 'NUMBER_CHANGED'", 1)
        await day.until(person.free)
        yield person
    finally:
        await person.stop()


async def test_a_number_of_nobody_is_dialled_at_an_agents_word(plant: Plant) -> None:
    async with Day(plant, [Resident(LISTED)], agents=0, people=1) as day, _asked_back(day, STRANGER) as person:
        [asked] = await person.requests()
        assert (asked["case"], asked["number"], asked["tries"]) == (None, "", 0)
        claimed = await person.api("POST", f"/callbacks/{asked['id']}/claim")
        assert claimed["number"] == STRANGER
        called = await person.api("POST", f"/callbacks/{asked['id']}/call")
        attempt = called["attempt"]
        assert (await person.api("POST", f"/callbacks/{asked['id']}/call"))["attempt"] == attempt

        async def talking() -> bool:
            agent = await person.agent()
            return (agent["state"], agent["attempt"], agent["call_back"]) == ("talking", attempt, True)

        await day.until(talking)
        [live] = (await day.floor())["calls"]
        assert (live["attempt"], live["direction"], live["call_back"], live["case"]) == (attempt, "out", True, None)
        card = await person.api("GET", f"/attempts/{attempt}/card")
        assert (card["number"], card["name"], card["call_back"]) == (STRANGER, "", True)
        found = await person.api("POST", f"/attempts/{attempt}/candidates", {"said_name": "Jansen"})
        assert found["items"] == []
        await person.api("POST", f"/attempts/{attempt}/hang-up")
        await person.api("PUT", f"/attempts/{attempt}/outcome", {"outcome": "NOT_VERIFIED"})
        [done] = await person.requests("done")
        assert (done["id"], done["tries"], done["attempt"]) == (asked["id"], 1, None)
        stored = await day.pool.fetchrow(
            "select direction, counted, case_id, outcome, answer_to_agent_ms from attempt where callback_id is not null"
        )
        assert tuple(stored)[:4] == ("out", False, None, "NOT_VERIFIED")
        assert stored["answer_to_agent_ms"] < 500
        assert [c.number for c in day.town_calls()].count(STRANGER) == 1
        own = day.own_calls()[attempt]
        assert own.answered is not None
        assert own.joined is not None
        assert own.message is None
        assert await against(day) == []


async def against(day: Day) -> list[str]:
    """What the auditor holds against this day, exports apart: there are none."""
    await day.until_silent()
    evidence = Evidence(
        own=own_calls(day.plant.asterisk.cel, day.began),
        town=town_calls(day.plant.town.server.cel, day.began),
        table=[],
        acknowledged={},
        **await from_database(day.dsn(), numbers_of(day.delivered())),
    )
    assert any(attempt.callback for attempt in evidence.attempts)
    return [found for found in audit(evidence).violations if not found.startswith("every_outcome_is_exported_once:")]


@pytest.mark.nightly
async def test_killed_while_it_rings_it_is_neither_lost_nor_doubled(plant: Plant) -> None:
    async with Day(plant, [Resident(LISTED)], agents=0, people=1) as day, _asked_back(day, NEVER_HOME) as person:
        [asked] = await person.requests()
        await person.api("POST", f"/callbacks/{asked['id']}/claim")
        await person.api("POST", f"/callbacks/{asked['id']}/call")
        await day.until_count("callback_id is not null and state = 'ringing'", 1)
        await plant.kill("service")
        await day.serve()

        async def waits_again() -> bool:
            return [line["id"] for line in await person.requests()] == [asked["id"]]

        await day.until(waits_again, 60)
        [line] = await person.requests()
        assert (line["tries"], line["attempt"], line["claimed_by"]) == (1, None, None)
        row = await day.pool.fetchrow("select live, counted, outcome from attempt where callback_id is not null")
        assert (row["live"], row["counted"]) == (False, False)
        assert [c.number for c in day.town_calls()].count(NEVER_HOME) == 1
        await day.until(person.free)
        assert await against(day) == []
