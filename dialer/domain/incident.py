"""A data leak: what is known of it, the 72 hours in which the client can report it, and the notice to the client.

The client is the controller and reports it (Art. 33 GDPR); we tell it at once, with what it needs for that.
No text of it holds personal data. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from dialer.domain.errors import IllegalTransitionError


class IncidentKind(StrEnum):
    """What happened to the data."""

    SEEN = "seen"  # somebody saw it who might not
    SENT = "sent"  # it went to the wrong place
    LOST = "lost"  # it is gone, or was not there when it was needed
    CHANGED = "changed"  # it is not what it was


class DataKind(StrEnum):
    """Which data it is about."""

    NAMES = "names"
    ADDRESSES = "addresses"
    NUMBERS = "numbers"
    ARREARS = "arrears"
    NOTES = "notes"
    RECORDINGS = "recordings"
    STAFF = "staff"


class IncidentState(StrEnum):
    """Where it stands."""

    OPEN = "open"  # the client does not know yet
    TOLD = "told"  # the client was told
    CLOSED = "closed"  # with what was done so that it does not happen again


class IncidentEvent(StrEnum):
    """What can happen to it."""

    TELL = "tell"
    CLOSE = "close"
    REOPEN = "reopen"  # more came to light


_S, _E = IncidentState, IncidentEvent
TRANSITIONS: Mapping[IncidentState, Mapping[IncidentEvent, IncidentState]] = {
    _S.OPEN: {_E.TELL: _S.TOLD},
    _S.TOLD: {_E.TELL: _S.TOLD, _E.CLOSE: _S.CLOSED},  # told once more, as more is known
    _S.CLOSED: {_E.REOPEN: _S.TOLD},
}

REPORT_WITHIN = timedelta(hours=72)
"""From when it was discovered; the client reports it to the authority."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """What is known now. Times are the wall's, UTC; texts name nobody."""

    discovered_at: datetime
    kind: IncidentKind
    data: Sequence[DataKind]
    residents: int | None  # None: not known yet
    what: str
    consequences: str
    measures: str

    @property
    def report_by(self) -> datetime:
        """When the 72 hours are over."""
        return self.discovered_at + REPORT_WITHIN


def advance(state: IncidentState, event: IncidentEvent) -> IncidentState:
    """The next state. Raises IllegalTransitionError and changes nothing when `event` cannot happen in `state`."""
    following = TRANSITIONS[state].get(event)
    if following is None:
        raise IllegalTransitionError("incident", state, event)
    return following


KIND_WORDS: Mapping[IncidentKind, tuple[str, str]] = {
    IncidentKind.SEEN: ("iemand zag gegevens die hij niet mocht zien", "somebody saw data who might not"),
    IncidentKind.SENT: ("gegevens gingen naar de verkeerde plek", "data went to the wrong place"),
    IncidentKind.LOST: (
        "gegevens zijn kwijt of waren er niet toen ze nodig waren",
        "data is lost or was not available",
    ),
    IncidentKind.CHANGED: ("gegevens zijn veranderd zonder dat dat mocht", "data was changed without leave"),
}
DATA_WORDS: Mapping[DataKind, tuple[str, str]] = {
    DataKind.NAMES: ("namen en geboortedatums", "names and birth dates"),
    DataKind.ADDRESSES: ("adressen", "addresses"),
    DataKind.NUMBERS: ("telefoonnummers", "telephone numbers"),
    DataKind.ARREARS: ("betalingsachterstanden", "arrears"),
    DataKind.NOTES: ("verslagen van gesprekken", "notes of calls"),
    DataKind.RECORDINGS: ("opnamen van gesprekken", "recordings of calls"),
    DataKind.STAFF: ("gegevens van medewerkers", "data of staff"),
}


def notice(incident: Incident, client: str, said: Mapping[str, str], *, english: bool = False) -> str:
    """A draft to the client: who, what, how many, measures, and until when it can report. `said`: times in words."""
    kinds = ", ".join(DATA_WORDS[one][english] for one in incident.data)
    unknown = "not known yet" if english else "nog niet bekend"
    count = unknown if incident.residents is None else str(incident.residents)
    missing = "(to be filled in)" if english else "(nog in te vullen)"
    if english:
        parts = [
            f"To: {client}",
            "Subject: notice of a personal data breach",
            "",
            f"On {said['discovered']} we discovered a breach of personal data that we process for you.",
            "",
            f"What happened: {KIND_WORDS[incident.kind][True]}. {incident.what}",
            f"Which data: {kinds}.",
            f"Whose data: residents of {client}, number: {count}. As far as we know no others.",
            f"Possible consequences: {incident.consequences or missing}",
            f"What we did and do: {incident.measures or missing}",
            "",
            f"You can report it to the Dutch Data Protection Authority until {said['report_by']} (72 hours). "
            "You decide whether you report it and tell the residents. As soon as we know more, so will you.",
            "",
            "The list of residents is not in this message. You get it over the agreed, secured way.",
        ]
    else:
        parts = [
            f"Aan: {client}",
            "Onderwerp: melding van een datalek",
            "",
            f"Op {said['discovered']} ontdekten wij een datalek met gegevens die wij voor u verwerken.",
            "",
            f"Wat er gebeurde: {KIND_WORDS[incident.kind][False]}. {incident.what}",
            f"Welke gegevens: {kinds}.",
            f"Van wie: inwoners van {client}, aantal: {count}. Voor zover bekend van niemand anders.",
            f"Mogelijke gevolgen: {incident.consequences or missing}",
            f"Wat wij hebben gedaan en doen: {incident.measures or missing}",
            "",
            f"U kunt het lek melden bij de Autoriteit Persoonsgegevens tot {said['report_by']} (72 uur). "
            "U beslist of u het meldt, en of u de inwoners inlicht. Weten wij meer, dan hoort u dat meteen.",
            "",
            "De lijst van inwoners staat niet in dit bericht. Die krijgt u langs de afgesproken, beveiligde weg.",
        ]
    return "\n".join(parts) + "\n"
