"""Whether residents came to what was agreed with them, as a client tells it in a file: its rows, and which appointment
each is about. Pure: times are arguments, aware UTC; days are Amsterdam's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from dialer.domain.ids import CaseId
from dialer.domain.intake import Issue, Reason
from dialer.domain.intake_values import clean, parse_date, parse_flag, parse_reference

VISIT_FIELDS = ("client_ref", "kept", "visit_on")
VISIT_REQUIRED = ("client_ref", "kept")
MOST_VISITS = 20_000
"""Rows of one file: years of appointments of one client."""

_KEPT = frozenset(
    {"doorgegaan", "verschenen", "gekomen", "nagekomen", "geweest", "aanwezig", "kept", "attended", "came"}
)
_MISSED = frozenset(
    {
        "niet doorgegaan", "niet verschenen", "niet gekomen", "niet nagekomen", "niet geweest", "afwezig", "no show",
        "noshow", "no_show", "missed", "did not come",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRow:
    """One row: the client's reference, whether the resident came, and on which day it was where the file says so."""

    client_ref: str
    kept: bool
    visit_on: date | None


def parse_visit_row(
    cells: Mapping[str, str],
    *,
    today: date,
    demo: bool = False,  # noqa: ARG001 - as the other rows are asked
) -> tuple[VisitRow | None, Sequence[Issue]]:
    """A row from its cells by field name. An empty word is refused, not taken for a no-show."""
    issues: list[Issue] = []
    reference, kept_text, day_text = (clean(cells.get(name) or "") for name in VISIT_FIELDS)
    if not reference:
        issues.append(Issue(field="client_ref", reason=Reason.MISSING))
    elif parse_reference(reference) is None:
        issues.append(Issue(field="client_ref", reason=Reason.REFERENCE))
    kept = _came(kept_text)
    if not kept_text:
        issues.append(Issue(field="kept", reason=Reason.MISSING))
    elif kept is None:
        issues.append(Issue(field="kept", reason=Reason.CAME))
    day = parse_date(day_text) if day_text else None
    if day_text and day is None:
        issues.append(Issue(field="visit_on", reason=Reason.DATE))
    elif day is not None and day > today:
        issues.append(Issue(field="visit_on", reason=Reason.DATE_FUTURE))
    if issues:
        return None, issues
    return VisitRow(client_ref=reference, kept=bool(kept), visit_on=day), issues


def _came(text: str) -> bool | None:
    low = " ".join(text.lower().replace("-", " ").split())
    if low in _KEPT or low in _MISSED:
        return low in _KEPT
    return parse_flag(text) if text != "-" else None


class Said(StrEnum):
    """What stands of an appointment."""

    NOTHING = ""
    KEPT = "kept"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """An appointment that a row may be about. `booking` None: agreed without a time that the client offers."""

    case: CaseId
    booking: UUID | None
    starts_at: datetime
    on: date
    said: Said
    said_at: datetime | None
    version: int
    """Of the case's result."""


class Verdict(StrEnum):
    """What a row does."""

    REPORT = "report"
    SAME = "same"  # it was said already
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """`visit` unless refused; `issue` where it is refused."""

    verdict: Verdict
    visit: Visit | None = None
    issue: Issue | None = None


def decide(row: VisitRow, visits: Sequence[Visit], now: datetime) -> Decision:
    """Which appointment of this reference is meant, and whether its word is new.

    Where there is more than one to choose from, nobody guesses: the row needs its day. A word that stands is not turned
    round by a file, because an old file may say what was put right since.
    """
    there = [one for one in visits if row.visit_on is None or one.on == row.visit_on]
    if not there:
        return _refused("client_ref" if not visits else "visit_on", Reason.NO_VISIT)
    standing = [one for one in there if one.said is not Said.CANCELLED]
    if not standing:
        return _refused("client_ref", Reason.VISIT_CANCELLED)
    begun = [one for one in standing if one.starts_at <= now]
    if not begun:
        return _refused("client_ref", Reason.VISIT_TO_COME)
    if len(begun) > 1:
        return _refused("visit_on", Reason.VISIT_SEVERAL)
    [visit] = begun
    if visit.said is Said.NOTHING:
        return Decision(verdict=Verdict.REPORT, visit=visit)
    if visit.said is (Said.KEPT if row.kept else Said.NO_SHOW):
        return Decision(verdict=Verdict.SAME, visit=visit)
    return _refused("kept", Reason.VISIT_OTHERWISE)


def _refused(field: str, reason: Reason) -> Decision:
    return Decision(verdict=Verdict.REFUSED, issue=Issue(field=field, reason=reason))
