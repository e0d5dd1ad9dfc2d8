"""Rows of a list: taken, taken with remarks, refused with every reason at once."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, date, datetime, timedelta

import pytest

from dialer.domain.errors import InvalidError
from dialer.domain.intake import (
    FIELDS,
    NUMBERS_FIELDS,
    PartnerType,
    Reason,
    SignalRow,
    amount_band,
    parse_numbers_row,
    parse_signal_row,
)
from dialer.domain.intake_words import FIELDS as FIELD_WORDS
from dialer.domain.intake_words import PARTNERS, REASONS, word
from dialer.domain.numbers import NumberReason
from dialer.domain.opening import Earlier, HoldReason, Opening, OpeningSettings, open_case

TODAY = date(2026, 6, 2)
GOOD = {
    "client_ref": "Z-1",
    "partner_type": "Energieleverancier",
    "signal_on": "01-06-2026",
    "surname": "Berg",
    "birth_date": "01-02-1970",
    "postcode": "2711 AB",
    "house_number": "12",
}


def read(**changes: str) -> tuple[SignalRow | None, list[tuple[str, str, bool]]]:
    row, issues = parse_signal_row({**GOOD, **changes}, today=TODAY, demo=True)
    return row, [(issue.field, str(issue.reason), issue.fatal) for issue in issues]


def test_a_bare_row() -> None:
    row, issues = read()
    assert issues == []
    assert row is not None
    assert (row.partner_type, row.signal_ref, row.language) == ("energy", "Z-1/energy/2026-06-01", "nl")
    assert (row.phones, row.amount_cents, row.crisis, row.warm_handover, row.arisen_on) == (
        (),
        None,
        False,
        False,
        None,
    )
    assert "Berg" not in repr(row)
    assert "1970" not in repr(row)


def test_a_full_row() -> None:
    row, issues = read(
        signal_ref="S-1",
        arisen_on="01-05-2026",
        amount="€ 310,50",
        crisis="ja",
        warm_handover="ja",
        salutation="mevr.",
        initials="A.B.",
        prefix="van der",
        house_addition="bis",
        phone_1="0790000123 / 0600000123",
        phone_2="+31600000124",
        language="Turks",
        brp_checked_on="30-05-2026",
    )
    assert issues == []
    assert row is not None
    assert (row.surname, row.initials, row.salutation, row.house_addition) == ("van der Berg", "A.B.", "v", "bis")
    assert [phone.e164 for phone in row.phones] == ["+31600000123", "+31600000124", "+31790000123"]
    assert (row.amount_cents, row.crisis, row.warm_handover, row.language) == (31050, True, True, "tr")
    assert (row.arisen_on, row.brp_checked_on) == (date(2026, 5, 1), date(2026, 5, 30))


@pytest.mark.parametrize(
    ("changes", "surname"),
    [
        ({"surname": "Berg, van der"}, "van der Berg"),
        ({"surname": "van der Berg", "prefix": "van der"}, "van der Berg"),
        ({"surname": "Berg, Bakker"}, "Berg, Bakker"),
        ({"surname": "Berg, van der", "prefix": "van"}, "van Berg, van der"),
        ({"surname": "X" * 60}, "X" * 60),
        ({"surname": "Nguyễn-O'Neill"}, "Nguyễn-O'Neill"),
        ({"surname": "Jan\r\nBoer"}, "Jan Boer"),
    ],
)
def test_surnames(changes: dict[str, str], surname: str) -> None:
    row, _ = read(**changes)
    assert row is not None
    assert row.surname == surname


@pytest.mark.parametrize(
    ("field", "text", "reason"),
    [
        *((name, "", Reason.MISSING) for name in GOOD),
        ("client_ref", "Z;1", Reason.REFERENCE),
        ("signal_ref", "=1", Reason.REFERENCE),
        ("partner_type", "Sportschool", Reason.PARTNER),
        ("partner_type", "123", Reason.PARTNER),
        ("signal_on", "gisteren", Reason.DATE),
        ("signal_on", "03-06-2026", Reason.DATE_FUTURE),
        ("signal_on", "01-05-2025", Reason.DATE_OLD),
        ("crisis", "misschien", Reason.FLAG),
        ("surname", "<script>alert(1)</script>", Reason.NAME_CHARACTERS),
        ("surname", "Robert'); DROP TABLE case_file;--", Reason.NAME_CHARACTERS),
        ("surname", "x" * 101, Reason.TOO_LONG),
        ("initials", "=cmd()", Reason.NAME_CHARACTERS),
        ("prefix", "<b>", Reason.NAME_CHARACTERS),
        ("birth_date", "01-02-1899", Reason.BIRTH_DATE),
        ("birth_date", "03-06-2026", Reason.BIRTH_DATE),
        ("birth_date", "03-06-2008", Reason.MINOR),
        ("birth_date", "1-2-70", Reason.DATE),
        ("postcode", "27 AB", Reason.POSTCODE),
        ("house_number", "twaalf", Reason.HOUSE_NUMBER),
        ("house_addition", "<i>", Reason.NAME_CHARACTERS),
    ],
)
def test_refused(field: str, text: str, reason: str) -> None:
    row, issues = read(**{field: text})
    assert row is None
    assert issues == [(field, str(reason), True)]


def test_all_reasons_at_once() -> None:
    row, issues = parse_signal_row({}, today=TODAY)
    assert row is None
    assert {issue.field for issue in issues} == set(GOOD)


def test_eighteen_today_is_old_enough() -> None:
    assert read(birth_date="02-06-2008")[0] is not None


def test_companies() -> None:
    row, issues = read(surname="Klusbedrijf De Hamer B.V.", birth_date="")
    assert row is None
    assert issues == [("surname", "company", True)]
    assert read(surname="Stichting", birth_date="01-02-1970")[0] is not None  # with a birth date it is a name


@pytest.mark.parametrize(
    ("field", "text", "reason"),
    [
        ("warm_handover", "misschien", Reason.FLAG),
        ("amount", "veel", Reason.AMOUNT),
        ("language", "klingon", Reason.LANGUAGE),
        ("arisen_on", "ooit", Reason.DATE),
        ("brp_checked_on", "03-06-2026", Reason.DATE_FUTURE),
        ("phone_2", "112", NumberReason.SERVICE),
        ("phone_3", "+49 30 123", NumberReason.FOREIGN),
    ],
)
def test_remarks(field: str, text: str, reason: str) -> None:
    row, issues = read(**{field: text})
    assert row is not None
    assert issues == [(field, str(reason), False)]


def test_house_number_and_addition_are_one() -> None:
    for changes, addition in (
        ({"house_number": "12a"}, "a"),
        ({"house_number": "12a", "house_addition": "A"}, "a"),
        ({"house_number": "12a", "house_addition": "2"}, "a 2"),
        ({"house_number": "12", "house_addition": "bis"}, "bis"),
    ):
        row, _ = read(**changes)
        assert row is not None
        assert (row.house_number, row.house_addition) == (12, addition)


def test_numbers_rows() -> None:
    row, issues = parse_numbers_row(
        {"client_ref": "Z-1", "phone_1": "0600000123 / 112", "source": "Verrijker", "source_on": "01-06-2026"},
        today=TODAY,
        demo=True,
    )
    assert row is not None
    assert (row.source, row.source_on, len(row.phones)) == ("Verrijker", date(2026, 6, 1), 1)
    assert [(issue.field, issue.fatal) for issue in issues] == [("phone_1", False)]
    for cells, expected in (
        ({"client_ref": "Z-1"}, [("phone_1", Reason.MISSING)]),
        ({"client_ref": "Z-1", "phone_1": "112"}, [("phone_1", NumberReason.SERVICE)]),
        ({"phone_1": "0600000123"}, [("client_ref", Reason.MISSING)]),
    ):
        row, issues = parse_numbers_row(cells, today=TODAY, demo=True)
        assert row is None
        assert [(issue.field, issue.reason) for issue in issues] == expected
        assert all(issue.fatal for issue in issues)


def test_every_reason_and_field_has_words() -> None:
    for reason in (*Reason, *NumberReason):
        assert word(REASONS, reason) != reason != word(REASONS, reason, "en")
    assert set(FIELDS) | set(NUMBERS_FIELDS) <= set(FIELD_WORDS)
    assert set(PARTNERS) == set(PartnerType)
    assert word(REASONS, "unheard-of") == "unheard-of"
    assert {field.name for field in fields(SignalRow)} >= {"client_ref", "phones"}


@pytest.mark.parametrize(("cents", "band"), [(0, 0), (7_499, 0), (7_500, 1), (249_999, 4), (250_000, 5)])
def test_bands(cents: int, band: int) -> None:
    assert amount_band(cents) == band


# --- how a case begins ----------------------------------------------------------------------------------------------

AT = datetime(2026, 6, 2, 8, 0, tzinfo=UTC)


def opened(
    earlier: Earlier | None = None, *, opted_out: bool = False, callable_: bool = True, crisis: bool = False
) -> Opening:
    return open_case(
        earlier=earlier, opted_out=opted_out, callable_=callable_, crisis=crisis, at=AT, settings=OpeningSettings()
    )


def over(outcome: str, days: float, *, reached: bool = False) -> Earlier:
    return Earlier(outcome=outcome, reached=reached, closed_at=AT - timedelta(days=days))


def test_new_residents() -> None:
    assert opened() == Opening(state="open", reason="", next_at=AT, paused_until=None, priority=100)
    assert opened(crisis=True).priority == 10
    assert opened(callable_=False) == Opening(
        state="no_number", reason="", next_at=None, paused_until=None, priority=100
    )


@pytest.mark.parametrize(
    ("earlier", "reason"),
    [
        (over("DECEASED", 400), HoldReason.DECEASED),
        (over("MOVED", 400), HoldReason.MOVED),
        (over("HELP_WANTED", 400, reached=True), HoldReason.IN_HELP),
        (over("IN_DEBT_HELP", 400, reached=True), HoldReason.IN_HELP),
        (over("NO_HELP", 89, reached=True), HoldReason.SPOKEN_RECENTLY),
    ],
)
def test_held_for_the_client_s_decision_also_without_a_number_or_in_a_crisis(earlier: Earlier, reason: str) -> None:
    for callable_ in (True, False):
        opening = opened(earlier, callable_=callable_, crisis=True)
        assert (opening.state, opening.reason, opening.next_at) == ("held", reason, None)


def test_opted_out_comes_before_all() -> None:
    assert opened(over("DECEASED", 1), opted_out=True).reason == HoldReason.OPTED_OUT


def test_rest() -> None:
    rested = opened(over("NOT_REACHED", 2))
    assert rested.state == "open"
    assert rested.next_at == rested.paused_until == AT + timedelta(days=5)
    assert opened(over("NOT_REACHED", 2), crisis=True).next_at == AT
    assert opened(over("NOT_REACHED", 8)).paused_until is None
    assert opened(over("NO_HELP", 90, reached=True)).next_at == AT


def test_settings() -> None:
    assert OpeningSettings.from_settings({}) == OpeningSettings()
    own = OpeningSettings.from_settings({"rest_days": 0, "spoken_hold_days": 30})
    assert (own.rest, own.spoken_hold) == (timedelta(0), timedelta(days=30))
    for key, value in (("rest_days", "x"), ("spoken_hold_days", -1)):
        with pytest.raises(InvalidError) as caught:
            OpeningSettings.from_settings({key: value})
        assert caught.value.field == key
