"""XLSX, bounded before and while it is unpacked. Runs in the reader's child process only."""

from __future__ import annotations

import hashlib
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

import openpyxl

from dialer.intake.limits import MIB, Limits
from dialer.services.ports.intake import FileRefusedError

_CHUNK = MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class XlsxSource:
    """A workbook whose packing has been checked."""

    path: Path
    size: int
    content_hash: bytes
    limits: Limits

    def rows(self) -> Iterator[list[str]]:
        """Rows of the first visible sheet, cells as text. Raises FileRefusedError where it breaks."""
        number = 0
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about styles and extensions that we do not read
                book = openpyxl.load_workbook(self.path, read_only=True, data_only=True, keep_links=False)
                sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
                if not sheets:
                    raise FileRefusedError("no-sheet", "the workbook has no visible sheet")
                sheet = sheets[0]
                sheet.reset_dimensions()  # the declared size is the sender's claim
                for number, row in enumerate(sheet.iter_rows(max_col=self.limits.columns, values_only=True), start=1):
                    if number > self.limits.rows + 1:
                        raise FileRefusedError("too-many-rows", f"more than {self.limits.rows} rows")
                    yield [_text(value, self.limits.cell_characters) for value in row]
        except (FileRefusedError, MemoryError):
            raise
        except Exception:  # noqa: BLE001 - whatever a stranger's file makes of three parsers: it is the file
            raise FileRefusedError(
                "xlsx-broken", f"row {number + 1}: the workbook cannot be read further", line=number + 1
            ) from None


def inspect(path: Path, limits: Limits) -> XlsxSource:
    """Hash the file and check what it would unpack to. Raises FileRefusedError."""
    digest = hashlib.sha256()
    size = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            size += len(chunk)
            if size > limits.file_bytes:
                raise FileRefusedError("too-large", f"the file is larger than {limits.file_bytes // MIB} MB")
            digest.update(chunk)
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except Exception:  # noqa: BLE001 - as above
        raise FileRefusedError("xlsx-broken", "the workbook's packing is damaged or cut off") from None
    # zipfile never reads more of a part than the size declared here, so these sums hold while unpacking too.
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > limits.parts or unpacked > limits.unpacked_bytes:
        raise FileRefusedError("zip-bomb", f"the workbook unpacks to more than {limits.unpacked_bytes // MIB} MB")
    if unpacked > MIB and unpacked > limits.unpacked_ratio * size:
        raise FileRefusedError("zip-bomb", "the workbook unpacks to far more than a list would")
    if not any(part.filename == "xl/workbook.xml" for part in parts):
        raise FileRefusedError("not-a-workbook", "this is a packed file, but no XLSX workbook")
    return XlsxSource(path=path, size=size, content_hash=digest.digest(), limits=limits)


def _text(value: object, most: int) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value[: most + 1]
    if isinstance(value, bool):
        return "ja" if value else "nee"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.2f}"
    return str(value)[:most]
