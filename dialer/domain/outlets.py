"""Results that go to a client as a file: by which way, when, and where one stands. Pure; days and times of Amsterdam.

Where a file stands is told in the words of the outbox (`domain.exchange`): the same states and the same pauses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from dialer.domain.arrivals import SourceFault
from dialer.domain.errors import InvalidError
from dialer.domain.exchange import Fault


class OutletKind(StrEnum):
    """How files reach a client."""

    SFTP = "sftp"  # onto a server of the client
    FOLDER = "folder"  # on this machine, below the operator's folder
    PUSH = "push"  # POST to an address of the client, signed


@dataclass(frozen=True, slots=True, kw_only=True)
class SendPlan:
    """Days (0 is Monday) and the time after which a file goes. No day: only at somebody's word."""

    weekdays: frozenset[int] = frozenset()
    at: time = time(17)


def check_plan(plan: SendPlan) -> SendPlan:
    """The plan, if it can be kept. Raises InvalidError."""
    if not plan.weekdays <= frozenset(range(7)):
        raise InvalidError("dagen van 0 tot en met 6", "weekdays")
    return plan


def due_day(plan: SendPlan, now: datetime, last: date | None) -> date | None:
    """The day whose file is to be made now; None: there is none. `now` by the local clock, `last`: the day before.

    A day that passed while nobody looked is not made up for: today's file tells all that is new.
    """
    today = now.date()
    if today.weekday() not in plan.weekdays or now.time() < plan.at:
        return None
    return today if last is None or last < today else None


_UNSAFE = re.compile(r"[^a-z0-9]+")


def file_name(campaign: str, day: date, number: int, ending: str) -> str:
    """`resultaten-<campaign>-20260302-0007.csv`: plain letters, and a number that rises by one at each file."""
    name = _UNSAFE.sub("-", campaign.casefold()).strip("-")[:40].strip("-") or "belactie"
    return f"resultaten-{name}-{day:%Y%m%d}-{number:04d}.{ending}"


LASTING = frozenset({Fault.REFUSED.value, Fault.MOVED.value, "name_taken"})
"""Faults that trying again does not mend."""

FAULT_OF_PLACE: Mapping[SourceFault, str] = {
    SourceFault.ADDRESS: Fault.ADDRESS.value,
    SourceFault.UNREACHABLE: Fault.UNREACHABLE.value,
    SourceFault.HOST_KEY: "host_key",
    SourceFault.SIGN_IN: Fault.SIGN_IN.value,
    SourceFault.FOLDER: "folder",
    SourceFault.CUT_OFF: Fault.CUT_OFF.value,
    SourceFault.PUT_AWAY: "folder",
    SourceFault.NAME_TAKEN: "name_taken",
    SourceFault.SECRET: Fault.SECRET.value,
}
"""In the words of the outbox."""
