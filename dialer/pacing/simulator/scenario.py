"""What a simulated call centre is like. Times of day are seconds from the opening; shares are between 0 and 1."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from dialer.domain.errors import InvalidError

HOUR = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A figure over the day: straight lines between (seconds from the opening, value)."""

    points: tuple[tuple[float, float], ...]

    def at(self, second: float) -> float:
        """The value at that second; before the first and after the last point it stays."""
        before = self.points[0]
        if second <= before[0]:
            return before[1]
        for point in self.points[1:]:
            if second < point[0]:
                share = (second - before[0]) / (point[0] - before[0])
                return before[1] + share * (point[1] - before[1])
            before = point
        return before[1]

    @classmethod
    def flat(cls, value: float) -> Course:
        """The same all day."""
        return cls(points=((0.0, value),))


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """So many agents (a share, rounded) are away from one second to another; a conversation is ended first."""

    begins: float
    ends: float
    share: float
    announced: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A call centre and its days."""

    name: str = "ordinary"
    agents: int = 8
    days: int = 2
    hours: float = 8.0
    answer: Course = Course(points=((0.0, 0.19), (4 * HOUR, 0.23), (6.5 * HOUR, 0.20), (8 * HOUR, 0.26)))
    day_spread: float = 0.25  # standard deviation of the log of a day's answer share
    machine: float = 0.20  # of those who do not answer
    machine_ring: float = 20.0  # seconds, mean
    busy: float = 0.05
    carrier: Course = Course(points=((0.0, 0.02),))  # share refused within seconds
    ring_scale: float = 1.0  # times the ordinary ring of an answer, 6 to 22 s
    ring_limit: float = 27.0  # seconds
    third_party: float = 0.30  # of persons
    talk: float = 300.0  # seconds, mean
    talk_sigma: float = 0.75
    third_talk: float = 60.0
    wrap_up: float = 120.0
    wrap_up_sigma: float = 0.5
    third_wrap_up: float = 45.0
    machine_talk: float = 12.0
    agent_spread: float = 0.15  # of the log of an agent's own pace
    inbound: Course = Course(points=((0.0, 0.5),))  # callers an hour for each agent
    inbound_talk: float = 240.0
    patience: float = 120.0  # mean seconds that a caller waits
    pause_chance: float = 0.02  # after a conversation
    pause: float = 420.0
    pause_announced: float = 0.5
    idle_pauses: float = 0.05  # an hour of idling, unannounced
    absences: tuple[Absence, ...] = (
        Absence(begins=3.5 * HOUR, ends=4.0 * HOUR, share=0.5),
        Absence(begins=4.0 * HOUR, ends=4.5 * HOUR, share=0.5),
    )
    parts: tuple[float, ...] = ()  # seconds at which a part of the day begins, four at most; (): not told
    lines: int | None = None  # None: four for each agent and two more
    records: int | None = None  # residents in the list a day; None: enough
    clock_steps: tuple[tuple[float, float], ...] = ()  # (second, seconds by which the pacer's clock jumps)
    restarts: tuple[float, ...] = ()  # seconds at which what was learned since the morning is lost


def scenario_from(values: Mapping[str, Any]) -> Scenario:
    """A scenario from plain data (TOML): numbers, `[[second, value], ...]` for courses, tables for absences.

    Raises InvalidError with the key that is wrong.
    """
    known = {each.name: each for each in fields(Scenario)}
    made: dict[str, Any] = {}
    for key, value in values.items():
        if key not in known:
            raise InvalidError(f"no such setting; there are: {', '.join(sorted(known))}", field=key)
        made[key] = _value(key, value)
    return Scenario(**made)


def _value(key: str, value: Any) -> Any:
    try:
        if key in ("answer", "carrier", "inbound"):
            return _course(value)
        if key == "absences":
            return tuple(Absence(**each) for each in value)
        if key in ("clock_steps", "restarts", "parts"):
            return tuple(tuple(map(float, each)) if isinstance(each, list) else float(each) for each in value)
        if key == "name":
            return str(value)
        if key in ("agents", "days", "lines", "records"):
            return _whole(value)
        return _number(value)
    except (TypeError, ValueError) as error:
        raise InvalidError(f"not understood: {error}", field=key) from error


def _course(value: Any) -> Course:
    if isinstance(value, int | float):
        return Course.flat(_number(value))
    points = tuple((float(second), float(figure)) for second, figure in value)
    if not points or any(later[0] <= first[0] for first, later in itertools.pairwise(points)):
        raise ValueError("seconds have to rise")
    return Course(points=points)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("a whole number of zero or more is wanted")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ValueError("a number of zero or more is wanted")
    return float(value)
