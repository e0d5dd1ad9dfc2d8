"""Sections of a report about the work itself: what they count, in words, and figures made of what was counted. Pure.

The words and the parts of each figure are data with a version, `operations_v1.toml` and what later files change.
Sections about cases count those whose list came in on a day of the report; the others count what happened on those
days (Amsterdam dates).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

Words = tuple[str, str]
"""Dutch, English."""


class Unit(StrEnum):
    """What a figure is."""

    COUNT = "count"
    SHARE = "share"  # 0..1
    SECONDS = "seconds"
    SCORE = "score"  # points: a mean of answers, or a balance of them


TIMED = frozenset({Unit.SECONDS, Unit.SCORE})
"""Told of so many calls or answers, and not reckoned from counts."""


class Plot(StrEnum):
    """How a section is drawn beside its table."""

    NONE = "none"
    BARS = "bars"  # the plotted figure of each row
    LINE = "line"  # the plotted figure over the rows, which are in order of time
    HEAT = "heat"  # the plotted figure over weekday and hour


class Rows(StrEnum):
    """What the key of a row is."""

    OUTCOME = "outcome"  # code; `state:` and a case's state where there is none; "none": nothing filed
    NEED = "need"  # the script's answer; "unknown"
    TRY = "try"  # 1..8, where 8 is 8 and more; 0: before the first attempt
    HOUR = "hour"  # ISO weekday and hour by the local clock: 1-09
    WEEK = "week"  # ISO: 2026-W10


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A column. A share divides the count `of[0]` of its row by `of[1]` of the same row, or of the total."""

    key: str
    label: Words
    means: Words
    unit: Unit
    of: tuple[str, str]
    of_total: bool
    ours: bool  # for our own people only: it tells of the whole team, whoever it worked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One table and how it is drawn."""

    key: str
    title: Words
    note: Words
    rows: Rows
    plot: Plot
    plotted: str
    figures: Sequence[Figure]
    opens: bool = True  # its counts open their records


class Better(StrEnum):
    """On which side of its target a KPI is good."""

    HIGH = "high"
    LOW = "low"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What was agreed for a KPI: a share 0..1 or seconds, and how far off it is still within what was agreed."""

    target: float
    band: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    """A figure that may be agreed with a client: of counts of a section's total, or one of its timings."""

    key: str
    label: Words
    means: Words
    unit: Unit
    section: str
    of: tuple[str, str]
    timing: str
    better: Better
    usual: Agreement


