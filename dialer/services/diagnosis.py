"""Why is nothing dialled? The first rule that holds calls back, in words: for a campaign, and for one resident."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from dialer.schedule.model import Hold
from dialer.schedule.planner import explain
from dialer.schedule.rules import why
from dialer.schedule.windows import local_date
from dialer.schedule.words import moment, say
from dialer.services.ports.campaigns import CampaignRecord, CaseWhy, EngineFacts, PlannedAttempt, Why
from dialer.services.ports.cases import CaseOutlook, PastOutlook

_WORDS: Mapping[str, tuple[str, str]] = {
    "": ("Niets houdt het bellen tegen.", "Nothing holds calls back."),
    "campaign_draft": ("De belactie is nog niet gestart.", "The campaign has not been started yet."),
    "campaign_paused": ("De belactie staat op pauze.", "The campaign is paused."),
    "campaign_draining": ("De belactie loopt leeg: er gaan geen nieuwe oproepen uit.", "The campaign is draining."),
    "campaign_stopped": ("De belactie is gestopt.", "The campaign is stopped."),
    "not_begun": ("De belactie begint op {starts_on}.", "The campaign begins on {starts_on}."),
    "over": ("De belactie liep tot en met {ends_on}.", "The campaign ran until {ends_on}."),
    "outside_window": ("Het is buiten de beltijden.", "It is outside calling hours."),
    "no_window": ("Er zijn geen beltijden meer.", "There are no calling hours ahead."),
    "database_away": ("De database antwoordt niet.", "The database does not answer."),
    "emergency_stop": (
        "Er is een noodstop: niemand wordt gebeld tot die is opgeheven.",
        "An emergency stop stands: nobody is called until it is lifted.",
    ),
    "link_down": ("De telefooncentrale antwoordt niet.", "The telephone system does not answer."),
    "lease_elsewhere": ("Een ander proces belt voor deze belactie.", "Another process dials for this campaign."),
    "nobody_runs_it": ("Geen enkel proces belt voor deze belactie.", "No process dials for this campaign."),
    "trunk_faults": (
        "Het telefoonnetwerk gaf te veel storingen; er wordt even gewacht.",
        "The telephone network had too many faults; dialling waits a while.",
    ),
    "nobody_on_duty": ("Er is geen medewerker in dienst.", "No agent is on duty."),
    "nobody_practised": (
        "Wie in dienst is, heeft de oefening nog niet gehaald.",
        "Nobody on duty has passed the practice.",
    ),
    "agents": ("Er is geen medewerker vrij.", "No agent is free."),
    "inbound": ("Wie vrij is, neemt eerst bellers op.", "Free agents take callers first."),
    "preview": ("Medewerkers bellen zelf: zij zien eerst wie.", "Agents call themselves, and see first whom."),
    "appointments": ("Wie vrij is, heeft zo een afspraak.", "Free agents have an appointment soon."),
    "lines": ("Alle lijnen zijn bezet.", "All lines are in use."),
    "client_lines": (
        "Alle lijnen van deze opdrachtgever zijn bezet, ook die van andere belacties.",
        "All lines of this client are in use, those of other campaigns too.",
    ),
    "trunk_lines": ("Alle lijnen van de provider zijn bezet.", "All lines of the carrier are in use."),
    "risk": (
        "Er gaan al zoveel oproepen over als er straks medewerkers vrij zijn.",
        "As many calls ring already as agents will be free soon.",
    ),
    "guard": (
        "Er gebeurt iets dat niet te voorzien was; even gaat er één oproep per vrije medewerker over.",
        "Something unforeseen happens; for a while one call rings for each free agent.",
    ),
    "breath": ("Wie vrij is, komt even op adem.", "Who is free takes a breath."),
    "budget": (
        "Het beloofde aantal oproepen zonder medewerker is bereikt; er gaat nu één oproep per vrije medewerker over.",
        "The promised number of abandoned calls is reached; one call rings for each free agent now.",
    ),
    "rate": ("Het hoogste tempo per seconde is bereikt.", "The highest rate per second is reached."),
    "client_rate": (
        "Het hoogste tempo per seconde van deze opdrachtgever is bereikt.",
        "The highest rate per second of this client is reached.",
    ),
    "trunk_rate": (
        "Het hoogste tempo per seconde van de provider is bereikt.",
        "The highest rate per second of the carrier is reached.",
    ),
    "list_empty": ("Er is niemand meer om te bellen.", "There is nobody left to call."),
    "nothing_due": ("Er is nu niemand aan de beurt.", "Nobody is due now."),
    "unknown": ("De centrale houdt het bellen tegen ({reason}).", "The centre holds calls back ({reason})."),
}

_ENGINE_FIRST = ("emergency_stop", "database_away", "link_down", "trunk_faults")
_ENGINE_LAST = (
    "preview", "inbound", "appointments", "lines", "client_lines", "trunk_lines", "rate", "client_rate", "trunk_rate",
    "risk", "budget", "guard", "breath",
)  # fmt: skip


def in_words(
    code: str, language: str, *, until: datetime | None = None, facts: Mapping[str, object] | None = None
) -> Why:
    """A code in words."""
    known = dict(facts or {})
    english = language == "en"
    text = _WORDS[code][english].format(**known)
    if until is not None:
        text = f"{text} {'Until' if english else 'Tot'} {moment(until, language)}."
    return Why(code=code, text=text, until=until, facts=known)


Step = Callable[[CampaignRecord, "EngineFacts | None", datetime, str], "Why | None"]


def _state(record: CampaignRecord, _e: EngineFacts | None, _now: datetime, lang: str) -> Why | None:
    return None if record.state == "running" else in_words(f"campaign_{record.state}", lang)


def _dates(record: CampaignRecord, _e: EngineFacts | None, now: datetime, lang: str) -> Why | None:
    today = local_date(now)
    if record.starts_on is not None and today < record.starts_on:
        return in_words("not_begun", lang, facts={"starts_on": record.starts_on.isoformat()})
    if record.ends_on is not None and today > record.ends_on:
        return in_words("over", lang, facts={"ends_on": record.ends_on.isoformat()})
    return None


def _window(record: CampaignRecord, _e: EngineFacts | None, now: datetime, lang: str) -> Why | None:
    if record.calendar.is_open(now):
        return None
    opens = record.calendar.next_open(now)
    return in_words("no_window" if opens is None else "outside_window", lang, until=opens)


def _engine(record: CampaignRecord, engine: EngineFacts | None, _now: datetime, lang: str) -> Why | None:
    if engine is not None and engine.reason in _ENGINE_FIRST:
        return in_words(engine.reason, lang)
    if engine is not None and engine.owned:
        return None
    if not record.leased:
        return in_words("nobody_runs_it", lang)
    # Asked from another process (the command line): the one that dials knows more, the list tells enough.
    return None if engine is None else in_words("lease_elsewhere", lang)


def _agents(_r: CampaignRecord, engine: EngineFacts | None, _now: datetime, lang: str) -> Why | None:
    if engine is None:
        return None
    if engine.on_duty == 0:
        return in_words("nobody_practised" if engine.unpractised else "nobody_on_duty", lang)
    return in_words("agents", lang) if engine.free_agents == 0 else None


def _due(record: CampaignRecord, _e: EngineFacts | None, now: datetime, lang: str) -> Why | None:
    if record.overdue:
        return None
    if record.next_due is None:
        return in_words("list_empty", lang, facts={"open_cases": record.open_cases})
    return in_words("nothing_due", lang, until=max(record.next_due, now), facts={"open_cases": record.open_cases})


def _limits(_r: CampaignRecord, engine: EngineFacts | None, _now: datetime, lang: str) -> Why | None:
    reason = "" if engine is None else engine.reason
    return in_words(reason, lang) if reason in _ENGINE_LAST else None


STEPS: tuple[Step, ...] = (_state, _dates, _window, _engine, _due, _agents, _limits)
"""In the order in which they are told: what a person must mend first comes first."""


def why_campaign(record: CampaignRecord, engine: EngineFacts | None, now: datetime, language: str) -> Why:
    """The first rule that holds this campaign's calls back. `engine` None: no centre runs in this process."""
    for step in STEPS:
        found = step(record, engine, now, language)
        if found is not None:
            return found
    return in_words("", language)


