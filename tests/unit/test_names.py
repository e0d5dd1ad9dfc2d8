"""Names as they are compared."""

from __future__ import annotations

import pytest

from dialer.domain.names import is_said, name_words, plain_name


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("O'Neill-de Boer", "oneilldeboer"),
        ("Şahin", "sahin"),
        ("Øster", "oster"),
        ("Straße", "strasse"),
        ("Иванов 2", "иванов2"),
        ("", ""),
    ],
)
def test_plain_name(name: str, plain: str) -> None:
    assert plain_name(name) == plain


def test_words_leave_prefixes_and_forms_of_address_out() -> None:
    assert name_words("mevrouw Van der Berg-Öztürk") == {"berg", "ozturk"}


@pytest.mark.parametrize(
    ("said", "surname", "match"),
    [
        ("van der Berg", "van der Berg", True),
        ("meneer Berg", "van der Berg", True),
        ("J. Öztürk", "Jansen-Ozturk", True),
        ("Janssen", "Jansen", True),  # a letter more
        ("Jansn", "Jansen", True),  # a letter less
        ("Jamsen", "Jansen", True),  # another letter
        ("Jasnen", "Jansen", True),  # two swapped
        ("Jonssen", "Jansen", False),
        ("Kaya", "Koya", False),  # short names differ by a letter too often
        ("Bos", "Vos", False),
        ("Peters", "Pieterse", False),
        ("van der", "van der Berg", False),
        ("de heer", "de Heer", False),
        ("", "Jansen", False),
        ("Berg", "", False),
    ],
)
def test_is_said(said: str, surname: str, match: bool) -> None:
    assert is_said(said, surname) is match
