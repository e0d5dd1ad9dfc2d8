"""Who rests, and for whom a rest ends: one reading for the pacer, the engine and the matcher.

Rest holds *new calls of ours* back. It never leaves somebody who is on the line with nobody:

- A resident who has answered, or whose agent's phone died, gets whoever is free, the rested first.
- A caller waits out the few seconds of an ordinary breath and hears that he is next. The long breath after a crisis or
  aggression ends for him after ten seconds, half of the time within which callers are to be met.
- Who worked the permitted share of the hour is spared our calls, not callers: his rest may last many minutes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from dialer.domain.agent import Agent, AgentState
from dialer.domain.ids import UserId
from dialer.pacing.view import FOR_PEOPLE
from dialer.services.busy_hours import BusyHours
from dialer.services.floor import Floor

CALLER_WAITS = 10.0
"""Seconds that a caller waits for whoever comes to himself after a crisis."""

SHAKING = frozenset({"CRISIS", "AGGRESSION"})
"""Flags of an outcome after which a longer breath is due."""

_LONG_AGO = 3600.0  # seconds before duty began: nobody has talked yet who has just come
_AT_WORK = frozenset({AgentState.TALKING, AgentState.WRAP_UP})


@dataclass(frozen=True, slots=True, kw_only=True)
class RestRules:
    """What agents are given. Seconds; `occupancy`: share of the last hour in conversation or wrap-up."""

    breath: float = FOR_PEOPLE["breath"]
    long_breath: float = FOR_PEOPLE["long_breath"]
    occupancy: float = FOR_PEOPLE["occupancy"]


class Rest(IntEnum):
    """Why a free agent rests; the higher, the less he should be asked."""

    NONE = 0
    HOUR = 1  # has worked as much of the hour as is good for him
    BREATH = 2  # between two conversations
    SHAKEN = 3  # after a crisis or aggression
    LOOKS = 4  # at the resident whom he will have called


class Rests:
    """Told of every change of the floor, asked at any moment. Times are wall time in unix seconds."""

    def __init__(self, floor: Floor, rules: RestRules | None = None) -> None:
        self.rules = rules or RestRules()
        self._busy = BusyHours()
        self._worked: dict[UserId, float] = {}  # when the last conversation or its wrap-up ended
        self._shaken: set[UserId] = set()
        self._looks: dict[UserId, float] = {}
        floor.listen(agents=self._changed)

    def shake(self, user: UserId) -> None:
        """The conversation that this agent files just now was a crisis or aggression."""
        self._shaken.add(user)

    def look(self, user: UserId, until: float | None) -> None:
        """He looks at a resident whom he will have called: no other call of ours counts on him until then."""
        if until is None:
            self._looks.pop(user, None)
        else:
            self._looks[user] = until

    def looks(self, user: UserId, now: float) -> bool:
        """Whether he looks at somebody whom he will have called."""
        return now < self._looks.get(user, 0.0)

    def shaken(self, user: UserId) -> bool:
        """Whether the last conversation was a crisis or aggression."""
        return user in self._shaken

    def since(self, agent: Agent) -> float:
        """From when a free agent's breath counts. A ring that came to nothing was no work."""
        return self._worked.get(agent.user, agent.since - _LONG_AGO)

    def share(self, user: UserId, now: float) -> float:
        """Of the last hour in conversation or wrap-up."""
        return self._busy.share(user, now)

    def of(self, agent: Agent, now: float) -> Rest:
        """Why this agent rests, if so: the same that the pacer reads from `AgentView`."""
        if self.looks(agent.user, now):
            return Rest.LOOKS
        idle = now - self.since(agent)
        if agent.user in self._shaken:
            if idle < self.rules.long_breath:
                return Rest.SHAKEN
        elif idle < self.rules.breath:
            return Rest.BREATH
        return Rest.HOUR if self._busy.share(agent.user, now) >= self.rules.occupancy else Rest.NONE

    def spares(self, agent: Agent, now: float) -> bool:
        """Whether a new call of ours may count on this agent."""
        return self.of(agent, now) is Rest.NONE

    def takes_caller(self, agent: Agent, waited: float, now: float) -> bool:
        """Whether a caller who has waited so many seconds may be joined to this free agent."""
        match self.of(agent, now):
            case Rest.BREATH:
                return False
            case Rest.SHAKEN:
                return waited >= CALLER_WAITS
            case _:
                return True

    def ends_in(self, agents: Iterable[Agent], now: float) -> float | None:
        """Seconds until the first of these free agents has had his breath; None: nobody takes one."""
        breaths = [
            (self.rules.long_breath if agent.user in self._shaken else self.rules.breath) - (now - self.since(agent))
            for agent in agents
        ]
        return min((left for left in breaths if left > 0.0), default=None)

    def shift(self, seconds: float) -> None:
        """The wall clock has been put forth by so much: nobody has rested or worked any longer for that."""
        self._busy.shift(seconds)
        self._worked = {user: at + seconds for user, at in self._worked.items()}

    def _changed(self, before: Agent, after: Agent, at: float) -> None:
        self._busy.changed(before, after, at)
        if after.state is AgentState.TALKING and before.state is not AgentState.TALKING:
            self._shaken.discard(after.user)
        elif before.state in _AT_WORK and after.state not in _AT_WORK:
            self._worked[after.user] = at
