"""Residents' lines in conversation, listened to: *joined is not heard* on their side either.

A carrier sends sound all the time. A line that sends none is the carrier's fault, or a resident who has put us on hold,
or a network that saves packets while nobody speaks: so it is a warning to the agent and a figure, and no call ends by
it. Nobody is told before five seconds have passed without a single packet, comfort noise included.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from dialer.domain.ids import AttemptId
from dialer.services.floor import Floor
from dialer.services.ports.clock import Clock
from dialer.services.ports.telephony import Telephony, TelephonyError

log = logging.getLogger(__name__)

SILENT_AFTER = 5.0
"""Seconds without a packet before an agent is told; a line with sound brings 50 a second."""
LOOK_EVERY = 2.0
"""Seconds between two looks at one line: nobody's next call hangs on it, as it does on an agent's phone."""
_ROUND = 0.25
"""Seconds between two rounds: each looks at the lines that are due, so that a thousand are not asked for at once."""
_AT_ONCE = 100


@dataclass(slots=True)
class _Line:
    packets: int = -1  # none counted yet: the time runs from the first look, whenever the call was joined
    heard_at: float = 0.0  # monotonic, of the last look that found new packets
    looked_at: float = -1000.0  # monotonic


class Lines:
    """Keeps for every conversation whether sound comes from the resident's line."""

    def __init__(self, floor: Floor, telephony: Telephony, clock: Clock) -> None:
        self._floor = floor
        self._telephony = telephony
        self._clock = clock
        self._lines: dict[AttemptId, _Line] = {}

    async def run(self) -> None:
        """Listen to every line, for ever."""
        while True:
            await asyncio.sleep(_ROUND)
            if self._telephony.up:
                await self.listen()

    async def listen(self) -> None:
        """One round."""
        joined = {live.call.attempt: live for live in self._floor.joined()}
        self._lines = {attempt: self._lines.get(attempt) or _Line() for attempt in joined}
        now = self._clock.monotonic()
        due = [joined[attempt] for attempt, line in self._lines.items() if now - line.looked_at >= LOOK_EVERY]
        for place in range(0, len(due), _AT_ONCE):
            some = due[place : place + _AT_ONCE]
            try:
                counted = await self._telephony.packets_received([live.call.channel for live in some])
            except TelephonyError:
                return  # the link is going: what was not looked at says nothing
            now = self._clock.monotonic()
            for live in some:
                if live.call.channel in counted:  # else it is going: its own event tells
                    self._count(live.call.attempt, counted[live.call.channel], now)

    def _count(self, attempt: AttemptId, packets: int, now: float) -> None:
        line = self._lines[attempt]
        line.looked_at = now
        if packets != line.packets:  # fewer: the sound has begun anew at another address
            line.packets, line.heard_at = packets, now
        live = self._floor.in_conversation(attempt)
        silent = now - line.heard_at >= SILENT_AFTER
        if live is not None and silent != live.info.silent:
            log.info("resident's sound attempt=%s heard=%s", attempt, not silent)
            self._floor.set_silent(live, silent)
