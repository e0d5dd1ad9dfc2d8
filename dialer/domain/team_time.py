"""What a day of a team was made of: reckoned from how long each agent was in which state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dialer.domain.agent import AgentState
from dialer.domain.ids import UserId
from dialer.domain.pause_reasons import CountsAs

_IN_CALLS = frozenset({AgentState.RESERVED, AgentState.TALKING})


class Spell(NamedTuple):
    """So long was somebody in a state in all."""

    user: UserId
    state: AgentState
    reason: str  # of a pause
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseTime:
    """All pauses for one reason."""

    reason: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentTime:
    """One agent's day. Seconds."""

    user: UserId
    in_calls: float  # a call was coming, or in conversation
    wrap_up: float
    waiting: float  # available
    pauses: Sequence[PauseTime]  # the longest first
    paused_at_work: float  # of the pauses, those that count as work
    paused_unpaid: float

    @property
    def paused(self) -> float:
        """All pauses."""
        return sum(pause.seconds for pause in self.pauses)

    @property
    def on_duty(self) -> float:
        """From the beginning to the end of duty, pauses included."""
        return self.in_calls + self.wrap_up + self.waiting + self.paused

    @property
    def worked(self) -> float:
        """Duty without the pauses that do not count as work, paid or not."""
        return self.in_calls + self.wrap_up + self.waiting + self.paused_at_work

    @property
    def paid(self) -> float:
        """Duty without the unpaid pauses."""
        return self.on_duty - self.paused_unpaid


def agent_times(spells: Iterable[Spell], counts: Mapping[str, CountsAs]) -> list[AgentTime]:
    """Each agent's day, in the order in which they come. A reason that `counts` does not know is a paid pause."""
    by_agent: dict[UserId, list[Spell]] = {}
    for spell in spells:
        if spell.state is not AgentState.OFF and spell.seconds > 0:
            by_agent.setdefault(spell.user, []).append(spell)
    return [_agent_time(user, of_agent, counts) for user, of_agent in by_agent.items()]


class Done(NamedTuple):
    """What one agent did in a day, counted from its calls."""

    conversations: int  # somebody was on the line
    attempts: int  # dials out that were his
    appointments: int  # made at the municipality
    help_wanted: int  # help accepted in any way, appointments among it


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDay:
    """An agent's own day, for himself and who coaches him. Seconds. Made to be read alone."""

    done: Done
    talking: float
    wrap_up: float
    paused: float
    on_duty: float


def own_day(spells: Iterable[Spell], done: Done) -> OwnDay:
    """The day of the one agent whose spells these are."""
    lasted: dict[AgentState, float] = {}
    for spell in spells:
        lasted[spell.state] = lasted.get(spell.state, 0.0) + spell.seconds
    return OwnDay(
        done=done,
        talking=lasted.get(AgentState.TALKING, 0.0),
        wrap_up=lasted.get(AgentState.WRAP_UP, 0.0),
        paused=lasted.get(AgentState.PAUSED, 0.0),
        on_duty=sum(seconds for state, seconds in lasted.items() if state is not AgentState.OFF),
    )


def occupancy(times: Iterable[AgentTime]) -> float | None:
    """Share of the time in which a team could take calls that went to calls and wrap-ups; None: there was none.

    Pauses of any kind are outside: who is in a meeting cannot take calls.
    """
    busy = able = 0.0
    for one in times:
        busy += one.in_calls + one.wrap_up
        able += one.in_calls + one.wrap_up + one.waiting
    return busy / able if able else None


def _agent_time(user: UserId, spells: Sequence[Spell], counts: Mapping[str, CountsAs]) -> AgentTime:
    pauses: dict[str, float] = {}
    for spell in spells:
        if spell.state is AgentState.PAUSED:
            pauses[spell.reason] = pauses.get(spell.reason, 0.0) + spell.seconds

    def of(*states: AgentState) -> float:
        return sum(spell.seconds for spell in spells if spell.state in states)

    def counted(as_: CountsAs) -> float:
        return sum(seconds for reason, seconds in pauses.items() if counts.get(reason, CountsAs.PAID) is as_)

    return AgentTime(
        user=user,
        in_calls=of(*_IN_CALLS),
        wrap_up=of(AgentState.WRAP_UP),
        waiting=of(AgentState.AVAILABLE),
        pauses=[
            PauseTime(reason=reason, seconds=seconds)
            for reason, seconds in sorted(pauses.items(), key=lambda pause: (-pause[1], pause[0]))
        ],
        paused_at_work=counted(CountsAs.WORK),
        paused_unpaid=counted(CountsAs.UNPAID),
    )
