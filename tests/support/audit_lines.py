"""An audit in memory."""

from __future__ import annotations

from dialer.domain.errors import UnavailableError
from dialer.services.ports.audit import AuditEntry


class AuditLines:
    """`AuditLog`: keeps what was recorded; away, it refuses."""

    def __init__(self) -> None:
        self.lines: list[AuditEntry] = []
        self.away = False

    async def record(self, entry: AuditEntry) -> None:
        if self.away:
            raise UnavailableError("the database does not answer")
        self.lines.append(entry)

    def actions(self) -> list[str]:
        """What was done, in order."""
        return [entry.action for entry in self.lines]
