"""A dialer's sender in a process of its own, to be killed: `python -m tests.support.outbox_child DSN TIME`."""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime

import asyncpg

from dialer.domain.exchange import ChannelKind
from dialer.exchange.guarded import GuardedHttp, Reach
from dialer.exchange.webhook import WebhookCourier
from dialer.services.outbox import Outbox
from dialer.storage.outbox import PgOutbox
from tests.support.clock import FakeClock
from tests.support.intake import VAULT


async def main(dsn: str, at: str) -> None:
    clock = FakeClock(datetime.fromisoformat(at))
    async with asyncpg.create_pool(dsn, min_size=1, max_size=2) as pool:
        http = GuardedHttp(Reach(demo=True), seconds=60.0)
        courier = WebhookCourier(http, lambda: clock.now().timestamp())
        await Outbox(PgOutbox(pool), {ChannelKind.WEBHOOK: courier}, VAULT, clock, "child").tend()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
