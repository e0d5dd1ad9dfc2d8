"""From a case's facts, with ids, to the history that rules and planners see, without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from dialer.domain.case import PastAttempt, Standing, derive
from dialer.domain.ids import CaseId, PhoneId
from dialer.domain.opening import Earlier
from dialer.domain.outcome import Catalogue, StepKind
from dialer.schedule.model import CallBack, History, Last, Number, NumberKind, Past
from dialer.schedule.windows import at_local, local_date

_LIVES = frozenset({"BUSY", "REJECTED", "EARLY_HANGUP", "ABANDONED", "CUT_OFF"})
"""Machine results that prove somebody uses the number."""

_DEAD = frozenset({"VOICEMAIL", "UNALLOCATED", "NUMBER_CHANGED", "INVALID_NUMBER", "FAX", "WRONG_PERSON"})
"""Agents' outcomes that do not."""

CLAIM_LASTS = timedelta(minutes=30)
"""An agent who took a call-back request has this long to ring; then it is anybody's again."""

MAX_BACK_OFF = 6
"""Carrier faults in a row lengthen the wait up to this many times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneFacts:
    """One number of a case, as stored."""

    phone: PhoneId
    number_key: bytes = field(repr=False)
    kind: NumberKind
    closed: str = ""  # closed by hand or by an import; outcomes close by themselves
    blocked: bool = False
    live_until: datetime | None = None
    shared_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedBack:
    """An open call-back request that is surely this case's."""

    phone: PhoneId
    at: datetime
    claimed_at: datetime | None = None  # by an agent who rings by hand


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """A case with its numbers and attempts, as stored. `phones` in dialling order: mobile first, then as listed."""

    case: CaseId
    arrival: datetime
    ends_at: datetime
    crisis: bool
    state: str
    state_reason: str
    recalled: bool
    opted_out_at: datetime | None
    callback_at: datetime | None  # of an open request on one of the numbers that may be somebody else's
    paused_until: datetime | None  # as the case was opened: a rest after an earlier one
    elsewhere: Mapping[date, int]
    phones: Sequence[PhoneFacts]
    attempts: Sequence[PastAttempt]
    asked_back: AskedBack | None = None
    ended_elsewhere: Earlier | None = None  # another case of the resident, since this one was opened or released
    held_elsewhere: bool = False  # held because of that, so that it lifts with it


def midnight_after(at: datetime) -> datetime:
    """The end of the Amsterdam day of `at`."""
    return at_local(local_date(at) + timedelta(days=1), time(0))


def standing(facts: CaseFacts, catalogue: Catalogue) -> Standing:
    """What the case's attempts amount to."""
    return derive(facts.attempts, catalogue)


def build(facts: CaseFacts, stands: Standing, catalogue: Catalogue, callback_hold: timedelta) -> History:
    """The history of a case whose attempts amount to `stands`."""
    index = {phone.phone: number for number, phone in enumerate(facts.phones)}
    last = stands.last
    return History(
        key=str(facts.case),
        arrival=facts.arrival,
        ends_at=facts.ends_at,
        numbers=tuple(_number(phone, stands, facts.attempts, catalogue) for phone in facts.phones),
        attempts=tuple(_past(attempt, index) for attempt in facts.attempts),
        last=None
        if last is None
        else Last(
            number=None if last.attempt.phone is None else index.get(last.attempt.phone),
            ended_at=last.attempt.over,
            outcome=last.attempt.outcome or "",
            kind=last.kind,
            step=last.step,
        ),
        crisis=facts.crisis,
        state=facts.state,
        state_reason=facts.state_reason,
        recalled=facts.recalled,
        opted_out_at=facts.opted_out_at,
        busy=stands.busy,
        elsewhere=facts.elsewhere,
        appointment_at=stands.appointment_at,
        paused_until=_paused(facts, stands),
        callback_until=_by_hand(facts, callback_hold),
        call_back=_call_back(facts, index),
        fault_until=_back_off(stands, facts.attempts, catalogue),
    )


def _by_hand(facts: CaseFacts, hold: timedelta) -> datetime | None:
    """Until when agents may ring the resident by hand, so that we do not ring too."""
    asked = facts.asked_back
    claimed = None if asked is None or asked.claimed_at is None else asked.claimed_at + CLAIM_LASTS
    other = None if facts.callback_at is None else facts.callback_at + hold
    return max((moment for moment in (claimed, other) if moment is not None), default=None)


def _call_back(facts: CaseFacts, index: Mapping[PhoneId, int]) -> CallBack | None:
    """The request, until one dial has answered it; what follows that dial is for the ordinary plan."""
    asked = facts.asked_back
    if asked is None or asked.phone not in index or any(a.counted and a.at >= asked.at for a in facts.attempts):
        return None
    return CallBack(number=index[asked.phone], at=asked.at)


def _paused(facts: CaseFacts, stands: Standing) -> datetime | None:
    """The stored pause holds until the first dial; from then on only outcomes pause."""
    if any(a.counted for a in facts.attempts):
        return stands.paused_until
    return max((p for p in (facts.paused_until, stands.paused_until) if p is not None), default=None)


def _past(attempt: PastAttempt, index: Mapping[PhoneId, int]) -> Past:
    outcome = attempt.outcome or ""
    return Past(
        number=None if attempt.phone is None else index.get(attempt.phone),
        at=attempt.at,
        outcome=outcome,
        counted=attempt.counted,
        exempt_daily=attempt.exempt_daily,
        lives=outcome in _LIVES or (attempt.agent is not None and outcome != "" and outcome not in _DEAD),
    )


def _number(phone: PhoneFacts, stands: Standing, attempts: Sequence[PastAttempt], catalogue: Catalogue) -> Number:
    latest = next((a for a in reversed(attempts) if a.phone == phone.phone and a.counted), None)
    definition = catalogue.outcomes.get(latest.outcome or "") if latest else None
    rests = latest is not None and definition is not None and definition.step.kind is StepKind.NEXT_NUMBER
    return Number(
        kind=phone.kind,
        closed=stands.closed_phones.get(phone.phone) or phone.closed,
        blocked=phone.blocked,
        live_until=phone.live_until,
        shared_at=phone.shared_at,
        rest_until=midnight_after(latest.over) if latest is not None and rests else None,
    )


def _back_off(stands: Standing, attempts: Sequence[PastAttempt], catalogue: Catalogue) -> datetime | None:
    if stands.fault_at is None:
        return None
    codes = (a.outcome for a in reversed(attempts) if a.outcome in catalogue.outcomes)
    fault = next(c for c in codes if c is not None and not catalogue.outcomes[c].counted)
    low, _ = catalogue.outcomes[fault].step.minutes
    return stands.fault_at + timedelta(minutes=low) * min(stands.faults, MAX_BACK_OFF)
