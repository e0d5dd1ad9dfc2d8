"""What the pretended service behind the panel answers to the office's settings: campaigns, rules, clients."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from dialer.domain.campaign_settings import CAMPAIGN_NUMBERS, MODES
from dialer.domain.checklist import ITEMS
from dialer.domain.client_settings import CLIENT_SETTINGS
from dialer.domain.intake import FIELDS, NUMBERS_FIELDS, NUMBERS_REQUIRED, REQUIRED
from dialer.domain.intake_words import FIELDS as FIELD_WORDS
from dialer.domain.intake_words import word
from dialer.domain.outcome import StepKind, step_json
from dialer.domain.visits import VISIT_FIELDS, VISIT_REQUIRED
from dialer.schedule import holidays, windows
from dialer.schedule.outcome_rules import editable, kinds_for, thens_for
from dialer.storage.catalogue import first_catalogue
from tests.support import panel_lists as lists
from tests.support.panel_people import CAMPAIGN, CAMPAIGN_2, CLIENT, ME, at, uid

Json = dict[str, Any]

TRIED = {"moved": 132, "closed": 4, "same": 281, "estimated": False}


def staff_phones() -> list[Json]:
    """Two colleagues who may be rung for proof."""
    return [
        {"id": uid(870), "label": "Noor Bakker", "ends_with": "123"},
        {"id": uid(871), "label": "Sem van den Berg", "ends_with": "456"},
    ]


def proof_call(phone: str, label: str, **change: Any) -> Json:
    """One that was talked."""
    return {
        "attempt": uid(890), "phone": phone, "label": label, "at": at(), "agent": ME, "live": False, "answered": True,
        "talked": True, "outcome": None, **change,
    }  # fmt: skip


def checklist() -> list[Json]:
    """As a client's stands on its first day: two ticked, one so by itself, the rest to do."""
    ticked = {"retention": "J. de Wit", "processing_agreement": "J. de Wit"}
    return [
        {
            "item": item, "text": words.wanted[0], "todo": words.missing[0], "tickable": item != "promise",
            "state": "ticked" if item in ticked else "fact" if item == "number" else "open",
            "on": "2026-05-04" if item in ticked else None, "name": ticked.get(item, ""), "reason": "",
            "by": "Noor Bakker" if item in ticked else "", "at": "2026-05-04T09:12:00Z" if item in ticked else None,
        }
        for item, words in ITEMS.items()
    ]  # fmt: skip


def campaign_settings(campaign: Json) -> Json:
    """As the real service makes them."""
    return {
        "version": campaign["version"],
        "calendar": windows.to_json(windows.parse(campaign["calendar"])),
        "usual": windows.to_json(windows.DEFAULT),
        "holidays": [
            {"code": code.value, "on": None if on is None else on.isoformat()}
            for code, on in holidays.coming(datetime.now(UTC).date())
        ],
        "mode": campaign["settings"].get("mode", MODES[0]),
        "modes": list(MODES),
        "takes_inbound": campaign["settings"].get("takes_inbound", True),
        "ring_cuts": campaign["settings"].get("ring_cuts", False),
        "requires_practice": campaign["settings"].get("requires_practice", False),
        "recording": campaign["settings"].get("recording", "off"),
        "fair": campaign["settings"].get("fair", True),
        "hold_out_agreement": campaign["settings"].get("hold_out_agreement", ""),
        "languages": campaign["settings"].get("languages", []),
        "skills": campaign["settings"].get("skills", []),
        "numbers": [
            {
                "key": key,
                "text": known.dutch,
                "unit": known.unit,
                "value": campaign["settings"].get(key),
                "usual": known.usual,
                "low": known.low,
                "high": known.high,
                "whole": known.whole,
            }
            for key, known in CAMPAIGN_NUMBERS.items()
        ],
    }


def change_campaign(campaign: Json, change: Json) -> Json:
    """Kept as a new version."""
    campaign.update(change, version=campaign["version"] + 1)
    return campaign


def rules(stub_rules: Json) -> Json:
    """The real catalogue with the changes that were kept."""
    items = [
        {
            "code": row.code,
            "label": row.label_nl,
            "editable": editable(row),
            "step": stub_rules["steps"].get(row.code, step_json(row.step)),
            "kinds": [kind.value for kind in StepKind if editable(row) and kind in kinds_for(row)],
            "thens": [kind.value for kind in StepKind if editable(row) and kind in thens_for(row)],
        }
        for row in sorted(first_catalogue().outcomes.values(), key=lambda row: row.position)
    ]
    return {"version": stub_rules["version"], "waiting": 0, "items": items}


def rules_history(stub_rules: Json) -> Json:
    """What is now, and what was before."""
    now = {row["code"]: row["step"] for row in rules(stub_rules)["items"] if row["editable"]}
    before = {**now, "NO_ANSWER": {"kind": "other_day"}, "VOICEMAIL": {"kind": "pause", "pause_days": 2}}
    rows = [
        (stub_rules["version"], "Mila Smit", "Minder druk op de avond", now, 1),
        (1, "", "eerste catalogus", before, 30),
    ]
    return {
        "items": [
            {
                "version": version,
                "by": by,
                "note": note,
                "steps": steps,
                "at": at(days=-days),
            }
            for version, by, note, steps, days in rows
        ]
    }


