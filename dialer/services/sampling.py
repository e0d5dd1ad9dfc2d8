"""The daily sample: each client's day is drawn once, with a seed that is kept, so that it can be drawn again."""

from __future__ import annotations

from datetime import date, timedelta

from dialer.domain.ids import ClientId
from dialer.domain.sample import Drawn, draw
from dialer.schedule.windows import local_date
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.quality import DayToDraw, KeptDraw, SampleStore

_MOST_DAYS = 7
"""After a longer stand-still older days stay undrawn: nobody would look at them any more."""

_NIGHT = timedelta(hours=1)
"""After midnight: what was filed late of the day before is in by then."""


class Sampling:
    """The job, and the proof of a draw."""

    def __init__(self, store: SampleStore, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids

    async def tend(self) -> int:
        """Job: draw the days that are over; how many records."""
        last, records = local_date(self._clock.now() - _NIGHT) - timedelta(days=1), 0
        for which in await self._store.to_draw(last, _MOST_DAYS):
            records += await self._draw(which)
        return records

    async def again(self, client: ClientId, day: date) -> list[Drawn]:
        """The same draw once more, from what was kept of it. Raises NotFoundError."""
        kept = await self._store.kept(client, day)
        return list(draw(kept.population, kept.seed, kept.per_agent))

    async def _draw(self, which: DayToDraw) -> int:
        population = await self._store.population(which)
        kept = KeptDraw(seed=self._ids.new().hex, per_agent=which.per_agent, population=population)
        drawn = [(self._ids.new(), one) for one in draw(population, kept.seed, kept.per_agent)]
        return len(drawn) if await self._store.keep(which, kept, drawn, self._clock.now()) else 0
