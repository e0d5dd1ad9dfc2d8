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

_SURPRISES: Mapping[str, tuple[str, str]] = {
    "clock": ("een klok is versprongen", "a clock has jumped"),
    "lag": ("berichten van de centrale komen laat", "messages of the exchange come late"),
    "answers": ("er wordt veel vaker opgenomen dan verwacht", "far more people answer than expected"),
    "leaving": ("medewerkers gaan tegelijk weg", "agents leave at once"),
}


def held_by(held: Held, language: str = "nl") -> str:
    """Why not more."""
    return _WORDS[held][language == "en"]


def because(decision: Decision, language: str = "nl") -> str:
    """A past decision in one plain line: what was done, what was seen and expected, why not more."""
    english = language == "en"
    parts = [_done(decision, english), _seen(decision, english)]
    if decision.reasons.mode == "predictive":
        parts.append(_expected(decision, english))
    surprise = _SURPRISES.get(decision.reasons.surprise)
    why = held_by(decision.reasons.held, language) + ("" if surprise is None else f" ({surprise[english]})")
    parts.append(f"{'Why not more' if english else 'Waarom niet meer'}: {why}")
    return ". ".join(parts) + "."


def _done(decision: Decision, english: bool) -> str:
    start, cut = decision.start, len(decision.cancel)
    if english:
        done = f"{start or 'No'} {'call' if start == 1 else 'calls'} started"
        return done + (f", {cut} hung up" if cut else "")
    done = f"{start or 'Geen'} {'nieuwe oproep' if start < 2 else 'nieuwe oproepen'}"
    return done + (f", {cut} opgehangen" if cut else "")


def _seen(decision: Decision, english: bool) -> str:
    idle, rings = decision.reasons.idle, decision.reasons.rings
    if english:
        agents, telephones = "agent" if idle == 1 else "agents", "telephone" if rings == 1 else "telephones"
        return f"{idle} {agents} free, {rings} {telephones} in ring"
    return (
        f"{idle} {'medewerker' if idle == 1 else 'medewerkers'} vrij, "
        f"{rings} {'telefoon gaat' if rings == 1 else 'telefoons gaan'} over"
    )


def _expected(decision: Decision, english: bool) -> str:
    why = decision.reasons
    if english:
        return (
            f"Expected: {why.answers:.1f} answered, {why.releases:.1f} agents free within half a minute. "
            f"Risk that somebody meets nobody {why.risk:.1%}, accepted {why.allowed:.1%}; "
            f"{why.budget:.1f} left of the promise"
        )
    return (
        f"Verwacht: {_comma(why.answers)} keer opgenomen, {_comma(why.releases)} medewerkers vrij "
        f"binnen een halve minuut. "
        f"Kans dat iemand niemand treft {_comma(100 * why.risk)}%, toegestaan {_comma(100 * why.allowed)}%; "
        f"nog {_comma(why.budget)} over van de belofte"
    )


def _comma(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")


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
