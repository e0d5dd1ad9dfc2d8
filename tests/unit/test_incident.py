"""A data leak: its 72 hours, its steps, and a notice without anybody in it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dialer.domain.errors import IllegalTransitionError, InvalidError
from dialer.domain.incident import (
    DATA_WORDS,
    KIND_WORDS,
    DataKind,
    Incident,
    IncidentEvent,
    IncidentKind,
    IncidentState,
    advance,
    notice,
)
from dialer.domain.texts import PersonalError, impersonal_text

LEAK = Incident(
    discovered_at=datetime(2026, 3, 2, 9, tzinfo=UTC),
    kind=IncidentKind.SENT,
    data=[DataKind.NAMES, DataKind.NUMBERS],
    residents=12,
    what="Een lijst ging naar een verkeerd adres.",
    consequences="",
    measures="De ontvanger heeft de lijst gewist.",
)
SAID = {"discovered": "02-03-2026 10:00", "report_by": "05-03-2026 10:00"}


def test_the_client_has_72_hours_from_the_discovery() -> None:
    assert LEAK.report_by == datetime(2026, 3, 5, 9, tzinfo=UTC)


def test_told_before_it_is_closed_and_open_again_when_more_comes_to_light() -> None:
    with pytest.raises(IllegalTransitionError):
        advance(IncidentState.OPEN, IncidentEvent.CLOSE)
    told = advance(IncidentState.OPEN, IncidentEvent.TELL)
    assert advance(told, IncidentEvent.TELL) is told
    closed = advance(told, IncidentEvent.CLOSE)
    assert advance(closed, IncidentEvent.REOPEN) is told


def test_the_notice_says_what_which_how_many_and_until_when() -> None:
    text = notice(LEAK, "Gemeente Voorbeeldstad", SAID)
    for piece in ("12", LEAK.what, LEAK.measures, "05-03-2026 10:00", "namen en geboortedatums, telefoonnummers"):
        assert piece in text
    assert "(nog in te vullen)" in text
    unknown = Incident(
        **{**{n: getattr(LEAK, n) for n in Incident.__slots__}, "residents": None, "consequences": "Geen."}
    )
    assert "nog niet bekend" in notice(unknown, "Stad", SAID)
    english = notice(unknown, "Stad", SAID, english=True)
    assert "not known yet" in english
    assert "Geen." in english
    assert "(to be filled in)" in notice(LEAK, "Stad", SAID, english=True)
    assert set(KIND_WORDS) == set(IncidentKind)
    assert set(DATA_WORDS) == set(DataKind)


@pytest.mark.parametrize(
    "text",
    [
        "bel 06 1234 5678",
        "+31 79 000 0001",
        "jan@voorbeeld.nl",
        "woont op 2711 AB 12",
        "geboren 1-2-1970",
        "BSN 111222333",
    ],
)
def test_what_leads_to_somebody_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(InvalidError) as refused:
        impersonal_text(text, 200, "what")
    assert refused.value.field == "what"
    assert text not in str(refused.value)


def test_ordinary_words_and_recent_dates_pass() -> None:
    assert impersonal_text("  op 12-11-2026 naar 3 postbussen, 1200 rijen ", 200, "what") == (
        "op 12-11-2026 naar 3 postbussen, 1200 rijen"
    )
    assert impersonal_text(" ", 200, "what") == ""
    with pytest.raises(InvalidError):
        impersonal_text("x" * 201, 200, "what")
    assert PersonalError.code == "personal"
