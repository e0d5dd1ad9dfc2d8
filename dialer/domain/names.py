"""Names as they are compared: without accents, case, prefixes, and with an ear for one wrong letter."""

from __future__ import annotations

import re
import unicodedata

_NOT_A_LETTER = re.compile(r"[^a-z0-9]+")
# Letters that no decomposition takes apart.
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d", "þ": "th"})
_NO_NAME = frozenset(
    ("van", "de", "der", "den", "het", "ter", "ten", "te", "in", "op", "la", "le", "du", "des", "di", "da", "el", "al")
) | frozenset(("heer", "meneer", "mevrouw", "mijnheer", "mr", "mrs", "ms", "dhr", "mevr", "mw"))
_FORGIVING = 5
"""Letters from which on one of them may be wrong: short names differ by one letter too often."""


def plain_name(name: str) -> str:
    """A name reduced to its letters and digits, so that spelling habits do not part one resident in two."""
    if not name.isascii():
        name = _folded(name)
        if not name.isascii():  # another script: its own letters are the best we have
            return "".join(c for c in name if c.isalnum())
    return _NOT_A_LETTER.sub("", name.lower())


def _folded(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.casefold().translate(_PLAIN))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def name_words(name: str) -> frozenset[str]:
    """The words of a name that tell people apart."""
    parts = re.split(r"[\s,.'’-]+", _folded(name))
    return frozenset(word for word in map(plain_name, parts) if len(word) > 1 and word not in _NO_NAME)


def is_said(said: str, surname: str) -> bool:
    """Whether what a caller said can be this surname: one of its words, give or take a letter in longer ones."""
    own = name_words(surname)
    return any(_near(heard, word) for heard in name_words(said) for word in own)


def _near(heard: str, word: str) -> bool:
    if heard == word:
        return True
    if min(len(heard), len(word)) < _FORGIVING or abs(len(heard) - len(word)) > 1:
        return False
    start = 0
    while start < min(len(heard), len(word)) and heard[start] == word[start]:
        start += 1
    one, other = heard[start:], word[start:]
    swapped = len(one) == len(other) > 1 and one[0] == other[1] and one[1] == other[0] and one[2:] == other[2:]
    return swapped or one[1:] == other[1:] or one[1:] == other or one == other[1:]