def change_rules(stub_rules: Json, asked: Json, *, dry_run: bool) -> Json:
    """Tried, or kept."""
    if not dry_run:
        stub_rules["steps"].update(asked["steps"])
        stub_rules["version"] += 1
    return {**TRIED, "version": None if dry_run else stub_rules["version"]}


def client(settings: Json) -> Json:
    """Our only client, with what it has set itself."""
    return {
        **lists.clients()[0],
        "version": 3,
        "settings": [
            {
                "key": key,
                "topic": known.topic,
                "text": known.dutch,
                "unit": known.unit,
                "value": settings.get(key, known.usual),
                "usual": known.usual,
                "own": key in settings,
                "low": known.low,
                "high": known.high,
            }
            for key, known in CLIENT_SETTINGS.items()
        ],
    }


def change_client(settings: Json, change: Json) -> Json:
    """Kept."""
    for key, value in change.get("settings", {}).items():
        if value is None:
            settings.pop(key, None)
        else:
            settings[key] = value
    return client(settings)


def intake_fields() -> Json:
    """Our fields by kind of file."""
    return {
        kind: [{"field": name, "text": word(FIELD_WORDS, name, "nl"), "required": name in required} for name in known]
        for kind, known, required in (
            ("list", FIELDS, REQUIRED),
            ("numbers", NUMBERS_FIELDS, NUMBERS_REQUIRED),
            ("visits", VISIT_FIELDS, VISIT_REQUIRED),
        )
    }


def day() -> Json:
    """A day with something of everything."""
    base = {
        "callbacks": 0, "oldest_callback": None, "ends_soon": 0, "ends_soon_crisis": 0, "last_list_at": at(days=-2),
        "loading": 0, "dialled": 0, "answered": 0, "reached": 0, "abandoned": 0, "abandoned_percent": 1.0,
        "abandoned_hours": 24, "answered_within": 0, "abandoned_within": 0,
        "reach": None, "promised": None,
    }  # fmt: skip
    busy = {
        "campaign": CAMPAIGN, "name": "Vroege hulp, najaar", "state": "running", "callbacks": 3,
        "oldest_callback": at(hours=-9), "ends_soon": 14, "ends_soon_crisis": 2, "dialled": 612, "answered": 208,
        "reached": 97, "abandoned": 3, "answered_within": 208, "abandoned_within": 3, "reach": 0.379, "promised": 0.6,
    }  # fmt: skip
    calm = {"campaign": CAMPAIGN_2, "name": "Vroege hulp, zomer", "state": "paused", "last_list_at": at(days=-20)}
    rows = [(0, -1.0, True, True), (1, 0.5, False, False), (2, 3.0, True, False)]
    return {
        "at": at(),
        "appointments_total": 3,
        "appointments": [
            {
                "case": uid(300 + number), "campaign": CAMPAIGN, "at": at(hours=hours), "agent": ME if ours else None,
                "crisis": number == 2, "missed": missed,
            }
            for number, hours, ours, missed in rows
        ],
        "campaigns": [{**base, **busy}, {**base, **calm}],
        "exchange": {
            "late": 2, "dead": 1, "dead_files": 1, "dead_reports": 0, "crisis": 1, "to_report": 6, "exports": 1,
            "withdrawn": 1,
            "silent": [{"source": uid(1203), "client": CLIENT, "name": "Agenda wijkteam", "since": at(days=-2)}],
            "missing": [{"source": uid(995), "campaign": CAMPAIGN, "name": "Weeklijst", "due_at": at(hours=-3)}],
        },
        "wrap_ups": [{"user": ME, "count": 2, "oldest": at(hours=-1)}],
        "questions": {"open": 2, "answered": 1, "unread": 1},
        "complaints": {"open": 3, "late": 1},
        "differences": 1,
    }  # fmt: skip


def tokens() -> list[Json]:
    """One that works, one that does not any more."""
    base = {
        "role": "client",
        "client": CLIENT,
        "scopes": ["export.read"],
        "created_at": at(days=-30),
        "expires_at": at(days=60),
        "revoked_at": None,
        "renewed": False,
    }
    return [
        {**base, "id": uid(950), "name": "Zaaksysteem Voorbeeldstad"},
        {**base, "id": uid(951), "name": "Oude koppeling", "revoked_at": at(days=-3)},
        {
            **base,
            "id": uid(952),
            "name": "Bord in de hal",
            "role": "monitor",
            "client": None,
            "expires_at": at(days=-1),
        },
    ]


def new_token(held: list[Json], asked: Json) -> Json:
    """With its secret, this once."""
    token = {key: asked[key] for key in ("name", "role", "client", "scopes")}
    made = {
        **token, "id": uid(953), "created_at": at(), "expires_at": at(days=asked["days"]), "revoked_at": None,
        "renewed": False,
    }  # fmt: skip
    held.insert(0, made)
    return {"token": made, "secret": "dlr_4kq8m2-geheim-en-lang-genoeg-om-niet-te-raden"}


