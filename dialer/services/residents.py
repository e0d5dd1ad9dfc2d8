"""A resident's rights: to see what is held (Art. 15 GDPR), to restrict and to object (18, 21), to be erased (17).

The client is the controller: it asks, by its own reference. What it may not ask is to forget that somebody wants no
calls: of an erased resident a keyed hash stays, by which a later list recognises him.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from dialer.domain.errors import InvalidError, NotFoundError
from dialer.domain.ids import AttemptId, ClientId, ResidentId
from dialer.domain.resident_words import in_words
from dialer.domain.texts import looks_like_bsn
from dialer.services import sealed
from dialer.services.cases import CaseService
from dialer.services.ports.audit import AuditLog
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.people import Box, Viewer
from dialer.services.ports.residents import Erasure, ErasureList, Held, ResidentStore
from dialer.services.ports.vault import ErasedError, Vault
from dialer.services.viewing import check_scope, noted

_POSTCODE = re.compile(r"[1-9]\d{3}[A-Z]{2}")
_LONGEST_NAME = 120

SECTIONS: Mapping[str, str] = {
    "who": "persoonsgegevens",
    "numbers": "telefoonnummers",
    "signals": "signalen",
    "cases": "zaken",
    "calls": "belpogingen_en_gesprekken",
    "drafts": "concepten_van_verslagen",
    "marks": "wat_de_gemeente_aantekende",
    "questions": "vragen_en_antwoorden_over_de_zaak",
    "complaints": "klachten",
    "complaint_answers": "antwoorden_op_klachten",
    "appointments": "afspraken",
    "call_backs": "terugbelverzoeken",
    "given": "verstrekt_aan_de_gemeente",
    "sent": "verstuurd_naar_systemen_van_de_gemeente",
    "seen": "wie_keek_wanneer_waarom",
    "surveys": "vragen_na_een_gesprek",
    "recordings": "opnames_van_gesprekken",
    "no_surveys": "wil_geen_vragen_na_een_gesprek",
    "objections": "bezwaar_tegen_bellen",
}
"""What a file consists of, in its order, and how the resident reads it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What of who somebody is was wrong; None: it stays."""

    surname: str | None = field(default=None, repr=False)  # with its prefix
    initials: str | None = field(default=None, repr=False)
    birth_date: date | None = field(default=None, repr=False)
    postcode: str | None = field(default=None, repr=False)  # 1234AB
    house_number: int | None = field(default=None, repr=False)
    house_addition: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Correction:
        """Out of text as it was typed. Raises InvalidError with the field."""
        postcode = said.get("postcode")
        if postcode is not None:
            postcode = postcode.replace(" ", "").upper()
            if not _POSTCODE.fullmatch(postcode):
                raise InvalidError("vier cijfers en twee letters", "postcode")
        born = said.get("birth_date")
        try:
            birth_date = None if born is None else date.fromisoformat(born)
        except ValueError:
            raise InvalidError("geen datum", "birth_date") from None
        for name in ("surname", "initials", "house_addition"):
            text = said.get(name)
            if text is not None and (not text.isprintable() or len(text) > _LONGEST_NAME or looks_like_bsn(text)):
                raise InvalidError(f"hoogstens {_LONGEST_NAME} gewone tekens", name)
        if said.get("surname") is not None and not said["surname"].strip():
            raise InvalidError("mag niet leeg zijn", "surname")
        return cls(
            surname=_stripped(said.get("surname")),
            initials=_stripped(said.get("initials")),
            birth_date=birth_date,
            postcode=postcode,
            house_number=said.get("house_number"),
            house_addition=_stripped(said.get("house_addition")),
        )

    def changes(self) -> Mapping[str, object]:
        """Of the box of a resident."""
        found = {
            "surname": self.surname,
            "initials": self.initials,
            "birth_date": None if self.birth_date is None else self.birth_date.isoformat(),
            "postcode": self.postcode,
            "house_number": self.house_number,
            "house_addition": self.house_addition,
        }
        return {name: value for name, value in found.items() if value is not None}


class Sounds(Protocol):
    """Recordings, for the file of whoever was recorded."""

    async def whole(self, attempt: AttemptId) -> bytes | None:
        """The WAV file of one; None: it is not kept (any more)."""
        ...


class ResidentRights:
    """Use cases. `erasures` None: nobody can be erased, because a back-up would bring him back."""

    def __init__(
        self,
        *,
        store: ResidentStore,
        cases: CaseService,
        erasures: ErasureList | None,
        sounds: Sounds,
        vault: Vault,
        audit: AuditLog,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._store = store
        self._cases = cases
        self._erasures = erasures
        self._sounds = sounds
        self._vault = vault
        self._audit = audit
        self._clock = clock
        self._ids = ids

    async def named(self, client: ClientId, client_ref: str) -> Sequence[ResidentId]:
        """All whom the client calls by this reference."""
        return await self._store.find(client, client_ref)

    async def client_of(self, resident: ResidentId, viewer: Viewer) -> ClientId:
        """Raises NotFoundError."""
        client = await self._store.client_of(resident)
        check_scope(viewer, client)
        return client

    async def find(self, client: ClientId, client_ref: str, viewer: Viewer) -> ResidentId:
        """Raises NotFoundError; InvalidError when the reference is of several residents."""
        check_scope(viewer, client)
        found = await self._store.find(client, client_ref)
        if not found:
            raise NotFoundError("no resident with this reference")
        if len(found) > 1:
            ids = ", ".join(str(one) for one in found)
            raise InvalidError(f"this reference is of several residents: name one of {ids}", "resident")
        return found[0]

    async def file(self, resident: ResidentId, purpose: str, viewer: Viewer) -> bytes:
        """All that is held, as JSON in Dutch words; audited before it is answered."""
        sections = await self.held(resident, purpose, viewer, action="resident.file")
        told = {name: [in_words(row) for row in rows] for name, rows in sections.items()}
        for row in told[SECTIONS["recordings"]]:
            row |= await self._heard(row)
        about = {"gemaakt_op": self._clock.now().isoformat(), "kenmerk_inwoner": str(resident)}
        return json.dumps({**about, **told}, ensure_ascii=False, indent=2).encode()

    async def held(
        self, resident: ResidentId, purpose: str, viewer: Viewer, *, action: str
    ) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """What is held by section, as it is kept, without the sound of recordings; audited (`action`) first."""
        client = await self._mine(resident, purpose, viewer)
        await noted(self._audit, viewer, action, "resident", resident, client, purpose=purpose)
        sections: dict[str, list[Mapping[str, Any]]] = {name: [] for name in SECTIONS.values()}
        for held in await self._store.held(resident):
            sections[SECTIONS[held.section]].append({**held.plain, **self._opened(held)})
        return sections

    async def _heard(self, plain: Mapping[str, Any]) -> Mapping[str, str]:
        """What a browser plays when it is put into its address bar."""
        sound = await self._sounds.whole(AttemptId(UUID(plain["kenmerk_gesprek"])))
        return {} if sound is None else {"geluid": f"data:audio/wav;base64,{base64.b64encode(sound).decode()}"}

    async def restrict(self, resident: ResidentId, reason: str, viewer: Viewer) -> int:
        """No more calls in the cases that are open; the data stays. How many cases."""
        client = await self._mine(resident, reason, viewer)
        cases = await self._store.open_cases(resident)
        for case in cases:
            await self._cases.withdraw(case, reason, viewer.actor)
        detail = {"cases": len(cases)}
        await noted(self._audit, viewer, "resident.restrict", "resident", resident, client, detail, purpose=reason)
        return len(cases)

    async def oppose(self, resident: ResidentId, reason: str, viewer: Viewer) -> int:
        """As `restrict`, and no calls in later deliveries either."""
        await self._mine(resident, reason, viewer)
        await self._store.oppose(resident, self._clock.now())
        return await self.restrict(resident, reason, viewer)

    async def correct(self, resident: ResidentId, correction: Correction, reason: str, viewer: Viewer) -> None:
        """Put right who somebody is, in the newest data. Later lists find him by it, and by the old data no more.

        A list that is wrong again brings the old data back: the client corrects its own. Raises ConflictError where
        another resident has these data, ErasedError.
        """
        client = await self._mine(resident, reason, viewer)
        box = await self._store.newest(resident)
        if box is None:
            raise ErasedError("the resident's data was erased")
        sealer = sealed.sealer_of(self._vault, box.box)
        before = json.loads(sealer.open(sealed.RESIDENT, resident, box.box.sealed))
        after = before | correction.changes()
        # Somebody who was told apart from a namesake keeps the key that tells him apart.
        ordinary = self._match_key(before) == box.match_key
        await self._store.correct(
            resident,
            box,
            sealer.seal(sealed.RESIDENT, resident, json.dumps(after, ensure_ascii=False).encode()),
            self._match_key(after) if ordinary else box.match_key,
            self._ids.new(),
            self._clock.now(),
        )
        detail = {"fields": sorted(correction.changes())}
        await noted(self._audit, viewer, "resident.correct", "resident", resident, client, detail, purpose=reason)

    def _match_key(self, who: Mapping[str, Any]) -> bytes:
        return self._vault.match_key(who["surname"], date.fromisoformat(who["birth_date"]), who["postcode"])

    async def would_erase(self, resident: ResidentId, viewer: Viewer) -> Mapping[str, int]:
        """Rows that `erase` would take away, by table. Changes nothing. Raises ConflictError during a call."""
        await self.client_of(resident, viewer)
        return await self._erase(resident, self._clock.now(), dry=True)

    async def erase(self, resident: ResidentId, reason: str, viewer: Viewer) -> Mapping[str, int]:
        """Gone for good; rows that went, by table. The list has it first: a crash in between is put right by
        erasing again. Raises ConflictError during a call, UnavailableError when the list cannot be written.
        """
        if self._erasures is None:
            raise InvalidError("an erasure needs its list: set service.erasures", "service.erasures")
        client = await self._mine(resident, reason, viewer)
        at = self._clock.now()
        for case in await self._store.open_cases(resident):
            await self._cases.withdraw(case, reason, viewer.actor)
        self._erasures.add(Erasure(at=at, kind="resident", client=client, subject=resident))
        gone = await self._erase(resident, at)
        await noted(self._audit, viewer, "resident.erase", "resident", resident, client, dict(gone), purpose=reason)
        return gone

    async def erase_again(self, erasure: Erasure, viewer: Viewer) -> bool:
        """After a back-up was brought back. False when nothing of him is there."""
        resident = ResidentId(erasure.subject)
        try:
            client = await self._store.client_of(resident)
        except NotFoundError:
            return False
        gone = await self._erase(resident, erasure.at)
        if not any(gone.values()):
            return False
        await noted(self._audit, viewer, "resident.erase_again", "resident", resident, client, dict(gone))
        return True

    async def _erase(self, resident: ResidentId, until: datetime, *, dry: bool = False) -> Mapping[str, int]:
        references = await self._store.references(resident, until)
        refused = [
            (one.delivery, one.row)
            for one in await self._store.refused(resident, until)
            if references & set(self._cells(one.row, one.box))
        ]
        return await self._store.erase(resident, until, refused, dry=dry)

    async def _mine(self, resident: ResidentId, reason: str, viewer: Viewer) -> ClientId:
        client = await self._store.client_of(resident)
        check_scope(viewer, client)
        if not reason.strip():
            raise InvalidError("geef een reden", "reason")
        return client

    def _cells(self, row: int, box: Box) -> Sequence[str]:
        try:
            return sealed.cells_data(
                sealed.sealer_of(self._vault, box).open(sealed.REFUSED, sealed.row_id(row), box.sealed)
            )
        except ErasedError:
            return []

    def _opened(self, held: Held) -> Mapping[str, Any]:
        if held.box is None:
            return {}
        try:
            content = sealed.sealer_of(self._vault, held.box).open(held.kind, held.box.owner, held.box.sealed)
        except ErasedError:
            return {}
        if held.kind in (sealed.RESIDENT, sealed.SIGNAL):
            return dict(json.loads(content))
        return {"inhoud": content.decode()}


def _stripped(text: str | None) -> str | None:
    return None if text is None else text.strip()
