"""How a case begins: ready to be called, waiting for a number, or held for the client's decision.

The same holds a case that is open already when another one of the resident comes to an end: nobody who died, is being
helped or was just spoken to is called again for another list.

Times are calendar time, aware UTC. Rests and terms are the client's settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from dialer.domain.client_settings import setting

IN_HELP = frozenset({"HELP_WANTED", "HELP_APPOINTMENT", "HELP_OTHER", "IN_DEBT_HELP", "OTHER_HELP", "ADMINISTRATOR"})
"""Outcomes after which the resident is being helped: the client decides about another call."""

HOLDS_OTHERS = IN_HELP | {"DECEASED", "MOVED"}
"""Outcomes of one case that hold the resident's other ones, beside any conversation."""

CRISIS_PRIORITY, ORDINARY_PRIORITY = 10, 100


class HoldReason(StrEnum):
    """Why a case is held for the client's decision."""

    OPTED_OUT = "opted_out"
    DECEASED = "deceased"
    MOVED = "moved"
    IN_HELP = "in_help"
    SPOKEN_RECENTLY = "spoken_recently"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningSettings:
    """The client's rests."""

    rest: timedelta = timedelta(days=7)  # between the end of a case and the first call of the next
    spoken_hold: timedelta = timedelta(days=90)  # after a conversation the client decides

    @classmethod
    def from_settings(cls, settings: Mapping[str, object]) -> OpeningSettings:
        """From `client.settings`: `rest_days`, `spoken_hold_days`. Raises InvalidError with the key."""
        return cls(
            rest=timedelta(days=setting(settings, "rest_days")),
            spoken_hold=timedelta(days=setting(settings, "spoken_hold_days")),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """The resident's latest case that is over, in any campaign of this client."""

    outcome: str
    reached: bool
    closed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """State of a new case."""

    state: str  # held | no_number | open
    reason: str
    next_at: datetime | None
    paused_until: datetime | None
    priority: int


def open_case(
    *,
    earlier: Earlier | None,
    opted_out: bool,
    callable_: bool,
    crisis: bool,
    at: datetime,
    settings: OpeningSettings,
) -> Opening:
    """How a new case begins. A crisis does not wait out the rest, but is held where a person has to decide."""
    priority = CRISIS_PRIORITY if crisis else ORDINARY_PRIORITY
    held = _hold(earlier, opted_out, at, settings)
    if held is not None:
        return Opening(state="held", reason=held, next_at=None, paused_until=None, priority=priority)
    if not callable_:
        return Opening(state="no_number", reason="", next_at=None, paused_until=None, priority=priority)
    rested = earlier.closed_at + settings.rest if earlier is not None and not crisis else at
    paused = rested if rested > at else None
    return Opening(state="open", reason="", next_at=max(at, rested), paused_until=paused, priority=priority)


def _hold(earlier: Earlier | None, opted_out: bool, at: datetime, settings: OpeningSettings) -> HoldReason | None:
    if opted_out:
        return HoldReason.OPTED_OUT
    return None if earlier is None else hold_after(earlier, at, settings)


def hold_after(earlier: Earlier, at: datetime, settings: OpeningSettings) -> HoldReason | None:
    """Why a case of the same resident is held at `at`, given what another one came to; None: it is not."""
    if earlier.outcome == "DECEASED":
        return HoldReason.DECEASED
    if earlier.outcome == "MOVED":
        return HoldReason.MOVED
    if earlier.outcome in IN_HELP:
        return HoldReason.IN_HELP
    if earlier.reached and at - earlier.closed_at < settings.spoken_hold:
        return HoldReason.SPOKEN_RECENTLY
    return None
