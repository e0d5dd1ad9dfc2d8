"""Reports as files: the same figures as the page, for the same eyes, as a spreadsheet or a PDF."""

from __future__ import annotations

import asyncio
import base64
import binascii
import struct
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from dialer.domain.errors import InvalidError
from dialer.domain.ids import ClientId
from dialer.domain.reports.operations import Plot, Unit
from dialer.domain.reports.reach import Dimension
from dialer.schedule.windows import local
from dialer.services.operation_words import KpiShown, OperationsShown, SectionShown
from dialer.services.operations import OperationsReports
from dialer.services.ports.audit import AuditLog
from dialer.services.ports.clock import Clock
from dialer.services.ports.people import Viewer
from dialer.services.ports.report_files import Cell, LogoStore, Paper, PaperTable, ReportWriter
from dialer.services.report_words import ReportShown, RowShown, TableShown
from dialer.services.reports import Reports
from dialer.services.viewing import check_scope, noted

FORMATS = ("xlsx", "pdf")
LOGO_BYTES, LOGO_PIXELS = 40_000, 2_000
_PNG = b"\x89PNG\r\n\x1a\n"
_STANDINGS = {
    "met": ("gehaald", "met"),
    "within": ("binnen de marge", "within the band"),
    "missed": ("niet gehaald", "missed"),
    "unknown": ("niet te zeggen", "cannot be said"),
}


class ReportFiles:
    """Use cases."""

    def __init__(
        self, *, reports: Reports, work: OperationsReports, logos: LogoStore, writer: ReportWriter, audit: AuditLog,
        clock: Clock,
    ) -> None:  # fmt: skip
        self._reports = reports
        self._work = work
        self._logos = logos
        self._writer = writer
        self._audit = audit
        self._clock = clock

    async def file(self, report: UUID, format_: str, viewer: Viewer, *, whole: bool) -> bytes:
        """What this viewer sees of it, as a file; audited. Raises NotFoundError, InvalidError."""
        if format_ not in FORMATS:
            raise InvalidError("xlsx of pdf", "format")
        shown = await self._reports.show(report, viewer, whole=whole)
        work = await self._work.show(report, viewer, whole=whole)
        logo = await self._logos.logo(ClientId(shown.client))
        paper = paper_of(shown, work, logo, viewer.language)
        await noted(self._audit, viewer, "report.file", "report", report, ClientId(shown.client), {"format": format_})
        return await asyncio.to_thread(self._writer.write, paper, format_)

    async def has_logo(self, client: ClientId, viewer: Viewer) -> bool:
        """Whether reports of this client carry its logo. Raises NotFoundError."""
        check_scope(viewer, client)
        return await self._logos.logo(client) is not None

    async def set_logo(self, client: ClientId, png: str | None, viewer: Viewer) -> None:
        """`png`: base64; None takes it away. Raises NotFoundError, InvalidError."""
        check_scope(viewer, client)
        await self._logos.set_logo(client, None if png is None else read_logo(png), self._clock.now(), viewer.actor)


def read_logo(text: str) -> bytes:
    """A PNG of a modest size. Raises InvalidError."""
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise InvalidError("dit is geen PNG", "png") from None
    if len(data) > LOGO_BYTES:
        raise InvalidError(f"hoogstens {LOGO_BYTES // 1000} kB", "png")
    if len(data) < 24 or not data.startswith(_PNG) or data[12:16] != b"IHDR":
        raise InvalidError("dit is geen PNG", "png")
    width, height = struct.unpack(">II", data[16:24])
    if not (0 < width <= LOGO_PIXELS and 0 < height <= LOGO_PIXELS):
        raise InvalidError(f"hoogstens {LOGO_PIXELS} bij {LOGO_PIXELS} punten", "png")
    return data


