"""What is proved. Each check takes the evidence and returns what speaks against the service, one sentence each."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tests.auditor.evidence import Attempt, Block, Evidence, OwnCall, Staff, TownCall

_AMSTERDAM = ZoneInfo("Europe/Amsterdam")
WITHIN = 2.0
"""Seconds from the answer to a person or the message."""
_ON_THE_WAY = 3.0
"""Seconds that an order may take from one Asterisk to the other."""
_RINGS_ON = 8.0
"""Who rings while Asterisk starts comes later by so much: an INVITE without an answer is sent again after 0.5, 1.5, 3.5
and 7.5 s (RFC 3261, T1 = 500 ms)."""
_PER_NUMBER, _PER_CASE, _PER_DAY = 7, 12, 2
_EARLY = frozenset({(5, 4), (12, 5), (12, 24)})
"""Evenings on which nobody is rung after half past six (month, day)."""


@dataclass(slots=True)
class Report:
    """Counts, and what was found."""

    counts: dict[str, float] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)


Check = Callable[[Evidence], Iterable[str]]


def audit(evidence: Evidence) -> Report:
    """All checks."""
    report = Report(counts=counts(evidence))
    for check in CHECKS:
        report.violations += [f"{check.__name__}: {found}" for found in check(evidence)]
    return report


def counts(evidence: Evidence) -> dict[str, float]:
    """Figures for the report."""
    residents = [call for call in evidence.own if call.kind == "resident"]
    answered = [call for call in residents if call.answered is not None]
    in_time = sum(_served_in(call) is not None for call in answered)
    return {
        "attempts": len(evidence.attempts),
        "calls by Asterisk": len(residents),
        "calls by the town": sum(not call.outward for call in evidence.town),
        "answered": len(answered),
        "person": sum(bool(call.joins) for call in answered),
        "message": sum(_safe(call) is not None for call in answered),
        "served in 2.0 s": round(in_time / len(answered), 4) if answered else 1.0,
        "answer crossed our cancel": len(_crossed(evidence)),
        "call-backs at an agent's word": sum(attempt.callback is not None for attempt in evidence.attempts),
        "proof calls": len(_proofs(evidence)),
        "callers": sum(call.kind == "caller" for call in evidence.own),
        "outcomes acknowledged": len(evidence.acknowledged),
        "export lines": len(evidence.lines),
    }


# -- calls --------------------------------------------------------------------------------------------------


def every_call_belongs_to_one_attempt(evidence: Evidence) -> Iterable[str]:
    """No channel without an attempt, no attempt with two channels, nothing at the town that nobody ordered."""
    known = {attempt.id for attempt in evidence.attempts if attempt.direction != "in"}
    channels = Counter(call.account for call in evidence.own if call.kind == "resident")
    for account, times in channels.items():
        if account not in known:
            yield f"a call without an attempt: {account}"
        if times > 1:
            yield f"{times} calls for attempt {account}"
    for call in _unmatched(evidence):
        yield f"the town was rung at {call.began:.3f}, and no attempt on that number is known"


def _unmatched(evidence: Evidence) -> list[TownCall]:
    """Calls at the town that fit no attempt by number and time; each attempt explains one call.

    Where Asterisk was killed, its own record lacks the last moment: there the time of the claim stands for it.
    """
    free: dict[str, list[float]] = defaultdict(list)
    began = {call.account: call.began for call in evidence.own if call.kind == "resident"}
    strangers = _strangers(evidence)
    for attempt in _outbound(evidence):
        number = strangers.get(attempt.number_key or "") if attempt.callback else attempt.number
        if number is None:
            continue
        if attempt.id in began:
            free[number].append(began[attempt.id])
        elif any(begin - _ON_THE_WAY <= attempt.claimed_wall <= end for begin, end in evidence.outages):
            free[number].append(attempt.claimed_wall)
    given = [call.began for call in evidence.own if call.kind == "target"]
    proofs = [began[attempt.id] for attempt in _proofs(evidence) if attempt.id in began]
    lost = []
    for call in sorted(evidence.town, key=lambda call: call.began):
        if call.outward:
            continue
        fits = [at for at in free[call.number] if at - 0.05 <= call.began <= at + _ON_THE_WAY]
        ours = [at for at in proofs if at - 0.05 <= call.began <= at + _ON_THE_WAY and call.number not in evidence.keys]
        rung = [at for at in given if at - 0.05 <= call.began <= at + _ON_THE_WAY and call.number in evidence.targets]
        if fits:
            free[call.number].remove(min(fits))
        elif rung:  # a call was given to somebody on the client's list
            given.remove(min(rung))
        elif ours:  # what number our own people have, only a key tells; no resident's is theirs
            proofs.remove(min(ours))
        else:
            lost.append(call)
    return lost


def _strangers(evidence: Evidence) -> dict[str, str]:
    """Number key -> E.164 of who rang the client, or stands in the list: a key is all that the ledger has.

    Whose call it was is the town's word: the one that reached the service's Asterisk at that moment.
    """
    known = {key: number for number, key in evidence.keys.items()}
    keys = {a.channel: a.number_key for a in evidence.attempts if a.direction == "in" and a.number_key is not None}
    for call in evidence.own:
        if call.kind == "caller" and call.channel in keys:
            rung_by = {c.number for c in _rung_by(evidence, call)}
            if len(rung_by) == 1:
                known.setdefault(keys[call.channel], rung_by.pop())
    return known


def _rung_by(evidence: Evidence, caller: OwnCall) -> list[TownCall]:
    """Whose call this may be, by the town's word: those that began with it; where none did, those that had been ringing
    and ended with it. Who began nearer to another caller's call is that caller."""
    outward = [call for call in evidence.town if call.outward]
    callers = [call.began for call in evidence.own if call.kind == "caller"]
    at_once = [
        call
        for call in outward
        if abs(call.began - caller.began) <= min([1.0, *(abs(call.began - began) for began in callers)])
    ]
    return at_once or [
        call
        for call in outward
        if caller.began - _RINGS_ON <= call.began < caller.began
        and (call.ended is None or caller.ended is None or abs(call.ended - caller.ended) <= 1.0)
        and (call.ended is None or call.ended >= caller.began)
    ]


