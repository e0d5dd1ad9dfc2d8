"""Why agents pause, as data: the words, whether it counts as work, and how long it may last.

A reason is never taken away: what was written of a pause stays readable. One that is no longer wanted is archived.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from dialer.domain.errors import InvalidError

AFTER_CRISIS = "crisis"
"""Of the pause that follows a call in which somebody was in danger: the service gives it, nobody chooses it."""
OTHER = "other"
"""Of a pause whose reason nobody named."""
KEPT = frozenset({AFTER_CRISIS, OTHER})
"""The service itself writes these: their words may change, but they cannot be archived."""

LONGEST_WORDS = 40
MOST_MINUTES = 480
_CODE = re.compile(r"[^a-z0-9]+")
_LONGEST_CODE = 30


class CountsAs(StrEnum):
    """What a pause is for whoever reckons hours."""

    WORK = "work"  # a meeting, a training
    PAID = "paid"
    UNPAID = "unpaid"


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseReason:
    """One reason."""

    id: UUID
    code: str  # what is written of each pause; never changes
    dutch: str
    english: str
    position: int = 0  # in menus, the lowest first
    counts_as: CountsAs = CountsAs.PAID
    most_minutes: int | None = None  # of one pause; longer is marked on the floor. None: no bound
    archived: bool = False
    version: int = 1

    @property
    def offered(self) -> bool:
        """Whether somebody may choose it."""
        return not self.archived and self.code != AFTER_CRISIS


def check_reason(reason: PauseReason) -> PauseReason:
    """The reason with its words trimmed. Raises InvalidError that names the field."""
    clean = replace(reason, dutch=reason.dutch.strip(), english=reason.english.strip())
    for name, words in (("dutch", clean.dutch), ("english", clean.english)):
        if not 1 <= len(words) <= LONGEST_WORDS or not words.isprintable():
            raise InvalidError(f"1 tot {LONGEST_WORDS} tekens", name)
    if clean.most_minutes is not None and not 1 <= clean.most_minutes <= MOST_MINUTES:
        raise InvalidError(f"1 tot {MOST_MINUTES} minuten", "most_minutes")
    if clean.archived and clean.code in KEPT:
        raise InvalidError("deze reden gebruikt de dienst zelf", "archived")
    return clean


def new_code(english: str, taken: Collection[str], kind: str = "pause") -> str:
    """A code for new words: small letters and digits, as none that is `taken`. `kind` begins one without letters."""
    plain = unicodedata.normalize("NFKD", english).encode("ascii", "ignore").decode().lower()
    stem = _CODE.sub("_", plain).strip("_")[:_LONGEST_CODE].strip("_")
    if not stem or not stem[0].isalpha():
        stem = f"{kind}_{stem}".rstrip("_")
    code, number = stem, 2
    while code in taken:
        code, number = f"{stem}_{number}", number + 1
    return code
