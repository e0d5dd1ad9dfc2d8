"""The reader's own process: bounded in memory and processor time, without secrets, with one file to read.

Started by `dialer.intake.process`: the order comes in on standard input, frames go out on standard output.
"""

from __future__ import annotations

import gc
import itertools
import json
import os
import resource
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Protocol

from dialer.domain.intake import Issue, NumbersRow, Reason, SignalRow, parse_numbers_row, parse_signal_row
from dialer.domain.visits import VisitRow, parse_visit_row
from dialer.intake import csv_reader, json_reader, xlsx_reader
from dialer.intake.limits import Limits
from dialer.intake.mapping import HEADER_SEARCH, find_header, resolve, unique_titles
from dialer.intake.wire import frame, info_to_wire, order_from_wire, row_to_wire
from dialer.services.ports.intake import FileRefusedError, ReadOrder, ReadRow, SourceInfo

BATCH = 1000


class _Parser(Protocol):
    def __call__(
        self, cells: Mapping[str, str], *, today: date, demo: bool
    ) -> tuple[SignalRow | NumbersRow | VisitRow | None, Sequence[Issue]]: ...


_PARSERS: Mapping[str, _Parser] = {
    "list": parse_signal_row,
    "numbers": parse_numbers_row,
    "visits": parse_visit_row,
}
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"


def read(order: ReadOrder, limits: Limits) -> Iterator[SourceInfo | list[ReadRow]]:
    """The file's info, then its rows in batches. Raises FileRefusedError."""
    try:
        with order.path.open("rb") as file:
            start = file.read(64)
    except OSError:
        raise FileRefusedError("unreadable", "the file cannot be opened") from None
    if start.startswith(_OLE):
        raise FileRefusedError("old-excel", "an old or password-protected Excel file: save it as XLSX without password")
    source: csv_reader.CsvSource | json_reader.JsonSource | xlsx_reader.XlsxSource
    if start.startswith(_ZIP):
        format_, source = "xlsx", xlsx_reader.inspect(order.path, limits)
    elif json_reader.is_json(start):
        format_, source = "json", json_reader.inspect(order.path, limits)
    else:
        format_, source = "csv", csv_reader.inspect(order.path, limits)
    rows = source.rows()
    top = list(itertools.islice(rows, HEADER_SEARCH))
    place = find_header(top, order.kind, order.columns)
    if place < 0:
        raise FileRefusedError("empty", "the file holds no rows")
    header = unique_titles(_trimmed(top[place]))
    columns = resolve(header, order.kind, order.columns)
    yield SourceInfo(
        format=format_,
        content_hash=source.content_hash,
        size=source.size,
        encoding=source.encoding if isinstance(source, csv_reader.CsvSource) else "",
        delimiter=source.delimiter if isinstance(source, csv_reader.CsvSource) else "",
        header=header,
        columns=columns,
    )
    numbered = enumerate(itertools.chain(top[place + 1 :], rows), start=place + 2)
    parsed = _parsed(numbered, order, header, columns, limits)
    while batch := list(itertools.islice(parsed, BATCH)):
        yield batch


def _trimmed(cells: Sequence[str]) -> Sequence[str]:
    """Without the empty cells at the end that spreadsheets pad with."""
    end = len(cells)
    while end and not cells[end - 1].strip():
        end -= 1
    return cells[:end]


def _parsed(
    numbered: Iterator[tuple[int, list[str]]],
    order: ReadOrder,
    header: Sequence[str],
    columns: Mapping[str, str],
    limits: Limits,
) -> Iterator[ReadRow]:
    width = len(header)
    places = [(field, header.index(title)) for field, title in columns.items()]
    parse = _PARSERS[order.kind]
    for number, cells in numbered:
        cells = list(_trimmed(cells))
        if not cells:
            continue
        if len(cells) > width:
            # An unquoted delimiter has shifted the columns: no cell of this row can be trusted.
            issues: Sequence[Issue] = (Issue(field="", reason=Reason.COLUMNS),)
            yield ReadRow(number=number, row=None, issues=issues, cells=cells)
            continue
        long = [field for field, place in places if place < len(cells) and len(cells[place]) > limits.cell_characters]
        if long:
            issues = tuple(Issue(field=field, reason=Reason.TOO_LONG) for field in long)
            yield ReadRow(number=number, row=None, issues=issues, cells=[cell[:1000] for cell in cells])
            continue
        cells += [""] * (width - len(cells))
        row, issues = parse({field: cells[place] for field, place in places}, today=order.today, demo=order.demo)
        yield ReadRow(number=number, row=row, issues=issues, cells=cells if row is None else ())


def bound_process(limits: Limits) -> None:
    """Bound this process: a file that asks for more kills its reader, not the service."""
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold the list
    os.nice(5)  # the service answers calls meanwhile


def main() -> int:
    """Read the order, bound the process, send frames."""
    gc.set_threshold(50_000, 20, 100)  # rows come and go; looking for cycles among them takes a fifth of the time
    request: dict[str, Any] = json.load(sys.stdin)
    limits = Limits(**request["limits"])
    bound_process(limits)
    out = sys.stdout.buffer
    try:
        for part in read(order_from_wire(request["order"]), limits):
            if isinstance(part, SourceInfo):
                out.write(frame({"info": info_to_wire(part)}))
            else:
                out.write(frame({"rows": [row_to_wire(row) for row in part]}))
            out.flush()
        out.write(frame({"end": True}))
    except FileRefusedError as refused:
        out.write(frame({"refused": [refused.reason, str(refused), refused.line, refused.headings, refused.columns]}))
    except MemoryError:
        out.write(frame({"refused": ["too-heavy", "the file needs more memory than a list may", None, [], {}]}))
    except BrokenPipeError:
        return 0  # whom we read for has gone
    out.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
