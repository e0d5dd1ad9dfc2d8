"""The proof: a random share stays on plain rotation, and the difference gets an interval that may be looked at daily.

Membership is a hash of the case's key, so it is fixed, balanced and needs no storage. The interval is a confidence
sequence: it holds at all times at once, so stopping when it looks good does not cheat. It is the asymptotic one of
Waudby-Smith et al. (2021), theorem 2.2 (normal mixture), over inverse-propensity weighted differences.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

LEAST = 30
"""Residents in the smaller group below which no interval is given."""


def held_out(key: str, share: float, salt: str = "hold-out") -> bool:
    """Whether the case stays on rotation. The same key gives the same answer."""
    digest = hashlib.blake2b(f"{salt}:{key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64 < share


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A resident whose time is over: in which group, and whether he was reached."""

    held_out: bool
    reached: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Reach of the planned minus that of the held-out; `low` and `high` None while there are too few to say."""

    planned: int
    planned_reached: int
    held_out: int
    held_out_reached: int
    estimate: float | None
    low: float | None
    high: float | None

    @property
    def shown(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


def difference(outcomes: Sequence[Outcome], share: float, *, alpha: float = 0.05, tight_at: int = 1000) -> Difference:
    """What the hold-out shows so far. `share` is the chance to be held out; the interval is tightest near `tight_at`.

    Only residents whose time is over may be given: whoever is reached ends early, and counting him at once would favour
    the group that is reached faster. Raises ValueError for a share that is not between 0 and 1.
    """
    if not 0 < share < 1:
        raise ValueError("share is not between 0 and 1")
    held = [o.reached for o in outcomes if o.held_out]
    planned = [o.reached for o in outcomes if not o.held_out]
    low = high = estimate = None
    if min(len(held), len(planned)) >= LEAST:
        rate_held, rate_planned = sum(held) / len(held), sum(planned) / len(planned)
        estimate = rate_planned - rate_held
        # Augmented weighting: the mean is the plain difference, the spread that of what the rates do not explain.
        parts = [
            estimate + (-(o.reached - rate_held) / share if o.held_out else (o.reached - rate_planned) / (1 - share))
            for o in outcomes
        ]
        n = len(parts)
        mean = sum(parts) / n
        variance = sum((p - mean) ** 2 for p in parts) / n
        width = math.sqrt(variance) * _radius(n, alpha, tight_at)
        estimate, low, high = mean, mean - width, mean + width
    return Difference(
        planned=len(planned),
        planned_reached=sum(planned),
        held_out=len(held),
        held_out_reached=sum(held),
        estimate=estimate,
        low=low,
        high=high,
    )


def _radius(n: int, alpha: float, tight_at: int) -> float:
    """Half the width of the confidence sequence after `n`, for variance 1."""
    log = -2 * math.log(alpha)
    rho2 = (log + math.log(1 + log)) / tight_at  # close to the best choice for `tight_at` (same paper, appendix)
    return math.sqrt(2 * (n * rho2 + 1) / (n * n * rho2) * math.log(math.sqrt(n * rho2 + 1) / alpha))
