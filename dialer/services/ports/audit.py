"""The audit: who did or saw what, of whom, why. Append-only. Ids only, never a name, number, note or debt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from dialer.domain.ids import ClientId


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One line. `actor` is user:<uuid>, token:<uuid>, cli or engine; `action` a verb such as `export.download`."""

    actor: str
    action: str
    subject_kind: str
    subject: str
    client: ClientId | None = None
    purpose: str = ""
    detail: Mapping[str, object] = field(default_factory=dict)


class AuditLog(Protocol):
    """Where entries go."""

    async def record(self, entry: AuditEntry) -> None:
        """Stored when it returns; a read that cannot be audited must not be answered."""
        ...
