"""Call-back requests. The number is shown to the one who took the request, and to nobody else."""

from __future__ import annotations

from aiohttp import web

from dialer.api.call import ApiCall, Handlers, answer, found, page
from dialer.api.paging import split, uuid_of
from dialer.domain.ids import CampaignId
from dialer.services.plain import plain
from dialer.services.ports.office import CallbackLine


def _row(line: CallbackLine, number: str = "") -> dict[str, object]:
    value = plain(line)
    assert isinstance(value, dict)
    return {**value, "number": number}


async def list_callbacks(call: ApiCall) -> web.StreamResponse:
    """The oldest first."""
    limit = call.query["limit"]
    campaign = call.uuid("campaign")
    rows = await call.deps.office.callbacks(
        call.client,
        None if campaign is None else CampaignId(campaign),
        call.query["state"],
        uuid_of(call.query.get("cursor")),
        limit + 1,
    )
    items, following = split(rows, limit, lambda row: str(row.id))
    return page([_row(line, await _number(call, line)) for line in items], following)


async def _number(call: ApiCall, line: CallbackLine) -> str:
    """For the one who has it in hand."""
    user = call.principal.user
    if line.state != "claimed" or user is None or line.claimed_by != user:
        return ""
    await call.audit("callback.read", "callback", line.id)
    return await call.deps.callbacks.number(line.id, user)


async def claim_callback(call: ApiCall) -> web.StreamResponse:
    """Mine now; with the number."""
    callback = call.path["callback"]
    await call.deps.callbacks.claim(callback, call.user)
    number = await call.deps.callbacks.number(callback, call.user)
    await call.audit("callback.claim", "callback", callback)
    return answer(_row(found(await call.deps.office.callback(callback)), number))


async def dial_callback(call: ApiCall) -> web.StreamResponse:
    """Now, for me."""
    callback = call.path["callback"]
    attempt = await call.deps.ring_back.call(callback, call.user)
    await call.audit("callback.call", "callback", callback, attempt=str(attempt))
    line = found(await call.deps.office.callback(callback))
    return answer({**_row(line, await _number(call, line)), "attempt": str(attempt)})


async def close_callback(call: ApiCall) -> web.StreamResponse:
    """Done or cancelled."""
    callback = call.path["callback"]
    await call.deps.callbacks.close(callback, call.user, done=call.body["result"] == "done")
    await call.audit("callback.close", "callback", callback, result=call.body["result"])
    return answer(_row(found(await call.deps.office.callback(callback))))


HANDLERS: Handlers = {
    "listCallbacks": list_callbacks,
    "claimCallback": claim_callback,
    "dialCallback": dial_callback,
    "closeCallback": close_callback,
}
