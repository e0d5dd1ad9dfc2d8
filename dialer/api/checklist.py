"""The checklist that blocks going live."""

from __future__ import annotations

from datetime import date

from aiohttp import web

from dialer.api.call import ApiCall, Handlers, answer, done, found
from dialer.domain.checklist import ITEMS
from dialer.domain.ids import CampaignId, ClientId


async def get_campaign_checklist(call: ApiCall) -> web.StreamResponse:
    """Every item; our people's names are not for clients."""
    campaign = CampaignId(call.path["campaign"])
    line = found(await call.deps.office.campaign(campaign))
    items = [
        {
            "item": row.item,
            "text": call.text(*reversed(ITEMS[row.item].wanted)),
            "todo": call.text(*reversed(ITEMS[row.item].missing)),
            "state": row.state,
            "tickable": row.tickable,
            "on": row.on,
            "name": row.name,
            "reason": row.reason,
            "by": "" if call.client else row.by,
            "at": row.at,
        }
        for row in await call.deps.checklist.of_campaign(campaign)
    ]
    return answer({"client": line.client, "items": items})


async def tick_check(call: ApiCall) -> web.StreamResponse:
    """With the day and the name it stands for."""
    await call.deps.checklist.tick(
        ClientId(call.path["client"]),
        call.body["item"],
        date.fromisoformat(call.body["on"]),
        call.body["name"],
        user=call.principal.user,
        actor=call.principal.actor,
    )
    return done()


async def waive_check(call: ApiCall) -> web.StreamResponse:
    """By an administrator."""
    await call.deps.checklist.waive(
        ClientId(call.path["client"]),
        call.body["item"],
        call.body["reason"],
        user=call.principal.user,
        actor=call.principal.actor,
    )
    return done()


async def take_check_back(call: ApiCall) -> web.StreamResponse:
    """A campaign that runs goes on."""
    await call.deps.checklist.take_back(ClientId(call.path["client"]), call.body["item"], actor=call.principal.actor)
    return done()


HANDLERS: Handlers = {
    "getCampaignChecklist": get_campaign_checklist,
    "tickCheck": tick_check,
    "waiveCheck": waive_check,
    "takeCheckBack": take_check_back,
}
