"""A campaign's run state, as a table."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from dialer.domain.errors import ConflictError, IllegalTransitionError


class CampaignState(StrEnum):
    """Run state (glossary: belactie)."""

    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"  # what rings is cut, nothing new leaves
    DRAINING = "draining"  # what rings goes on, nothing new leaves
    STOPPED = "stopped"


class CampaignEvent(StrEnum):
    """What a supervisor can do."""

    START = "start"
    PAUSE = "pause"
    DRAIN = "drain"
    STOP = "stop"


_S, _E = CampaignState, CampaignEvent
TRANSITIONS: Mapping[CampaignState, Mapping[CampaignEvent, CampaignState]] = {
    _S.DRAFT: {_E.START: _S.RUNNING, _E.STOP: _S.STOPPED},
    _S.RUNNING: {_E.PAUSE: _S.PAUSED, _E.DRAIN: _S.DRAINING, _E.STOP: _S.STOPPED},
    _S.PAUSED: {_E.START: _S.RUNNING, _E.DRAIN: _S.DRAINING, _E.STOP: _S.STOPPED},
    _S.DRAINING: {_E.START: _S.RUNNING, _E.PAUSE: _S.PAUSED, _E.STOP: _S.STOPPED},
    _S.STOPPED: {_E.START: _S.RUNNING},
}

EVENT_OF: Mapping[CampaignState, CampaignEvent] = {
    _S.RUNNING: _E.START,
    _S.PAUSED: _E.PAUSE,
    _S.DRAINING: _E.DRAIN,
    _S.STOPPED: _E.STOP,
}
"""The event that asks for a state."""


class PreflightError(ConflictError):
    """The campaign may not start: the pre-flight check found a blocking fault."""

    code = "preflight"


def advance(state: CampaignState, event: CampaignEvent) -> CampaignState:
    """The state after `event`. Raises IllegalTransitionError when it cannot happen now."""
    try:
        return TRANSITIONS[state][event]
    except KeyError:
        raise IllegalTransitionError("campaign", state, event) from None
