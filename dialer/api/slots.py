"""Times that clients offer, and residents' appointments with them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from aiohttp import web

from dialer.api.attempts import mine
from dialer.api.call import ApiCall, Handlers, answer, done
from dialer.domain.bookings import BookingEvent, BookingState, Meeting, SlotKind
from dialer.domain.errors import InvalidError
from dialer.domain.ids import CaseId, ClientId
from dialer.schedule.windows import at_local, local_date
from dialer.services.ports.slots import SlotSource
from dialer.services.slots import SourceWish

_EVENTS = {"kept": BookingEvent.KEPT, "no_show": BookingEvent.MISSED, "booked": BookingEvent.REOPENED}


async def list_slot_sources(call: ApiCall) -> web.StreamResponse:
    """By name."""
    found = await call.deps.slots.sources(ClientId(call.path["client"]), call.viewer())
    return answer({"items": [_source(one) for one in found]})


async def create_slot_source(call: ApiCall) -> web.StreamResponse:
    """Offered at once."""
    client, kind = ClientId(call.path["client"]), SlotKind(call.body["kind"])
    made = await call.deps.slots.add(client, kind, _wish(call.body), call.viewer())
    return answer(_source(made), 201, version=made.version)


async def update_slot_source(call: ApiCall) -> web.StreamResponse:
    """What is left out stays."""
    source = call.path["slot_source"]
    stored = await call.deps.slots.change(source, call.required_version, _wish(call.body), call.viewer())
    return answer(_source(stored), version=stored.version)


async def look_at_slot_source(call: ApiCall) -> web.StreamResponse:
    """What came of it stands with the source."""
    found = await call.deps.feeds.look(call.path["slot_source"], call.viewer())
    return answer(_source(found), version=found.version)


async def list_slots(call: ApiCall) -> web.StreamResponse:
    """By time."""
    begin, end = _span(call)
    client, now = ClientId(call.path["client"]), call.deps.clock.now()
    found = await call.deps.slots.slots(client, max(begin or now, now), end, call.viewer(), free=call.query["free"])
    return answer({"items": found})


async def list_bookings(call: ApiCall) -> web.StreamResponse:
    """By time."""
    state, case, client = call.query.get("state"), call.uuid("case"), call.uuid("client")
    begin, end = _span(call) if "from" in call.query else (None, None)
    found = await call.deps.slots.bookings(
        call.viewer(),
        client=None if client is None else ClientId(client),
        case=None if case is None else CaseId(case),
        states=tuple(BookingState) if state is None else (BookingState(state),),
        begin=begin,
        end=end,
        limit=call.query["limit"],
    )
    return answer({"items": found})


async def move_booking(call: ApiCall) -> web.StreamResponse:
    """The one that stands now."""
    return answer(await call.deps.slots.move(call.path["booking"], call.required_uuid("slot"), call.viewer()))


async def cancel_booking(call: ApiCall) -> web.StreamResponse:
    """With the reason."""
    return answer(await call.deps.slots.cancel(call.path["booking"], call.body["reason"], call.viewer()))


async def report_booking(call: ApiCall) -> web.StreamResponse:
    """Kept or not."""
    event = _EVENTS[call.body["result"]]
    return answer(await call.deps.slots.report(call.path["booking"], event, call.viewer()))


async def resend_notice(call: ApiCall) -> web.StreamResponse:
    """What was given up."""
    return answer(await call.deps.slots.resend(call.path["booking"], call.viewer()))


async def offer_slots(call: ApiCall) -> web.StreamResponse:
    """In a call or its wrap-up."""
    attempt, _ = mine(call)
    offers, items = await call.deps.call_slots.offer(attempt, _moment(call.query.get("after")))
    return answer({"offers": offers, "items": items, "confirm_by": call.deps.call_slots.confirm_by})


async def hold_slot(call: ApiCall) -> web.StreamResponse:
    """For a while."""
    attempt, _ = mine(call)
    await call.deps.call_slots.hold(attempt, call.user, call.required_uuid("slot"))
    return done()


async def release_slot(call: ApiCall) -> web.StreamResponse:
    """Twice is no error."""
    attempt, _ = mine(call)
    await call.deps.call_slots.release(attempt)
    return done()


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidError("dit is geen tijd", "after") from None
    if at.tzinfo is None:
        raise InvalidError("de tijd heeft geen tijdzone", "after")
    return at.astimezone(UTC)


def _span(call: ApiCall) -> tuple[datetime, datetime]:
    """Days in Amsterdam, as UTC."""
    try:
        first = date.fromisoformat(call.query["from"]) if "from" in call.query else local_date(call.deps.clock.now())
        last = first + timedelta(days=call.query["days"])
    except (ValueError, OverflowError):
        raise InvalidError("dit is geen dag", "from") from None
    return at_local(first, time()), at_local(last, time())


def _wish(body: Any) -> SourceWish:
    given = {key: body[key] for key in ("name", "place", "seats", "on", "weekdays", "minutes", "url") if key in body}
    if "meeting" in body:
        given["meeting"] = Meeting(body["meeting"])
    for key in ("begin", "end"):
        if key in body:
            given[key] = time.fromisoformat(body[key])
    try:
        for key in ("from_on", "until_on"):
            if body.get(key) is not None:
                given[key] = date.fromisoformat(body[key])
        if "except_on" in body:
            given["except_on"] = [date.fromisoformat(day) for day in body["except_on"]]
    except ValueError:
        raise InvalidError("dit is geen dag", "from_on") from None
    return SourceWish(**given, endless="until_on" in body and body["until_on"] is None)


def _source(one: SlotSource) -> dict[str, object]:
    pattern = one.pattern
    return {
        "id": one.id,
        "client": one.client,
        "kind": one.kind,
        "name": one.name,
        "place": one.place,
        "meeting": one.meeting,
        "seats": one.seats,
        "on": one.on,
        "weekdays": [] if pattern is None else sorted(pattern.weekdays),
        "begin": None if pattern is None else f"{pattern.begin:%H:%M}",
        "end": None if pattern is None else f"{pattern.end:%H:%M}",
        "minutes": one.minutes if pattern is None else pattern.minutes,
        "from_on": None if pattern is None else pattern.from_on,
        "until_on": None if pattern is None else pattern.until_on,
        "except_on": [] if pattern is None else sorted(pattern.except_on),
        "looked_at": one.looked_at,
        "next_look_at": one.next_look_at if one.kind is SlotKind.FEED else None,
        "last_ok_at": one.last_ok_at,
        "last_error": one.last_error,
        "coming": one.coming,
        "free": one.free,
        "version": one.version,
    }


HANDLERS: Handlers = {
    "listSlotSources": list_slot_sources,
    "createSlotSource": create_slot_source,
    "updateSlotSource": update_slot_source,
    "lookAtSlotSource": look_at_slot_source,
    "listSlots": list_slots,
    "listBookings": list_bookings,
    "moveBooking": move_booking,
    "cancelBooking": cancel_booking,
    "reportBooking": report_booking,
    "resendNotice": resend_notice,
    "offerSlots": offer_slots,
    "holdSlot": hold_slot,
    "releaseSlot": release_slot,
}
