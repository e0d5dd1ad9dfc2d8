"""What is wrong with a script. An error keeps it from becoming a version; a warning is for its maker to weigh.

The rules that protect residents are errors: what tells of arrears stands in steps for the resident alone, and those are
reached through the identity check alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from dialer.domain.outcome import FLAGS, Catalogue, SetBy
from dialer.domain.script import (
    FACTS,
    OPENINGS,
    PLACEHOLDERS,
    SECRET_FACTS,
    Answer,
    Audience,
    Identity,
    Script,
    Step,
)

WARNINGS = frozenset({"no_outcome", "english_missing"})
"""Codes that keep nobody from making a version."""

_FIELD = re.compile(r"\{([^{}]*)\}|([{}])")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_VALUE = re.compile(r"[\w ,./+-]{1,60}")  # as a filing takes answers: choices, no stories
# Beginnings of words that name a debt, a creditor or the trade, Dutch and English. Better one too many: other words
# are soon found, and what was said to a stranger cannot be taken back.
_TELLS = re.compile(
    r"(?<!ont)(?<!on)schuld|rekening|betal|betaal|achterstand|incasso|deurwaarder|aanmaning|(?<!sc)huur|energie"
    r"|zorgverzeker|zorgkosten|zorgpremie|hypothe|waterbedrijf|budget|geld|inkomen|toeslag|bewindvoer|failliet|hulp"
    r"|\bdebt|\bbills?\b|\barrears|\bpay|\bpaid|\brent\b|bailiff|\bowe|\bmoney|\benergy|mortgage|\binsurance|allowance"
    r"|bankrupt|\bhelp",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong. `step` "": the script as a whole."""

    code: str
    step: str = ""
    where: str = ""  # title, say, hint, also.<n>, answers.<key>
    detail: str = ""  # the word, the field, the outcome: never anybody's data, a script has none

    @property
    def blocking(self) -> bool:
        """True for an error."""
        return self.code not in WARNINGS


def problems(script: Script, catalogue: Catalogue) -> Sequence[Problem]:
    """Everything that is wrong, errors first, else in the order of the steps."""
    found = [*_ends(script)]
    english = any(text.en for step in script.steps for _, text in step.texts())
    for step in script.steps:
        found += [*_words(step, english=english), *_conditions(step), *_answers(step, script, catalogue)]
    found += [*_ways(script)]
    order = {"": -1} | {step.id: place for place, step in enumerate(script.steps)}
    return sorted(found, key=lambda one: (not one.blocking, order[one.step]))


def _ends(script: Script) -> Iterator[Problem]:
    """Where the script begins, and where the identity check leads."""
    for opening in OPENINGS:
        step = script.step(script.starts[opening])
        if step is None:
            yield Problem(code="start_unknown", detail=opening)
        elif step.audience is not Audience.ANYONE:
            yield Problem(code="start_audience", step=step.id, detail=opening)
    after = script.step(script.after_match)
    if after is None:
        yield Problem(code="after_match_unknown")
    elif after.audience is not Audience.RESIDENT:
        yield Problem(code="after_match_audience", step=after.id)


def _words(step: Step, *, english: bool) -> Iterator[Problem]:
    for where, text in step.texts():
        if not text.nl.strip() and where != "hint":
            yield Problem(code="empty", step=step.id, where=where)
        if english and text.nl and not text.en:
            yield Problem(code="english_missing", step=step.id, where=where)
        for _, said in text.both():
            yield from _placeholders(step, where, said)
            tells = _TELLS.search(_FIELD.sub("", said))
            if tells is not None and step.audience is not Audience.RESIDENT:
                yield Problem(code="tells", step=step.id, where=where, detail=tells.group().lower())
    if step.identity is not Identity.NO and step.audience is not Audience.ANYONE:
        yield Problem(code="identity_audience", step=step.id)


def _placeholders(step: Step, where: str, said: str) -> Iterator[Problem]:
    for match in _FIELD.finditer(said):
        name = match.group(1)
        if name not in PLACEHOLDERS:
            yield Problem(code="placeholder_unknown", step=step.id, where=where, detail=match.group())
        elif PLACEHOLDERS[name] and step.audience is Audience.ANYONE:
            yield Problem(code="placeholder_before_check", step=step.id, where=where, detail=match.group())
        elif PLACEHOLDERS[name] and step.audience is Audience.THIRD_PARTY:
            yield Problem(code="placeholder_third_party", step=step.id, where=where, detail=match.group())


