"""What a planner sees and what it answers: small, pure, free of ids and services.

`Planner.next_attempt(history, now, limits)` is the whole interface: the same history, moment and limits give the same
answer. Times are calendar time, aware UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from dialer.domain.client_settings import setting
from dialer.domain.outcome import NextStep, StepKind
from dialer.schedule.windows import DEFAULT, Calendar


class NumberKind(StrEnum):
    """Kind of telephone number."""

    MOBILE = "mobile"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """One number of a resident."""

    kind: NumberKind
    closed: str = ""  # outcome code, or another reason; empty: open
    blocked: bool = False  # somebody there asked not to be called on it
    live_until: datetime | None = None  # in a call now, for whomever: looked at again then
    shared_at: datetime | None = None  # last dialled for somebody else
    rest_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """One earlier attempt: a dial, or a call from the resident (`number` may then be None)."""

    number: int | None
    at: datetime
    outcome: str  # empty: not known yet
    counted: bool = True
    exempt_daily: bool = False
    lives: bool = False  # a person or a busy line: the number is in use


@dataclass(frozen=True, slots=True, kw_only=True)
class Last:
    """What the latest outcome asks for."""

    number: int | None
    ended_at: datetime
    outcome: str
    kind: StepKind
    step: NextStep


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBack:
    """The resident asked to be rung back on this number and has not been yet."""

    number: int
    at: datetime  # asked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A rule that holds a call back. `until` None: not by waiting."""

    code: str
    since: datetime | None = None
    until: datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A resident's case as the rules and the planner see it. `numbers` stand in the order of the list."""

    key: str  # stable; only spreads cases over a slot
    arrival: datetime
    ends_at: datetime  # planning ends
    numbers: tuple[Number, ...]
    attempts: tuple[Past, ...] = ()  # oldest first
    last: Last | None = None
    crisis: bool = False
    state: str = "open"
    state_reason: str = ""
    recalled: bool = False
    opted_out_at: datetime | None = None
    stopped: Hold | None = None  # by what another case of the resident came to
    busy: bool = False  # a call or its wrap-up is going on
    elsewhere: Mapping[date, int] = field(default_factory=dict)  # counted dials a day in the resident's other cases
    appointment_at: datetime | None = None
    paused_until: datetime | None = None
    callback_until: datetime | None = None  # agents ring back by hand: the plan waits until then
    call_back: CallBack | None = None  # the next dial is the one that the resident asked for
    fault_until: datetime | None = None  # back-off after carrier faults

    def counted(self, number: int | None = None) -> int:
        """Counted attempts, of all numbers or of one."""
        return sum(a.counted and (number is None or a.number == number) for a in self.attempts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The hard caps and the calendar of one client and campaign, and its hold-out."""

    calendar: Calendar = DEFAULT
    per_number: int = 7
    per_case: int = 12
    per_day: int = 2
    least_pause: timedelta = timedelta(minutes=15)
    shared_rest: timedelta = timedelta(minutes=60)  # between two residents who share a number
    redial_within: timedelta = timedelta(minutes=10)  # a cut-off line is redialled within this, or not at once at all
    hold_out: float = 0.0  # share of the campaign's cases that stay on rotation, for comparison
    campaign: str = ""  # whose half-hours the attempts are planned in
    fair: bool = True  # nobody is given up before two day-parts and an evening or Saturday were tried
    first_look: timedelta = timedelta(days=1)  # the first attempt comes at its best moment within this; 0: at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The next attempt. `reason` holds a code and facts, for screens and the journal."""

    at: datetime
    number: int
    reason: Mapping[str, Any]


class Planner(Protocol):
    """Chooses a resident's next attempt. Pure: no clock, no hidden chance."""

    def next_attempt(self, history: History, now: datetime, limits: Limits) -> Plan | None:
        """When and on which number, not before `now`; None: there is none left."""
        ...


_NUMBERS = {"case_cap": "per_case", "daily_cap": "per_day", "number_cap": "per_number"}
_MINUTES = {
    "least_pause_minutes": "least_pause",
    "shared_rest_minutes": "shared_rest",
    "redial_within_minutes": "redial_within",
}


def limits(settings: Mapping[str, Any], calendar: Calendar) -> Limits:
    """Limits from a client's settings; what is not named has its usual value. Raises InvalidError with the key."""
    values: dict[str, Any] = {name: setting(settings, key) for key, name in _NUMBERS.items()}
    values |= {name: timedelta(minutes=setting(settings, key)) for key, name in _MINUTES.items()}
    return Limits(calendar=calendar, **values)
