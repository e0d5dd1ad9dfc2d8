"""Transfers as the pretended service of the panel tells of them: invented desks, fictional numbers."""

from __future__ import annotations

import time
from typing import Any

from tests.support import panel_people as people

Json = dict[str, Any]
_OFFICE = [["09:00", "17:00"]]


def choices() -> Json:
    """A desk, an interpreter, a desk that is closed, the crisis desk, a colleague."""
    return {
        "targets": [
            _choice(81, "desk", "Klantcontactcentrum"),
            _choice(85, "team", "Team Schulden"),
            _choice(82, "interpreter", "Tolkenlijn", languages=["ar", "tr"]),
            _choice(83, "desk", "Belastingkantoor", open=False),
            _choice(84, "crisis", "Crisisdienst"),
        ],
        "colleagues": [{"user": people.uid(2), "name": "Sem de Jong", "languages": ["tr"]}],
    }


def _choice(number: int, kind: str, name: str, **change: Any) -> Json:
    return {
        "id": people.uid(number),
        "kind": kind,
        "name": name,
        "languages": [],
        "open": True,
        "closes_at": "2026-11-23T16:00:00Z" if change.get("open", True) else None,
        "opens_at": None if change.get("open", True) else "2026-11-24T08:00:00Z",
        "protocol": "",
        **change,
    }


def transfer(state: str = "ringing", **change: Any) -> Json:
    return {
        "state": state,
        "way": "warm",
        "kind": "desk",
        "name": "Klantcontactcentrum",
        "incoming": False,
        "since": time.time() - 6,
        "why": "",
        **change,
    }


def targets() -> list[Json]:
    rows = (
        (81, "desk", "Klantcontactcentrum", "+31790000081"),
        (85, "team", "Team Schulden", "+31790000085"),
        (82, "interpreter", "Tolkenlijn", "+31790000082"),
        (84, "crisis", "Crisisdienst", "+31790000084"),
    )
    return [
        {
            "id": people.uid(number),
            "client": people.uid(90),
            "kind": kind,
            "name": name,
            "number": phone,
            "hours": [*[_OFFICE] * 5, [], []],
            "languages": ["ar", "tr"] if kind == "interpreter" else [],
            "protocol": "",
            "position": place,
            "active": kind != "interpreter",
            "version": 1,
        }
        for place, (number, kind, name, phone) in enumerate(rows)
    ]


def lines() -> list[Json]:
    """One line of another team's queue."""
    return [
        {
            "id": people.uid(88),
            "client": people.uid(90),
            "campaign": people.CAMPAIGN,
            "number": "+31790000501",
            "team": "het Loket",
            "opening": "Goedemorgen, u spreekt met het Loket. Waarmee kan ik u helpen?",
            "back_number": "+31790000502",
            "hours": [*[_OFFICE] * 5, [], []],
            "after_own": True,
            "most_waiting": 3,
            "most_seconds": 120,
            "active": True,
            "version": 1,
        }
    ]
