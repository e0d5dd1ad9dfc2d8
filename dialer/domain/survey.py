"""Two questions after a conversation, by keypad: who is asked, and what the keys mean. Pure.

KTO: how satisfied somebody is, 1 to 5. NPS: how likely he is to recommend us, 0 to 10; who gives 9 or 10 promotes us,
who gives 0 to 6 does the opposite, and the figure is the share of the first less that of the second, times 100.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from dialer.domain.errors import InvalidError

NEVER_AFTER = frozenset({"CRISIS", "COMPLAINT", "AGGRESSION"})
"""Flags of a conversation after which nobody is asked, and whose answers are not kept."""

SETTLES_AFTER = timedelta(minutes=15)
"""So long after the filing a survey counts: until then the agent may take his filing back, flags and all."""

NEVER_BEGAN = timedelta(days=1)
"""A survey that was ordered and of which the telephone system knows nothing by then was never heard."""

_PARTS = 3
_OPTED_OUT = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What was pressed; None: nothing."""

    kto: int | None = None
    nps: int | None = None
    opted_out: bool = False  # asked not to be asked again


def drawn(campaign: UUID, attempt: UUID, percent: float) -> bool:
    """Whether this conversation is in the draw of `percent` (0..100). The same each time: the ids are the seed."""
    seed = hashlib.sha256(b"survey" + campaign.bytes + attempt.bytes).digest()
    return int.from_bytes(seed[:8]) < percent / 100 * 2**64


def read_answers(kept: str) -> Answers:
    """`kto*nps*end` as the dialplan keeps it; a part may be empty. Raises InvalidError."""
    parts = kept.split("*")
    if len(parts) != _PARTS:
        raise InvalidError("no answers of a survey", "survey")
    kto, nps, end = parts
    return Answers(kto=_key(kto, 1, 5), nps=_key(nps, 0, 10), opted_out=end == _OPTED_OUT)


def _key(text: str, low: int, high: int) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise InvalidError("no key of this question", "survey")
    return int(text)
