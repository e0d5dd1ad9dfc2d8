"""Surveys on a real database: who is asked, what counts and when, and that it goes by term and with the resident."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from dialer.domain.ids import AttemptId, ResidentId
from dialer.domain.survey import Answers
from dialer.schedule.rotation import Rotation
from dialer.services.cases import CaseService
from dialer.services.ports.ledger import CallFact
from dialer.services.ports.people import CLI
from dialer.services.recordings import Recordings
from dialer.services.residents import ResidentRights
from dialer.services.retention import Retention
from dialer.storage.erasure_list import ErasureFile
from dialer.storage.recordings import PgRecordings
from dialer.storage.residents import PgResidents
from dialer.storage.retention import PgRetention
from dialer.storage.steering import PostgresCases
from dialer.storage.surveys import PgSurveys
from tests.support.exchange import Exchange, exchange
from tests.support.intake import VAULT


class Asking:
    """A list of two residents, and conversations with them."""

    def __init__(self, e: Exchange, folder: Path) -> None:
        self.e = e
        self.store = PgSurveys(e.w.pool)
        erasures = ErasureFile(folder / "erasures")
        self.retention = Retention(store=PgRetention(e.w.pool), audit=e.w.audit, clock=e.w.clock, erasures=erasures)
        self.rights = ResidentRights(
            store=PgResidents(e.w.pool, e.w.world.ids),
            cases=CaseService(PostgresCases(e.w.pool, e.w.world.catalogues, Rotation()), e.w.clock),
            erasures=erasures, sounds=Recordings(PgRecordings(e.w.pool), VAULT, e.w.audit, e.w.clock), vault=VAULT,
            audit=e.w.audit, clock=e.w.clock, ids=e.w.world.ids,
        )  # fmt: skip

    async def talking(self, *, match: bool = True) -> AttemptId:
        """In conversation with the next resident."""
        w = self.e.w
        w.world.now = w.clock.now()
        claim = await w.world.claim_one(at=w.world.now)
        at = w.later(minutes=5)
        kinds: Sequence[tuple[str, dict[str, bool]]] = (("dialed", {}), ("joined", {}), ("verified", {"match": match}))
        await w.world.ledger.append(
            [
                CallFact(attempt=claim.attempt, kind=kind, at=at, wall_at=at, actor="asterisk", state="joined",
                         agent=w.world.agents[0], data=data)
                for kind, data in kinds
            ]
        )  # fmt: skip
        return claim.attempt

    async def over(self, attempt: AttemptId) -> None:
        w = self.e.w
        await w.world.end(attempt, None, at=w.clock.now(), agent=w.world.agents[0], wrap_up=True)

    async def ask(self, attempt: AttemptId) -> bool:
        return await self.store.ask(attempt, 100, self.e.w.clock.now())

    async def settle(self, *under_way: AttemptId) -> int:
        return await self.store.settle(self.e.w.clock.now(), under_way)

    async def counted(self) -> list[tuple[int | None, int | None]]:
        return await self.answers("report_survey order by id")

    async def answers(self, table: str = "survey") -> list[tuple[int | None, int | None]]:
        rows = await self.e.w.pool.fetch(f"select kto, nps from {table}")
        return [(row["kto"], row["nps"]) for row in rows]


@pytest.fixture
async def asking(dsn: str, tmp_path: Path) -> AsyncIterator[Asking]:
    async with exchange(dsn, tmp_path) as e:
        yield Asking(e, tmp_path)


async def test_asked_once_and_counted_once_when_it_is_filed_for_good(asking: Asking) -> None:
    attempt = await asking.talking()
    assert await asking.ask(attempt)
    assert not await asking.ask(attempt), "once"
    now = asking.e.w.clock.now()
    await asking.store.answered(attempt, Answers(kto=4), now)
    await asking.store.answered(attempt, Answers(kto=4, nps=9), now)
    assert await asking.settle() == 0, "the call lives"
    await asking.over(attempt)
    assert await asking.settle() == 0, "not filed"
    await asking.e.file(attempt, "NO_HELP")
    assert await asking.settle() == 0, "the agent may still take it back"
    asking.e.later(minutes=16)
    assert await asking.settle(attempt) == 0, "somebody knows of it as under way"
    assert await asking.settle() == 1
    assert await asking.settle() == 0
    await asking.store.answered(attempt, Answers(kto=1, nps=1), now)
    assert await asking.counted() == [(4, 9)]
    assert await asking.answers() == [(4, 9)]
    columns = await asking.e.w.rows(
        "select column_name from information_schema.columns where table_name = 'report_survey' order by 1"
    )
    names = {row["column_name"] for row in columns}
    assert names == {"at", "campaign_id", "client_id", "era", "id", "kto", "nps", "xid"}, "of nobody"


async def test_filed_while_the_resident_is_still_asked(asking: Asking) -> None:
    w = asking.e.w
    attempt = await asking.talking()
    assert await asking.ask(attempt)
    at = w.later(minutes=1)
    await w.world.ledger.append(
        [
            CallFact(attempt=attempt, kind="surveyed", at=at, wall_at=at, actor="asterisk", state="survey",
                     agent=w.world.agents[0])
        ]
    )  # fmt: skip
    (live,) = await w.world.ledger.live([w.campaign], ())
    assert (live.state, live.agent, live.surveyed_wall) == ("survey", w.world.agents[0], at.timestamp())
    await asking.e.file(attempt, "NO_HELP")
    assert await w.one("select live and not wrap_up_open from attempt where id = $1", attempt)
    await asking.store.answered(attempt, Answers(kto=5), w.clock.now())
    asking.e.later(minutes=16)
    assert await asking.settle(attempt) == 0
    await asking.over(attempt)
    row = await w.pool.fetchrow("select outcome, wrap_up_open, live from attempt where id = $1", attempt)
    assert tuple(row or ()) == ("NO_HELP", False, False), "the end of the call takes nothing back"
    assert await w.one("select state from case_file where outcome_attempt = $1", attempt) == "reached"
    assert await asking.settle() == 1
    assert await asking.counted() == [(5, None)]


@pytest.mark.parametrize("flag", ["CRISIS", "COMPLAINT", "AGGRESSION"])
async def test_answers_after_what_turned_out_to_be_a_crisis_are_thrown_away(asking: Asking, flag: str) -> None:
    attempt = await asking.talking()
    assert await asking.ask(attempt)
    await asking.store.answered(attempt, Answers(kto=1, nps=0), asking.e.w.clock.now())
    await asking.over(attempt)
    await asking.e.file(attempt, "NO_HELP", flags=(flag,), note="kort")
    asking.e.later(minutes=16)
    assert await asking.settle() == 1
    assert await asking.counted() == []
    assert await asking.answers() == [(None, None)]


async def test_who_is_not_asked(asking: Asking) -> None:
    w = asking.e.w
    attempt = await asking.talking(match=False)
    assert not await asking.ask(attempt), "he has not said who he is"
    await w.pool.execute("update attempt set verified = true where id = $1", attempt)
    await w.pool.execute("update case_file set crisis = true")
    assert not await asking.ask(attempt), "a crisis"
    await w.pool.execute("update case_file set crisis = false")
    await w.pool.execute(
        "insert into complaint (id, client_id, campaign_id, case_id, state, received_at, due_on, changed_at) "
        "select $2, a.client_id, a.campaign_id, a.case_id, 'withdrawn', $3, $3::timestamptz::date, $3 from attempt a "
        "where a.id = $1", attempt, w.world.ids.new(), w.clock.now(),
    )  # fmt: skip
    assert not await asking.ask(attempt), "a complaint"
    await w.pool.execute("delete from complaint")
    await asking.store.opt_out(attempt, w.clock.now())
    await asking.store.opt_out(attempt, w.clock.now())
    assert not await asking.ask(attempt), "he asked not to be"
    assert await w.one("select count(*) from survey_opt_out") == 1
    await w.pool.execute("delete from survey_opt_out")
    assert await asking.ask(attempt)
    await asking.store.unask(attempt)
    assert await w.one("select count(*) from survey") == 0, "what was never heard was not asked"
    assert await asking.ask(attempt)
    asking.e.later(days=1, minutes=1)
    await asking.settle(attempt)
    assert await w.one("select count(*) from survey") == 1
    await asking.settle()
    assert await w.one("select count(*) from survey") == 0, "nobody has heard of it since"


async def test_in_his_file_and_gone_with_him_and_by_term(asking: Asking) -> None:
    w = asking.e.w
    for kto in (2, 5):
        attempt = await asking.talking()
        assert await asking.ask(attempt)
        await asking.store.answered(attempt, Answers(kto=kto, nps=7, opted_out=kto == 2), w.clock.now())
        if kto == 2:
            await asking.store.opt_out(attempt, w.clock.now())
        await asking.over(attempt)
        await asking.e.file(attempt, "NO_HELP")
        asking.e.later(minutes=16)
        assert await asking.settle() == 1
    resident = ResidentId(
        await w.one("select f.resident_id from survey s join attempt a on a.id = s.attempt_id "
                    "join case_file f on f.id = a.case_id where s.kto = 2")
    )  # fmt: skip
    found = json.loads(await asking.rights.file(resident, "inzage", CLI))
    (told,) = found["vragen_na_een_gesprek"]
    assert (told["tevredenheid_1_tot_5"], told["aanbevelen_0_tot_10"]) == (2, 7)
    assert len(found["wil_geen_vragen_na_een_gesprek"]) == 1
    await asking.rights.erase(resident, "verzoek", CLI)
    assert [row["kto"] for row in await w.rows("select kto from survey")] == [5]
    asking.e.later(days=91)
    (applied,) = await asking.retention.apply(None, CLI)
    assert applied.loose["survey"] == 1
    assert await w.one("select count(*) from survey") == 0
    assert await asking.counted() == [(2, 7), (5, 7)], "figures stay; they are of nobody"
    assert await w.one("select count(*) from survey_opt_out") == 1
