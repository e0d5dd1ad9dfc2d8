"""What is wrong with a script, in words for its maker."""

from __future__ import annotations

from collections.abc import Mapping

from dialer.domain.script_check import Problem

WORDS: Mapping[str, tuple[str, str]] = {  # code: (Dutch, English); {detail} is the word or code that it is about
    "start_unknown": (
        "Kies de stap waarmee het script begint ({detail}).",
        "Choose the step that the script begins with ({detail}).",
    ),
    "start_audience": (
        "Het script begint hier ({detail}). Deze stap moet dus voor iedereen zijn.",
        "The script begins here ({detail}), so this step must be for anyone.",
    ),
    "after_match_unknown": (
        "Kies de stap waarmee het verder gaat als de controle klopt.",
        "Choose the step that follows when the identity check matches.",
    ),
    "after_match_audience": (
        "Hier gaat het verder na de controle. Deze stap moet dus voor de inwoner zijn.",
        "This follows the identity check, so it must be a step for the resident.",
    ),
    "empty": ("Hier ontbreekt de tekst.", "The text is missing here."),
    "english_missing": ("De Engelse tekst ontbreekt.", "The English text is missing."),
    "tells": (
        "“{detail}” verraadt waar het over gaat. Dat mag pas na de controle, in een stap voor de inwoner.",
        "“{detail}” tells what it is about. That may only be said after the check, in a step for the resident.",
    ),
    "placeholder_unknown": (
        "{detail} kan niet worden ingevuld. Kies een invulveld uit de lijst.",
        "{detail} cannot be filled in. Choose a field from the list.",
    ),
    "placeholder_before_check": (
        "{detail} noemt de achterstand voordat de controle klopt. Dit mag niet.",
        "{detail} names the arrears before the identity check has matched. This is not allowed.",
    ),
    "placeholder_third_party": (
        "{detail} noemt de achterstand aan iemand anders. Dit mag niet.",
        "{detail} names the arrears to somebody else. This is not allowed.",
    ),
    "condition_unknown": (
        "Deze voorwaarde klopt niet. Kies wat er bekend moet zijn.",
        "This condition is not right. Choose what must be known.",
    ),
    "condition_before_check": (
        "Deze voorwaarde gebruikt iets dat pas na de controle bekend is.",
        "This condition uses what is known after the identity check only.",
    ),
    "identity_audience": (
        "De controle hoort bij een stap voor iedereen.",
        "The identity check belongs to a step for anyone.",
    ),
    "dead_end": (
        "Hier loopt het gesprek dood: er is geen antwoord.",
        "The conversation comes to a dead end: no answers.",
    ),
    "dead_end_conditions": (
        "Elk antwoord heeft een voorwaarde. Is er niets bekend, dan loopt het gesprek dood.",
        "Every answer has a condition. When none holds, the conversation comes to a dead end.",
    ),
    "to_unknown": ("De volgende stap {detail} bestaat niet.", "The next step {detail} does not exist."),
    "passes_check": (
        "Naar {detail} gaat het alleen door de controle: die stap is voor de inwoner.",
        "Only the identity check leads to {detail}: that step is for the resident.",
    ),
    "flag_unknown": ("Het signaal {detail} bestaat niet.", "There is no flag {detail}."),
    "files_bad": (
        "Een vast antwoord heeft een naam (kleine letters) en een korte keuze.",
        "A structured answer has a name (small letters) and a short choice.",
    ),
    "outcome_unknown": ("Het resultaat {detail} bestaat niet.", "There is no outcome {detail}."),
    "outcome_machine": (
        "Het resultaat {detail} legt het systeem zelf vast.",
        "The outcome {detail} is set by the system itself.",
    ),
    "outcome_needs_check": (
        "Het resultaat {detail} kan pas na de controle.",
        "The outcome {detail} is possible after the identity check only.",
    ),
    "unreachable": ("Niemand komt ooit bij deze stap.", "Nobody ever comes to this step."),
    "no_way_out": (
        "Vanaf hier komt het gesprek nooit aan een einde.",
        "From here the conversation never comes to an end.",
    ),
    "no_outcome": (
        "Dit antwoord rondt af zonder resultaat. De medewerker kiest het dan zelf.",
        "This answer finishes without an outcome. The agent then chooses one.",
    ),
}
_OPENINGS: Mapping[str, tuple[str, str]] = {
    "out": ("wij bellen", "we ring"),
    "in": ("inwoner belt ons", "a resident rings us"),
    "call_back": ("wij bellen terug", "we ring back"),
}


def problem_text(problem: Problem, language: str) -> str:
    """In the language of the reader."""
    place = 1 if language == "en" else 0
    detail = _OPENINGS[problem.detail][place] if problem.code.startswith("start_") else problem.detail
    return WORDS[problem.code][place].format(detail=detail)
