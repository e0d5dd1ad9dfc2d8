"""Results as files: where they go, in what layout, and the receipts."""

from __future__ import annotations

from datetime import time

from aiohttp import web

from dialer.api.call import ApiCall, Handlers, answer
from dialer.api.files import uploaded
from dialer.domain.exchange import ChannelState
from dialer.domain.ids import CampaignId, ClientId
from dialer.domain.outlets import OutletKind
from dialer.domain.result_layout import parse, to_json
from dialer.services.outlets import OutletWish
from dialer.services.ports.outlets import Dispatch, Outlet, Profile


async def list_result_profiles(call: ApiCall) -> web.StreamResponse:
    """The newest version of each, or all versions of one."""
    client, name = ClientId(call.path["client"]), call.query.get("name")
    if name is None:
        found = await call.deps.outlets.profiles(client, call.viewer())
    else:
        found = await call.deps.outlets.profile_versions(client, name, call.viewer())
    return answer({"items": [_profile(one) for one in found]})


async def save_result_profile(call: ApiCall) -> web.StreamResponse:
    """As the next version."""
    client, layout = ClientId(call.path["client"]), parse(call.body["layout"])
    return answer(_profile(await call.deps.outlets.save_profile(client, call.body["name"], layout, call.viewer())))


async def learn_result_profile(call: ApiCall) -> web.StreamResponse:
    """Nothing is kept."""
    async with uploaded(call) as upload:
        headings = await call.deps.intake.headings(upload.path)
    columns = call.deps.outlets.guessed(headings)
    return answer({"columns": [{"title": column.title, "field": column.field} for column in columns]})


async def preview_result_profile(call: ApiCall) -> web.StreamResponse:
    """Of nobody."""
    table = call.deps.outlets.preview(parse(call.body["layout"]))
    return answer({"header": table.header, "rows": list(table.rows)})


async def list_outlets(call: ApiCall) -> web.StreamResponse:
    """By name; without secrets."""
    return answer({"items": [_outlet(one) for one in await call.deps.outlets.outlets(call.viewer())]})


async def create_outlet(call: ApiCall) -> web.StreamResponse:
    """A secret that was made goes out this once; so this operation takes no idempotency key."""
    campaign, kind = CampaignId(call.path["campaign"]), OutletKind(call.body["kind"])
    made, secret = await call.deps.outlets.add(campaign, kind, _wish(call), call.viewer())
    return answer({"outlet": _outlet(made), "secret": secret}, 201)


async def update_outlet(call: ApiCall) -> web.StreamResponse:
    """What is left out stays."""
    stored = await call.deps.outlets.change(call.path["outlet"], call.required_version, _wish(call), call.viewer())
    return answer(_outlet(stored), version=stored.version)


async def renew_outlet_secret(call: ApiCall) -> web.StreamResponse:
    """The secret goes out this once; so this operation takes no idempotency key."""
    outlet, hours = call.path["outlet"], call.body["overlap_hours"]
    renewed, secret = await call.deps.secrets.renew_outlet(outlet, call.required_version, hours, call.viewer())
    return answer({"outlet": _outlet(renewed), "secret": secret})


async def try_outlet(call: ApiCall) -> web.StreamResponse:
    """Now; nothing is brought."""
    carried = await call.deps.outlets.try_out(call.path["outlet"], call.viewer())
    return answer({"fault": carried.fault})


async def send_outlet(call: ApiCall) -> web.StreamResponse:
    """What is new, now."""
    return answer(_outlet(await call.deps.outlets.send_now(call.path["outlet"], call.viewer())))


async def list_dispatches(call: ApiCall) -> web.StreamResponse:
    """The newest first."""
    found = await call.deps.outlets.dispatches(call.viewer(), call.uuid("outlet"), call.query["limit"])
    return answer({"items": [_dispatch(one) for one in found]})


async def download_dispatch(call: ApiCall) -> web.StreamResponse:
    """As the client gets it; audited by the service."""
    bundle = await call.deps.outlets.file(call.path["dispatch"], call.viewer())
    response = web.Response(body=bundle.content, content_type=bundle.media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{bundle.name}"'  # a name of our own making
    response.headers["Cache-Control"] = "no-store"
    return response


async def resend_dispatch(call: ApiCall) -> web.StreamResponse:
    """A dead one."""
    return answer(_dispatch(await call.deps.outlets.resend(call.path["dispatch"], call.viewer())))


def _wish(call: ApiCall) -> OutletWish:
    known = ("name", "path", "host", "port", "user", "host_key", "profile", "weekdays")
    at, state = call.body.get("at"), call.body.get("state")
    return OutletWish(
        **{key: call.body[key] for key in known if key in call.body},
        at=None if at is None else time.fromisoformat(at),
        state=None if state is None else ChannelState(state),
    )


def _profile(one: Profile) -> dict[str, object]:
    return {"name": one.name, "version": one.version, "created_at": one.created_at, "layout": to_json(one.layout)}


def _outlet(one: Outlet) -> dict[str, object]:
    return {
        "id": one.id,
        "client": one.client,
        "campaign": one.campaign,
        "kind": one.kind,
        "name": one.name,
        "state": one.state,
        "path": one.place.path,
        "host": one.place.host,
        "port": one.place.port,
        "user": one.place.user,
        "host_key": one.place.host_key,
        "public_key": one.public_key,
        "old_secret_until": one.old_until,
        "profile": one.profile,
        "weekdays": sorted(one.plan.weekdays),
        "at": f"{one.plan.at:%H:%M}",
        "last_ok_at": one.last_ok_at,
        "last_error": one.last_error,
        "waiting": one.waiting,
        "dead": one.dead,
        "version": one.version,
    }


def _dispatch(one: Dispatch) -> dict[str, object]:
    return {
        "id": one.id,
        "outlet": one.outlet,
        "campaign": one.campaign,
        "export": one.export,
        "name": one.name,
        "lines": one.lines,
        "replacements": one.replacements,
        "state": one.state,
        "error": one.error,
        "tries": one.tries,
        "sha256": "" if one.content_hash is None else one.content_hash.hex(),
        "size": one.size,
        "created_at": one.created_at,
        "due_at": one.due_at,
        "done_at": one.done_at,
    }


HANDLERS: Handlers = {
    "listResultProfiles": list_result_profiles,
    "saveResultProfile": save_result_profile,
    "learnResultProfile": learn_result_profile,
    "previewResultProfile": preview_result_profile,
    "listOutlets": list_outlets,
    "createOutlet": create_outlet,
    "updateOutlet": update_outlet,
    "renewOutletSecret": renew_outlet_secret,
    "tryOutlet": try_outlet,
    "sendOutlet": send_outlet,
    "listDispatches": list_dispatches,
    "downloadDispatch": download_dispatch,
    "resendDispatch": resend_dispatch,
}
