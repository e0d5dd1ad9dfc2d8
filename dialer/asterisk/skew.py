"""How far our wall clock is ahead of the telephone system's: its stamps are read by our clock.

Rings, the 1.6 s for a join and the queue are reckoned as *now* less a stamp. With a clock apart by two seconds, on
either machine, everybody who answers would count as too late, and with one put forth by an hour all that rings would be
cut. So the telephone system's wall clock is compared with our monotonic one, which nobody puts, at each ping's answer.
Pure: times are passed in, in seconds.
"""

from __future__ import annotations

_SAME = 0.05
"""Clocks nearer than this are the same: a ping tells no more while we are busy. The stamps then stay Asterisk's own."""


class Skew:
    """What the pings have told."""

    def __init__(self) -> None:
        self._apart: float | None = None  # our monotonic clock less their wall clock

    def pong(self, monotonic: float, wall: float, stamp: float, lag: float) -> None:
        """An answer came at `monotonic`, `wall`; they stamped it at some moment of the `lag` since it was asked for.

        The clocks agree until an answer proves otherwise, and what is known moves no further than an answer needs: so
        a slow one never makes it worse.
        """
        latest = monotonic - stamp
        known = monotonic - wall if self._apart is None else self._apart
        self._apart = min(max(known, latest - lag), latest)

    def ahead(self, monotonic: float, wall: float) -> float:
        """Seconds to add to a stamp of theirs, so that it is one of ours; 0 while the clocks are the same."""
        if self._apart is None:
            return 0.0
        ahead = self._apart + wall - monotonic
        return ahead if abs(ahead) > _SAME else 0.0
