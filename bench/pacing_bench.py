"""Ways of pacing side by side on the same simulated days, by team size, and in what a real year brings.

    python bench/pacing_bench.py [--sizes 1,2,8] [--hours 40] [--seeds 3] [--disturbances]

`--hours` is agent-days of work in each seed, so that small teams get more days. Also prints the CPU time of one
decision at 150 agents and 500 rings. `python -m bench pacing` runs a short version.
"""

from __future__ import annotations

import argparse
import time

from dialer.pacing.learned import Model, observe
from dialer.pacing.predictive import decide
from dialer.pacing.simulator.situations import SITUATIONS, SIZES, situation
from dialer.pacing.simulator.trial import compare, rows, text_table
from dialer.pacing.view import AgentView, Doing, Kind, PickedUp, RingEnded, RingView, Settings, State, TalkEnded
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


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", default="2,8,40")
    parser.add_argument("--hours", type=float, default=40.0, help="agent-hours a seed, at least one day of 3 hours")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--policies", default=",".join(SHORT))
    parser.add_argument("--disturbances", action="store_true", help="every situation, not the ordinary day alone")
    chosen = parser.parse_args(words or [])
    median, worst = decision_times()
    print(f"one decision and one event, 150 agents, 500 in ring, CPU: p50 {median:.2f} ms, p99 {worst:.2f} ms")
    for size in [int(each) for each in chosen.sizes.split(",")]:
        days = max(1, round(chosen.hours / 8.0 / size))
        hours = 8.0 if days > 1 else min(8.0, max(3.0, chosen.hours / size))
        for name in SITUATIONS if chosen.disturbances else ("ordinary",):
            scenario = situation(name, size, days, hours)
            print(f"\n{size} agents, {name}: {days} days of {hours:.0f} h, {chosen.seeds} seeds", flush=True)
            results = compare(scenario, chosen.policies.split(","), range(chosen.seeds))
            print(text_table(rows(results)), flush=True)


if __name__ == "__main__":
    import sys

    print(f"sizes there are figures for: {', '.join(map(str, SIZES))}")
    main(sys.argv[1:])
