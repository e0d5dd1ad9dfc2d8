"""The team, as the pretended service tells of it: reasons of pauses, hours of today, skills, the roster."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from dialer.domain.ids import UserId
from dialer.domain.pause_reasons import new_code
from dialer.domain.roster import monday_of, read_file
from dialer.domain.skills import FOREIGN
from dialer.schedule.windows import local_date
from tests.support.panel_people import at, uid

Json = dict[str, Any]

_SEEDED = (
    ("break", "Korte pauze", "Short break", "paid", 15),
    ("lunch", "Lunch", "Lunch", "unpaid", 30),
    ("meeting", "Overleg", "Meeting", "work", None),
    ("training", "Training", "Training", "work", None),
    ("other", "Anders", "Other", "paid", 30),
    ("crisis", "Na een crisis", "After a crisis", "work", None),
)


def pause_reasons() -> list[Json]:
    return [
        _reason(number, code, dutch, english, counts_as, most)
        for number, (code, dutch, english, counts_as, most) in enumerate(_SEEDED, start=1)
    ]


def _reason(number: int, code: str, dutch: str, english: str, counts_as: str, most: int | None) -> Json:
    return {
        "id": uid(700 + number), "code": code, "dutch": dutch, "english": english, "position": number,
        "counts_as": counts_as, "most_minutes": most, "offered": code != "crisis", "archived": False, "version": 1,
    }  # fmt: skip


def add_reason(reasons: list[Json], body: Json) -> Json:
    code = new_code(body["english"], [one["code"] for one in reasons])
    made = {**_reason(len(reasons) + 1, code, "", "", "paid", None), **body}
    reasons.append(made)
    return made


def change_reason(reasons: list[Json], which: str, body: Json) -> Json:
    found = next(one for one in reasons if one["id"] == which)
    found.update(body, version=found["version"] + 1)
    found["offered"] = not found["archived"] and found["code"] != "crisis"
    reasons.sort(key=lambda one: (one["position"], one["code"]))
    return found


def team_time() -> Json:
    def row(number: int, duty: float, **pauses: float) -> Json:
        paused = sum(pauses.values())
        work = pauses.get("meeting", 0.0)
        calls = (duty - paused) * 0.6
        wrap_up = (duty - paused) * 0.2
        return {
            "user": uid(number), "on_duty": duty, "in_calls": calls, "wrap_up": wrap_up,
            "waiting": duty - paused - calls - wrap_up, "worked": duty - paused + work,
            "paid": duty - pauses.get("lunch", 0.0),
            "pauses": [{"reason": reason, "seconds": seconds} for reason, seconds in pauses.items()],
        }  # fmt: skip

    agents = [row(1, 25_400.0, lunch=1860.0, meeting=900.0), row(2, 14_120.0)]
    return {"at": at(), "occupancy": 0.8, "agents": agents}


def own_day() -> Json:
    return {
        "at": at(), "conversations": 23, "attempts": 61, "appointments": 3, "help_wanted": 7,
        "talking": 6_840.0, "wrap_up": 2_460.0, "paused": 1_800.0, "on_duty": 15_300.0,
    }  # fmt: skip


def skills() -> list[Json]:
    words = (("crisis", "Crisisgesprekken", "Crisis talks"), ("entrepreneurs", "Ondernemers", "Entrepreneurs"))
    return [_skill(number, *one) for number, one in enumerate(words, start=1)]


def _skill(number: int, code: str, dutch: str, english: str) -> Json:
    return {
        "id": uid(720 + number), "code": code, "dutch": dutch, "english": english, "archived": False, "version": 1,
    }  # fmt: skip


def known(found: list[Json]) -> Json:
    return {"items": sorted(found, key=lambda one: str(one["dutch"]).lower()), "languages": sorted(FOREIGN)}


def add_skill(found: list[Json], body: Json) -> Json:
    code = new_code(body["english"], [one["code"] for one in found], "skill")
    made = _skill(len(found) + 1, code, body["dutch"], body["english"])
    found.append(made)
    return made


def change_skill(found: list[Json], which: str, body: Json) -> Json:
    skill = next(one for one in found if one["id"] == which)
    skill.update(body, version=skill["version"] + 1)
    return skill


def abilities(floor: Json) -> list[Json]:
    """Of those who are on the floor."""
    able = {uid(3): (["ar", "fr"], ["crisis"]), uid(6): (["tr"], [])}
    return [
        {
            "user": agent["user"], "name": agent["name"], "languages": able.get(agent["user"], ([], []))[0],
            "skills": able.get(agent["user"], ([], []))[1], "version": 1 if agent["user"] in able else 0,
        }
        for agent in floor["agents"]
    ]  # fmt: skip


def give(team: list[Json], user: str, body: Json) -> Json:
    agent = next(one for one in team if one["user"] == user)
    agent.update(languages=sorted(body["languages"]), skills=sorted(body["skills"]), version=agent["version"] + 1)
    return agent


NOW = 10 * 60 + 15  # minutes since midnight: the roster's clock stands still


def rostered() -> dict[tuple[str, str], Json]:
    """Of this week, by agent and day."""
    today = _today()
    monday = monday_of(today)
    found: dict[tuple[str, str], Json] = {}
    for number, shifts in ((1, ["09:00-13:00", "17:00-21:00"]), (2, ["09:00-17:00"]), (4, ["13:00-21:00"])):
        for days in range(7 if number == 1 else 5):
            _put(found, uid(number), monday + timedelta(days=days), shifts)
    _put(found, uid(5), today, ["09:00-12:30"])
    _put(found, uid(8), today, ["09:00-17:00"])
    _put(found, uid(3), today, [], away=True)
    return found


def _today() -> date:
    return local_date(datetime.now(UTC))


def _put(found: dict[tuple[str, str], Json], user: str, day: date, shifts: list[str], *, away: bool = False) -> None:
    key = (user, day.isoformat())
    found[key] = {"user": user, "day": day.isoformat(), "shifts": shifts, "away": away, "version": 1}


def roster(found: dict[tuple[str, str], Json], floor: Json, first: str, last: str) -> Json:
    people = [{"user": agent["user"], "name": agent["name"]} for agent in floor["agents"]]
    return {
        "at": at(), "today": _today().isoformat(), "minutes": NOW,
        "agents": [*people, {"user": uid(8), "name": "Youssef Amrani"}],
        "days": [day for (_, when), day in sorted(found.items()) if first <= when <= last],
    }  # fmt: skip


def my_roster(found: dict[tuple[str, str], Json], user: str) -> Json:
    days = [day for (whose, when), day in sorted(found.items()) if whose == user and when >= _today().isoformat()]
    return {"today": _today().isoformat(), "days": days}


def save_days(found: dict[tuple[str, str], Json], days: list[Json]) -> Json:
    for day in days:
        found[day["user"], day["day"]] = {**day, "version": day["version"] + 1}
    return {"days": len(days)}


def import_days(csv: str) -> Json:
    """Read by the real reader."""
    file = read_file(csv, {"noor": UserId(UUID(uid(1))), "sem": UserId(UUID(uid(2)))})
    return {
        "days": len(file.days), "read": len(file.days), "kept": False,
        "faults": [{"row": one.row, "column": one.column, "code": one.code} for one in file.faults],
    }  # fmt: skip
