"""A scenario like a recorded day: what its journal says of residents, agents and callers, for the simulator.

Shares of answers and callers are taken hour by hour, who was there quarter by quarter, lengths as a mean and a spread.
What a journal does not tell stays as usual: how patient callers are, how long they talk, how agents differ.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from dialer.domain.errors import InvalidError
from dialer.pacing.journal import Asked, Began, read
from dialer.pacing.learned import EARLY, Model
from dialer.pacing.simulator.figures import Day
from dialer.pacing.simulator.scenario import HOUR, Absence, Course, Scenario
from dialer.pacing.view import (
    Abandoned,
    Called,
    Dialled,
    Doing,
    Ended,
    Event,
    Kind,
    PickedUp,
    RingEnded,
    Settings,
    State,
    TalkEnded,
    WrapUpEnded,
)

_SLOT = 900.0  # seconds in which who is there is taken as one figure
_KEPT = 60.0  # seconds: who is out of the pacer's sight for less is kept for a call, not away
_GAP = 5.0  # seconds without a decision after which nobody is taken as there
_USUAL_RING = 11.2  # seconds, mean, of a person's answer in `residents.Residents` at scale 1
_FEWEST = 30  # answers by persons, from which a day can be fitted


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A recorded day."""

    scenario: Scenario
    settings: Settings  # in force at its end
    model: Model  # what was known at its beginning
    day: Day  # what came of it

    def with_agents(self, more: int) -> Scenario:
        """The same day with so many agents more (or fewer), all day, and the same callers."""
        agents = self.scenario.agents + more
        if agents < 1:
            raise InvalidError("at least one is wanted", field="more-agents")
        share = self.scenario.agents / agents
        calls = tuple((second, value * share) for second, value in self.scenario.inbound.points)
        away = tuple(replace(each, share=each.share * share) for each in self.scenario.absences)
        return replace(self.scenario, agents=agents, inbound=Course(points=calls), absences=away, lines=None)


@dataclass(slots=True)
class _Seen:
    """What was counted."""

    began: float = math.nan
    last: float = math.nan
    day: Day = field(default_factory=Day)
    rings: list[tuple[float, float, str]] = field(default_factory=list)  # when, how long, how it ended
    persons: list[tuple[float, float]] = field(default_factory=list)  # when answered, ring
    machines: list[tuple[float, float]] = field(default_factory=list)
    talks: list[float] = field(default_factory=list)
    machine_talks: list[float] = field(default_factory=list)
    wraps: list[float] = field(default_factory=list)
    callers: list[float] = field(default_factory=list)
    there: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))  # slot -> agents there
    lines: int = 0
    last_kind: dict[object, Kind] = field(default_factory=dict)

    def event(self, event: Event) -> None:
        day = self.day
        match event:
            case Dialled():
                day.dials += 1
            case RingEnded():
                self.rings.append((event.at, event.age, event.how.value))
                day.cuts += event.how is Ended.CUT
                day.early_cuts += event.how is Ended.CUT and event.age < EARLY
            case PickedUp():
                self.rings.append((event.at, event.age, "picked"))
            case Abandoned():
                self.persons.append((event.at, event.age))
                day.answered += 1
                day.abandoned += 1
            case TalkEnded():
                self._talked(event)
            case WrapUpEnded():
                # After a machine it belongs to what the machine costs: the simulator's machines have none.
                if self.last_kind.pop(event.agent, Kind.PERSON) is Kind.MACHINE:
                    self.machine_talks[-1:] = [self.machine_talks[-1] + event.seconds] if self.machine_talks else []
                else:
                    self.wraps.append(event.seconds)
            case Called():
                self.callers.append(event.at)
            case _:
                pass

    def _talked(self, event: TalkEnded) -> None:
        self.last_kind[event.agent] = event.kind
        answered = (event.at - event.seconds, event.ring)
        if event.kind is Kind.PERSON:
            self.persons.append(answered)
            self.talks.append(event.seconds)
            self.day.answered += 1
            self.day.joined += 1
        else:
            self.machines.append(answered)
            self.machine_talks.append(event.seconds)
            self.day.machines += 1
            self.day.busy -= event.seconds  # was counted as a conversation while it lasted

    def moment(self, state: State) -> None:
        """What is done after the closing is no part of the day."""
        if not state.open:
            return
        there = [agent for agent in state.agents if agent.doing is not Doing.PAUSED or state.now - agent.since < _KEPT]
        if there and math.isnan(self.began):
            self.began = self.last = state.now
        if math.isnan(self.began):
            return
        passed = min(max(state.now - self.last, 0.0), _GAP)
        self.last = state.now
        doing = Counter(agent.doing for agent in there)
        self.day.busy += passed * (doing[Doing.TALKING] + doing[Doing.WRAP_UP])
        self.day.idle += passed * doing[Doing.IDLE]
        self.day.staffed += passed * len(there)
        self.day.decisions += 1
        self.there[int((state.now - self.began) / _SLOT)].append(len(there))
        self.lines = max(self.lines, state.lines_free)


def fit(lines: Iterable[str], name: str = "recorded day") -> Fitted:
    """A scenario out of a journal.

    Raises InvalidError (`field` "line") for what is no journal, ("day") for a day with too few answers to say anything.
    """
    seen, model, settings = _Seen(), Model(), Settings()
    first = True
    for what in read(lines):
        if isinstance(what, Began):
            settings = what.settings
            model, first = (what.model, False) if first else (model, False)
            seen.last_kind.clear()
        elif isinstance(what, Asked):
            seen.moment(what.state)
        else:
            seen.event(what)
    if len(seen.persons) < _FEWEST:
        raise InvalidError(f"{len(seen.persons)} people answered; {_FEWEST} are needed", field="day")
    return Fitted(scenario=_scenario(seen, name), settings=settings, model=model, day=seen.day)


