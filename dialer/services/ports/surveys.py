"""Where surveys are kept: by attempt, apart from whoever was asked."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from dialer.domain.ids import AttemptId
from dialer.domain.survey import Answers


class SurveyStore(Protocol):
    """Raises UnavailableError."""

    async def ask(self, attempt: AttemptId, percent: float, at: datetime) -> bool:
        """Note that this resident is asked. False: he is not to be.

        Nobody is who did not say who he is, in a crisis, after a complaint or aggression in this case, when he was
        asked in this case before, or when he asked not to be.
        """
        ...

    async def unask(self, attempt: AttemptId) -> None:
        """The questions were never heard."""
        ...

    async def opt_out(self, attempt: AttemptId, at: datetime) -> None:
        """Whoever was in this conversation is not asked again, by this client; of a stranger nothing is kept."""
        ...

    async def answered(self, attempt: AttemptId, answers: Answers, at: datetime) -> None:
        """What was pressed; may be told again, and more of it."""
        ...

    async def settle(self, at: datetime, under_way: Collection[AttemptId]) -> int:
        """Count those that are over, and whose conversation is filed for good. How many.

        Answers after a crisis, a complaint or aggression are thrown away; `under_way`: not yet.
        """
        ...
