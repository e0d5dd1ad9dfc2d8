"""Of several processes on one database, one does the work by the clock; each looks after what is its own."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from dialer.jobs import Job, Jobs
from tests.support.city import until

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Log:
    """Keeps how jobs went."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str]] = []

    async def ran(self, name: str, at: datetime, error: str) -> None:
        assert at == AT
        self.rows.append((name, error))


async def test_who_stands_by_does_what_is_his_own_until_it_is_his_turn() -> None:
    log, ours, for_all, done = Log(), False, False, {"nightly": 0, "plans": 0, "figures": 0}

    async def work(name: str) -> int:
        done[name] += 1
        return done[name]

    jobs = Jobs(
        [
            Job(name="nightly", every=0.02, work=lambda: work("nightly")),
            Job(name="plans", every=0.02, work=lambda: work("plans"), site=True),
            Job(name="figures", every=0.02, work=lambda: work("figures"), own=True),
        ],
        log,
        lambda: AT,
        our_turn=lambda: ours,
        for_all=lambda: for_all,
    )
    jobs.start()
    try:
        await until(lambda: done["figures"] >= 5)
        assert done["nightly"] == 0
        assert {name for name, _ in log.rows} == {"figures"}, "what was not done is not said to have gone well"
        ours = True
        await until(lambda: done["plans"] >= 2)
        assert done["nightly"] == 0, "another site's process does what is done once"
        for_all = True
        await until(lambda: done["nightly"] >= 2)
    finally:
        jobs.stop()


async def test_one_jobs_failure_is_its_own_and_is_recorded() -> None:
    log, went = Log(), asyncio.Event()

    async def fails() -> None:
        raise ValueError("no")

    async def goes() -> None:
        went.set()

    jobs = Jobs(
        [Job(name="fails", every=0.02, work=fails), Job(name="goes", every=0.02, work=goes)],
        log,
        lambda: AT,
        our_turn=lambda: True,
        for_all=lambda: True,
    )
    jobs.start()
    try:
        await until(lambda: {("fails", "ValueError"), ("goes", "")} <= set(log.rows))
        assert went.is_set()
    finally:
        jobs.stop()
