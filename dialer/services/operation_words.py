"""The sections about the work as they are read: figures with their words, for the page, the files and the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from dialer.domain.reports.kpis import Period, Standing, measured, standing
from dialer.domain.reports.operations import (
    EMPTY,
    MOST_TRIES,
    TOTAL,
    Agreement,
    Better,
    Found,
    Line,
    Operations,
    Plot,
    Rows,
    Section,
    Unit,
    value,
)
from dialer.services.ports.export import OutcomeLabel
from dialer.services.ports.operations import RecordKind, WorkRecord

_DAYS = (
    ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"),
    ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
)
_STATES: Mapping[str, tuple[str, str]] = {
    "held": ("wacht op de opdrachtgever", "waits for the client"),
    "no_number": ("geen nummer", "no number"),
    "open": ("wordt nog gebeld", "still called"),
    "reached": ("gesproken", "spoken to"),
    "not_reached": ("niet bereikt", "not reached"),
    "closed": ("gesloten", "closed"),
    "withdrawn": ("ingetrokken", "withdrawn"),
    # of appointments
    "booked": ("staat gepland", "planned"),
    "moved": ("verzet", "moved"),
    "cancelled": ("geannuleerd", "cancelled"),
    "kept": ("gekomen", "kept"),
    "no_show": ("niet gekomen", "no-show"),
}
_NEEDS: Mapping[str, tuple[str, str]] = {
    "overview": ("overzicht krijgen", "getting an overview"),
    "company": ("contact met het bedrijf", "contact with the company"),
    "allowances": ("toeslagen", "allowances"),
    "other": ("anders", "something else"),
    "unknown": ("niet gevraagd", "not asked"),
}
_UNFILED = ("niet vastgelegd", "not filed")


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureShown:
    """A column. `opens`: its counts open their records."""

    key: str
    label: str
    means: str
    unit: Unit
    opens: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LineShown:
    """A row: figure -> what stands there; None: nothing to tell."""

    key: str
    label: str
    values: Mapping[str, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionShown:
    """One table and how it is drawn."""

    key: str
    title: str
    note: str
    head: str
    plot: Plot
    plotted: str
    figures: Sequence[FigureShown]
    rows: Sequence[LineShown]
    total: LineShown


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiShown:
    """A figure against what was agreed, with earlier periods, the oldest first."""

    key: str
    label: str
    means: str
    unit: Unit
    better: Better
    value: float | None
    target: float
    band: float
    usual: bool  # nothing else was agreed
    standing: Standing
    earlier: Sequence[float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodShown:
    """Amsterdam dates, both included."""

    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationsShown:
    """All of it. `whole` False: counts are rounded to fives."""

    report: UUID
    definitions: int
    whole: bool
    kpis: Sequence[KpiShown]
    earlier: Sequence[PeriodShown]
    sections: Sequence[SectionShown]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRecordShown:
    """A record behind a count; times aware UTC."""

    id: UUID
    kind: RecordKind
    case: UUID | None
    at: str
    direction: str
    result: str


def sections_shown(
    known: Operations, found: Found, labels: Mapping[str, OutcomeLabel], language: str, *, ours: bool
) -> Sequence[SectionShown]:
    """`ours`: for one of our own people, who may see the whole team."""
    return [_section(one, found.get(one.key, {}), labels, int(language == "en"), ours=ours) for one in known.sections]


def kpis_shown(
    known: Operations, found: Found, before: Sequence[Found], agreed: Mapping[str, Agreement], language: str, *,
    whole: bool,
) -> Sequence[KpiShown]:  # fmt: skip
    """`before`: what was counted of earlier periods, the oldest first."""
    english = int(language == "en")
    shown = []
    for kpi in known.kpis:
        terms = agreed.get(kpi.key, kpi.usual)
        out = measured(kpi, found, whole=whole)
        shown.append(
            KpiShown(
                key=kpi.key, label=kpi.label[english], means=kpi.means[english], unit=kpi.unit, better=kpi.better,
                value=out.value, target=terms.target, band=terms.band, usual=kpi.key not in agreed,
                standing=standing(kpi, terms, out),
                earlier=[measured(kpi, one, whole=whole).value for one in before],
            )
        )  # fmt: skip
    return shown


def record_shown(one: WorkRecord, labels: Mapping[str, OutcomeLabel], language: str) -> WorkRecordShown:
    """With its result in words."""
    return WorkRecordShown(
        id=one.id, kind=one.kind, case=one.case, at=one.at.isoformat(), direction=one.direction,
        result=_outcome(one.result or "none", labels, int(language == "en")),
    )  # fmt: skip


def periods_shown(periods: Sequence[Period]) -> Sequence[PeriodShown]:
    """As they are answered."""
    return [PeriodShown(first_day=one.first, last_day=one.last) for one in periods]


def _section(
    section: Section, lines: Mapping[str, Line], labels: Mapping[str, OutcomeLabel], english: int, *, ours: bool
) -> SectionShown:
    figures = [one for one in section.figures if ours or not one.ours]
    total = lines.get(TOTAL, EMPTY)

    def shown(key: str, label: str, line: Line) -> LineShown:
        return LineShown(key=key, label=label, values={one.key: value(one, line, total) for one in figures})

    rows = [shown(key, _label(section.rows, key, labels, english), line) for key, line in lines.items() if key != TOTAL]
    if section.rows in (Rows.OUTCOME, Rows.NEED):
        first = figures[0].key
        rows.sort(key=lambda row: (-(row.values[first] or 0), row.label))
    else:
        rows.sort(key=lambda row: row.key)
    return SectionShown(
        key=section.key, title=section.title[english], note=section.note[english], head=_HEADS[section.rows][english],
        plot=section.plot, plotted=section.plotted if any(one.key == section.plotted for one in figures) else "",
        figures=[
            FigureShown(
                key=one.key, label=one.label[english], means=one.means[english], unit=one.unit,
                opens=section.opens and one.unit is Unit.COUNT,
            )
            for one in figures
        ],
        rows=rows,
        total=shown(TOTAL, ("Totaal", "Total")[english], total),
    )  # fmt: skip


_HEADS: Mapping[Rows, tuple[str, str]] = {
    Rows.OUTCOME: ("Gespreksresultaat", "Outcome"),
    Rows.NEED: ("Hulp bij", "Help with"),
    Rows.TRY: ("Poging", "Attempt"),
    Rows.HOUR: ("Dag en uur", "Day and hour"),
    Rows.WEEK: ("Week", "Week"),
}


def _label(rows: Rows, key: str, labels: Mapping[str, OutcomeLabel], english: int) -> str:
    if rows is Rows.OUTCOME:
        return _outcome(key, labels, english)
    if rows is Rows.NEED:
        return _NEEDS[key][english] if key in _NEEDS else key
    if rows is Rows.TRY:
        return (f"{key} of meer", f"{key} or more")[english] if key == str(MOST_TRIES) else key
    if rows is Rows.HOUR:
        weekday, hour = key.split("-")
        day = _DAYS[english][int(weekday) - 1]
        return (f"{day} {int(hour)} uur", f"{day} {int(hour)}:00")[english]
    year, week = key.split("-W")
    return f"{int(week)}, {year}"


def _outcome(key: str, labels: Mapping[str, OutcomeLabel], english: int) -> str:
    if key == "none":
        return _UNFILED[english]
    if key.startswith("state:"):
        return _STATES[key.removeprefix("state:")][english]
    label = labels.get(key)
    return key if label is None else (label.nl, label.en)[english]
