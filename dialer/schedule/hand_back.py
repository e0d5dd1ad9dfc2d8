"""By when a result must be with its client.

A crisis within the hour, a death the same day, a call for help within one working day, "not reached" on the client's
own day (so long before the term that it can still act), everything else within five working days. Working days are
those of the Algemene termijnenwet; a day ends when the municipality's desks close. Pure; UTC in and out.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from dialer.domain.exchange import MessageKind
from dialer.schedule.terms import add_working_days, next_working_day
from dialer.schedule.windows import at_local, local_date

CRISIS_WITHIN = timedelta(hours=1)
HELP_WORKING_DAYS = 1
RESULT_WORKING_DAYS = 5
DESKS_CLOSE = time(17)
SAME_DAY = frozenset({"DECEASED"})


def due(kind: MessageKind, outcome: str, settled_at: datetime, plan_ends_at: datetime) -> datetime:
    """When the client must have it. `settled_at`: the outcome was filed, or planning ended without contact."""
    if kind is MessageKind.CRISIS:
        return settled_at + CRISIS_WITHIN
    day = local_date(settled_at)
    if outcome in SAME_DAY:
        return max(at_local(day, DESKS_CLOSE), settled_at + CRISIS_WITHIN)
    if kind is MessageKind.HELP:
        return at_local(add_working_days(day, HELP_WORKING_DAYS), DESKS_CLOSE)
    if kind is MessageKind.NOT_REACHED:
        # Planning ends at midnight; the first working day that begins there is the client's.
        return at_local(next_working_day(local_date(max(plan_ends_at, settled_at))), DESKS_CLOSE)
    return at_local(add_working_days(day, RESULT_WORKING_DAYS), DESKS_CLOSE)
