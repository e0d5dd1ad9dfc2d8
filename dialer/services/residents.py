"""A resident's rights: to see what is held (Art. 15 GDPR), to restrict and to object (18, 21), to be erased (17).

The client is the controller: it asks, by its own reference. What it may not ask is to forget that somebody wants no
calls: of an erased resident a keyed hash stays, by which a later list recognises him.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dialer.domain.errors import InvalidError, NotFoundError
from dialer.domain.ids import ClientId, ResidentId
from dialer.services import sealed
from dialer.services.cases import CaseService
from dialer.services.ports.audit import AuditLog
from dialer.services.ports.clock import Clock
from dialer.services.ports.people import Box, Viewer
from dialer.services.ports.residents import Erasure, ErasureList, Held, ResidentStore
from dialer.services.ports.vault import ErasedError, Sealer, Vault
from dialer.services.viewing import check_scope, noted

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
    "objections": "bezwaar_tegen_bellen",
}
"""What a file consists of, in its order, and how the resident reads it."""


class ResidentRights:
    """Use cases. `erasures` None: nobody can be erased, because a back-up would bring him back."""

    def __init__(
        self,
        *,
        store: ResidentStore,
        cases: CaseService,
        erasures: ErasureList | None,
        vault: Vault,
        audit: AuditLog,
        clock: Clock,
    ) -> None:
        self._store = store
        self._cases = cases
        self._erasures = erasures
        self._vault = vault
        self._audit = audit
        self._clock = clock

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
        """All that is held, as JSON with Dutch names; audited before it is answered."""
        client = await self._mine(resident, purpose, viewer)
        await noted(self._audit, viewer, "resident.file", "resident", resident, client, purpose=purpose)
        sections: dict[str, list[dict[str, Any]]] = {name: [] for name in SECTIONS.values()}
        for held in await self._store.held(resident):
            sections[SECTIONS[held.section]].append({**held.plain, **self._opened(held)})
        about = {"gemaakt_op": self._clock.now().isoformat(), "kenmerk_inwoner": str(resident)}
        return json.dumps({**about, **sections}, ensure_ascii=False, indent=2).encode()

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

    async def _erase(self, resident: ResidentId, until: datetime) -> Mapping[str, int]:
        references = await self._store.references(resident, until)
        refused = [
            (one.delivery, one.row)
            for one in await self._store.refused(resident, until)
            if references & set(self._cells(one.row, one.box))
        ]
        return await self._store.erase(resident, until, refused)

    async def _mine(self, resident: ResidentId, reason: str, viewer: Viewer) -> ClientId:
        client = await self._store.client_of(resident)
        check_scope(viewer, client)
        if not reason.strip():
            raise InvalidError("geef een reden", "reason")
        return client

    def _cells(self, row: int, box: Box) -> Sequence[str]:
        try:
            return sealed.cells_data(self._sealer(box).open(sealed.REFUSED, sealed.row_id(row), box.sealed))
        except ErasedError:
            return []

    def _opened(self, held: Held) -> Mapping[str, Any]:
        if held.box is None:
            return {}
        try:
            content = self._sealer(held.box).open(held.kind, held.box.owner, held.box.sealed)
        except ErasedError:
            return {}
        if held.kind in (sealed.RESIDENT, sealed.SIGNAL):
            return dict(json.loads(content))
        return {"inhoud": content.decode()}

    def _sealer(self, box: Box) -> Sealer:
        if box.delivery is None:
            return self._vault.client(box.client, box.client_key)
        return self._vault.delivery(box.client, box.client_key, box.delivery, box.delivery_key)
