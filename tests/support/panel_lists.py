"""Invented campaigns, lists, cases and exports for the pretended service behind the panel."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from dialer.schedule.terms import TermPolicy
from dialer.services.campaign_terms import campaign_terms
from dialer.services.ports.campaigns import TermEnd
from tests.support.panel_people import CAMPAIGN, CAMPAIGN_2, CLIENT, ME, Json, at, day, uid


def campaigns() -> list[Json]:
    base = {
        "client": CLIENT,
        "calendar": {
            "week": {"sat": [["10:00", "13:00"], ["14:00", "17:00"]]},
            "exceptions": {day(days=20): [["09:00", "16:00"]]},
        },
        "settings": {"lines": 12, "mode": "predictive", "promised_reach_percent": 60},
        "catalogue_version": 1,
        "starts_on": day(days=-12),
        "ends_on": None,
        "version": 3,
    }
    rows = [
        (CAMPAIGN, "Vroege hulp, najaar", "running"),
        (CAMPAIGN_2, "Vroege hulp, zomer", "paused"),
        (uid(102), "Proef met een heel lange naam om te zien hoe het scherm daarmee omgaat", "draft"),
        (uid(103), "Vroege hulp, voorjaar", "stopped"),
    ]
    return [
        {**base, "id": identity, "name": name, "state": state, "created_at": at(days=-12 - 40 * number)}
        for number, (identity, name, state) in enumerate(rows)
    ]


def clients() -> list[Json]:
    return [
        {
            "id": CLIENT,
            "slug": "voorbeeldstad",
            "name": "Gemeente Voorbeeldstad",
            "municipality": "Voorbeeldstad",
            "neutral_name": "Het Gesprek",
            "inbound_number": "+31790000000",
        }
    ]


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
            {
                "code": "caller_id",
                "ok": True,
                "blocking": True,
                "text": "Het getoonde nummer hoort bij de opdrachtgever.",
            },
            {
                "code": "agents",
                "ok": may_start,
                "blocking": not may_start,
                "text": "Er zijn 7 medewerkers."
                if may_start
                else "Er zijn nog geen medewerkers gekozen. Kies ze bij de belactie.",
            },
            {
                "code": "term",
                "ok": False,
                "blocking": False,
                "text": "Van 3 zaken loopt de termijn binnen twee dagen af.",
            },
        ],
    }


def why(state: str) -> Json:
    if state == "running":
        return {"code": "", "text": "Niets houdt het bellen tegen.", "until": None, "facts": {}}
    return {"code": f"campaign_{state}", "text": "De belactie loopt nu niet.", "until": None, "facts": {}}


def why_case() -> Json:
    text = "Vandaag is al 2 keer gebeld; het maximum is 2 per dag."
    plan = {
        "at": at(days=1, hours=4),
        "number": 1,
        "chance": 0.14,
        "text": [
            "Volgende poging: do 4 jun, 19:20, op nummer 1.",
            "In de avond is de kans het grootst dat we de inwoner spreken: 14 op 100.",
            "Er is al 3 keer gebeld zonder contact, waarvan 0 keer op dit deel van de dag.",
            "Dit is het nummer met de beste kans. De kans dat het nummer klopt: 82 op 100.",
        ],
    }
    return {"code": "daily_cap", "text": text, "until": at(days=1), "facts": {"used": 2, "cap": 2}, "plan": plan}


def reach() -> Json:
    curve = [0.06, 0.11, 0.15, 0.15, 0.2, 0.24, 0.27, 0.3, 0.33, 0.35, 0.35, 0.38]
    return {
        "at": at(hours=-9),
        "callable": 480,
        "reached": 182,
        "share": 0.379,
        "helped": 71,
        "refused": 24,
        "open": 214,
        "promised": 0.6,
        "expected": [
            {"until": "day_14", "reach": 0.41, "low": 0.4, "high": 0.42},
            {"until": "day_28", "reach": 0.55, "low": 0.51, "high": 0.59},
            {"until": "end", "reach": 0.56, "low": 0.52, "high": 0.6},
        ],
        "by_day": curve,
        "room": None,
        "hold_out": {
            "share": 0.1,
            "planned": 300,
            "planned_reached": 150,
            "held_out": 34,
            "held_out_reached": 15,
            "difference": 0.06,
            "low": -0.04,
            "high": 0.16,
        },
        "earlier": [
            {"at": at(hours=-24 * days), "until": until, "reach": reach, "low": low, "high": high, "came_out": came_out}
            for days, until, reach, low, high, came_out in (
                (60, "day_14", 0.43, 0.37, 0.49, 0.41),
                (60, "end", 0.58, 0.5, 0.66, 0.56),
                (50, "day_28", 0.55, 0.48, 0.62, 0.57),
                (45, "end", 0.57, 0.51, 0.63, 0.56),
                (33, "day_14", 0.36, 0.31, 0.41, 0.44),
            )
        ],
        "text": [
            "Van de 480 belbare inwoners zijn er 182 bereikt: 38%.",
            "Verwacht 14 dagen na de levering: 41%, tussen 40% en 42%.",
            "Verwacht 28 dagen na de levering: 55%, tussen 51% en 59%.",
            "Verwacht aan het eind van de beltermijn: 56%, tussen 52% en 60%.",
            "Beloofd: 60%. Dat is nog onzeker.",
            "Gepland bellen tegenover gewone rotatie: +6 punten, tussen -4 en +16. Er is nog geen verschil aangetoond.",
        ],
    }


def terms() -> Json:
    """As the real service makes them, with ends that are near and far."""
    today = datetime.now(UTC).date()
    ends = [
        TermEnd(on=today + timedelta(days=days), cases=cases, crisis=crisis)
        for days, cases, crisis in ((1, 2, 2), (2, 7, 1), (9, 61, 0), (10, 24, 0), (16, 120, 0))
    ]
    made: Json = asdict(campaign_terms(TermPolicy(), ends, today, "nl", whole=True))
    return made | {"ends": [end | {"on": end["on"].isoformat()} for end in made["ends"]]}


def deliveries() -> list[Json]:
    counts = {"rows": 512, "taken": 500, "refused": 12, "residents": 482, "cases": 482, "open": 417, "no_number": 61}
    base = {"client": CLIENT, "campaign": CAMPAIGN, "received_by": ME, "recalled_at": None}
    return [
        {
            **base,
            "id": uid(200),
            "kind": "list",
            "format": "csv",
            "state": "loaded",
            "received_at": at(days=-2),
            "counts": counts,
        },
        {
            **base,
            "id": uid(201),
            "kind": "numbers",
            "format": "xlsx",
            "state": "loaded",
            "received_at": at(days=-1),
            "counts": {"rows": 40, "taken": 38, "refused": 2},
        },
        {
            **base,
            "id": uid(204),
            "kind": "visits",
            "format": "csv",
            "state": "loaded",
            "received_at": at(hours=-3),
            "counts": {"rows": 12, "taken": 11, "refused": 1, "kept": 9, "no_show": 2},
        },
        {
            **base,
            "id": uid(202),
            "kind": "list",
            "format": "csv",
            "state": "recalled",
            "received_at": at(days=-9),
            "recalled_at": at(days=-9),
            "counts": {"rows": 3, "taken": 3},
        },
    ]


def visits(dry_run: bool) -> Json:
    """Who came: one row is not understood."""
    columns = {"client_ref": "Kenmerk", "kept": "Verschenen"}
    said = [("VS-2026-1201", "ja"), ("VS-2026-1202", "nee"), ("VS-2026-1203", "ja")]
    return {
        "delivery": None if dry_run else uid(204), "dry_run": dry_run, "repeated": False, "columns": columns,
        "counts": {"rows": 12, "taken": 11, "refused": 1, "kept": 9, "no_show": 2},
        "rows": [{"client_ref": reference, "kept": came} for reference, came in said] if dry_run else [],
        "unused": [],
        "refusals": [{"row": 9, "column": "kenmerk", "reason": "visit_to_come", "text": "Deze afspraak moet nog komen",
                      "fatal": True}],
        "refusals_cut": False,
    }  # fmt: skip


def intake(dry_run: bool) -> Json:
    return {
        "delivery": None if dry_run else uid(203),
        "dry_run": dry_run,
        "repeated": False,
        "counts": {
            "rows": 512,
            "taken": 510,
            "refused": 2,
            "residents": 482,
            "cases": 482,
            "open": 421,
            "no_number": 61,
        },
        "columns": {"client_ref": "kenmerk", "surname": "achternaam", "postcode": "postcode", "phone_1": "telefoon 1"},
        "unused": ["opmerking"],
        "rows": [
            {"client_ref": f"VS-{1000 + n}", "surname": "J••••", "postcode": "27••••", "phone_1": "+316•••••••"}
            for n in range(4)
        ],
        "refusals": [
            {"row": 17, "column": "geboortedatum", "reason": "not_a_date", "text": "Dit is geen datum", "fatal": True},
            {
                "row": 203,
                "column": "telefoon 1",
                "reason": "foreign",
                "text": "Buitenlands nummer: niet gebeld",
                "fatal": False,
            },
        ],
        "refusals_cut": False,
    }


def cases() -> list[Json]:
    states = ["open", "open", "reached", "held", "no_number", "not_reached", "withdrawn", "open"]
    outcomes_ = ["NO_ANSWER", "CALL_LATER", "HELP_WANTED", None, None, "NOT_REACHED", "WITHDRAWN", None]
    return [
        {
            "id": uid(300 + number),
            "client": CLIENT,
            "campaign": CAMPAIGN,
            "delivery": uid(200),
            "state": state,
            "state_reason": "",
            "crisis": number in (0, 3),
            "language": "nl",
            "opened_at": at(days=-9),
            "term_ends_at": at(days=19 - number),
            "plan_ends_at": at(days=12 - number),
            "closed_at": None,
            "next_at": at(hours=3 + number) if state == "open" else None,
            "paused_until": None,
            "appointment_at": at(hours=20) if number == 1 else None,
            "outcome": outcome,
            "attempts": 7 - number,
            "client_refs": [f"VS-{1000 + number}"] + ([f"VS-{2000 + number}"] if number == 0 else []),
        }
        for number, (state, outcome) in enumerate(zip(states, outcomes_, strict=True))
    ]


def case_detail(case: Json) -> Json:
    def attempt(number: int, outcome: str, **change: Any) -> Json:
        return {
            "id": uid(500 + number),
            "direction": "out",
            "phone": uid(400 + number % 2),
            "counted": True,
            "seq": number,
            "state": "ended",
            "agent": ME,
            "claimed_at": at(days=-8 + number),
            "answered_at": None,
            "ended_at": None,
            "day_part": ["ochtend", "middag", "avond"][number % 3],
            "recorded": number == 1,
            "outcome": outcome,
            "machine_result": None,
            "reached": False,
            "abandoned": False,
            "flags": [],
            "call_back": False,
            "merged": False,
            **change,
        }

    return {
        "case": case,
        "signals": [
            {
                "id": uid(700),
                "client_ref": "VS-1000",
                "signal_ref": "EN-88123",
                "partner_type": "energy",
                "signal_on": day(days=-9),
                "crisis": True,
                "merged": False,
            },
            {
                "id": uid(701),
                "client_ref": "VS-2000",
                "signal_ref": "ZV-10021",
                "partner_type": "health",
                "signal_on": day(days=-7),
                "crisis": False,
                "merged": True,
            },
        ],
        "phones": [
            {
                "id": uid(400),
                "position": 1,
                "kind": "mobile",
                "state": "open",
                "closed_reason": None,
                "blocked": False,
                "source": "client",
                "source_on": None,
            },
            {
                "id": uid(401),
                "position": 2,
                "kind": "fixed",
                "state": "closed",
                "closed_reason": "NUMBER_BLOCKED",
                "blocked": True,
                "source": "enrichment",
                "source_on": day(days=-3),
            },
        ],
        "attempts": [
            attempt(1, "NO_ANSWER"),
            attempt(2, "VOICEMAIL"),
            attempt(3, "CONGESTION", counted=False, seq=None),
            attempt(4, "ABANDONED", abandoned=True, seq=3),
            attempt(5, "CALL_LATER", seq=4),
        ],
        "merges": [],
    }


def exports() -> list[Json]:
    base = {"client": CLIENT, "campaign": CAMPAIGN, "created_by": ME}
    return [
        {**base, "id": uid(800), "kind": "delta", "created_at": at(hours=-2), "lines": 38, "confirmed_at": None},
        {
            **base,
            "id": uid(801),
            "kind": "delta",
            "created_at": at(days=-1),
            "lines": 61,
            "confirmed_at": at(hours=-20),
        },
        {**base, "id": uid(802), "kind": "full", "created_at": at(days=-7), "lines": 512, "confirmed_at": at(days=-7)},
    ]


def callbacks() -> list[Json]:
    rows = [("closed", 9.0), ("queue", 2.5), ("rescue", 0.3)]
    return [
        {
            "id": uid(900 + number),
            "campaign": CAMPAIGN,
            "case": None,
            "origin": origin,
            "state": "open",
            "requested_at": at(hours=-age),
            "claimed_by": None,
            "claimed_at": None,
            "done_at": None,
            "done_by": None,
            "tries": number,
            "tried_at": at(minutes=-50) if number else None,
            "attempt": None,
            "number": "",
        }
        for number, (origin, age) in enumerate(rows)
    ]


def mapping(name: str, columns: Json, version: int) -> Json:
    return {"name": name, "version": version, "kind": "list", "columns": columns, "unused": []}


def mappings() -> list[Json]:
    return [mapping("VPS-export", intake(True)["columns"], 3)]
