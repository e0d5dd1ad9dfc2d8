"""Invented times and appointments for the pretended service behind the panel."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.support.panel_people import CAMPAIGN, CASE, CLIENT, at, uid

Json = dict[str, Any]
_ZONE = ZoneInfo("Europe/Amsterdam")
_PLACE = "Stadhuis, kamer 1.12"


def _moment(days: int, hour: int, minute: int = 0) -> str:
    day = datetime.now(_ZONE).date() + timedelta(days=days)
    return datetime.combine(day, time(hour, minute), _ZONE).astimezone(UTC).isoformat().replace("+00:00", "Z")


def slot(number: int, days: int, hour: int, **more: Any) -> Json:
    """One that is free."""
    return {
        "id": uid(number), "source": uid(1201), "starts_at": _moment(days, hour), "ends_at": _moment(days, hour, 45),
        "place": _PLACE, "meeting": "office", "seats": 1, "free": 1, "held": False, **more,
    }  # fmt: skip


def slots() -> list[Json]:
    """The next ones."""
    hours = ((1, 9), (1, 10), (1, 11), (3, 9), (3, 10), (3, 13), (6, 9), (6, 10))
    found = [slot(1210 + n, days, hour) for n, (days, hour) in enumerate(hours)]
    found[5] |= {"meeting": "phone", "place": "Wij bellen u"}
    return found


_FEED: Json = {
    "kind": "feed", "weekdays": [], "begin": None, "end": None, "from_on": None, "until_on": None, "except_on": [],
    "minutes": 45, "place": "Wijkcentrum De Linde",
}  # fmt: skip


def sources() -> list[Json]:
    """One with a day off, one that is not offered now."""
    base = {
        "client": CLIENT, "kind": "own", "meeting": "office", "place": _PLACE, "seats": 1, "on": True, "minutes": 45,
        "from_on": "2026-11-02", "until_on": None, "except_on": [], "looked_at": at(hours=-1),
        "last_ok_at": at(hours=-1), "last_error": "", "next_look_at": None, "version": 1,
    }  # fmt: skip
    return [
        {**base, "id": uid(1201), "name": "Spreekuur noord", "weekdays": [1, 3], "begin": "09:00", "end": "12:00",
         "except_on": ["2026-12-24", "2026-12-31"], "coming": 196, "free": 188},
        {**base, "id": uid(1202), "name": "Belspreekuur", "weekdays": [0, 1, 2, 3, 4], "begin": "13:00", "end": "16:30",
         "meeting": "phone", "place": "Wij bellen u", "on": False, "seats": 2, "minutes": 30, "coming": 0, "free": 0},
        {**base, **_FEED, "id": uid(1204), "name": "Agenda team zuid", "next_look_at": at(minutes=9), "coming": 41,
         "free": 38},
        {**base, **_FEED, "id": uid(1203), "name": "Agenda wijkteam", "last_ok_at": at(days=-2), "coming": 12,
         "free": 9, "last_error": "not_a_calendar", "next_look_at": at(minutes=40)},
    ]  # fmt: skip


def bookings() -> list[Json]:
    """Of each state that asks for something, or does not."""
    base = {
        "client": CLIENT, "campaign": CAMPAIGN, "case": CASE, "slot": uid(1210), "place": _PLACE, "meeting": "office",
        "state": "booked", "withdrawn": False, "notice": "", "booked_at": at(days=-4), "booked_by": uid(1),
        "changed_at": None, "changed_by": "", "reason": "", "version": 1,
    }  # fmt: skip
    times = ((-2, 9), (-1, 10), (-1, 11), (1, 9), (3, 10), (6, 9))
    rows = [
        {**base, "id": uid(1230 + n), "client_refs": [f"VB-20{41 + n}"], "starts_at": _moment(days, hour),
         "ends_at": _moment(days, hour, 45)}
        for n, (days, hour) in enumerate(times)
    ]  # fmt: skip
    rows[0] |= {"state": "kept", "changed_at": at(days=-1), "changed_by": "user:x"}
    rows[1] |= {"state": "no_show", "changed_at": at(hours=-3), "changed_by": "user:x"}
    rows[3] |= {"notice": "sent"}
    rows[4] |= {"withdrawn": True, "notice": "failed"}
    rows[5] |= {
        "state": "cancelled",
        "reason": "heeft zelf al hulp",
        "changed_at": at(hours=-1),
        "changed_by": "user:x",
    }
    return rows


def changed(held: list[Json], identity: str, **change: Any) -> Json:
    """The next version of one."""
    one = next(one for one in held if one["id"] == identity)
    one |= {**change, "version": one["version"] + 1}
    return one
