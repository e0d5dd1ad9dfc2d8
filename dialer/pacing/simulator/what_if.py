"""A recorded day once more, otherwise: with more agents, in another mode, with another promise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from dialer.pacing.simulator.centre import Centre
from dialer.pacing.simulator.figures import Summary, summary
from dialer.pacing.simulator.fit import Fitted
from dialer.pacing.simulator.ours import Ours
from dialer.pacing.simulator.trial import Result, Runner, by_name, in_turn
from dialer.pacing.view import Settings

RECORDED = "that day"
AGAIN = "simulated as it was"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """What would have been otherwise."""

    name: str
    more_agents: int = 0
    settings: Settings | None = None  # None: as that day


def what_if(fitted: Fitted, variants: Sequence[Variant], seeds: Sequence[int], run: Runner = in_turn) -> list[Result]:
    """What came of that day, the same simulated (how far the two differ says how well it is met), then each variant.

    Every variant meets the same residents, as far as it dials them; pacing begins with what it knew that morning.
    """
    variants = (Variant(name=AGAIN), *variants)
    found = run([partial(_day, fitted, variant, seed) for variant in variants for seed in seeds])
    that = Result(policy=RECORDED, seeds=(summary([fitted.day]),))
    return [that, *by_name([variant.name for variant in variants], seeds, found)]


def _day(fitted: Fitted, variant: Variant, seed: int) -> Summary:
    policy = Ours(variant.settings or fitted.settings, fitted.model)
    return summary([Centre(fitted.with_agents(variant.more_agents), policy, seed, 0).run()])