def _conditions(step: Step) -> Iterator[Problem]:
    for where, condition in step.conditions():
        known = FACTS.get(condition.fact)
        if known is None or not condition.values or not set(condition.values) <= known:
            yield Problem(code="condition_unknown", step=step.id, where=where, detail=condition.fact)
        elif condition.fact in SECRET_FACTS and step.audience is not Audience.RESIDENT:
            yield Problem(code="condition_before_check", step=step.id, where=where, detail=condition.fact)


def _answers(step: Step, script: Script, catalogue: Catalogue) -> Iterator[Problem]:
    if not step.answers:
        yield Problem(code="dead_end", step=step.id)
    elif all(answer.when for answer in step.answers):
        yield Problem(code="dead_end_conditions", step=step.id)
    for answer in step.answers:
        where = f"answers.{answer.key}"
        target = None if answer.to is None else script.step(answer.to)
        if answer.to is not None and target is None:
            yield Problem(code="to_unknown", step=step.id, where=where, detail=answer.to)
        if target is not None and target.audience is Audience.RESIDENT and step.audience is not Audience.RESIDENT:
            yield Problem(code="passes_check", step=step.id, where=where, detail=target.id)
        if answer.flag is not None and answer.flag not in FLAGS:
            yield Problem(code="flag_unknown", step=step.id, where=where, detail=answer.flag)
        if answer.files is not None and not _fileable(answer.files):
            yield Problem(code="files_bad", step=step.id, where=where)
        yield from _outcome(step, answer, where, catalogue)


def _fileable(files: tuple[str, str]) -> bool:
    name, value = files
    return _NAME.fullmatch(name) is not None and name != "path" and _VALUE.fullmatch(value) is not None


def _outcome(step: Step, answer: Answer, where: str, catalogue: Catalogue) -> Iterator[Problem]:
    if answer.outcome is None:
        return
    known = catalogue.outcomes.get(answer.outcome)
    if known is None:
        yield Problem(code="outcome_unknown", step=step.id, where=where, detail=answer.outcome)
    elif known.set_by is SetBy.MACHINE:
        yield Problem(code="outcome_machine", step=step.id, where=where, detail=answer.outcome)
    elif "verified" in known.needs and step.audience is not Audience.RESIDENT:
        yield Problem(code="outcome_needs_check", step=step.id, where=where, detail=answer.outcome)


# ---------------------------------------------------------------------------------------------------------
# Ways through the script
# ---------------------------------------------------------------------------------------------------------


def _ways(script: Script) -> Iterator[Problem]:
    reached = _reached(script)
    ending = _ending(script)
    for step in script.steps:
        if step.id not in reached:
            yield Problem(code="unreachable", step=step.id)
        elif step.answers and step.id not in ending:
            yield Problem(code="no_way_out", step=step.id)
    yield from _without_outcome(script)


def _next(step: Step, script: Script) -> Iterable[str]:
    """Steps that may follow: by an answer, or by a matched check."""
    yield from (answer.to for answer in step.answers if answer.to is not None)
    if step.identity is not Identity.NO:
        yield script.after_match


def _reached(script: Script) -> set[str]:
    waiting = [script.starts[opening] for opening in OPENINGS]
    reached: set[str] = set()
    while waiting:
        name = waiting.pop()
        step = script.step(name)
        if step is not None and name not in reached:
            reached.add(name)
            waiting += _next(step, script)
    return reached


def _ending(script: Script) -> set[str]:
    """Steps from which an answer leads to the end, by however many others."""
    ending: set[str] = set()
    while True:
        more = {
            step.id
            for step in script.steps
            if step.id not in ending
            and any(answer.to is None or answer.to in ending for answer in step.answers)
        }  # fmt: skip
        if not more:
            return ending
        ending |= more


def _without_outcome(script: Script) -> Iterator[Problem]:
    """Answers that end the script although no answer before them proposed an outcome."""
    waiting = [(script.starts[opening], False) for opening in OPENINGS]
    seen: set[tuple[str, bool]] = set()
    told: set[tuple[str, int]] = set()
    while waiting:
        name, has = waiting.pop()
        step = script.step(name)
        if step is None or (name, has) in seen:
            continue
        seen.add((name, has))
        if step.identity is not Identity.NO:
            waiting.append((script.after_match, has))
        for answer in step.answers:
            now = has or answer.outcome is not None
            if answer.to is not None:
                waiting.append((answer.to, now))
            elif not now and (name, answer.key) not in told:
                told.add((name, answer.key))
                yield Problem(code="no_outcome", step=name, where=f"answers.{answer.key}")