def why_case(
    outlook: CaseOutlook, campaign: Why, now: datetime, language: str, waited_for: Collection[str] = ()
) -> CaseWhy:
    """The first rule that holds this resident back; then the plan; then what holds the whole campaign back.

    `waited_for`: languages that agents of the campaign speak, and nobody who is free now.
    """
    hold = why(outlook.history, now, outlook.limits)
    planned = outlook.next_at is not None and outlook.next_at > now
    temporary = hold is not None and hold.until is not None
    if hold is None and planned:
        hold = Hold(code="planned", until=outlook.next_at, facts=dict(outlook.next_reason))
    elif hold is None and outlook.next_at is None:
        hold = Hold(code="nothing_planned")
    elif temporary and hold is not None and hold.code == "window" and planned:
        hold = Hold(code="planned", until=outlook.next_at, facts=dict(outlook.next_reason))
    if hold is None:
        found = campaign if campaign.code else _of(_turn(outlook, now, waited_for), language)
    else:
        found = _of(hold, language)
    return CaseWhy(
        code=found.code, text=found.text, until=found.until, facts=found.facts, plan=_plan(outlook, now, language)
    )


_SINCE = {
    "nl": "De instellingen zijn daarna gewijzigd: dit is gerekend met de beltijden en grenzen van nu.",
    "en": "The settings were changed since: this is reckoned with today's hours and limits.",
}


