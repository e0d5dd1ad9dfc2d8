"""A scorecard: what a conversation is judged by, as data, and what it comes to. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dialer.domain.errors import InvalidError

_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
MOST_CRITERIA, LONGEST_LABEL, HEAVIEST = 30, 120, 10
FULL_POINTS = 2
"""Points of a criterion: 0 not, 1 partly, 2 well; None: it did not come up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One thing that is judged. `code` stays when the words change: trends follow it."""

    code: str
    label: str
    weight: int  # 1 to 10
    fatal: bool = False  # 0 points here make the whole score 0


Points = Mapping[str, int | None]


SHIPPED: Sequence[Criterion] = (
    Criterion(code="opening", label="Opent rustig en zegt namens wie er wordt gebeld", weight=1),
    Criterion(code="identity", label="Controleert eerst de identiteit", weight=3, fatal=True),
    Criterion(code="privacy", label="Zegt niets over schulden tegen een ander", weight=3, fatal=True),
    Criterion(code="listening", label="Luistert en vraagt door", weight=2),
    Criterion(code="plain", label="Praat in gewone taal", weight=1),
    Criterion(code="need", label="Vraagt helder of er hulp nodig is", weight=3),
    Criterion(code="next_step", label="Spreekt een duidelijke volgende stap af", weight=2),
    Criterion(code="filing", label="Legt het volledig en juist vast", weight=3),
)
"""The card of a client that has none of its own: its version is 0, and it never changes."""


def check_card(criteria: Sequence[Criterion]) -> Sequence[Criterion]:
    """`criteria` without blanks around their words. Raises InvalidError that names the field."""
    if not 1 <= len(criteria) <= MOST_CRITERIA:
        raise InvalidError(f"1 tot {MOST_CRITERIA} punten", "criteria")
    checked: list[Criterion] = []
    for number, one in enumerate(criteria):
        label = one.label.strip()
        if not _CODE.fullmatch(one.code) or one.code in {other.code for other in checked}:
            raise InvalidError("elk punt heeft een eigen code", f"criteria.{number}.code")
        if not label or len(label) > LONGEST_LABEL or not label.isprintable():
            raise InvalidError(f"1 tot {LONGEST_LABEL} tekens", f"criteria.{number}.label")
        if not 1 <= one.weight <= HEAVIEST:
            raise InvalidError(f"een getal van 1 tot en met {HEAVIEST}", f"criteria.{number}.weight")
        checked.append(Criterion(code=one.code, label=label, weight=one.weight, fatal=one.fatal))
    return checked


def check_points(criteria: Sequence[Criterion], points: Points) -> Points:
    """`points` in the card's order. Raises InvalidError unless exactly the card's criteria are judged."""
    if set(points) != {one.code for one in criteria}:
        raise InvalidError("geef bij elk punt een oordeel", "points")
    for code, given in points.items():
        if given is not None and not 0 <= given <= FULL_POINTS:
            raise InvalidError("0, 1 of 2 punten, of niet van toepassing", f"points.{code}")
    return {one.code: points[one.code] for one in criteria}


def score(criteria: Sequence[Criterion], points: Points) -> int | None:
    """0 to 100, half up; None when nothing on the card came up."""
    judged = [(one, given) for one in criteria if (given := points[one.code]) is not None]
    if not judged:
        return None
    if any(one.fatal and given == 0 for one, given in judged):
        return 0
    full = sum(one.weight * FULL_POINTS for one, _ in judged)
    return (200 * sum(one.weight * given for one, given in judged) + full) // (2 * full)
