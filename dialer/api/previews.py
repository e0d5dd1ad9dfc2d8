"""Residents whom an agent looks at before he has them called. Name, number and attempt, and nothing of the signal."""

from __future__ import annotations

from aiohttp import web

from dialer.api.call import ApiCall, Handlers, answer
from dialer.domain.ids import CaseId
from dialer.services.ports.previews import SkipReason


async def look_preview(call: ApiCall) -> web.StreamResponse:
    """Mine, and I still look at it; else the next."""
    found = await call.deps.previews.look(call.user, call.viewer(), following=call.body["next"])
    return answer(found)


async def call_preview(call: ApiCall) -> web.StreamResponse:
    """Now, for me."""
    case = CaseId(call.required_uuid("case"))
    attempt = await call.deps.previews.call(call.user, case)
    await call.audit("preview.call", "case", case, attempt=str(attempt))
    return answer({"attempt": str(attempt)})


async def skip_preview(call: ApiCall) -> web.StreamResponse:
    """For a colleague. Written down with the reason before the next is shown."""
    case, reason = CaseId(call.required_uuid("case")), SkipReason(call.body["reason"])
    await call.deps.previews.skip(call.user, case, reason)
    await call.audit("preview.skip", "case", case, reason=reason.value)
    return answer(await call.deps.previews.look(call.user, call.viewer(), following=True))


HANDLERS: Handlers = {
    "lookPreview": look_preview,
    "callPreview": call_preview,
    "skipPreview": skip_preview,
}
