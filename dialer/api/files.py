"""Files in and out: uploads streamed to a private folder, tables as downloads."""

from __future__ import annotations

import asyncio
import errno
import json
import logging
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from aiohttp import BodyPartReader, web

from dialer.api.call import ApiCall
from dialer.api.errors import ApiError
from dialer.domain.errors import DiskFullError
from dialer.services.ports.export import Table

log = logging.getLogger(__name__)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TYPES = {"xlsx": XLSX, "csv": "text/csv", "pdf": "application/pdf", "json": "application/json"}
_CHUNK = 256 * 1024
_FIELD_BYTES = 16 * 1024
_FIELDS = 60  # of a mapping
_PARTS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that came in, and the fields before it."""

    path: Path
    columns: Mapping[str, str] | None


@asynccontextmanager
async def uploaded(call: ApiCall) -> AsyncIterator[Upload]:
    """The file part of a multipart body, on disk for as long as the context lives, readable by this process only.

    Raises ApiError: wrong-media-type, bad-request, too-large, invalid (no file part). Raises DiskFullError.
    """
    settings = call.deps.settings
    if call.request.content_type != "multipart/form-data":
        raise ApiError("wrong-media-type")
    if (call.request.content_length or 0) > settings.upload_bytes + _FIELD_BYTES * _PARTS:
        raise ApiError("too-large")
    with _room():
        settings.spool.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix="upload-", dir=settings.spool)  # mode 0600
    path = Path(name)
    try:
        with _room():
            columns = await _receive(call.request, descriptor, settings.upload_bytes)
        yield Upload(path=path, columns=columns)
    finally:
        await asyncio.to_thread(path.unlink, missing_ok=True)


@contextmanager
def _room() -> Iterator[None]:
    """A full disk is no fault of the file's."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        log.error("no room in the spool")
        raise DiskFullError("the disk of the spool is full") from None


def clear_spool(spool: Path) -> int:
    """At the start: make the folder, and delete what a killed process left behind: lists that were uploaded, and
    folders of lists that were fetched. Returns how many."""
    spool.mkdir(mode=0o700, parents=True, exist_ok=True)
    files, folders = list(spool.glob("upload-*")), list(spool.glob("arrival-*"))
    for path in files:
        path.unlink(missing_ok=True)
    for path in folders:
        shutil.rmtree(path, ignore_errors=True)
    return len(files) + len(folders)


async def _receive(request: web.Request, descriptor: int, most: int) -> Mapping[str, str] | None:
    columns: Mapping[str, str] | None = None
    with os.fdopen(descriptor, "wb") as out:
        try:
            reader = await request.multipart()
            for _ in range(_PARTS):
                part = await reader.next()
                if part is None:
                    break
                if not isinstance(part, BodyPartReader):
                    raise ApiError("bad-request")
                if part.name == "file":
                    await _copy(part, out.fileno(), most)
                    return columns
                text = await _field(part)
                if part.name == "mapping" and text.strip():
                    columns = _columns(text)
        except (ValueError, AssertionError, EOFError, LookupError):
            raise ApiError("bad-request") from None
    raise ApiError("invalid", [{"field": "file", "rule": "required"}])


async def _copy(part: BodyPartReader, descriptor: int, most: int) -> None:
    size = 0
    while chunk := await part.read_chunk(_CHUNK):
        size += len(chunk)
        if size > most:
            raise ApiError("too-large")
        await asyncio.to_thread(_write, descriptor, chunk)


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


async def _field(part: BodyPartReader) -> str:
    raw = bytearray()
    while chunk := await part.read_chunk():
        raw += chunk
        if len(raw) > _FIELD_BYTES:
            raise ApiError("too-large")
    return raw.decode("utf-8")


def _columns(text: str) -> Mapping[str, str]:
    fault = ApiError("invalid", [{"field": "mapping", "rule": "type"}])
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise fault from None
    if not isinstance(value, dict) or len(value) > _FIELDS:
        raise fault
    if not all(isinstance(heading, str) and len(heading) <= 200 for heading in value.values()):
        raise fault
    return value


async def download(call: ApiCall, table: Table, format_: str, name: str) -> web.Response:
    """A table as a file that no spreadsheet will execute and no cache will keep."""
    out = BytesIO()
    await asyncio.to_thread(call.deps.tables.write, table, format_, out)
    return attachment(out.getvalue(), format_, name)


def attachment(data: bytes, format_: str, name: str) -> web.Response:
    """`name` is of our own making: letters, digits and dashes."""
    response = web.Response(body=data)
    response.content_type = _TYPES[format_]
    if format_ == "csv":
        response.charset = "utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{format_}"'
    response.headers["Cache-Control"] = "no-store"
    return response
