"""Where the chain of the audit is read, and its anchors are kept."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dialer.domain.audit_chain import Anchor, AuditLine


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedAnchor:
    """An anchor as stored."""

    anchor: Anchor
    at: datetime
    signature: bytes


class ChainView(Protocol):
    """One moment of the audit."""

    def lines(self) -> AsyncIterator[AuditLine]:
        """All links by position."""
        ...

    async def unlinked(self) -> Sequence[int]:
        """Ids of lines without a link, a hundred at most."""
        ...

    async def anchors(self) -> Sequence[SignedAnchor]:
        """All of them."""
        ...


class ChainStore(Protocol):
    """The audit's links."""

    def look(self) -> AbstractAsyncContextManager[ChainView]:
        """One moment, for as long as the context lasts."""
        ...

    async def head(self) -> Anchor | None:
        """The last link; None while there is none."""
        ...

    async def keep_anchor(self, anchor: SignedAnchor) -> bool:
        """False when there is one for this position already."""
        ...
