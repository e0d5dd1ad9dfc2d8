"""What agents can do, and what campaigns and residents ask for: languages, and skills as data.

Every agent speaks Dutch: script and screens are Dutch. A skill is never taken away, so that what was kept stays
readable; one that is no longer wanted is archived.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from dialer.domain.errors import InvalidError
from dialer.domain.intake_values import LANGUAGES

DUTCH = "nl"
FOREIGN = LANGUAGES - {DUTCH}
"""ISO codes of the languages that an agent may speak beside Dutch: those that a list may name."""

INTERPRETER = "interpreter"
"""The structured answer of a filing that names the language in which the resident has to be spoken to."""

LONGEST_WORDS = 40
MOST = 40
"""Skills that are not archived: a list that can be read. Also of one agent or campaign."""

_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """One skill."""

    id: UUID
    code: str  # what agents and campaigns hold; never changes
    dutch: str
    english: str
    archived: bool = False
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Abilities:
    """Of an agent: what he has. Of a campaign: what it asks for, all of it."""

    languages: frozenset[str] = frozenset()  # beside Dutch
    skills: frozenset[str] = frozenset()  # codes


NONE = Abilities()
"""Of an agent of whom nothing is kept; of a campaign that asks for nothing."""


def serves(has: Abilities, asked: Abilities) -> bool:
    """Whether an agent has all that a campaign asks for."""
    return asked.skills <= has.skills and asked.languages <= has.languages


def speaks(has: Abilities, language: str) -> bool:
    """Whether an agent can be understood by a resident of this language; an empty one is not known, and so Dutch."""
    return language in ("", DUTCH) or language in has.languages


def waited_for(spoken: Collection[str], free: Iterable[Collection[str]]) -> frozenset[str]:
    """Languages whose residents are not dialled now.

    `spoken`: what the campaign's agents speak, on duty or not; `free`: what each of those speaks who may get a call
    now. Whose language nobody speaks at all does not wait: an interpreter is asked for in the call.
    """
    return frozenset(spoken).difference(*free)


def check_skill(skill: Skill) -> Skill:
    """The skill with its words trimmed. Raises InvalidError that names the field."""
    clean = replace(skill, dutch=skill.dutch.strip(), english=skill.english.strip())
    for name, words in (("dutch", clean.dutch), ("english", clean.english)):
        if not 1 <= len(words) <= LONGEST_WORDS or not words.isprintable():
            raise InvalidError(f"1 tot {LONGEST_WORDS} tekens", name)
    return clean


def check_asked(languages: object, skills: object, where: str = "") -> Abilities:
    """As they were sent, without Dutch, which everybody speaks. Raises InvalidError that names the field."""
    return Abilities(
        languages=_codes(languages, f"{where}languages") - {DUTCH}, skills=_codes(skills, f"{where}skills")
    )


def _codes(value: object, field: str) -> frozenset[str]:
    if not isinstance(value, list | tuple | set | frozenset) or len(value) > MOST:
        raise InvalidError(f"een lijst van hoogstens {MOST}", field)
    for code in value:
        known = isinstance(code, str) and (code in LANGUAGES if field.endswith("languages") else _CODE.fullmatch(code))
        if not known:
            raise InvalidError("onbekende taal" if field.endswith("languages") else "geen vaardigheid", field)
    return frozenset(value)
