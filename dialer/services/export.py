"""Results out: per signal the last outcome and every attempt, once as `new`, again as `replacement` when corrected.

A delta waits to be confirmed: until then asking for a delta gives the same one with the same lines, so that a transfer
that broke off is repeated, not lost. `confirm` says that the client has it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from functools import partial
from uuid import UUID

from dialer.domain.errors import InvalidError
from dialer.domain.ids import CampaignId
from dialer.domain.result_layout import Layout, row
from dialer.services import sealed
from dialer.services.ports.audit import AuditLog
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.export import (
    ExportLine,
    ExportRun,
    ExportStore,
    ResultRow,
    StoredLine,
    Table,
)
from dialer.services.ports.people import Box, Viewer
from dialer.services.ports.vault import ErasedError, Vault
from dialer.services.result_values import own_layout, values
from dialer.services.viewing import check_scope, noted

log = logging.getLogger(__name__)


class ExportService:
    """Makes exports and reads them back."""

    def __init__(self, *, store: ExportStore, vault: Vault, audit: AuditLog, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._vault = vault
        self._audit = audit
        self._clock = clock
        self._ids = ids

    async def create(self, campaign: CampaignId, kind: str, viewer: Viewer) -> ExportRun:
        """A `full` export, or the `delta` since the last confirmed one; a delta that waits is returned again."""
        if kind not in ("full", "delta"):
            raise InvalidError("full or delta", "kind")
        client = await self._store.client_of(campaign)
        check_scope(viewer, client)
        wished = ExportRun(
            id=self._ids.new(),
            client=client,
            campaign=campaign,
            kind=kind,
            created_at=self._clock.now(),
            created_by=viewer.user,
            lines=0,
            confirmed_at=None,
        )
        run, made = await self._store.create(wished, partial(self._lines, wished))
        if made:
            await noted(self._audit, viewer, "export.create", "export", run.id, client, {"lines": run.lines})
            log.info("export made export=%s kind=%s lines=%d", run.id, kind, run.lines)
        return run

    async def run(self, export: UUID, viewer: Viewer) -> ExportRun:
        """Raises NotFoundError."""
        run = await self._store.run(export)
        check_scope(viewer, run.client)
        return run

    async def runs(self, campaign: CampaignId, viewer: Viewer) -> Sequence[ExportRun]:
        """The newest first."""
        check_scope(viewer, await self._store.client_of(campaign))
        return await self._store.runs(campaign)

    async def table(self, export: UUID, viewer: Viewer, layout: Layout | None = None) -> Table:
        """Its lines in the viewer's language, in our own layout or another: the same each time, but for notes erased
        since.
        """
        run = await self.run(export, viewer)
        lines = await self._store.lines(export)
        labels = await self._store.labels()
        await noted(self._audit, viewer, "export.download", "export", export, run.client, {"lines": len(lines)})
        language = "en" if viewer.language == "en" else "nl"
        form = layout or own_layout(language)
        rows = await asyncio.to_thread(
            lambda: [row(form, values(line, self._note_of(run, line), labels, language)) for line in lines]
        )
        return Table(header=[column.title for column in form.columns], rows=rows)

    async def confirm(self, export: UUID, viewer: Viewer) -> ExportRun:
        """The client has it; later deltas leave it out. Twice is once."""
        before = await self.run(export, viewer)
        run = await self._store.confirm(export, self._clock.now())
        if before.confirmed_at is None:
            await noted(self._audit, viewer, "export.confirm", "export", export, run.client)
        return run

    # --- lines ------------------------------------------------------------------------------------------------------

    def _lines(self, run: ExportRun, results: Sequence[ResultRow], client_key: bytes) -> Sequence[ExportLine]:
        told = [result for result in results if run.kind == "full" or result.is_news]
        return [
            ExportLine(
                position=position,
                signal=result.signal,
                case=result.case,
                result_version=result.result_version,
                action=result.action,
                facts=result.facts,
                delivery=result.delivery,
                sealed=self._sealed_note(run, result, client_key),
            )
            for position, result in enumerate(told, start=1)
        ]

    def _sealed_note(self, run: ExportRun, result: ResultRow, client_key: bytes) -> bytes | None:
        """The note as it goes out, with the key of the signal's delivery: erased with it."""
        if result.note is None or result.delivery_key is None:
            return None
        try:
            text = self._open_note(result.note)
        except ErasedError:
            return None
        sealer = self._vault.delivery(run.client, client_key, result.delivery, result.delivery_key)
        return sealer.seal(_kind(run), result.signal, text)

    def _open_note(self, box: Box) -> bytes:
        if box.delivery is None:
            sealer = self._vault.client(box.client, box.client_key)
        else:
            sealer = self._vault.delivery(box.client, box.client_key, box.delivery, box.delivery_key)
        return sealer.open(sealed.NOTE, box.owner, box.sealed)

    def _note_of(self, run: ExportRun, stored: StoredLine) -> str:
        line = stored.line
        if line.sealed is None or stored.delivery_key is None:
            return ""
        sealer = self._vault.delivery(run.client, stored.client_key, line.delivery, stored.delivery_key)
        return sealer.open(_kind(run), line.signal, line.sealed).decode()


def _kind(run: ExportRun) -> str:
    return f"{sealed.EXPORT}:{run.id.hex}"
