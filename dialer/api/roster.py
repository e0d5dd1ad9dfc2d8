"""The roster over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from aiohttp import web

from dialer.api.call import ApiCall, Handlers, answer, done
from dialer.api.files import download
from dialer.api.spec import PREFIX
from dialer.domain.ids import UserId
from dialer.domain.roster import RosterDay, parse_shift, show_shift
from dialer.schedule.windows import local, local_date


def _day(one: RosterDay) -> dict[str, object]:
    return {
        "user": one.user,
        "day": one.day,
        "shifts": [show_shift(shift) for shift in one.shifts],
        "away": one.away,
        "version": one.version,
    }


async def get_roster(call: ApiCall) -> web.StreamResponse:
    """Days of which something is kept, and everybody who may have one."""
    first, last = date.fromisoformat(call.query["from"]), date.fromisoformat(call.query["until"])
    span = await call.deps.roster.span(first, last)
    now = call.deps.clock.now()
    return answer(
        {
            "at": now,
            "today": local_date(now),
            "minutes": local(now).hour * 60 + local(now).minute,
            "agents": [{"user": one.user, "name": one.name} for one in span.agents],
            "days": [_day(one) for one in span.days],
        }
    )


async def get_my_roster(call: ApiCall) -> web.StreamResponse:
    """The agent's own days alone."""
    days = await call.deps.roster.of(call.user)
    return answer({"today": local_date(call.deps.clock.now()), "days": [_day(one) for one in days]})


async def get_my_roster_feed(call: ApiCall) -> web.StreamResponse:
    """Never the address itself: it was shown once."""
    return answer({"made_at": await call.deps.roster_feeds.made_at(call.user)})


async def make_my_roster_feed(call: ApiCall) -> web.StreamResponse:
    """The one before is dead."""
    secret = await call.deps.roster_feeds.make(call.user, call.principal.actor)
    return answer({"path": f"{PREFIX}/roster.ics?key={secret}"}, 201)


async def end_my_roster_feed(call: ApiCall) -> web.StreamResponse:
    """404 when there is none."""
    await call.deps.roster_feeds.end(call.user, call.principal.actor)
    return done()


async def read_roster_feed(call: ApiCall) -> web.StreamResponse:
    """For whoever has the address."""
    text = await call.deps.roster_feeds.read(call.query["key"])
    return web.Response(text=text, content_type="text/calendar", headers={"Cache-Control": "private, no-store"})


def _wished(one: Mapping[str, Any]) -> RosterDay:
    return RosterDay(
        user=UserId(UUID(one["user"])),
        day=date.fromisoformat(one["day"]),
        shifts=[parse_shift(text) for text in one["shifts"]],
        away=one["away"],
        version=one["version"],
    )


async def save_roster(call: ApiCall) -> web.StreamResponse:
    """All of these days, or none."""
    days = [_wished(one) for one in call.body["days"]]
    await call.deps.roster.save(days, call.principal.actor)
    return answer({"days": len(days)})


async def copy_roster_week(call: ApiCall) -> web.StreamResponse:
    """Shifts, not absences; what is there stays."""
    weeks = [date.fromisoformat(one) for one in call.body["weeks"]]
    made = await call.deps.roster.copy(date.fromisoformat(call.body["week"]), weeks, call.principal.actor)
    return answer({"days": made})


async def import_roster(call: ApiCall) -> web.StreamResponse:
    """Tried, or kept when nothing is wrong with it."""
    found = await call.deps.roster.read(call.body["csv"], call.principal.actor, dry_run=call.query["dry_run"])
    return answer(
        {
            "days": found.days,
            "kept": found.kept,
            "read": len(found.file.days),
            "faults": [{"row": one.row, "column": one.column, "code": one.code} for one in found.file.faults[:200]],
        }
    )


async def download_roster(call: ApiCall) -> web.StreamResponse:
    """As it can be read again."""
    first, last = date.fromisoformat(call.query["from"]), date.fromisoformat(call.query["until"])
    table = await call.deps.roster.table(first, last, call.language)
    await call.audit("roster.download", "roster", first.isoformat())
    return await download(call, table, call.query["format"], f"rooster-{first:%Y-%m-%d}")


HANDLERS: Handlers = {
    "getMyRoster": get_my_roster,
    "getMyRosterFeed": get_my_roster_feed,
    "makeMyRosterFeed": make_my_roster_feed,
    "endMyRosterFeed": end_my_roster_feed,
    "readRosterFeed": read_roster_feed,
    "getRoster": get_roster,
    "saveRoster": save_roster,
    "copyRosterWeek": copy_roster_week,
    "importRoster": import_roster,
    "downloadRoster": download_roster,
}
