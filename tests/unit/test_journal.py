"""What the journal promises, with a database that is away, slow, or refuses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from uuid import UUID

import pytest

from dialer.domain.errors import UnavailableError
from dialer.domain.ids import AttemptId, CampaignId, ChannelId, ClientId
from dialer.services import journal as journal_module
from dialer.services.journal import Journal
from dialer.services.ports.ledger import CallEnd, CallFact, InboundCall

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def attempt(number: int) -> AttemptId:
    return AttemptId(UUID(int=number))


def fact(number: int, kind: str = "rang") -> CallFact:
    return CallFact(attempt=attempt(number), kind=kind, at=NOW, wall_at=NOW, actor="asterisk", state="ringing")


def end(number: int) -> CallEnd:
    return CallEnd(
        attempt=attempt(number), at=NOW, wall_at=NOW, actor="asterisk", result="NO_ANSWER", counted=True,
        abandoned=False, cause=16, sip_code=0, ring_ms=None, talk_ms=None, wrap_up=False, agent=None,
    )  # fmt: skip


def caller(number: int) -> InboundCall:
    return InboundCall(
        attempt=attempt(number), channel=ChannelId("17.1"), client=ClientId(UUID(int=1)),
        campaign=CampaignId(UUID(int=2)), number=None, case=None, at=NOW, wall_at=NOW,
    )  # fmt: skip


class Database:
    """Takes what the journal writes; holds back, fails and refuses as told."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.statements: list[list[str]] = []
        self.open = asyncio.Event()
        self.open.set()
        self.held: dict[str, asyncio.Event] = {}  # entries that hang until let go
        self.away = 0  # tries that fail
        self.refused: set[str] = set()
        self.under_way = 0
        self.most = 0

    async def append(self, facts: Sequence[CallFact]) -> None:
        await self._take([f"{fact.kind} {fact.attempt.int}" for fact in facts])

    async def end(self, *ended: CallEnd) -> None:
        await self._take([f"end {end.attempt.int}" for end in ended])

    async def inbound(self, call: InboundCall) -> None:
        await self._take([f"caller {call.attempt.int}"])

    async def many(self, names: Sequence[str]) -> None:
        await self._take(list(names))

    async def other(self, name: str) -> None:
        await self._take([name])

    async def _take(self, names: list[str]) -> None:
        self.statements.append(names)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await self.open.wait()
            for name in names:
                if name in self.held:
                    await self.held[name].wait()
            if self.away:
                self.away -= 1
                raise UnavailableError("away")
            if self.refused & set(names):
                raise ValueError("a bug")
            self.taken += names
        finally:
            self.under_way -= 1

    def hold(self, name: str) -> asyncio.Event:
        self.held[name] = asyncio.Event()
        return self.held[name]


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
async def journal(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Journal]:
    monkeypatch.setattr(journal_module, "_RETRY_FIRST", 0.001)
    monkeypatch.setattr(journal_module, "_RETRY_MOST", 0.001)
    made = Journal(database, lanes=3)  # type: ignore[arg-type]  # the journal uses three of its methods
    made.start()
    yield made
    await made.stop(0)


async def turns(count: int = 20) -> None:
    """Let everything that can happen now happen."""
    for _ in range(count):
        await asyncio.sleep(0)


def healthy(journal: Journal) -> bool:
    """Asked anew each time."""
    return journal.healthy


async def test_entries_of_one_attempt_keep_their_order(journal: Journal, database: Database) -> None:
    letting = database.hold("caller 1")
    journal.inbound(caller(1))
    journal.fact(fact(1))
    journal.end(end(1))
    journal.fact(fact(2))
    journal.end(end(2))
    await turns()
    assert database.taken == ["rang 2", "end 2"], "another call does not wait"
    letting.set()
    await journal.settled()
    assert database.taken[2:] == ["caller 1", "rang 1", "end 1"]


async def test_facts_of_one_turn_go_in_one_statement_each_call_in_order(journal: Journal, database: Database) -> None:
    journal.fact(fact(1, "dialed"))
    journal.fact(fact(2, "dialed"))
    journal.fact(fact(1, "rang"))
    journal.end(end(2))
    journal.fact(fact(1, "answered"))
    await journal.settled()
    assert database.statements == [["dialed 1", "rang 1", "answered 1", "dialed 2"], ["end 2"]]


async def test_ends_of_several_calls_go_in_one_statement_thirty_at_most(journal: Journal, database: Database) -> None:
    for number in range(63):
        journal.end(end(number))
    await journal.settled()
    assert [len(names) for names in database.statements] == [30, 30, 3]
    assert database.taken == [f"end {number}" for number in range(63)]


