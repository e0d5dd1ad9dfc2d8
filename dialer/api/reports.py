"""Reports, the records behind them, and what was agreed when reach was off expectation."""

from __future__ import annotations

from datetime import date

from aiohttp import web

from dialer.api.call import ApiCall, Handlers, answer, done, found, page
from dialer.api.files import attachment
from dialer.api.paging import split, uuid_of
from dialer.domain.errors import InvalidError
from dialer.domain.ids import CampaignId, CaseId, ClientId
from dialer.domain.reports.calendar import Every, Rhythm
from dialer.domain.reports.operations import Agreement
from dialer.domain.reports.reach import Dimension
from dialer.services.access import Permission
from dialer.services.ports.operations import Cell
from dialer.services.ports.report_deliveries import ReportDelivery
from dialer.services.ports.reports import Slice


def _whole(call: ApiCall) -> bool:
    return call.principal.may(Permission.CASE_READ)


async def list_reports(call: ApiCall) -> web.StreamResponse:
    """What was asked before, the newest first."""
    limit = call.query["limit"]
    rows = await call.deps.reports.runs(uuid_of(call.query.get("cursor")), limit + 1, call.viewer())
    items, following = split(rows, limit, lambda row: str(row.asked.id))
    return page(
        [
            {
                "id": run.asked.id,
                "client": run.asked.client,
                "client_name": run.client_name,
                "campaign": run.asked.campaign,
                "campaign_name": run.campaign_name,
                "first_day": run.asked.first_day,
                "last_day": run.asked.last_day,
                "at": run.asked.at,
                "automatic": run.automatic,
            }
            for run in items
        ],
        following,
    )


async def ask_report(call: ApiCall) -> web.StreamResponse:
    """Counted now, and kept as a question."""
    campaign = call.uuid("campaign")
    client = call.uuid("client") or call.client
    if client is None:
        raise InvalidError("kies een opdrachtgever", "client")
    shown = await call.deps.reports.ask(
        ClientId(client),
        None if campaign is None else CampaignId(campaign),
        date.fromisoformat(call.body["first_day"]),
        date.fromisoformat(call.body["last_day"]),
        call.viewer(),
        whole=_whole(call),
    )
    return answer(shown, 201)


async def get_report(call: ApiCall) -> web.StreamResponse:
    """The same figures as the first time."""
    return answer(await call.deps.reports.show(call.path["report"], call.viewer(), whole=_whole(call)))


async def list_report_records(call: ApiCall) -> web.StreamResponse:
    """The cases behind a figure."""
    limit, after, dimension = call.query["limit"], uuid_of(call.query.get("cursor")), call.query.get("dimension")
    part = Slice(
        measure=call.query["measure"],
        dimension=None if dimension is None else Dimension(dimension),
        key=call.query.get("key", ""),
    )
    rows = await call.deps.reports.records(
        call.path["report"], part, None if after is None else CaseId(after), limit + 1, call.viewer()
    )
    items, following = split(rows, limit, lambda row: str(row.case))
    return page(items, following)


async def get_report_operations(call: ApiCall) -> web.StreamResponse:
    """The same figures each time."""
    return answer(await call.deps.operations.show(call.path["report"], call.viewer(), whole=_whole(call)))


async def list_operation_records(call: ApiCall) -> web.StreamResponse:
    """Cases, calls or appointments."""
    limit = call.query["limit"]
    cell = Cell(section=call.query["section"], figure=call.query["figure"], key=call.query.get("key", ""))
    rows = await call.deps.operations.records(
        call.path["report"], cell, uuid_of(call.query.get("cursor")), limit + 1, call.viewer()
    )
    items, following = split(rows, limit, lambda row: str(row.id))
    return page(items, following)


async def download_report(call: ApiCall) -> web.StreamResponse:
    """As a spreadsheet or a PDF; audited by the service."""
    report, format_ = call.path["report"], call.query["format"]
    data = await call.deps.report_files.file(report, format_, call.viewer(), whole=_whole(call))
    return attachment(data, format_, f"rapport-{report}")


async def get_client_logo(call: ApiCall) -> web.StreamResponse:
    """Whether there is one."""
    return answer({"logo": await call.deps.report_files.has_logo(ClientId(call.path["client"]), call.viewer())})


async def set_client_logo(call: ApiCall) -> web.StreamResponse:
    """Another one, or none."""
    await call.deps.report_files.set_logo(ClientId(call.path["client"]), call.body["png"], call.viewer())
    return await get_client_logo(call)


async def get_kpis(call: ApiCall) -> web.StreamResponse:
    """Agreed, or the usual."""
    return answer({"items": await call.deps.operations.terms(ClientId(call.path["client"]), call.viewer())})


async def agree_kpis(call: ApiCall) -> web.StreamResponse:
    """In the place of all that was agreed."""
    agreed = {
        key: Agreement(target=float(one["target"]), band=float(one["band"])) for key, one in call.body["kpis"].items()
    }
    return answer({"items": await call.deps.operations.agree(ClientId(call.path["client"]), agreed, call.viewer())})


