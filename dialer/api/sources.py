"""Places where clients' files come, and the receipts of what came."""

from __future__ import annotations

from datetime import datetime, time

from aiohttp import web

from dialer.api.call import ApiCall, Handlers, answer
from dialer.domain.arrivals import Holds, SourceKind
from dialer.domain.ids import CampaignId, ClientId
from dialer.services.ports.arrivals import Source
from dialer.services.sources import SourceWish


async def list_sources(call: ApiCall) -> web.StreamResponse:
    """By name; without keys but the public one."""
    found = await call.deps.sources.sources(call.viewer())
    return answer({"items": [_source(one, missing) for one, missing in found]})


async def create_source(call: ApiCall) -> web.StreamResponse:
    """With a key of its own."""
    campaign = CampaignId(call.path["campaign"])
    made = await call.deps.sources.add(campaign, SourceKind(call.body["kind"]), _wish(call), call.viewer())
    return answer(_source(made, None), 201, version=made.version)


async def update_source(call: ApiCall) -> web.StreamResponse:
    """What is left out stays."""
    stored = await call.deps.sources.change(call.path["source"], call.required_version, _wish(call), call.viewer())
    return answer(_source(stored, None), version=stored.version)


async def list_mapping_names(call: ApiCall) -> web.StreamResponse:
    """By name; nothing of what they say."""
    client, holds = ClientId(call.path["client"]), Holds(call.query["holds"])
    return answer({"items": list(await call.deps.sources.mapping_names(client, call.viewer(), holds))})


async def look_at_source(call: ApiCall) -> web.StreamResponse:
    """Now."""
    return answer(_source(await call.deps.sources.look(call.path["source"], call.viewer()), None))


async def list_arrivals(call: ApiCall) -> web.StreamResponse:
    """The newest first."""
    found = await call.deps.sources.receipts(call.viewer(), call.uuid("source"), call.query["limit"])
    items = [
        {
            "id": one.id,
            "source": one.source,
            "name": one.name,
            "size": one.size,
            "state": one.state,
            "reason": one.reason,
            "delivery": one.delivery,
            "at": one.at,
        }
        for one in found
    ]
    return answer({"items": items})


def _wish(call: ApiCall) -> SourceWish:
    known = ("name", "on", "path", "host", "port", "user", "host_key", "mapping_name", "weekdays", "month_days")
    by, holds = call.body.get("by"), call.body.get("holds")
    return SourceWish(
        **{key: call.body[key] for key in known if key in call.body},
        by=None if by is None else time.fromisoformat(by),
        holds=None if holds is None else Holds(holds),
    )


def _source(one: Source, missing: datetime | None) -> dict[str, object]:
    return {
        "id": one.id,
        "client": one.client,
        "campaign": one.campaign,
        "kind": one.kind,
        "name": one.name,
        "on": one.on,
        "path": one.place.path,
        "host": one.place.host,
        "port": one.place.port,
        "user": one.place.user,
        "host_key": one.place.host_key,
        "public_key": one.public_key,
        "holds": one.holds,
        "mapping_name": one.mapping_name,
        "weekdays": sorted(one.expected.weekdays),
        "month_days": sorted(one.expected.month_days),
        "by": f"{one.expected.by:%H:%M}",
        "looked_at": one.looked_at,
        "last_error": one.last_error,
        "missing_since": missing,
        "version": one.version,
    }


HANDLERS: Handlers = {
    "listSources": list_sources,
    "createSource": create_source,
    "updateSource": update_source,
    "listMappingNames": list_mapping_names,
    "lookAtSource": look_at_source,
    "listArrivals": list_arrivals,
}