def _scenario(seen: _Seen, name: str) -> Scenario:
    usual = Scenario()
    staff = {slot: round(sum(counts) / len(counts)) for slot, counts in seen.there.items()}
    agents = max(1, *staff.values())
    hours = (seen.last - seen.began) / HOUR
    how = Counter(kind for _, _, kind in seen.rings)
    said_no = how[Ended.NO_ANSWER.value] + how[Ended.BUSY.value] + len(seen.machines)
    return Scenario(
        name=name,
        agents=agents,
        days=1,
        hours=hours,
        answer=_answers(seen, hours),
        day_spread=0.0,
        machine=len(seen.machines) / max(said_no, 1),
        machine_ring=_mean([ring for _, ring in seen.machines], usual.machine_ring),
        machine_talk=_mean(seen.machine_talks, usual.machine_talk),
        busy=how[Ended.BUSY.value] / max(said_no, 1),
        carrier=_refusals(seen, hours),
        ring_scale=_mean([ring for _, ring in seen.persons], _USUAL_RING) / _USUAL_RING,
        ring_limit=_limit(seen, usual.ring_limit),
        third_party=0.0,
        talk=_mean(seen.talks, usual.talk),
        talk_sigma=_sigma(seen.talks, usual.talk_sigma),
        wrap_up=_mean(seen.wraps, usual.wrap_up),
        wrap_up_sigma=_sigma(seen.wraps, usual.wrap_up_sigma),
        inbound=_hourly([(at, 1.0 / agents) for at in seen.callers], seen.began, hours),
        pause_chance=0.0,
        idle_pauses=0.0,
        absences=_absences(staff, agents, hours),
        lines=max(seen.lines, agents),
    )


def _answers(seen: _Seen, hours: float) -> Course:
    """Persons of those whom the carrier rang, hour by hour. A ring that we cut counts as far as it was watched."""
    ages = sorted(ring for _, ring in seen.persons)
    persons: dict[int, float] = defaultdict(float)
    calls: dict[int, float] = defaultdict(float)
    for at, _ in seen.persons:
        persons[_hour(at - seen.began, hours)] += 1.0
    for at, age, how in seen.rings:
        watched = 1.0 if how != Ended.CUT.value else sum(ring <= age for ring in ages) / len(ages)
        calls[_hour(at - seen.began, hours)] += watched if how != Ended.CARRIER.value else 0.0
    return _course({hour: min(persons[hour] / many, 0.9) for hour, many in calls.items() if many >= 1.0}, hours)


def _refusals(seen: _Seen, hours: float) -> Course:
    refused, calls = Counter[int](), Counter[int]()
    for at, _, how in seen.rings:
        calls[_hour(at - seen.began, hours)] += 1
        refused[_hour(at - seen.began, hours)] += how == Ended.CARRIER.value
    return _course({hour: min(refused[hour] / many, 0.99) for hour, many in calls.items()}, hours)


def _hourly(weights: Sequence[tuple[float, float]], began: float, hours: float) -> Course:
    """How much an hour."""
    last = _hour(hours * HOUR, hours)
    found = dict.fromkeys(range(last + 1), 0.0)
    for at, weight in weights:
        hour = _hour(at - began, hours)
        found[hour] += weight / _length(hour, hours)
    return _course(found, hours)


def _hour(second: float, hours: float) -> int:
    """Which hour of the day; what is left of less than half of one belongs to the last whole one."""
    return min(max(int(second / HOUR), 0), max(round(hours) - 1, 0))


def _length(hour: int, hours: float) -> float:
    """Of this hour: the last one is what is left."""
    return hours - hour if hour == _hour(hours * HOUR, hours) else 1.0


def _course(by_hour: dict[int, float], hours: float) -> Course:
    """A line through the middles of the hours."""
    points = tuple((HOUR * (hour + _length(hour, hours) / 2.0), value) for hour, value in sorted(by_hour.items()))
    return Course(points=points) if points else Course.flat(0.0)


def _absences(staff: dict[int, int], agents: int, hours: float) -> tuple[Absence, ...]:
    """For each agent who was not always there, the stretches in which so many were away."""
    slots = range(math.ceil(hours * HOUR / _SLOT))
    found = []
    for level in range(1, agents + 1):
        begins: int | None = None
        for slot in (*slots, None):
            away = slot is not None and agents - staff.get(slot, 0) >= level
            if away and begins is None:
                begins = slot
            elif not away and begins is not None:
                ends = len(slots) if slot is None else slot
                found.append(Absence(begins=begins * _SLOT, ends=ends * _SLOT, share=1.0 / agents))
                begins = None
    return tuple(sorted(found, key=lambda each: each.begins))


def _limit(seen: _Seen, usual: float) -> float:
    lasted = sorted(age for _, age, how in seen.rings if how == Ended.NO_ANSWER.value)
    longest = max([ring for _, ring in seen.persons + seen.machines], default=0.0)
    return max(lasted[len(lasted) // 2] if lasted else usual, min(longest + 0.5, 60.0))


def _mean(values: Sequence[float], usual: float) -> float:
    return sum(values) / len(values) if values else usual


def _sigma(values: Sequence[float], usual: float) -> float:
    """Of the logarithm."""
    logs = [math.log(max(value, 1.0)) for value in values]
    if len(logs) < _FEWEST:
        return usual
    mean = sum(logs) / len(logs)
    return min(math.sqrt(sum((value - mean) ** 2 for value in logs) / (len(logs) - 1)), 1.5)
