"""How much of the last hour each agent was in conversation or wrap-up, in the same few bytes however busy he is."""

from __future__ import annotations

from array import array

from dialer.domain.agent import Agent, AgentState
from dialer.domain.ids import UserId

_MINUTES = 60
_AT_WORK = frozenset({AgentState.TALKING, AgentState.WRAP_UP})


class BusyHours:
    """Told of every change, asked at any moment. Times are wall time in unix seconds.

    The hour is the running minute and the fifty-nine before it, so that a minute that is over is forgotten as a whole.
    """

    def __init__(self) -> None:
        self._hours: dict[UserId, _Hour] = {}
        self._begun: dict[UserId, float] = {}
        self._put = 0.0  # by how much the wall clock has been put forth in all: work is kept by a clock that never is

    def shift(self, seconds: float) -> None:
        """The wall clock has been put forth by so much: nobody has worked any longer for that."""
        self._put += seconds

    def changed(self, before: Agent, after: Agent, at: float) -> None:
        """From wrap-up to conversation or back is one spell of work."""
        at -= self._put
        if after.state in _AT_WORK:
            self._begun.setdefault(after.user, at)
        elif (begun := self._begun.pop(before.user, None)) is not None:
            if (hour := self._hours.get(before.user)) is None:
                hour = self._hours[before.user] = _Hour()
            hour.add(begun, at)

    def share(self, user: UserId, now: float) -> float:
        """From 0 to 1, of the hour before `now`."""
        now -= self._put
        since = 60.0 * (now // 60.0 - _MINUTES + 1)
        hour = self._hours.get(user)
        worked = hour.seconds(now) if hour is not None else 0.0
        if (begun := self._begun.get(user)) is not None:
            worked += max(0.0, now - max(begun, since))
        return min(1.0, worked / max(now - since, 1.0))


class _Hour:
    """Seconds of work in each of the last sixty minutes."""

    __slots__ = ("_last", "_minutes", "_sum")

    def __init__(self) -> None:
        self._minutes = array("d", bytes(8 * _MINUTES))
        self._last = 0  # the newest minute, since 1970
        self._sum = 0.0

    def add(self, begin: float, end: float) -> None:
        """A spell of work; of one that is longer than an hour, the last hour."""
        last = int(end // 60.0)
        self._advance(last)
        for minute in range(max(int(begin // 60.0), self._last - _MINUTES + 1), last + 1):
            part = min(end, 60.0 * (minute + 1)) - max(begin, 60.0 * minute)
            self._minutes[minute % _MINUTES] += part
            self._sum += part

    def seconds(self, now: float) -> float:
        """Of the hour that ends with this minute."""
        self._advance(int(now // 60.0))
        return max(self._sum, 0.0)

    def _advance(self, minute: int) -> None:
        """Forget what is older than an hour. A clock that is put back finds what it left."""
        if minute - self._last >= _MINUTES:
            self._minutes = array("d", bytes(8 * _MINUTES))
            self._sum = 0.0
        for gone in range(self._last + 1, minute + 1) if minute - self._last < _MINUTES else ():
            self._sum -= self._minutes[gone % _MINUTES]
            self._minutes[gone % _MINUTES] = 0.0
        self._last = max(self._last, minute)
