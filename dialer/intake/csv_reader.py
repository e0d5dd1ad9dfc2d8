"""CSV of any usual delimiter and encoding, in constant memory.

Two passes before the first row goes out: bytes (hash, encoding) and structure (quotes, length). A file that is broken
in its last line is refused before anything of it has been stored.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dialer.intake.limits import MIB, Limits
from dialer.services.ports.intake import FileRefusedError

DELIMITERS = ",;\t|"
_CHUNK = MIB
_SAMPLE = 64 * 1024
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvSource:
    """A file that has passed both passes."""

    path: Path
    size: int
    content_hash: bytes
    encoding: str
    delimiter: str
    skip: int  # leading lines that are no data (`sep=;`)
    limits: Limits

    def rows(self) -> Iterator[list[str]]:
        """All records, blank lines as empty lists, the skipped line included as one."""
        csv.field_size_limit(self.limits.cell_characters)
        with self.path.open(encoding=self.encoding, newline="") as text:
            for _ in range(self.skip):
                text.readline()
                yield []
            yield from csv.reader(text, delimiter=self.delimiter, strict=True)


def inspect(path: Path, limits: Limits) -> CsvSource:
    """Both passes. Raises FileRefusedError with the row where it breaks."""
    size, content_hash, encoding = _read_bytes(path, limits)
    delimiter, skip = _sniff(path, encoding)
    source = CsvSource(
        path=path,
        size=size,
        content_hash=content_hash,
        encoding=encoding,
        delimiter=delimiter,
        skip=skip,
        limits=limits,
    )
    _check_structure(source)
    return source


def _read_bytes(path: Path, limits: Limits) -> tuple[int, bytes, str]:
    digest = hashlib.sha256()
    size = 0
    encoding = ""
    decoder: codecs.IncrementalDecoder | None = None
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            if not size:
                encoding = next((name for bom, name in _BOMS if chunk.startswith(bom)), "")
                decoder = None if encoding == "utf-16" else codecs.getincrementaldecoder("utf-8")()
            size += len(chunk)
            if size > limits.file_bytes:  # while streaming: a size told beforehand is not to be trusted
                raise FileRefusedError("too-large", f"the file is larger than {limits.file_bytes // MIB} MB")
            if encoding != "utf-16" and b"\0" in chunk:
                raise FileRefusedError("not-text", "the file holds binary data; CSV, XLSX or JSON is expected")
            digest.update(chunk)
            if decoder is not None:
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    decoder = None
    if not size:
        raise FileRefusedError("empty", "the file is empty")
    if not encoding:
        try:
            encoding = "utf-8" if decoder is not None and decoder.decode(b"", final=True) is not None else "cp1252"
        except UnicodeDecodeError:
            encoding = "cp1252"
    return size, digest.digest(), encoding


def _sniff(path: Path, encoding: str) -> tuple[str, int]:
    """The delimiter that gives the most cells in lines of one width; Excel's `sep=` line settles it."""
    with path.open(encoding=encoding, errors="replace", newline="") as text:
        sample = text.read(_SAMPLE)
    first = sample.split("\n", 1)[0].strip().strip('"')
    if first.lower().startswith("sep=") and first[4:] in tuple(DELIMITERS):
        return first[4:], 1
    best, most = ",", 0
    for delimiter in DELIMITERS:
        widths: dict[int, int] = {}
        try:
            for number, row in enumerate(csv.reader(sample.splitlines(keepends=True), delimiter=delimiter)):
                if number == 50:
                    break
                if len(row) > 1:
                    widths[len(row)] = widths.get(len(row), 0) + 1
        except csv.Error:
            continue
        if widths:
            cells = max(width * count for width, count in widths.items())
            if cells > most:
                best, most = delimiter, cells
    return best, 0


def _check_structure(source: CsvSource) -> None:
    limits = source.limits
    number = 0
    try:
        for number, row in enumerate(source.rows(), start=1):
            if number > limits.rows + 1:
                raise FileRefusedError("too-many-rows", f"more than {limits.rows} rows")
            if len(row) > limits.columns:
                raise FileRefusedError("too-many-columns", f"more than {limits.columns} columns", line=number)
    except csv.Error as error:
        raise FileRefusedError("csv-broken", f"row {number + 1}: {_explained(error)}", line=number + 1) from None
    except UnicodeDecodeError:
        raise FileRefusedError(
            "encoding", f"row {number + 1}: neither UTF-8 nor Windows-1252", line=number + 1
        ) from None


def _explained(error: csv.Error) -> str:
    text = str(error)
    if "field larger" in text or "unexpected end" in text:
        return "a quote is opened and never closed, or a cell is far too long"
    if "expected after" in text:
        return "a quote stands inside a quoted cell; it must be doubled"
    return "not valid CSV"
