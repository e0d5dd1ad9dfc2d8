"""Which node each channel stands on. Pure: events and lists in, places out.

A channel is at home on the node that made it. An agent's leg, a supervisor's phone or a target that another node asked
for is a *guest* there as well: a channel of the same id, with which the one at home is one conversation.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from dialer.domain.ids import ChannelId

_YOUNG = 30.0
"""Seconds for which a channel is known that no list has told of: its order may still be on the way."""


@dataclass(slots=True)
class Places:
    """The homes and the guests of all nodes."""

    _home: dict[ChannelId, str] = field(default_factory=dict)
    _since: dict[ChannelId, float] = field(default_factory=dict)
    _guest: dict[ChannelId, str] = field(default_factory=dict)
    _idle: dict[ChannelId, str] = field(default_factory=dict)  # legs that wait at home
    _calls: dict[ChannelId, str] = field(default_factory=dict)  # calls that wait for an agent

    def settle(self, channel: ChannelId, node: str, now: float) -> None:
        """`channel` was made by `node`, monotonic time `now`. Known already, it stays where it is."""
        if self._home.setdefault(channel, node) == node:
            self._since[channel] = now

    def home(self, channel: ChannelId) -> str | None:
        """The node that made it; None when not known."""
        return self._home.get(channel)

    def place(self, channel: ChannelId) -> str | None:
        """The node on which it meets others: where it is a guest, else its home."""
        return self._guest.get(channel, self._home.get(channel))

    def guest_at(self, channel: ChannelId) -> str | None:
        """The node whose guest it is."""
        return self._guest.get(channel)

    def foreign(self, channel: ChannelId, node: str) -> bool:
        """Whether what `node` tells of it is about a guest."""
        return self._home.get(channel, node) != node

    def visit(self, channel: ChannelId, node: str) -> None:
        """`node` has it as a guest."""
        self._guest[channel] = node
        self._idle.pop(channel, None)

    def leave(self, channel: ChannelId, node: str) -> None:
        """`node` has it as a guest no more."""
        if self._guest.get(channel) == node:
            del self._guest[channel]

    def idle(self, leg: ChannelId) -> None:
        """An agent's leg waits at home."""
        self._idle[leg] = self._home[leg]

    def is_idle(self, leg: ChannelId) -> bool:
        """Whether it waits at home."""
        return leg in self._idle

    def out(self, call: ChannelId) -> None:
        """A call was ordered, or a caller came, that will need an agent."""
        self._calls[call] = self._home[call]

    def joined(self, call: ChannelId, leg: ChannelId) -> None:
        """It has one."""
        self._calls.pop(call, None)
        self._idle.pop(leg, None)

    def forget(self, channel: ChannelId) -> None:
        """It is over."""
        for known in (self._home, self._since, self._guest, self._idle, self._calls):
            known.pop(channel, None)

    def homes(self, node: str) -> list[ChannelId]:
        """Whatever `node` made."""
        return [channel for channel, home in self._home.items() if home == node]

    def guests(self, node: str) -> list[ChannelId]:
        """Whoever is a guest of `node`."""
        return [channel for channel, place in self._guest.items() if place == node]

    def waiting(self, node: str) -> list[ChannelId]:
        """Agents' legs that wait at home on `node`."""
        return [leg for leg, home in self._idle.items() if home == node and leg not in self._guest]

    def roomiest(self, nodes: Iterable[str]) -> str | None:
        """Where the next call that is nobody's yet should leave: most legs that wait, less the calls that need one.

        Of two alike, the one with fewer channels. None without nodes.
        """
        return max(nodes, key=lambda node: (self._spare(node), -len(self.homes(node))), default=None)

    def _spare(self, node: str) -> int:
        return len(self.waiting(node)) - sum(home == node for home in self._calls.values())

    def listed(self, node: str, found: Collection[ChannelId], guests: Collection[ChannelId], now: float) -> None:
        """What `node` has now, by its own word: what it has no more is forgotten, unless it is too young to be told."""
        for channel in found:
            if channel in guests:
                self.visit(channel, node)
            else:
                self.settle(channel, node, now)
        for channel in self.homes(node):
            if channel not in found and now - self._since.get(channel, now) > _YOUNG:
                self.forget(channel)
        for channel in self.guests(node):
            if channel not in guests:
                self.leave(channel, node)
