"""Invented channels, messages and due results for the pretended service behind the panel."""

from __future__ import annotations

from typing import Any

from tests.support.panel_people import CAMPAIGN, CASE, CLIENT, at, uid

Json = dict[str, Any]

_FIELDS = {
    "kanaal": "telefoon",
    "taal": "nld",
    "onderwerp": "Telefonisch contact",
    "nummerveld": "referentienummer",
    "objecttype": "signaal",
    "register": "aanmelding",
    "soort_object_id": "signaal-id",
    "handeling_hulp": "Contact opnemen: inwoner wil hulp",
    "handeling_crisis": "Vandaag contact opnemen: crisis",
    "actor": "",
}


def channel(number: int, kind: str, name: str, **more: Any) -> Json:
    """One of a kind."""
    fields = [{"key": key, "value": usual, "usual": usual} for key, usual in _FIELDS.items()]
    return {
        "id": uid(number), "client": CLIENT, "kind": kind, "name": name, "state": "on",
        "url": "" if kind == "hand" else "https://koppeling.voorbeeldstad.example/api/v1",
        "fields": fields if kind == "klantinteracties" else [], "has_secret": kind != "hand",
        "old_secret_until": None, "version": 1,
        "failures": 0, "rest_until": None, "last_ok_at": at(hours=-1), "last_error": "", "last_error_at": None,
        "waiting": 0, "dead": 0, "confirmed": 412, **more,
    }  # fmt: skip


def channels() -> list[Json]:
    """One that goes well, one in trouble, one by hand."""
    trouble = {
        "failures": 4, "last_error": "sign_in", "last_error_at": at(minutes=-12), "rest_until": at(minutes=5),
        "waiting": 9, "dead": 2, "last_ok_at": at(days=-1),
    }  # fmt: skip
    return [
        channel(970, "webhook", "Zaaksysteem"),
        channel(971, "klantinteracties", "Contactregister", **trouble),
        channel(972, "hand", "Zelf invoeren", waiting=2, confirmed=17),
    ]


def new_channel(held: list[Json], asked: Json) -> Json:
    """With its secret, this once."""
    made = channel(973, asked["kind"], asked["name"], confirmed=0, last_ok_at=None)
    held.append(made)
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" if asked["kind"] == "webhook" else ""
    return {"channel": made, "secret": secret}


def change_channel(held: list[Json], identity: str, asked: Json) -> Json:
    """The next version."""
    one = next(one for one in held if one["id"] == identity)
    one |= {key: value for key, value in asked.items() if key in ("name", "state", "url")}
    one["version"] += 1
    return one


def messages(channel_id: str | None, state: str) -> list[Json]:
    """Two that were given up, two to type over."""
    base = {
        "campaign": CAMPAIGN, "case": CASE, "created_at": at(hours=-3), "due_at": at(hours=-2), "tries": 1,
        "remote": "", "done_at": None, "done_by": None,
    }  # fmt: skip
    if state == "dead":
        dead = {**base, "channel": uid(971), "state": "dead"}
        return [
            {**dead, "id": uid(980), "kind": "help", "error": "refused"},
            {**dead, "id": uid(981), "kind": "not_reached", "error": "sign_in", "tries": 12},
        ]
    if state == "waiting" and channel_id == uid(972):
        hand = {**base, "channel": uid(972), "state": "waiting", "error": "", "tries": 0}
        return [{**hand, "id": uid(982), "kind": "help"}, {**hand, "id": uid(983), "kind": "not_reached"}]
    return []


def content() -> Json:
    """To type over."""
    return {
        "content": {
            "formaat": 1,
            "soort": "hulpvraag",
            "signalen": [
                {"kenmerk": "VB-2041", "signaalId": "S-88121", "vastelastenpartner": "huur"},
                {"kenmerk": "VB-2041", "signaalId": "S-88477", "vastelastenpartner": "energie"},
            ],
            "resultaat": {
                "code": "HELP_APPOINTMENT",
                "omschrijving": "hulpvraag met afspraak",
                "ddas": "Vervolghulp en/of verwijzing financieel",
            },
            "gesprek": {"datum": "2026-11-27", "dagdeel": "Middag", "moment": "2026-11-27T14:10:00+01:00"},
            "afspraak": "2026-12-02T10:30:00+01:00",
            "belpogingen": [
                {"datum": "2026-11-24", "dagdeel": "Ochtend"},
                {"datum": "2026-11-25", "dagdeel": "Avond"},
                {"datum": "2026-11-27", "dagdeel": "Middag"},
            ],
            "notitie": "Belt liever na 17 uur.",
        }
    }


