"""Outcomes: an agent files one, a supervisor corrects it, either may take it back for a while.

The catalogue version of the attempt decides what a filing must hold. Acknowledged only after the commit.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from dialer.domain.bookings import SlotTakenError
from dialer.domain.call import Direction
from dialer.domain.errors import ConflictError, ForbiddenError, InvalidError
from dialer.domain.ids import AttemptId, UserId
from dialer.domain.intake_values import LANGUAGES
from dialer.domain.notices import Via, address_of
from dialer.domain.outcome import Catalogue, Filed, OutcomeDef, StepKind, check_filing
from dialer.domain.skills import DUTCH, INTERPRETER
from dialer.domain.texts import BsnError, looks_like_bsn
from dialer.services.ports.clock import Clock
from dialer.services.ports.desk import Filing
from dialer.services.ports.outcomes import FilingEntry, FilingKind, FilingTarget, OutcomeStore
from dialer.services.ports.vault import ErasedError, Sealer, Vault
from dialer.services.sealed import BOOKING_CONTACT, DRAFT, NOTE

UNDO_WITHIN = timedelta(minutes=15)
"""How long an agent may take a filing back; a supervisor has no limit."""

_LONGEST_NOTE = 4000
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_CHOICE = re.compile(r"[\w ,./+-]{1,60}")  # answers stand in the ledger: choices, so that nobody's story gets there


class Catalogues(Protocol):
    """Versions of the outcome catalogue."""

    async def get(self, version: int) -> Catalogue:
        """Raises NotFoundError."""
        ...


class OutcomeService:
    """Filing, correction, undo, and the unfinished wrap-ups."""

    def __init__(self, store: OutcomeStore, catalogues: Catalogues, vault: Vault, clock: Clock) -> None:
        self._store = store
        self._catalogues = catalogues
        self._vault = vault
        self._clock = clock

    async def file(self, user: UserId, attempt: AttemptId, filing: Filing, *, supervisor: bool = False) -> None:
        """Commit an agent's outcome. The same filing again is no error.

        Raises InvalidError with the field to mend, ForbiddenError for somebody else's call, ConflictError when there
        was no conversation or another outcome was filed.
        """
        target = await self._store.target(attempt)
        if target.agent != user and not supervisor:
            raise ForbiddenError("dit gesprek is van een collega")
        if not target.talked:
            raise ConflictError("er was geen gesprek")
        definition = await self._definition(target, filing.outcome)
        filing = await self._timed(target, definition, filing)
        overflow = target.direction == Direction.OVERFLOW
        check_filing(definition, _filed(filing), verified=target.verified, overflow=overflow)
        await self._check_target(target, definition, filing)
        await self._commit(FilingKind.FILED, user, target, definition, filing, "")

    async def recode(
        self,
        user: UserId,
        attempt: AttemptId,
        outcome: str,
        reason: str,
        *,
        answers: Mapping[str, str] | None = None,
        appointment_at: datetime | None = None,
    ) -> None:
        """Correct a filed outcome, with the reason (which must not name anybody). The result goes out again.

        The corrector decides: neither identity check nor second key is asked. Raises InvalidError, ConflictError.
        """
        if not reason.strip():
            raise InvalidError("geef een reden", "reason")
        target = await self._store.target(attempt)
        definition = await self._definition(target, outcome)
        if ("overflow" in definition.needs) is not (target.direction == Direction.OVERFLOW):
            raise InvalidError("dit resultaat hoort niet bij dit soort gesprek", "outcome")
        filing = Filing(outcome=outcome, answers=answers or {}, appointment_at=appointment_at)
        await self._check_target(target, definition, filing)
        await self._commit(FilingKind.RECODED, user, target, definition, filing, reason.strip())

    async def undo(self, user: UserId, attempt: AttemptId, *, supervisor: bool = False) -> None:
        """Take the latest filing or correction back; an agent's own one for a while. Its wrap-up is open again."""
        target = await self._store.target(attempt)
        now = self._clock.now()
        if not supervisor:
            if target.agent != user:
                raise ForbiddenError("dit gesprek is van een collega")
            filed_at = await self._store.filed_at(attempt, user)
            if filed_at is None or now - filed_at > UNDO_WITHIN:  # a supervisor's correction is not the agent's
                raise ConflictError("dit kan niet meer worden teruggedraaid")
        await self._store.undo(attempt, user, now, self._clock.wall_utc())

    async def open_wrap_ups(self, user: UserId) -> Sequence[AttemptId]:
        """Unfinished ones, the oldest first."""
        return await self._store.open_wrap_ups(user)

    async def draft(self, user: UserId, attempt: AttemptId) -> Mapping[str, object] | None:
        """The unfinished wrap-up as last kept; None when there is none, or its key is gone."""
        target = await self._mine(user, attempt)
        found = await self._store.draft(attempt)
        if found is None:
            return None
        sealed, delivery = found
        try:
            sealer = self._sealer(target, of_delivery=delivery is not None)
        except ErasedError:
            return None
        draft: Mapping[str, object] = json.loads(sealer.open(DRAFT, attempt, sealed))
        return draft

    async def save_draft(self, user: UserId, attempt: AttemptId, draft: Mapping[str, object]) -> None:
        """Keep the unfinished wrap-up, sealed. Raises ConflictError once the outcome is filed."""
        target = await self._mine(user, attempt)
        if target.direction == Direction.OVERFLOW:
            return  # nothing of it is kept
        sealer = self._sealer(target, of_delivery=target.delivery_key is not None)
        sealed = sealer.seal(DRAFT, attempt, json.dumps(dict(draft)).encode())
        await self._store.save_draft(target, sealed, self._clock.now())

    async def _mine(self, user: UserId, attempt: AttemptId) -> FilingTarget:
        target = await self._store.target(attempt)
        if target.agent != user:
            raise ForbiddenError("dit gesprek is van een collega")
        return target

    async def _timed(self, target: FilingTarget, definition: OutcomeDef, filing: Filing) -> Filing:
        """The filing with the time of the slot that was chosen. Raises InvalidError.

        Where the client offers times, no other one may be agreed for a visit: nobody would expect the resident then.
        """
        visit = "visit" in definition.needs
        if filing.slot is None:
            if visit and target.offers_slots:
                raise InvalidError("kies een tijd uit de lijst", "slot")
            return filing
        begins = await self._store.slot_begins(filing.slot, target.client)
        if not visit or begins is None or target.case is None:
            raise InvalidError("deze tijd hoort hier niet bij", "slot")
        if begins <= self._clock.now():
            raise SlotTakenError("this time has begun")
        return replace(filing, appointment_at=begins)

    async def _definition(self, target: FilingTarget, code: str) -> OutcomeDef:
        return (await self._catalogues.get(target.catalogue_version)).get(code)

    async def _check_target(self, target: FilingTarget, definition: OutcomeDef, filing: Filing) -> None:
        if len(filing.note) > _LONGEST_NOTE:
            raise InvalidError(f"een notitie heeft hoogstens {_LONGEST_NOTE} tekens", "note")
        if not target.bsn_allowed and looks_like_bsn(filing.note):
            raise BsnError("dit lijkt op een BSN", "note")
        if filing.phone_closed is not None and filing.phone_closed not in target.phones:
            raise InvalidError("dit nummer hoort niet bij de zaak", "phone_closed")
        for key, value in filing.answers.items():
            if not _KEY.fullmatch(key) or not _CHOICE.fullmatch(value):
                raise InvalidError("een antwoord is een keuze, geen vrije tekst", f"answers.{key[:40]}")
        if filing.answers.get(INTERPRETER, DUTCH) not in LANGUAGES:
            raise InvalidError("deze taal kennen wij niet", f"answers.{INTERPRETER}")
        if filing.appointment_at is not None:
            await self._check_appointment(target, definition, filing.appointment_at)

    async def _check_appointment(self, target: FilingTarget, definition: OutcomeDef, at: datetime) -> None:
        if at.tzinfo is None:
            raise InvalidError("de tijd heeft geen tijdzone", "appointment_at")
        if at <= self._clock.now():
            raise InvalidError("de afspraak ligt in het verleden", "appointment_at")
        if definition.step.kind is not StepKind.APPOINTMENT:
            return  # a visit at the municipality: not our hours
        if not target.calendar.is_open(at):
            raise InvalidError("de afspraak valt buiten de beltijden", "appointment_at")
        if not await self._store.attempt_left(target, self._clock.now()):
            raise InvalidError(
                "we mogen deze inwoner niet nog een keer bellen: het hoogste aantal pogingen is bereikt. "
                "Verbind door, of geef het nummer waarop de inwoner zelf kan bellen",
                "appointment_at",
            )
        if target.plan_ends_at is not None and at >= target.plan_ends_at:
            raise InvalidError("de afspraak valt na het einde van de beltermijn", "appointment_at")

    async def _commit(
        self,
        kind: FilingKind,
        user: UserId,
        target: FilingTarget,
        definition: OutcomeDef,
        filing: Filing,
        reason: str,
    ) -> None:
        await self._store.file(
            FilingEntry(
                kind=kind,
                attempt=target.attempt,
                outcome=definition.code,
                reached=definition.is_reached(target.verified),
                flags=sorted(filing.flags),
                facts=_facts(filing),
                note=self._note(target, filing.note),
                opts_out=definition.code == "OPT_OUT",
                blocks_number=definition.code == "NUMBER_BLOCKED",
                slot=filing.slot,
                confirm_by=filing.confirm_by,
                contact=self._contact(target, filing),
                reason=reason,
                user=user,
                at=self._clock.now(),
                wall_at=self._clock.wall_utc(),
            )
        )

    def _contact(self, target: FilingTarget, filing: Filing) -> bytes | None:
        """Where a confirmation goes, sealed. Raises InvalidError."""
        if not filing.confirm_by or target.delivery_key is None:
            return None
        if filing.slot is None:
            raise InvalidError("zonder afspraak valt er niets te bevestigen", "confirm_by")
        to = address_of(Via(filing.confirm_by), filing.confirm_to)
        return self._sealer(target, of_delivery=True).seal(BOOKING_CONTACT, target.attempt, to.encode())

    def _note(self, target: FilingTarget, note: str) -> bytes | None:
        """The sealed note; None for none, or where the delivery was recalled meanwhile: then nothing may be kept."""
        if not note.strip() or (target.delivery is not None and target.delivery_key is None):
            return None
        sealer = self._sealer(target, of_delivery=target.delivery is not None)
        return sealer.seal(NOTE, target.attempt, note.strip().encode())

    def _sealer(self, target: FilingTarget, *, of_delivery: bool) -> Sealer:
        """The delivery's key, so that its data goes with it; a call that belongs to no delivery takes the client's."""
        if of_delivery and target.delivery is not None:
            return self._vault.delivery(target.client, target.client_key, target.delivery, target.delivery_key)
        return self._vault.client(target.client, target.client_key)


def _filed(filing: Filing) -> Filed:
    return Filed(
        outcome=filing.outcome,
        flags=frozenset(filing.flags),
        answers=filing.answers,
        has_note=bool(filing.note.strip()),
        has_appointment=filing.appointment_at is not None,
        confirmed=filing.confirmed,
    )


def _facts(filing: Filing) -> dict[str, object]:
    """What the ledger keeps of a filing: structured answers, never free text about a person."""
    facts: dict[str, object] = {}
    if filing.appointment_at is not None:
        facts["appointment_at"] = filing.appointment_at.astimezone(UTC).isoformat()
    if filing.slot is not None:
        facts["slot"] = str(filing.slot)
    if filing.confirm_by:
        facts["confirm_by"] = filing.confirm_by  # how, never where
    if filing.phone_closed is not None:
        facts["phone_closed"] = str(filing.phone_closed)
    if filing.answers:
        facts["answers"] = dict(sorted(filing.answers.items()))
    return facts