def renew_token(held: list[Json], token: str, asked: Json) -> Json:
    """The old one ends after the overlap."""
    old = next(one for one in held if one["id"] == token)
    made = {**old, "id": uid(954), "created_at": at(), "expires_at": at(days=asked["days"])}
    old.update(renewed=True, expires_at=at(hours=asked["overlap_hours"]))
    held.insert(0, made)
    return {"token": made, "secret": "dlr_9pw2x7-geheim-en-lang-genoeg-om-niet-te-raden"}


def renewed(held: list[Json], identity: str, asked: Json) -> Json:
    """A channel or a way out: the old secret signs beside the new one for the overlap."""
    one = next(one for one in held if one["id"] == identity)
    hours = asked["overlap_hours"]
    one.update(old_secret_until=at(hours=hours) if hours else None, version=one["version"] + 1)
    return one


def revoke_token(held: list[Json], token: str) -> None:
    """At once."""
    next(one for one in held if one["id"] == token)["revoked_at"] = at()


_RISK = "bij nog een oproep neemt misschien iemand op voor wie niemand vrij is"
_SEEN = (
    "2 medewerkers vrij, 3 telefoons gaan over. Verwacht: 0,8 keer opgenomen, 1,2 medewerkers vrij binnen een halve "
)


def decisions(since: str | None, *, kept: bool = True, none: bool = False) -> Json:
    """Some minutes of pacing's journal: calls started, one hung up, rows in which nothing was done."""
    at = since or "2026-11-24T13:27:00Z"
    begun = datetime.fromisoformat(at)
    items = [] if none or not kept else [_decision(begun, second) for second in range(0, 60, 7)]
    return {
        "since": at,
        "kept": kept,
        "decisions": sum(item["decisions"] for item in items),
        "started": sum(item["started"] for item in items),
        "hung_up": sum(item["hung_up"] for item in items),
        "held": [{"code": "risk", "text": _RISK, "decisions": 31}, {"code": "lines", "text": "alle lijnen zijn bezet",
                                                                  "decisions": 2}] if items else [],
        "settings": [
            {"mode": "auto", "abandoned_percent": 1.0, "abandoned_hours": 8, "person_within_seconds": 2.0,
             "ring_cuts": True, "breath_seconds": 3.0,
             "long_breath_seconds": 60.0, "occupancy_percent": 85.0}
        ] if items else [],
        "items": items,
        "more": bool(items),
    }  # fmt: skip


def learned(*, seen: bool) -> Json:
    """What pacing has learned: of a few hundred calls, or nothing yet."""
    seconds, wraps = list(range(46)), list(range(0, 301, 10))

    def rising(places: Sequence[int], middle: float, most: float) -> list[float]:
        return [round(most * (1.0 - math.exp(-((second / middle) ** 2))), 4) for second in places]

    before = {"anybody": rising(seconds, 13.0, 0.32), "person": rising(seconds, 12.0, 0.23)}
    now = {"anybody": rising(seconds, 10.0, 0.46), "person": rising(seconds, 9.0, 0.38)}
    bounds, middles = [0.0, 45.0, 120.0, None], (25.0, 55.0, 110.0)
    return {
        "at": at(minutes=-1) if seen else None, "calls": 412 if seen else 0, "needed": 40,
        "level": 1.4 if seen else 1.0,
        "ring_seconds": seconds, "rings": now if seen else before, "rings_before": before,
        "wrap_seconds": wraps, "wraps_before": rising(wraps, 90.0, 1.0),
        "wraps": [
            {"talked_from": bounds[place], "talked_until": bounds[place + 1], "seen": 80 - 20 * place if seen else 0,
             "done": rising(wraps, middles[place] if seen else 90.0, 1.0)}
            for place in range(3)
        ],
        "parts": dict.fromkeys(("morning", "afternoon", "evening", "saturday"), None)
                 | ({"morning": 0.7, "afternoon": 1.0, "evening": 1.6} if seen else {}),
    }  # fmt: skip


def _decision(begun: datetime, second: int) -> Json:
    started, at = second % 3, begun + timedelta(seconds=second)
    done = "Geen nieuwe oproep" if not started else f"{started} nieuwe oproep{'en' if started > 1 else ''}"
    return {
        "at": at.isoformat(), "until": (at + timedelta(seconds=4 if not started else 0)).isoformat(),
        "decisions": 1 if started else 9, "started": started, "hung_up": int(second == 14), "mode": "predictive",
        "held": "risk", "surprise": "",
        "text": f"{done}. {_SEEN}minuut. Kans dat iemand niemand treft 0,4%, toegestaan 0,9%; nog 2,1 over van "
                f"de belofte. Waarom niet meer: {_RISK}.",
        "free": 2, "in_ring": 3, "inbound_waiting": 0, "appointments_due": 0, "answers": 0.84, "agents": 1.25,
        "risk_percent": 0.41, "accepted_percent": 0.9, "budget": 2.15, "settings": 0,
    }  # fmt: skip
