"""What becomes of each call. The k-th dial of a day has the same lots under every policy."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from enum import Enum, auto

from dialer.pacing.simulator.scenario import Scenario


class Fate(Enum):
    """How a call ends when nobody hangs it up."""

    PERSON = auto()
    MACHINE = auto()
    NO_ANSWER = auto()
    BUSY = auto()
    CARRIER = auto()


@dataclass(slots=True)
class Call:
    """One dial: drawn when it leaves."""

    number: int
    dialled: float
    fate: Fate
    ring: float  # seconds until the fate shows
    talk: float
    wrap_up: float
    over: bool = False
    answered: float = 0.0


class Residents:
    """Draws fates."""

    def __init__(self, scenario: Scenario, seed: int, day: int) -> None:
        self._scenario = scenario
        self._lots = random.Random(f"residents {seed} {day}")
        self._level = math.exp(random.Random(f"level {seed} {day}").gauss(0.0, scenario.day_spread))
        self._next = 0

    def dial(self, now: float) -> Call:
        """The next call, as it will go when it leaves now (seconds from the opening)."""
        scenario, lots = self._scenario, self._lots
        first, second = lots.random(), lots.random()
        ring_lot, talk_lot, wrap_lot = lots.gauss(0, 1), lots.gauss(0, 1), lots.gauss(0, 1)
        kind_lot = lots.random()
        self._next += 1
        fate, ring = self._fate(now, first, second, ring_lot)
        third = kind_lot < scenario.third_party
        talk, wrap = 0.0, 0.0
        if fate is Fate.PERSON:
            talk = lognormal(scenario.third_talk if third else scenario.talk, scenario.talk_sigma, talk_lot)
            wrap = lognormal(scenario.third_wrap_up if third else scenario.wrap_up, scenario.wrap_up_sigma, wrap_lot)
        elif fate is Fate.MACHINE:
            talk = lognormal(scenario.machine_talk, 0.35, talk_lot)
        return Call(number=self._next, dialled=now, fate=fate, ring=ring, talk=talk, wrap_up=wrap)

    def _fate(self, now: float, first: float, second: float, lot: float) -> tuple[Fate, float]:
        scenario = self._scenario
        carrier = scenario.carrier.at(now)
        if first < carrier:
            return Fate.CARRIER, 0.5 + 1.5 * abs(lot)
        first = (first - carrier) / (1.0 - carrier)
        person = min(0.9, scenario.answer.at(now) * self._level)
        if first < person:
            seconds = min(max(4.5 + 6.0 * math.exp(0.45 * lot), 5.0), 22.0)
            return Fate.PERSON, min(seconds * scenario.ring_scale, scenario.ring_limit - 0.5)
        if second < scenario.busy:
            return Fate.BUSY, 2.0 + abs(lot)
        if second < scenario.busy + scenario.machine:
            return Fate.MACHINE, min(max(scenario.machine_ring + 2.5 * lot, 3.0), scenario.ring_limit - 0.2)
        return Fate.NO_ANSWER, scenario.ring_limit


def lognormal(mean: float, sigma: float, lot: float) -> float:
    """A lognormal of that mean at a standard normal lot, at least a second."""
    return max(1.0, mean * math.exp(sigma * lot - sigma * sigma / 2.0))
