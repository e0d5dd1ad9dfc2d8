"""Changing what follows an outcome: which steps may be changed, into what, and what a change does to a case."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from dialer.domain.case import CaseState
from dialer.domain.errors import InvalidError
from dialer.domain.outcome import Catalogue, FinalFor, NextStep, OutcomeDef, StepKind, parse_step
from dialer.schedule.history import CaseFacts
from dialer.schedule.settle import Rulebook, Settlement, settle

_FREE = frozenset(
    {
        StepKind.RETRY_AFTER,
        StepKind.OTHER_SLOT,
        StepKind.OTHER_DAY,
        StepKind.NEXT_NUMBER,
        StepKind.PAUSE,
        StepKind.STOP,
        StepKind.REVIEW,
    }
)
_THEN = _FREE - {StepKind.RETRY_AFTER, StepKind.PAUSE}
_MOST_MINUTES, _MOST_TIMES, _MOST_DAYS = 10_080, 12, 60


PLANLESS = frozenset({"LOST", "GIVEN_BACK", "TEAM_HELPED", "TEAM_RETURNED"})
"""Results of callers, our own and another team's, that change no plan."""


def editable(definition: OutcomeDef) -> bool:
    """Whether somebody may change the step: not where the outcome ends the case, or keeps a promise to the resident."""
    return (
        definition.final_for is not FinalFor.CASE
        and definition.step.kind is not StepKind.APPOINTMENT
        and definition.code not in PLANLESS
    )


def revised(catalogue: Catalogue, steps: Mapping[str, Mapping[str, Any]], version: int) -> Catalogue:
    """A new version in which these outcomes have other steps. Raises InvalidError, naming the field.

    Who must be reserved, and whether the same agent calls again, stays as it was.
    """
    outcomes = dict(catalogue.outcomes)
    for code, data in steps.items():
        where = f"steps.{code}"
        if code not in outcomes:
            raise InvalidError("onbekend gespreksresultaat", where)
        old = outcomes[code]
        if not editable(old):
            raise InvalidError("de stap na dit resultaat ligt vast", where)
        step = replace(parse_step(data), reserved=old.step.reserved, same_agent=old.step.same_agent)
        _check(old, step, where)
        outcomes[code] = replace(old, step=step)
    if not changed(catalogue, new := Catalogue(version=version, outcomes=outcomes)):
        raise InvalidError("er verandert niets", "steps")
    return new


def changed(old: Catalogue, new: Catalogue) -> frozenset[str]:
    """Outcomes whose step differs."""
    return frozenset(code for code, row in new.outcomes.items() if row.step != old.outcomes[code].step)


def kinds_for(row: OutcomeDef) -> Collection[StepKind]:
    """The steps that may follow an outcome."""
    if not row.counted:
        return {StepKind.RETRY_AFTER}  # a fault of the network says nothing about the resident
    if row.step.close_after_days:
        return {StepKind.NEXT_NUMBER}
    if row.step.kind is StepKind.REDIAL:
        return _FREE | {StepKind.REDIAL}
    return _FREE


def thens_for(row: OutcomeDef) -> Collection[StepKind]:
    """The steps that may follow once the first one has been taken often enough."""
    return _THEN if row.counted else ()


def _check(old: OutcomeDef, step: NextStep, where: str) -> None:
    for name in ("times", "close_after_days", "pause_days"):
        if type(getattr(step, name)) is not int:
            raise InvalidError("geen geheel getal", f"{where}.{name}")
    kinds = kinds_for(old)
    if step.kind not in kinds:
        raise InvalidError(f"hier kan alleen: {', '.join(sorted(kinds))}", f"{where}.kind")
    timed = step.kind in (StepKind.RETRY_AFTER, StepKind.REDIAL)
    low, high = step.minutes
    least = 0 if step.kind is StepKind.REDIAL else 1
    if not (least <= low and high <= _MOST_MINUTES if timed else (low, high) == (0, 0)):
        raise InvalidError(f"minuten horen bij een stap met een wachttijd: 1 tot {_MOST_MINUTES}", f"{where}.minutes")
    if not 0 <= step.times <= _MOST_TIMES or (step.then is None) != (step.times == 0):
        raise InvalidError(f"hoe vaak (1 tot {_MOST_TIMES}) en wat daarna horen bij elkaar", f"{where}.times")
    if step.then is not None and step.then not in thens_for(old):
        raise InvalidError(f"daarna kan alleen: {', '.join(sorted(_THEN))}", f"{where}.then")
    if bool(step.close_after_days) != bool(old.step.close_after_days) or not 0 <= step.close_after_days <= 7:
        raise InvalidError("of het nummer dichtgaat ligt vast; na 1 tot 7 dagen", f"{where}.close_after_days")
    if not (1 <= step.pause_days <= _MOST_DAYS if step.kind is StepKind.PAUSE else step.pause_days == 0):
        raise InvalidError(f"een pauze duurt 1 tot {_MOST_DAYS} dagen", f"{where}.pause_days")


class Effect(StrEnum):
    """What a change of rules does to an open case."""

    NONE = "none"
    MOVED = "moved"  # another time or number
    CLOSED = "closed"  # no further attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The case under the new rules, and how that differs from the old."""

    effect: Effect
    settled: Settlement


def effect_of(facts: CaseFacts, book: Rulebook, new: Catalogue, now: datetime, *, other_live: bool = False) -> Change:
    """Settle the case at `now` by its own rules and by the new ones."""
    return effect_between(facts, book, replace(book, catalogue=new), now, other_live=other_live)


def effect_between(
    facts: CaseFacts, book: Rulebook, new: Rulebook, now: datetime, *, other_live: bool = False
) -> Change:
    """Settle the case at `now` by one rulebook and by another: new outcomes, hours, caps or hold-out."""
    before = settle(facts, book, now, other_live=other_live)
    after = settle(facts, new, now, other_live=other_live)
    if after.state is not before.state and after.state is not CaseState.OPEN:
        return Change(effect=Effect.CLOSED, settled=after)
    same = (before.plan and (before.plan.at, before.phone)) == (after.plan and (after.plan.at, after.phone))
    return Change(effect=Effect.NONE if same else Effect.MOVED, settled=after)
