"""Invented people, calls and lists for the pretended service behind the panel. Fictional numbers only."""

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
        "user": uid(number), "name": name, "state": "off", "since": time.time() - 40, "reason": "", "wish": "",
        "phone": "none", "attempt": None, "direction": "", "wrap_ups": [], **change,
    }  # fmt: skip


def names() -> Json:
    return {"salutation": "mevrouw", "name": LONG_NAME}


def card() -> Json:
    return {
        "attempt": ATTEMPT, "direction": "out", "case": CASE, **names(), "number": "+31790000123", "number_kind": "fixed",
        "attempt_number": 2, "language": "nl", "municipality": "Voorbeeldstad", "verified": None,
    }  # fmt: skip


def candidates() -> list[Json]:
    return [{"case": CASE, "name": LONG_NAME}, {"case": uid(301), "name": "Karel de Vries"}]


def dossier() -> Json:
    return {
        "case": CASE,
        "crisis": True,
        "term_ends_at": at(days=19),
        "signals": [
            {"partner_type": "energy", "signal_on": day(days=-9), "amount_band": "100-250", "crisis": True, "warm_handover": False},
            {"partner_type": "health", "signal_on": day(days=-7), "amount_band": "50-100", "crisis": False, "warm_handover": True},
        ],
        "history": [
            {"at": at(days=-3), "direction": "out", "outcome": "NO_ANSWER", "note": ""},
            {"at": at(days=-2), "direction": "out", "outcome": "THIRD_PARTY", "note": "Partner: is na zes uur thuis."},
        ],
        "phones": [
            {"phone": uid(400), "number": "+31600000123", "kind": "mobile", "state": "closed"},
            {"phone": uid(401), "number": "+31790000123", "kind": "fixed", "state": "open"},
        ],
    }  # fmt: skip


def device() -> Json:
    return {
        "username": "agent-7f3a", "secret": "k3dV-9pQw-72Lm-xZ40", "domain": "127.0.0.1", "sip_port": 5070,
        "transport": "udp",
    }  # fmt: skip


def outcomes() -> list[Json]:
    return [
        {
            "code": row.code, "set_by": row.set_by.value, "label_nl": row.label_nl, "label_en": row.label_en,
            "reached": row.reached.value, "final_for": row.final_for.value, "needs": list(row.needs),
            "second_key": row.second_key, "position": row.position,
        }
        for row in first_catalogue().outcomes.values()
    ]  # fmt: skip


def floor() -> Json:
    now = time.time()
    states = [
        ("Noor Bakker", "available", "ready", ""), ("Sem de Jong", "talking", "in_call", ""),
        ("Fatima el Idrissi", "talking", "in_call", ""), ("Lotte Visser", "wrap_up", "ready", ""),
        ("Daan Mulder", "paused", "ready", "lunch"), ("Aylin Yılmaz", "available", "silent", ""),
        (LONG_NAME, "reserved", "ready", ""),
    ]  # fmt: skip
    agents = [
        agent(number + 1, name, state=state, phone=phone, reason=reason, since=now - 37 * (number + 1) ** 2)
        for number, (name, state, phone, reason) in enumerate(states)
    ]
    calls = [
        call(1, "joined", uid(2), 214), call(2, "joined", uid(3), 95), call(3, "ringing", uid(7), 11),
        call(4, "waiting", None, 9, "in", 1), call(5, "waiting", None, 3, "in", 2),
    ]  # fmt: skip
    now_ = {"owned": True, "in_window": True, "started_last": 1}
    return {
        "at": now, "link_up": True, "database_up": True, "agents": agents, "calls": calls,
        "campaigns": [
            {"campaign": CAMPAIGN, "state": "running", "reason": "", **now_},
            {"campaign": CAMPAIGN_2, "state": "running", "reason": "outside_window", **now_},
        ],
    }  # fmt: skip


def call(
    number: int, state: str, user: str | None, age: float, direction: str = "out", position: int | None = None
) -> Json:
    return {
        "attempt": uid(600 + number), "campaign": CAMPAIGN, "case": uid(300 + number), "direction": direction,
        "state": state, "agent": user, "since": time.time() - age, "position": position,
    }  # fmt: skip


