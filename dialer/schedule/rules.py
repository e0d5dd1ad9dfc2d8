"""The hard rules, in words: the first one that holds a call back, as data.

The claim asks here first; the database's guard repeats what must hold against a second process. Every rule is a small
function of the history, the moment and the limits. `HOLDS` gives the order, which is the order in which they are told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dialer.domain.outcome import StepKind
from dialer.schedule.history import midnight_after
from dialer.schedule.model import History, Hold, Limits
from dialer.schedule.windows import local_date


@dataclass(frozen=True, slots=True)
class _Ask:
    """May this resident be dialled at `at`?"""

    history: History
    at: datetime
    limits: Limits

    def until(self, code: str, moment: datetime | None) -> Hold | None:
        """A hold that lasts until `moment`, if that is still to come."""
        return Hold(code=code, until=moment) if moment is not None and self.at < moment else None

    @property
    def appointed(self) -> bool:
        """Whether the hour that the resident asked for has come."""
        return self.history.appointment_at is not None and self.at >= self.history.appointment_at

    @property
    def wished(self) -> bool:
        """Whether the resident wants to be rung now: the agreed hour has come, or we were asked to ring back."""
        asked = self.history.call_back
        return self.appointed or (asked is not None and self.at >= asked.at)

    @property
    def exempt(self) -> bool:
        """Whether the dial stands beside the daily cap."""
        return self.wished or redial_due(self.history, self.at, self.limits)


Rule = Callable[[_Ask], Hold | None]


def redial_due(history: History, at: datetime, limits: Limits) -> bool:
    """Whether a dial at `at` is the one redial after a cut-off line, beside the daily cap and the least pause."""
    last = history.last
    return (
        last is not None
        and last.kind is StepKind.REDIAL
        and last.number is not None
        and last.ended_at <= at < last.ended_at + limits.redial_within
    )


def exempt_daily(history: History, number: int, at: datetime, limits: Limits) -> bool:
    """Whether a dial at `at` stands beside the daily cap: the redial, or one that the resident asked for."""
    return _Ask(_on(history, number), at, limits).exempt


def _on(history: History, number: int) -> History:
    """The history for a dial of this number: a call-back is owed to the number that asked for it only."""
    asked = history.call_back
    return history if asked is None or asked.number == number else replace(history, call_back=None)


def by_hand(history: History, limits: Limits, hold: timedelta) -> History:
    """A call-back on a number that may not be dialled any more is left to the agents, who get `hold` for it."""
    asked = history.call_back
    if asked is None or asked.number in usable(history, limits):
        return history
    waits = [moment for moment in (history.callback_until, asked.at + hold) if moment is not None]
    return replace(history, call_back=None, callback_until=max(waits))


def _state(ask: _Ask) -> Hold | None:
    history = ask.history
    if history.recalled:
        return Hold(code="recalled")
    if history.opted_out_at is not None:
        return Hold(code="opt_out", since=history.opted_out_at)
    stopped = history.stopped
    if stopped is not None and (stopped.until is None or ask.at < stopped.until):
        return stopped
    if history.state != "open":
        return Hold(code="case_state", facts={"state": history.state, "reason": history.state_reason})
    return None


def _term(ask: _Ask) -> Hold | None:
    over = ask.at >= ask.history.ends_at
    return Hold(code="term_over", since=ask.history.ends_at) if over else None


def _case_cap(ask: _Ask) -> Hold | None:
    used, cap = ask.history.counted(), ask.limits.per_case
    return Hold(code="case_cap", facts={"used": used, "cap": cap}) if used >= cap else None


def _busy(ask: _Ask) -> Hold | None:
    return Hold(code="in_call") if ask.history.busy else None


def _paused(ask: _Ask) -> Hold | None:
    return None if ask.wished else ask.until("paused", ask.history.paused_until)


def _callback(ask: _Ask) -> Hold | None:
    return ask.until("callback_open", ask.history.callback_until)


def _appointment(ask: _Ask) -> Hold | None:
    return None if ask.wished else ask.until("appointment", ask.history.appointment_at)


def _fault(ask: _Ask) -> Hold | None:
    return ask.until("carrier_fault", ask.history.fault_until)


def _daily_cap(ask: _Ask) -> Hold | None:
    if ask.exempt:
        return None
    day, cap = local_date(ask.at), ask.limits.per_day
    used = sum(a.counted and not a.exempt_daily and local_date(a.at) == day for a in ask.history.attempts)
    used += ask.history.elsewhere.get(day, 0)
    if used < cap:
        return None
    return Hold(code="daily_cap", until=midnight_after(ask.at), facts={"used": used, "cap": cap})


def _least_pause(ask: _Ask) -> Hold | None:
    dialled = [a.at for a in ask.history.attempts if a.counted]
    if not dialled or ask.exempt:
        return None
    return ask.until("least_pause", dialled[-1] + ask.limits.least_pause)


def _rest(ask: _Ask) -> Hold | None:
    last = ask.history.last
    if last is None or ask.wished:
        return None
    match last.kind:
        case StepKind.OTHER_DAY:
            until = midnight_after(last.ended_at)
        case StepKind.RETRY_AFTER:
            until = last.ended_at + timedelta(minutes=last.step.minutes[0])
        case _:
            return None
    return Hold(code="rest", until=until, facts={"outcome": last.outcome}) if ask.at < until else None


def _window(ask: _Ask) -> Hold | None:
    calendar = ask.limits.calendar
    return None if calendar.is_open(ask.at) else Hold(code="window", until=calendar.next_open(ask.at))


HOLDS: tuple[Rule, ...] = (
    _state,
    _term,
    _case_cap,
    _busy,
    _paused,
    _callback,
    _appointment,
    _fault,
    _daily_cap,
    _least_pause,
    _rest,
    _window,
)


def check_case(history: History, at: datetime, limits: Limits) -> Hold | None:
    """The first rule that holds the whole case back at `at`."""
    ask = _Ask(history, at, limits)
    return next((hold for rule in HOLDS if (hold := rule(ask)) is not None), None)


def check_number(history: History, number: int, at: datetime, limits: Limits) -> Hold | None:
    """The first rule that holds this number back at `at`."""
    facts = history.numbers[number]
    if facts.closed:
        return Hold(code="number_closed", facts={"number": number, "reason": facts.closed})
    if facts.blocked:
        return Hold(code="number_blocked", facts={"number": number})
    used = history.counted(number)
    if used >= limits.per_number:
        return Hold(code="number_cap", facts={"number": number, "used": used, "cap": limits.per_number})
    if facts.live_until is not None and at < facts.live_until:
        return Hold(code="number_live", until=facts.live_until, facts={"number": number})
    if facts.rest_until is not None and at < facts.rest_until:
        return Hold(code="number_rest", until=facts.rest_until, facts={"number": number})
    if facts.shared_at is not None and at < facts.shared_at + limits.shared_rest:
        return Hold(code="shared_rest", until=facts.shared_at + limits.shared_rest, facts={"number": number})
    return None


def check(history: History, number: int, at: datetime, limits: Limits) -> Hold | None:
    """The first rule that holds a dial of this number at `at` back; None: it may leave."""
    return check_case(_on(history, number), at, limits) or check_number(history, number, at, limits)


def usable(history: History, limits: Limits) -> list[int]:
    """Numbers that are not ruled out for good."""
    last = history.ends_at
    found = []
    for number in range(len(history.numbers)):
        hold = check_number(history, number, last, limits)
        if hold is None or hold.until is not None:
            found.append(number)
    return found


def attempts_left(history: History, limits: Limits) -> bool:
    """Whether the caps and the numbers leave at least one more dial, whenever that may be."""
    return history.counted() < limits.per_case and bool(usable(history, limits))


def first_legal(history: History, number: int, at: datetime, limits: Limits) -> datetime | None:
    """The first moment from `at` on at which no rule holds the number back; None when there is none."""
    while (hold := check(history, number, at, limits)) is not None:
        if hold.until is None or hold.until <= at:
            return None
        at = hold.until
    return at


def why(history: History, at: datetime, limits: Limits) -> Hold | None:
    """The first rule that holds the resident back at `at`, over all numbers; None: one may be dialled now."""
    hold = check_case(history, at, limits)
    if hold is not None:
        return hold
    holds = [check_number(history, number, at, limits) for number in range(len(history.numbers))]
    if not holds:
        return Hold(code="no_number")
    if None in holds:
        return None
    waiting = [h for h in holds if h is not None and h.until is not None]
    return min(waiting, key=lambda h: h.until or at) if waiting else holds[0]
