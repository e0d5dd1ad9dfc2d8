"""Cursors: where the next page begins, opaque to the reader."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from dialer.api.errors import ApiError

T = TypeVar("T")


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
