"""XLSX, bounded before and while it is unpacked. Runs in the reader's child process only."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dialer.intake.limits import MIB, Limits
from dialer.intake.xlsx_parts import Rows, open_workbook
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
        most = self.limits.rows + 1
        try:
            with zipfile.ZipFile(self.path) as archive:
                book = open_workbook(archive)
                if not book.sheet:
                    raise FileRefusedError("no-sheet", "the workbook has no visible sheet")
                for place, cells in Rows(book, self.limits.columns, self.limits.cell_characters + 1).read(archive):
                    if place > most:
                        raise FileRefusedError("too-many-rows", f"more than {self.limits.rows} rows")
                    while number < place - 1:  # rows that the file leaves out are empty ones
                        number += 1
                        yield []
                    number = place
                    yield cells
        except (FileRefusedError, MemoryError):
            raise
        except Exception:  # noqa: BLE001 - whatever a stranger's file makes of zlib, expat and us: it is the file
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