def paper_of(shown: ReportShown, work: OperationsShown, logo: bytes | None, language: str) -> Paper:
    """All of a report, in the order of the page."""
    english = int(language == "en")
    at = local(shown.at)
    period = f"{_day(shown.first_day)} {('tot en met', 'to')[english]} {_day(shown.last_day)}"
    about = shown.campaign_name or (
        f"Alle belacties van {shown.client_name}", f"All campaigns of {shown.client_name}"
    )[english]  # fmt: skip
    lines = [
        (f"Leveringen en werk van {period}.", f"Deliveries and work of {period}.")[english],
        (
            f"Geteld op {_day(at.date())} om {at:%H:%M}, met definities versie {shown.definitions} en "
            f"{work.definitions}.",
            f"Counted on {_day(at.date())} at {at:%H:%M}, with definitions version {shown.definitions} and "
            f"{work.definitions}.",
        )[english],
    ]
    if not shown.whole:
        lines.append(
            (
                "Zonder kleine aantallen; aantallen van het werk zijn afgerond op vijf.",
                "Without small counts; counts of the work are rounded to fives.",
            )[english]
        )
    lines += [f"{one.name}: {one.text}" for one in shown.expected]
    words = [(one.label, one.means) for one in (*shown.measures, *shown.shares)]
    words += [(f"{section.title}: {one.label}", one.means) for section in work.sections for one in section.figures]
    words += [(one.label, one.means) for one in work.kpis]
    return Paper(
        title=(f"Rapport {shown.client_name}", f"Report {shown.client_name}")[english],
        about=about,
        lines=lines,
        at=shown.at,
        tables=[
            _kpis(work, english),
            *(_reach(shown, table, english) for table in shown.tables),
            *(_section(one) for one in work.sections),
        ],
        words=words,
        words_title=("Wat de cijfers betekenen", "What the figures mean")[english],
        language=language,
        empty="-",
        logo=logo,
    )


def _day(day: date) -> str:
    return f"{day.day}-{day.month}-{day.year}"


def _kpis(work: OperationsShown, english: int) -> PaperTable:
    earlier = [f"{_day(one.first_day)} / {_day(one.last_day)}" for one in work.earlier]
    # Shares and seconds stand in one column: as text, each in its own words.
    return PaperTable(
        title=("Afspraken over kwaliteit", "Agreed quality")[english],
        note="",
        head=[
            ("Afspraak", "KPI")[english], *earlier, ("Nu", "Now")[english], ("Afgesproken", "Agreed")[english],
            ("Oordeel", "Verdict")[english],
        ],
        units=[None] * (4 + len(earlier)),
        rows=[_kpi(one, english) for one in work.kpis],
    )  # fmt: skip


def _kpi(one: KpiShown, english: int) -> Sequence[Cell]:
    sign = {"high": ("minstens", "at least"), "low": ("hoogstens", "at most")}[one.better.value][english]
    band = "" if one.band == 0 else f" (± {figure_text(one.unit, one.band, english)})"
    return [
        one.label,
        *(figure_text(one.unit, value, english) for value in one.earlier),
        figure_text(one.unit, one.value, english),
        f"{sign} {figure_text(one.unit, one.target, english)}{band}",
        _STANDINGS[one.standing.value][english],
    ]


def figure_text(unit: Unit, value: float | None, english: int) -> str | None:
    """A figure as text: 1.234, 45,7%, 8,3 s, 4,2."""
    if value is None:
        return None
    if unit is Unit.COUNT:
        return f"{value:,.0f}".replace(",", "," if english else ".")
    text = f"{100 * value:.1f}%" if unit is Unit.SHARE else f"{value:.1f}{' s' if unit is Unit.SECONDS else ''}"
    return text if english else text.replace(".", ",")


def _reach(shown: ReportShown, table: TableShown, english: int) -> PaperTable:
    by_day = table.dimension is Dimension.DAY
    measures = [one for one in shown.measures if not by_day or one.key == "reached"]
    shares = [one for one in shown.shares if not by_day or one.key == "reach"]

    def cells(row: RowShown) -> Sequence[Cell]:
        counts: list[Cell] = [row.counts.get(one.key) for one in measures]
        return [row.label, *counts, *(row.shares.get(one.key) for one in shares)]

    reach = 1 + len(measures) + next(n for n, one in enumerate(shares) if one.key == "reach")
    return PaperTable(
        title=f"{('Bereik', 'Reach')[english]}: {table.title}",
        note=table.note,
        head=["", *(one.label for one in measures), *(one.label for one in shares)],
        units=[None, *(Unit.COUNT for _ in measures), *(Unit.SHARE for _ in shares)],
        rows=[cells(row) for row in table.rows],
        total=None if by_day else cells(shown.total),
        plot=Plot.LINE if by_day else Plot.BARS,
        plotted=reach,
    )


def _section(section: SectionShown) -> PaperTable:
    keys = [one.key for one in section.figures]
    return PaperTable(
        title=section.title,
        note=section.note,
        head=[section.head, *(one.label for one in section.figures)],
        units=[None, *(one.unit for one in section.figures)],
        rows=[[row.label, *(row.values[key] for key in keys)] for row in section.rows],
        total=[section.total.label, *(section.total.values[key] for key in keys)],
        plot=section.plot if section.plotted else Plot.NONE,
        plotted=1 + keys.index(section.plotted) if section.plotted else 0,
        keys=[row.key for row in section.rows],
    )
