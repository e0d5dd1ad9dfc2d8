"""Plans anew in a process of its own, a few cases at a time, until it is killed.

python -m tests.support.fitting_child DSN
"""

from __future__ import annotations

import asyncio
import sys

from dialer.schedule.planner.product import LearnedPlanner
from dialer.services import fitting
from dialer.storage.catalogue import CatalogueStore
from dialer.storage.fitting import PgFitting
from dialer.storage.pool import open_pool
from tests.support.clock import FakeClock
from tests.support.world import MONDAY


async def main(dsn: str) -> None:
    """Once through."""
    fitting.FEW, fitting.BREATH = 3, 0.2  # ten seconds in all: whoever ends it comes in time
    pool = await open_pool(dsn, size=2)
    planner = LearnedPlanner()
    await fitting.FittingService(PgFitting(pool, CatalogueStore(pool), planner), planner, FakeClock(MONDAY)).tend()
    await pool.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
