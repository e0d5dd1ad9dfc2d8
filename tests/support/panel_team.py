"""The team, as the pretended service tells of it: reasons of pauses, hours of today."""

from __future__ import annotations

from typing import Any

from dialer.domain.pause_reasons import new_code
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
