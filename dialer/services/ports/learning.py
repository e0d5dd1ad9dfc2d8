"""What the planner has learned, and what it learns from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from dialer.schedule.planner.values import Record


class LearningStore(Protocol):
    """The learned state as one value, and the finished attempts without a person in them."""

    async def load(self) -> Mapping[str, Any] | None:
        """The state that was kept last; None: nothing was learned yet."""
        ...

    async def save(self, state: Mapping[str, Any], at: datetime) -> None:
        """Keep this state in place of the last."""
        ...

    async def records(self, since: datetime, most: int) -> Sequence[Record]:
        """Cases with their finished attempts from `since` on; of the newest `most` attempts."""
        ...
