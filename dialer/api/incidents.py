"""The register of data leaks."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aiohttp import web

from dialer.api.call import ApiCall, Handlers, answer
from dialer.api.files import attachment
from dialer.domain.ids import ClientId
from dialer.domain.incident import DataKind, Incident, IncidentEvent, IncidentKind
from dialer.services.ports.incidents import IncidentLine


def _known(said: Mapping[str, Any]) -> Incident:
    return Incident(
        discovered_at=datetime.fromisoformat(said["discovered_at"]),
        kind=IncidentKind(said["kind"]),
        data=[DataKind(one) for one in said["data"]],
        residents=said["residents"],
        what=said["what"],
        consequences=said["consequences"],
        measures=said["measures"],
    )


def _line(one: IncidentLine) -> dict[str, Any]:
    return {
        "id": one.id,
        "client": one.client,
        "client_name": one.client_name,
        "state": one.state,
        "known": one.known,
        "report_by": one.known.report_by,
        "opened_at": one.opened_at,
        "opened_by": one.opened_by,
        "told_at": one.told_at,
        "closed_at": one.closed_at,
        "lesson": one.lesson,
        "version": one.version,
    }


def _one(found: IncidentLine, status: int = 200) -> web.Response:
    return answer(_line(found), status, version=found.version)


def _client(call: ApiCall) -> ClientId | None:
    client = call.uuid("client")
    return None if client is None else ClientId(client)


async def list_incidents(call: ApiCall) -> web.StreamResponse:
    """Open ones first."""
    return answer({"items": [_line(one) for one in await call.deps.incidents.all(_client(call), call.viewer())]})


async def report_incident(call: ApiCall) -> web.StreamResponse:
    """Of one client."""
    client = ClientId(call.body["client"])
    return _one(await call.deps.incidents.report(client, _known(call.body["known"]), call.user, call.viewer()), 201)


async def update_incident(call: ApiCall) -> web.StreamResponse:
    """What is known now."""
    return _one(
        await call.deps.incidents.learn(call.path["incident"], call.required_version, _known(call.body), call.viewer())
    )


async def move_incident(call: ApiCall) -> web.StreamResponse:
    """One step."""
    return _one(
        await call.deps.incidents.move(
            call.path["incident"],
            call.required_version,
            IncidentEvent(call.body["step"]),
            call.body.get("lesson", ""),
            call.viewer(),
        )
    )


async def get_incident_notice(call: ApiCall) -> web.StreamResponse:
    """In the reader's language."""
    return answer({"text": await call.deps.incidents.notice(call.path["incident"], call.viewer())})


async def download_incidents(call: ApiCall) -> web.StreamResponse:
    """As a spreadsheet."""
    table, out = await call.deps.incidents.table(_client(call), call.viewer()), io.BytesIO()
    await asyncio.to_thread(call.deps.tables.write, table, call.query["format"], out)
    return attachment(out.getvalue(), call.query["format"], "datalekken")


HANDLERS: Handlers = {
    "listIncidents": list_incidents,
    "reportIncident": report_incident,
    "updateIncident": update_incident,
    "moveIncident": move_incident,
    "getIncidentNotice": get_incident_notice,
    "downloadIncidents": download_incidents,
}
