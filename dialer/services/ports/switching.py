"""A call that goes from one to another, in telephone words: music, somebody else who is rung, three together.

Part of the port `Telephony`: `asterisk/` implements it, the fake of the tests does too. `at` is wall time in unix
seconds by the telephone system's own stamp.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from dialer.domain.ids import ChannelId


@dataclass(frozen=True, slots=True, kw_only=True)
class OnHold:
    """The resident (or caller) hears music; the agent does not hear him."""

    at: float
    channel: ChannelId


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetReady:
    """Whom the call may go to has answered, and waits to be joined."""

    at: float
    channel: ChannelId


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """Two stand in one bridge, and none of them is a resident or caller: an agent and whom he asks."""

    at: float
    channels: frozenset[ChannelId]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The resident stands in one bridge with an agent and whom he asked."""

    at: float
    channel: ChannelId  # resident or caller
    others: frozenset[ChannelId]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """The resident and the target stand in one bridge, without an agent."""

    at: float
    channel: ChannelId  # resident or caller
    target: ChannelId


SwitchingEvent = OnHold | TargetReady | Met | Gathered | HandedOver


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetOrder:
    """Ring somebody to whom a call may go. The channel id begins with `transfer.`."""

    target: ChannelId
    number: str = field(repr=False)  # E.164
    caller_id: str  # the client's number, E.164: all that is told
    ring_seconds: float
    trunk: str
    near: ChannelId | None = None  # the call that may go there: of several nodes, from its own


class Switching(Protocol):
    """Every action has a deadline and raises TelephonyError; only events say what happened."""

    async def hold(self, channel: ChannelId, leg: ChannelId) -> None:
        """Music for the resident, the ring tone for the agent's leg. OnHold follows."""
        ...

    async def ring_target(self, order: TargetOrder) -> None:
        """TargetReady, Refused or Ended follows."""
        ...

    async def gather(self, channel: ChannelId, leg: ChannelId) -> None:
        """Bring the resident into the conversation in which `leg` stands. Gathered follows."""
        ...

    async def send_home(self, leg: ChannelId) -> None:
        """The agent's leg goes to the holding bridge, whatever it stands in. LegIdle follows."""
        ...

    async def ring_tone(self, leg: ChannelId) -> None:
        """The agent's leg leaves the holding bridge and hears the ring tone. No event follows."""
        ...

    async def release(self, channel: ChannelId) -> None:
        """The resident has no agent any more. AgentLost follows: music, then the rescue message."""
        ...
