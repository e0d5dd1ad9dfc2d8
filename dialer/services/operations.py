"""What happened in the days of a report: sections, KPIs against what was agreed, and the records behind each count.

A report keeps its snapshot, so these are the same each time too, and so are the earlier periods beside the KPIs.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from dialer.domain.errors import InvalidError
from dialer.domain.ids import ClientId
from dialer.domain.reports.kpis import Period, check_agreement, earlier, whole_months
from dialer.domain.reports.operations import (
    OPERATIONS_NEWEST,
    Agreement,
    Found,
    Kpi,
    Unit,
    of_a_team,
    of_many_answers,
    operations,
)
from dialer.domain.reports.rounding import coarse
from dialer.services.operation_words import (
    OperationsShown,
    WorkRecordShown,
    kpis_shown,
    periods_shown,
    record_shown,
    sections_shown,
)
from dialer.services.ports.audit import AuditLog
from dialer.services.ports.clock import Clock
from dialer.services.ports.export import OutcomeLabel
from dialer.services.ports.operations import Cell, KpiStore, OperationsStore
from dialer.services.ports.people import Viewer
from dialer.services.ports.reports import ReportStore, Run
from dialer.services.viewing import check_scope, noted

EARLIER = 3
"""Periods before that of the report, beside its KPIs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiTerms:
    """One KPI of a client: what is agreed, or the usual."""

    key: str
    label: str
    means: str
    unit: Unit
    better: str
    target: float
    band: float
    usual: bool


class OperationsReports:
    """Use cases. `whole` False: for roles that may not see residents; counts are rounded, periods are months."""

    def __init__(
        self,
        *,
        runs: ReportStore,
        store: OperationsStore,
        kpis: KpiStore,
        labels: Callable[[], Awaitable[Mapping[str, OutcomeLabel]]],
        audit: AuditLog,
        clock: Clock,
    ) -> None:
        """`labels`: words of outcomes."""
        self._runs = runs
        self._store = store
        self._kpis = kpis
        self._labels = labels
        self._audit = audit
        self._clock = clock

    async def show(self, report: UUID, viewer: Viewer, *, whole: bool) -> OperationsShown:
        """The same figures each time. Raises NotFoundError, InvalidError for who must ask whole months."""
        run = await self._run(report, viewer)
        period = _period(run)
        if not whole and not whole_months(period):
            raise InvalidError("u ziet geen inwoners: vraag hele maanden")
        known = operations(run.asked.operations)
        before = earlier(period, EARLIER)
        *past, found = await self._found(report, [*before, period], whole=whole)
        await noted(self._audit, viewer, "report.read", "report", report, run.asked.client, {"part": "operations"})
        return OperationsShown(
            report=report,
            definitions=known.version,
            whole=whole,
            kpis=kpis_shown(known, found, past, run.agreed, viewer.language, whole=whole),
            earlier=periods_shown(before),
            sections=sections_shown(known, found, await self._labels(), viewer.language, ours=viewer.client is None),
        )

    async def records(
        self, report: UUID, cell: Cell, after: UUID | None, limit: int, viewer: Viewer
    ) -> Sequence[WorkRecordShown]:
        """The records behind a count; audited. Raises NotFoundError, InvalidError with the field."""
        run = await self._run(report, viewer)
        section = next((one for one in operations(run.asked.operations).sections if one.key == cell.section), None)
        if section is None or not section.opens:
            raise InvalidError("dit onderdeel is er niet", "section")
        if cell.figure not in {one.key for one in section.figures if one.unit is Unit.COUNT}:
            raise InvalidError("dit is geen aantal van dit onderdeel", "figure")
        found = await self._store.work_records(report, _period(run), cell, after, limit)
        detail = {"section": cell.section, "figure": cell.figure, "key": cell.key, "rows": len(found)}
        await noted(self._audit, viewer, "report.records", "report", report, run.asked.client, detail)
        labels = await self._labels()
        return [record_shown(one, labels, viewer.language) for one in found]

    async def terms(self, client: ClientId, viewer: Viewer) -> Sequence[KpiTerms]:
        """Every KPI with what is agreed. Raises NotFoundError."""
        check_scope(viewer, client)
        agreed = await self._kpis.agreed(client)
        english = int(viewer.language == "en")
        return [terms_shown(kpi, agreed, english) for kpi in operations(OPERATIONS_NEWEST).kpis]

    async def agree(self, client: ClientId, agreed: Mapping[str, Agreement], viewer: Viewer) -> Sequence[KpiTerms]:
        """In the place of what was agreed; reports that were asked keep theirs. Raises NotFoundError, InvalidError."""
        check_scope(viewer, client)
        known = {kpi.key: kpi for kpi in operations(OPERATIONS_NEWEST).kpis}
        for key, terms in agreed.items():
            if key not in known:
                raise InvalidError(f"er zijn: {', '.join(known)}", key)
            check_agreement(known[key], terms)
        await self._kpis.agree(client, agreed, self._clock.now(), viewer.actor)
        return await self.terms(client, viewer)

    async def _run(self, report: UUID, viewer: Viewer) -> Run:
        run = await self._runs.run(report)
        check_scope(viewer, run.asked.client)
        return run

    async def _found(self, report: UUID, periods: Sequence[Period], *, whole: bool) -> Sequence[Found]:
        found = [of_many_answers(of_a_team(one)) for one in await self._store.count(report, periods)]
        return found if whole else [coarse(one) for one in found]


def _period(run: Run) -> Period:
    return Period(first=run.asked.first_day, last=run.asked.last_day)


def terms_shown(kpi: Kpi, agreed: Mapping[str, Agreement], english: int) -> KpiTerms:
    """What is agreed for one, or the usual; `english`: 0 or 1."""
    terms = agreed.get(kpi.key, kpi.usual)
    return KpiTerms(
        key=kpi.key, label=kpi.label[english], means=kpi.means[english], unit=kpi.unit, better=kpi.better.value,
        target=terms.target, band=terms.band, usual=kpi.key not in agreed,
    )  # fmt: skip
