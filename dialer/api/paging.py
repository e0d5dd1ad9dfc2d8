"""Cursors: where the next page begins, opaque to the reader."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

from aiohttp import web

from dialer.api.call import ApiCall, page
from dialer.api.errors import ApiError

T = TypeVar("T")


class Row(Protocol):
    """A row that a page is made of."""

    @property
    def id(self) -> UUID:
        """By which the rows are in order."""
        ...


R = TypeVar("R", bound=Row)


async def page_by_id(call: ApiCall, read: Callable[[UUID | None, int], Awaitable[Sequence[R]]]) -> web.StreamResponse:
    """The page that was asked for. `read`: so many rows at the most after this id, None for the first."""
    limit = call.query["limit"]
    rows = await read(uuid_of(call.query.get("cursor")), limit + 1)
    items, following = split(rows, limit, lambda row: str(row.id))
    return page(items, following)


def split(rows: Sequence[T], limit: int, key: Callable[[T], str]) -> tuple[Sequence[T], str | None]:
    """Of `limit` + 1 rows asked for: the page, and the cursor after it or None."""
    if len(rows) <= limit:
        return rows, None
    kept = rows[:limit]
    return kept, _pack(key(kept[-1]))


def text_of(cursor: str | None) -> str | None:
    """What `split` packed. Raises ApiError for anything else."""
    if cursor is None:
        return None
    try:
        text = base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True).decode("utf-8")
        if "\x00" in text:
            raise ValueError("no cursor of ours")
    except (ValueError, binascii.Error):
        raise _bad() from None
    return text


def uuid_of(cursor: str | None) -> UUID | None:
    """The id that `split` packed. Raises ApiError for anything else."""
    text = text_of(cursor)
    if text is None:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise _bad() from None


def moment_of(cursor: str | None) -> tuple[datetime, UUID] | None:
    """The time and id that `split` packed, a space between them. Raises ApiError for anything else."""
    text = text_of(cursor)
    if text is None:
        return None
    at, _, identity = text.partition(" ")
    try:
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise ValueError("no cursor of ours")
        return moment, UUID(identity)
    except ValueError:
        raise _bad() from None


def _pack(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


def _bad() -> ApiError:
    return ApiError("invalid", [{"field": "cursor", "rule": "format"}])
