"""The demo's figures, counted from the ledger: the live summary and the end report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import asyncpg

from dialer.storage.billing import CALLABLE

SQL_CASES = f"""
select (select count(*) from resident) as residents,
       (select count(*) from case_file f where {CALLABLE}) as callable,
       (select count(*) from case_file where state = 'reached') as reached,
       (select count(*) from case_file where state = 'open') as open
"""  # noqa: S608 - constant pieces
SQL_ATTEMPTS = """
select count(*) filter (where direction = 'out' and counted) as attempts,
       count(*) filter (where direction = 'out' and answered_at is not null) as answered,
       count(*) filter (where direction = 'out' and abandoned) as abandoned,
       percentile_disc(0.5) within group (order by answer_to_agent_ms) filter (where direction = 'out') as p50,
       percentile_disc(0.99) within group (order by answer_to_agent_ms) filter (where direction = 'out') as p99,
       count(*) filter (where direction = 'in') as offered,
       count(*) filter (where direction = 'in' and joined_at is not null) as inbound_answered,
       count(*) filter (where direction = 'in' and answer_to_agent_ms <= 20000) as within_20_s,
       count(*) filter (where live) as live
  from attempt
"""
SQL_OUTCOMES = "select outcome, count(*) as n from attempt where outcome is not null group by outcome order by outcome"
# The hard rules, looked at from the ledger alone. The calendar's own check stands with the windows: `rule_violations`.
SQL_VIOLATIONS = """
select (select count(*) from (select 1 from attempt where counted group by case_id, phone_id having count(*) > 7) a)
     + (select count(*) from (select 1 from attempt where counted and not exempt_daily
                               group by case_id, day having count(*) > 2) b)
     + (select count(*) from (select 1 from attempt where counted group by case_id having count(*) > 12) c)
     + (select count(*) from attempt a join case_file f on f.id = a.case_id
         where a.direction = 'out' and a.claimed_at >= f.plan_ends_at)
     + (select count(*) from attempt a
         where a.direction = 'out'
           and (extract(isodow from a.claimed_at at time zone 'Europe/Amsterdam') = 7
                or (a.claimed_at at time zone 'Europe/Amsterdam')::time < case
                     extract(isodow from a.claimed_at at time zone 'Europe/Amsterdam') when 6 then time '09:00'
                     else time '08:30' end
                or (a.claimed_at at time zone 'Europe/Amsterdam')::time >= case
                     extract(isodow from a.claimed_at at time zone 'Europe/Amsterdam') when 6 then time '17:00'
                     else time '21:00' end))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Counted now. Milliseconds from answer to agent are by Asterisk's own stamps; None before the first."""

    residents: int = 0
    callable: int = 0
    reached: int = 0
    open: int = 0
    attempts: int = 0
    answered: int = 0
    abandoned: int = 0
    answer_to_agent_p50: float | None = None
    answer_to_agent_p99: float | None = None
    inbound_offered: int = 0
    inbound_answered: int = 0
    inbound_within_20_s: int = 0
    live: int = 0
    rule_violations: int = 0
    outcomes: Mapping[str, int] = field(default_factory=dict)

    def report(self) -> dict[str, object]:
        """The end figures, for `--summary`."""
        return {
            "residents": self.residents,
            "callable": self.callable,
            "reached": self.reached,
            "attempts": self.attempts,
            "answered": self.answered,
            "abandoned": self.abandoned,
            "answer_to_agent_ms": {"p50": self.answer_to_agent_p50, "p99": self.answer_to_agent_p99},
            "inbound": {
                "offered": self.inbound_offered,
                "answered": self.inbound_answered,
                "within_20_s": self.inbound_within_20_s,
            },
            "rule_violations": self.rule_violations,
            "outcomes": dict(self.outcomes),
        }


async def read(pool: asyncpg.Pool) -> Figures:
    """Count everything anew."""
    cases = await pool.fetchrow(SQL_CASES)
    attempts = await pool.fetchrow(SQL_ATTEMPTS)
    assert cases is not None
    assert attempts is not None
    return Figures(
        residents=cases["residents"],
        callable=cases["callable"],
        reached=cases["reached"],
        open=cases["open"],
        attempts=attempts["attempts"],
        answered=attempts["answered"],
        abandoned=attempts["abandoned"],
        answer_to_agent_p50=_rounded(attempts["p50"]),
        answer_to_agent_p99=_rounded(attempts["p99"]),
        inbound_offered=attempts["offered"],
        inbound_answered=attempts["inbound_answered"],
        inbound_within_20_s=attempts["within_20_s"],
        live=attempts["live"],
        rule_violations=int(await pool.fetchval(SQL_VIOLATIONS)),
        outcomes={row["outcome"]: row["n"] for row in await pool.fetch(SQL_OUTCOMES)},
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 2)
