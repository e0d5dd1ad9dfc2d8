"""The call centre itself: what happens, second by second, and whom it concerns.

A resident who answers waits for an agent for two seconds. An agent who comes free takes a resident who has just
answered, else the caller who has waited longest.
"""

from __future__ import annotations

import heapq
import math
import random
from collections import deque
from collections.abc import Callable, Hashable
from typing import Any, Protocol

from dialer.pacing.simulator.figures import Day
from dialer.pacing.simulator.residents import Call, Fate, Residents, lognormal
from dialer.pacing.simulator.scenario import HOUR, Absence, Scenario
from dialer.pacing.view import (
    Abandoned,
    AgentView,
    Called,
    DayBegan,
    Decision,
    Dialled,
    Doing,
    Ended,
    Event,
    Joined,
    Kind,
    Left,
    PartBegan,
    PickedUp,
    RingEnded,
    RingView,
    State,
    TalkEnded,
    WrapUpEnded,
)

THRESHOLD = 2.0
EARLY = 15.0
SERVICE = 20.0  # seconds within which a caller should hear a person
_OVERTIME = 60.0
_HOW = {Fate.NO_ANSWER: Ended.NO_ANSWER, Fate.BUSY: Ended.BUSY, Fate.CARRIER: Ended.CARRIER}


class Policy(Protocol):
    """Who decides. `decide` and `observe` may keep a memory; `restart` loses what is not on disk."""

    def decide(self, state: State) -> Decision:
        """What to do now."""
        ...

    def observe(self, event: Event) -> None:
        """What has happened."""
        ...

    def restart(self) -> None:
        """The process died and begins anew."""
        ...


class _Agent:
    __slots__ = ("away_from", "began", "call", "lots", "name", "pace", "person", "staffed_from", "view", "wrap_up")

    def __init__(self, name: int, seed: int, day: int, spread: float) -> None:
        self.name = name
        self.lots = random.Random(f"agent {seed} {day} {name}")
        self.pace = math.exp(random.Random(f"pace {seed} {name}").gauss(0.0, spread))
        self.view = AgentView(name, Doing.PAUSED, 0.0)
        self.began = 0.0  # as `view.since`, on the clock that does not jump
        self.call: Call | None = None
        self.person = False
        self.wrap_up = 0.0
        self.staffed_from = 0.0
        self.away_from: Absence | None = None


