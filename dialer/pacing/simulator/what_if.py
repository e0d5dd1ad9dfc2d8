"""A recorded day once more, otherwise: with more agents, in another mode, with another promise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dialer.pacing.simulator.centre import Centre
from dialer.pacing.simulator.figures import summary
from dialer.pacing.simulator.fit import Fitted
from dialer.pacing.simulator.ours import Ours
from dialer.pacing.simulator.trial import Result
from dialer.pacing.view import Settings

RECORDED = "that day"
AGAIN = "simulated as it was"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """What would have been otherwise."""

    name: str
    more_agents: int = 0
    settings: Settings | None = None  # None: as that day


def what_if(
    fitted: Fitted, variants: Sequence[Variant], seeds: Sequence[int], each_day: Callable[[], None] = lambda: None
) -> list[Result]:
    """What came of that day, the same simulated (how far the two differ says how well it is met), then each variant.

    Every variant meets the same residents, as far as it dials them; pacing begins with what it knew that morning.
    """
    results = [Result(policy=RECORDED, seeds=(summary([fitted.day]),))]
    for variant in (Variant(name=AGAIN), *variants):
        scenario, days = fitted.with_agents(variant.more_agents), []
        for seed in seeds:
            policy = Ours(variant.settings or fitted.settings, fitted.model)
            days.append(summary([Centre(scenario, policy, seed, 0).run()]))
            each_day()
        results.append(Result(policy=variant.name, seeds=tuple(days)))
    return results
