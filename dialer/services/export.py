"""Results out: per signal the last outcome and every attempt, once as `new`, again as `replacement` when corrected.

A delta waits to be confirmed: until then asking for a delta gives the same one with the same lines, so that a transfer
that broke off is repeated, not lost. `confirm` says that the client has it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from dialer.domain.dayparts import DayPart, day_part
from dialer.domain.errors import InvalidError
from dialer.domain.ids import CampaignId
from dialer.domain.intake_words import PARTNERS, word
from dialer.schedule.windows import local
from dialer.services import sealed
from dialer.services.mark_words import MARK_WORDS
from dialer.services.ports.audit import AuditLog
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.export import (
    ExportLine,
    ExportRun,
    ExportStore,
    OutcomeLabel,
    ResultRow,
    StoredLine,
    Table,
)
from dialer.services.ports.people import Box, Viewer
from dialer.services.ports.vault import ErasedError, Vault
from dialer.services.viewing import check_scope, noted

log = logging.getLogger(__name__)

_COLUMNS: Sequence[tuple[str, str]] = (
    ("kenmerk", "client reference"),
    ("signaal-id", "signal id"),
    ("vastelastenpartner", "partner type"),
    ("signaaldatum", "signal date"),
    ("crisis", "crisis"),
    ("status", "status"),
    ("resultaatcode", "outcome code"),
    ("resultaat", "outcome"),
    ("DDAS-resultaat", "DDAS result"),
    ("bereikt", "reached"),
    ("datum gesprek", "conversation date"),
    ("dagdeel gesprek", "conversation day-part"),
    ("aantal belpogingen", "number of attempts"),
    ("belpogingen", "attempts"),
    ("afspraak", "appointment"),
    ("afspraakstatus", "appointment status"),
    ("afgesloten nummers", "closed numbers"),
    ("notitie", "note"),
    ("opvolging", "follow-up"),
    ("levering", "action"),
)
_STATES: Mapping[str, tuple[str, str]] = {
    "held": ("wacht op uw besluit", "waits for your decision"),
    "no_number": ("geen belbaar nummer", "no callable number"),
    "open": ("loopt", "running"),
    "reached": ("bereikt", "reached"),
    "not_reached": ("niet bereikt", "not reached"),
    "closed": ("afgesloten", "closed"),
    "withdrawn": ("ingetrokken", "withdrawn"),
    "recalled": ("teruggeroepen", "recalled"),
}
_BOOKINGS: Mapping[str, tuple[str, str]] = {
    "": ("", ""),
    "booked": ("gepland", "planned"),
    "cancelled": ("vervallen", "cancelled"),
    "kept": ("doorgegaan", "kept"),
    "no_show": ("niet verschenen", "no-show"),
}
_ACTIONS: Mapping[str, tuple[str, str]] = {
    "new": ("nieuw", "new"),
    "replacement": ("vervanging", "replacement"),
    "unchanged": ("ongewijzigd", "unchanged"),
}
_PARTS: Mapping[str, tuple[str, str]] = {
    DayPart.MORNING: ("Ochtend", "Morning"),
    DayPart.AFTERNOON: ("Middag", "Afternoon"),
    DayPart.EVENING: ("Avond", "Evening"),
}
_YES, _NO = ("ja", "yes"), ("nee", "no")


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

    async def table(self, export: UUID, viewer: Viewer) -> Table:
        """Its lines in the viewer's language: the same each time, but for notes erased since."""
        run = await self.run(export, viewer)
        lines = await self._store.lines(export)
        labels = await self._store.labels()
        await noted(self._audit, viewer, "export.download", "export", export, run.client, {"lines": len(lines)})
        language = 1 if viewer.language == "en" else 0
        rows = await asyncio.to_thread(
            lambda: [_row(line, self._note_of(run, line), labels, language) for line in lines]
        )
        return Table(header=[pair[language] for pair in _COLUMNS], rows=rows)

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


def _row(stored: StoredLine, note: str, labels: Mapping[str, OutcomeLabel], language: int) -> list[str]:
    facts: Mapping[str, Any] = stored.line.facts
    outcome = facts["outcome"] or ""
    attempts: Sequence[Mapping[str, Any]] = facts["attempts"]
    talked = next((attempt for attempt in reversed(attempts) if attempt["reached"]), None)
    talked_at = local(datetime.fromisoformat(talked["at"])) if talked is not None else None
    code = "en" if language else "nl"
    return [
        stored.client_ref,
        stored.signal_ref,
        word(PARTNERS, stored.partner_type, code),
        datetime.fromisoformat(facts["signal_on"]).strftime("%d-%m-%Y"),
        (_YES if facts["crisis"] else _NO)[language],
        word(_STATES, facts["state"], code),
        outcome,
        _label(labels, outcome, language),
        labels[outcome].ddas if outcome in labels else "",
        (_YES if talked is not None or facts["state"] == "reached" else _NO)[language],
        talked_at.strftime("%d-%m-%Y %H:%M") if talked_at is not None else "",
        word(_PARTS, day_part(talked_at.time()), code) if talked_at is not None else "",
        str(sum(attempt["direction"] == "out" and attempt["counted"] for attempt in attempts)),
        " | ".join(_attempt(attempt, labels, language) for attempt in attempts),
        _moment(facts["appointment_at"]),
        word(_BOOKINGS, facts.get("booking", ""), code),  # lines of before have none
        " | ".join(
            f"{shut['number']}: {_label(labels, shut['reason'] or '', language)}" for shut in facts["closed_numbers"]
        ),
        note,
        _followed_up(facts.get("follow_up"), code),
        word(_ACTIONS, stored.line.action, code),
    ]


def _attempt(attempt: Mapping[str, Any], labels: Mapping[str, OutcomeLabel], language: int) -> str:
    """`02-03-2026 Ochtend, nummer 1: geen gehoor`."""
    at = local(datetime.fromisoformat(attempt["at"]))
    part = word(_PARTS, day_part(at.time()), "en" if language else "nl")
    if attempt["direction"] == "in":
        which = ("inwoner belde", "resident called")[language]
    elif attempt.get("call_back"):
        which = ("teruggebeld op verzoek", "rung back at request")[language]
    else:
        which = f"{('nummer', 'number')[language]} {attempt['number'] or '?'}"
    result = _label(labels, attempt["outcome"] or "", language) or "-"
    return f"{at:%d-%m-%Y} {part}, {which}: {result}"


def _followed_up(mark: Mapping[str, str] | None, code: str) -> str:
    """`bezocht, gesproken (02-03-2026)`."""
    if mark is None:
        return ""
    return f"{word(MARK_WORDS, mark['mark'], code)} ({local(datetime.fromisoformat(mark['at'])):%d-%m-%Y})"


def _label(labels: Mapping[str, OutcomeLabel], code: str, language: int) -> str:
    label = labels.get(code)
    if label is None:
        return code
    return label.en if language else label.nl


def _moment(text: str | None) -> str:
    return local(datetime.fromisoformat(text)).strftime("%d-%m-%Y %H:%M") if text else ""
