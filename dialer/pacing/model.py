"""A decision as the engine and the screens know it: a number, what held it, and facts that are free of ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Limit(StrEnum):
    """What kept a decision from starting more."""

    NONE = "none"
    STATE = "state"  # not running, or a rule outside pacing
    WINDOW = "window"
    AGENTS = "agents"  # nobody is free
    INBOUND = "inbound"  # those who are free are for callers
    APPOINTMENTS = "appointments"  # those who are free are for appointments that come due
    LINES = "lines"  # of the campaign
    CLIENT_LINES = "client_lines"
    TRUNK_LINES = "trunk_lines"
    RATE = "rate"  # calls per second, of the campaign
    CLIENT_RATE = "client_rate"
    TRUNK_RATE = "trunk_rate"
    PREVIEW = "preview"  # agents start each call themselves
    RISK = "risk"  # one more would be too likely to meet nobody
    GUARD = "guard"  # something is unlike anything foreseen: one call for each free agent for a while
    BREATH = "breath"  # who is idle has a right to rest
    BUDGET = "budget"  # the abandoned calls that are promised at most are spent
    LIST = "list"  # nothing more is due


_WORDS: Mapping[Limit, tuple[str, str]] = {
    Limit.NONE: ("niets houdt meer oproepen tegen", "nothing holds more calls back"),
    Limit.STATE: ("de belactie belt nu niet", "the campaign is not dialling now"),
    Limit.WINDOW: ("het is buiten de beltijden", "it is outside calling hours"),
    Limit.AGENTS: ("er is geen medewerker vrij", "no agent is free"),
    Limit.INBOUND: ("wie vrij is, neemt eerst bellers op", "free agents take callers first"),
    Limit.APPOINTMENTS: ("wie vrij is, heeft zo een afspraak", "free agents have an appointment soon"),
    Limit.PREVIEW: ("medewerkers bellen zelf", "agents start each call themselves"),
    Limit.LINES: ("alle lijnen zijn bezet", "all lines are in use"),
    Limit.CLIENT_LINES: ("alle lijnen van de opdrachtgever zijn bezet", "all lines of the client are in use"),
    Limit.TRUNK_LINES: ("alle lijnen van de provider zijn bezet", "all lines of the carrier are in use"),
    Limit.RISK: ("nog een oproep zou te vaak niemand treffen", "one more call would too often meet nobody"),
    Limit.GUARD: ("er gebeurt iets onverwachts: even rustig aan", "something unforeseen happens: slowly for a while"),
    Limit.BREATH: ("wie vrij is, komt even op adem", "who is free takes a breath"),
    Limit.BUDGET: (
        "de beloofde grens van gemiste oproepen is bereikt",
        "the promised bound of abandoned calls is reached",
    ),
    Limit.RATE: ("het tempo per seconde is bereikt", "the rate per second is reached"),
    Limit.CLIENT_RATE: (
        "het tempo per seconde van de opdrachtgever is bereikt",
        "the client's rate per second is reached",
    ),
    Limit.TRUNK_RATE: ("het tempo per seconde van de provider is bereikt", "the carrier's rate per second is reached"),
    Limit.LIST: ("er is niemand aan de beurt", "nobody is due"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """How many calls to start now, and why not more."""

    start: int
    limit: Limit
    ask_again: float = 1.0  # seconds, at the latest
    facts: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def hold(cls, limit: Limit) -> Decision:
        """Start nothing."""
        return cls(start=0, limit=limit)

    def line(self, language: str = "nl") -> str:
        """The decision in one line for a supervisor."""
        english = language == "en"
        why = _WORDS[self.limit][english]
        begun = f"start {self.start}"
        if not self.facts:
            return f"{begun}: {why}"
        known = self.facts
        state = (
            f"{known['free_agents']} free, {known['in_ring']} in ring, {known['inbound_waiting']} waiting"
            if english
            else f"{known['free_agents']} vrij, {known['in_ring']} gaan over, {known['inbound_waiting']} wachten"
        )
        return f"{state}: {begun}; {why}"