def nobody_rings_twice_at_once(evidence: Evidence) -> Iterable[str]:
    """By the town's word, not ours."""
    until: dict[str, float] = {}
    for call in sorted(evidence.town, key=lambda call: call.began):
        if call.outward or call.number in evidence.targets:  # an office has several lines
            continue
        if call.began < until.get(call.number, 0.0):
            yield f"two calls at once at the town, the second at {call.began:.3f}"
        end = call.ended if call.ended is not None else _outage_after(evidence, call.began)
        until[call.number] = max(until.get(call.number, 0.0), end)


def _outage_after(evidence: Evidence, at: float) -> float:
    """A call without an end: it ended with the next outage, or goes on for ever."""
    return min((begin for begin, _ in evidence.outages if begin >= at), default=float("inf"))


# -- rules --------------------------------------------------------------------------------------------------


def none_outside_the_windows(evidence: Evidence) -> Iterable[str]:
    """Weekdays 08:30-21:00, Saturday 09:00-17:00, three evenings until 18:30, never on Sundays and public holidays."""
    for attempt in _outbound(evidence):
        local = attempt.claimed.astimezone(_AMSTERDAM)
        begin, end = hours(local.date())
        if not begin <= local.time() < end:
            yield f"attempt {attempt.id} at {local:%a %d-%m-%Y %H:%M}"
        # Who asks to be rung back is, also when the term of his case is over.
        if attempt.plan_ends is not None and attempt.callback is None and attempt.claimed >= attempt.plan_ends:
            yield f"attempt {attempt.id} after the term"


def hours(day: date) -> tuple[time, time]:
    """From when until before when somebody may be rung on this day; the same twice: not at all."""
    if day.weekday() == 6 or day in holidays(day.year):
        return time(0), time(0)
    begin, end = (time(9), time(17)) if day.weekday() == 5 else (time(8, 30), time(21))
    return begin, min(end, time(18, 30)) if (day.month, day.day) in _EARLY else end


