"""The last wall before a call leaves, against whoever got past all others: where to, and how often.

Who may be called is decided long before (a claimed case, a request, a staff phone, a client's target). This counts what
really goes out, by itself and in memory: a fault or a thief in the service cannot ring abroad, nor ring one number or
everybody all day. What it bars fails like a call that the carrier refuses: it is nobody's attempt.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from dialer.services.ports.telephony import TelephonyError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class TollRules:
    """What may leave. 0: no bound. Days are those of the calling hours."""

    prefixes: tuple[str, ...] = ("+31",)
    per_day: int = 0  # calls out over all lines
    per_number: int = 20  # to one number, transfers to a client's targets apart


class Tolls:
    """Counts for one process: after a restart a day begins anew, the ledger's own rules do not."""

    def __init__(self, rules: TollRules, today: Callable[[], date]) -> None:
        self._rules = rules
        self._today = today
        self._day: date | None = None
        self._numbers: Counter[str] = Counter()
        self._calls = 0
        self.barred = 0
        """Calls that did not leave, since the start."""

    def take(self, number: str, *, target: bool = False) -> None:
        """One more call to `number` (E.164). Raises TelephonyError for one that may not leave."""
        day = self._today()
        if day != self._day:
            self._day, self._calls = day, 0
            self._numbers.clear()
        rules = self._rules
        if not number.startswith(rules.prefixes):
            self._bar("destination")
        if rules.per_day and self._calls >= rules.per_day:
            self._bar("day")
        if rules.per_number and not target and self._numbers[number] >= rules.per_number:
            self._bar("number")
        self._calls += 1
        self._numbers[number] += 1

    def _bar(self, why: str) -> None:
        self.barred += 1
        log.error("call barred bound=%s", why)
        raise TelephonyError(f"call barred: {why}")