def due() -> Json:
    """One late crisis, one call for help, one not reached."""
    base = {"campaign": CAMPAIGN, "outcome": "", "settled_at": at(hours=-3)}
    items = [
        {**base, "case": CASE, "client_ref": "VB-2041", "kind": "crisis", "due_at": at(hours=-2), "late": True,
         "stage": "dead"},
        {**base, "case": uid(990), "client_ref": "VB-1987", "kind": "help", "due_at": at(hours=20), "late": False,
         "stage": "sent"},
        {**base, "case": uid(991), "client_ref": "VB-2102", "kind": "not_reached", "due_at": at(days=2), "late": False,
         "stage": "none"},
    ]  # fmt: skip
    return {"items": items, "total": 3, "late": 1}


def sources() -> list[Json]:
    """One that goes well and misses a file, one that is not let in."""
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO8vJ2w0VvS0T0lS7wJ1kq1oPpJm8o2vN1xQy0Xq4v9w dialer"
    base = {
        "client": CLIENT, "campaign": CAMPAIGN, "on": True, "port": 22, "host_key": key, "holds": "list",
        "mapping_name": "", "month_days": [], "by": "10:00", "looked_at": at(minutes=-1), "version": 1,
    }  # fmt: skip
    return [
        {**base, "id": uid(995), "kind": "folder", "name": "Weeklijst", "path": "voorbeeldstad", "host": "", "user": "",
         "public_key": "", "weekdays": [0], "last_error": "", "missing_since": at(hours=-3)},
        {**base, "id": uid(996), "kind": "sftp", "name": "Maandlijst", "path": "/uit",
         "host": "sftp.voorbeeldstad.example", "user": "dialer", "public_key": key, "weekdays": [],
         "month_days": [1], "last_error": "sign_in", "missing_since": None},
    ]  # fmt: skip


def ddas() -> Json:
    """Nothing was set yet."""
    names = dict.fromkeys(("version", "municipality", "supplier", "organisation", "kvk"), "")
    return {**names, "versions": ["1.0", "1.2"]}


def set_ddas(held: Json, asked: Json) -> Json:
    """The whole."""
    held.update(asked)
    return held


def new_source(held: list[Json], campaign: str, asked: Json) -> Json:
    """With our public key where there is a server."""
    usual = {"on": True, "host": "", "port": 22, "user": "", "host_key": "", "holds": "list", "mapping_name": "",
             "weekdays": [], "month_days": [], "by": "10:00"}  # fmt: skip
    key = held[1]["public_key"] if asked["kind"] == "sftp" else ""
    held.append(
        {**usual, **asked, "id": uid(1400 + len(held)), "client": CLIENT, "campaign": campaign, "public_key": key,
         "looked_at": None, "last_error": "", "missing_since": None, "version": 1}
    )  # fmt: skip
    return held[-1]


def change_source(held: list[Json], identity: str, asked: Json) -> Json:
    """The next version."""
    one = next(one for one in held if one["id"] == identity)
    one.update(asked, version=one["version"] + 1)
    return one


def arrivals() -> list[Json]:
    """Of each state."""
    base = {"source": uid(995), "size": 48_211, "reason": "", "delivery": None}
    return [
        {**base, "id": uid(997), "name": "signalen-week-48.csv", "state": "taken", "at": at(hours=-2)},
        {**base, "id": uid(998), "name": "signalen-week-47 (2).csv", "state": "repeated", "at": at(days=-6)},
        {**base, "id": uid(999), "name": "adressen.xlsx", "state": "quarantined", "reason": "mostly-refused",
         "at": at(days=-7)},
    ]  # fmt: skip
