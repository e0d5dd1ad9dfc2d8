"""Reports for supervisors and the client's people: what was delivered, who was reached, whether it is as expected.

A report is asked for once and kept as a question with a snapshot: read again it gives the same figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from dialer.domain.errors import InvalidError
from dialer.domain.ids import CampaignId, CaseId, ClientId, UserId
from dialer.domain.reports.definitions import DEFINITIONS, NEWEST
from dialer.domain.reports.kpis import Period, whole_months
from dialer.domain.reports.operations import OPERATIONS_NEWEST
from dialer.domain.reports.reach import Dimension, ReachTables
from dialer.domain.reports.suppress import Shown, suppressed
from dialer.domain.texts import checked_text
from dialer.schedule.windows import local_date
from dialer.services.ports.audit import AuditLog
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.people import Viewer
from dialer.services.ports.reports import Adjustment, Asked, Record, ReportStore, Run, Slice
from dialer.services.report_words import ExpectedShown, ReportShown, expected_shown, report_shown
from dialer.services.viewing import check_scope, noted

LONGEST_PERIOD = timedelta(days=1100)
LONGEST_TEXT, LONGEST_NAME = 1000, 120


class Reports:
    """Use cases. `whole` False: for roles that may not see residents; small counts are left out, periods are months."""

    def __init__(self, *, store: ReportStore, audit: AuditLog, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._audit = audit
        self._clock = clock
        self._ids = ids

    async def ask(
        self, client: ClientId, campaign: CampaignId | None, first: date, last: date, viewer: Viewer, *, whole: bool
    ) -> ReportShown:
        """A new report, counted now. Raises NotFoundError, InvalidError with the field."""
        check_scope(viewer, client)
        if last < first or last - first > LONGEST_PERIOD:
            raise InvalidError("de laatste dag komt na de eerste, en hoogstens drie jaar later", "last_day")
        if not whole and not whole_months(Period(first=first, last=last)):
            raise InvalidError("u ziet geen inwoners: vraag hele maanden", "last_day")
        asked = Asked(
            id=self._ids.new(), client=client, campaign=campaign, definitions=NEWEST,
            operations=OPERATIONS_NEWEST, first_day=first, last_day=last,
            at=self._clock.now(), by=viewer.user,
        )  # fmt: skip
        run = await self._store.ask(asked)
        await noted(self._audit, viewer, "report.ask", "report", asked.id, client)
        return await self._shown(run, viewer, whole=whole)

    async def show(self, report: UUID, viewer: Viewer, *, whole: bool) -> ReportShown:
        """The same figures as the first time. Raises NotFoundError, InvalidError for who must ask whole months."""
        run = await self._store.run(report)
        check_scope(viewer, run.asked.client)
        if not whole and not whole_months(Period(first=run.asked.first_day, last=run.asked.last_day)):
            raise InvalidError("u ziet geen inwoners: vraag hele maanden")
        await noted(self._audit, viewer, "report.read", "report", report, run.asked.client)
        return await self._shown(run, viewer, whole=whole)

    async def runs(self, after: UUID | None, limit: int, viewer: Viewer) -> Sequence[Run]:
        """What was asked before, the newest first."""
        return await self._store.runs(viewer.client, after, limit)

    async def records(
        self, report: UUID, part: Slice, after: CaseId | None, limit: int, viewer: Viewer
    ) -> Sequence[Record]:
        """The cases behind a figure; audited. Raises NotFoundError, InvalidError with the field."""
        run = await self._store.run(report)
        check_scope(viewer, run.asked.client)
        known = {measure.key for measure in DEFINITIONS[run.asked.definitions].measures}
        if part.measure not in known:
            raise InvalidError(f"er zijn: {', '.join(sorted(known))}", "measure")
        if (part.dimension is None) != (part.key == ""):
            raise InvalidError("hoort bij een tabel, en een tabel bij een regel", "key")
        rows = await self._store.records(report, part, after, limit)
        detail = {"measure": part.measure, "dimension": part.dimension or "", "rows": len(rows)}
        await noted(self._audit, viewer, "report.records", "report", report, run.asked.client, detail)
        return rows

    async def expected(self, viewer: Viewer, *, whole: bool) -> Sequence[ExpectedShown]:
        """Forecast against promise of every campaign that runs: what is off comes first."""
        found = await self._store.expectations(viewer.client, None)
        shown = [expected_shown(one, viewer.language, whole=whole) for one in found]
        return sorted(shown, key=lambda one: (one.verdict not in ("below", "above"), one.name))

    async def adjust(
        self, campaign: CampaignId, agreed_on: date, agreed_with: str, agreed: str, user: UserId, viewer: Viewer,
        client: ClientId,
    ) -> Adjustment:  # fmt: skip
        """Write down what was agreed, with the forecast as it stands. Raises NotFoundError, InvalidError, BsnError."""
        check_scope(viewer, client)
        if agreed_on > local_date(self._clock.now()):
            raise InvalidError("deze dag moet nog komen", "agreed_on")
        (before,) = await self._store.expectations(client, campaign)
        adjustment = Adjustment(
            id=self._ids.new(), client=client, campaign=campaign, campaign_name=before.name, at=self._clock.now(),
            by=user, by_name="", agreed_on=agreed_on,
            agreed_with=checked_text(agreed_with, LONGEST_NAME, "agreed_with"),
            agreed=checked_text(agreed, LONGEST_TEXT, "agreed"), before=before,
        )  # fmt: skip
        await self._store.adjust(adjustment)
        await noted(self._audit, viewer, "reach.adjust", "campaign", campaign, client)
        return adjustment

    async def adjustments(self, campaign: CampaignId, viewer: Viewer) -> Sequence[Adjustment]:
        """What was agreed, the newest first; our people's names are not for clients."""
        return _for(viewer, await self._store.adjustments_of(campaign))

    async def _shown(self, run: Run, viewer: Viewer, *, whole: bool) -> ReportShown:
        found = await self._store.reach(run.asked.id)
        total, tables = _as_it_is(found) if whole else suppressed(found)
        received = await self._store.deliveries([UUID(key) for key, _ in tables[Dimension.DELIVERY]])
        agreed = _for(viewer, await self._store.adjustments(run.asked.id))
        return report_shown(run, total, tables, received, agreed, viewer.language, whole=whole)


def _as_it_is(found: ReachTables) -> tuple[Shown, Mapping[Dimension, Sequence[tuple[str, Shown]]]]:
    return found.total, {name: [(row.key, row.counts) for row in rows] for name, rows in found.tables.items()}


def _for(viewer: Viewer, agreed: Sequence[Adjustment]) -> Sequence[Adjustment]:
    return agreed if viewer.client is None else [replace(one, by_name="") for one in agreed]
