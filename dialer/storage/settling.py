"""How something that was to be sent went, in PostgreSQL: the one step from state to state of whatever goes out."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

import asyncpg

from dialer.domain.exchange import MessageEvent, MessageState, advance

# In the claim of each: one that is found `sending` was left by a sender who died with it.
DIED_UNDERWAY = "died = case when {0}.state = 'sending' then {0}.died + 1 else 0 end"


class Sent(Protocol):
    """A message, a notice, a file, a report."""

    @property
    def id(self) -> UUID:
        """Its row."""
        ...

    @property
    def state(self) -> MessageState:
        """As it was read."""
        ...

    @property
    def tries(self) -> int:
        """The one under way included."""
        ...


async def settled(
    pool: asyncpg.Pool,
    sql: str,
    one: Sent,
    event: MessageEvent,
    at: datetime,
    *more: object,
    due_at: datetime | None,
    error: str,
) -> bool:
    """Whether it was still as it was read, by state and number of the try: who was overtaken changes nothing.

    `sql` takes id, state, tries, the state afterwards, when it is due, the error, the time and then `more`, and answers
    with a value where a row changed. Raises IllegalTransitionError.
    """
    after = advance(one.state, event)
    changed = await pool.fetchval(sql, one.id, one.state.value, one.tries, after.value, due_at, error, at, *more)
    return bool(changed)
