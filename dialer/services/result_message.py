"""What a message tells of a case: plain JSON in the words of the Dutch exchange, the whole present result.

Times are local with their offset; day-parts are DDAS's. Nothing in it names a sum of money.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from dialer.domain.dayparts import day_part
from dialer.domain.exchange import MessageKind
from dialer.domain.intake_words import PARTNERS, word
from dialer.schedule.windows import local
from dialer.services import sealed
from dialer.services.mark_words import MARK_WORDS
from dialer.services.ports.exchange import Message, ResultFacts
from dialer.services.ports.people import Box
from dialer.services.ports.vault import ErasedError, Vault

FORMAT = 1
"""Version of the content. It rises when a field changes its meaning; fields may be added."""
OUTBOX = "outbox_message"
"""Kind of the box that keeps a message."""


def content(message: UUID, facts: ResultFacts, kind: MessageKind, *, replaces: bool, note: str) -> dict[str, object]:
    """The message as it goes out."""
    talked = next((attempt for attempt in reversed(facts.attempts) if attempt["reached"]), None)
    return {
        "formaat": FORMAT,
        "bericht": str(message),
        "soort": _KINDS[kind],
        "vervangt": replaces,
        "zaak": str(facts.case),
        "versie": facts.version,
        "signalen": [
            {
                "kenmerk": signal.client_ref,
                "signaalId": signal.signal_ref,
                "vastelastenpartner": word(PARTNERS, signal.partner_type, "nl"),
                "signaaldatum": signal.signal_on,
                "crisis": signal.crisis,
            }
            for signal in facts.signals
        ],
        "resultaat": None
        if kind is MessageKind.TAKEN_BACK
        else {"code": facts.outcome, "omschrijving": facts.outcome_nl, "ddas": facts.ddas},
        "bereikt": talked is not None and kind is not MessageKind.TAKEN_BACK,
        "gesprek": None if talked is None else _when(str(talked["at"])),
        "afspraak": None if facts.appointment_at is None else _local(facts.appointment_at).isoformat(),
        "afspraakstatus": BOOKING_WORDS.get(facts.booking),
        "belpogingen": [
            {
                **_when(str(attempt["at"])),
                "richting": "uit" if attempt["direction"] == "out" else "in",
                "bereikt": bool(attempt["reached"]),
                "resultaat": attempt["outcome"] or "",
            }
            for attempt in facts.attempts
        ],
        "notitie": note,
        "opvolging": None
        if facts.mark is None or facts.marked_at is None
        else {
            "code": facts.mark,
            "omschrijving": word(MARK_WORDS, facts.mark, "nl"),
            "moment": _local(facts.marked_at).isoformat(timespec="seconds"),
        },
    }


BOOKING_WORDS: Mapping[str, str] = {
    "booked": "gepland",
    "cancelled": "vervallen",
    "kept": "doorgegaan",
    "no_show": "niet verschenen",
}
"""How an appointment in a time that the client offers stands, in the words of the exchange."""

_KINDS: Mapping[MessageKind, str] = {
    MessageKind.CRISIS: "crisis",
    MessageKind.HELP: "hulpvraag",
    MessageKind.RESULT: "resultaat",
    MessageKind.NOT_REACHED: "niet-bereikt",
    MessageKind.TAKEN_BACK: "teruggenomen",
}


def note_of(facts: ResultFacts, vault: Vault) -> str:
    """The note in plain text; empty when there is none or it was erased."""
    box: Box | None = facts.note
    if box is None:
        return ""
    try:
        if box.delivery is None:
            sealer = vault.client(box.client, box.client_key)
        else:
            sealer = vault.delivery(box.client, box.client_key, box.delivery, box.delivery_key)
    except ErasedError:
        return ""
    return sealer.open(sealed.NOTE, box.owner, box.sealed).decode()


def seal(message: Message, facts: ResultFacts, body: Mapping[str, object], vault: Vault) -> bytes:
    """The content, erased with the delivery. Raises ErasedError."""
    sealer = vault.delivery(message.client, message.client_key, facts.delivery, facts.delivery_key)
    return sealer.seal(OUTBOX, message.id, json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode())


def opened(message: Message, vault: Vault) -> dict[str, object]:
    """What a kept message tells. Raises ErasedError, SealError."""
    assert message.delivery is not None
    assert message.sealed is not None
    sealer = vault.delivery(message.client, message.client_key, message.delivery, message.delivery_key)
    body: dict[str, object] = json.loads(sealer.open(OUTBOX, message.id, message.sealed))
    return body


def _when(at: str) -> dict[str, str]:
    moment = _local(at)
    return {
        "moment": moment.isoformat(timespec="seconds"),
        "datum": moment.date().isoformat(),
        "dagdeel": day_part(moment.time()).value,
    }


def _local(at: str) -> datetime:
    return local(datetime.fromisoformat(at))