def campaigns() -> list[Json]:
    base = {
        "client": CLIENT, "calendar": {}, "settings": {}, "catalogue_version": 1, "starts_on": day(days=-12),
        "ends_on": None, "version": 3,
    }  # fmt: skip
    rows = [
        (CAMPAIGN, "Vroege hulp, najaar", "running"), (CAMPAIGN_2, "Vroege hulp, zomer", "paused"),
        (uid(102), "Proef met een heel lange naam om te zien hoe het scherm daarmee omgaat", "draft"),
        (uid(103), "Vroege hulp, voorjaar", "stopped"),
    ]  # fmt: skip
    return [
        {**base, "id": identity, "name": name, "state": state, "created_at": at(days=-12 - 40 * number)}
        for number, (identity, name, state) in enumerate(rows)
    ]


def clients() -> list[Json]:
    return [
        {
            "id": CLIENT, "slug": "voorbeeldstad", "name": "Gemeente Voorbeeldstad", "municipality": "Voorbeeldstad",
            "neutral_name": "Het Gesprek", "inbound_number": "+31790000000",
        }
    ]  # fmt: skip


def preflight(may_start: bool) -> Json:
    return {
        "may_start": may_start,
        "will_call": 417,
        "skipped": [
            {"code": "no_number", "text": "Geen nummer om te bellen", "count": 61},
            {"code": "opt_out", "text": "Wil niet meer gebeld worden", "count": 4},
            {"code": "held", "text": "Wacht op besluit van de opdrachtgever", "count": 18},
        ],
        "checks": [
            {"code": "messages", "ok": True, "blocking": True, "text": "Alle berichten staan klaar."},
            {"code": "caller_id", "ok": True, "blocking": True, "text": "Het getoonde nummer hoort bij de opdrachtgever."},
            {"code": "agents", "ok": may_start, "blocking": not may_start,
             "text": "Er zijn 7 medewerkers." if may_start else "Er zijn nog geen medewerkers gekozen. Kies ze bij de belactie."},
            {"code": "term", "ok": False, "blocking": False, "text": "Van 3 zaken loopt de termijn binnen twee dagen af."},
        ],
    }  # fmt: skip


def why(state: str) -> Json:
    if state == "running":
        return {"code": "", "text": "Niets houdt het bellen tegen.", "until": None, "facts": {}}
    return {"code": f"campaign_{state}", "text": "De belactie loopt nu niet.", "until": None, "facts": {}}


def why_case() -> Json:
    text = "Vandaag is al 2 keer gebeld; het maximum is 2 per dag."
    return {"code": "daily_cap", "text": text, "until": at(days=1), "facts": {"used": 2, "cap": 2}}


def deliveries() -> list[Json]:
    counts = {"rows": 512, "taken": 500, "refused": 12, "residents": 482, "cases": 482, "open": 417, "no_number": 61}
    base = {"client": CLIENT, "campaign": CAMPAIGN, "received_by": ME, "recalled_at": None}
    return [
        {**base, "id": uid(200), "kind": "list", "format": "csv", "state": "loaded", "received_at": at(days=-2), "counts": counts},
        {**base, "id": uid(201), "kind": "numbers", "format": "xlsx", "state": "loaded", "received_at": at(days=-1), "counts": {"rows": 40, "taken": 38, "refused": 2}},
        {**base, "id": uid(202), "kind": "list", "format": "csv", "state": "recalled", "received_at": at(days=-9), "recalled_at": at(days=-9), "counts": {"rows": 3, "taken": 3}},
    ]  # fmt: skip


def intake(dry_run: bool) -> Json:
    return {
        "delivery": None if dry_run else uid(203),
        "dry_run": dry_run,
        "repeated": False,
        "counts": {"rows": 512, "taken": 510, "refused": 2, "residents": 482, "cases": 482, "open": 421, "no_number": 61},
        "columns": {"client_ref": "kenmerk", "surname": "achternaam", "postcode": "postcode", "phone_1": "telefoon 1"},
        "unused": ["opmerking"],
        "rows": [
            {"client_ref": f"VS-{1000 + n}", "surname": "J••••", "postcode": "27••••", "phone_1": "+316•••••••"}
            for n in range(4)
        ],
        "refusals": [
            {"row": 17, "column": "geboortedatum", "reason": "not_a_date", "text": "Dit is geen datum", "fatal": True},
            {"row": 203, "column": "telefoon 1", "reason": "foreign", "text": "Buitenlands nummer: niet gebeld", "fatal": False},
        ],
        "refusals_cut": False,
    }  # fmt: skip


