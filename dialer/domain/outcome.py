"""Outcomes as data: what each code means, what it asks of the agent, and what follows from it.

A catalogue is a version of the whole list; a campaign works with one version and each attempt keeps it. The first
version stands in `catalogue_v1.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from dialer.domain.errors import InvalidError

FLAGS = frozenset({"CRISIS", "COMPLAINT", "AGGRESSION", "VULNERABLE"})
"""May stand beside any outcome."""


class SetBy(StrEnum):
    """Who may set a code. `BOTH`: the network says it, or an agent who heard the announcement."""

    MACHINE = "machine"
    AGENT = "agent"
    BOTH = "both"


class Reached(StrEnum):
    """Whether the outcome is a personal conversation."""

    NO = "no"
    YES = "yes"
    IF_VERIFIED = "if_verified"


class FinalFor(StrEnum):
    """What the outcome ends."""

    NONE = "none"
    NUMBER = "number"
    CASE = "case"


class StepKind(StrEnum):
    """What the plan does after an outcome."""

    RETRY_AFTER = "retry_after"  # the same number, after some minutes
    OTHER_SLOT = "other_slot"  # another day-part
    OTHER_DAY = "other_day"  # not again on the same date
    NEXT_NUMBER = "next_number"  # this one is done with; another as soon as the rules allow
    REDIAL = "redial"  # once, at once, for the same agent, beside the daily cap
    APPOINTMENT = "appointment"  # at the agreed time; another slot when none was agreed
    PAUSE = "pause"  # nothing for some days
    STOP = "stop"
    REVIEW = "human_review"  # stops; the client decides


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """The next step after an outcome. Minutes are calendar time."""

    kind: StepKind
    minutes: tuple[int, int] = (0, 0)  # from, to: RETRY_AFTER and REDIAL
    times: int = 0  # how often in a case before `then` holds instead; 0: no limit
    then: StepKind | None = None
    reserved: bool = False  # only with a reserved agent
    same_agent: bool = False
    close_after_days: int = 0  # the number closes once it had this outcome on that many dates; 0: it stays open
    pause_days: int = 0

    def kind_at(self, occurrence: int) -> StepKind:
        """The kind that holds at the `occurrence`-th time (1 is the first) in one case."""
        if self.then is not None and self.times and occurrence > self.times:
            return self.then
        return self.kind


def parse_step(data: Mapping[str, Any]) -> NextStep:
    """A next step from its JSON form. Raises InvalidError."""
    fields = dict(data)
    try:
        low, high = fields.pop("minutes", (0, 0))
        step = NextStep(
            kind=StepKind(fields.pop("kind")),
            minutes=(int(low), int(high)),
            then=StepKind(fields.pop("then")) if "then" in fields else None,
            **fields,
        )
    except (KeyError, TypeError, ValueError):
        raise InvalidError("vervolgstap niet begrepen", "next_step") from None
    if not 0 <= step.minutes[0] <= step.minutes[1]:
        raise InvalidError("minuten staan niet op volgorde", "next_step.minutes")
    return step


def step_json(step: NextStep) -> dict[str, Any]:
    """The JSON form that `parse_step` reads back to the same step."""
    data: dict[str, Any] = {"kind": step.kind.value}
    if step.minutes != (0, 0):
        data["minutes"] = list(step.minutes)
    if step.then is not None:
        data["then"] = step.then.value
    for name in ("times", "reserved", "same_agent", "close_after_days", "pause_days"):
        if value := getattr(step, name):
            data[name] = value
    return data


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeDef:
    """One row of a catalogue."""

    code: str
    set_by: SetBy
    label_nl: str
    label_en: str
    reached: Reached = Reached.NO
    final_for: FinalFor = FinalFor.NONE
    case_state: str | None = None  # domain.case.CaseState, where final for the case
    step: NextStep
    # verified | appointment (ours) | visit (the municipality's) | note | answer:<key> | overflow (another team's call)
    needs: tuple[str, ...] = ()
    second_key: bool = False
    counted: bool = True
    ddas: str | None = None
    position: int

    def label(self, language: str = "nl") -> str:
        """The words for screens, Dutch unless `language` is "en"."""
        return self.label_en if language == "en" else self.label_nl

    def is_reached(self, verified: bool | None) -> bool:
        """Whether it counts as a personal conversation, given the identity check."""
        return self.reached is Reached.YES or (self.reached is Reached.IF_VERIFIED and verified is True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """One version of all outcomes."""

    version: int
    outcomes: Mapping[str, OutcomeDef]

    def get(self, code: str) -> OutcomeDef:
        """The row of `code`. Raises InvalidError when this version does not know it."""
        try:
            return self.outcomes[code]
        except KeyError:
            raise InvalidError("onbekend gespreksresultaat", "outcome") from None

    def for_agents(self) -> list[OutcomeDef]:
        """What an agent may choose from, in screen order."""
        return sorted(
            (o for o in self.outcomes.values() if o.set_by is not SetBy.MACHINE),
            key=lambda o: o.position,
        )


def parse_catalogue(text: str) -> Catalogue:
    """A catalogue from TOML: `version` and a table `[outcome.CODE]` a row. Raises InvalidError."""
    data = tomllib.loads(text)
    outcomes = {}
    for position, (code, row) in enumerate(data["outcome"].items(), start=1):
        row = dict(row)
        try:
            outcomes[code] = OutcomeDef(
                code=code,
                set_by=SetBy(row.pop("set_by")),
                label_nl=row.pop("nl"),
                label_en=row.pop("en"),
                reached=Reached(row.pop("reached", "no")),
                final_for=FinalFor(row.pop("final_for", "none")),
                step=parse_step(row.pop("step")),
                needs=tuple(row.pop("needs", ())),
                position=position,
                **row,
            )
        except (KeyError, TypeError, ValueError):
            raise InvalidError("regel niet begrepen", f"outcome.{code}") from None
    return Catalogue(version=data["version"], outcomes=outcomes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """What an agent files, without the note: the part that goes into the ledger."""

    outcome: str
    flags: frozenset[str] = frozenset()
    answers: Mapping[str, str] = field(default_factory=dict)
    has_note: bool = False
    has_appointment: bool = False
    confirmed: bool = False


def check_filing(definition: OutcomeDef, filed: Filed, *, verified: bool | None, overflow: bool = False) -> None:
    """Refuse a filing that lacks what its outcome asks for. Raises InvalidError with the field to mend.

    `overflow`: a call of another team's queue, which has results of its own, and of which nothing else is kept.
    """
    if definition.set_by is SetBy.MACHINE:
        raise InvalidError("dit resultaat stelt het systeem zelf vast", "outcome")
    if ("overflow" in definition.needs) is not overflow:
        raise InvalidError("dit resultaat hoort niet bij dit soort gesprek", "outcome")
    if overflow and filed.has_note:
        raise InvalidError("van een gesprek voor een ander team wordt niets bewaard", "note")
    if not filed.flags <= FLAGS:
        raise InvalidError("onbekend kenmerk", "flags")
    for need in definition.needs:
        _check_need(need, filed, verified)
    if definition.second_key and not filed.confirmed:
        raise InvalidError("bevestig dit resultaat met een tweede toets", "confirmed")


def _check_need(need: str, filed: Filed, verified: bool | None) -> None:
    match need.partition(":"):
        case ("verified", _, _) if verified is not True:
            raise InvalidError("de identiteit is niet bevestigd", "verified")
        case ("appointment" | "visit", _, _) if not filed.has_appointment:
            raise InvalidError("kies een tijd voor de afspraak", "appointment_at")
        case ("note", _, _) if not filed.has_note:
            raise InvalidError("schrijf er een notitie bij", "note")
        case ("answer", _, key) if not filed.answers.get(key):
            raise InvalidError("dit antwoord ontbreekt nog", f"answers.{key}")
        case _:
            return
