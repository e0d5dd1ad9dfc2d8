"""`ColleagueCalls` in memory, for tests of what is around them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from dialer.domain.colleague_call import ColleagueEvent
from dialer.domain.ids import UserId
from dialer.services.colleagues import ColleagueRefusedError
from dialer.services.ports.colleagues import Colleague, ColleagueCallView

MILA = UserId(UUID(int=9))


class FakeColleagues:
    """One call, remembered."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []
        self.refusal = ""

    def choices(self, user: UserId) -> Sequence[Colleague]:
        return [Colleague(user=MILA, name="Mila", state="available")]

    async def call(self, user: UserId, colleague: UserId) -> ColleagueCallView:
        self.asked.append(("call", user, colleague))
        if self.refusal:
            raise ColleagueRefusedError(self.refusal)
        return ColleagueCallView(state="ringing", name="Mila", incoming=False, since=1000.0, why="")

    async def step(self, user: UserId, event: ColleagueEvent) -> ColleagueCallView:
        self.asked.append(("step", user, event))
        return ColleagueCallView(state="over", name="Mila", incoming=False, since=1000.0, why="cancelled")
