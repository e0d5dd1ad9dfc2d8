"""What goes into the planner and what comes out: values only.

Times are aware datetimes; days are dates by the clock of Amsterdam.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from dialer.schedule.model import NumberKind
from dialer.schedule.windows import DEFAULT, Window


class Result(StrEnum):
    """How an attempt ended, as far as the planner cares."""

    CONTACT = "contact"  # the resident in person
    INBOUND = "inbound"  # the resident called back
    NO_ANSWER = "no_answer"
    VOICEMAIL = "voicemail"
    BUSY = "busy"
    THIRD_PARTY = "third_party"  # somebody of the household
    WRONG_PERSON = "wrong_person"
    INVALID = "invalid"
    UNALLOCATED = "unallocated"  # the network knows no such number: once it may be a fault, twice it closes by rule


REACHED = frozenset({Result.CONTACT, Result.INBOUND})
"""The resident was spoken to: nothing is planned any more."""

CLOSES = frozenset({Result.WRONG_PERSON, Result.INVALID})
"""The number is not the resident's: never again."""

SILENT = frozenset({Result.INVALID, Result.UNALLOCATED})
"""Nothing rang: they say something of the number, and nothing of the hour."""

LIVES = frozenset({Result.CONTACT, Result.BUSY, Result.THIRD_PARTY})
"""The number is in use, and by the right household."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A resident: `kinds` has one entry a number, in the order of the list. `id` only tells residents apart."""

    id: Hashable
    arrival: datetime
    kinds: tuple[NumberKind, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One finished attempt. `number` is the index in `kinds`; None for a call from a number that is not known."""

    contact: Hashable
    number: int | None
    at: datetime
    result: Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A resident and the attempts so far, oldest first."""

    contact: Contact
    attempts: tuple[Attempt, ...] = ()
    ends_at: datetime | None = None  # planning ends, exclusive; None: `headline_days` after the arrival
    shut: frozenset[int] = frozenset()  # numbers not to be dialled for other reasons than their attempts


class Hours(Protocol):
    """When dials may start. `dialer.schedule.windows.Calendar` is one."""

    def windows(self, day: date) -> Sequence[Window]:
        """The open stretches of `day`, in order; ends are exclusive."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Info:
    """What is fixed for one campaign. Caps are hard; `last_day` is the last on which may be dialled."""

    hours: Hours = DEFAULT
    capacity: Callable[[datetime], float] | None = field(default=None, compare=False)  # attempts in that half-hour
    max_per_number: int = 7
    max_per_day: int = 3
    max_per_case: int | None = None
    headline_days: int = 28
    last_day: date | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The next attempt, with what speaks for it: `why` holds a code and facts, `chance` is that of contact."""

    at: datetime
    number: int
    chance: float
    why: Mapping[str, object]
