"""How much of the last hour each agent was in conversation or wrap-up."""

from __future__ import annotations

from collections import deque

from dialer.domain.agent import Agent, AgentState
from dialer.domain.ids import UserId

_HOUR = 3600.0
_AT_WORK = frozenset({AgentState.TALKING, AgentState.WRAP_UP})


class BusyHours:
    """Told of every change, asked at any moment. Times are wall time in unix seconds."""

    def __init__(self) -> None:
        self._spells: dict[UserId, deque[tuple[float, float]]] = {}
        self._begun: dict[UserId, float] = {}

    def changed(self, before: Agent, after: Agent, at: float) -> None:
        """From wrap-up to conversation or back is one spell of work."""
        if after.state in _AT_WORK:
            self._begun.setdefault(after.user, at)
        elif (begun := self._begun.pop(before.user, None)) is not None:
            spells = self._spells.setdefault(before.user, deque())
            spells.append((begun, at))
            _forget(spells, at - _HOUR)  # nobody may ever ask

    def share(self, user: UserId, now: float) -> float:
        """From 0 to 1, of the sixty minutes before `now`."""
        spells, since = self._spells.get(user), now - _HOUR
        if spells:
            _forget(spells, since)
        worked = sum(max(0.0, min(end, now) - max(begin, since)) for begin, end in spells or ())
        if (begun := self._begun.get(user)) is not None:
            worked += max(0.0, now - max(begun, since))
        return min(1.0, worked / _HOUR)


def _forget(spells: deque[tuple[float, float]], since: float) -> None:
    while spells and spells[0][1] <= since:
        spells.popleft()
