"""Whatever a supervisor makes of the rules of outcomes, a plan that follows breaks none of the hard rules."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from dialer.domain.call import Direction
from dialer.domain.case import CaseState, PastAttempt
from dialer.domain.errors import InvalidError
from dialer.domain.ids import AttemptId, CaseId, PhoneId
from dialer.domain.outcome import Catalogue, StepKind
from dialer.schedule.history import CaseFacts, PhoneFacts
from dialer.schedule.model import Limits, NumberKind
from dialer.schedule.outcome_rules import Effect, editable, effect_of, revised
from dialer.schedule.planner.product import LearnedPlanner
from dialer.schedule.rules import check
from dialer.schedule.settle import Rulebook, history_of
from dialer.schedule.windows import local_date
from dialer.storage.catalogue import first_catalogue
from tests.support.schedule import MONDAY

OLD = first_catalogue()
EDITABLE = sorted(code for code, row in OLD.outcomes.items() if editable(row))
PLANNER = LearnedPlanner()


def a_step(rng: random.Random) -> dict[str, Any]:
    """Any step at all; many are refused."""
    step: dict[str, Any] = {"kind": rng.choice(list(StepKind)).value}
    if step["kind"] in ("retry_after", "redial"):
        low = rng.choice([0, 1, 5, 1440])
        step["minutes"] = [low, low + rng.choice([0, 10, 2000])]
    if rng.random() < 0.3:
        step |= {"times": rng.randint(1, 4), "then": rng.choice(list(StepKind)).value}
    if rng.random() < 0.3:
        step["close_after_days"] = rng.randint(1, 7)
    if step["kind"] == "pause":
        step["pause_days"] = rng.randint(1, 10)
    return step


def other_rules(rng: random.Random) -> Catalogue:
    """A version that is allowed."""
    while True:
        steps: Mapping[str, Any] = {code: a_step(rng) for code in rng.sample(EDITABLE, 2)}
        try:
            return revised(OLD, steps, 2)
        except InvalidError:
            continue


def a_case(rng: random.Random) -> tuple[CaseFacts, datetime]:
    """A case with some days of attempts behind it, and a moment after them."""
    phones = [
        PhoneFacts(phone=PhoneId(UUID(int=n + 1)), number_key=bytes([n]), kind=rng.choice(list(NumberKind)))
        for n in range(rng.randint(1, 3))
    ]
    at, attempts = MONDAY, []
    for n in range(rng.randint(1, 9)):
        attempts.append(
            PastAttempt(
                attempt=AttemptId(UUID(int=100 + n)),
                direction=Direction.OUT,
                phone=rng.choice(phones).phone,
                at=at,
                ended_at=at + timedelta(minutes=1),
                day=local_date(at),
                outcome=rng.choice(EDITABLE),
            )
        )
        at += timedelta(hours=rng.choice([1, 20, 26, 49]))
    facts = CaseFacts(
        case=CaseId(UUID(int=rng.getrandbits(100))), arrival=MONDAY, ends_at=MONDAY + timedelta(days=21),
        crisis=rng.random() < 0.2, state="open", state_reason="", recalled=False, opted_out_at=None, callback_at=None,
        paused_until=None, elsewhere={}, phones=phones, attempts=attempts,
    )  # fmt: skip
    return facts, at


def test_plans_under_changed_rules_are_legal_and_what_is_not_concerned_stays() -> None:
    rng, seen = random.Random(11), set()
    for _ in range(400):
        facts, now = a_case(rng)
        new = other_rules(rng)
        book = Rulebook(limits=Limits(), catalogue=OLD, planner=PLANNER)
        found = effect_of(facts, book, new, now)
        seen.add(found.effect)
        plan = found.settled.plan
        if plan is not None:
            history = history_of(facts, replace(book, catalogue=new))
            assert plan.at >= now
            assert check(replace(history, state="open"), plan.number, plan.at, book.limits) is None
        else:
            assert found.settled.state is not CaseState.OPEN
        changed = {code for code, row in new.outcomes.items() if row.step != OLD.outcomes[code].step}
        if changed.isdisjoint(a.outcome for a in facts.attempts):
            assert found.effect is Effect.NONE
    assert seen == set(Effect)
