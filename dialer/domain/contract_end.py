"""The end of a client's contract: what must be done before its data goes, and what the certificate says. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from dialer.domain.privacy_request import months_after

AFTER_CARE_MONTHS = 6
"""The number is answered so long after the end: with a message that names nobody, and nothing is kept of a caller."""

AFTER_CARE = "-nazorg"
"""Behind a client's short name: the folder of what callers hear then."""

ITEMS: Mapping[str, tuple[str, str]] = {
    "campaigns": ("belacties die nog niet zijn gestopt", "campaigns that are not stopped"),
    "cases": ("zaken die nog lopen", "cases that are not finished"),
    "hand_over": ("resultaten zonder ontvangstbevestiging", "results without a receipt"),
    "messages": ("berichten en bestanden die nog weg moeten", "messages and files that wait"),
    "callbacks": ("terugbelverzoeken die open staan", "call-back requests that are open"),
    "complaints": ("klachten zonder antwoord", "complaints without an answer"),
    "requests": ("verzoeken van inwoners die open staan", "requests of residents that are open"),
    "bills": ("records die nog niet zijn gefactureerd", "records that are not billed"),
}
"""What there must be none of, with its words: (Dutch, English)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndFigures:
    """A campaign, or all of them together, over the whole contract. Amounts in euros without VAT."""

    name: str
    callable: int
    reached: int
    promised_percent: int | None
    help_wanted: int
    appointments: int
    kept: int
    no_show: int
    billed: Decimal | None  # None: of a campaign, which no bill is of

    @property
    def reach(self) -> float | None:
        """Reached of callable, 0..1."""
        return self.reached / self.callable if self.callable else None

    @property
    def cost_per_reached(self) -> Decimal | None:
        """Rounded to cents."""
        if self.billed is None or not self.reached:
            return None
        return (self.billed / self.reached).quantize(Decimal("0.01"), ROUND_HALF_UP)


def after_care_until(ended_on: date) -> date:
    """The last day on which the number is answered."""
    return months_after(ended_on, AFTER_CARE_MONTHS)


def open_items(counts: Mapping[str, int]) -> Sequence[str]:
    """What still stands in the way, in the order of `ITEMS`."""
    return [item for item in ITEMS if counts.get(item, 0)]


def signed_text(certificate: Mapping[str, object]) -> bytes:
    """What is signed of a certificate: the same bytes for the same content."""
    plain = {key: value for key, value in certificate.items() if key != "signature"}
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
