"""Builds what reports and bills consist of, and their jobs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import asyncpg

from dialer.exchange_parts import ExchangeParts
from dialer.intake.tables import table_bytes
from dialer.jobs import Job
from dialer.metrics import Metrics
from dialer.papers.files import ReportFilesWriter
from dialer.services.billing import Billing
from dialer.services.operations import OperationsReports
from dialer.services.ports.audit import AuditLog
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.export import OutcomeLabel
from dialer.services.ports.tallies import Difference
from dialer.services.ports.vault import Vault
from dialer.services.report_deliveries import ReportDeliveries
from dialer.services.report_files import ReportFiles
from dialer.services.report_schedules import ReportSchedules
from dialer.services.reports import Reports
from dialer.services.tallies import Tallies
from dialer.storage.billing import PgBilling
from dialer.storage.kpis import PgKpis
from dialer.storage.logos import PgLogos
from dialer.storage.operations import PgOperations
from dialer.storage.reading import Readings
from dialer.storage.report_deliveries import PgReportDeliveries
from dialer.storage.report_schedules import PgReportSchedules
from dialer.storage.reports import PgReports
from dialer.storage.tallies import PgTallies

_DELIVER_EVERY = 15.0
_TEND_EVERY = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportParts:
    """The services behind reports, their files and bills."""

    reports: Reports
    operations: OperationsReports
    tallies: Tallies
    billing: Billing
    files: ReportFiles
    schedules: ReportSchedules
    deliveries: ReportDeliveries

    def jobs(self, speed: float) -> Sequence[Job]:
        """Work by the clock; `speed`: of the calendar, in a demo."""
        return [
            Job(name="report-deliveries", every=_DELIVER_EVERY, work=self.deliveries.tend),
            Job(name="reports", every=_TEND_EVERY / speed, work=self.schedules.tend),
            Job(name="close-months", every=_TEND_EVERY / speed, work=self.billing.tend),
            Job(name="tallies", every=_TEND_EVERY / speed, work=self.tallies.tend),
        ]


async def report_parts(
    pool: asyncpg.Pool,
    *,
    standby: asyncpg.Pool | None,
    exchange: ExchangeParts,
    labels: Callable[[], Awaitable[Mapping[str, OutcomeLabel]]],
    vault: Vault,
    audit: AuditLog,
    clock: Clock,
    ids: Ids,
    owner: str,
    metrics: Metrics,
) -> ReportParts:
    """All of it. `standby`: who counts reports where one is named; `labels`: words of outcomes."""
    readings, logos, writer = Readings(pool, standby, told=metrics.report_read), PgLogos(pool), ReportFilesWriter()
    store, work = PgReports(pool, readings), PgOperations(pool, readings)
    await store.begin()
    reports = Reports(store=store, audit=audit, clock=clock, ids=ids)
    operations = OperationsReports(runs=store, store=work, kpis=PgKpis(pool), labels=labels, audit=audit, clock=clock)
    files = ReportFiles(reports=reports, work=operations, logos=logos, writer=writer, audit=audit, clock=clock)
    return ReportParts(
        reports=reports,
        operations=operations,
        tallies=Tallies(PgTallies(pool), clock, partial(_tell_differences, metrics)),
        billing=Billing(
            store=PgBilling(pool), logos=logos, writer=writer, tables=table_bytes, audit=audit, clock=clock, ids=ids
        ),
        files=files,
        schedules=ReportSchedules(PgReportSchedules(pool), vault, clock, ids, mails=exchange.mail is not None),
        deliveries=ReportDeliveries(
            store=PgReportDeliveries(pool), files=files, outlets=exchange.outgoing, sender=exchange.files,
            carriers=exchange.carriers, mail=exchange.mail, vault=vault, audit=audit, clock=clock, owner=owner,
        ),
    )  # fmt: skip


def _tell_differences(metrics: Metrics, found: Sequence[Difference]) -> None:
    metrics.report_differences.clear()
    for one in found:
        metrics.report_differences.labels(str(one.campaign), one.told.value).inc(one.records)
