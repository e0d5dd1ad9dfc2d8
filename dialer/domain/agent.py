"""An agent's duty, as a table. The softphone's standing leg is a fact beside it: an agent is free only when both allow.

Times are wall time in unix seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from dialer.domain.errors import IllegalTransitionError
from dialer.domain.ids import AttemptId, ChannelId, UserId


class AgentState(StrEnum):
    """Duty state (glossary: beschikbaar, in gesprek, nawerk, pauze)."""

    OFF = "off"
    AVAILABLE = "available"
    RESERVED = "reserved"  # a call is in ring, or about to be joined, for this agent alone
    TALKING = "talking"
    WRAP_UP = "wrap_up"
    PAUSED = "paused"


class AgentEvent(StrEnum):
    """What can happen to an agent."""

    ON_DUTY = "on_duty"
    RESERVE = "reserve"
    RELEASE = "release"  # the reserved call came to nothing
    JOINED = "joined"
    CALL_OVER = "call_over"
    WRAP_UP_BACK = "wrap_up_back"  # an unfinished wrap-up comes back to its agent
    FILED = "filed"  # the outcome is committed
    PAUSE = "pause"
    RESUME = "resume"
    OFF_DUTY = "off_duty"


class LegState(StrEnum):
    """The standing leg to the softphone."""

    NONE = "none"
    CALLING = "calling"
    IDLE = "idle"  # in the holding bridge
    IN_CALL = "in_call"


_S, _E = AgentState, AgentEvent
# FILED and RELEASE lead to AVAILABLE unless the agent asked for a pause or to go off: see `advance`.
TRANSITIONS: Mapping[AgentState, Mapping[AgentEvent, AgentState]] = {
    _S.OFF: {_E.ON_DUTY: _S.AVAILABLE},
    _S.AVAILABLE: {
        _E.ON_DUTY: _S.AVAILABLE,
        _E.RESERVE: _S.RESERVED,
        _E.JOINED: _S.TALKING,  # takes over a resident whose agent's leg died
        _E.WRAP_UP_BACK: _S.WRAP_UP,
        _E.PAUSE: _S.PAUSED,
        _E.RESUME: _S.AVAILABLE,
        _E.OFF_DUTY: _S.OFF,
    },
    _S.RESERVED: {
        _E.RELEASE: _S.AVAILABLE,
        _E.JOINED: _S.TALKING,
        _E.PAUSE: _S.RESERVED,
        _E.RESUME: _S.RESERVED,
        _E.OFF_DUTY: _S.RESERVED,
    },
    _S.TALKING: {
        _E.JOINED: _S.TALKING,  # joined again after the leg was lost
        _E.CALL_OVER: _S.WRAP_UP,
        _E.RELEASE: _S.AVAILABLE,  # the leg died and somebody else took the resident over
        _E.PAUSE: _S.TALKING,
        _E.RESUME: _S.TALKING,
        _E.OFF_DUTY: _S.TALKING,
    },
    _S.WRAP_UP: {
        _E.FILED: _S.AVAILABLE,
        _E.WRAP_UP_BACK: _S.WRAP_UP,
        _E.PAUSE: _S.WRAP_UP,
        _E.RESUME: _S.WRAP_UP,
        _E.OFF_DUTY: _S.WRAP_UP,
    },
    _S.PAUSED: {
        _E.RESUME: _S.AVAILABLE,
        _E.PAUSE: _S.PAUSED,
        _E.OFF_DUTY: _S.OFF,
        _E.ON_DUTY: _S.PAUSED,
        _E.WRAP_UP_BACK: _S.WRAP_UP,
    },
}

WISHES = frozenset({AgentEvent.PAUSE, AgentEvent.RESUME, AgentEvent.OFF_DUTY})
"""Events that, while a call or its wrap-up holds the agent, are remembered and granted afterwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """A snapshot of one agent."""

    user: UserId
    state: AgentState = AgentState.OFF
    since: float = 0.0
    reason: str = ""  # of the pause
    attempt: AttemptId | None = None
    wish: AgentEvent | None = None  # PAUSE or OFF_DUTY, granted when the hands are free
    wish_reason: str = ""
    device: str = ""  # SIP user of the softphone
    leg: LegState = LegState.NONE
    leg_channel: ChannelId | None = None
    hears: bool = False  # RTP comes from the leg

    @property
    def free(self) -> bool:
        """True when a resident may be joined to this agent this instant."""
        return self.state is AgentState.AVAILABLE and self.leg is LegState.IDLE and self.hears

    @property
    def joinable(self) -> bool:
        """True when the leg itself can take the resident of the reserved (or lost) call."""
        return self.leg is LegState.IDLE and self.leg_channel is not None


def advance(agent: Agent, event: AgentEvent, at: float, *, attempt: AttemptId | None = None, reason: str = "") -> Agent:
    """The agent after `event` at `at` (unix seconds).

    Raises IllegalTransitionError, and changes nothing, when the event cannot happen in the present state.
    """
    try:
        state = TRANSITIONS[agent.state][event]
    except KeyError:
        raise IllegalTransitionError("agent", agent.state, event) from None
    busy = agent.state in (AgentState.RESERVED, AgentState.TALKING, AgentState.WRAP_UP)
    if busy and event in WISHES:
        wish = None if event is AgentEvent.RESUME else event
        return replace(agent, wish=wish, wish_reason=reason if wish is AgentEvent.PAUSE else "")
    since = agent.since if state is agent.state else at
    if event in (AgentEvent.RESERVE, AgentEvent.JOINED, AgentEvent.WRAP_UP_BACK):
        return replace(agent, state=state, since=since, attempt=attempt)
    if state is AgentState.AVAILABLE and agent.wish is AgentEvent.PAUSE:
        return replace(
            agent,
            state=AgentState.PAUSED,
            since=at,
            reason=agent.wish_reason,
            attempt=None,
            wish=None,
            wish_reason="",
        )
    if state is AgentState.AVAILABLE and agent.wish is AgentEvent.OFF_DUTY:
        return replace(agent, state=AgentState.OFF, since=at, reason="", attempt=None, wish=None, wish_reason="")
    keeps_attempt = state is AgentState.WRAP_UP
    return replace(
        agent,
        state=state,
        since=since,
        attempt=agent.attempt if keeps_attempt else None,
        reason=reason if state is AgentState.PAUSED else "",
    )
