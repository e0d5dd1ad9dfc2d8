"""The daily sample: which of a day's records somebody looks at.

Pure, and without chance of its own: the seed is an argument, so a draw can be done again from what was stored of it.
Records are drawn per agent, and within an agent spread over the outcomes: each outcome gets a record before any gets a
second. A record with more weight comes forward more often (Efraimidis and Spirakis, 2006: the largest u^(1/w) first).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Reason(StrEnum):
    """Why a record is looked at; the first that holds tells how urgently."""

    COMPLAINT = "complaint"  # always drawn, beside the agent's number
    NEW_AGENT = "new_agent"  # twice as many of this agent's records
    NEW_SCRIPT = "new_script"  # called with a version that is new
    CHANCE = "chance"


PRIORITY = {Reason.COMPLAINT: 2, Reason.NEW_AGENT: 1, Reason.NEW_SCRIPT: 1, Reason.CHANCE: 0}

_NEW_AGENT_TIMES = 2
_NEW_SCRIPT_WEIGHT = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A record that may be drawn. `raised`: what raises its priority; never CHANCE."""

    attempt: UUID
    agent: UUID
    outcome: str
    raised: frozenset[Reason] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A record of the sample. `reasons`: the most urgent first, never empty."""

    attempt: UUID
    agent: UUID
    outcome: str
    reasons: tuple[Reason, ...]

    @property
    def priority(self) -> int:
        """2 first, 0 last."""
        return max(PRIORITY[reason] for reason in self.reasons)


def draw(candidates: Iterable[Candidate], seed: str, per_agent: int) -> Sequence[Drawn]:
    """The sample, by attempt's id. The same for the same candidates, in whatever order, and the same seed.

    `per_agent` records of each agent, twice that of a new one, and every record with a complaint beside them.
    """
    by_agent: dict[UUID, list[Candidate]] = {}
    for one in candidates:
        by_agent.setdefault(one.agent, []).append(one)
    drawn: list[Drawn] = []
    for mine in by_agent.values():
        drawn += [_drawn(one) for one in mine if Reason.COMPLAINT in one.raised]
        rest = [one for one in mine if Reason.COMPLAINT not in one.raised]
        wanted = per_agent * (_NEW_AGENT_TIMES if any(Reason.NEW_AGENT in one.raised for one in mine) else 1)
        drawn += [_drawn(one) for one in _spread(rest, seed)[:wanted]]
    return sorted(drawn, key=lambda one: one.attempt)


def _spread(mine: Sequence[Candidate], seed: str) -> list[Candidate]:
    """All of one agent's, in the order in which they are drawn: round after round over the outcomes."""
    ranked = sorted(mine, key=lambda one: (-_rank(one, seed), one.attempt))
    rounds: dict[str, int] = {}
    placed: list[tuple[int, int, Candidate]] = []
    for place, one in enumerate(ranked):
        turn = rounds[one.outcome] = rounds.get(one.outcome, 0) + 1
        placed.append((turn, place, one))
    return [one for _, _, one in sorted(placed, key=lambda entry: entry[:2])]


def _rank(one: Candidate, seed: str) -> float:
    digest = hashlib.sha256(f"{seed} {one.attempt}".encode()).digest()
    chance = (int.from_bytes(digest[:7], "big") + 1) / (1 << 56)  # in (0, 1]
    return float(chance ** (1 / (_NEW_SCRIPT_WEIGHT if Reason.NEW_SCRIPT in one.raised else 1.0)))


def _drawn(one: Candidate) -> Drawn:
    reasons = tuple(reason for reason in Reason if reason in one.raised) or (Reason.CHANCE,)
    return Drawn(attempt=one.attempt, agent=one.agent, outcome=one.outcome, reasons=reasons)
