"""A conversation script as data: steps with what to say, answers with what follows, conditions on what is known.

Its JSON form (`to_json`, `parse_script`) is what is stored, served and edited; the first script stands in
`script_v1.toml`. What a script may not do is found by `dialer.domain.script_check`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from dialer.domain.errors import InvalidError
from dialer.domain.intake import PartnerType
from dialer.domain.intake_values import LANGUAGES

OPENINGS = ("out", "in", "call_back")
"""How a call comes about: dialled by plan, rung by a caller, or rung back because somebody asked for it."""

MOST_STEPS = 60
MOST_ANSWERS = 9
MOST_PASSAGES, MOST_CONDITIONS = 9, 6  # of a step; of a passage or an answer
LONGEST_TITLE, LONGEST_SAY, LONGEST_LABEL = 60, 1200, 60  # characters

_ID = re.compile(r"[A-Z][A-Z0-9_]{0,11}")
_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,39}")


class Audience(StrEnum):
    """Who may hear a step."""

    ANYONE = "anyone"  # before the identity check, whoever it is
    RESIDENT = "resident"  # after a match only
    THIRD_PARTY = "third_party"  # somebody else


class Identity(StrEnum):
    """What the identity check is at a step."""

    NO = "no"
    MAY = "may"  # a match here goes on with `after_match`
    ASKS = "asks"  # the same, and the step asks for the data


PLACEHOLDERS: Mapping[str, bool] = {
    "groet": False,
    "medewerker": False,
    "aanhef": False,
    "gemeente": False,
    "neutraleNaam": False,
    "nummer079": False,
    "soort": True,
}
"""What is filled in from the card; True: tells of arrears."""

FACTS: Mapping[str, frozenset[str]] = {
    "identity": frozenset({"matched", "open"}),
    "opening": frozenset(OPENINGS),
    "language": LANGUAGES,
    "attempt": frozenset({"first", "again"}),
    "arrears": frozenset(kind.value for kind in PartnerType),
    "crisis": frozenset({"yes", "no"}),
}
"""What a condition may ask, and what the answer may be."""

SECRET_FACTS = frozenset({"arrears", "crisis"})
"""Known after the identity check only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """In the language of the conversation. `en` empty: Dutch is said."""

    nl: str
    en: str = ""

    def both(self) -> tuple[tuple[str, str], ...]:
        """(language, text), those that there are."""
        return tuple((name, text) for name, text in (("nl", self.nl), ("en", self.en)) if text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Holds when what is known of `fact` is one of `values`."""

    fact: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A button. `to` None: the script ends here. Shown when all of `when` hold."""

    key: int  # 1-9, also its key on the keyboard
    label: Text
    to: str | None = None
    outcome: str | None = None  # the path's last one is proposed
    flag: str | None = None
    files: tuple[str, str] | None = None  # a structured answer: name, value
    when: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """Said after the step's own text when all of `when` hold."""

    say: Text
    when: tuple[Condition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What the agent has on the screen at once."""

    id: str
    title: Text
    say: Text
    audience: Audience
    identity: Identity = Identity.NO
    hint: Text = field(default_factory=lambda: Text(nl=""))  # to the agent, never said
    also: tuple[Passage, ...] = ()
    answers: tuple[Answer, ...] = ()

    def texts(self) -> Iterator[tuple[str, Text]]:
        """(where, text) of everything that somebody may read out."""
        yield "title", self.title
        yield "say", self.say
        yield "hint", self.hint
        for place, passage in enumerate(self.also, 1):
            yield f"also.{place}", passage.say
        for answer in self.answers:
            yield f"answers.{answer.key}", answer.label

    def conditions(self) -> Iterator[tuple[str, Condition]]:
        """(where, condition)."""
        for place, passage in enumerate(self.also, 1):
            yield from ((f"also.{place}", condition) for condition in passage.when)
        for answer in self.answers:
            yield from ((f"answers.{answer.key}", condition) for condition in answer.when)


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """Steps, the one that each opening begins with, and the one that a matched identity check goes on with."""

    starts: Mapping[str, str]
    after_match: str
    steps: tuple[Step, ...]

    def step(self, name: str) -> Step | None:
        """By id."""
        return next((step for step in self.steps if step.id == name), None)


# ---------------------------------------------------------------------------------------------------------
# JSON
# ---------------------------------------------------------------------------------------------------------


def to_json(script: Script) -> dict[str, Any]:
    """Every field, so that an editor has all of them."""
    return {
        "starts": {opening: script.starts[opening] for opening in OPENINGS},
        "after_match": script.after_match,
        "steps": [_step_json(step) for step in script.steps],
    }


def _text_json(text: Text) -> dict[str, str]:
    return {"nl": text.nl, "en": text.en}


def _when_json(when: tuple[Condition, ...]) -> list[dict[str, Any]]:
    return [{"fact": condition.fact, "is": list(condition.values)} for condition in when]


def _step_json(step: Step) -> dict[str, Any]:
    return {
        "id": step.id,
        "title": _text_json(step.title),
        "say": _text_json(step.say),
        "hint": _text_json(step.hint),
        "audience": step.audience.value,
        "identity": step.identity.value,
        "also": [{"say": _text_json(one.say), "when": _when_json(one.when)} for one in step.also],
        "answers": [
            {
                "key": answer.key,
                "label": _text_json(answer.label),
                "to": answer.to,
                "outcome": answer.outcome,
                "flag": answer.flag,
                "files": None if answer.files is None else {"name": answer.files[0], "value": answer.files[1]},
                "when": _when_json(answer.when),
            }
            for answer in step.answers
        ],
    }


def parse_script(data: Mapping[str, Any]) -> Script:
    """Out of its JSON form, of which empty parts may be left out. Raises InvalidError that names the field.

    A script that parses may still be wrong: see `dialer.domain.script_check.problems`.
    """
    try:
        steps = tuple(_step(step, f"steps.{place}") for place, step in enumerate(data["steps"]))
        script = Script(
            starts={opening: str(data["starts"][opening]) for opening in OPENINGS},
            after_match=str(data["after_match"]),
            steps=steps,
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise InvalidError("this is not a script", "script") from error
    if not 1 <= len(steps) <= MOST_STEPS:
        raise InvalidError(f"a script has 1 to {MOST_STEPS} steps", "steps")
    if len({step.id for step in steps}) != len(steps):
        raise InvalidError("two steps have the same id", "steps")
    return script


def _text(data: Mapping[str, Any] | None, longest: int, where: str) -> Text:
    text = Text(nl=str((data or {}).get("nl", "")), en=str((data or {}).get("en", "")))
    for _, value in text.both():
        if len(value) > longest or not value.replace("\n", " ").isprintable():
            raise InvalidError(f"at most {longest} printable characters", where)
    return text


def _when(data: list[Mapping[str, Any]]) -> tuple[Condition, ...]:
    return tuple(
        Condition(fact=str(item["fact"])[:20], values=tuple(str(value)[:20] for value in item["is"][:30]))
        for item in data[:MOST_CONDITIONS]
    )


def _step(data: Mapping[str, Any], where: str) -> Step:
    answers = tuple(_answer(item, place, where) for place, item in enumerate(data.get("answers", []), 1))
    if not _ID.fullmatch(data["id"]):
        raise InvalidError("a capital letter, then capitals and digits", f"{where}.id")
    if len({answer.key for answer in answers}) != len(answers):
        raise InvalidError("two answers have the same key", f"{where}.answers")
    return Step(
        id=data["id"],
        title=_text(data["title"], LONGEST_TITLE, f"{where}.title"),
        say=_text(data["say"], LONGEST_SAY, f"{where}.say"),
        hint=_text(data.get("hint"), LONGEST_SAY, f"{where}.hint"),
        audience=Audience(data["audience"]),
        identity=Identity(data.get("identity", "no")),
        also=tuple(
            Passage(say=_text(item["say"], LONGEST_SAY, f"{where}.also"), when=_when(item["when"]))
            for item in data.get("also", [])[:MOST_PASSAGES]
        ),
        answers=answers,
    )


def _answer(data: Mapping[str, Any], place: int, where: str) -> Answer:
    key = data.get("key", place)
    if type(key) is not int or not 1 <= key <= MOST_ANSWERS:
        raise InvalidError("an answer has a key from 1 to 9", f"{where}.answers")
    files = data.get("files")
    return Answer(
        key=key,
        label=_text(data["label"], LONGEST_LABEL, f"{where}.answers.{key}"),
        to=_code(data.get("to"), where),
        outcome=_code(data.get("outcome"), where),
        flag=_code(data.get("flag"), where),
        files=None if files is None else (str(files["name"])[:40], str(files["value"])[:60]),
        when=_when(data.get("when", [])),
    )


def _code(value: object, where: str) -> str | None:
    """The name of a step, an outcome or a flag; whether there is one is found by the check."""
    if value is None:
        return None
    if not isinstance(value, str) or not _CODE.fullmatch(value):
        raise InvalidError("a name in capitals", f"{where}.answers")
    return value


@cache
def first_script() -> Script:
    """The script that ships with the service."""
    text = (resources.files("dialer.domain") / "script_v1.toml").read_text(encoding="utf-8")
    return parse_script(tomllib.loads(text))
