"""Invented people and calls for the pretended service behind the panel. Fictional numbers only."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from dialer.storage.catalogue import first_catalogue

Json = dict[str, Any]
PASSWORD = "geheim-geheim-1"
BIRTH_DATE = "1980-02-01"
POSTCODE = "2711AB"
LONG_NAME = "Wilhelmina Johanna van der Hoeven-Oosterhuis van Wassenaer"


def uid(number: int) -> str:
    """A version 7 id."""
    return f"019a0000-0000-7000-8000-{number:012d}"


ME = uid(1)
ATTEMPT = uid(500)
CASE = uid(300)
CAMPAIGN = uid(100)
CAMPAIGN_2 = uid(101)
CLIENT = uid(50)


def at(**delta: float) -> str:
    """A time from now, RFC 3339."""
    return (datetime.now(UTC) + timedelta(**delta)).isoformat(timespec="seconds").replace("+00:00", "Z")


def day(**delta: float) -> str:
    """A date from now."""
    return at(**delta)[:10]


def agent(number: int = 1, name: str = "Noor Bakker", **change: Any) -> Json:
    return {
        "user": uid(number),
        "name": name,
        "state": "off",
        "since": time.time() - 40,
        "reason": "",
        "wish": "",
        "phone": "none",
        "attempt": None,
        "direction": "",
        "call_back": False,
        "line_silent": False,
        "languages": [],
        "skills": [],
        "unread": 0,
        "messages": [],
        "listener": None,
        "recording": "",
        "transfer": None,
        "colleague_call": None,
        "help_since": None,
        "phone_kind": "",
        "wrap_ups": [],
        **change,
    }


def colleague_call(state: str, **change: Any) -> Json:
    """Between two agents."""
    return {
        "state": state,
        "name": "Sem de Jong",
        "incoming": False,
        "since": time.time() - 4,
        "why": "",
        **change,
    }


def wrap_up(attempt: str = ATTEMPT) -> Json:
    """An unfinished one, as the desk lists it."""
    return {"attempt": attempt, "ended_at": at(minutes=-6), "direction": "out", "outcome": ""}


def names() -> Json:
    return {"salutation": "mevrouw", "name": LONG_NAME}


def card() -> Json:
    return {
        "attempt": ATTEMPT,
        "direction": "out",
        "call_back": False,
        "case": CASE,
        **names(),
        "number": "+31790000123",
        "number_kind": "fixed",
        "attempt_number": 2,
        "language": "nl",
        "municipality": "Voorbeeldstad",
        "neutral_name": "Het Gesprek",
        "callback_number": "+31790000000",
        "campaign": CAMPAIGN,
        "verified": None,
        "surveys": False,
        "team": "",
        "opening": "",
        "records": False,
    }


def candidates() -> list[Json]:
    return [{"case": CASE, "name": LONG_NAME}, {"case": uid(301), "name": "Karel de Vries"}]


def dossier() -> Json:
    return {
        "case": CASE,
        "crisis": True,
        "term_ends_at": at(days=19),
        "signals": [
            {
                "partner_type": "energy",
                "signal_on": day(days=-9),
                "amount_band": "100-250",
                "crisis": True,
                "warm_handover": False,
            },
            {
                "partner_type": "health",
                "signal_on": day(days=-7),
                "amount_band": "50-100",
                "crisis": False,
                "warm_handover": True,
            },
        ],
        "history": [
            {"at": at(days=-3), "direction": "out", "call_back": False, "outcome": "NO_ANSWER", "note": ""},
            {
                "at": at(days=-2),
                "direction": "out",
                "call_back": True,
                "outcome": "THIRD_PARTY",
                "note": "Partner: is na zes uur thuis.",
            },
        ],
        "phones": [
            {"phone": uid(400), "number": "+31600000123", "kind": "mobile", "state": "closed"},
            {"phone": uid(401), "number": "+31790000123", "kind": "fixed", "state": "open"},
        ],
    }


def preview(**change: Any) -> Json:
    """Whom the agent sees before the call: usually no campaign shows anybody."""
    nobody = {
        "showing": "off", "case": None, "campaign": None, "name": "", "number": "", "attempt_number": 0,
        "seconds_left": None, "skips_left": 10,
    }  # fmt: skip
    return nobody | change


def device() -> Json:
    return {
        "username": "agent-7f3a",
        "secret": "k3dV-9pQw-72Lm-xZ40",
        "domain": "127.0.0.1",
        "sip_port": 5070,
        "transport": "udp",
    }


def outcomes() -> list[Json]:
    return [
        {
            "code": row.code,
            "set_by": row.set_by.value,
            "label_nl": row.label_nl,
            "label_en": row.label_en,
            "reached": row.reached.value,
            "final_for": row.final_for.value,
            "needs": list(row.needs),
            "second_key": row.second_key,
            "position": row.position,
        }
        for row in first_catalogue().outcomes.values()
    ]


def floor() -> Json:
    now = time.time()
    states = [
        ("Noor Bakker", "available", "ready", ""),
        ("Sem de Jong", "talking", "in_call", ""),
        ("Fatima el Idrissi", "talking", "in_call", ""),
        ("Lotte Visser", "wrap_up", "ready", ""),
        ("Daan Mulder", "paused", "ready", "break"),
        ("Aylin Yılmaz", "available", "silent", ""),
        (LONG_NAME, "reserved", "ready", ""),
    ]
    agents = [
        agent(number + 1, name, state=state, phone=phone, reason=reason, since=now - 37 * (number + 1) ** 2)
        for number, (name, state, phone, reason) in enumerate(states)
    ]
    agents[2].update(languages=["ar", "fr"], skills=["crisis"])
    agents[5].update(languages=["tr"])
    calls = [
        call(1, "joined", uid(2), 214),
        call(2, "joined", uid(3), 95),
        call(3, "ringing", uid(7), 11),
        call(4, "waiting", None, 9, "in", 1),
        call(5, "waiting", None, 3, "in", 2),
    ]
    now_ = {"owned": True, "in_window": True, "started_last": 1}
    return {
        "at": now,
        "link_up": True,
        "database_up": True,
        "stopped": False,
        "agents": agents,
        "calls": calls,
        "campaigns": [
            {"campaign": CAMPAIGN, "state": "running", "reason": "", **now_},
            {"campaign": CAMPAIGN_2, "state": "running", "reason": "outside_window", **now_},
        ],
    }


def call(
    number: int, state: str, user: str | None, age: float, direction: str = "out", position: int | None = None
) -> Json:
    return {
        "attempt": uid(600 + number),
        "campaign": CAMPAIGN,
        "case": uid(300 + number),
        "direction": direction,
        "call_back": False,
        "state": state,
        "agent": user,
        "since": time.time() - age,
        "position": position,
        "listener": None,
    }


def listener(mode: str = "listen", *, hears: bool = False) -> Json:
    """The signed-in supervisor, at somebody's call."""
    return {
        "user": next(user["id"] for user in users() if user["role"] == "supervisor"),
        "name": "Mila Smit",
        "mode": mode,
        "purpose": "coaching",
        "hears": hears,
        "since": time.time(),
    }


def users() -> list[Json]:
    rows = [
        ("noor", "Noor Bakker", "agent"),
        ("sem", "Sem de Jong", "agent"),
        ("mila", "Mila Smit", "supervisor"),
        ("ruben", "Ruben Bos", "administrator"),
        ("fatma", "Fatma Kaya", "privacy"),
        ("esra", "Esra Demir", "quality"),
        ("stad", "Karin Vos", "client"),
        ("wand", "Wandscherm", "monitor"),
    ]
    return [
        {
            "id": uid(1 + number),
            "login": login,
            "display_name": name,
            "role": role,
            "client": CLIENT if role == "client" else None,
            "language": "nl",
            "disabled": login == "sem",
            "created_at": at(days=-90),
            "version": 1,
        }
        for number, (login, name, role) in enumerate(rows)
    ]
