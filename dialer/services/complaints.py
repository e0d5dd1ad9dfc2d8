"""Complaints: written down by an agent (the flag of a filing) or a supervisor, given an owner, answered within a term.

What is written about a resident is sealed and goes with the resident's data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dialer.domain import complaint as rules
from dialer.domain.complaint import ComplaintEvent
from dialer.domain.errors import ChangedSinceError, InvalidError
from dialer.domain.ids import CaseId, ClientId, UserId
from dialer.domain.texts import checked_text
from dialer.schedule.windows import local_date
from dialer.services import sealed
from dialer.services.ports.audit import AuditLog
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.complaints import (
    ComplaintLine,
    ComplaintMove,
    ComplaintStep,
    ComplaintStore,
    NewComplaint,
)
from dialer.services.ports.people import Viewer
from dialer.services.ports.vault import Vault
from dialer.services.viewing import check_scope, noted

_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What somebody wants to do with a complaint. `text`: the answer, or the reason, which names nobody."""

    event: ComplaintEvent
    owner: UserId | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintShown:
    """A complaint with its words. Texts None: not written, or erased."""

    line: ComplaintLine
    overdue: bool
    what: str | None
    note: str | None
    answer: str | None
    steps: Sequence[ComplaintStep]


class Complaints:
    """Use cases."""

    def __init__(self, *, store: ComplaintStore, vault: Vault, audit: AuditLog, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._vault = vault
        self._audit = audit
        self._clock = clock
        self._ids = ids

    async def lines(
        self, *, is_open: bool | None, after: tuple[datetime, UUID] | None, limit: int, viewer: Viewer
    ) -> Sequence[ComplaintLine]:
        """Without words, the latest received first."""
        return await self._store.lines(viewer.client, is_open=is_open, after=after, limit=limit)

    async def of_case(self, case: CaseId, viewer: Viewer) -> Sequence[ComplaintLine]:
        """Of one resident's case. Raises NotFoundError."""
        check_scope(viewer, (await self._store.keys_of_case(case)).client)
        return await self._store.of_case(case)

    async def complaint(self, complaint: UUID, viewer: Viewer) -> ComplaintShown:
        """With its words; audited. Raises NotFoundError."""
        line = await self._store.line(complaint)
        check_scope(viewer, line.client)
        await noted(self._audit, viewer, "complaint.read", "complaint", complaint, line.client)
        return await self._shown(line)

    async def write(self, case: CaseId, text: str, user: UserId, viewer: Viewer) -> ComplaintShown:
        """A supervisor writes one down. Raises NotFoundError, InvalidError, ErasedError."""
        keys = await self._store.keys_of_case(case)
        check_scope(viewer, keys.client)
        words, identity = checked_text(text, rules.LONGEST_TEXT, "text"), self._ids.new()
        await self._store.add(
            NewComplaint(
                id=identity,
                case=case,
                user=user,
                actor=viewer.actor,
                at=self._clock.now(),
                sealed=sealed.sealer_of(self._vault, keys).seal(sealed.COMPLAINT, identity, words.encode()),
            )
        )
        return await self._shown(await self._store.line(identity))

    async def move(self, complaint: UUID, version: int, step: Step, user: UserId, viewer: Viewer) -> ComplaintShown:
        """Take a step. Raises NotFoundError, InvalidError, IllegalTransitionError, ChangedSinceError, ErasedError."""
        keys = await self._store.keys(complaint)
        check_scope(viewer, keys.client)
        answer, reason = None, ""
        if step.event is ComplaintEvent.ASSIGN:
            if step.owner is None:
                raise InvalidError("kies wie de klacht behandelt", "owner")
        elif step.event is ComplaintEvent.ANSWER:
            words = checked_text(step.text, rules.LONGEST_TEXT, "text")
            answer = sealed.sealer_of(self._vault, keys).seal(sealed.COMPLAINT_ANSWER, complaint, words.encode())
        else:
            reason = checked_text(step.text, _LONGEST_REASON, "text")
        kept = await self._store.move(
            ComplaintMove(
                complaint=complaint,
                version=version,
                event=step.event,
                user=user,
                actor=viewer.actor,
                at=self._clock.now(),
                reason=reason,
                owner=step.owner,
                answer=answer,
            )
        )
        if not kept:
            raise ChangedSinceError("iemand anders heeft de klacht gewijzigd")
        return await self._shown(await self._store.line(complaint))

    async def waiting(self, viewer: Viewer) -> tuple[int, int]:
        """(Open ones that this viewer may see, those of them whose term is over)."""
        return await self._store.waiting(viewer.client, local_date(self._clock.now()))

    async def overdue(self) -> Mapping[ClientId, int]:
        """For the metric: complaints whose term is over, by client."""
        return await self._store.overdue(local_date(self._clock.now()))

    async def _shown(self, line: ComplaintLine) -> ComplaintShown:
        texts = await self._store.texts(line.id)
        return ComplaintShown(
            line=line,
            overdue=line.state in rules.OPEN and line.due_on < local_date(self._clock.now()),
            what=sealed.text_of(self._vault, texts.what, sealed.COMPLAINT),
            note=sealed.text_of(self._vault, texts.note, sealed.NOTE),
            answer=sealed.text_of(self._vault, texts.answer, sealed.COMPLAINT_ANSWER),
            steps=await self._store.steps(line.id),
        )
