"""A record sent back with a question, and the answer: one thread a case instead of e-mail.

What is written is sealed with the key of the case's delivery and erased with it. Agents see nothing of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dialer.domain.ids import CaseId, UserId
from dialer.domain.question import LONGEST_TEXT, QuestionState, Side
from dialer.domain.texts import checked_text
from dialer.services import sealed
from dialer.services.ports.audit import AuditLog
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.people import Viewer
from dialer.services.ports.questions import MessageRow, NewMessage, QuestionCounts, QuestionLine, QuestionStore
from dialer.services.ports.vault import Vault
from dialer.services.viewing import check_scope, noted


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageShown:
    """A message as somebody reads it. `by`: empty for our people where the client reads; `text` None: erased."""

    number: int
    side: Side
    at: datetime
    by: str
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionShown:
    """A thread. `line` None: nobody has asked anything yet."""

    line: QuestionLine | None
    messages: Sequence[MessageShown]


class Questions:
    """Use cases. A person with a client writes as that client, everybody else as our office."""

    def __init__(self, *, store: QuestionStore, vault: Vault, audit: AuditLog, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._vault = vault
        self._audit = audit
        self._clock = clock
        self._ids = ids

    async def counts(self, viewer: Viewer) -> QuestionCounts:
        """What waits for this side: counts, of nobody."""
        return await self._store.counts(viewer.client, _side(viewer))

    async def lines(
        self, state: QuestionState | None, after: tuple[datetime, UUID] | None, limit: int, viewer: Viewer
    ) -> Sequence[QuestionLine]:
        """Without words; the latest changed first."""
        return await self._store.lines(viewer.client, _side(viewer), state, after, limit)

    async def of_case(self, case: CaseId, viewer: Viewer) -> QuestionShown:
        """Raises NotFoundError."""
        keys = await self._store.keys(case)
        check_scope(viewer, keys.client)
        await noted(self._audit, viewer, "question.read", "case", case, keys.client)
        return await self._shown(case, viewer)

    async def write(self, case: CaseId, text: str, user: UserId, viewer: Viewer) -> QuestionShown:
        """Ask, or answer. Raises NotFoundError, InvalidError that names the field, ErasedError, ThreadFullError."""
        keys = await self._store.keys(case)
        check_scope(viewer, keys.client)
        words, identity = checked_text(text, LONGEST_TEXT, "text"), self._ids.new()
        sealer = self._vault.delivery(keys.client, keys.client_key, keys.delivery, keys.delivery_key)
        await self._store.write(
            NewMessage(
                id=identity,
                case=case,
                side=_side(viewer),
                at=self._clock.now(),
                actor=viewer.actor,
                user=user,
                delivery=keys.delivery,
                sealed=sealer.seal(sealed.QUESTION, identity, words.encode()),
            )
        )
        return await self._shown(case, viewer)

    async def read(self, case: CaseId, number: int, viewer: Viewer) -> None:
        """This side has read up to `number`. Raises NotFoundError."""
        check_scope(viewer, (await self._store.keys(case)).client)
        await self._store.read(case, _side(viewer), number)

    async def close(self, case: CaseId, viewer: Viewer) -> QuestionShown:
        """Done with. Who writes again opens it again. Raises NotFoundError."""
        check_scope(viewer, (await self._store.keys(case)).client)
        await self._store.close(case, self._clock.now(), viewer.actor)
        return await self._shown(case, viewer)

    async def _shown(self, case: CaseId, viewer: Viewer) -> QuestionShown:
        line = await self._store.line(case, _side(viewer))
        messages = [] if line is None else [self._message(row, viewer) for row in await self._store.messages(case)]
        return QuestionShown(line=line, messages=messages)

    def _message(self, row: MessageRow, viewer: Viewer) -> MessageShown:
        hidden = row.side is Side.OFFICE and viewer.client is not None
        return MessageShown(
            number=row.number,
            side=row.side,
            at=row.at,
            by="" if hidden else row.by,
            text=sealed.text_of(self._vault, row.text, sealed.QUESTION),
        )


def _side(viewer: Viewer) -> Side:
    return Side.OFFICE if viewer.client is None else Side.CLIENT
