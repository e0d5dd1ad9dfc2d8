"""The municipality's delivery to the national exchange of early signals (DDAS): who it is there, and the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import date

from aiohttp import web

from dialer.api.call import ApiCall, Handlers, answer
from dialer.domain.ids import CampaignId, ClientId
from dialer.services.ddas import DdasProfile


async def get_ddas_profile(call: ApiCall) -> web.StreamResponse:
    """Empty where nothing was set."""
    return _profile(call, await call.deps.ddas.profile_of(ClientId(call.path["client"]), call.viewer()))


async def set_ddas_profile(call: ApiCall) -> web.StreamResponse:
    """The whole."""
    saved = await call.deps.ddas.set_profile(ClientId(call.path["client"]), call.body, call.viewer())
    return _profile(call, asdict(saved))


async def download_ddas(call: ApiCall) -> web.StreamResponse:
    """Postcodes and house numbers: audited by the service."""
    begin, end = date.fromisoformat(call.query["from"]), date.fromisoformat(call.query["until"])
    content, _ = await call.deps.ddas.delivery(CampaignId(call.path["campaign"]), begin, end, call.viewer())
    response = web.Response(body=content, content_type="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="ddas-{begin}-{end}.json"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _profile(call: ApiCall, values: Mapping[str, str]) -> web.Response:
    told = {one.name: values.get(one.name, "") for one in fields(DdasProfile)}
    return answer({**told, "versions": list(call.deps.ddas.versions)})


HANDLERS: Handlers = {
    "getDdasProfile": get_ddas_profile,
    "setDdasProfile": set_ddas_profile,
    "downloadDdas": download_ddas,
}
