"""What a line of results tells, value by value: for our own file and for a client's layout alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from dialer.domain.dayparts import DayPart, day_part
from dialer.domain.intake_words import PARTNERS, word
from dialer.domain.result_layout import FIELDS, Column, Layout, Value
from dialer.schedule.windows import local
from dialer.services.mark_words import MARK_WORDS
from dialer.services.ports.export import OutcomeLabel, StoredLine

TITLES: Mapping[str, tuple[str, str]] = {
    "client_ref": ("kenmerk", "client reference"),
    "signal_ref": ("signaal-id", "signal id"),
    "partner_type": ("vastelastenpartner", "partner type"),
    "signal_on": ("signaaldatum", "signal date"),
    "crisis": ("crisis", "crisis"),
    "status": ("status", "status"),
    "outcome": ("resultaatcode", "outcome code"),
    "outcome_label": ("resultaat", "outcome"),
    "ddas": ("DDAS-resultaat", "DDAS result"),
    "reached": ("bereikt", "reached"),
    "talked_at": ("datum gesprek", "conversation date"),
    "talked_part": ("dagdeel gesprek", "conversation day-part"),
    "attempt_count": ("aantal belpogingen", "number of attempts"),
    "attempts": ("belpogingen", "attempts"),
    "appointment_at": ("afspraak", "appointment"),
    "appointment_status": ("afspraakstatus", "appointment status"),
    "closed_numbers": ("afgesloten nummers", "closed numbers"),
    "note": ("notitie", "note"),
    "follow_up": ("opvolging", "follow-up"),
    "action": ("levering", "action"),
}
_STATES: Mapping[str, tuple[str, str]] = {
    "held": ("wacht op uw besluit", "waits for your decision"),
    "no_number": ("geen belbaar nummer", "no callable number"),
    "open": ("loopt", "running"),
    "reached": ("bereikt", "reached"),
    "not_reached": ("niet bereikt", "not reached"),
    "closed": ("afgesloten", "closed"),
    "withdrawn": ("ingetrokken", "withdrawn"),
    "recalled": ("teruggeroepen", "recalled"),
}
_BOOKINGS: Mapping[str, tuple[str, str]] = {
    "": ("", ""),
    "booked": ("gepland", "planned"),
    "cancelled": ("vervallen", "cancelled"),
    "kept": ("doorgegaan", "kept"),
    "no_show": ("niet verschenen", "no-show"),
}
_ACTIONS: Mapping[str, tuple[str, str]] = {
    "new": ("nieuw", "new"),
    "replacement": ("vervanging", "replacement"),
    "unchanged": ("ongewijzigd", "unchanged"),
}
_PARTS: Mapping[str, tuple[str, str]] = {
    DayPart.MORNING: ("Ochtend", "Morning"),
    DayPart.AFTERNOON: ("Middag", "Afternoon"),
    DayPart.EVENING: ("Avond", "Evening"),
}


def own_layout(language: str) -> Layout:
    """Our own file, in Dutch or English (`nl`, `en`)."""
    english = language == "en"
    return Layout(
        columns=[Column(title=TITLES[field][english], field=field) for field in FIELDS],
        yes="yes" if english else "ja",
        no="no" if english else "nee",
    )


def values(stored: StoredLine, note: str, labels: Mapping[str, OutcomeLabel], language: str) -> dict[str, Value]:
    """Each of FIELDS. Times are local."""
    facts: Mapping[str, Any] = stored.line.facts
    outcome = facts["outcome"] or ""
    attempts: Sequence[Mapping[str, Any]] = facts["attempts"]
    talked = next((attempt for attempt in reversed(attempts) if attempt["reached"]), None)
    talked_at = local(datetime.fromisoformat(talked["at"])) if talked is not None else None
    appointment = facts["appointment_at"]
    return {
        "client_ref": stored.client_ref,
        "signal_ref": stored.signal_ref,
        "partner_type": word(PARTNERS, stored.partner_type, language),
        "signal_on": date.fromisoformat(facts["signal_on"][:10]),
        "crisis": bool(facts["crisis"]),
        "status": word(_STATES, facts["state"], language),
        "outcome": outcome,
        "outcome_label": _label(labels, outcome, language),
        "ddas": labels[outcome].ddas if outcome in labels else "",
        "reached": talked is not None or facts["state"] == "reached",
        "talked_at": talked_at,
        "talked_part": word(_PARTS, day_part(talked_at.time()), language) if talked_at is not None else "",
        "attempt_count": sum(attempt["direction"] == "out" and attempt["counted"] for attempt in attempts),
        "attempts": " | ".join(_attempt(attempt, labels, language) for attempt in attempts),
        "appointment_at": local(datetime.fromisoformat(appointment)) if appointment else None,
        "appointment_status": word(_BOOKINGS, facts.get("booking", ""), language),  # lines of before have none
        "closed_numbers": " | ".join(
            f"{shut['number']}: {_label(labels, shut['reason'] or '', language)}" for shut in facts["closed_numbers"]
        ),
        "note": note,
        "follow_up": _followed_up(facts.get("follow_up"), language),
        "action": word(_ACTIONS, stored.line.action, language),
    }


def _attempt(attempt: Mapping[str, Any], labels: Mapping[str, OutcomeLabel], language: str) -> str:
    """`02-03-2026 Ochtend, nummer 1: geen gehoor`."""
    at = local(datetime.fromisoformat(attempt["at"]))
    english = language == "en"
    part = word(_PARTS, day_part(at.time()), language)
    if attempt["direction"] == "in":
        which = ("inwoner belde", "resident called")[english]
    elif attempt.get("call_back"):
        which = ("teruggebeld op verzoek", "rung back at request")[english]
    else:
        which = f"{('nummer', 'number')[english]} {attempt['number'] or '?'}"
    result = _label(labels, attempt["outcome"] or "", language) or "-"
    return f"{at:%d-%m-%Y} {part}, {which}: {result}"


def _followed_up(mark: Mapping[str, str] | None, language: str) -> str:
    """`bezocht, gesproken (02-03-2026)`."""
    if mark is None:
        return ""
    return f"{word(MARK_WORDS, mark['mark'], language)} ({local(datetime.fromisoformat(mark['at'])):%d-%m-%Y})"


def _label(labels: Mapping[str, OutcomeLabel], code: str, language: str) -> str:
    label = labels.get(code)
    if label is None:
        return code
    return label.en if language == "en" else label.nl


def samples() -> list[dict[str, Value]]:
    """Lines of nobody, to see a layout by: reached, not reached, a correction."""
    first: dict[str, Value] = {
        "client_ref": "VOORBEELD-1",
        "signal_ref": "S-1001",
        "partner_type": "Huur",
        "signal_on": date(2026, 3, 2),
        "crisis": False,
        "status": "bereikt",
        "outcome": "HELP_WANTED",
        "outcome_label": "hulpvraag",
        "ddas": "Hulpaanbod geaccepteerd",
        "reached": True,
        "talked_at": datetime(2026, 3, 5, 19, 12),  # noqa: DTZ001 - a local clock time, as in a file
        "talked_part": "Avond",
        "attempt_count": 2,
        "attempts": "04-03-2026 Ochtend, nummer 1: geen gehoor | 05-03-2026 Avond, nummer 1: hulpvraag",
        "appointment_at": datetime(2026, 3, 10, 10, 0),  # noqa: DTZ001 - as above
        "appointment_status": "gepland",
        "closed_numbers": "",
        "note": "Belt liever 's avonds",
        "follow_up": "",
        "action": "nieuw",
    }
    second = {
        **first,
        "client_ref": "VOORBEELD-2",
        "signal_ref": "S-1002",
        "partner_type": "Energie",
        "crisis": True,
        "status": "niet bereikt",
        "outcome": "",
        "outcome_label": "",
        "ddas": "",
        "reached": False,
        "talked_at": None,
        "talked_part": "",
        "attempt_count": 7,
        "appointment_at": None,
        "appointment_status": "",
        "closed_numbers": "2: niet in gebruik",
        "note": "",
    }
    return [first, second, {**first, "client_ref": "VOORBEELD-3", "signal_ref": "S-1003", "action": "vervanging"}]
