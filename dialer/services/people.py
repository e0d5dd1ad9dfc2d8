"""Residents' data for those who need it, when they need it.

Before the identity check: name, number, language, which attempt; nothing of arrears. After a match in this very call:
partners, bands of amounts, history. Every look leaves an audit line before it is answered. Also the sealing that others
need: numbers for the claim, notes and drafts for the wrap-up, numbers of call-back requests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from dialer.domain.errors import ConflictError, ForbiddenError, NotFoundError
from dialer.domain.ids import AttemptId, CaseId, ClientId, PhoneId
from dialer.domain.intake import AMOUNT_BANDS, amount_band
from dialer.domain.intake_values import clean, parse_house, parse_postcode
from dialer.domain.names import is_said
from dialer.services import sealed
from dialer.services.ports.audit import AuditLog
from dialer.services.ports.clock import Clock
from dialer.services.ports.ledger import CallFact, Ledger
from dialer.services.ports.people import (
    AttemptRow,
    Box,
    Candidate,
    Card,
    Dossier,
    DossierCall,
    DossierPhone,
    DossierSignal,
    PeopleStore,
    SaidIdentity,
    SealedText,
    Verification,
    Viewer,
)
from dialer.services.ports.vault import ErasedError, Vault
from dialer.services.viewing import check_scope, noted

MAX_TRIES = 5
"""Identity checks in one call. A resident may misspeak; nobody guesses a birth date in five."""

MAX_NOTE = 4_000
"""Characters."""

_PROOF_TERM = timedelta(days=28)

_SALUTATIONS = {"m": ("de heer", "Mr"), "v": ("mevrouw", "Ms")}


class NotVerifiedError(ForbiddenError):
    """The identity check of this call has not matched."""

    code = "not-verified"


class NoTriesLeftError(ConflictError):
    """Too many identity checks in this call."""

    code = "no-tries-left"


class PeopleService:
    """Cards, identity checks, dossiers, and sealing for others."""

    def __init__(self, *, store: PeopleStore, vault: Vault, audit: AuditLog, clock: Clock, ledger: Ledger) -> None:
        """`ledger` takes the result of each identity check as a fact of its attempt."""
        self._store = store
        self._vault = vault
        self._audit = audit
        self._clock = clock
        self._ledger = ledger

    # --- what agents see ------------------------------------------------------------------------------------------

    async def card(self, attempt: AttemptId, viewer: Viewer) -> Card:
        """Before the identity check. A stranger's card has a name only once a candidate has matched."""
        row = await self._attempt(attempt, viewer)
        who = None
        if row.resident_box is not None and (row.verified or not row.stranger):
            who = sealed.resident_data(self._open(sealed.RESIDENT, row.resident_box))
        number = self._number(row)
        await noted(self._audit, viewer, "card.read", "attempt", attempt, row.client, purpose="call")
        pair = _SALUTATIONS.get(who.salutation) if who is not None else None
        return Card(
            attempt=attempt,
            direction=row.direction,
            case=row.case if who is not None else None,
            salutation="" if pair is None else pair[viewer.language == "en"],
            name=who.full_name if who is not None else row.staff_label,
            number=number,
            number_kind=row.phone_kind,
            attempt_number=row.seq,
            language=row.language,
            interpreter=row.interpreter,
            municipality=row.municipality,
            neutral_name=row.neutral_name,
            callback_number=row.callback_number,
            campaign=row.campaign,
            verified=row.verified,
            surveys=row.surveys,
            records=row.records,
            call_back=row.callback_box is not None,
            team=row.team,
            opening=row.opening,
        )

    async def preview_name(self, case: CaseId, viewer: Viewer) -> str:
        """The name of a resident whom an agent is about to have called. Raises NotFoundError, ErasedError."""
        client, box = await self._store.resident_of_case(case)
        if box is None:
            raise ErasedError("the resident's data was erased")
        await noted(self._audit, viewer, "preview.read", "case", case, client, purpose="call")
        return sealed.resident_data(self._open(sealed.RESIDENT, box)).full_name

    async def candidates(self, attempt: AttemptId, said_name: str, viewer: Viewer) -> Sequence[Candidate]:
        """Whom a caller, or somebody rung back, may be: residents of this number with the surname that was said. A
        number proves nothing, so without a name nobody is shown.
        """
        row = await self._attempt(attempt, viewer)
        if not row.stranger:
            raise ConflictError("only strangers are looked up by name")
        found = []
        if row.number_key is not None:
            for candidate in await self._store.candidates(row.client, row.number_key):
                who = sealed.resident_data(self._open(sealed.RESIDENT, candidate.box))
                if is_said(said_name, who.surname):
                    found.append(Candidate(case=candidate.case, name=who.full_name))
        detail = {"cases": [str(candidate.case) for candidate in found]}
        await noted(self._audit, viewer, "candidates.read", "attempt", attempt, row.client, detail, purpose="call")
        return found

    async def verify(
        self, attempt: AttemptId, said: SaidIdentity, viewer: Viewer, *, case: CaseId | None = None
    ) -> Verification:
        """Compare what the resident says with what is known. Tries are counted before they are answered.

        `case` is the candidate of a stranger; a match ties the call to it. Raises NoTriesLeftError.
        """
        row = await self._attempt(attempt, viewer)
        if not row.in_hand and viewer.attempt != attempt:
            raise ConflictError("the call is over")
        if row.staff_box is not None:
            return await self._rehearse(row, viewer)
        target = case if row.stranger and case is not None else row.case
        if target is None:
            raise ConflictError("nobody has been chosen to compare with")
        client, box = await self._store.resident_of_case(target)
        if client != row.client:
            raise NotFoundError("no such case")
        at = self._clock.now()
        left = await self._store.take_try(attempt, MAX_TRIES, at, viewer.actor, row.client)
        if left is None:
            raise NoTriesLeftError("too many identity checks in this call")
        if box is None:
            raise ErasedError("the resident's data was erased")
        match = _matches(sealed.resident_data(self._open(sealed.RESIDENT, box)), said)
        if match and row.stranger:
            await self._store.tie(attempt, target)  # first: whoever sees `verified` must see whose it is
        await self._ledger.append(
            [
                CallFact(
                    attempt=attempt,
                    kind="verified",
                    at=at,
                    wall_at=self._clock.wall_utc(),
                    actor=viewer.actor,
                    state="",
                    data={"match": match, "case": str(target)},
                )
            ]
        )
        return Verification(match=match, tries_left=left)

    async def _rehearse(self, row: AttemptRow, viewer: Viewer) -> Verification:
        """In a proof call every answer fits: the script goes on, and there is nobody's data behind it."""
        await self._ledger.append(
            [
                CallFact(
                    attempt=row.attempt,
                    kind="verified",
                    at=self._clock.now(),
                    wall_at=self._clock.wall_utc(),
                    actor=viewer.actor,
                    state="",
                    data={"match": True},
                )
            ]
        )
        return Verification(match=True, tries_left=MAX_TRIES)

    async def dossier(self, attempt: AttemptId, viewer: Viewer) -> Dossier:
        """After a match in this call. Raises NotVerifiedError before."""
        row = await self._attempt(attempt, viewer)
        if row.staff_box is not None and row.verified is True:
            return _rehearsed(row, self._clock.now())
        if row.case is None or row.verified is not True:
            raise NotVerifiedError("the identity check comes first")
        if viewer.role == "agent" and not row.in_hand and viewer.attempt != attempt:
            raise ForbiddenError("the call is over and filed")
        case = await self._store.case(row.case, attempt)
        await noted(self._audit, viewer, "dossier.read", "attempt", attempt, row.client, {"case": str(row.case)})
        return Dossier(
            case=case.case,
            crisis=case.crisis,
            term_ends_at=case.term_ends_at,
            signals=[
                DossierSignal(
                    partner_type=signal.partner_type,
                    signal_on=signal.signal_on,
                    amount_band=self._band(signal.box),
                    crisis=signal.crisis,
                    warm_handover=signal.warm_handover,
                )
                for signal in case.signals
            ],
            history=[
                DossierCall(
                    at=call.at,
                    direction=call.direction,
                    call_back=call.call_back,
                    outcome=call.outcome,
                    note=self._note_text(call.note),
                )
                for call in case.calls
            ],
            phones=[
                DossierPhone(
                    phone=phone.phone,
                    number=self._open(sealed.PHONE, phone.box).decode(),
                    kind=phone.kind,
                    state=phone.state,
                )
                for phone in case.phones
                if phone.box is not None
            ],
        )

    # --- sealing for others ---------------------------------------------------------------------------------------

    async def numbers(self, phones: Sequence[PhoneId]) -> Mapping[PhoneId, str]:
        """E.164 by phone, for the claim. Erased numbers are left out. No audit line: the attempt is the record."""
        boxes = await self._store.numbers(phones)
        return {phone: self._open(sealed.PHONE, box).decode() for phone, box in boxes.items()}

    async def seal_note(self, attempt: AttemptId, text: str) -> SealedText:
        """A wrap-up note, for `pii.note`: sealed with the key of the case's delivery, else with the client's."""
        return await self._seal_text(sealed.NOTE, attempt, text)

    async def seal_draft(self, attempt: AttemptId, text: str) -> SealedText:
        """A wrap-up draft, for `wrap_up_draft`."""
        return await self._seal_text(sealed.DRAFT, attempt, text)

    async def open_note(self, attempt: AttemptId, text: SealedText) -> str:
        """The reverse of `seal_note`. Raises ErasedError."""
        return await self._open_text(sealed.NOTE, attempt, text)

    async def open_draft(self, attempt: AttemptId, text: SealedText) -> str:
        """The reverse of `seal_draft`. Raises ErasedError."""
        return await self._open_text(sealed.DRAFT, attempt, text)

    def seal_number(self, client: ClientId, client_key: bytes, task: UUID, number: str) -> bytes:
        """A call-back request's number, for `callback_task.sealed_number`; outlives any delivery."""
        return self._vault.client(client, client_key).seal(sealed.CALLBACK, task, number.encode())

    def open_number(self, client: ClientId, client_key: bytes, task: UUID, box: bytes) -> str:
        """The reverse of `seal_number`."""
        return self._vault.client(client, client_key).open(sealed.CALLBACK, task, box).decode()

    # --- helpers ----------------------------------------------------------------------------------------------------

    async def _attempt(self, attempt: AttemptId, viewer: Viewer) -> AttemptRow:
        row = await self._store.attempt(attempt)
        check_scope(viewer, row.client)
        if viewer.role == "agent" and viewer.attempt != attempt and row.agent != viewer.user:
            raise NotFoundError("no such attempt")
        return row

    def _number(self, row: AttemptRow) -> str:
        """As a list has it, else as the request that was dialled has it; empty when neither does."""
        if row.phone_box is not None:
            return self._open(sealed.PHONE, row.phone_box).decode()
        if row.staff_box is not None:
            return self._open(sealed.STAFF_PHONE, row.staff_box).decode()
        return "" if row.callback_box is None else self._open(sealed.CALLBACK, row.callback_box).decode()

    async def _seal_text(self, kind: str, attempt: AttemptId, text: str) -> SealedText:
        row = await self._store.attempt(attempt)
        if row.case_delivery is not None and row.delivery_key is not None:
            sealer = self._vault.delivery(row.client, row.client_key, row.case_delivery, row.delivery_key)
            delivery = row.case_delivery
        else:  # a caller who was not found, or a list recalled during the call
            sealer, delivery = self._vault.client(row.client, row.client_key), None
        box = sealer.seal(kind, attempt, text[:MAX_NOTE].encode("utf-8", "replace"))
        return SealedText(client=row.client, delivery=delivery, sealed=box)

    async def _open_text(self, kind: str, attempt: AttemptId, text: SealedText) -> str:
        keys = await self._store.keys(text.client, text.delivery)
        box = Box(
            owner=attempt,
            client=text.client,
            client_key=keys[0],
            delivery=text.delivery,
            delivery_key=keys[1],
            sealed=text.sealed,
        )
        return self._open(kind, box).decode()

    def _open(self, kind: str, box: Box) -> bytes:
        return sealed.sealer_of(self._vault, box).open(kind, box.owner, box.sealed)

    def _band(self, box: Box | None) -> str:
        if box is None:
            return ""
        cents = sealed.signal_data(self._open(sealed.SIGNAL, box)).amount_cents
        return "" if cents is None else band_text(cents)

    def _note_text(self, box: Box | None) -> str:
        return sealed.text_of(self._vault, box, sealed.NOTE) or ""


def _rehearsed(row: AttemptRow, now: datetime) -> Dossier:
    """What an agent sees of a proof call: a dossier of nobody, with nothing in it."""
    return Dossier(
        case=CaseId(row.attempt),
        crisis=False,
        term_ends_at=now + _PROOF_TERM,
        signals=[],
        history=[],
        phones=[],
    )


def band_text(cents: int) -> str:
    """A band in euros: `0-75`, `75-250` ... `2500+`."""
    band = amount_band(cents)
    bounds = [0, *AMOUNT_BANDS]
    low = bounds[band] // 100
    return f"{low}+" if band == len(AMOUNT_BANDS) else f"{low}-{bounds[band + 1] // 100}"


def _matches(who: sealed.ResidentData, said: SaidIdentity) -> bool:
    house = parse_house(clean(said.house_number))
    return (
        who.birth_date == said.birth_date
        and who.postcode == parse_postcode(clean(said.postcode))
        and house is not None
        and house[0] == who.house_number
    )
