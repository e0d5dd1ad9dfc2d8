"""Rows of a file that says who came: what they mean, and which appointment each is about."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from dialer.domain.ids import CaseId
from dialer.domain.intake import Reason
from dialer.domain.visits import Decision, Said, Verdict, Visit, VisitRow, decide, parse_visit_row

TODAY = date(2026, 6, 12)
NOW = datetime(2026, 6, 12, 10, 0, tzinfo=UTC)


def read(**cells: str) -> tuple[VisitRow | None, list[tuple[str, str]]]:
    row, issues = parse_visit_row({"client_ref": "Z-1", "kept": "ja", **cells}, today=TODAY)
    assert all(issue.fatal for issue in issues)
    return row, [(issue.field, issue.reason) for issue in issues]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("ja", True), ("Doorgegaan", True), ("kept", True), ("1", True), ("x", True),
        ("nee", False), ("Niet verschenen", False), ("no-show", False), ("NO_SHOW", False), ("No  show", False),
        ("0", False),
    ],
)  # fmt: skip
def test_words_for_came_and_did_not(text: str, kept: bool) -> None:
    assert read(kept=text) == (VisitRow(client_ref="Z-1", kept=kept, visit_on=None), [])


@pytest.mark.parametrize(
    ("cells", "field", "reason"),
    [
        ({"kept": ""}, "kept", Reason.MISSING),
        ({"kept": "-"}, "kept", Reason.CAME),
        ({"kept": "misschien"}, "kept", Reason.CAME),
        ({"client_ref": " "}, "client_ref", Reason.MISSING),
        ({"client_ref": "Z;1"}, "client_ref", Reason.REFERENCE),
        ({"visit_on": "ooit"}, "visit_on", Reason.DATE),
        ({"visit_on": "13-06-2026"}, "visit_on", Reason.DATE_FUTURE),
    ],
)
def test_what_is_refused(cells: dict[str, str], field: str, reason: Reason) -> None:
    assert read(**cells) == (None, [(field, reason)])


def test_every_reason_at_once() -> None:
    assert read(client_ref="", kept="", visit_on="x")[1] == [
        ("client_ref", Reason.MISSING), ("kept", Reason.MISSING), ("visit_on", Reason.DATE),
    ]  # fmt: skip


def visit(days: int = -1, said: Said = Said.NOTHING) -> Visit:
    at = NOW + timedelta(days=days)
    return Visit(case=CaseId(uuid4()), booking=uuid4(), starts_at=at, on=at.date(), said=said, said_at=None, version=1)


def said(*visits: Visit, kept: bool = True, on: date | None = None) -> Decision:
    return decide(VisitRow(client_ref="Z-1", kept=kept, visit_on=on), visits, NOW)


def refused(decision: Decision) -> tuple[str, str]:
    assert decision.verdict is Verdict.REFUSED
    assert decision.issue is not None
    return decision.issue.field, decision.issue.reason


def test_the_one_that_has_begun() -> None:
    one = visit(0)
    assert said(one) == Decision(verdict=Verdict.REPORT, visit=one)
    assert said(one, visit(+1), visit(-2, Said.CANCELLED)).visit == one


def test_nothing_is_guessed() -> None:
    assert refused(said()) == ("client_ref", Reason.NO_VISIT)
    assert refused(said(visit(-1), on=TODAY)) == ("visit_on", Reason.NO_VISIT)
    assert refused(said(visit(+1))) == ("client_ref", Reason.VISIT_TO_COME)
    assert refused(said(visit(-1, Said.CANCELLED))) == ("client_ref", Reason.VISIT_CANCELLED)
    first, second = visit(-9, Said.KEPT), visit(-1)
    assert refused(said(first, second)) == ("visit_on", Reason.VISIT_SEVERAL)
    assert said(first, second, on=second.on).visit == second


def test_a_word_that_stands_is_not_turned_round() -> None:
    kept, missed = visit(-1, Said.KEPT), visit(-1, Said.NO_SHOW)
    assert said(kept) == Decision(verdict=Verdict.SAME, visit=kept)
    assert said(missed, kept=False) == Decision(verdict=Verdict.SAME, visit=missed)
    assert refused(said(kept, kept=False)) == ("kept", Reason.VISIT_OTHERWISE)
    assert refused(said(missed)) == ("kept", Reason.VISIT_OTHERWISE)
