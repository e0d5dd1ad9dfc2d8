"""What would happen if a campaign started now: what blocks it, whom it will call, whom it skips and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from dialer.domain.checklist import ITEMS
from dialer.domain.errors import InvalidError
from dialer.schedule.model import limits
from dialer.schedule.windows import local_date
from dialer.services.ports.campaigns import CampaignRecord, Check, Count, EngineFacts, Preflight

_SKIPPED: Mapping[str, tuple[str, str]] = {
    "held": ("wacht op een besluit van de opdrachtgever", "held for the client's decision"),
    "no_number": ("geen nummer om te bellen", "no number to call"),
    "term_over": ("de beltermijn is voorbij", "the time for calling is over"),
    "opt_out": ("wil niet meer gebeld worden", "wants no further calls"),
    "not_loaded": ("de levering is nog niet klaar, of teruggeroepen", "the delivery is not ready, or was recalled"),
    "reached": ("al bereikt", "reached already"),
    "not_reached": ("het bellen is al afgerond", "calling is over already"),
    "closed": ("al afgesloten", "closed already"),
    "withdrawn": ("ingetrokken", "withdrawn"),
    "recalled": ("teruggeroepen", "recalled"),
    "merged": ("samengevoegd met een andere zaak", "merged into another case"),
}

_CHECKS: Mapping[str, tuple[str, str, str, str]] = {
    # code: fine nl, fine en, wrong nl, wrong en
    "messages": (
        "alle berichten zijn er",
        "all messages are there",
        "deze berichten ontbreken: {missing}. Maak ze met `dialer messages` of zet een opname klaar",
        "these messages are missing: {missing}. Make them with `dialer messages` or provide a recording",
    ),
    "agents": (
        "{agents} medewerkers kunnen bellen",
        "{agents} agents can call",
        "geen medewerker hoort bij deze belactie, met alles wat zij vraagt. Voeg iemand toe",
        "no agent works for this campaign, with all that it asks for. Add somebody",
    ),
    "window": (
        "de beltijden zijn ingesteld",
        "calling hours are set",
        "er zijn geen beltijden in de komende tijd. Pas de beltijden aan",
        "there are no calling hours ahead. Change the calendar",
    ),
    "dates": (
        "de belactie loopt",
        "the campaign's dates fit",
        "de belactie is voorbij: de einddatum ligt in het verleden",
        "the campaign is over: its last day has passed",
    ),
    "limits": (
        "de grenzen kloppen",
        "the limits are in order",
        "een instelling van de opdrachtgever klopt niet: {field}",
        "a setting of the client is wrong: {field}",
    ),
    "caller_id": (
        "het getoonde nummer is {number}",
        "the number shown is {number}",
        "het getoonde nummer ontbreekt",
        "the number to show is missing",
    ),
    "list": (
        "er zijn inwoners om te bellen",
        "there are residents to call",
        "er is nog niemand om te bellen. Laad eerst een lijst",
        "there is nobody to call yet. Load a list first",
    ),
    "telephone": (
        "de telefooncentrale antwoordt",
        "the telephone system answers",
        "de telefooncentrale antwoordt nu niet; het bellen begint zodra dat weer zo is",
        "the telephone system does not answer now; calls begin when it does",
    ),
}
_BLOCKING = frozenset({"messages", "agents", "window", "dates", "limits", "caller_id"})


def preflight(
    record: CampaignRecord,
    counts: Mapping[str, int],
    missing: Sequence[str],
    engine: EngineFacts | None,
    now: datetime,
    language: str,
) -> Preflight:
    """The check at `now`. `missing`: kinds of message that have no sound; `engine` None: no centre runs here."""
    english = language == "en"

    def check(code: str, ok: bool, **facts: object) -> Check:
        text = _CHECKS[code][(0 if ok else 2) + english].format(**facts)
        return Check(code=code, ok=ok, blocking=code in _BLOCKING, text=text)

    wrong = _wrong_limit(record)
    will_call = counts.get("call", 0)
    checks = [
        check("messages", not missing, missing=", ".join(missing)),
        check("agents", record.agents > 0, agents=record.agents),
        check("window", record.calendar.next_open(now) is not None),
        check("dates", record.ends_on is None or record.ends_on >= local_date(now)),
        check("limits", wrong is None, field=wrong),
        check("caller_id", bool(record.inbound_number), number=record.inbound_number),
        check("list", will_call > 0),
        check("telephone", engine is not None and engine.reason != "link_down"),
    ]
    checks += [
        Check(code=f"checklist.{item}", ok=False, blocking=True, text=ITEMS[item].missing[english])
        for item in ITEMS
        if item in record.unchecked
    ]
    skipped = [
        Count(code=code, text=_SKIPPED.get(code, (code, code))[english], count=counts[code])
        for code in sorted(counts, key=lambda code: -counts[code])
        if code != "call"
    ]
    return Preflight(
        may_start=all(c.ok for c in checks if c.blocking), will_call=will_call, skipped=skipped, checks=checks
    )


def _wrong_limit(record: CampaignRecord) -> str | None:
    try:
        limits(record.client_settings, record.calendar)
    except InvalidError as error:
        return error.field
    return None
