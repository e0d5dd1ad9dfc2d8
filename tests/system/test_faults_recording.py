"""The service is killed while a conversation is recorded: what the resident agreed to is kept, and nothing else."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from dialer.demo.town_plan import special
from tests.support.browser_phone import share_of
from tests.support.day import Day, Resident
from tests.support.memory import MEMORY
from tests.support.office import Office, RefusedError
from tests.support.plant import Plant
from tests.support.sound import from_wav

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

SECOND = 8000
"""Bytes of A-law, and samples."""
ROBOT_HZ = 300
"""What the first robot says all the time."""


@pytest.fixture
async def memory() -> AsyncIterator[Path]:
    folder = MEMORY / f"dialer-test-{uuid.uuid4().hex}"
    folder.mkdir(mode=0o700)
    yield folder
    shutil.rmtree(folder)


def sizes(folder: Path, part: int) -> Sequence[int]:
    """Bytes of what one part of a recording has of each side."""
    return [one.stat().st_size for one in folder.iterdir() if f".{part:03d}." in one.name]


class Conversation:
    """One at a time, with the agent's own session beside the robot's."""

    def __init__(self, day: Day, folder: Path, agent: Office) -> None:
        self.day = day
        self.folder = folder
        self.agent = agent

    async def recorded(self) -> str:
        """The resident says who he is and agrees; four seconds of each side are there."""
        await self.day.until_count("state = 'joined'", 1)
        attempt = str(await self.day.pool.fetchval("select id from attempt where state = 'joined'"))
        known = self.day.says((await self.agent("GET", f"/attempts/{attempt}/card"))["number"])
        said = {"birth_date": known.birth_date, "postcode": known.postcode, "house_number": known.house_number}
        await self.agent("POST", f"/attempts/{attempt}/verify", said)
        await self.wishes(attempt, "agreed")
        await self.written(1)
        return attempt

    async def wishes(self, attempt: str, wish: str) -> None:
        """Pressed again while the service, just started, asks for a moment."""

        async def taken() -> bool:
            try:
                await self.agent("PUT", f"/attempts/{attempt}/recording", {"wish": wish})
            except RefusedError as refused:
                if refused.args[0] != 503:
                    raise
                return False
            return True

        await self.day.until(taken)

    async def written(self, part: int, seconds: float = 4.0) -> None:
        async def there() -> bool:
            found = sizes(self.folder, part)
            return len(found) == 2 and min(found) >= seconds * SECOND

        await self.day.until(there, 30)

    async def becomes(self, state: str) -> None:
        async def is_so() -> bool:
            return [agent["recording"] for agent in (await self.day.floor())["agents"]] == [state]

        await self.day.until(is_so, 30)

    async def hangs_up(self, attempt: str) -> None:
        await self.agent("POST", f"/attempts/{attempt}/hang-up")

    async def sealed(self, attempt: str) -> tuple[list[float], list[float]]:
        """Nothing is left in memory; what is kept of the resident and of the agent, as a supervisor hears it."""

        async def empty() -> bool:
            return not list(self.folder.iterdir())

        await self.day.until(empty, 40)
        office = await self.day.office()
        return from_wav(await office("GET", f"/attempts/{attempt}/recording?purpose=quality", raw=True))


async def test_killed_while_it_records_and_again_before_it_is_sealed(plant: Plant, memory: Path) -> None:
    residents = [Resident(special("200", place)) for place in (78, 79)]
    settings = {"recording": "on", "calls_per_second": 10, "first_attempt_hours": 0}
    async with Day(plant, residents, settings=settings) as day:
        await day.open(env={"DIALER_ASTERISK_RECORDINGS": str(memory)})
        agent = Office(day.base, *day.logins.robots[0])
        await agent.sign_in()
        talk = Conversation(day, memory, agent)
        await day.run()

        first = await talk.recorded()
        await plant.kill("service")
        before = min(sizes(memory, 1))
        await day.serve()
        await talk.becomes("paused")  # nobody could have stopped it meanwhile
        assert min(sizes(memory, 1)) >= before, "the conversation went on, and what was agreed to with it"
        await talk.wishes(first, "resume")
        await talk.written(2)
        await talk.hangs_up(first)
        resident, said = await talk.sealed(first)
        assert len(resident) == len(said) >= 8 * SECOND
        for part in (said[SECOND : 3 * SECOND], said[-3 * SECOND : -SECOND]):
            assert share_of(part, ROBOT_HZ) > 0.8

        second = await talk.recorded()
        await talk.hangs_up(second)
        await plant.kill("service")
        assert sizes(memory, 1), "nothing has been sealed"
        await day.serve()
        _, said = await talk.sealed(second)
        assert share_of(said[SECOND : 3 * SECOND], ROBOT_HZ) > 0.8
        rows = await day.pool.fetch("select attempt_id::text, state from recording")
        assert {row["attempt_id"]: row["state"] for row in rows} == {first: "kept", second: "kept"}
        assert await day.pool.fetchval("select count(*) from pii.recording_piece") == 2
        assert await day.doubled() == []
        await agent.close()
