"""What differs between two versions of a script, as data for a screen."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from dialer.domain.script import Condition, Script, Step


class ChangeKind(StrEnum):
    """What became of a step."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One value; "" where there was or is none. `field`: as `say.nl`, `answers.2.label.nl`, `answers.2.to`."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepChange:
    """A step that differs. `step` "": where the script begins and goes on after the check, or the steps' order."""

    step: str
    title: str
    kind: ChangeKind
    fields: Sequence[FieldChange]


def differences(before: Script, after: Script) -> Sequence[StepChange]:
    """In the order of `after`, removed steps last. Empty when both say the same in the same order."""
    found = []
    shared = {step.id for step in before.steps} & {step.id for step in after.steps}
    whole = _fields(_whole(before, shared), _whole(after, shared))
    if whole:
        found.append(StepChange(step="", title="", kind=ChangeKind.CHANGED, fields=whole))
    for step in after.steps:
        old = before.step(step.id)
        fields = _fields({} if old is None else _flat(old), _flat(step))
        kind = ChangeKind.ADDED if old is None else ChangeKind.CHANGED
        if fields:
            found.append(StepChange(step=step.id, title=step.title.nl, kind=kind, fields=fields))
    for step in before.steps:
        if after.step(step.id) is None:
            fields = _fields(_flat(step), {})
            found.append(StepChange(step=step.id, title=step.title.nl, kind=ChangeKind.REMOVED, fields=fields))
    return found


def _fields(before: Mapping[str, str], after: Mapping[str, str]) -> Sequence[FieldChange]:
    names = [*after, *(name for name in before if name not in after)]
    return [
        FieldChange(field=name, before=before.get(name, ""), after=after.get(name, ""))
        for name in names
        if before.get(name, "") != after.get(name, "")
    ]


def _whole(script: Script, shared: Collection[str]) -> Mapping[str, str]:
    order = " ".join(step.id for step in script.steps if step.id in shared)
    return {f"starts.{name}": step for name, step in script.starts.items()} | {
        "after_match": script.after_match,
        "order": order,
    }


def _flat(step: Step) -> Mapping[str, str]:
    flat = {"audience": step.audience.value, "identity": step.identity.value}
    for where, text in step.texts():
        name = f"{where}.label" if where.startswith("answers.") else where
        flat |= {f"{name}.nl": text.nl, f"{name}.en": text.en}
    for place, passage in enumerate(step.also, 1):
        flat[f"also.{place}.when"] = _words(passage.when)
    for answer in step.answers:
        where = f"answers.{answer.key}"
        flat |= {
            f"{where}.to": answer.to or "end",
            f"{where}.outcome": answer.outcome or "",
            f"{where}.flag": answer.flag or "",
            f"{where}.files": "" if answer.files is None else " = ".join(answer.files),
            f"{where}.when": _words(answer.when),
        }
    return flat


def _words(when: Sequence[Condition]) -> str:
    return "; ".join(f"{one.fact}: {', '.join(one.values)}" for one in when)
