"""What the pretended service behind the panel answers about privacy."""

from __future__ import annotations

from typing import Any

from dialer.domain.client_settings import in_force
from dialer.domain.holdings import holdings, register_lines
from tests.support.panel_people import CLIENT, at, uid

Json = dict[str, Any]
RESIDENT = uid(980)


def register() -> Json:
    """As it is."""
    lines = register_lines(holdings(), in_force({}))
    return {
        "items": [
            {
                "purpose": one.purpose, "why": one.why, "table": one.table, "kind": one.kind,
                "kind_words": one.kind_words, "columns": list(one.columns), "term": one.term,
            }
            for one in lines
        ],
        "unclassed": [],
    }  # fmt: skip


def kept() -> list[Json]:
    """One that waits, one whose end is known."""
    line = {"campaign": uid(4), "campaign_name": "Vroegsignalering november", "kind": "list"}
    return [
        {**line, "delivery": uid(981), "received_at": at(hours=-2000), "ends_at": at(hours=700), "waits": []},
        {**line, "delivery": uid(982), "received_at": at(hours=-300), "ends_at": None,
         "waits": [{"what": "cases", "count": 118}, {"what": "hand_over", "count": 12}]},
    ]  # fmt: skip


def contract_end() -> Json:
    """Not yet."""
    left = [{"what": "campaigns", "count": 1}, {"what": "cases", "count": 118}, {"what": "hand_over", "count": 12}]
    return {"left": left, "ended_on": None, "after_care_until": None}


def request(number: int, kind: str, **more: object) -> Json:
    """One of a resident."""
    return {
        "id": uid(number), "client": CLIENT, "client_name": "Voorbeeldstad", "resident": RESIDENT, "kind": kind,
        "state": "open", "received_on": "2026-11-12", "due_on": "2026-12-14", "reason": "brief van de inwoner",
        "answer": "", "opened_at": at(hours=-240), "opened_by": "Fatma Kaya", "settled_at": None, "settled_by": "",
        "version": 1, **more,
    }  # fmt: skip


def requests() -> list[Json]:
    """One that is late, one of each act, and two that are settled."""
    done = {"settled_at": at(hours=-100), "settled_by": "Fatma Kaya"}
    return [
        request(983, "erase", received_on="2026-10-19", due_on="2026-11-19"),
        request(984, "file"),
        request(985, "correct", state="extended", due_on="2027-02-12", answer="de gemeente zoekt het adres na"),
        request(986, "object", state="done", **done),
        request(987, "restrict", state="refused", answer="de inwoner is niet te herkennen", **done),
    ]


def found() -> list[Json]:
    """One resident."""
    return [
        {
            "id": RESIDENT, "name": "J. van der Berg", "birth_date": "1970-02-01", "address": "2711AB 12",
            "open_cases": 1, "objected": False,
            "held": {"who": 1, "numbers": 2, "signals": 2, "cases": 1, "calls": 3, "seen": 5},
        }
    ]  # fmt: skip


def leaks() -> list[Json]:
    """One whose hours run, one that is closed."""
    known = {
        "discovered_at": at(hours=-20), "kind": "sent", "data": ["names", "numbers"], "residents": None,
        "what": "Een lijst met niet bereikte inwoners ging naar een verkeerd adres van de gemeente.",
        "consequences": "", "measures": "De ontvanger is gebeld en heeft de lijst gewist.",
    }  # fmt: skip
    leak = {
        "client": CLIENT, "client_name": "Voorbeeldstad", "opened_at": at(hours=-19), "opened_by": "Fatma Kaya",
        "told_at": None, "closed_at": None, "lesson": "",
    }  # fmt: skip
    old = {**known, "discovered_at": at(hours=-900), "kind": "seen", "residents": 1, "consequences": "Klein."}
    return [
        {**leak, "id": uid(988), "state": "open", "known": known, "report_by": at(hours=52), "version": 1},
        {**leak, "id": uid(989), "state": "closed", "known": old, "report_by": at(hours=-828), "version": 4,
         "told_at": at(hours=-895), "closed_at": at(hours=-700), "lesson": "Een scherm gaat nu vanzelf op slot."},
    ]  # fmt: skip


def notice() -> Json:
    """The draft."""
    return {"text": "Aan: Voorbeeldstad\nOnderwerp: melding van een datalek\n\nWat er gebeurde: een lijst ging fout.\n"}


def erasure() -> Json:
    """What would go."""
    return {
        "rows": {
            "case_file": 1, "case_phone": 2, "pii.note": 2, "pii.signal": 2, "pii.phone": 2, "pii.resident": 1,
        }
    }  # fmt: skip