async def list_report_schedules(call: ApiCall) -> web.StreamResponse:
    """Reports that are made by the clock."""
    found = await call.deps.report_schedules.schedules(call.viewer())
    return answer(
        {
            "items": [
                {
                    "id": one.id,
                    "client": one.client,
                    "client_name": one.client_name,
                    "campaign": one.campaign,
                    "campaign_name": one.campaign_name,
                    "every": one.rhythm.every,
                    "day": one.rhythm.day,
                    "format": one.format,
                    "mail_to": call.deps.report_schedules.recipient(one),
                    "outlet": one.outlet,
                }
                for one in found
            ]
        }
    )


async def create_report_schedule(call: ApiCall) -> web.StreamResponse:
    """From now on."""
    campaign, client = call.uuid("campaign"), call.uuid("client") or call.client
    if client is None:
        raise InvalidError("kies een opdrachtgever", "client")
    rhythm = Rhythm(every=Every(call.body["every"]), day=call.body["day"])
    await call.deps.report_schedules.add(
        ClientId(client), None if campaign is None else CampaignId(campaign), rhythm, call.viewer(),
        format_=call.body.get("format", "pdf"), mail_to=call.body.get("mail_to", ""), outlet=call.uuid("outlet"),
    )  # fmt: skip
    response = await list_report_schedules(call)
    response.set_status(201)
    return response


async def end_report_schedule(call: ApiCall) -> web.StreamResponse:
    """Reports that were made stay."""
    await call.deps.report_schedules.end(call.path["report_schedule"], call.viewer())
    return done()


async def list_report_deliveries(call: ApiCall) -> web.StreamResponse:
    """The newest first."""
    found = await call.deps.report_deliveries.deliveries(call.viewer(), call.query["limit"])
    return answer({"items": [_delivery(one) for one in found]})


async def resend_report_delivery(call: ApiCall) -> web.StreamResponse:
    """One that was given up."""
    return answer(_delivery(await call.deps.report_deliveries.resend(call.path["report_delivery"], call.viewer())))


def _delivery(one: ReportDelivery) -> dict[str, object]:
    return {
        "id": one.id,
        "schedule": one.schedule,
        "report": one.report,
        "client": one.client,
        "client_name": one.client_name,
        "way": one.way,
        "format": one.format,
        "first_day": one.first_day,
        "last_day": one.last_day,
        "state": one.state,
        "created_at": one.created_at,
        "tries": one.tries,
        "error": one.error,
        "sha256": None if one.content_hash is None else one.content_hash.hex(),
        "size": one.size,
        "done_at": one.done_at,
    }


async def list_report_differences(call: ApiCall) -> web.StreamResponse:
    """What the last comparison found."""
    return answer({"items": await call.deps.tallies.open(call.client)})


async def list_expected_reach(call: ApiCall) -> web.StreamResponse:
    """Forecast against promise; what is off comes first."""
    return answer({"items": await call.deps.reports.expected(call.viewer(), whole=_whole(call))})


async def list_adjustments(call: ApiCall) -> web.StreamResponse:
    """The newest first."""
    agreed = await call.deps.reports.adjustments(CampaignId(call.path["campaign"]), call.viewer())
    return answer(
        {
            "items": [
                {
                    "id": one.id,
                    "at": one.at,
                    "by": one.by_name,
                    "agreed_on": one.agreed_on,
                    "agreed_with": one.agreed_with,
                    "agreed": one.agreed,
                }
                for one in agreed
            ]
        }
    )


async def add_adjustment(call: ApiCall) -> web.StreamResponse:
    """Never changed afterwards."""
    campaign = CampaignId(call.path["campaign"])
    line = found(await call.deps.office.campaign(campaign))
    await call.deps.reports.adjust(
        campaign,
        date.fromisoformat(call.body["agreed_on"]),
        call.body["agreed_with"],
        call.body["agreed"],
        call.user,
        call.viewer(),
        line.client,
    )
    response = await list_adjustments(call)
    response.set_status(201)
    return response


HANDLERS: Handlers = {
    "listReports": list_reports,
    "askReport": ask_report,
    "getReport": get_report,
    "listReportRecords": list_report_records,
    "getReportOperations": get_report_operations,
    "listOperationRecords": list_operation_records,
    "downloadReport": download_report,
    "getClientLogo": get_client_logo,
    "setClientLogo": set_client_logo,
    "getKpis": get_kpis,
    "agreeKpis": agree_kpis,
    "listReportSchedules": list_report_schedules,
    "createReportSchedule": create_report_schedule,
    "endReportSchedule": end_report_schedule,
    "listReportDeliveries": list_report_deliveries,
    "resendReportDelivery": resend_report_delivery,
    "listReportDifferences": list_report_differences,
    "listExpectedReach": list_expected_reach,
    "listAdjustments": list_adjustments,
    "addAdjustment": add_adjustment,
}
