"""What came of a delivery: refusals to correct, recall, residents without a number, merges undone."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from dialer.domain.errors import ConflictError, DialerError
from dialer.domain.ids import CampaignId, CaseId, DeliveryId, SignalId
from dialer.domain.intake_words import FIELDS, REASONS, word
from dialer.domain.opening import CRISIS_PRIORITY, ORDINARY_PRIORITY
from dialer.services import sealed
from dialer.services.ports.audit import AuditLog
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.desk import EngineControl
from dialer.services.ports.export import Table
from dialer.services.ports.intake import CalledLine, DeliveryInfo, IntakeStore, SeenLine
from dialer.services.ports.intake_rows import NewCase, NewResident, SealedRow
from dialer.services.ports.people import Viewer
from dialer.services.ports.residents import Erasure, ErasureList
from dialer.services.ports.vault import ErasedError, Sealer, Vault
from dialer.services.viewing import check_scope, noted
from dialer.services.visit_files import KIND as VISITS

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallReport:
    """Who was called and who saw what before a delivery was taken back."""

    delivery: DeliveryId
    cases: int  # closed
    called: Sequence[CalledLine]
    seen: Sequence[SeenLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalLine:
    """One refused cell (or remark), in words."""

    row: int
    column: str
    reason: str
    text: str
    fatal: bool


class DeliveryService:
    """Deliveries after they were loaded."""

    def __init__(
        self,
        *,
        store: IntakeStore,
        vault: Vault,
        audit: AuditLog,
        clock: Clock,
        ids: Ids,
        engine: EngineControl | None = None,
        erasures: ErasureList | None = None,
    ) -> None:
        """`engine`: the running centre in this process, if there is one. `erasures` hears of each recall first."""
        self._erasures = erasures
        self._store = store
        self._vault = vault
        self._audit = audit
        self._clock = clock
        self._ids = ids
        self._engine = engine

    async def delivery(self, delivery: DeliveryId, viewer: Viewer) -> DeliveryInfo:
        """Raises NotFoundError."""
        info = await self._store.delivery(delivery)
        check_scope(viewer, info.client)
        return info

    async def deliveries(self, campaign: CampaignId, viewer: Viewer) -> Sequence[DeliveryInfo]:
        """The newest first."""
        check_scope(viewer, (await self._store.campaign(campaign)).client)
        return await self._store.deliveries(campaign)

    async def refusals(self, delivery: DeliveryId, viewer: Viewer) -> Sequence[RefusalLine]:
        """Refused cells and remarks by row, in the viewer's language. Holds no cell's content."""
        await self.delivery(delivery, viewer)
        return [
            RefusalLine(
                row=refusal.row,
                column=word(FIELDS, refusal.column, viewer.language),
                reason=refusal.reason,
                text=word(REASONS, refusal.reason, viewer.language),
                fatal=refusal.fatal,
            )
            for refusal in await self._store.refusals(delivery)
        ]

    async def refused_rows(self, delivery: DeliveryId, viewer: Viewer) -> Table:
        """The refused rows in the file's own columns with their reasons behind, to correct and offer again."""
        info = await self.delivery(delivery, viewer)
        sealer = self._sealer(info)
        box = await self._store.refused_header(delivery)
        header = sealed.cells_data(sealer.open(sealed.REFUSED, sealed.row_id(0), box)) if box is not None else []
        rows: dict[int, tuple[list[str], list[str]]] = {}
        for refusal in await self._store.refusals(delivery):
            if not refusal.fatal or refusal.sealed is None:
                continue
            if refusal.row not in rows:
                cells = sealed.cells_data(sealer.open(sealed.REFUSED, sealed.row_id(refusal.row), refusal.sealed))
                rows[refusal.row] = ([*cells, *[""] * (len(header) - len(cells))], [])
            column = word(FIELDS, refusal.column, viewer.language)
            rows[refusal.row][1].append(f"{column}: {word(REASONS, refusal.reason, viewer.language)}")
        await noted(self._audit, viewer, "refusals.download", "delivery", delivery, info.client, {"rows": len(rows)})
        extra = ["row", "refused because"] if viewer.language == "en" else ["rij", "geweigerd omdat"]
        width = max([len(header), *(len(cells) for cells, _ in rows.values())], default=0)
        return Table(
            header=[*header, *[""] * (width - len(header)), *extra],
            rows=[
                [*cells, *[""] * (width - len(cells)), str(number), "; ".join(reasons)]
                for number, (cells, reasons) in sorted(rows.items())
            ],
        )

    async def recall(self, delivery: DeliveryId, reason: str, viewer: Viewer) -> RecallReport:
        """Take a wrong delivery back. No case of it is dialled once this has begun; its data is gone when it ends.

        May be repeated: a recall that was cut short is finished.
        """
        info = await self.delivery(delivery, viewer)
        if info.kind == VISITS:
            raise ConflictError("what was said of appointments is taken back one by one")
        at = self._clock.now()
        if self._erasures is not None and info.state != "recalled":
            self._erasures.add(Erasure(at=at, kind="delivery", client=info.client, subject=delivery))
        first = await self._store.mark_recalled(delivery, at, viewer.user)
        if self._engine is not None:
            try:
                await self._engine.delivery_recalled(delivery)
            except DialerError:  # no new dial leaves in any case; a ring that cannot be cut now ends by itself
                log.warning("recall: rings not cut delivery=%s", delivery)
        if first:
            await noted(self._audit, viewer, "delivery.recall", "delivery", delivery, info.client, {}, purpose=reason)
        called, seen = await self._store.called(delivery), await self._store.seen(delivery)
        cases = await self._store.finish_recall(delivery, at)
        log.info("delivery recalled delivery=%s cases=%s", delivery, cases)
        return RecallReport(delivery=delivery, cases=cases, called=called, seen=seen)

    async def finish_recalls(self) -> int:
        """At a start: finish what a crash left half done. Returns how many."""
        unfinished = await self._store.unfinished_recalls()
        for delivery in unfinished:
            await self._store.finish_recall(delivery, self._clock.now())
        return len(unfinished)

    # --- residents without a number, and residents taken for one ---------------------------------------------------

    async def to_enrich(self, campaign: CampaignId, viewer: Viewer) -> Table:
        """Residents without a number, with what is needed to find one. Columns fit an enrichment file."""
        info = await self._store.campaign(campaign)
        check_scope(viewer, info.client)
        names = ("client_ref", "initials", "surname", "birth_date", "postcode", "house_number", "house_addition")
        rows = []
        for line in await self._store.to_enrich(campaign):
            if line.sealed is None:
                continue
            try:
                sealer = self._vault.delivery(line.client, line.client_key, line.delivery, line.delivery_key)
            except ErasedError:
                continue
            who = sealed.resident_data(sealer.open(sealed.RESIDENT, line.resident, line.sealed))
            rows.append(
                [
                    line.client_ref,
                    who.initials,
                    who.surname,
                    who.birth_date.strftime("%d-%m-%Y"),
                    who.postcode,
                    str(who.house_number),
                    who.house_addition,
                    "",
                    "",
                    "",
                ]
            )
        await noted(self._audit, viewer, "enrichment.download", "campaign", campaign, info.client, {"rows": len(rows)})
        header = [word(FIELDS, name, viewer.language) for name in (*names, "phone_1", "source", "source_on")]
        return Table(header=header, rows=list({tuple(row): row for row in rows}.values()))

    async def undo_merge(self, signal: SignalId, viewer: Viewer) -> CaseId:
        """Tell a signal's resident apart from the one it was merged with. Later signals with the same reference of the
        client follow it. Raises ConflictError when there is nothing to undo.
        """
        source = await self._store.split_source(signal)
        check_scope(viewer, source.client)
        sealer = self._vault.delivery(source.client, source.client_key, source.delivery, source.delivery_key)
        if source.sealed_resident is None or source.sealed_signal is None:
            raise ErasedError("the resident's data was erased")
        at = self._clock.now()
        resident, case = self._ids.new(), CaseId(self._ids.new())
        own = sealed.signal_data(sealer.open(sealed.SIGNAL, signal, source.sealed_signal))
        plain = sealed.renamed_box(sealer.open(sealed.RESIDENT, source.resident, source.sealed_resident), own)
        await self._store.split(
            signal,
            source.case,
            NewResident(resident, source.client, self._vault.split_key(source.match_key, source.client_ref), at),
            NewCase(
                id=case,
                client_id=source.client,
                campaign_id=source.campaign,
                resident_id=resident,
                delivery_id=source.delivery,
                state="open" if source.has_number else "no_number",
                state_reason="merge_undone",
                crisis=source.crisis,
                priority=CRISIS_PRIORITY if source.crisis else ORDINARY_PRIORITY,
                language=source.language,
                opened_at=at,
                term_ends_at=source.term_ends_at,
                plan_ends_at=source.plan_ends_at,
                next_at=at if source.has_number else None,
                paused_until=None,
                catalogue_version=source.catalogue_version,
            ),
            SealedRow(resident, source.delivery, sealer.seal(sealed.RESIDENT, resident, plain)),
        )
        await noted(self._audit, viewer, "case.undo_merge", "case", source.case, source.client, {"new_case": str(case)})
        return case

    def _sealer(self, info: DeliveryInfo) -> Sealer:
        return self._vault.delivery(info.client, info.client_key, info.delivery, info.wrapped_key)
