"""Results out."""

from __future__ import annotations

from aiohttp import web

from dialer.api.call import ApiCall, Handlers, answer, found
from dialer.api.files import download
from dialer.api.paging import page_by_id
from dialer.domain.ids import CampaignId
from dialer.schedule.windows import local_date


async def list_exports(call: ApiCall) -> web.StreamResponse:
    """The newest first."""
    campaign = call.uuid("campaign")
    of = None if campaign is None else CampaignId(campaign)
    return await page_by_id(call, lambda after, limit: call.deps.office.exports(call.client, of, after, limit))


async def create_export(call: ApiCall) -> web.StreamResponse:
    """Full or delta."""
    made = await call.deps.exports.create(CampaignId(call.path["campaign"]), call.body["kind"], call.viewer())
    return answer(made, 201)


async def get_export(call: ApiCall) -> web.StreamResponse:
    """One."""
    return answer(found(await call.deps.office.export(call.path["export"])))


async def download_export(call: ApiCall) -> web.StreamResponse:
    """Again and again the same lines; audited by the service."""
    export = call.path["export"]
    table = await call.deps.exports.table(export, call.viewer())
    # The day first, so that a folder of them stands in order; the end of the id keeps two of a day apart.
    made = found(await call.deps.office.export(export))
    name = f"resultaten-{local_date(made.created_at)}-{export.hex[-8:]}"
    return await download(call, table, call.query["format"], name)


async def confirm_export(call: ApiCall) -> web.StreamResponse:
    """Received well."""
    return answer(await call.deps.exports.confirm(call.path["export"], call.viewer()))


HANDLERS: Handlers = {
    "listExports": list_exports,
    "createExport": create_export,
    "getExport": get_export,
    "downloadExport": download_export,
    "confirmExport": confirm_export,
}