async def test_many_of_a_name_go_in_one_statement_each_agent_in_order(journal: Journal, database: Database) -> None:
    for number in range(3):
        journal.together("duty", database.many, f"first {number}", number)
        journal.together("duty", database.many, f"then {number}", number)
    await journal.settled()
    assert database.statements == [["first 0", "first 1", "first 2"], ["then 0", "then 1", "then 2"]]


async def test_one_of_many_that_is_never_taken_holds_up_none_of_them(journal: Journal, database: Database) -> None:
    database.refused.add("duty 1")
    for number in range(3):
        journal.together("duty", database.many, f"duty {number}", number)
    await journal.settled()
    assert database.taken == ["duty 0", "duty 2"]
    assert journal.rejected == 1


async def test_forgetting_drops_many_of_a_name_too(journal: Journal, database: Database) -> None:
    held = database.hold("duty 0")
    journal.together("duty", database.many, "duty 0", 0)
    await turns()
    journal.together("duty", database.many, "duty 1", 1)
    journal.together("duty", database.many, "duty 2", 0)
    journal.forget("duty")
    held.set()
    await journal.settled()
    assert database.taken == ["duty 0"]


async def test_a_write_of_two_keys_waits_for_both_and_both_wait_for_it(journal: Journal, database: Database) -> None:
    first, second = database.hold("end 1"), database.hold("duty 7")
    journal.end(end(1))
    journal.write("duty", lambda: database.other("duty 7"), 7)
    journal.write("duty", lambda: database.other("both"), 7, attempt(1))
    journal.fact(fact(1))
    journal.write("duty", lambda: database.other("duty 7 again"), 7)
    await turns()
    first.set()
    await turns()
    assert database.taken == ["end 1"]
    second.set()
    await journal.settled()
    assert database.taken[:3] == ["end 1", "duty 7", "both"]
    assert set(database.taken[3:]) == {"rang 1", "duty 7 again"}


async def test_a_write_without_a_key_stands_between_all_others(journal: Journal, database: Database) -> None:
    letting = database.hold("caller 1")
    journal.inbound(caller(1))
    journal.inbound(caller(2))
    journal.write("calendar", lambda: database.other("alone"))
    journal.fact(fact(3))
    await turns()
    assert database.taken == ["caller 2"]
    letting.set()
    await journal.settled()
    assert database.taken == ["caller 2", "caller 1", "alone", "rang 3"]


async def test_no_more_connections_than_lanes(journal: Journal, database: Database) -> None:
    database.open.clear()
    for number in range(20):
        journal.inbound(caller(number))
    await turns()
    assert database.under_way == 3
    database.open.set()
    await journal.settled()
    assert database.most == 3
    assert len(database.taken) == 20


async def test_settled_waits_for_what_came_before_and_for_nothing_else(journal: Journal, database: Database) -> None:
    early = database.hold("end 1")
    journal.end(end(1))
    journal.end(end(2))
    settled = asyncio.ensure_future(journal.settled())
    await turns()
    late = database.hold("end 3")
    journal.end(end(3))
    assert not settled.done()
    early.set()
    await settled
    assert len(journal) == 1
    late.set()
    await journal.settled()
    assert len(journal) == 0


async def test_who_waits_for_one_call_waits_for_no_other(journal: Journal, database: Database) -> None:
    other, own = database.hold("end 1"), database.hold("duty of both")
    journal.end(end(1))
    await turns()
    journal.write("duty", lambda: database.other("duty of both"), 7, attempt(2))
    journal.inbound(caller(5))
    journal.end(end(2))
    await journal.settled(attempt(3), 8)  # nothing is written of these: at once
    settled = asyncio.ensure_future(journal.settled(attempt(2)))
    given_up = asyncio.ensure_future(journal.settled(attempt(2)))
    of_agent = asyncio.ensure_future(journal.settled(7, attempt(3)))
    await turns()
    assert not settled.done()
    given_up.cancel()
    own.set()
    await of_agent
    await turns()
    assert not settled.done(), "ends of other calls go in one statement at a time, and its own is behind"
    other.set()
    await settled
    assert database.taken == ["duty of both", "caller 5", "end 1", "end 2"]


