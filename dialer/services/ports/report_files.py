"""A report as something to write down: text, tables and plots, whatever the form of the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dialer.domain.ids import ClientId
from dialer.domain.reports.operations import Plot, Unit

Cell = str | float | None
"""None: nothing to tell, or hidden."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperTable:
    """One table. The first cell of a row is text, the others are of the units of their columns; "" is text."""

    title: str
    note: str
    head: Sequence[str]
    units: Sequence[Unit | None]  # of all columns; None: text
    rows: Sequence[Sequence[Cell]]
    total: Sequence[Cell] | None = None
    plot: Plot = Plot.NONE
    plotted: int = 0  # the column that is drawn
    keys: Sequence[str] = ()  # of the rows, for a heat map


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A whole report. `empty`: what stands where there is nothing to tell."""

    title: str
    about: str
    lines: Sequence[str]
    at: datetime  # when it was counted: the file says no other time
    tables: Sequence[PaperTable]
    words: Sequence[tuple[str, str]]  # figure, what it means
    words_title: str
    language: str
    empty: str
    logo: bytes | None  # PNG


class ReportWriter(Protocol):
    """Makes files of papers."""

    def write(self, paper: Paper, format_: str) -> bytes:
        """As `xlsx` or `pdf`. Raises InvalidError for another format. Run it in a thread."""
        ...


class LogoStore(Protocol):
    """A client's logo."""

    async def logo(self, client: ClientId) -> bytes | None:
        """PNG; None: it has none."""
        ...

    async def set_logo(self, client: ClientId, png: bytes | None, at: datetime, actor: str) -> None:
        """Audited in the same transaction; None takes it away. Raises NotFoundError."""
        ...
