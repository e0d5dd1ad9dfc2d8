"""Scripts as the pretended service behind the panel has them: the real shipped one, really checked and compared."""

from __future__ import annotations

from typing import Any

from dialer.domain.script import first_script, parse_script, to_json
from dialer.domain.script_check import problems
from dialer.domain.script_diff import differences
from dialer.domain.script_words import problem_text
from dialer.services.plain import plain
from dialer.services.ports.scripts import SHIPPED
from dialer.storage.catalogue import first_catalogue
from tests.support.panel_people import CLIENT, at, uid

Json = dict[str, Any]
OWN = uid(800)


def served() -> Json:
    """What a call has."""
    return {
        "script": str(SHIPPED),
        "name": "Standaardscript",
        "shipped": True,
        "version": uid(801),
        "number": 1,
        "body": to_json(first_script()),
    }


def line() -> Json:
    """A client's own script, its draft newer than its versions."""
    return {
        "id": OWN,
        "client": CLIENT,
        "name": "Script Voorbeeldstad",
        "newest": 3,
        "approved": 2,
        "waiting": 3,
        "draft_version": 7,
        "draft_at": at(minutes=-4),
        "draft_by": "Mila Smit",
        "draft_differs": True,
    }


def lines() -> list[Json]:
    """The shipped one and the client's own."""
    shipped = {"id": str(SHIPPED), "client": None, "name": "Standaardscript", "newest": 1, "approved": 1}
    return [{**line(), **shipped, "waiting": None, "draft_by": "", "draft_differs": False}, line()]


def draft(body: Json | None = None) -> Json:
    """What is edited: with one error, one warning and a difference, until something else is kept."""
    edited = body
    if edited is None:
        edited = to_json(first_script())
        edited["steps"][1]["say"]["nl"] = "Ik bel namens de gemeente {gemeente}, over {soort}. Komt het gelegen?"
        edited["steps"][2]["title"]["en"] = ""
    script = parse_script(edited)
    found = [
        {
            "code": one.code,
            "step": one.step,
            "where": one.where,
            "text": problem_text(one, "nl"),
            "blocking": one.blocking,
        }
        for one in problems(script, first_catalogue())
    ]
    changes = plain(differences(first_script(), script))
    return {"line": line(), "body": edited, "problems": found, "changes": changes}


def versions() -> list[Json]:
    """One that waits, one in use, one refused."""
    rows = [
        (3, "Rustiger opening", "waiting", None, "", ""),
        (2, "Nummer van de gemeente erbij", "approved", at(days=-9), "Jan de Wit", ""),
        (1, "Eerste versie", "refused", at(days=-20), "Jan de Wit", "De toon is te streng."),
    ]
    field = {"field": "say.nl", "before": "Dag.", "after": "{groet}, u spreekt met {medewerker}."}
    change = {"step": "O1", "title": "Opening", "kind": "changed", "fields": [field]}
    return [
        {
            "id": uid(810 + number), "number": number, "note": note, "same_as": None, "at": at(days=-22 + number),
            "by": "Mila Smit", "state": state, "decided_at": decided, "decided_by": by, "decided_note": why,
            "changes": [] if number == 1 else [change],
        }
        for number, note, state, decided, by, why in rows
    ]  # fmt: skip


def knowledge() -> list[Json]:
    """Cards as they were last written."""
    rows = [
        ("Kwijtschelding", "Bel 14 079 en kies 2.\nOf ga langs op werkdagen van 9 tot 12.", None, "approved", 1),
        ("Toeslagen", "Aanvragen kan tot 1 september bij de Dienst Toeslagen.", "2027-09-01", "waiting", None),
    ]  # fmt: skip
    return [
        {
            "id": uid(850 + number), "client": CLIENT, "version": 1, "title": title, "text": text,
            "valid_from": "2026-11-01", "valid_to": ends, "at": at(days=-5), "by": "Mila Smit", "state": state,
            "decided_note": "", "shown": shown_now,
        }
        for number, (title, text, ends, state, shown_now) in enumerate(rows)
    ]  # fmt: skip


def shown() -> list[Json]:
    """What an agent sees of them."""
    return [{name: card[name] for name in ("id", "title", "text")} for card in knowledge()]