def cases() -> list[Json]:
    states = ["open", "open", "reached", "held", "no_number", "not_reached", "withdrawn", "open"]
    outcomes_ = ["NO_ANSWER", "CALL_LATER", "HELP_WANTED", None, None, "NOT_REACHED", "WITHDRAWN", None]
    return [
        {
            "id": uid(300 + number), "client": CLIENT, "campaign": CAMPAIGN, "delivery": uid(200), "state": state,
            "state_reason": "", "crisis": number in (0, 3), "language": "nl", "opened_at": at(days=-9),
            "term_ends_at": at(days=19 - number), "closed_at": None,
            "next_at": at(hours=3 + number) if state == "open" else None, "paused_until": None,
            "appointment_at": at(hours=20) if number == 1 else None, "outcome": outcome, "attempts": 7 - number,
            "client_refs": [f"VS-{1000 + number}"] + ([f"VS-{2000 + number}"] if number == 0 else []),
        }
        for number, (state, outcome) in enumerate(zip(states, outcomes_, strict=True))
    ]  # fmt: skip


def case_detail(case: Json) -> Json:
    def attempt(number: int, outcome: str, **change: Any) -> Json:
        return {
            "id": uid(500 + number), "direction": "out", "phone": uid(400 + number % 2), "counted": True, "seq": number,
            "state": "ended", "agent": ME, "claimed_at": at(days=-8 + number), "answered_at": None, "ended_at": None,
            "day_part": ["ochtend", "middag", "avond"][number % 3], "outcome": outcome, "machine_result": None,
            "reached": False, "abandoned": False, "flags": [], **change,
        }  # fmt: skip

    return {
        "case": case,
        "signals": [
            {"id": uid(700), "client_ref": "VS-1000", "signal_ref": "EN-88123", "partner_type": "energy", "signal_on": day(days=-9), "crisis": True, "merged": False},
            {"id": uid(701), "client_ref": "VS-2000", "signal_ref": "ZV-10021", "partner_type": "health", "signal_on": day(days=-7), "crisis": False, "merged": True},
        ],
        "phones": [
            {"id": uid(400), "position": 1, "kind": "mobile", "state": "open", "closed_reason": None, "blocked": False, "source": "client", "source_on": None},
            {"id": uid(401), "position": 2, "kind": "fixed", "state": "closed", "closed_reason": "WRONG_PERSON", "blocked": False, "source": "enrichment", "source_on": day(days=-3)},
        ],
        "attempts": [
            attempt(1, "NO_ANSWER"), attempt(2, "VOICEMAIL"), attempt(3, "CONGESTION", counted=False, seq=None),
            attempt(4, "ABANDONED", abandoned=True, seq=3), attempt(5, "CALL_LATER", seq=4),
        ],
    }  # fmt: skip


def exports() -> list[Json]:
    base = {"client": CLIENT, "campaign": CAMPAIGN, "created_by": ME}
    return [
        {**base, "id": uid(800), "kind": "delta", "created_at": at(hours=-2), "lines": 38, "confirmed_at": None},
        {**base, "id": uid(801), "kind": "delta", "created_at": at(days=-1), "lines": 61, "confirmed_at": at(hours=-20)},
        {**base, "id": uid(802), "kind": "full", "created_at": at(days=-7), "lines": 512, "confirmed_at": at(days=-7)},
    ]  # fmt: skip


def callbacks() -> list[Json]:
    rows = [("closed", 9.0), ("queue", 2.5), ("rescue", 0.3)]
    return [
        {
            "id": uid(900 + number), "campaign": CAMPAIGN, "case": None, "origin": origin, "state": "open",
            "requested_at": at(hours=-age), "done_at": None, "done_by": None, "number": "",
        }
        for number, (origin, age) in enumerate(rows)
    ]  # fmt: skip


def users() -> list[Json]:
    rows = [
        ("noor", "Noor Bakker", "agent"), ("sem", "Sem de Jong", "agent"), ("mila", "Mila Smit", "supervisor"),
        ("ruben", "Ruben Bos", "administrator"), ("esra", "Esra Demir", "quality"), ("stad", "Karin Vos", "client"),
        ("wand", "Wandscherm", "monitor"),
    ]  # fmt: skip
    return [
        {
            "id": uid(1 + number), "login": login, "display_name": name, "role": role,
            "client": CLIENT if role == "client" else None, "language": "nl", "disabled": login == "sem",
            "created_at": at(days=-90), "version": 1,
        }
        for number, (login, name, role) in enumerate(rows)
    ]  # fmt: skip