@dataclass(frozen=True, slots=True, kw_only=True)
class Operations:
    """A version of all of them, in the order of the page."""

    version: int
    sections: Sequence[Section]
    kpis: Sequence[Kpi]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """So many seconds, reckoned from so many calls or, of the team, agents; or points of so many answers."""

    value: float | None
    base: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What was counted for one row."""

    counts: Mapping[str, int] = field(default_factory=dict)
    timings: Mapping[str, Timing] = field(default_factory=dict)


TOTAL = ""
"""The key of the row that is the total."""
Found = Mapping[str, Mapping[str, Line]]
"""Section -> key of a row -> what was counted."""
EMPTY = Line()

FEWEST_ANSWERS = 5
"""Of fewer a score would tell what a resident pressed."""
FEWEST_AGENTS = 3
"""Of fewer a figure of the team would tell of a person."""
IN_TIME_SECONDS, SHORT_SECONDS = 20, 5
MOST_TRIES = 8
OPERATIONS_NEWEST = 4


@cache
def operations(version: int) -> Operations:
    """With what it keeps of the version that it is based on. Raises FileNotFoundError for one that never was."""
    text = (resources.files("dialer.domain.reports") / f"operations_v{version}.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    base = operations(data["base"]) if "base" in data else None
    sections = {one.key: one for one in (base.sections if base else ())} | {one.key: one for one in _sections(data)}
    kpis = {one.key: one for one in (base.kpis if base else ())} | {one.key: one for one in _kpis(data)}
    return Operations(version=data["version"], sections=[*sections.values()], kpis=[*kpis.values()])


def _sections(data: Mapping[str, Any]) -> Sequence[Section]:
    return [
        Section(
            key=one["key"], title=_words(one["title"]), note=_words(one["note"]), rows=Rows(one["rows"]),
            plot=Plot(one["plot"]), plotted=one["plotted"], figures=[_figure(part) for part in one["figure"]],
            opens=one.get("opens", True),
        )
        for one in data.get("section", ())
    ]  # fmt: skip


def _kpis(data: Mapping[str, Any]) -> Sequence[Kpi]:
    return [
        Kpi(
            key=one["key"], label=_words(one["label"]), means=_words(one["means"]), unit=Unit(one["unit"]),
            section=one["section"], of=_pair(one), timing=one.get("timing", ""), better=Better(one["better"]),
            usual=Agreement(target=one["target"], band=one["band"]),
        )
        for one in data.get("kpi", ())
    ]  # fmt: skip


def _figure(data: Mapping[str, Any]) -> Figure:
    return Figure(
        key=data["key"], label=_words(data["label"]), means=_words(data["means"]),
        unit=Unit(data.get("unit", "count")), of=_pair(data), of_total=data.get("of_total", False),
        ours=data.get("ours", False),
    )  # fmt: skip


def _words(data: Mapping[str, str]) -> Words:
    return data["nl"], data["en"]


def _pair(data: Mapping[str, Any]) -> tuple[str, str]:
    first, second = data.get("of", ("", ""))
    return first, second


def value(figure: Figure, line: Line, total: Line) -> float | None:
    """What stands in a cell; None: nobody to divide by, or nothing measured."""
    if figure.unit is Unit.COUNT:
        return line.counts.get(figure.key, 0)
    if figure.unit in TIMED:
        timing = line.timings.get(figure.key)
        return None if timing is None else timing.value
    return quotient(line.counts.get(figure.of[0], 0), (total if figure.of_total else line).counts.get(figure.of[1], 0))


def quotient(part: int, whole: int) -> float | None:
    """A share; None when there is nothing to divide by."""
    return part / whole if whole else None


def of_a_team(found: Found) -> Found:
    """Without the figures of the team's rows that tell of fewer than three agents: no row may be about a person.

    `agents` had the calls that talk and wrap-up are of, `staff` are all who were on duty.
    """
    return {**found, "team": {key: _of_a_team(line) for key, line in found.get("team", {}).items()}}


def _of_a_team(line: Line) -> Line:
    few = line.counts.get("staff", 0) < FEWEST_AGENTS
    return Line(
        counts={key: count for key, count in line.counts.items() if not (few and key in ("busy", "able"))},
        timings={} if line.counts.get("agents", 0) < FEWEST_AGENTS else line.timings,
    )


def of_many_answers(found: Found) -> Found:
    """Without the scores of fewer than five answers, and without those from which the others' would follow.

    What is left out of the rows together, which the total tells, is five answers or more as well, or nothing.
    """
    lines = found.get("survey")
    if lines is None:
        return found
    for score in ("kto", "nps"):
        lines = _of_many(lines, score)
    return {**found, "survey": lines}


def _of_many(lines: Mapping[str, Line], score: str) -> Mapping[str, Line]:
    many = {key: line.timings[score].base for key, line in lines.items() if score in line.timings}
    hidden = {key for key, count in many.items() if count < FEWEST_ANSWERS}
    open_rows = sorted((key for key in many if key not in hidden and key != TOTAL), key=lambda key: (many[key], key))
    unseen = sum(many[key] for key in hidden if key != TOTAL)
    while 0 < unseen < FEWEST_ANSWERS and open_rows:
        unseen += many[open_rows[0]]
        hidden.add(open_rows.pop(0))
    return {
        key: Line(
            counts=line.counts,
            timings={name: one for name, one in line.timings.items() if name != score or key not in hidden},
        )
        for key, line in lines.items()
    }
