"""Requests that may come twice, and whose objects are whose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from dialer.domain.ids import ClientId


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The answer that a request with this key got."""

    request_hash: bytes
    status: int | None  # None: it is being worked on, or the process died while it was
    body: bytes


class Idempotency(Protocol):
    """Remembers answers by (actor, key). Times are wall time."""

    async def begin(self, actor: str, key: str, request_hash: bytes, at: datetime, stale: datetime) -> Answered | None:
        """Take the key; None: it is ours now. One that was taken before `stale` and never answered is taken over,
        when the request is the same one."""
        ...

    async def finish(self, actor: str, key: str, status: int, body: bytes) -> None:
        """Keep the answer."""
        ...

    async def release(self, actor: str, key: str) -> None:
        """Nothing was done: the key may be used again."""
        ...


class Ownership(Protocol):
    """Whose object it is. `kind` is a path parameter's name: campaign, delivery, case, attempt, export, callback."""

    async def client_of(self, kind: str, subject: UUID) -> ClientId | None:
        """None when there is no such object."""
        ...
