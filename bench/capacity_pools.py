"""What a pool of agents gives by its size: the real pacing code in its simulator, on ordinary days.

Pacing first learns the town in an hour of fifty agents, which does not count. Then each size is played for some days of
one hour: every day begins with all agents idle, so that sizes are compared over the same beginning. The same seed gives
the same figures, on any machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bench.capacity import Pool
from dialer.pacing.simulator.centre import Centre
from dialer.pacing.simulator.figures import summary, total
from dialer.pacing.simulator.ours import Ours
from dialer.pacing.simulator.scenario import HOUR, Scenario
from dialer.pacing.view import Settings

DAYS: Mapping[int, int] = {10: 12, 50: 4, 100: 3, 200: 2, 400: 1, 1000: 1}
"""By size the days that count: agents who are many need few to tell the mean."""
LEARNING = Scenario(agents=50, hours=1.0, absences=())
SEED = 1


def played(agents: int) -> Pool:
    """Nobody pauses for lunch: it is the full floor that a plan is for."""
    scenario = replace(LEARNING, agents=agents)
    policy = Ours(Settings(ring_cuts=True))
    Centre(LEARNING, policy, SEED, 0).run()
    found = [Centre(scenario, policy, SEED, day + 1).run() for day in range(DAYS[agents])]
    shares, whole = summary(found), total(found)
    hours = scenario.hours * len(found)
    return Pool(
        agents=agents,
        hours=hours,
        occupancy=round(shares.occupancy, 1),
        abandonment=round(shares.abandonment, 2),
        conversations=round(shares.conversations, 2),
        calls=round(whole.dials / (hours * HOUR), 3),
        ringing=round(whole.dials / max(1, whole.joined), 2),
    )
