"""What the planner has learned, and what it learns from."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol


class Told(NamedTuple):
    """One finished attempt, as far as it teaches anything: no id, no name, no number. Plain values, fit for JSON.

    Times are unix seconds. `case` and `number` only tell cases, and the numbers of one case, apart.
    """

    case: int
    arrival: float
    number: int  # of the case, in order of first use; -1 for a call from the resident
    kind: str  # schedule.model.NumberKind; "" without a number
    at: float
    outcome: str
    reached: bool
    lives: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The state that was learned last, and when (calendar time)."""

    at: datetime
    state: Mapping[str, Any]


class LearningStore(Protocol):
    """The learned state as one value, and the finished attempts without a person in them."""

    async def load(self) -> Kept | None:
        """What was kept last; None: nothing was learned yet."""
        ...

    async def save(self, state: Mapping[str, Any], at: datetime) -> None:
        """Keep this state in place of the last."""
        ...

    def told(self, since: datetime, most: int) -> AsyncGenerator[Sequence[Told], None]:
        """The newest `most` finished attempts from `since` on, in batches, case by case and in order of time."""
        ...
