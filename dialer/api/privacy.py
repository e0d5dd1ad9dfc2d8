"""What is held and how long, and what residents ask about it."""

from __future__ import annotations

import asyncio
import io
from datetime import date

from aiohttp import web

from dialer.api.call import ApiCall, Handlers, answer
from dialer.api.files import attachment
from dialer.domain.ids import ClientId, ResidentId
from dialer.domain.privacy_request import RequestEvent, RequestKind
from dialer.domain.retention import Waits
from dialer.services.ports.privacy_requests import PrivacyRequest
from dialer.services.register import as_table
from dialer.services.retention import KeptLine


def _client(call: ApiCall) -> ClientId | None:
    client = call.uuid("client")
    return None if client is None else ClientId(client)


def _request(found: PrivacyRequest, status: int = 200) -> web.Response:
    return answer(found, status, version=found.version)


async def get_privacy_register(call: ApiCall) -> web.StreamResponse:
    """In the reader's language."""
    shown = await call.deps.register.show(_client(call), english=call.language == "en")
    return answer({"items": shown.lines, "unclassed": shown.unclassed})


async def download_privacy_register(call: ApiCall) -> web.StreamResponse:
    """As a spreadsheet."""
    english, format_ = call.language == "en", call.query["format"]
    table = as_table((await call.deps.register.show(_client(call), english=english)).lines, english=english)
    out = io.BytesIO()
    await asyncio.to_thread(call.deps.tables.write, table, format_, out)
    return attachment(out.getvalue(), format_, "register")


async def list_kept_deliveries(call: ApiCall) -> web.StreamResponse:
    """Of one client."""
    found = await call.deps.retention.kept(ClientId(call.path["client"]))
    return answer({"items": [_kept(one) for one in found]})


async def get_contract_end(call: ApiCall) -> web.StreamResponse:
    """What is left to do."""
    client = ClientId(call.path["client"])
    days, left = await call.deps.contract_end.days(client), await call.deps.contract_end.left(client)
    ended_on, until = days or (None, None)
    waiting = [{"what": item, "count": count} for item, count in left.items()]
    return answer({"left": waiting, "ended_on": ended_on, "after_care_until": until})


async def download_end_report(call: ApiCall) -> web.StreamResponse:
    """Counts alone."""
    client, format_ = ClientId(call.path["client"]), call.query["format"]
    name = (await call.deps.retention.terms(client)).name
    data = await call.deps.contract_end.report(client, name, format_, call.language)
    return attachment(data, format_, "eindrapport")


async def find_residents(call: ApiCall) -> web.StreamResponse:
    """By the client's reference, which stands in no address."""
    found = await call.deps.privacy_requests.find(
        ClientId(call.path["client"]), call.body["reference"], call.body["purpose"], call.viewer()
    )
    return answer({"items": found})


async def preview_erasure(call: ApiCall) -> web.StreamResponse:
    """Rows by table."""
    rows = await call.deps.privacy_requests.preview(ResidentId(call.path["resident"]), call.viewer())
    return answer({"rows": {table: count for table, count in rows.items() if count}})


async def open_privacy_request(call: ApiCall) -> web.StreamResponse:
    """By the privacy officer."""
    return _request(
        await call.deps.privacy_requests.open(
            ResidentId(call.path["resident"]),
            RequestKind(call.body["kind"]),
            date.fromisoformat(call.body["received_on"]),
            call.body["reason"],
            call.user,
            call.viewer(),
        ),
        201,
    )


async def list_privacy_requests(call: ApiCall) -> web.StreamResponse:
    """Of a client, of a resident, or all."""
    resident = call.uuid("resident")
    found = await call.deps.privacy_requests.all(
        _client(call),
        None if resident is None else ResidentId(resident),
        call.viewer(),
        is_open=call.query.get("open"),
        limit=call.query["limit"],
    )
    return answer({"items": found})


async def download_resident_file(call: ApiCall) -> web.StreamResponse:
    """All that is held."""
    data = await call.deps.privacy_requests.file(call.path["privacy_request"], call.viewer())
    return attachment(data, "json", "inzage")


async def carry_out_privacy_request(call: ApiCall) -> web.StreamResponse:
    """Once."""
    return answer(
        await call.deps.privacy_requests.carry_out(
            call.path["privacy_request"],
            call.required_version,
            call.body.get("correction"),
            call.user,
            call.viewer(),
        )
    )


async def move_privacy_request(call: ApiCall) -> web.StreamResponse:
    """Later, or not at all."""
    return _request(
        await call.deps.privacy_requests.move(
            call.path["privacy_request"],
            call.required_version,
            RequestEvent(call.body["step"]),
            call.body["text"],
            call.user,
            call.viewer(),
        )
    )


def _kept(line: KeptLine) -> dict[str, object]:
    kept, standing = line.kept, line.kept.standing
    counts = {
        Waits.CASES: standing.open_cases,
        Waits.HAND_OVER: standing.not_handed_over,
        Waits.COMPLAINTS: standing.open_complaints,
    }
    return {
        "delivery": kept.delivery,
        "campaign": kept.campaign,
        "campaign_name": kept.campaign_name,
        "kind": kept.kind,
        "received_at": standing.received_at,
        "ends_at": line.ends_at,
        "waits": [{"what": what, "count": counts[what]} for what in line.waits],
    }


HANDLERS: Handlers = {
    "getPrivacyRegister": get_privacy_register,
    "downloadPrivacyRegister": download_privacy_register,
    "listKeptDeliveries": list_kept_deliveries,
    "getContractEnd": get_contract_end,
    "downloadEndReport": download_end_report,
    "findResidents": find_residents,
    "previewErasure": preview_erasure,
    "openPrivacyRequest": open_privacy_request,
    "listPrivacyRequests": list_privacy_requests,
    "downloadResidentFile": download_resident_file,
    "carryOutPrivacyRequest": carry_out_privacy_request,
    "movePrivacyRequest": move_privacy_request,
}
