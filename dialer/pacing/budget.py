"""What is left of the promise and of the cuts, and how much risk is accepted because of it."""

from __future__ import annotations

import math
from typing import NamedTuple

from dialer.pacing.learned import Model
from dialer.pacing.view import Settings

WITHOUT_CUTS = 0.5  # of the risk that is accepted where a ring that would meet nobody is hung up
KAPPA = (0.003, 0.08)  # risk a second at which a ring is cut: least and most
KAPPA_USUAL = 0.015
EVEN = 4.0  # early cuts left at which they are spent at the usual bound
EASE = 6.0  # how many more or fewer make the bound smaller or larger by a factor e
SMALL = 0.4  # how much more is accepted in the smallest team, where the rule guards more than the one call
CALLERS_WEIGH = 0.3  # what an agent who is kept weighs for each caller an hour and agent
FEW, MANY = 8.0, 15.0  # agents, where callers feel it most when nobody is free
MOST_SPARE = 0.5
LEARNING = 40.0  # calls watched at which half is accepted in a small team; a large one makes them in a minute
RICH = 1.5  # abandonments left from which cuts are spared,
RICHER = 3.0  # how many more make the bound larger by a factor e,
RICHEST = 1.2  # and by how many such factors at most
LEAN_LEAST = 0.3  # of the accepted risk when nothing is left of the promise
RING = 27.0  # seconds that a call rings when nobody answers, roughly
USUAL_WAIT = 10.0  # seconds saved for which the accepted risk is taken as it is
FIRST_WAIT = 20.0  # taken as saved when nothing rings, or by a second start at once
WORTH = (0.8, 3.0)  # least and most times the accepted risk; less than the least: starts that cost nothing are lost
ALONE, CROWD = 1.0, 8.0  # agents: time saved counts in full, and no longer (there a start is one of many)
_LENT_CUTS = 20.0  # dials that are taken as made, so that a first cut is possible


class Left(NamedTuple):
    """What may still be spent."""

    promise: float  # abandonments, with what is lent at the start of it; below zero: overdrawn
    early: float  # cuts before 15 s
    cuts: float  # cuts at all


def lent(agents: int) -> float:
    """Abandonments that may come before the answers that pay for them; a large team makes those in an hour."""
    return min(0.5 + agents / 16.0, 3.0)


def left(model: Model, settings: Settings, agents: int) -> Left:
    """The budgets as they stand. Nothing of the cuts where they are not allowed."""
    promise = model.credit + lent(agents)
    if not settings.ring_cuts:
        return Left(promise, 0.0, 0.0)
    dials = model.dials + _LENT_CUTS
    return Left(
        promise,
        settings.early_cuts * 0.985 * dials - model.early_cuts,
        settings.all_cuts * 0.985 * dials - model.cuts,
    )


def accepted(model: Model, rest: Left, agents: int, over: int) -> float:
    """The risk accepted of one more call: learned from abandonments, less when little is left.

    `over`: rings beyond free agents; each may need a cut.
    """
    enough = 0.5 + lent(agents)
    lean = min(LEAN_LEAST + (1.0 - LEAN_LEAST) * max(rest.promise, 0.0) / enough, 1.0)
    spare = min(rest.early, rest.cuts) - 0.3 * min(max(over, 0), 6)
    share = min(max(spare / 3.0, 0.0), 1.0)
    small = 1.0 + SMALL / (1.0 + agents / 8.0)
    known = model.watched / (model.watched + LEARNING * (1.0 + agents / 4.0))
    return math.exp(model.log_theta) * small * known * lean * (WITHOUT_CUTS + (1.0 - WITHOUT_CUTS) * share)


def worth(youngest: float | None, agents: int) -> float:
    """What the accepted risk is multiplied by because of the time that a call now saves in a small team.

    `youngest`: seconds that the newest call has rung; None: nothing rings. A second call seconds after the first saves
    the whole time that the first may ring in vain; one just before the first gives up saves next to nothing.
    """
    power = min(max((CROWD - agents) / (CROWD - ALONE), 0.0), 1.0)
    saved = FIRST_WAIT if youngest is None else max(RING - youngest, 1.0)
    return float(min(max((saved / USUAL_WAIT) ** power, WORTH[0]), WORTH[1]))


def cut_bound(rest: Left) -> float:
    """Risk a second at which a ring is cut: spends early cuts evenly, so that they are neither hoarded nor out.

    With much left of the promise a ring is rather left to its luck, and the cuts go where they save more.
    """
    rich = min(max(rest.promise - RICH, 0.0) / RICHER, RICHEST)
    return min(max(KAPPA_USUAL * math.exp((EVEN - rest.early) / EASE + rich), KAPPA[0]), KAPPA[1])


def spare(callers: float, agents: int) -> float:
    """What it weighs that nobody is left free, against an answer that meets nobody: 0 to 1.

    `callers`: an hour, as learned. In a large team somebody comes free within seconds anyway; in the smallest a caller
    seldom finds anybody free whatever is done.
    """
    felt = min(max(agents - 1.0, 0.0) / (FEW - 1.0), 1.0) * min(MANY / max(agents, 1), 1.0)
    return min(CALLERS_WEIGH * callers / max(agents, 1) * felt, MOST_SPARE)
