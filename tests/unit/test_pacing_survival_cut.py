"""The textbook baseline: as careful as progressive at first, beyond it later, never over its cuts."""

from __future__ import annotations

from dataclasses import replace

from dialer.pacing.simulator.centre import Centre
from dialer.pacing.simulator.figures import total
from dialer.pacing.simulator.situations import situation
from dialer.pacing.simulator.survival_cut import SurvivalCut
from dialer.pacing.simulator.trial import play
from dialer.pacing.view import AgentView, Doing, RingView, State

FREE = State(now=1000.0, agents=[AgentView(0, Doing.IDLE, 990.0)], lines_free=6)


def test_with_no_evidence_it_is_progressive() -> None:
    pacer = SurvivalCut()
    assert pacer.decide(FREE).start == 1
    assert pacer.decide(replace(FREE, rings=[RingView(0, 975.0)])).start == 0
    assert pacer.decide(replace(FREE, open=False)).start == 0


def test_taught_it_dials_before_the_ring_is_over_and_cuts_who_would_meet_nobody() -> None:
    pacer = SurvivalCut()
    scenario = situation("ordinary", 2, 1, 4.0)
    Centre(scenario, pacer, 1, 0).run()
    assert pacer.decide(replace(FREE, rings=[RingView(0, 974.0)])).start == 1
    busy = [AgentView(0, Doing.TALKING, 940.0)]
    ringing = [RingView("young", 999.0), RingView("about to be answered", 990.5)]
    taught = SurvivalCut(cuts=1.0)
    Centre(scenario, taught, 1, 0).run()
    assert taught.decide(replace(FREE, agents=busy, rings=ringing)).cancel == ("about to be answered",)


def test_it_keeps_to_its_cuts_and_gains() -> None:
    scenario = situation("ordinary", 5, 2, 4.0)
    theirs = total(play(scenario, "survival cut", 3))
    plain = total(play(scenario, "progressive", 3))
    assert theirs.illegal == 0
    assert 0 < theirs.cuts <= 0.02 * theirs.dials
    assert theirs.busy / theirs.staffed > plain.busy / plain.staffed
