"""Proposals to improve the work: anybody of ours makes one, supervisors take it through plan, do, check, act."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from dialer.domain import improvement as rules
from dialer.domain.errors import ChangedSinceError, InvalidError
from dialer.domain.ids import UserId
from dialer.domain.improvement import ImprovementEvent
from dialer.domain.texts import checked_text
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.improvements import Improvement, ImprovementMove, ImprovementStore
from dialer.services.ports.scripts import Act


class Improvements:
    """Use cases."""

    def __init__(self, store: ImprovementStore, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids

    async def all(self, *, is_open: bool) -> Sequence[Improvement]:
        """Open ones, the first due first, or closed ones with their answers."""
        return await self._store.all(is_open=is_open)

    async def propose(self, text: str, user: UserId, actor: str) -> Improvement:
        """Raises InvalidError."""
        identity = self._ids.new()
        words = checked_text(text, rules.LONGEST_TEXT, "text")
        await self._store.add(identity, words, self._act(user, actor))
        return await self._store.one(identity)

    async def move(
        self, improvement: UUID, version: int, move: ImprovementMove, user: UserId, actor: str
    ) -> Improvement:
        """Raises NotFoundError, InvalidError, IllegalTransitionError, ChangedSinceError."""
        if move.event is ImprovementEvent.CLOSE:
            move = replace(move, answer=checked_text(move.answer, rules.LONGEST_TEXT, "answer"))
        elif move.answer.strip():
            raise InvalidError("een antwoord hoort bij het afronden", "answer")
        if not await self._store.move(improvement, version, move, self._act(user, actor)):
            raise ChangedSinceError("iemand anders heeft het voorstel gewijzigd")
        return await self._store.one(improvement)

    def _act(self, user: UserId, actor: str) -> Act:
        return Act(actor=actor, user=user, at=self._clock.now())
