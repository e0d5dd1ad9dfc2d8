"""A supervisor's day."""

from __future__ import annotations

from dataclasses import fields
from datetime import time, timedelta

from aiohttp import web

from dialer.api.call import ApiCall, Handlers, answer
from dialer.domain.exchange import MessageKind, MessageState
from dialer.schedule.terms import next_working_day
from dialer.schedule.windows import at_local, local_date
from dialer.services.ports.day import DayBounds
from dialer.services.ports.office import APPOINTMENT_GRACE


async def get_day(call: ApiCall) -> web.StreamResponse:
    """Today by Amsterdam's calendar; soon: until the end of the next working day."""
    now = call.deps.clock.now()
    today = local_date(now)
    tomorrow = today + timedelta(days=1)
    bounds = DayBounds(
        now=now,
        begin=at_local(today, time.min),
        end=at_local(tomorrow, time.min),
        soon=at_local(next_working_day(tomorrow) + timedelta(days=1), time.min),
        missed_before=now - APPOINTMENT_GRACE,
    )
    found = await call.deps.day.day(call.client, bounds)
    if found.appointments:  # asked each minute: what showed no case is nothing to trace
        await call.audit("case.list", "day", today.isoformat(), rows=len(found.appointments))
    channels = await call.deps.channels.channels(call.viewer())
    due = await call.deps.hand_back.due(call.client)
    exchange = {
        "late": sum(one.late for one in due),
        "crisis": sum(one.kind is MessageKind.CRISIS for one in due),
        "to_report": len(due),
        "exports": found.exports_open,
        "dead": sum(one.dead for one in channels),
        "dead_files": sum(one.dead for one in await call.deps.outlets.outlets(call.viewer())),
        "dead_reports": sum(
            one.state is MessageState.DEAD for one in await call.deps.report_deliveries.deliveries(call.viewer(), 100)
        ),
        "missing": await call.deps.sources.missing(call.client),
        "silent": await call.deps.feeds.silent(call.client),
        "withdrawn": await call.deps.feeds.withdrawn(call.client),
    }
    questions = await call.deps.questions.counts(call.viewer())
    day = {one.name: getattr(found, one.name) for one in fields(found) if one.name != "exports_open"}
    differ = {one.delivery for one in await call.deps.tallies.open(call.client)}
    is_open, late = await call.deps.complaints.waiting(call.viewer())
    complaints = {"open": is_open, "late": late}
    return answer(
        {**day, "exchange": exchange, "questions": questions, "complaints": complaints, "differences": len(differ)}
    )


HANDLERS: Handlers = {"getDay": get_day}
