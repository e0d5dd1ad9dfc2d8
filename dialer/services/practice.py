"""Practice: the set to train with, what an agent made of it, and who may be given which campaigns' calls.

Nothing here touches a resident, a telephone or the ledger: the conversations run in the agent's browser.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dialer.domain.ids import UserId
from dialer.domain.practice import Judgement, Point, PracticeChangedError, PracticeSet, practice_set
from dialer.services.ports.clock import Clock
from dialer.services.ports.practice import PracticeResult, PracticeStore, Practised


@dataclass(frozen=True, slots=True, kw_only=True)
class MyPractice:
    """How far an agent is, for himself."""

    version: int
    passed_at: datetime | None  # the whole set, any version
    results: Sequence[PracticeResult]  # of the present set
    needed_by: Sequence[str]  # campaigns whose calls he does not get before he has passed
    tour_seen: bool


class PracticeService:
    """Use cases."""

    def __init__(self, store: PracticeStore, clock: Clock, practice: PracticeSet | None = None) -> None:
        """`practice` None: the set that ships."""
        self._store = store
        self._clock = clock
        self.practice = practice or practice_set()

    async def mine(self, user: UserId) -> MyPractice:
        """An agent's own."""
        passed_at = await self._store.passed_at(user)
        return MyPractice(
            version=self.practice.version,
            passed_at=passed_at,
            results=await self._store.results(user, self.practice.version),
            needed_by=[] if passed_at is not None else await self._store.needs(user),
            tour_seen=await self._store.tour_seen(user),
        )

    async def report(
        self, user: UserId, version: int, scenario: str, met: Mapping[Point, bool], actor: str
    ) -> tuple[Judgement, MyPractice]:
        """A conversation is over. Raises PracticeChangedError, InvalidError with the field."""
        if version != self.practice.version:
            raise PracticeChangedError("there is a newer set")
        judgement = self.practice.judge(self.practice.scenario(scenario), met)
        now = self._clock.wall_utc()
        result = PracticeResult(scenario=scenario, score=judgement.score, passed=judgement.passed, tries=1, at=now)
        await self._store.keep(user, version, result)
        if judgement.passed:
            results = await self._store.results(user, version)
            if self.practice.complete({one.scenario for one in results if one.passed}):
                await self._store.complete(user, version, now, actor)
        return judgement, await self.mine(user)

    async def team(self) -> Sequence[Practised]:
        """Every agent."""
        return await self._store.team(self.practice.version)

    async def see_tour(self, user: UserId) -> None:
        """The first-day tour was seen or skipped."""
        await self._store.see_tour(user)
