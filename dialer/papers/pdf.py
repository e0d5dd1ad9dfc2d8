"""A paper as a PDF on A4: the client's logo, tables, and plots that are drawn here. The same paper, the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from dialer.domain.reports.operations import Plot, Unit
from dialer.services.ports.report_files import Cell, Paper, PaperTable
from dialer.services.report_files import figure_text

_MARGIN, _WIDTH = 15.0, 180.0  # mm
_ROW = 5.5  # height of a row
_FIRST, _NARROW, _MANY = (
    52.0,
    34.0,
    7,
)  # width of the first cell at least; where there are many others, or they are text
_INK, _SOFT, _ACCENT, _LINE = (23, 33, 31), (76, 91, 94), (11, 90, 110), (213, 221, 220)
_PALE = (225, 240, 243)
_MOST_BARS, _MOST_TICKS = 12, 8
_PLAIN = str.maketrans({"–": "-", "—": "-", "…": "...", "’": "'", "‘": "'", "“": '"', "”": '"', "€": "EUR "})


def pdf_of(paper: Paper) -> bytes:
    """The file."""
    pdf = _Pages(paper)
    pdf.begin()
    for table in paper.tables:
        pdf.table_of(table)
    pdf.words()
    return bytes(pdf.output())


def _text(text: str) -> str:
    """What the built-in fonts can write: Latin letters with their accents."""
    return text.translate(_PLAIN).encode("latin-1", "replace").decode("latin-1")


class _Pages(FPDF):
    """A4 pages with a head and a foot."""

    def __init__(self, paper: Paper) -> None:
        super().__init__(format="A4")
        self._paper = paper
        self._english = int(paper.language == "en")
        self.set_creation_date(paper.at)
        self.set_title(_text(paper.title))
        self.set_lang("en" if self._english else "nl")
        self.set_margins(_MARGIN, _MARGIN, _MARGIN)
        self.set_auto_page_break(auto=True, margin=18)

    def footer(self) -> None:
        """Which report, which page."""
        self.set_y(-12)
        self._font(8, _SOFT)
        self.cell(_WIDTH / 2, 5, _text(self._paper.title))
        self.cell(_WIDTH / 2, 5, f"{self.page_no()} / {{nb}}", align="R")

    def begin(self) -> None:
        """Logo, title, what it is about."""
        self.add_page()
        if self._paper.logo is not None:
            self.image(
                BytesIO(self._paper.logo), x=_MARGIN + _WIDTH - 45, y=_MARGIN, w=45, h=18, keep_aspect_ratio=True
            )
        self._font(18, _INK, bold=True)
        self.multi_cell(_WIDTH - 50, 9, _text(self._paper.title), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self._font(11, _INK)
        self.multi_cell(_WIDTH - 50, 6, _text(self._paper.about), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_y(max(self.get_y(), _MARGIN + 20))
        self._font(9, _SOFT)
        for line in self._paper.lines:
            self.multi_cell(_WIDTH, 4.5, _text(line), new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def words(self) -> None:
        """What the figures mean."""
        self._title(self._paper.words_title, "")
        for figure, means in self._paper.words:
            self._room(10)
            self._font(8, _INK, bold=True)
            self.multi_cell(_WIDTH, 4, _text(figure), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
            self._font(8, _SOFT)
            self.multi_cell(_WIDTH, 4, _text(means), new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def table_of(self, table: PaperTable) -> None:
        """Title, plot, rows. A heat map is drawn in the place of its rows: they are many, and in the spreadsheet."""
        self._title(table.title, table.note, room=34 if table.plot is Plot.NONE or not table.rows else 80)
        if table.rows and table.plot is Plot.HEAT:
            self._heat(table)
            if table.total is not None:
                self._rows(table, [])
            return
        if table.rows and table.plot is Plot.BARS:
            self._bars(table)
        if table.plot is Plot.LINE and sum(_number(row[table.plotted]) is not None for row in table.rows) > 1:
            self._line_plot(table)
        self._rows(table, table.rows)

    # -- parts --------------------------------------------------------------------------------------------

    def _font(self, size: float, colour: tuple[int, int, int], *, bold: bool = False) -> None:
        self.set_font("Helvetica", "B" if bold else "", size)
        self.set_text_color(*colour)

    def _room(self, height: float) -> None:
        if self.get_y() + height > self.h - 18:
            self.add_page()

    def _title(self, title: str, note: str, room: float = 34) -> None:
        self._room(room)
        self.ln(6)
        self._font(12, _INK, bold=True)
        self.multi_cell(_WIDTH, 6, _text(title), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        if note:
            self._font(8.5, _SOFT)
            self.multi_cell(_WIDTH, 4.2, _text(note), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(1.5)

    def _rows(self, table: PaperTable, rows: Sequence[Sequence[Cell]]) -> None:
        many = len(table.head)
        text = all(unit is None for unit in table.units)
        first = _NARROW if text or many > _MANY else max(_FIRST, _WIDTH - 25 * (many - 1))
        width = (_WIDTH - first) / max(1, many - 1)
        size = 6.5 if width < 20 or text else 8
        self._font(size, _SOFT, bold=True)
        self._head(table.head, first, width)
        self._font(size, _INK)
        for row in rows:
            self._row(table, row, first, width)
        if table.total is not None:
            self._font(size, _INK, bold=True)
            self._row(table, table.total, first, width)

    def _head(self, head: Sequence[str], first: float, width: float) -> None:
        """Words over more than one line, on the ground line together."""
        self._room(4 * _ROW)
        top, low = self.get_y(), self.get_y()
        for n, text in enumerate(head):
            self.set_xy(_MARGIN + (0 if n == 0 else first + (n - 1) * width), top)
            self.multi_cell(
                first if n == 0 else width, 3.6, _text(text), align="L" if n == 0 else "R", new_x=XPos.RIGHT,
                new_y=YPos.NEXT,
            )  # fmt: skip
            low = max(low, self.get_y())
        self.set_draw_color(*_SOFT)
        self.line(_MARGIN, low + 0.8, _MARGIN + _WIDTH, low + 0.8)
        self.set_xy(_MARGIN, low + 1.2)

    def _row(self, table: PaperTable, row: Sequence[Cell], first: float, width: float) -> None:
        self._room(_ROW)
        for n, (value, unit) in enumerate(zip(row, table.units, strict=True)):
            last = n == len(row) - 1
            space = first if n == 0 else width
            self.cell(
                space, _ROW, self._fitted(self._shown(value, unit), space), align="L" if n == 0 else "R",
                new_x=XPos.LMARGIN if last else XPos.RIGHT, new_y=YPos.NEXT if last else YPos.TOP,
            )  # fmt: skip
        self.set_draw_color(*_LINE)
        self.line(_MARGIN, self.get_y(), _MARGIN + _WIDTH, self.get_y())

    def _shown(self, value: Cell, unit: Unit | None) -> str:
        if value is None:
            return self._paper.empty
        if isinstance(value, str):
            return value
        return figure_text(unit or Unit.COUNT, value, self._english) or self._paper.empty

    def _fitted(self, text: str, space: float) -> str:
        text = _text(text)
        if self.get_string_width(text) <= space - 2:
            return text
        while text and self.get_string_width(f"{text}...") > space - 2:
            text = text[:-1]
        return f"{text}..."

    def _share(self, value: float | None) -> str:
        return figure_text(Unit.SHARE, value, self._english) or self._paper.empty

    # -- plots --------------------------------------------------------------------------------------------

    def _bars(self, table: PaperTable) -> None:
        rows = [(str(row[0]), _number(row[table.plotted])) for row in table.rows[:_MOST_BARS]]
        top = max([share for _, share in rows if share is not None] or [1.0]) or 1.0
        self._room(5 * len(rows) + 4)
        self._font(7.5, _SOFT)
        for label, share in rows:
            y = self.get_y()
            self.cell(58, 4.6, self._fitted(label, 58), align="R")
            long = 90 * (share or 0) / top
            self.set_fill_color(*_ACCENT)
            self.rect(_MARGIN + 60, y + 0.8, max(0.1, long), 3, style="F")
            self.set_xy(_MARGIN + 61 + long, y)
            self.cell(25, 4.6, self._share(share), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(3)

    def _line_plot(self, table: PaperTable) -> None:
        height, wide, left = 34.0, 150.0, _MARGIN + 16
        self._room(height + 12)
        shares = [_number(row[table.plotted]) for row in table.rows]
        top = max([share for share in shares if share is not None] or [1.0]) or 1.0
        base = self.get_y() + height
        self._font(7, _SOFT)
        for part in (0.0, 0.5, 1.0):
            y = base - part * (height - 4)
            self.set_draw_color(*_LINE)
            self.line(left, y, left + wide, y)
            self.set_xy(_MARGIN, y - 2)
            self.cell(15, 4, self._share(part * top), align="R")
        every = -(-len(shares) // _MOST_TICKS)
        before: tuple[float, float] | None = None
        for n, (row, share) in enumerate(zip(table.rows, shares, strict=True)):
            x = left + wide * n / max(1, len(shares) - 1)
            if n % every == 0:
                self.set_xy(x - 12, base + 0.5)
                self.cell(24, 4, self._fitted(str(row[0]), 24), align="C")
            if share is None:
                continue
            here = x, base - share / top * (height - 4)
            self.set_draw_color(*_ACCENT)
            if before is not None:
                self.line(*before, *here)
            self.set_fill_color(*_ACCENT)
            self.ellipse(here[0] - 0.8, here[1] - 0.8, 1.6, 1.6, style="F")
            before = here
        self.set_xy(_MARGIN, base + 6)

    def _heat(self, table: PaperTable) -> None:
        """Weekdays by hours; the deeper, the higher the share in the cell."""
        found = {
            (int(day), int(hour)): (str(row[0]), _number(row[table.plotted]))
            for key, row in zip(table.keys, table.rows, strict=True)
            for day, hour in [key.split("-")]
        }
        hours = range(min(hour for _, hour in found), max(hour for _, hour in found) + 1)
        days = sorted({day for day, _ in found})
        shares = [share for _, share in found.values() if share is not None]
        low, high = (min(shares), max(shares)) if shares else (0.0, 0.0)
        wide = min(11.0, 150.0 / len(hours))
        self._room(5 * (len(days) + 2))
        self._font(7, _SOFT)
        self.cell(28, 5, _text(table.head[table.plotted]))
        for hour in hours:
            self.cell(wide, 5, str(hour), align="C")
        self.ln(5)
        for day in days:
            label = next(text for (one, _), (text, _) in found.items() if one == day).split(" ")[0]
            self._font(7, _SOFT)
            self.cell(28, 5, _text(label))
            for hour in hours:
                share = found.get((day, hour), ("", None))[1]
                depth = 0.0 if share is None else 0.15 if high == low else 0.1 + 0.75 * (share - low) / (high - low)
                self._font(6.5, (255, 255, 255) if depth > 0.6 else _INK)
                self.set_fill_color(*(round(p + (a - p) * depth) for p, a in zip(_PALE, _ACCENT, strict=True)))
                self.cell(wide, 5, "" if share is None else f"{100 * share:.0f}%", align="C", fill=share is not None)
            self.ln(5)
        self.ln(2)


def _number(value: Cell) -> float | None:
    return None if value is None or isinstance(value, str) else float(value)
