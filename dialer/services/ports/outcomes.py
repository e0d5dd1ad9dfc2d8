"""Filing of outcomes, as the desk needs it."""

from __future__ import annotations

from typing import Protocol

from dialer.domain.ids import AttemptId, UserId
from dialer.services.ports.desk import Filing


class OutcomeFiler(Protocol):
    """Closes a wrap-up."""

    async def file(self, user: UserId, attempt: AttemptId, filing: Filing) -> object:
        """Commit the outcome. The same filing again is no error; another one raises ConflictError."""
        ...
