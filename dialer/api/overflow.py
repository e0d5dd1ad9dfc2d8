"""Lines on which other teams' queues hand us calls."""

from __future__ import annotations

from aiohttp import web

from dialer.api.call import ApiCall, Handlers, answer
from dialer.domain.ids import ClientId
from dialer.domain.overflow import OverflowLine


async def list_overflow_lines(call: ApiCall) -> web.StreamResponse:
    """By team."""
    found = await call.deps.overflow_lines.of(ClientId(call.path["client"]))
    return answer({"items": [_line(one) for one in found]})


async def create_overflow_line(call: ApiCall) -> web.StreamResponse:
    """Calls to its number are taken from now on."""
    client = ClientId(call.path["client"])
    made = await call.deps.overflow_lines.add(client, call.body)
    await call.audit("overflow_line.add", "overflow_line", made.id, client, team=made.team)
    return answer(_line(made), 201, version=made.version)


async def update_overflow_line(call: ApiCall) -> web.StreamResponse:
    """What is left out stays."""
    stored = await call.deps.overflow_lines.change(call.path["overflow_line"], call.required_version, call.body)
    changed = sorted(call.body)
    await call.audit("overflow_line.change", "overflow_line", stored.id, stored.client, changed=changed)
    return answer(_line(stored), version=stored.version)


def _line(one: OverflowLine) -> dict[str, object]:
    return {
        "id": one.id,
        "client": one.client,
        "campaign": one.campaign,
        "number": one.number,
        "team": one.team,
        "opening": one.opening,
        "back_number": one.back_number,
        "hours": one.hours,
        "after_own": one.after_own,
        "most_waiting": one.most_waiting,
        "most_seconds": one.most_seconds,
        "active": one.active,
        "version": one.version,
    }


HANDLERS: Handlers = {
    "listOverflowLines": list_overflow_lines,
    "createOverflowLine": create_overflow_line,
    "updateOverflowLine": update_overflow_line,
}
