"""Many cases at once, made inside the database: for plans and speed."""

from __future__ import annotations

from tests.support.world import World

SQL_CROWD = (
    """
    insert into resident (id, client_id, match_key, created_at)
    select md5('r' || n)::uuid, '{client}', decode(md5('m' || n), 'hex'), '{now}' from generate_series(1, {cases}) n
    """,
    """
    insert into phone (id, client_id, number_key, kind)
    select md5('p' || n)::uuid, '{client}', decode(md5('k' || n), 'hex'), (array['mobile', 'fixed'])[1 + n % 2]
      from generate_series(1, {cases} * 2) n
    """,
    """
    insert into case_file (id, client_id, campaign_id, resident_id, delivery_id, state, crisis, priority, opened_at,
                           term_ends_at, plan_ends_at, next_at, next_phone_id, catalogue_version)
    select md5('c' || n)::uuid, '{client}', '{campaign}', md5('r' || n)::uuid, '{delivery}', 'open', n % 50 = 0,
           case when n % 50 = 0 then 10 else 100 end, m.now, m.now + interval '28 days', m.now + interval '21 days',
           m.now + (n % 1000 - 100) * interval '1 minute', md5('p' || n * 2)::uuid, 1
      from generate_series(1, {cases}) n, (select '{now}'::timestamptz as now) m
    """,
    """
    insert into case_phone (case_id, phone_id, position)
    select md5('c' || (n + 1) / 2)::uuid, md5('p' || n)::uuid, 1 + n % 2 from generate_series(1, {cases} * 2) n
    """,
    """
    insert into attempt (id, direction, client_id, campaign_id, case_id, phone_id, number_key, channel_id, state, live,
                         counted, seq, case_seq, day, claimed_at, ended_at, outcome, outcome_at, catalogue_version)
    select md5('a' || n || '-' || s)::uuid, 'out', '{client}', '{campaign}', md5('c' || n)::uuid,
           md5('p' || n * 2)::uuid, decode(md5('k' || n * 2), 'hex'), 'x', 'ended', false, true, s, s,
           (m.now - s * interval '3 days')::date, m.now - s * interval '3 days', m.now - s * interval '3 days',
           'NO_ANSWER', m.now, 1
      from generate_series(1, {cases}) n, generate_series(1, {attempts}) s, (select '{now}'::timestamptz as now) m
    """,
)


async def crowd(world: World, cases: int, attempts: int = 3) -> None:
    """`cases` open cases with two numbers and some history each; a tenth of them are due at the world's now."""
    values = {
        "client": world.client,
        "now": world.now.isoformat(),
        "cases": cases,
        "campaign": world.campaign,
        "delivery": world.delivery,
        "attempts": attempts,
    }
    async with world.pool.acquire() as connection:
        await connection.execute("alter table attempt disable trigger attempt_guard")
        for statement in SQL_CROWD:
            await connection.execute(statement.format(**values), timeout=1800)
        await connection.execute("alter table attempt enable trigger attempt_guard")
        await connection.execute("vacuum analyze", timeout=600)
        phones = await connection.fetch("select id from phone")
    world.numbers |= {row["id"]: "+31600000000" for row in phones}
