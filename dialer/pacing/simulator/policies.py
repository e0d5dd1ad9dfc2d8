"""Other people's pacing, to compare with. Described in docs/pacing.md."""

from __future__ import annotations

import math
from collections import deque

from dialer.pacing.view import (
    Abandoned,
    DayBegan,
    Decision,
    Dialled,
    Doing,
    Ended,
    Event,
    Joined,
    Kind,
    PickedUp,
    RingEnded,
    State,
    TalkEnded,
)


def bounded(state: State, wanted: float) -> Decision:
    """So many, within lines, records and hours."""
    if not state.open or not state.agents:
        return Decision()
    most = min(max(0, int(wanted)), max(0, state.lines_free))
    return Decision(start=most if state.records is None else min(most, state.records))


def idle_agents(state: State) -> int:
    """Agents who may be given a conversation now."""
    return sum(agent.doing is Doing.IDLE for agent in state.agents)


class Baseline:
    """A policy that learns nothing."""

    def decide(self, state: State) -> Decision:
        """What to do now."""
        raise NotImplementedError

    def observe(self, event: Event) -> None:
        """Nothing to learn."""

    def restart(self) -> None:
        """Nothing to lose."""


class Progressive(Baseline):
    """One free agent, one call."""

    def decide(self, state: State) -> Decision:
        """Free agents, less rings and those who wait."""
        taken = len(state.rings) + state.answered_waiting + state.inbound_waiting
        return bounded(state, idle_agents(state) - taken)


class Manual(Baseline):
    """Agents dial by hand: each looks at the record for a while first."""

    def __init__(self, look: float = 20.0) -> None:
        self._look = look

    def decide(self, state: State) -> Decision:
        """Agents who have been idle for long enough, less rings and those who wait."""
        ready = sum(agent.doing is Doing.IDLE and state.now - agent.since >= self._look for agent in state.agents)
        taken = len(state.rings) + state.answered_waiting + state.inbound_waiting
        return bounded(state, ready - taken)


class Ratio(Baseline):
    """A fixed number of lines for each free agent."""

    def __init__(self, ratio: float = 2.0) -> None:
        self._ratio = ratio

    def decide(self, state: State) -> Decision:
        """Ratio times free agents, less rings."""
        free = max(0, idle_agents(state) - state.inbound_waiting - state.answered_waiting)
        return bounded(state, round(self._ratio * free) - len(state.rings))


class VicidialHard(Baseline):
    """The level rule of VICIdial with HARD_LIMIT at 3%: each minute by agents ready and calls waiting."""

    def __init__(self, limit: float = 0.03, intensity: float = 1.0, most: float = 3.0) -> None:
        self._limit, self._intensity, self._most = limit, intensity, most
        self._level = 1.0
        self._next = -math.inf
        self._samples: list[tuple[int, int, int]] = []
        self._picked = self._dropped = self._calls = 0

    def observe(self, event: Event) -> None:
        """Count answers and drops of the day."""
        match event:
            case Dialled():
                self._calls += 1
            case PickedUp():
                self._picked += 1
            case Abandoned():
                self._dropped += 1
            case DayBegan():
                self._picked = self._dropped = self._calls = 0
                self._level, self._next = 1.0, -math.inf
            case _:
                pass

    def decide(self, state: State) -> Decision:
        """Level times agents who are ready or in conversation, less lines in use for them."""
        ready = idle_agents(state)
        talking = sum(agent.doing is Doing.TALKING for agent in state.agents)
        self._samples.append((ready, state.answered_waiting, ready + talking))
        if state.now >= self._next:
            if self._next > -math.inf:
                self._adapt()
            self._samples.clear()
            self._next = state.now + 60.0
        return bounded(state, round(self._level * (ready + talking)) - len(state.rings) - talking)

    def _adapt(self) -> None:
        many = max(1, len(self._samples))
        agents = max(1.0, sum(each[2] for each in self._samples) / many)
        difference = sum(each[0] - each[1] for each in self._samples) / many
        self._level = min(self._most, max(1.0, self._level * (1.0 + self._intensity * difference / agents)))
        if self._calls > 50 and self._dropped > self._limit * self._picked:
            self._level = 1.0


