"""Whatever is put in, and whatever the database does: each key in order, everything once, never more than the lanes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from unittest import mock

from hypothesis import given
from hypothesis import strategies as st

from dialer.domain.errors import UnavailableError
from dialer.services import journal as journal_module
from dialer.services.journal import Journal
from dialer.services.ports.ledger import CallEnd, CallFact
from tests.unit.test_journal import attempt, end, fact


@dataclass(frozen=True)
class Step:
    """One thing that happens: an entry comes in, or somebody waits, forgets, or time passes."""

    kind: str
    keys: tuple[int, ...] = ()
    turns: int = 0  # of the loop that its write takes
    away: int = 0  # tries that fail
    refused: bool = False


KEYS = st.integers(0, 4)
ENTRIES = st.builds(
    Step,
    st.sampled_from(["fact", "fact", "fact", "end", "write", "duty"]),
    st.lists(KEYS, min_size=0, max_size=3, unique=True).map(tuple),
    st.integers(0, 4),
    st.sampled_from([0, 0, 0, 1, 2]),
    st.sampled_from([False, False, False, False, True]),
)
STEPS = st.lists(
    st.one_of(
        ENTRIES,
        ENTRIES,
        st.builds(Step, st.sampled_from(["pause", "forget"])),
        st.builds(Step, st.just("settled"), st.lists(KEYS, max_size=2).map(tuple)),
    ),
    max_size=40,
)


class Database:
    """Keeps when each entry began and ended."""

    def __init__(self) -> None:
        self.steps: dict[int, Step] = {}
        self.tries: dict[int, int] = {}
        self.facts: dict[tuple[int, str], int] = {}
        self.done: list[int] = []
        self.began: dict[int, set[int]] = {}  # what was done when it began for the last time
        self.under_way = 0
        self.most = 0

    async def append(self, facts: Sequence[CallFact]) -> None:
        await self._take([int(one.kind) for one in facts])

    async def end(self, *ended: CallEnd) -> None:
        await self._take([end.cause for end in ended])

    async def save(self, numbers: Sequence[int]) -> None:
        """Things of which many go in one statement."""
        await self._take(list(numbers))

    def write(self, number: int) -> Callable[[], Awaitable[None]]:
        return lambda: self._take([number])

    async def _take(self, numbers: list[int]) -> None:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            for number in numbers:
                self.began[number] = set(self.done)
                for _ in range(self.steps[number].turns):
                    await asyncio.sleep(0)
            for number in numbers:
                self.tries[number] = self.tries.get(number, 0) + 1
            if any(self.tries[number] <= self.steps[number].away for number in numbers):
                raise UnavailableError("away")
            if any(self.steps[number].refused for number in numbers):
                raise ValueError("a bug")
            self.done += numbers
        finally:
            self.under_way -= 1


def related(one: Step, other: Step) -> bool:
    return not one.keys or not other.keys or bool(set(one.keys) & set(other.keys))


def put(journal: Journal, database: Database, number: int, step: Step) -> None:
    if step.kind in ("fact", "end"):
        key = step.keys[0] if step.keys else 0
        step = replace(step, keys=(key,))
    database.steps[number] = step
    keys = map(attempt, step.keys)
    match step.kind:
        case "fact":
            journal.fact(fact(key, str(number)))
        case "end":
            closing = end(key)
            object.__setattr__(closing, "cause", number)
            journal.end(closing)
        case "duty":
            journal.together("duty", database.save, number, *keys)
        case kind:
            journal.write(kind, database.write(number), *keys)


async def play(steps: Sequence[Step], lanes: int) -> None:
    database = Database()
    journal = Journal(database, lanes=lanes)  # type: ignore[arg-type]  # the journal uses three of its methods
    journal.start()
    forgotten: set[int] = set()
    waiting: list[asyncio.Future[None]] = []

    def over(number: int) -> bool:
        return number in database.done or number in forgotten or database.steps[number].refused

    async def settle(step: Step) -> None:
        upto = {number for number, entry in database.steps.items() if related(step, entry)}
        await journal.settled(*map(attempt, step.keys))
        assert all(over(number) for number in upto)

    for number, step in enumerate(steps):
        match step.kind:
            case "settled":
                waiting.append(asyncio.ensure_future(settle(step)))
                await asyncio.sleep(0)
            case "pause":
                await asyncio.sleep(0)
            case "forget":
                duty = {n for n, one in database.steps.items() if one.kind == "duty"}
                forgotten |= {n for n in duty if n not in database.began}
                journal.forget("duty")
            case _:
                put(journal, database, number, step)
    await journal.settled()
    await asyncio.gather(*waiting)
    assert len(journal) == 0
    await journal.stop()

    wanted = {n for n, one in database.steps.items() if not one.refused and n not in forgotten}
    assert set(database.done) == wanted
    assert len(database.done) == len(wanted)
    assert database.most <= lanes
    assert journal.rejected == sum(one.refused for n, one in database.steps.items() if n not in forgotten)
    place = {number: position for position, number in enumerate(database.done)}
    for later in wanted:
        for earlier in wanted:
            if earlier < later and related(database.steps[earlier], database.steps[later]):
                assert place[earlier] < place[later]
                facts = database.steps[earlier].kind == database.steps[later].kind == "fact"
                assert facts or earlier in database.began[later], "it began only after what goes first"


@given(STEPS, st.integers(1, 4))
def test_every_key_keeps_its_order(steps: Sequence[Step], lanes: int) -> None:
    with mock.patch.multiple(journal_module, _RETRY_FIRST=0.0, _RETRY_MOST=0.0):
        asyncio.run(play(steps, lanes))
