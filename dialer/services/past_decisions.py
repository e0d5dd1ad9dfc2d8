"""Why so many calls were started, at any moment of the days whose journals are kept.

A journal's days are the calendar's, its moments are wall time. The two are the same but in a demo, whose calendar is
pressed: there the pairs that were kept meanwhile say what belonged to what.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from dialer.domain.ids import CampaignId
from dialer.pacing.past import Past, look_back
from dialer.schedule.windows import local_date
from dialer.services.ports.pacing import ClockPair, ClockPairs, DecisionJournals

MOST = 300
"""Steps in one answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastMinutes:
    """What was found, and how its wall seconds are told in calendar time."""

    past: Past
    pairs: Sequence[ClockPair] = ()

    def moment(self, wall: float) -> datetime:
        """Calendar time of a moment of the journal, UTC."""
        return calendar_of(datetime.fromtimestamp(wall, UTC), self.pairs)


class PastDecisions:
    """Looks back."""

    def __init__(self, journals: DecisionJournals | None, clocks: ClockPairs) -> None:
        """`journals` None: none are kept."""
        self._journals = journals
        self._clocks = clocks

    async def between(self, campaign: CampaignId, since: datetime, minutes: float) -> PastMinutes | None:
        """Some minutes from `since` (calendar time); None: no journal of that day. Raises InvalidError."""
        if self._journals is None:
            return None
        until = since + timedelta(minutes=minutes)
        pairs = await self._clocks.clock_pairs(since, until)
        first, last = wall_of(since, pairs).timestamp(), wall_of(until, pairs).timestamp()
        reader = partial(_read, first, last)
        past = await self._journals.read(campaign, local_date(since), reader)
        return None if past is None else PastMinutes(past=past, pairs=pairs)


def _read(since: float, until: float, lines: Iterable[str]) -> Past:
    return look_back(lines, since, until, MOST)


def wall_of(calendar: datetime, pairs: Sequence[ClockPair]) -> datetime:
    """When the calendar stood there. It leaps over nights: what was leapt over belongs to the moment of the leap."""
    found = calendar
    for place, (wall, at, speed) in enumerate(pairs):
        if at > calendar:
            break
        found = wall + (calendar - at) / speed
        if place + 1 < len(pairs):
            found = min(found, pairs[place + 1].wall_at)
    return found


def calendar_of(wall: datetime, pairs: Sequence[ClockPair]) -> datetime:
    """What the calendar said then."""
    found = wall
    for at, calendar, speed in pairs:
        if at > wall:
            break
        found = calendar + (wall - at) * speed
    return found