class Issabel(Baseline):
    """The predictor of Issabel: conversations taken as exponential, wrap-up and rings' ages not looked at."""

    def __init__(self, overcommit: bool = False, quantile: float = 0.97) -> None:
        self._overcommit, self._quantile = overcommit, quantile
        self._talk, self._talks = 300.0, 0
        self._ring, self._rings = 8.0, 0
        self._recent: deque[tuple[float, bool]] = deque()

    def observe(self, event: Event) -> None:
        """Means of talk and ring, the answer rate of half an hour."""
        match event:
            case TalkEnded(seconds=seconds, kind=Kind.PERSON):
                self._talks += 1
                self._talk += (seconds - self._talk) / min(self._talks, 200)
            case PickedUp(at=at, age=age):
                self._rings += 1
                self._ring += (age - self._ring) / min(self._rings, 200)
                self._recent.append((at, True))
            case RingEnded(at=at, how=how) if how is not Ended.CUT:
                self._recent.append((at, False))
            case _:
                pass

    def decide(self, state: State) -> Decision:
        """Free agents and those whose conversation would have ended by now, less who waits and what rings."""
        wanted = idle_agents(state) - state.answered_waiting - state.inbound_waiting
        if self._talks >= 10:
            for agent in state.agents:
                if agent.doing is Doing.TALKING:
                    elapsed = state.now - agent.since + self._ring
                    wanted += 1.0 - math.exp(-elapsed / self._talk) >= self._quantile
        need = wanted - len(state.rings)
        if self._overcommit and need > 0:
            while self._recent and self._recent[0][0] < state.now - 1800.0:
                self._recent.popleft()
            if len(self._recent) >= 10:
                rate = sum(answered for _, answered in self._recent) / len(self._recent)
                need = round(wanted / max(rate, 0.20)) - len(state.rings)
        return bounded(state, need)


def erlang_loss(servers: int, load: float) -> float:
    """Erlang's B: B_0 = 1, B_k = a B_{k-1} / (k + a B_{k-1})."""
    loss = 1.0
    for each in range(1, servers + 1):
        loss = load * loss / (each + load * loss)
    return loss


def load_at(servers: int, loss: float) -> float:
    """The offered load at which Erlang's B is that loss."""
    low, high = 0.0, 2.0 * servers + 2.0
    for _ in range(50):
        middle = (low + high) / 2.0
        low, high = (middle, high) if erlang_loss(servers, middle) < loss else (low, middle)
    return low


class ErlangB(Baseline):
    """Dials at an even rate such that Erlang's formula gives the target; whoever is idle gets one call at least."""

    def __init__(self, target: float = 0.01) -> None:
        self._target = target
        self._owed = 0.0
        self._last = -math.inf
        self._handle, self._handles = 360.0, 0
        self._picked, self._ended = 2.0, 8.0
        self._load: dict[int, float] = {}

    def observe(self, event: Event) -> None:
        """The answer rate and the time a conversation takes."""
        match event:
            case TalkEnded(seconds=seconds, kind=Kind.PERSON):
                self._handles += 1
                self._handle += (seconds + 100.0 - self._handle) / min(self._handles, 200)
            case PickedUp():
                self._picked, self._ended = self._picked * 0.995 + 1.0, self._ended * 0.995
            case RingEnded(how=how) if how in (Ended.NO_ANSWER, Ended.BUSY):
                self._picked, self._ended = self._picked * 0.995, self._ended * 0.995 + 1.0
            case _:
                pass

    def decide(self, state: State) -> Decision:
        """What has fallen due since the last time, at least one call for each idle agent."""
        agents = len(state.agents)
        if agents not in self._load:
            self._load[agents] = load_at(agents, self._target)
        rate = self._load[agents] / self._handle / (self._picked / (self._picked + self._ended))
        passed = min(max(state.now - self._last, 0.0), 1.0) if self._last > -math.inf else 0.0
        self._last = state.now
        self._owed = min(self._owed + rate * passed, 5.0)
        least = idle_agents(state) - len(state.rings) - state.answered_waiting - state.inbound_waiting
        begun = max(int(self._owed), least, 0)
        self._owed = max(0.0, self._owed - begun)
        return bounded(state, begun)


__all__ = ["Baseline", "ErlangB", "Issabel", "Joined", "Manual", "Progressive", "Ratio", "VicidialHard"]