def holidays(year: int) -> set[date]:
    """Dutch public holidays on which nobody is called."""
    century, rest = year // 100, year % 19  # Gauss, as Meeus has it
    moon = (century - century // 4 - (8 * century + 13) // 25 + 19 * rest + 15) % 30
    moon -= (moon // 28) * (1 - (moon // 28) * (29 // (moon + 1)) * ((21 - rest) // 11))
    sunday = (year + year // 4 + moon + 2 - century + century // 4) % 7
    offset = moon - sunday
    month = 3 + (offset + 40) // 44
    easter = date(year, month, offset + 28 - 31 * (month // 4))
    king = date(year, 4, 27)
    moving = {easter + timedelta(days=days) for days in (0, 1, 39, 49, 50)}
    fixed = {date(year, 1, 1), king - timedelta(days=king.weekday() == 6), date(year, 12, 25), date(year, 12, 26)}
    return moving | fixed | {date(year, 5, 5)}


def none_more_often_than_allowed(evidence: Evidence) -> Iterable[str]:
    """Seven a number and case, twelve a case, two a resident and day."""
    counted = [attempt for attempt in _outbound(evidence) if attempt.counted]
    groups: Sequence[tuple[str, int, Counter[tuple[object, ...]]]] = (
        ("on a number", _PER_NUMBER, Counter((a.case, a.number_key) for a in counted)),
        ("for a case", _PER_CASE, Counter((a.case,) for a in counted)),
        (
            "on a day",
            _PER_DAY,
            Counter((a.resident, a.claimed.astimezone(_AMSTERDAM).date()) for a in counted if not a.exempt),
        ),
    )
    for name, most, found in groups:
        for key, times in found.items():
            if times > most:
                yield f"{times} attempts {name}: {key}"


def none_after_the_last_word(evidence: Evidence) -> Iterable[str]:
    """Once an outcome has closed a case, nobody is called for it again."""
    closed: dict[str, datetime] = {}
    for attempt in evidence.attempts:
        if attempt.case and attempt.final_for_case and attempt.outcome_at is not None:
            closed[attempt.case] = min(attempt.outcome_at, closed.get(attempt.case, attempt.outcome_at))
    for attempt in _outbound(evidence):
        if attempt.callback is not None:
            continue  # asked for by whoever was rung, and whose case it is was known only then
        if attempt.case in closed and attempt.claimed > closed[attempt.case]:
            yield f"attempt {attempt.id} after case {attempt.case} was closed"


def call_backs_are_those_asked_for(evidence: Evidence) -> Iterable[str]:
    """A call that an agent had dialled belongs to one request, of that number, made before it and not yet settled."""
    requests = {request.id: request for request in evidence.requests}
    tries: Counter[str] = Counter()
    for attempt in _outbound(evidence):
        if attempt.callback is None:
            if attempt.case is None:
                yield f"attempt {attempt.id} is for nobody: no case, no request"
            continue
        request = requests.get(attempt.callback)
        if request is None or request.number_key != attempt.number_key:
            yield f"attempt {attempt.id} rang a number that did not ask for it"
            continue
        if attempt.claimed < request.requested:
            yield f"attempt {attempt.id} was made before it was asked for"
        if request.done is not None and attempt.claimed > request.done:
            yield f"attempt {attempt.id} was made after its request had been settled"
        if attempt.counted:
            yield f"attempt {attempt.id} of a request is one of a case's seven"
        tries[request.id] += attempt.dialed
    for name, often in tries.items():
        if often > _PER_NUMBER:
            yield f"request {name} was tried {often} times"


def proof_calls_ring_our_own_people_and_count_nowhere(evidence: Evidence) -> Iterable[str]:
    """On the list at that moment, nobody's case and nobody's number, no outcome of it in any line."""
    listed: dict[str, list[Staff]] = defaultdict(list)
    for phone in evidence.staff:
        listed[phone.number_key].append(phone)
    for attempt in _proofs(evidence):
        phones = listed[attempt.number_key or ""]
        if not any(p.begins <= attempt.claimed and (p.ends is None or attempt.claimed <= p.ends) for p in phones):
            yield f"proof call {attempt.id} rang a number that is not on the list of our own people"
        if attempt.number_key in evidence.keys.values():
            yield f"proof call {attempt.id} rang a resident's number"
        if attempt.counted or attempt.abandoned or attempt.reached or attempt.case is not None:
            yield f"proof call {attempt.id} is counted"


def none_to_a_blocked_number(evidence: Evidence) -> Iterable[str]:
    """Who does not want to be rung is not: by the plan or by an agent's hand."""
    blocks: dict[str, list[Block]] = defaultdict(list)
    for block in evidence.blocks:
        blocks[block.number_key].append(block)
    for attempt in _outbound(evidence):
        for block in blocks[attempt.number_key or ""]:
            if block.begins < attempt.claimed and (block.ends is None or attempt.claimed < block.ends):
                yield f"attempt {attempt.id} on a number that was blocked at {block.begins:%H:%M:%S}"


def _proofs(evidence: Evidence) -> list[Attempt]:
    return [attempt for attempt in evidence.attempts if attempt.direction == "proof"]


def _outbound(evidence: Evidence) -> list[Attempt]:
    return [attempt for attempt in evidence.attempts if attempt.direction == "out"]


# -- what residents heard -----------------------------------------------------------------------------------


def _safe(call: OwnCall) -> float | None:
    return next((at for at, kind in call.messages if kind == "safe"), None)


def _served_in(call: OwnCall) -> float | None:
    """Seconds until a person or the message; None: neither in time, and the resident was still there."""
    assert call.answered is not None
    moments = [at for at in (min(call.joins, default=None), _safe(call)) if at is not None]
    if moments and min(moments) - call.answered <= WITHIN:
        return min(moments) - call.answered
    if not moments and call.ended is not None and call.ended - call.answered <= WITHIN:
        return call.ended - call.answered  # the resident was quicker
    return None


def everybody_who_answers_hears_somebody(evidence: Evidence) -> Iterable[str]:
    """A person or the safe message within two seconds; save where Asterisk itself died in those seconds."""
    for call in evidence.own:
        if call.kind != "resident" or call.answered is None or _served_in(call) is not None:
            continue
        if any(begin - WITHIN - 0.2 <= call.answered <= end for begin, end in evidence.outages):
            continue
        yield f"attempt {call.account} answered at {call.answered:.3f}: joins {call.joins}, messages {call.messages}"


def message_or_agent_never_both(evidence: Evidence) -> Iterable[str]:
    """Who was joined does not hear the safe message, and who has begun to hear one is not joined."""
    for call in evidence.own:
        if call.kind not in ("resident", "caller") or not call.messages:
            continue
        if call.joins and _safe(call) is not None:
            yield f"{call.account}: an agent and the safe message"
        if any(join > call.messages[0][0] for join in call.joins):
            yield f"{call.account}: joined after a message had begun"


def _crossed(evidence: Evidence) -> list[Attempt]:
    """Answered by the town's word, never by ours: the answer crossed our cancel. Counted, and kept few."""
    answered = {call.account for call in evidence.own if call.answered is not None}
    began = {call.account: call.began for call in evidence.own}
    by_number: dict[str, list[TownCall]] = defaultdict(list)
    for call in sorted(evidence.town, key=lambda call: call.began):
        if not call.outward:
            by_number[call.number].append(call)

    def its_call(attempt: Attempt) -> TownCall | None:
        """The first at the town since it began: where the calendar is pressed, the next one follows within seconds."""
        since = began[attempt.id] - 0.05
        return next((c for c in by_number[attempt.number or ""] if since <= c.began <= since + _ON_THE_WAY), None)

    return [
        attempt
        for attempt in _outbound(evidence)
        if attempt.id in began
        and attempt.id not in answered
        and (its := its_call(attempt)) is not None
        and its.answered is not None
        and not any(abs(began[attempt.id] - begin) < 60 for begin, _ in evidence.outages)
    ]


# -- results ------------------------------------------------------------------------------------------------


def every_acknowledged_outcome_stands(evidence: Evidence) -> Iterable[str]:
    """What an agent was told is saved is what the ledger says."""
    stored = {attempt.id: attempt.outcome for attempt in evidence.attempts}
    for attempt, outcome in evidence.acknowledged.items():
        if stored.get(attempt) != outcome:
            yield f"attempt {attempt}: {outcome} was acknowledged, {stored.get(attempt)} is stored"


def every_outcome_is_exported_once(evidence: Evidence) -> Iterable[str]:
    """One line a signal, in the ledger of exports and in the client's file; each attempt's outcome in it once."""
    for name, found in (("export", [line.signal for line in evidence.lines]), ("file", list(evidence.table))):
        times = Counter(found)
        for signal in evidence.signals:
            if times[signal] != 1:
                yield f"signal {signal} stands {times[signal]} times in the {name}"
        for signal in set(found) - set(evidence.signals):
            yield f"signal {signal} in the {name} is nobody's"
    typed: dict[str, Counter[str]] = defaultdict(Counter)
    for attempt in evidence.attempts:
        if attempt.case and attempt.id in evidence.acknowledged:
            typed[attempt.case][evidence.acknowledged[attempt.id]] += 1
    for line in evidence.lines:
        told = Counter(line.outcomes)
        stored = Counter(
            a.outcome
            for a in evidence.attempts
            if a.case == line.case and a.outcome and not a.live and (a.dialed or a.direction == "in")
        )
        for outcome, often in (typed[line.case] | stored).items():
            if told[outcome] != max(often, stored[outcome]):
                yield f"signal {line.signal}: {outcome} is told {told[outcome]} times instead of {often}"


def every_caller_is_served(evidence: Evidence) -> Iterable[str]:
    """Whoever rang the client spoke to somebody, or is to be rung back."""
    waiting = {request.number_key for request in evidence.requests}
    by_channel = {a.channel: a for a in evidence.attempts if a.direction == "in"}
    for call in evidence.own:
        if call.kind != "caller" or call.joins:
            continue
        attempt = by_channel.get(call.channel)
        key = attempt.number_key if attempt is not None else None
        if key is None:  # the dialer was away: only the town knows who rang
            keys = {evidence.keys.get(c.number) for c in _rung_by(evidence, call)}
            if keys and keys <= waiting:
                continue
        if key not in waiting:
            yield f"caller {call.account} at {call.began:.3f} spoke to nobody and is not rung back"


def nothing_is_left_open(evidence: Evidence) -> Iterable[str]:
    """After everything has been drained no call is live and no wrap-up open."""
    for attempt in evidence.attempts:
        if attempt.live:
            yield (
                f"attempt {attempt.id} is still live: {attempt.direction}, claimed {attempt.claimed:%H:%M:%S}, "
                f"dialed {attempt.dialed}, joined {attempt.joined}, {attempt.outcome}, request {attempt.callback}"
            )
        if attempt.wrap_up_open:
            yield f"attempt {attempt.id} has an open wrap-up"


def conversations_are_known(evidence: Evidence) -> Iterable[str]:
    """Who spoke to an agent by Asterisk's word did so by the ledger's too, and the other way round."""
    ledger = {attempt.id: attempt.joined for attempt in evidence.attempts if attempt.direction != "in"}
    spoken = {call.account for call in evidence.own if call.kind == "resident" and call.joins}
    for account in spoken:
        if not ledger.get(account, False):
            yield f"attempt {account} was a conversation, the ledger does not know"
    for attempt, joined in ledger.items():
        if joined and attempt not in spoken:
            yield f"attempt {attempt} is a conversation in the ledger only"


CHECKS: Sequence[Check] = (
    every_call_belongs_to_one_attempt,
    nobody_rings_twice_at_once,
    none_outside_the_windows,
    none_more_often_than_allowed,
    none_after_the_last_word,
    call_backs_are_those_asked_for,
    proof_calls_ring_our_own_people_and_count_nowhere,
    none_to_a_blocked_number,
    everybody_who_answers_hears_somebody,
    message_or_agent_never_both,
    every_acknowledged_outcome_stands,
    every_outcome_is_exported_once,
    every_caller_is_served,
    nothing_is_left_open,
    conversations_are_known,
)
