"""Carrier faults in a row: when a trunk is to rest, and for how long. Pure: told of calls, it answers."""

from __future__ import annotations

from dataclasses import dataclass

from dialer.domain.call import Call, CallEvent, Intent
from dialer.domain.causes import OUR_FAULT, machine_result

STOP_AFTER_FAULTS = 5
PAUSE_FIRST, PAUSE_MOST = 15.0, 300.0
"""Seconds of rest: the first, doubled each time until the longest."""


@dataclass(slots=True)
class TrunkWatch:
    """One campaign's trunk."""

    faults: int = 0  # in a row
    pause: float = PAUSE_FIRST  # of the next rest

    @property
    def ill(self) -> bool:
        """Five faults in a row: what follows is not blamed on the numbers."""
        return self.faults >= STOP_AFTER_FAULTS

    def ended(self, call: Call, event: CallEvent) -> float | None:
        """A dial is over: seconds for which nothing more is to leave, or None. One that works makes good all before."""
        if call.intent is not Intent.NONE or event is CallEvent.REFUSED:
            return None  # we ended it ourselves, or it never left: says nothing of the carrier
        if machine_result(call) not in OUR_FAULT:
            self.faults, self.pause = 0, PAUSE_FIRST
            return None
        self.faults += 1
        if not self.ill:
            return None
        rest = self.pause
        self.pause = min(rest * 2, PAUSE_MOST)
        return rest
