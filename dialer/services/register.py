"""The register of what is held (Art. 30 GDPR): with a client's own terms, or the usual ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from dialer.domain.client_settings import in_force
from dialer.domain.holdings import Holding, RegisterLine, holdings, register_lines, unclassed
from dialer.domain.ids import ClientId
from dialer.services.ports.export import Table


class SchemaReader(Protocol):
    """What the database consists of, and a client's terms."""

    async def columns(self) -> Mapping[str, Sequence[str]]:
        """Columns by table; tables outside `public` with their schema's name."""
        ...

    async def terms(self, client: ClientId) -> Mapping[str, object]:
        """A client's settings as stored. Raises NotFoundError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterShown:
    """The register, and columns that nobody has classed yet (`+`) or that are gone (`-`): empty in every release."""

    lines: Sequence[RegisterLine]
    unclassed: Sequence[str]


class Register:
    """Draws it from the database as it is."""

    def __init__(self, schema: SchemaReader) -> None:
        self._schema = schema

    async def show(self, client: ClientId | None, *, english: bool = False) -> RegisterShown:
        """`client` None: with the usual terms. Raises NotFoundError."""
        terms = in_force({} if client is None else await self._schema.terms(client))
        schema, held = await self._schema.columns(), holdings()
        there = [_there(one, schema) for one in held]
        return RegisterShown(lines=register_lines(there, terms, english=english), unclassed=unclassed(schema, held))


def _there(one: Holding, schema: Mapping[str, Sequence[str]]) -> Holding:
    columns = set(schema.get(one.table, ()))
    kept = {name: kind for name, kind in one.columns.items() if name in columns}
    return Holding(table=one.table, purpose=one.purpose, columns=kept)


HEADER = (
    ("waarvoor", "purpose"),
    ("tabel", "table"),
    ("soort", "class"),
    ("kolommen", "columns"),
    ("hoe lang", "how long"),
)


def as_table(lines: Sequence[RegisterLine], *, english: bool = False) -> Table:
    """For a spreadsheet."""
    rows = [[one.why, one.table, one.kind_words, ", ".join(one.columns), one.term] for one in lines]
    return Table(header=[words[english] for words in HEADER], rows=rows)


def as_markdown(lines: Sequence[RegisterLine], *, english: bool = False) -> str:
    """To read: a section for each purpose."""
    sections: dict[str, list[RegisterLine]] = {}
    for one in lines:
        sections.setdefault(one.purpose, []).append(one)
    text = []
    for found in sections.values():
        text += [
            f"## {found[0].why}",
            "",
            f"*{'How long' if english else 'Hoe lang'}:* {found[0].term}.",
            "",
            f"| {HEADER[1][english]} | {HEADER[2][english]} | {HEADER[3][english]} |",
            "| --- | --- | --- |",
            *(
                f"| `{one.table}` | {one.kind_words} | {', '.join(f'`{name}`' for name in one.columns)} |"
                for one in found
            ),
            "",
        ]
    return "\n".join(text)
