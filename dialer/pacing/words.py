"""A decision in one line for a supervisor."""

from __future__ import annotations

from collections.abc import Mapping

from dialer.pacing.view import Decision, Held

_WORDS: Mapping[Held, tuple[str, str]] = {
    Held.CLOSED: ("het is buiten de beltijden", "it is outside calling hours"),
    Held.NOBODY: ("er is niemand aangemeld", "nobody is logged on"),
    Held.PREVIEW: ("de medewerker belt zelf", "agents start each call themselves"),
    Held.AGENTS: ("één oproep per vrije medewerker", "one call for each free agent"),
    Held.RISK: ("bij nog een oproep neemt misschien iemand op voor wie niemand vrij is",
                "with one more call somebody may answer whom nobody is free for"),
    Held.BUDGET: ("er zijn te veel mensen niet op tijd gesproken: eerst één oproep per vrije medewerker",
                  "too many people were not met in time: one call for each free agent first"),
    Held.GUARD: ("er gebeurt iets onverwachts: eerst één oproep per vrije medewerker",
                 "something unexpected happens: one call for each free agent first"),
    Held.INBOUND: ("wie vrij is, blijft vrij voor bellers", "free agents are kept for callers"),
    Held.BREATH: ("medewerkers hebben nog even rust", "agents still rest for a moment"),
    Held.LINES: ("alle lijnen zijn bezet", "all lines are in use"),
    Held.RATE: ("het tempo per seconde is bereikt", "the rate per second is reached"),
    Held.LIST: ("er is niemand aan de beurt", "nobody is due"),
}  # fmt: skip


def line(decision: Decision, language: str = "nl") -> str:
    """What is going on, what is done, and what holds it, in one line."""
    why = decision.reasons
    held = _WORDS[why.held][language == "en"]
    if language == "en":
        seen = f"{why.idle} free, {why.rings} in ring, {why.answers:.1f} answers expected, risk {why.risk:.1%}"
        done = f"start {decision.start}" + (f", hang up {len(decision.cancel)}" if decision.cancel else "")
    else:
        risk = f"{100.0 * why.risk:.1f}".replace(".", ",")
        answers = f"{why.answers:.1f}".replace(".", ",")
        seen = f"{why.idle} vrij, {why.rings} gaan over, naar verwachting {answers} keer opgenomen, risico {risk}%"
        done = f"start {decision.start}" + (f", hang {len(decision.cancel)} op" if decision.cancel else "")
    return f"{seen}: {done}; {held}"
