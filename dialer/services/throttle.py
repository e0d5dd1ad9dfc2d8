"""How many sign-ins may fail: a leaky bucket for each login, each address and each pair of both.

Only failures fill a bucket, so an office behind one address may sign in as a body. The pair's bucket is the small one:
who guesses from elsewhere empties it for himself, not for the owner of the login. The login's own bucket bounds a
guesser with many addresses; it drains all the time, so nobody is locked out for good. Memory is bounded: the least
recently used bucket is forgotten first. Counts live in this process only; a restart forgets them.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass

from dialer.domain.errors import DialerError


class ThrottledError(DialerError):
    """Too many failures; try again after `retry_after` seconds."""

    code = "throttled"

    def __init__(self, retry_after: int) -> None:
        super().__init__("too many failures")
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A bucket's size, and the seconds in which one failure drains away."""

    failures: int
    drain_seconds: float


PAIR = Bound(failures=5, drain_seconds=60)
ADDRESS = Bound(failures=100, drain_seconds=3)  # an office signs in at once: tries under way count here too
LOGIN = Bound(failures=40, drain_seconds=15)


class SignInThrottle:
    """Counts failed sign-ins. Not for more than one thread."""

    def __init__(self, *, capacity: int = 20_000, login: Bound = LOGIN) -> None:
        """`login`: the bound of one login's failures, wherever they come from."""
        self._capacity = capacity
        self._login = login
        self._buckets: OrderedDict[tuple[str, ...], tuple[float, float]] = OrderedDict()  # key -> (level, at)

    def __len__(self) -> int:
        """Buckets kept now."""
        return len(self._buckets)

    def take(self, login: str, address: str, now: float) -> None:
        """Count a try as failed until `give_back` says otherwise, so that parallel tries cannot slip through.

        `now` is in monotonic seconds. Raises ThrottledError, and counts nothing, when one of the buckets is full.
        """
        keys = self._keys(login, address)
        wait = 0.0
        for key, bound in keys:
            level = self._level(key, bound, now)
            if level + 1 > bound.failures:
                wait = max(wait, (level + 1 - bound.failures) * bound.drain_seconds)
        if wait:
            raise ThrottledError(math.ceil(wait))
        for key, bound in keys:
            self._put(key, self._level(key, bound, now) + 1, now)

    def give_back(self, login: str, address: str, now: float) -> None:
        """The try was no failure: take it back; the pair begins anew."""
        for key, bound in self._keys(login, address):
            if bound is PAIR:
                self._buckets.pop(key, None)
            elif key in self._buckets:
                self._put(key, max(0.0, self._level(key, bound, now) - 1), now)

    def _keys(self, login: str, address: str) -> tuple[tuple[tuple[str, ...], Bound], ...]:
        return ((("pair", login, address), PAIR), (("address", address), ADDRESS), (("login", login), self._login))

    def _level(self, key: tuple[str, ...], bound: Bound, now: float) -> float:
        level, at = self._buckets.get(key, (0.0, now))
        return max(0.0, level - (now - at) / bound.drain_seconds)

    def _put(self, key: tuple[str, ...], level: float, now: float) -> None:
        self._buckets[key] = (level, now)
        self._buckets.move_to_end(key)
        while len(self._buckets) > self._capacity:
            self._buckets.popitem(last=False)
