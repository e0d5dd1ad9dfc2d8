"""The simulated telephone system of the load bench, in a process of its own: residents who ring, answer, talk; callers.

    python -m bench.load_town PORT SECRET SEED CALLERS_A_SECOND

Ends with its standard input.
"""

from __future__ import annotations

import asyncio
import random
import sys

import uvloop

from tests.support.ami_server import AmiServer
from tests.support.ami_server_calls import Fate

CLIENT_NUMBER = "+31790000001"
ANSWER, BUSY = 0.27, 0.10
TALK = 15.0
"""Mean seconds of a conversation. 27 answers a second times this is who talks. The pacer counts on no end of a
conversation, so the other agents have to cover everybody who may answer out of some 2,200 rings."""
_PATIENCE = 60.0


class Residents:
    """Draws lots, seeded."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def talk(self) -> float:
        return min(180.0, max(3.0, self._random.expovariate(1 / TALK)))

    def fate(self, _number: str) -> Fate:
        lot, draw = self._random.random(), self._random
        if lot < ANSWER:
            return Fate(
                rings_after=draw.uniform(0.2, 1.0),
                answers_after=draw.uniform(4.0, 24.0),
                talks=self.talk(),
            )
        if lot < ANSWER + BUSY:
            return Fate(rings_after=None, fails_after=draw.uniform(0.5, 2.0))
        return Fate(rings_after=draw.uniform(0.2, 1.0))


async def run(port: int, secret: str, seed: int, callers: float) -> None:
    residents = Residents(seed)
    server = AmiServer(residents.fate, {"dialer": secret})
    await server.start(port)
    loop = asyncio.get_running_loop()
    over = loop.run_in_executor(None, sys.stdin.read)
    draw = random.Random(seed + 1)
    for number in range(10**9):
        await asyncio.wait({over}, timeout=draw.expovariate(callers) if callers else 3600.0)
        if over.done():
            break
        server.calls.call_in(
            f"+316990{number % 100_000:05d}", CLIENT_NUMBER, patience=_PATIENCE, talks=residents.talk()
        )
    await server.stop()


def main() -> None:
    port, secret, seed, callers = sys.argv[1:]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run(int(port), secret, int(seed), float(callers)))


if __name__ == "__main__":
    main()
