"""Two agents who speak with each other, as the API needs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from dialer.domain.colleague_call import ColleagueEvent
from dialer.domain.ids import UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """Somebody who can be called now."""

    user: UserId
    name: str
    state: str  # available | wrap_up | paused


@dataclass(frozen=True, slots=True, kw_only=True)
class ColleagueCallView:
    """A call between two agents, as the screens show it."""

    state: str  # ColleagueState
    name: str  # of the other
    incoming: bool  # the other called
    since: float  # unix seconds
    why: str  # ColleagueEnd, once it is over; else ""


class ColleagueCalls(Protocol):
    """Errors are DialerErrors; a refusal's `code` is one of `services.colleagues.COLLEAGUE_CODES`."""

    def choices(self, user: UserId) -> Sequence[Colleague]:
        """Who can be called, who is free first."""
        ...

    async def call(self, user: UserId, colleague: UserId) -> ColleagueCallView:
        """Ring the colleague; neither gets another call from now on."""
        ...

    async def step(self, user: UserId, event: ColleagueEvent) -> ColleagueCallView:
        """Accept or refuse (the colleague), end (either)."""
        ...
