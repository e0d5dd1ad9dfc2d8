"""A resident's file in his own words: names and codes are told, and nothing is left out for want of a word."""

from __future__ import annotations

from dialer.domain.resident_words import in_words


def test_names_codes_and_amounts() -> None:
    who = {"surname": "Vos", "salutation": "v", "birth_date": "1970-02-01", "postcode": "2711AB"}
    assert in_words(who) == {
        "achternaam": "Vos", "aanhef": "mevrouw", "geboortedatum": "1970-02-01", "postcode": "2711AB",
    }  # fmt: skip
    signal = {"vastelastenpartner": "health", "amount_cents": 38905, "arisen_on": None, "crisis": False}
    assert in_words(signal) == {
        "vastelastenpartner": "zorgverzekering", "achterstand_in_euro": "389,05", "achterstand_sinds": None,
        "crisis": False,
    }  # fmt: skip
    call = {"richting": "in", "stand": "not_reached", "wat": "card.read", "wie": "user"}
    assert list(in_words(call).values()) == [
        "de inwoner belde", "niet bereikt", "gegevens bekeken voor een gesprek", "een medewerker",
    ]  # fmt: skip


def test_what_has_no_word_stays_as_it_is() -> None:
    strange = {"new": {"a": 1}, "stand": "of tomorrow", "amount_cents": None, "richting": 3}
    assert in_words(strange) == {"new": {"a": 1}, "stand": "of tomorrow", "achterstand_in_euro": None, "richting": 3}
