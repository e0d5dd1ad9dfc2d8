"""What is held, column by column: why, how long, and how near it comes to a person (Art. 30 GDPR).

`holdings.toml` says it of every column of the schema, by hand: a new column is classed by whoever adds it. A client's
own terms are filled in where the register is drawn.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from typing import Any

from dialer.domain.errors import InvalidError


class Kind(StrEnum):
    """How near a column comes to a person, the nearest first."""

    SEALED = "sealed"
    HASH = "hash"
    PSEUDONYM = "pseudonym"
    REFERENCE = "reference"
    STAFF = "staff"
    SECRET = "secret"  # noqa: S105 - the name of a class
    PLAIN = "plain"


KIND_WORDS: Mapping[Kind, tuple[str, str]] = {
    Kind.SEALED: ("persoonsgegeven, versleuteld", "personal data, sealed"),
    Kind.HASH: ("versleuteld kenmerk, niet terug te lezen", "keyed hash, cannot be read"),
    Kind.PSEUDONYM: ("over één inwoner, zonder naam", "about one resident, without a name"),
    Kind.REFERENCE: ("kenmerk van de opdrachtgever", "the client's own reference"),
    Kind.STAFF: ("over een medewerker of gebruiker", "about staff or a user"),
    Kind.SECRET: ("sleutel of geheim", "key or secret"),
    Kind.PLAIN: ("over niemand", "about nobody"),
}
"""Dutch, English."""

PERSONAL = frozenset({Kind.SEALED, Kind.HASH, Kind.PSEUDONYM, Kind.REFERENCE, Kind.STAFF})
"""Data about somebody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """Why something is held and for how long, in two languages. Terms hold names of a client's settings in braces."""

    key: str
    why_nl: str
    why_en: str
    term_nl: str
    term_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One table of the database."""

    table: str
    purpose: Purpose
    columns: Mapping[str, Kind]

    def of(self, kind: Kind) -> Sequence[str]:
        """Its columns of one kind."""
        return [column for column, found in self.columns.items() if found is kind]

    @property
    def personal(self) -> bool:
        """Whether anything in it is about somebody."""
        return any(kind in PERSONAL for kind in self.columns.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterLine:
    """One kind of data in one table, in words."""

    purpose: str  # key
    why: str
    table: str
    kind: Kind
    kind_words: str
    columns: Sequence[str]
    term: str


def holdings() -> Sequence[Holding]:
    """Every table, in the order of the file."""
    text = (resources.files("dialer.domain") / "holdings.toml").read_text(encoding="utf-8")
    return parse_holdings(tomllib.loads(text))


def parse_holdings(data: Mapping[str, Any]) -> Sequence[Holding]:
    """Raises InvalidError, naming the table, for an unknown purpose or class, or a column that is classed twice."""
    purposes = {
        key: Purpose(
            key=key,
            why_nl=words["why"]["nl"],
            why_en=words["why"]["en"],
            term_nl=words["term"]["nl"],
            term_en=words["term"]["en"],
        )
        for key, words in data["purpose"].items()
    }
    found = []
    for table, classed in data["table"].items():
        purpose = purposes.get(classed["purpose"])
        if purpose is None:
            raise InvalidError(f"no purpose {classed['purpose']!r}", table)
        columns: dict[str, Kind] = {}
        for name, members in classed.items():
            if name == "purpose":
                continue
            if name not in set(Kind):
                raise InvalidError(f"no class {name!r}", table)
            for column in members:
                if column in columns:
                    raise InvalidError(f"{column} is classed twice", table)
                columns[column] = Kind(name)
        found.append(Holding(table=table, purpose=purpose, columns=columns))
    return found


def unclassed(schema: Mapping[str, Sequence[str]], held: Sequence[Holding]) -> Sequence[str]:
    """Columns of the schema that the register does not know, and those that it knows and the schema has not."""
    known = {f"{one.table}.{column}" for one in held for column in one.columns}
    there = {f"{table}.{column}" for table, columns in schema.items() for column in columns}
    return [*(f"+{name}" for name in sorted(there - known)), *(f"-{name}" for name in sorted(known - there))]


def register_lines(
    held: Sequence[Holding], terms: Mapping[str, int], *, english: bool = False
) -> Sequence[RegisterLine]:
    """The register: data about somebody, and keys; what is about nobody is left out. `terms`: a client's settings."""
    lines = []
    for one in held:
        for kind in Kind:
            columns = one.of(kind)
            if kind is Kind.PLAIN or not columns:
                continue
            lines.append(
                RegisterLine(
                    purpose=one.purpose.key,
                    why=one.purpose.why_en if english else one.purpose.why_nl,
                    table=one.table,
                    kind=kind,
                    kind_words=KIND_WORDS[kind][english],
                    columns=columns,
                    term=(one.purpose.term_en if english else one.purpose.term_nl).format_map(terms),
                )
            )
    return lines
