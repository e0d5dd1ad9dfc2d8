"""The daily sample and its corrections on a real database: drawn once, drawn again the same, and out of the door."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from dialer.clock import SystemIds
from dialer.domain.errors import NotFoundError, UnavailableError
from dialer.domain.ids import AttemptId, ClientId, UserId
from dialer.domain.scorecard import SHIPPED
from dialer.schedule.rotation import Rotation
from dialer.services.export import ExportService
from dialer.services.outcomes import OutcomeService
from dialer.services.ports.desk import Filing
from dialer.services.ports.people import Viewer
from dialer.services.ports.quality import Correction
from dialer.services.reviews import Recoder, Reviews, Verdict
from dialer.services.sampling import Sampling
from dialer.storage.exports import PostgresExports
from dialer.storage.filings import PostgresOutcomes
from dialer.storage.reviews import PgReviews
from dialer.storage.sampling import PgSamples
from dialer.storage.scorecards import PgScorecards
from tests.support.intake import VAULT, IntakeWorld, intake_world, row

SQL_CALL = """
insert into attempt (id, direction, client_id, campaign_id, case_id, phone_id, number_key, channel_id, state, live,
                     counted, seq, case_seq, day, claimed_at, dialed_at, joined_at, ended_at, agent_id, verified,
                     wrap_up_open, catalogue_version)
select $1, 'out', f.client_id, f.campaign_id, f.id, h.id, h.number_key, 'x', 'ended', false,
       true, 1, 1, $2::timestamptz::date, $2, $2, $2, $2, $3, true, true, 1
  from signal s join case_file f on f.id = s.case_id
  join case_phone cp on cp.case_id = f.id and cp.position = 1 join phone h on h.id = cp.phone_id
 where s.signal_ref = $4
