"""What a change would do to a campaign's open cases, reckoned from a random sample of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from dialer.domain.ids import CaseId
from dialer.schedule.outcome_rules import Effect

SAMPLE = 2_000
"""Cases that a change is tried on; of more, a random share, and the rest is like them."""

FEW = 5
"""Cases tried at a time: some milliseconds."""


async def reckoned(
    sample: Sequence[CaseId], among: int, effects: Callable[[Sequence[CaseId]], Awaitable[Sequence[Effect]]]
) -> tuple[int, int]:
    """How many of `among` cases, of which `sample` is a random part, would move and how many close."""
    found = dict.fromkeys(Effect, 0)
    for start in range(0, len(sample), FEW):
        for effect in await effects(sample[start : start + FEW]):
            found[effect] += 1
        await asyncio.sleep(0)  # calls come first
    share = among / len(sample) if sample else 1.0
    return round(share * found[Effect.MOVED]), round(share * found[Effect.CLOSED])