class Centre:
    """One day. `run` plays it."""

    def __init__(self, scenario: Scenario, policy: Policy, seed: int, day: int, instant: bool = False) -> None:
        self._scenario = scenario
        self._policy = policy
        self._instant = instant  # the clairvoyant: whoever is free is in a conversation at once
        self._close = scenario.hours * HOUR
        self._epoch = day * 86400.0
        self._residents = Residents(scenario, seed, day)
        self._callers_lots = random.Random(f"callers {seed} {day}")
        self._heap: list[tuple[float, int, Callable[..., None], Any]] = []
        self._order = 0
        self._now = 0.0
        self._skew = 0.0
        self._rings: dict[int, tuple[Call, RingView]] = {}
        self._answered: deque[Call] = deque()
        self._callers: deque[list[float]] = deque()  # [came, loses patience at]
        self._agents = [_Agent(name, seed, day, scenario.agent_spread) for name in range(scenario.agents)]
        self._idle: dict[int, _Agent] = {}
        self._lines = scenario.lines if scenario.lines is not None else 4 * scenario.agents + 2
        self._open_lines = 0
        self._records = scenario.records
        self._ask_at = 0.0
        self._free_since: float | None = None  # since when somebody is free
        self._free_until = -SERVICE  # when that last ended
        self.day = Day()

    # -- the clock ------------------------------------------------------------------------------------

    def run(self) -> Day:
        """Play the day, and what is left after its end."""
        self._tell(DayBegan(self._stamp()))
        for part, begins in enumerate(self._scenario.parts):
            self._at(begins, lambda part: self._tell(PartBegan(self._stamp(), part)), part)
        for agent in self._agents:
            self._set(agent, Doing.IDLE)
        self._prepare()
        heap = self._heap
        ask = True
        end = self._close + _OVERTIME
        while self._now <= end:
            if ask:
                self._match()
                self._watch()
                self._ask()
            if heap and heap[0][0] < self._ask_at:
                self._now, _, happen, what = heapq.heappop(heap)
                happen(what)
                while heap and heap[0][0] <= self._now:
                    _, _, happen, what = heapq.heappop(heap)
                    happen(what)
                ask = True
            else:
                self._now = self._ask_at
        for agent in self._agents:
            self._account(agent)
            self._leave_staff(agent)
        self._idle.clear()
        self._watch()
        self.day.open += self._close
        return self.day

    def _at(self, when: float, happen: Callable[..., None], what: Any = None) -> None:
        self._order += 1
        heapq.heappush(self._heap, (when, self._order, happen, what))

    def _stamp(self) -> float:
        return self._epoch + self._now + self._skew

    def _tell(self, event: Event) -> None:
        self._policy.observe(event)

    def _prepare(self) -> None:
        scenario = self._scenario
        for step in scenario.clock_steps:
            self._at(step[0], self._step, step[1])
        for when in scenario.restarts:
            self._at(when, lambda _: self._policy.restart())
        taken = 0
        for absence in scenario.absences:
            who = int(scenario.agents * absence.share + 0.5)
            for place in range(taken, taken + who):
                self._at(absence.begins, self._called_away, (self._agents[place % scenario.agents], absence))
            taken += who
        self._next_caller()

    def _step(self, seconds: float) -> None:
        self._skew += seconds

    def _watch(self) -> None:
        """Count the moments at which a caller would have heard a person in time, whether or not one came then.

        Callers come by chance, so this is what may be expected of them; those who came are few.
        """
        now = min(self._now, self._close)
        if self._idle and self._free_since is None:
            self._free_since = now
            self.day.soon_free += min(max(now, 0.0), SERVICE, now - self._free_until)
        elif not self._idle and self._free_since is not None:
            self.day.soon_free += now - self._free_since
            self._free_since, self._free_until = None, now

    # -- asking ---------------------------------------------------------------------------------------

    def _ask(self) -> None:
        if self._instant:
            self._ask_at = self._now + 1.0
            return
        skew = self._epoch + self._skew
        state = State(
            now=self._now + skew,
            open=self._now < self._close,
            agents=[agent.view for agent in self._agents if agent.staffed_from >= 0.0],
            rings=[view for _, view in self._rings.values()],
            answered_waiting=len(self._answered),
            inbound_waiting=len(self._callers),
            lines_free=self._lines - self._open_lines,
            records=self._records,
            closes_at=self._close + skew,
        )
        decision = self._policy.decide(state)
        self.day.decisions += 1
        for call in decision.cancel:
            self._cut(call)
        self._start(decision.start, state)
        self._ask_at = self._now + min(1.0, max(0.05, decision.ask_again))

    def _start(self, wanted: int, state: State) -> None:
        allowed = state.lines_free if state.open and state.agents else 0
        if state.records is not None:
            allowed = min(allowed, state.records)
        self.day.illegal += wanted < 0 or wanted > allowed
        for _ in range(min(wanted, allowed)):
            call = self._residents.dial(self._now)
            self._rings[call.number] = (call, RingView(call.number, self._stamp()))
            self._open_lines += 1
            self.day.dials += 1
            if self._records is not None:
                self._records -= 1
            self._tell(Dialled(self._stamp()))
            self._at(self._now + call.ring, self._ring_over, call)

    def _cut(self, number: Hashable) -> None:
        found = self._rings.pop(number, None) if isinstance(number, int) else None
        if found is None:
            self.day.illegal += 1
            return
        call = found[0]
        call.over = True
        age = self._now - call.dialled
        self._open_lines -= 1
        self.day.cuts += 1
        self.day.early_cuts += age < EARLY
        self._tell(RingEnded(self._stamp(), age, Ended.CUT))

    # -- residents ------------------------------------------------------------------------------------

    def _ring_over(self, call: Call) -> None:
        if call.over:
            return
        del self._rings[call.number]
        if call.fate in _HOW:
            self._open_lines -= 1
            self._tell(RingEnded(self._stamp(), call.ring, _HOW[call.fate]))
            return
        call.answered = self._now
        self.day.answered += call.fate is Fate.PERSON
        self._tell(PickedUp(self._stamp(), call.ring))
        self._answered.append(call)
        self._match()
        if call in self._answered:
            self._at(self._now + THRESHOLD, self._too_late, call)

    def _too_late(self, call: Call) -> None:
        if call not in self._answered:
            return
        self._answered.remove(call)
        self._open_lines -= 1
        if call.fate is Fate.PERSON:
            self.day.abandoned += 1
            self._tell(Abandoned(self._stamp(), call.ring))

    def _match(self) -> None:
        while self._idle and self._answered:
            call = self._answered.popleft()
            self._tell(Joined(self._stamp()))
            self._converse(next(iter(self._idle.values())), call)
        while self._idle and self._callers:
            came = self._callers.popleft()[0]
            self.day.callers_in_time += self._now - came <= SERVICE
            lots = self._callers_lots
            call = Call(0, self._now, Fate.PERSON, 0.0, 0.0, 0.0)
            call.talk = lognormal(self._scenario.inbound_talk, self._scenario.talk_sigma, lots.gauss(0, 1))
            call.wrap_up = lognormal(self._scenario.wrap_up, self._scenario.wrap_up_sigma, lots.gauss(0, 1))
            self._converse(next(iter(self._idle.values())), call)
        while self._instant and self._idle and self._now < self._close:
            call = self._residents.dial(self._now)
            self.day.dials += 1
            if call.fate is Fate.PERSON:
                self.day.answered += 1
                self._open_lines += 1
                self._converse(next(iter(self._idle.values())), call)

    def _next_caller(self) -> None:
        lots = self._callers_lots
        rate = self._scenario.inbound.at(self._now) * self._scenario.agents / HOUR
        # thinning against the busiest moment, so that a peak is not slept through
        most = max(value for _, value in self._scenario.inbound.points) * self._scenario.agents / HOUR
        if most <= 0.0:
            return
        when = self._now + lots.expovariate(most)
        if when < self._close:
            self._at(when, self._caller, lots.random() * most < rate)

    def _caller(self, comes: bool) -> None:
        self._next_caller()
        if not comes:
            return
        self.day.callers += 1
        self._tell(Called(self._stamp()))
        caller = [self._now, self._now + self._callers_lots.expovariate(1.0 / self._scenario.patience)]
        self._callers.append(caller)
        self._match()
        if caller in self._callers:
            self._at(caller[1], self._gives_up, caller)

    def _gives_up(self, caller: list[float]) -> None:
        if caller in self._callers:
            self._callers.remove(caller)

    # -- agents ---------------------------------------------------------------------------------------

    def _set(self, agent: _Agent, doing: Doing) -> None:
        self._account(agent)
        if doing is Doing.IDLE:
            self._idle[agent.name] = agent
            if agent.staffed_from < 0.0:
                agent.staffed_from = self._now
            wait = agent.lots.expovariate(max(self._scenario.idle_pauses, 1e-9) / HOUR)
            self._at(self._now + wait, self._wanders_off, (agent, self._now))
        else:
            self._idle.pop(agent.name, None)
        if doing is Doing.PAUSED:
            self._leave_staff(agent)
        leaving = agent.view.pausing and doing is not Doing.IDLE
        agent.view = AgentView(agent.name, doing, self._stamp(), leaving)
        agent.began = self._now

    def _account(self, agent: _Agent) -> None:
        """Add what this agent has done since his state began."""
        view = agent.view
        seconds = min(self._now, self._close) - min(agent.began, self._close)
        if view.doing is Doing.IDLE:
            self.day.idle += seconds
        elif view.doing is Doing.WRAP_UP or (view.doing is Doing.TALKING and agent.person):
            self.day.busy += seconds

    def _leave_staff(self, agent: _Agent) -> None:
        if agent.staffed_from >= 0.0:
            self.day.staffed += min(self._now, self._close) - min(agent.staffed_from, self._close)
            agent.staffed_from = -1.0

    def _converse(self, agent: _Agent, call: Call) -> None:
        agent.call = call
        agent.person = call.fate is Fate.PERSON
        agent.wrap_up = call.wrap_up * agent.pace
        if call.number:
            self.day.joined += agent.person
            self.day.machines += not agent.person
        self._set(agent, Doing.TALKING)
        if call.number:
            agent.view = agent.view._replace(ring=call.ring)
        if agent.lots.random() < self._scenario.pause_chance * self._scenario.pause_announced:
            agent.view = agent.view._replace(pausing=True)
        self._at(self._now + call.talk * agent.pace, self._talk_over, agent)

    def _talk_over(self, agent: _Agent) -> None:
        call = agent.call
        assert call is not None
        kind = Kind.PERSON if agent.person else Kind.MACHINE
        seconds = self._now - agent.began
        if call.number:
            self._open_lines -= 1
            self._tell(TalkEnded(self._stamp(), agent.name, seconds, kind, call.ring))
        if agent.wrap_up > 0.0:
            self._set(agent, Doing.WRAP_UP)
            agent.view = agent.view._replace(talked=seconds)
            self._at(self._now + agent.wrap_up, self._wrapped_up, agent)
        else:
            self._free(agent)

    def _wrapped_up(self, agent: _Agent) -> None:
        seconds = self._now - agent.began
        talked = agent.view.talked
        stays = self._free(agent)
        self._tell(WrapUpEnded(self._stamp(), agent.name, seconds, stays, talked))

    def _free(self, agent: _Agent) -> bool:
        announced = agent.view.pausing
        unannounced = self._scenario.pause_chance * (1.0 - self._scenario.pause_announced)
        if agent.away_from is not None:
            back = agent.away_from.ends
            agent.away_from = None
        elif announced or agent.lots.random() < unannounced:
            back = self._now + self._scenario.pause * agent.pace
        else:
            self._set(agent, Doing.IDLE)
            return True
        self._pause(agent, back)
        return False

    def _pause(self, agent: _Agent, back: float) -> None:
        if agent.view.doing is Doing.IDLE:
            self._tell(Left(self._stamp()))
        self._set(agent, Doing.PAUSED)
        agent.view = agent.view._replace(pausing=False)
        self._at(max(back, self._now + 1.0), lambda who: self._set(who, Doing.IDLE), agent)

    def _wanders_off(self, what: tuple[_Agent, float]) -> None:
        agent, since = what
        if agent.view.doing is Doing.IDLE and agent.began == since:
            self._pause(agent, self._now + self._scenario.pause)

    def _called_away(self, what: tuple[_Agent, Absence]) -> None:
        agent, absence = what
        if agent.view.doing is Doing.IDLE:
            self._pause(agent, absence.ends)
        elif agent.view.doing is not Doing.PAUSED:
            agent.away_from = absence
            agent.view = agent.view._replace(pausing=agent.view.pausing or absence.announced)
