"""An agent's own pace: how much longer his wrap-ups take than the team's, as far as it is known.

Kept in memory for a day and nowhere else: how fast somebody works is his own affair, and is shown to nobody. Pure.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

from dialer.pacing.learned import TALKS, talk_class

_SHRINK = 8.0  # wrap-ups that the team's pace is worth
_MEMORY = 1.0 - 1.0 / 40.0  # an agent's last forty, fading
_TEAM_MEMORY = 1.0 - 1.0 / 400.0
_LONGEST = 4.0  # times the team's mean: one forgotten screen says little
_LIKE_THE_TEAM = (0.8, 1.25)


@dataclass(frozen=True, slots=True)
class Paces:
    """The team's mean wrap-up by length of the conversation, and each agent against it."""

    seconds: tuple[float, ...] = (0.0,) * len(TALKS)
    count: tuple[float, ...] = (0.0,) * len(TALKS)
    agents: Mapping[Hashable, tuple[float, float]] = field(default_factory=dict)  # sum of ratios, how many


def wrapped_up(paces: Paces, agent: Hashable, seconds: float, talked: float | None) -> Paces:
    """After a wrap-up of so many seconds. One that makes no sense changes nothing."""
    if not 0.0 < seconds < 3600.0:
        return paces
    kind = talk_class(talked)
    count = _put(paces.count, kind, paces.count[kind] * _TEAM_MEMORY + 1.0)
    total = _put(paces.seconds, kind, paces.seconds[kind] * _TEAM_MEMORY + seconds)
    before, many = paces.agents.get(agent, (0.0, 0.0))
    ratio = min(seconds * count[kind] / total[kind], _LONGEST)
    return Paces(total, count, {**paces.agents, agent: (before * _MEMORY + ratio, many * _MEMORY + 1.0)})


def pace(paces: Paces, agent: Hashable) -> float | None:
    """How many times the team's wrap-up his takes, drawn to the team's; None: like the team's, or not known."""
    total, many = paces.agents.get(agent, (0.0, 0.0))
    found = (total + _SHRINK) / (many + _SHRINK)
    low, high = _LIKE_THE_TEAM
    return None if low < found < high else round(found, 2)


def _put(values: tuple[float, ...], place: int, value: float) -> tuple[float, ...]:
    return (*values[:place], value, *values[place + 1 :])
