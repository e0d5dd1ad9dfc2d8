"""Legal terms: working days by the Algemene termijnenwet, and the term clock of a case.

Wgs art. 4: a first conversation within 4 weeks of the signal, within 3 working days where eviction, cut-off or the loss
of insurance threatens. Planning ends earlier than the term, so that the municipality can still act on "not reached".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from dialer.domain.client_settings import setting
from dialer.schedule import holidays
from dialer.schedule.windows import at_local, local_date


def is_working_day(day: date) -> bool:
    """False on Saturdays, Sundays, general holidays and the days equated with them (art. 3)."""
    return day.weekday() < 5 and not holidays.on(day)


def next_working_day(day: date) -> date:
    """`day` itself or the first working day after it (art. 1)."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def add_working_days(day: date, count: int) -> date:
    """The date `count` working days after `day`; `day` itself is not counted."""
    for _ in range(count):
        day = next_working_day(day + timedelta(days=1))
    return day


@dataclass(frozen=True, slots=True, kw_only=True)
class TermPolicy:
    """A client's terms. The floors keep a list that arrives late from never being called at all."""

    ordinary_days: int = 28
    crisis_working_days: int = 3
    delivery_days: int = 28  # planning ends at most this long after the delivery
    lead_days: int = 7  # "not reached" is with the client this long before the term
    floor_working_days: int = 2  # planned at least until this many working days after the delivery


def term_policy(settings: Mapping[str, object]) -> TermPolicy:
    """A client's terms from its settings; `lead_days` is how long before the term "not reached" is handed back."""
    return TermPolicy(
        ordinary_days=setting(settings, "term_days"),
        crisis_working_days=setting(settings, "crisis_working_days"),
        delivery_days=setting(settings, "delivery_days"),
        lead_days=setting(settings, "lead_days"),
        floor_working_days=setting(settings, "floor_working_days"),
    )


def _end_of(day: date) -> datetime:
    """Midnight at the end of `day`."""
    return at_local(day + timedelta(days=1), time(0))


def term_of(signal_on: date, crisis: bool, received_at: datetime, policy: TermPolicy) -> tuple[datetime, datetime]:
    """When the legal term ends and when planning ends (UTC, both exclusive), for a signal delivered at `received_at`.

    The term may lie in the past for a signal that came too late; planning never ends before the policy's floor.
    """
    received_on = local_date(received_at)
    floor = add_working_days(received_on, policy.floor_working_days)
    if crisis:
        term = add_working_days(signal_on, policy.crisis_working_days)
        return _end_of(term), _end_of(max(term, floor))
    term = next_working_day(signal_on + timedelta(days=policy.ordinary_days))
    latest = min(term, received_on + timedelta(days=policy.delivery_days))
    return _end_of(term), _end_of(max(latest - timedelta(days=policy.lead_days), floor))