def why_case_then(outlook: PastOutlook, at: datetime, language: str) -> CaseWhy:
    """The first rule that held the resident back at `at`; else what held the campaign; else that a later moment was
    chosen. The plan is the dial that came next, with the reason that the ledger kept.
    """
    hold = why(outlook.history, at, outlook.limits)
    if hold is None and outlook.campaign_state != "running":
        found = in_words(f"campaign_{outlook.campaign_state}", language)
    elif hold is None and outlook.next_at is not None:
        found = _of(Hold(code="chosen_later"), language)
    else:
        found = _of(hold or Hold(code="nothing_came"), language)
    came = outlook.next_at
    chance = outlook.next_reason.get("chance")
    return CaseWhy(
        code=found.code,
        text=f"{found.text} {_SINCE[language]}" if outlook.changed_since else found.text,
        until=found.until,
        facts=found.facts,
        plan=None
        if came is None
        else PlannedAttempt(
            at=came,
            number=outlook.next_number,
            chance=None if chance is None else float(chance),
            text=explain.sentences(outlook.next_reason, language),
        ),
    )


def _turn(outlook: CaseOutlook, now: datetime, waited_for: Collection[str]) -> Hold:
    until = outlook.speaker_until
    if until is None or until <= now or outlook.language not in waited_for:
        return Hold(code="waits_for_turn")
    return Hold(code="waits_for_language", until=until, facts={"language": outlook.language})


def _plan(outlook: CaseOutlook, now: datetime, language: str) -> PlannedAttempt | None:
    """The next attempt of a case that is being called, explained."""
    at, reason = outlook.next_at, outlook.next_reason
    if at is None or outlook.history.state != "open":
        return None
    chance = reason.get("chance")
    return PlannedAttempt(
        at=at,
        number=outlook.next_number,
        chance=None if chance is None else float(chance),
        text=[explain.planned(at, outlook.next_number, now, language), *explain.sentences(reason, language)],
    )


def _of(hold: Hold, language: str) -> Why:
    return Why(code=hold.code, text=say(hold, language), until=hold.until, facts=dict(hold.facts))