"""
WELL = {one.code: 2 for one in SHIPPED}


class Quality:
    """The services over a list that was loaded."""

    def __init__(self, w: IntakeWorld) -> None:
        self.w = w
        self.ids = SystemIds()
        catalogues = w.world.catalogues
        self.outcomes = OutcomeService(
            PostgresOutcomes(w.pool, self.ids, catalogues, Rotation()), catalogues, VAULT, w.clock
        )
        self.sampling = Sampling(PgSamples(w.pool), w.clock, self.ids)
        self.exports = ExportService(
            store=PostgresExports(w.pool), vault=VAULT, audit=w.audit, clock=w.clock, ids=self.ids
        )
        self.reviews = self.with_recoder(self.outcomes)

    def with_recoder(self, recoder: Recoder) -> Reviews:
        return Reviews(
            store=PgReviews(self.w.pool),
            cards=PgScorecards(self.w.pool),
            recoder=recoder,
            catalogues=self.w.world.catalogues,
            vault=VAULT,
            audit=self.w.audit,
            clock=self.w.clock,
            ids=self.ids,
        )

    async def person(self, role: str, login: str, *, days_ago: int = 100) -> UserId:
        user = self.ids.new()
        await self.w.pool.execute(
            "insert into app_user (id, login, display_name, role, password_hash, created_at)"
            " values ($1, $2, $2, $3, '', $4)",
            user,
            login,
            role,
            self.w.clock.now() - timedelta(days=days_ago),
        )
        return UserId(user)

    async def called(self, signal: str, agent: UserId, filing: Filing) -> AttemptId:
        attempt = AttemptId(self.ids.new())
        await self.w.pool.execute(SQL_CALL, attempt, self.w.clock.now(), agent, signal)
        await self.outcomes.file(agent, attempt, filing)
        return attempt

    async def sampled(self) -> list[UUID]:
        return [row["id"] for row in await self.w.pool.fetch("select id from sample order by id desc")]


NO_HELP = Filing(outcome="NO_HELP", note="Zegt dat het goed gaat")


@pytest.fixture
async def q(dsn: str, tmp_path: Path) -> AsyncIterator[Quality]:
    async with intake_world(dsn, tmp_path) as w:
        await w.load(
            *(
                row(kenmerk=f"Z-{n}", **{"signaal-id": f"S-{n}"}, achternaam=f"Vos{n}", telefoon_1=f"06000000{n:02d}")
                for n in range(1, 7)
            )
        )
        yield Quality(w)


def viewer(user: UserId, client: ClientId | None = None) -> Viewer:
    return Viewer(actor=f"user:{user}", user=user, role="quality", client=client)


async def test_a_day_is_drawn_once_and_can_be_drawn_again(q: Quality) -> None:
    anna, bram = await q.person("agent", "anna"), await q.person("agent", "bram", days_ago=3)
    for number in range(1, 5):
        await q.called(f"S-{number}", anna, NO_HELP)
    await q.called("S-5", anna, Filing(outcome="NO_HELP", flags=["COMPLAINT"], note="boos"))
    await q.called("S-6", bram, NO_HELP)
    assert await q.sampling.tend() == 0, "the day is not over"
    q.w.later(days=1)
    assert await q.sampling.tend() == 5  # three of Anna's and the complaint, and Bram's only one
    assert await q.sampling.tend() == 0
    rows = await q.w.pool.fetch(
        "select attempt_id, agent_id, reasons, priority, day from sample order by priority desc"
    )
    assert [row["reasons"] for row in rows[:2]] == [["complaint"], ["new_agent"]], "the most urgent first"
    again = await q.sampling.again(ClientId(q.w.world.client), rows[0]["day"])
    assert {(one.attempt, one.priority) for one in again} == {(row["attempt_id"], row["priority"]) for row in rows}
    with pytest.raises(NotFoundError):
        await q.sampling.again(ClientId(q.w.world.client), rows[0]["day"] + timedelta(days=9))


async def test_after_a_stand_still_the_days_between_are_drawn_each_with_its_own(q: Quality) -> None:
    anna = await q.person("agent", "anna")
    await q.called("S-1", anna, NO_HELP)
    q.w.later(days=1)
    await q.called("S-2", anna, NO_HELP)
    q.w.later(days=2)
    assert await q.sampling.tend() == 2
    days = await q.w.pool.fetch("select day from sample order by day")
    assert (days[1]["day"] - days[0]["day"]).days == 1
    assert await q.w.pool.fetchval("select count(*) from sample_draw where client_id = $1", q.w.world.client) == 7


async def test_a_draw_that_fails_halfway_leaves_nothing_and_comes_again(q: Quality) -> None:
    await q.called("S-1", await q.person("agent", "anna"), NO_HELP)
    q.w.later(days=1)
    await q.w.pool.execute("alter table sample add constraint planted check (priority > 5) not valid")
    with pytest.raises(Exception, match="planted"):
        await q.sampling.tend()
    await q.w.pool.execute("alter table sample drop constraint planted")
    assert await q.sampling.tend() == 1


async def test_a_wrong_outcome_is_corrected_and_goes_out_again_with_both_versions_kept(q: Quality) -> None:
    anna, mila = await q.person("agent", "anna"), await q.person("quality", "mila")
    attempt = await q.called("S-3", anna, NO_HELP)
    first = await q.exports.create(q.w.campaign, "delta", q.w.viewer)
    await q.exports.confirm(first.id, q.w.viewer)
    q.w.later(days=1)
    await q.sampling.tend()
    [sample] = await q.sampled()
    shown = await q.reviews.review(
        sample, Verdict(points=WELL, wanted="REFUSED", reason="zei dat hij niet wilde praten"), mila, viewer(mila)
    )
    assert [one.correction for one in shown.reviews] == [Correction.DONE]
    assert (shown.line.outcome, shown.line.outcome_now) == ("NO_HELP", "REFUSED")
    assert [(one.kind, one.outcome, one.reason) for one in shown.record.filings] == [
        ("filed", "NO_HELP", ""),
        ("recoded", "REFUSED", "zei dat hij niet wilde praten"),
    ]
    assert shown.record.note == "Zegt dat het goed gaat"
    q.w.later(minutes=1)
    again = await q.exports.create(q.w.campaign, "delta", q.w.viewer)
    table = await q.exports.table(again.id, q.w.viewer)
    [line] = [dict(zip(table.header, cells, strict=True)) for cells in table.rows]
    assert (line["levering"], line["resultaatcode"]) == ("vervanging", "REFUSED")
    outcome = "select outcome from report_attempt where attempt_id = $1 order by id desc limit 1"
    assert await q.w.pool.fetchval(outcome, attempt) == "REFUSED", "the report counts it"


class Failing:
    """A correction that dies before, or after, it was committed."""

    def __init__(self, real: Recoder, *, after: bool) -> None:
        self.real, self.after = real, after

    async def recode(self, user: UserId, attempt: AttemptId, outcome: str, reason: str) -> None:
        if self.after:
            await self.real.recode(user, attempt, outcome, reason)
        raise UnavailableError("the database went away")


@pytest.mark.parametrize("after", [False, True])
async def test_a_correction_that_was_cut_short_is_carried_out_once(q: Quality, after: bool) -> None:
    anna, mila = await q.person("agent", "anna"), await q.person("quality", "mila")
    attempt = await q.called("S-3", anna, NO_HELP)
    q.w.later(days=1)
    await q.sampling.tend()
    [sample] = await q.sampled()
    verdict = Verdict(points=WELL, wanted="REFUSED", reason="niet gesproken")
    shown = await q.with_recoder(Failing(q.outcomes, after=after)).review(sample, verdict, mila, viewer(mila))
    assert [one.correction for one in shown.reviews] == [Correction.WANTED]
    assert await q.reviews.tend() == 0, "its own request may still be at it"
    q.w.later(minutes=2)
    assert await q.reviews.tend() == 1
    assert await q.reviews.tend() == 0
    kinds = await q.w.pool.fetch(
        "select kind from attempt_event where attempt_id = $1 and kind in ('filed', 'recoded') order by revision",
        attempt,
    )
    assert [row["kind"] for row in kinds] == ["filed", "recoded"]
    assert (await q.reviews.sample(sample, viewer(mila))).reviews[0].correction is Correction.DONE


async def test_a_coaching_item_is_between_the_two_and_goes_with_the_residents_data(q: Quality) -> None:
    anna, mila, ruud = (
        await q.person("agent", "anna"),
        await q.person("quality", "mila"),
        await q.person("quality", "ruud"),
    )
    await q.called("S-3", anna, NO_HELP)
    q.w.later(days=1)
    await q.sampling.tend()
    [sample] = await q.sampled()
    await q.reviews.review(
        sample, Verdict(points=WELL, wanted=None, coaching="Vat samen aan het einde"), mila, viewer(mila)
    )
    [own] = await q.reviews.mine(anna)
    assert own.coaching is not None
    assert (own.coaching.text, own.coaching.coach, own.review.score) == ("Vat samen aan het einde", "mila", 100)
    assert (await q.reviews.sample(sample, viewer(ruud))).coaching is None
    item = own.coaching.id
    for stranger in (ruud, mila):
        with pytest.raises(NotFoundError):
            await q.reviews.answer(item, "nee", stranger, "user:x")
    answered = await q.reviews.answer(item, "Doe ik voortaan", anna, f"user:{anna}")
    assert answered.answer == "Doe ik voortaan"
    with pytest.raises(NotFoundError):
        await q.reviews.close(item, ruud, "user:x")
    assert (await q.reviews.close(item, mila, f"user:{mila}")).state == "closed"
    for table in ("review", "coaching", "pii.coaching_text", "audit_event"):
        kept = await q.w.pool.fetch(f"select t::text as line from {table} t")
        assert not any("samen" in row["line"] or "voortaan" in row["line"] for row in kept)
    await q.w.deliveries.recall(await q.w.one("select id from delivery"), "fout", q.w.viewer)
    [erased] = await q.reviews.mine(anna)
    assert erased.coaching is not None
    assert (erased.coaching.text, erased.coaching.answer) == (None, None)
    assert await q.w.one("select count(*) from pii.coaching_text") == 0
