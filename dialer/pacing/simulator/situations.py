"""Ordinary days and what a real year brings, as scenarios."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from dialer.pacing.simulator.scenario import HOUR, Absence, Course, Scenario

SIZES = (1, 2, 3, 5, 8, 15, 40, 150)


def _course(*points: tuple[float, float]) -> Course:
    return Course(points=points)


def _doubles(scenario: Scenario) -> Scenario:
    return replace(
        scenario,
        answer=_course((0.0, 0.18), (3 * HOUR, 0.18), (3.05 * HOUR, 0.40), (5 * HOUR, 0.40), (5.1 * HOUR, 0.2)),
    )


def _carrier_fails(scenario: Scenario) -> Scenario:
    faults = ((0.0, 0.02), (2 * HOUR, 0.02), (2 * HOUR + 1, 0.97), (2.3 * HOUR, 0.97), (2.3 * HOUR + 1, 0.02))
    return replace(scenario, carrier=Course(points=faults))


def _list_runs_out(scenario: Scenario) -> Scenario:
    return replace(scenario, records=int(90 * scenario.agents * scenario.hours / 8.0))


def _unruly(scenario: Scenario) -> Scenario:
    return replace(scenario, pause_chance=0.12, pause_announced=0.0, idle_pauses=0.6, pause=300.0)


def _inbound_peaks(scenario: Scenario) -> Scenario:
    return replace(
        scenario, inbound=_course((0.0, 0.5), (HOUR, 0.5), (1.1 * HOUR, 4.0), (2.5 * HOUR, 4.0), (2.7 * HOUR, 0.8))
    )


def _much_inbound(scenario: Scenario) -> Scenario:
    return replace(scenario, inbound=Course.flat(2.5))


def _clock_steps(scenario: Scenario) -> Scenario:
    return replace(scenario, clock_steps=((HOUR, 90.0), (2 * HOUR, -3600.0), (3 * HOUR, 3600.0), (4 * HOUR, -5.0)))


def _restarts(scenario: Scenario) -> Scenario:
    return replace(scenario, restarts=(2.2 * HOUR, 3.0 * HOUR, 5.5 * HOUR))


def _exodus(scenario: Scenario) -> Scenario:
    away = (Absence(begins=2 * HOUR, ends=2.5 * HOUR, share=0.8, announced=False),)
    return replace(scenario, absences=scenario.absences + away)


def _slow_rings(scenario: Scenario) -> Scenario:
    return replace(scenario, ring_scale=1.5, ring_limit=32.0)


def _quick_rings(scenario: Scenario) -> Scenario:
    return replace(scenario, ring_scale=0.6, ring_limit=20.0, machine_ring=14.0)


def _many_machines(scenario: Scenario) -> Scenario:
    return replace(scenario, machine=0.55, machine_ring=17.0)


def _many_answer(scenario: Scenario) -> Scenario:
    return replace(scenario, answer=Course.flat(0.45))


def _few_answer(scenario: Scenario) -> Scenario:
    return replace(scenario, answer=Course.flat(0.13))


def _wild_days(scenario: Scenario) -> Scenario:
    return replace(scenario, day_spread=0.5)


SITUATIONS: Mapping[str, Callable[[Scenario], Scenario]] = {
    "ordinary": lambda scenario: scenario,
    "answers double": _doubles,
    "carrier fails": _carrier_fails,
    "list runs out": _list_runs_out,
    "unannounced pauses": _unruly,
    "inbound peak": _inbound_peaks,
    "much inbound": _much_inbound,
    "clock steps": _clock_steps,
    "restarts": _restarts,
    "agents leave at once": _exodus,
    "slow rings": _slow_rings,
    "quick rings": _quick_rings,
    "many machines": _many_machines,
    "many answer": _many_answer,
    "few answer": _few_answer,
    "wild days": _wild_days,
}


def situation(name: str, agents: int, days: int, hours: float = 8.0) -> Scenario:
    """A scenario by name."""
    return replace(SITUATIONS[name](Scenario(agents=agents, days=days, hours=hours)), name=name)
