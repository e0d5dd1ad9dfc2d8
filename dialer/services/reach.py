"""How many residents a campaign reaches: counted, expected with an interval, and held against what was expected before.

Reckoned once a calendar day, in a child process; what is shown is the kept report with its time. Figures only.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from dialer.domain.ids import CampaignId
from dialer.schedule.planner.calibration import CameOut, learned_doubt
from dialer.schedule.planner.forecast import came_out, forecast, reach_by_day, reached_within
from dialer.schedule.planner.holdout import difference
from dialer.schedule.planner.product import LearnedPlanner
from dialer.schedule.planner.state import to_json
from dialer.services.child import ask
from dialer.services.ports.clock import Clock
from dialer.services.ports.reach import KeptReport, ReachFacts, ReachStore
from dialer.services.reach_child import HORIZONS, to_wire
from dialer.services.reach_report import ReachReport, report_of

log = logging.getLogger(__name__)

Cases = AsyncGenerator[Sequence[Any], None]
Look = Callable[[Mapping[str, Any], Cases], Awaitable[Mapping[str, Sequence[float]] | None]]
"""Chances by horizon, as `reach_child.chances`; None without a case."""

SAMPLE = 1_000
"""Open cases that are planned to their end: some five seconds of one core. The others are like them."""

KEPT = 60
"""Earlier forecasts that are held against what came out."""

DAYS = 28
_LATE_SHARE = 0.05
"""When so many of the open cases wait for their turn, agents are the limit, not the plan."""


async def in_child(head: Mapping[str, Any], cases: Cases) -> Mapping[str, Sequence[float]] | None:
    """Look ahead in a process of its own, least urgent of all. Raises UnavailableError."""
    found: Mapping[str, Sequence[float]] | None = await ask("dialer.services.reach_child", cases, head)
    return found


class ReachService:
    """Reports of reach."""

    def __init__(self, store: ReachStore, planner: LearnedPlanner, clock: Clock, look: Look = in_child) -> None:
        self._store = store
        self._planner = planner
        self._clock = clock
        self._look = look

    async def tend(self) -> int:
        """Job: a report for each campaign that has none of this calendar day yet; how many were made."""
        due = await self._store.due(self._clock.now())
        for campaign in due:
            await self.reckon(campaign)
        return len(due)

    async def report(self, campaign: CampaignId, language: str, *, whole: bool) -> ReachReport:
        """The newest report. `whole` False: small counts are left out. Raises NotFoundError."""
        promised = await self._store.promised(campaign)
        kept = await self._store.earlier(campaign, 1)
        return report_of(kept[0] if kept else None, promised, language, whole=whole)

    async def reckon(self, campaign: CampaignId) -> KeptReport:
        """Make the report of today and keep it. Raises NotFoundError, UnavailableError."""
        now = self._clock.now()
        facts = await self._store.facts(campaign, now)
        room = _room(facts, now)
        weight = max(1.0, facts.open / SAMPLE)
        head = {
            "state": to_json(self._planner.model),
            "calendar": dict(facts.calendar),
            "caps": [facts.limits.per_number, facts.limits.per_day, facts.limits.per_case],
            "now": now.timestamp(),
            "room": room,
            "weight": weight,
        }
        async with contextlib.aclosing(self._cases(campaign, now)) as cases:
            chances = await self._look(head, cases) or {}
        doubt = learned_doubt(_came_out(await self._store.foretold()))
        report: dict[str, Any] = {
            "callable": sum(g.residents for g in facts.groups),
            "reached": reached_within(facts.groups),
            "helped": facts.helped,
            "refused": facts.refused,
            "open": facts.open,
            "room": room,
            "doubt": {"share": round(doubt.share, 4), "months": doubt.months},
            "expected": _expected(facts, chances, weight, doubt.share),
            "by_day": [round(share, 4) for share in reach_by_day(facts.groups, now, DAYS)],
            "hold_out": _compared(facts),
            "earlier": _earlier(facts, await self._store.earlier(campaign, KEPT), now),
        }
        kept = KeptReport(at=now, report=report)
        await self._store.save(campaign, kept)
        return kept

    async def _cases(self, campaign: CampaignId, now: datetime) -> Cases:
        async with contextlib.aclosing(self._store.open_cases(campaign, now, SAMPLE)) as batches:
            async for batch in batches:
                yield [to_wire(case) for case in batch]


def _room(facts: ReachFacts, now: datetime) -> float | None:
    """Attempts in an open hour, as they were made while residents had to wait; None while nobody has to."""
    if facts.dialled_since is None or facts.late <= _LATE_SHARE * facts.open:
        return None
    since = facts.dialled_since
    windows = facts.limits.calendar.upcoming(since, now)
    seconds = sum((min(w.end, now) - max(w.start, since)).total_seconds() for w in windows)
    return facts.dialled / (seconds / 3600) if seconds >= 3600 else None


def _came_out(foretold: Sequence[tuple[CampaignId, Mapping[str, Any]]]) -> Iterable[CameOut]:
    for campaign, one in foretold:
        if "expected" in one:
            of = (campaign, one["at"][:7])  # the month, as ISO writes it
            yield CameOut(of=of, expected=one["expected"], luck=one["luck"], came=one["came"])


def _expected(facts: ReachFacts, chances: Mapping[str, Sequence[float]], weight: float, doubt: float) -> dict[str, Any]:
    callable_ = sum(g.residents for g in facts.groups)
    found = {}
    for name, days in HORIZONS.items():
        reached = reached_within(facts.groups) if days is None else reached_within(facts.groups, days)
        part = forecast(reached, chances.get(name, ()), callable_, weight=weight, doubt=doubt)
        shares = {"reach": round(part.reach, 4), "low": round(part.low, 4), "high": round(part.high, 4)}
        found[name] = shares | {"had": reached, "expected": round(part.expected, 2), "luck": round(part.luck, 2)}
    return found


def _compared(facts: ReachFacts) -> dict[str, Any] | None:
    """What the hold-out shows; None where there is none."""
    if not facts.hold_out:
        return None
    found = difference(facts.compared, facts.hold_out)
    return {
        "share": facts.hold_out,
        "planned": found.planned,
        "planned_reached": found.planned_reached,
        "held_out": found.held_out,
        "held_out_reached": found.held_out_reached,
        "difference": found.estimate,
        "low": found.low,
        "high": found.high,
    }


def _earlier(facts: ReachFacts, kept: Sequence[KeptReport], now: datetime) -> list[dict[str, Any]]:
    """Forecasts whose time has come, with what came out: the oldest first."""
    found = []
    for one in reversed(kept):
        if now - one.at < timedelta(days=1):
            continue
        for name, days in HORIZONS.items():
            said = one.report["expected"].get(name)
            actual = came_out(facts.groups, one.at, now, days)
            if said is None or actual is None or said["low"] == said["high"]:
                continue  # nothing was foretold: it had happened
            residents = sum(g.residents for g in facts.groups if g.arrival <= one.at)
            counted = {"came": round(actual * residents) - said["had"]} if "had" in said else {}
            found.append({"at": one.at.isoformat(), "until": name, **said, "came_out": round(actual, 4), **counted})
    return found