async def test_what_somebody_waits_for_goes_before_the_others(journal: Journal, database: Database) -> None:
    first = database.hold("end 0")
    for number in range(30):
        journal.end(end(number))
        await turns(2)
    settled = asyncio.ensure_future(journal.settled(attempt(29)))
    await turns()
    first.set()
    await settled
    assert database.taken.index("end 29") < 10 + len(database.statements[0])
    await journal.settled()
    assert len(database.taken) == 30


async def test_who_waits_for_a_call_waits_for_what_stands_between_all(journal: Journal, database: Database) -> None:
    between = database.hold("alone")
    journal.write("calendar", lambda: database.other("alone"))
    settled = asyncio.ensure_future(journal.settled(attempt(1)))
    await turns()
    assert not settled.done()
    between.set()
    await settled


async def test_while_the_database_is_away_everything_is_kept_and_then_written_once(
    journal: Journal, database: Database
) -> None:
    database.away = 7
    for number in range(5):
        journal.fact(fact(number))
        journal.end(end(number))
    await turns(3)
    assert not healthy(journal)
    await journal.settled()
    assert sorted(database.taken) == sorted([f"{what} {n}" for what in ("rang", "end") for n in range(5)])
    assert healthy(journal)
    assert journal.rejected == 0


async def test_a_database_that_does_not_answer_is_not_healthy(
    journal: Journal, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.open.clear()
    assert healthy(journal)
    journal.end(end(1))
    await turns()
    assert healthy(journal), "it has just been asked"
    monkeypatch.setattr(journal_module, "_HANGS", -1.0)
    assert not healthy(journal)
    journal.end(end(2))
    await turns()
    assert not healthy(journal)
    database.open.set()
    await journal.settled()
    assert healthy(journal)


async def test_one_lane_that_hangs_is_seen_though_others_get_on(
    journal: Journal, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    letting = database.hold("caller 1")
    journal.inbound(caller(1))
    journal.inbound(caller(2))
    await turns()
    assert database.taken == ["caller 2"]
    monkeypatch.setattr(journal_module, "_HANGS", -1.0)
    assert not healthy(journal)
    letting.set()
    await journal.settled()
    assert healthy(journal)


async def test_what_is_never_taken_is_counted_and_holds_up_nobody(journal: Journal, database: Database) -> None:
    database.refused = {"rang 2", "end 1"}
    for number in range(4):
        journal.fact(fact(number))
        journal.end(end(number))
    await journal.settled()
    assert journal.rejected == 2
    assert sorted(database.taken) == ["end 0", "end 2", "end 3", "rang 0", "rang 1", "rang 3"]
    assert healthy(journal)


async def test_forgetting_drops_what_is_not_on_its_way(journal: Journal, database: Database) -> None:
    letting = database.hold("duty on its way")
    journal.write("duty", lambda: database.other("duty on its way"), 1)
    await turns()
    journal.write("duty", lambda: database.other("duty waits"), 1)
    journal.write("block", lambda: database.other("block"), 1)
    for number in range(5):
        journal.write("duty", lambda: database.other("duty ready"), 10 + number)
    journal.forget("duty")
    settled = asyncio.ensure_future(journal.settled())
    await turns()
    assert not settled.done()
    assert len(journal) == 2
    letting.set()
    await settled
    assert database.taken == ["duty on its way", "block"]


async def test_forgetting_lets_those_through_who_waited_for_nothing_else(journal: Journal, database: Database) -> None:
    held = [database.hold(f"end {number}") for number in range(3)]
    for number in range(3):
        journal.end(end(number))
    await turns()
    journal.write("duty", lambda: database.other("duty"), 9)
    settled = asyncio.ensure_future(journal.settled())
    journal.forget("duty")
    held[0].set()
    held[1].set()
    held[2].set()
    await settled
    assert "duty" not in database.taken


async def test_stopping_writes_what_is_left(database: Database) -> None:
    journal = Journal(database, lanes=2)  # type: ignore[arg-type]  # the journal uses three of its methods
    for number in range(3):
        journal.fact(fact(number))
        journal.end(end(number))
    assert database.taken == []
    journal.start()
    await journal.stop()
    assert len(database.taken) == 6
    journal.end(end(9))
    await turns()
    assert "end 9" not in database.taken, "it has ended"


async def test_stopping_ends_in_time_when_the_database_does_not_answer(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    database.open.clear()
    journal = Journal(database, lanes=2)  # type: ignore[arg-type]  # the journal uses three of its methods
    journal.start()
    journal.end(end(1))
    journal.end(end(2))
    await turns()
    await journal.stop(0.01)
    assert database.under_way == 0
    assert "unwritten count=2" in caplog.text
