"""Files in which a client says who came to an appointment and who did not.

Each row is one statement to one appointment, committed by itself: a load that was cut off goes on, and what was said
before is not said twice. Nothing is said before the whole file has been read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from dialer.domain.bookings import BookingEvent
from dialer.domain.errors import ConflictError
from dialer.domain.follow_up import Mark
from dialer.domain.ids import DeliveryId
from dialer.domain.intake import Issue, Reason
from dialer.domain.visits import MOST_VISITS, Decision, Said, Verdict, Visit, VisitRow, decide
from dialer.services import sealed
from dialer.services.intake_preview import PreviewBuilder
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.follow_up import FollowUpStore, NewMark
from dialer.services.ports.intake import DeliveryInfo, FileRefusedError, ListStream, LoadSession, ReadRow, SourceInfo
from dialer.services.ports.intake_rows import (
    BatchKeys,
    CampaignInfo,
    Changes,
    Known,
    RefusalRow,
    SealedRefusal,
)
from dialer.services.ports.people import Viewer
from dialer.services.ports.slots import BookingChange, BookingStore
from dialer.services.ports.vault import Sealer
from dialer.services.ports.visits import VisitStore

KIND = "visits"
"""Kind of a delivery that is such a file."""
_NOBODY = Known(residents={}, opted_out=frozenset(), phones={}, signals={}, case_phones={}, targets={})
_TRIES = 3

Key = tuple[UUID, UUID | None]


class VisitFiles:
    """What rows mean, and saying it."""

    def __init__(
        self, *, visits: VisitStore, bookings: BookingStore, follow_ups: FollowUpStore, clock: Clock, ids: Ids
    ) -> None:
        self._visits = visits
        self._bookings = bookings
        self._follow_ups = follow_ups
        self._clock = clock
        self._ids = ids

    async def preview(self, info: CampaignInfo, stream: ListStream, builder: PreviewBuilder) -> None:
        """What each row would do. Changes nothing."""
        said: dict[Key, Said] = {}
        async for batch in stream.batches():
            references = {item.row.client_ref for item in batch if isinstance(item.row, VisitRow)}
            found = await self._visits.visits(info.client, info.campaign, sorted(references))
            changes = _Changes(DeliveryId(self._ids.new()), stream.info, None)
            for item in batch:
                if not isinstance(item.row, VisitRow):
                    changes.refuse(item, item.issues)
                    continue
                there = [_overlaid(one, said) for one in found.get(item.row.client_ref, ())]
                decision = decide(item.row, there, self._clock.now())
                changes.add(item, decision, met=decision.visit is not None and _key(decision.visit) in said)
                if decision.visit is not None:
                    said[_key(decision.visit)] = _word(item.row)
            builder.add(batch, _NOBODY, changes.made)

    async def load(
        self, info: CampaignInfo, stream: ListStream, delivery: DeliveryInfo, session: LoadSession, viewer: Viewer,
        sealer: Sealer,
    ) -> Mapping[str, int]:  # fmt: skip
        """Say all of it, and keep why rows were refused; the counts. Raises FileRefusedError before the first word."""
        rows: list[ReadRow] = []
        async for batch in stream.batches():
            rows += batch
            if len(rows) > MOST_VISITS:
                raise FileRefusedError("too-many-rows", f"more than {MOST_VISITS} rows")
        changes = _Changes(delivery.delivery, stream.info, sealer)
        met: set[Key] = set()
        for item in rows:
            if not isinstance(item.row, VisitRow):
                changes.refuse(item, item.issues)
                continue
            decision = await self._say(info, item.row, delivery, viewer)
            visit = decision.visit
            repeated = visit is not None and _key(visit) in met
            if visit is not None:
                met.add(_key(visit))
            if decision.verdict is Verdict.SAME and visit is not None and not repeated and _ours(visit, delivery):
                decision = replace(decision, verdict=Verdict.REPORT)  # said by this load before it was cut off
            changes.add(item, decision, met=repeated)
        if changes.made.refusals:
            header = sealer.seal(sealed.REFUSED, sealed.row_id(0), sealed.cells_box(stream.info.header))
            changes.made.sealed_refusals.append(SealedRefusal(delivery.delivery, 0, header))
        await session.apply(BatchKeys(), lambda _: changes.made)
        return changes.made.counts

    async def _say(self, info: CampaignInfo, row: VisitRow, delivery: DeliveryInfo, viewer: Viewer) -> Decision:
        """One row. Somebody who says something in the very moment is heard first, and then it is looked at anew."""
        for left in reversed(range(_TRIES)):
            found = await self._visits.visits(info.client, info.campaign, [row.client_ref])
            decision = decide(row, found.get(row.client_ref, ()), self._clock.now())
            if decision.verdict is not Verdict.REPORT or decision.visit is None:
                return decision
            try:
                if await self._told(decision.visit, row, delivery, viewer):
                    return decision
            except ConflictError:
                if not left:
                    break
        return Decision(verdict=Verdict.REFUSED, issue=Issue(field="kept", reason=Reason.VISIT_OTHERWISE))

    async def _told(self, visit: Visit, row: VisitRow, delivery: DeliveryInfo, viewer: Viewer) -> bool:
        now = self._clock.now()
        if visit.booking is not None:
            event = BookingEvent.KEPT if row.kept else BookingEvent.MISSED
            change = BookingChange(
                booking=visit.booking, event=event, actor=viewer.actor, user=viewer.user, at=now, id=self._ids.new()
            )
            await self._bookings.apply(change, {"delivery": str(delivery.delivery)})
            return True
        mark = NewMark(
            id=self._ids.new(), case=visit.case, mark=Mark.KEPT if row.kept else Mark.NO_SHOW, version=visit.version,
            at=now, actor=viewer.actor, user=viewer.user, reason="", delivery=None, sealed=None,
        )  # fmt: skip
        return await self._follow_ups.mark(mark)


class _Changes:
    """Counts and refusals of a file. Without a sealer it is a dry run: rows are not kept."""

    def __init__(self, delivery: DeliveryId, source: SourceInfo, sealer: Sealer | None) -> None:
        self._delivery = delivery
        self._source = source
        self._sealer = sealer
        self.made = Changes(counts=Counter())

    def add(self, item: ReadRow, decision: Decision, *, met: bool) -> None:
        row = item.row
        assert isinstance(row, VisitRow)
        if decision.issue is not None:
            self.refuse(replace(item, cells=self._cells(row)), [decision.issue])
            return
        self.made.counts["rows"] += 1
        if decision.verdict is Verdict.SAME:
            self.made.counts["skipped"] += 1
            if met:
                self._note(item.number, Issue(field="client_ref", reason=Reason.VISIT_REPEATED, fatal=False))
            return
        self.made.counts["taken"] += 1
        self.made.counts["kept" if row.kept else "no_show"] += 1

    def _cells(self, row: VisitRow) -> Sequence[str]:
        """In the file's own columns, to correct and offer again."""
        day = f"{row.visit_on:%d-%m-%Y}" if row.visit_on else ""
        values = {"client_ref": row.client_ref, "kept": "ja" if row.kept else "nee", "visit_on": day}
        field_of = {title: name for name, title in self._source.columns.items()}
        return [values.get(field_of.get(title, ""), "") for title in self._source.header]

    def refuse(self, item: ReadRow, issues: Sequence[Issue]) -> None:
        self.made.counts["rows"] += 1
        self.made.counts["refused"] += 1
        for issue in issues:
            self._note(item.number, issue)
        if self._sealer is not None:
            box = self._sealer.seal(sealed.REFUSED, sealed.row_id(item.number), sealed.cells_box(item.cells))
            self.made.sealed_refusals.append(SealedRefusal(self._delivery, item.number, box))

    def _note(self, row: int, issue: Issue) -> None:
        self.made.refusals.append(RefusalRow(self._delivery, row, issue.field, str(issue.reason), issue.fatal))


def _key(visit: Visit) -> Key:
    return visit.case, visit.booking


def _word(row: VisitRow) -> Said:
    return Said.KEPT if row.kept else Said.NO_SHOW


def _overlaid(visit: Visit, said: Mapping[Key, Said]) -> Visit:
    return replace(visit, said=said.get(_key(visit), visit.said))


def _ours(visit: Visit, delivery: DeliveryInfo) -> bool:
    return visit.said_at is not None and visit.said_at >= delivery.received_at
