"""What residents ask, from the day that it came in until it is done: the privacy officer's work.

Carried out by `ResidentRights`. First the act, then the mark that it is done: a crash in between leaves the request
open, and doing it once more changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from dialer.domain.errors import ChangedSinceError, ConflictError, InvalidError
from dialer.domain.ids import ClientId, ResidentId, UserId
from dialer.domain.privacy_request import (
    MONTHS,
    MONTHS_EXTENDED,
    RequestEvent,
    RequestKind,
    RequestState,
    advance,
    months_after,
)
from dialer.domain.texts import checked_text
from dialer.schedule.terms import next_working_day
from dialer.schedule.windows import local_date
from dialer.services.ports.audit import AuditLog
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.people import Viewer
from dialer.services.ports.privacy_requests import NewRequest, PrivacyRequest, PrivacyRequestStore, RequestMove
from dialer.services.residents import SECTIONS, Correction, ResidentRights
from dialer.services.viewing import check_scope, noted

_LONGEST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundResident:
    """Enough to know that it is the right one, and what is held: rows by section of the file."""

    id: ResidentId
    name: str = field(repr=False)  # empty: erased
    birth_date: str = field(repr=False)
    address: str = field(repr=False)
    open_cases: int
    objected: bool
    held: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """A request that was carried out, and what it did: cases withdrawn, rows that went."""

    request: PrivacyRequest
    cases: int = 0
    rows: int = 0


class PrivacyRequests:
    """Use cases."""

    def __init__(
        self, *, store: PrivacyRequestStore, rights: ResidentRights, audit: AuditLog, clock: Clock, ids: Ids
    ) -> None:
        self._store = store
        self._rights = rights
        self._audit = audit
        self._clock = clock
        self._ids = ids

    async def find(self, client: ClientId, reference: str, purpose: str, viewer: Viewer) -> Sequence[FoundResident]:
        """Whom the client calls by this reference, sometimes several. Audited. Raises InvalidError, BsnError."""
        check_scope(viewer, client)
        why = checked_text(purpose, _LONGEST, "purpose")
        found = []
        for resident in await self._rights.named(client, reference.strip()):
            content = await self._rights.held(resident, why, viewer, action="resident.find")
            found.append(_found(resident, content))
        return found

    async def all(
        self, client: ClientId | None, resident: ResidentId | None, viewer: Viewer, *, is_open: bool | None, limit: int
    ) -> Sequence[PrivacyRequest]:
        """Open ones by their term, then the others, the newest first."""
        return await self._store.all(viewer.client or client, resident, is_open=is_open, limit=limit)

    async def open(
        self, resident: ResidentId, kind: RequestKind, received_on: date, reason: str, user: UserId, viewer: Viewer
    ) -> PrivacyRequest:
        """Write down what was asked, and when it came in. Raises NotFoundError, InvalidError with the field."""
        client = await self._rights.client_of(resident, viewer)
        if received_on > local_date(self._clock.now()):
            raise InvalidError("deze dag moet nog komen", "received_on")
        new = NewRequest(
            id=self._ids.new(),
            resident=resident,
            kind=kind,
            received_on=received_on,
            due_on=_due(received_on, MONTHS),
            reason=checked_text(reason, _LONGEST, "reason"),
            at=self._clock.now(),
            by=user,
        )
        await self._store.add(new)
        await noted(
            self._audit,
            viewer,
            "privacy_request.open",
            "resident",
            resident,
            client,
            {"kind": kind},
            purpose=new.reason,
        )
        return await self._store.request(new.id)

    async def preview(self, resident: ResidentId, viewer: Viewer) -> Mapping[str, int]:
        """Rows that an erasure would take away, by table; nothing is changed. Raises ConflictError during a call."""
        return await self._rights.would_erase(resident, viewer)

    async def file(self, request: UUID, viewer: Viewer) -> bytes:
        """The resident's file, as JSON with Dutch names. Handing it over is `carry_out`."""
        found = await self._mine(request, viewer)
        if found.kind is not RequestKind.FILE:
            raise ConflictError("hier is niet om het dossier gevraagd")
        if found.state is RequestState.REFUSED:
            raise ConflictError("dit verzoek is afgewezen")
        return await self._rights.file(found.resident, _purpose(found), viewer)

    async def carry_out(
        self, request: UUID, version: int, correction: Mapping[str, Any] | None, user: UserId, viewer: Viewer
    ) -> Effect:
        """Do what is asked, and mark it done. Of a file: that it was handed over.

        Raises IllegalTransitionError, ChangedSinceError, InvalidError, ConflictError during a call.
        """
        found = await self._mine(request, viewer)
        advance(found.state, RequestEvent.CARRY_OUT)
        if found.version != version:
            raise ChangedSinceError("iemand anders heeft het verzoek gewijzigd")
        cases, rows = await self._act(found, correction, viewer)
        settled = await self._move(found, RequestEvent.CARRY_OUT, "", user, viewer)
        return Effect(request=settled, cases=cases, rows=rows)

    async def move(
        self, request: UUID, version: int, event: RequestEvent, text: str, user: UserId, viewer: Viewer
    ) -> PrivacyRequest:
        """Extend or refuse, with the reason that the resident is told. Raises as `carry_out`."""
        found = await self._mine(request, viewer)
        advance(found.state, event)
        if found.version != version:
            raise ChangedSinceError("iemand anders heeft het verzoek gewijzigd")
        return await self._move(found, event, checked_text(text, _LONGEST, "text"), user, viewer)

    async def _act(
        self, found: PrivacyRequest, correction: Mapping[str, Any] | None, viewer: Viewer
    ) -> tuple[int, int]:
        resident, why = found.resident, _purpose(found)
        if found.kind is RequestKind.CORRECT:
            if not correction:
                raise InvalidError("geef wat er anders moet", "correction")
            await self._rights.correct(resident, Correction.of(correction), why, viewer)
            return 0, 1
        if found.kind is RequestKind.RESTRICT:
            return await self._rights.restrict(resident, why, viewer), 0
        if found.kind is RequestKind.OBJECT:
            return await self._rights.oppose(resident, why, viewer), 0
        if found.kind is RequestKind.ERASE:
            return 0, sum((await self._rights.erase(resident, why, viewer)).values())
        return 0, 0

    async def _move(
        self, found: PrivacyRequest, event: RequestEvent, answer: str, user: UserId, viewer: Viewer
    ) -> PrivacyRequest:
        extended = event is RequestEvent.EXTEND
        kept = await self._store.move(
            RequestMove(
                request=found.id,
                version=found.version,
                state=advance(found.state, event),
                answer=answer,
                due_on=_due(found.received_on, MONTHS_EXTENDED) if extended else None,
                settled_at=None if extended else self._clock.now(),
                by=user,
            )
        )
        if not kept:
            raise ChangedSinceError("iemand anders heeft het verzoek gewijzigd")
        detail = {"kind": found.kind, "request": str(found.id)}
        action = f"privacy_request.{event}"
        await noted(self._audit, viewer, action, "resident", found.resident, found.client, detail, purpose=answer)
        return await self._store.request(found.id)

    async def _mine(self, request: UUID, viewer: Viewer) -> PrivacyRequest:
        found = await self._store.request(request)
        check_scope(viewer, found.client)
        return found


def _due(received_on: date, months: int) -> date:
    return next_working_day(months_after(received_on, months))


def _purpose(found: PrivacyRequest) -> str:
    return f"verzoek van {found.received_on.isoformat()}: {found.reason}"


def _found(resident: ResidentId, content: Mapping[str, Any]) -> FoundResident:
    who = content[SECTIONS["who"]][-1] if content[SECTIONS["who"]] else {}
    place = f"{who.get('postcode', '')} {who.get('house_number', '')}{who.get('house_addition', '')}".strip()
    objections = content[SECTIONS["objections"]]
    return FoundResident(
        id=resident,
        name=f"{who.get('initials', '')} {who.get('surname', '')}".strip(),
        birth_date=who.get("birth_date", ""),
        address=place,
        open_cases=sum(one["stand"] in ("held", "no_number", "open") for one in content[SECTIONS["cases"]]),
        objected=any(one["opgeheven_op"] is None for one in objections),
        held={section: len(content[title]) for section, title in SECTIONS.items() if content[title]},
    )
