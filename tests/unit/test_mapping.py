"""Which column holds which field."""

from __future__ import annotations

import pytest

from dialer.intake.mapping import fields_of, find_header, guess, resolve, unique_titles
from dialer.services.ports.intake import FileRefusedError

OURS = ["Kenmerk", "Partner", "Signaaldatum", "Achternaam", "Geboortedatum", "Postcode", "Huisnr."]


def test_guesses_what_dutch_lists_call_things() -> None:
    header = [
        *OURS,
        "Tel. privé",
        "Mobiel",
        "Telefoon 3",
        "Vast nummer",
        "Voornamen",
        "Tussenvoegsel(s)",
        "Taal",
        "Kleur",
    ]
    assert guess(header) == {
        "client_ref": "Kenmerk",
        "partner_type": "Partner",
        "signal_on": "Signaaldatum",
        "surname": "Achternaam",
        "birth_date": "Geboortedatum",
        "postcode": "Postcode",
        "house_number": "Huisnr.",
        "phone_1": "Tel. privé",
        "phone_2": "Mobiel",
        "phone_3": "Telefoon 3",
        "initials": "Voornamen",
        "prefix": "Tussenvoegsel(s)",
        "language": "Taal",
    }


def test_the_first_of_two_rivals_wins_and_kinds_have_their_own_fields() -> None:
    assert guess(["Naam", "Achternaam"]) == {"surname": "Naam"}
    assert guess(["kenmerk", "telefoon", "bron", "achternaam"], "numbers") == {
        "client_ref": "kenmerk",
        "phone_1": "telefoon",
        "source": "bron",
    }
    assert guess(["bron"]) == {}
    assert fields_of("numbers")[1] == ("client_ref", "phone_1")


def test_titles_are_made_distinct() -> None:
    assert unique_titles(["Tel", "Tel", " a  b ", ""]) == ["Tel", "Tel (2)", "a b", "kolom D"]
    assert unique_titles([""] * 28)[27] == "kolom AB"


def test_header_below_a_title() -> None:
    rows = [["Export van 2 juni"], [], OURS, ["Z-1", "Huur"]]
    assert find_header(rows, "list", None) == 2
    assert find_header([[""], ["a", "b"]], "list", None) == 1
    assert find_header([["x"], ["Ref", "T"]], "list", {"client_ref": "Ref"}) == 1
    assert find_header([["x"], ["kenmerk"]], "numbers", None) == 1
    assert find_header([[""], []], "list", None) == -1


def test_resolve() -> None:
    assert resolve(OURS, "list", None)["surname"] == "Achternaam"
    columns = dict(zip(fields_of("list")[1], OURS, strict=True))
    assert resolve(OURS, "list", columns) == columns
    for wrong, reason in (
        ({**columns, "shoe_size": "Kenmerk"}, "mapping-field"),
        ({**columns, "surname": "Naam"}, "mapping-column"),
        ({"client_ref": "Kenmerk"}, "columns-missing"),
    ):
        with pytest.raises(FileRefusedError) as caught:
            resolve(OURS, "list", wrong)
        assert caught.value.reason == reason
    with pytest.raises(FileRefusedError, match="surname") as caught:
        resolve(OURS[:3], "list", None)
    assert caught.value.headings == list(OURS[:3])  # to choose from, beside what was understood
    assert set(caught.value.columns.values()) <= set(OURS[:3])
    assert caught.value.columns
