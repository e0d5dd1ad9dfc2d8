"""Ways of pacing side by side on the same simulated days, by team size, and in what a real year brings.

    python bench/pacing_bench.py [--sizes 1,2,8] [--hours 40] [--seeds 3] [--disturbances] [--lost]

`--hours` is agent-hours of work in each seed, at least three days of two hours: small teams get more days. Also prints
the CPU time of one decision at 150 agents and 500 rings. `--lost` prints, of our own pacing, what held the next call
while agents were idle. `python -m bench pacing` runs a short version.
"""

from __future__ import annotations

import argparse
import time

from dialer.pacing.learned import Model, observe
from dialer.pacing.predictive import decide
from dialer.pacing.simulator.centre import Centre
from dialer.pacing.simulator.ours import Ours
from dialer.pacing.simulator.scenario import Scenario
from dialer.pacing.simulator.situations import SITUATIONS, SIZES, situation
from dialer.pacing.simulator.trial import compare, rows, text_table
from dialer.pacing.view import (
    AgentView,
    Decision,
    Doing,
    Kind,
    PickedUp,
    RingEnded,
    RingView,
    Settings,
    State,
    TalkEnded,
)
from dialer.pacing.view import Ended as End

SHORT = ["progressive", "vicidial hard", "issabel", "ours without cuts", "ours", "clairvoyant"]


def decision_times(decisions: int = 2000) -> tuple[float, float]:
    """Median and 99th percentile of one decision with the event before it, in CPU milliseconds."""
    model = Model()
    for number in range(300):
        at = number * 1.0
        model = observe(model, PickedUp(at, 10.0) if number % 4 == 0 else RingEnded(at, 27.0, End.NO_ANSWER))
    doings = [Doing.TALKING] * 70 + [Doing.WRAP_UP] * 65 + [Doing.IDLE] * 15
    taken = []
    for number in range(decisions):
        now = 1000.0 + number * 0.1
        event = PickedUp(now, number % 25) if number % 3 else TalkEnded(now, 1, 90.0, Kind.PERSON, 9.0)
        state = State(
            now=now,
            agents=[AgentView(place, doing, now - 3.0 * (place % 60)) for place, doing in enumerate(doings)],
            rings=[RingView(place, now - 27.0 * place / 500.0) for place in range(500)],
            lines_free=500,
        )
        begun = time.process_time()
        model = observe(model, event)
        decide(state, model, Settings(ring_cuts=True))
        taken.append(1000.0 * (time.process_time() - begun))
    taken.sort()
    return taken[len(taken) // 2], taken[int(len(taken) * 0.99)]


class Watched(Ours):
    """Ours, and the agent-seconds idle by what held the next call."""

    def __init__(self) -> None:
        super().__init__(Settings(ring_cuts=True))
        self.lost: dict[str, float] = {}
        self._last: tuple[float, int, str] | None = None

    def decide(self, state: State) -> Decision:
        """The same."""
        if self._last is not None:
            before, idle, held = self._last
            self.lost[held] = self.lost.get(held, 0.0) + idle * min(max(state.now - before, 0.0), 1.0)
        decision = super().decide(state)
        idle = sum(agent.doing is Doing.IDLE for agent in state.agents)
        why = f"{decision.reasons.mode}, {decision.reasons.held}"
        left = "more ring than are free" if len(state.rings) + decision.start > idle else "as many ring as are free"
        self._last = (state.now, idle, f"{why}, {left}")
        return decision


def lost(scenario: Scenario, seed: int) -> str:
    """A line: shares of the idle agent-seconds."""
    pacer = Watched()
    for day in range(scenario.days):
        Centre(scenario, pacer, seed, day).run()
    total = sum(pacer.lost.values()) or 1.0
    most = sorted(pacer.lost.items(), key=lambda each: -each[1])[:6]
    return "idle while held by: " + "; ".join(f"{why} {100 * each / total:.0f}%" for why, each in most)


def days_of(hours: float, size: int) -> tuple[int, float]:
    """Days and their hours, for so many agent-hours."""
    days = round(hours / 8.0 / size)
    return (days, 8.0) if days >= 3 else (3, min(8.0, max(2.0, hours / size / 3.0)))


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", default="2,8,40")
    parser.add_argument("--hours", type=float, default=40.0, help="agent-hours a seed, at least three days of two")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--policies", default=",".join(SHORT))
    parser.add_argument("--disturbances", action="store_true", help="every situation, not the ordinary day alone")
    parser.add_argument("--situations", default="", help="these of the situations, as the table names them")
    parser.add_argument("--lost", action="store_true", help="what held the next call while agents were idle")
    chosen = parser.parse_args(words or [])
    some = [name.strip() for name in chosen.situations.split(",") if name.strip()]
    if unknown := set(some) - set(SITUATIONS):
        parser.error(f"no such situation: {', '.join(sorted(unknown))}; there are: {', '.join(SITUATIONS)}")
    asked = some or (list(SITUATIONS) if chosen.disturbances else ["ordinary"])
    median, worst = decision_times()
    print(f"one decision and one event, 150 agents, 500 in ring, CPU: p50 {median:.2f} ms, p99 {worst:.2f} ms")
    for size in [int(each) for each in chosen.sizes.split(",")]:
        days, hours = days_of(chosen.hours, size)
        for name in asked:
            scenario = situation(name, size, days, hours)
            print(f"\n{size} agents, {name}: {days} days of {hours:.0f} h, {chosen.seeds} seeds", flush=True)
            results = compare(scenario, chosen.policies.split(","), range(chosen.seeds))
            print(text_table(rows(results)), flush=True)
            if chosen.lost:
                print(lost(scenario, 0), flush=True)


if __name__ == "__main__":
    import sys

    print(f"sizes there are figures for: {', '.join(map(str, SIZES))}")
    main(sys.argv[1:])
