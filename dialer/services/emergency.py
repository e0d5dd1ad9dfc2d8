"""Emergency stop: all ringing ends, and nothing starts until it is lifted, whatever the campaigns' own states are.

Conversations go on, and so do callers: nobody is cut off in mid-sentence, and who rings us is in no danger from it. A
call that is being given to somebody else (a crisis desk) goes on too.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from dialer.domain.errors import InvalidError
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.emergency import EmergencyStore, Stop

MOST = 200
"""Characters of a reason; nothing about residents belongs in it."""


class EmergencyStop:
    """Use cases."""

    def __init__(
        self, store: EmergencyStore, clock: Clock, ids: Ids, on_change: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        """`on_change`: told at once, before the database's own notice comes."""
        self._store = store
        self._clock = clock
        self._ids = ids
        self._on_change = on_change

    async def standing(self) -> Stop | None:
        """The one that stands, if any."""
        return await self._store.standing()

    async def stop(self, actor: str, reason: str) -> Stop:
        """Stop everything; where a stop stands already it is left as it is. Raises InvalidError."""
        words = reason.strip()
        if len(words) > MOST or not words.isprintable():
            raise InvalidError(f"geef een reden van hoogstens {MOST} tekens", "reason")
        wanted = Stop(id=self._ids.new(), at=self._clock.wall_utc(), by=actor, name="", reason=words)
        await self._store.stop(wanted)
        await self._tell()
        return await self._store.standing() or wanted  # lifted by somebody else at this very moment

    async def lift(self, actor: str) -> bool:
        """Let the campaigns go on as they are set. False: no stop stood."""
        lifted = await self._store.lift(self._clock.wall_utc(), actor)
        await self._tell()
        return lifted

    async def _tell(self) -> None:
        if self._on_change is not None:
            await self._on_change()
