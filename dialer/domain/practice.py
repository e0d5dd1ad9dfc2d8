"""Practice: conversations with invented residents, what is asked of an agent in each, and when he has passed.

The set is data (`practice_v1.toml`) and goes with the script that ships. A conversation runs in the agent's browser,
which says of every point whether it was met; what that makes is reckoned here, once.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from dialer.domain.errors import ConflictError, InvalidError
from dialer.domain.script import Script, Text

ENDINGS = ("hang_up", "voicemail")


class Point(StrEnum):
    """What an agent is judged by."""

    IDENTITY = "identity"  # nothing was told before the check, and nobody else was taken for the resident
    ANSWERS = "answers"  # the script's answers fit what was heard
    REPLIES = "replies"  # the right thing was said
    OUTCOME = "outcome"
    APPOINTMENT = "appointment"  # at a time that is free and suits the resident
    FLAGS = "flags"
    CRISIS = "crisis"  # the crisis desk was rung
    NOTE = "note"  # no citizen service number, nothing about health
    ENDING = "ending"


MUSTS = frozenset({Point.IDENTITY, Point.OUTCOME, Point.CRISIS, Point.NOTE})
"""Without these nobody passes, whatever the score."""


class PracticeChangedError(ConflictError):
    """There is a newer set than the one that was practised."""

    code = "practice-changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resident:
    """Somebody invented. The birth date is ISO, the postcode has no blank."""

    salutation: str
    name: str
    kind: str  # of the telephone: mobile | fixed
    birth_date: str
    postcode: str
    house_number: str
    arrears: str  # a PartnerType


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What the resident says at a step of the script, and which answers (keys) go with it."""

    at: str
    says: Text
    fits: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Something that the agent can say. `tells`: what may not be told now; `why`: what is wrong with it."""

    says: Text
    right: bool
    tells: bool
    why: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the resident asks at a step, before he says his line there."""

    at: str
    says: Text
    replies: tuple[Reply, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """Times of the municipality that suit: from this hour of the day on (HH:MM)."""

    first: str
    first_is_taken: bool  # somebody else is quicker with the first that is chosen


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """When the resident wants to be rung: so many days from today, between two hours (HH:MM, Amsterdam)."""

    days: int
    first: str
    last: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One conversation."""

    code: str
    title: Text
    brief: Text
    resident: Resident
    verifies: bool  # the identity check belongs to it; else it must not be made
    outcomes: tuple[str, ...]
    flags: tuple[str, ...]
    crisis_desk: bool
    slot: Slot | None
    wish: Wish | None
    note: bool  # there is something to be noted
    ending: str  # one of ENDINGS
    lines: tuple[Line, ...]
    questions: tuple[Question, ...]

    @property
    def points(self) -> tuple[Point, ...]:
        """What counts here, in the order of a conversation."""
        asked = {
            Point.IDENTITY: True,
            Point.ANSWERS: any(line.fits for line in self.lines),
            Point.REPLIES: bool(self.questions),
            Point.CRISIS: self.crisis_desk,
            Point.ENDING: True,
            Point.OUTCOME: True,
            Point.APPOINTMENT: self.slot is not None or self.wish is not None,
            Point.FLAGS: bool(self.flags),
            Point.NOTE: True,
        }
        return tuple(point for point, counts in asked.items() if counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeSet:
    """All conversations. `pass_mark`: percent."""

    version: int
    pass_mark: int
    health_words: tuple[str, ...]  # beginnings of words, in small letters
    scenarios: tuple[Scenario, ...]

    def scenario(self, code: str) -> Scenario:
        """Raises InvalidError."""
        found = next((one for one in self.scenarios if one.code == code), None)
        if found is None:
            raise InvalidError("geen gesprek van de oefening", "scenario")
        return found

    def judge(self, scenario: Scenario, met: Mapping[Point, bool]) -> Judgement:
        """The score in percent. `met`: of every point of the scenario whether it was met. Raises InvalidError."""
        if set(met) != set(scenario.points):
            raise InvalidError("niet de punten van dit gesprek", "points")
        score = round(100 * sum(met.values()) / len(scenario.points))
        musts = all(met[point] for point in scenario.points if point in MUSTS)
        return Judgement(score=score, passed=musts and score >= self.pass_mark)

    def complete(self, passed: Collection[str]) -> bool:
        """True when every conversation has been passed."""
        return all(scenario.code in passed for scenario in self.scenarios)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a conversation came to."""

    score: int
    passed: bool


def problems(practice: PracticeSet, script: Script, outcomes: Collection[str]) -> Iterator[str]:
    """What is wrong with the set, beside this script and these codes of outcomes; for whoever writes one."""
    for scenario in practice.scenarios:
        places = [line.at for line in scenario.lines]
        for outcome in scenario.outcomes:
            if outcome not in outcomes:
                yield f"{scenario.code}: no outcome {outcome}"
        for line in scenario.lines:
            step = script.step(line.at)
            keys = set() if step is None else {answer.key for answer in step.answers}
            if step is None or not set(line.fits) <= keys:
                yield f"{scenario.code}: step {line.at} does not have these answers"
        for question in scenario.questions:
            if question.at not in places:
                yield f"{scenario.code}: a question at {question.at}, where nothing is said"
            if [reply.right for reply in question.replies].count(True) != 1:
                yield f"{scenario.code}: not one right reply at {question.at}"
            if any(not reply.right and not reply.why.nl for reply in question.replies):
                yield f"{scenario.code}: a wrong reply at {question.at} without its reason"
        for place in _unheard(scenario, script):
            yield f"{scenario.code}: nobody says anything at {place}"


def _unheard(scenario: Scenario, script: Script) -> Iterator[str]:
    """Steps that fitting answers lead to, and that have no line."""
    lines = {line.at: line for line in scenario.lines}
    ahead, seen = [script.starts["out"]], set()
    while ahead:
        here = ahead.pop()
        if here in seen:
            continue
        seen.add(here)
        line, step = lines.get(here), script.step(here)
        if line is None or step is None:
            yield here
            continue
        ahead.extend(answer.to for answer in step.answers if answer.key in line.fits and answer.to is not None)
        if scenario.verifies and step.identity.value == "asks":
            ahead.append(script.after_match)


# ---------------------------------------------------------------------------------------------------------
# The file, and JSON
# ---------------------------------------------------------------------------------------------------------


def parse_practice(data: Mapping[str, Any]) -> PracticeSet:
    """Out of TOML. Raises InvalidError."""
    try:
        scenarios = tuple(_scenario(item) for item in data["scenarios"])
        practice = PracticeSet(
            version=int(data["version"]),
            pass_mark=int(data["pass_mark"]),
            health_words=tuple(str(word) for word in data["health_words"]),
            scenarios=scenarios,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidError("this is no practice set", "practice") from error
    if not scenarios or len({one.code for one in scenarios}) != len(scenarios):
        raise InvalidError("conversations have different codes", "practice")
    return practice


def _text(data: Mapping[str, str]) -> Text:
    return Text(nl=data["nl"], en=data["en"])


def _scenario(data: Mapping[str, Any]) -> Scenario:
    slot, wish, ending = data.get("slot"), data.get("wish"), data.get("ending", "hang_up")
    if ending not in ENDINGS:
        raise ValueError(ending)
    return Scenario(
        code=data["code"],
        title=_text(data["title"]),
        brief=_text(data["brief"]),
        resident=Resident(**data["resident"]),
        verifies=bool(data["verifies"]),
        outcomes=tuple(data["outcomes"]),
        flags=tuple(data.get("flags", ())),
        crisis_desk=bool(data.get("crisis_desk", False)),
        slot=None if slot is None else Slot(first=slot["from"], first_is_taken=bool(slot.get("first_is_taken", False))),
        wish=None if wish is None else Wish(days=int(wish["days"]), first=wish["from"], last=wish["until"]),
        note=bool(data.get("note", False)),
        ending=ending,
        lines=tuple(Line(at=one["at"], says=_text(one["says"]), fits=tuple(one["fits"])) for one in data["lines"]),
        questions=tuple(
            Question(at=one["at"], says=_text(one["says"]), replies=tuple(_reply(reply) for reply in one["replies"]))
            for one in data["questions"]
        ),
    )


def _reply(data: Mapping[str, Any]) -> Reply:
    return Reply(
        says=_text(data["says"]),
        right=bool(data.get("right", False)),
        tells=bool(data.get("tells", False)),
        why=_text(data.get("why", {"nl": "", "en": ""})),
    )


def scenario_json(scenario: Scenario) -> dict[str, Any]:
    """As the browser plays it."""
    resident, slot, wish = scenario.resident, scenario.slot, scenario.wish
    return {
        "code": scenario.code,
        "title": _both(scenario.title),
        "brief": _both(scenario.brief),
        "resident": {name: getattr(resident, name) for name in Resident.__slots__},
        "verifies": scenario.verifies,
        "outcomes": list(scenario.outcomes),
        "flags": list(scenario.flags),
        "crisis_desk": scenario.crisis_desk,
        "slot": None if slot is None else {"from": slot.first, "first_is_taken": slot.first_is_taken},
        "wish": None if wish is None else {"days": wish.days, "from": wish.first, "until": wish.last},
        "note": scenario.note,
        "ending": scenario.ending,
        "points": [point.value for point in scenario.points],
        "lines": [{"at": one.at, "says": _both(one.says), "fits": list(one.fits)} for one in scenario.lines],
        "questions": [
            {
                "at": one.at,
                "says": _both(one.says),
                "replies": [
                    {"says": _both(reply.says), "right": reply.right, "tells": reply.tells, "why": _both(reply.why)}
                    for reply in one.replies
                ],
            }
            for one in scenario.questions
        ],
    }


def _both(text: Text) -> dict[str, str]:
    return {"nl": text.nl, "en": text.en}


@cache
def practice_set() -> PracticeSet:
    """The set that ships with the service."""
    text = (resources.files("dialer.domain") / "practice_v1.toml").read_text(encoding="utf-8")
    return parse_practice(tomllib.loads(text))
