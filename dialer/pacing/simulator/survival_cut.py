"""Textbook survival pacing with cuts, to compare with: the same curves, one accepted risk, one bound for cuts.

The marginal risk of one more call is the sum over seconds ahead of its chance of being answered then, times the
chance that agents (idle ones, less callers, and wrap-ups that end) do not outnumber answers (of what rings, and
callers). Calls are started while that risk for each answer is accepted; the logarithm of the accepted risk rises with
each answer and falls with each abandonment. A ring is cut when its next second is too dangerous, up to a share of the
dials.
"""

from __future__ import annotations

import math
from collections import Counter

from dialer.pacing.curves import GRID, RING_BINS, ring_bin, ring_table, wrap_bin, wrap_table
from dialer.pacing.learned import Model, caller_rate, observe, talk_class
from dialer.pacing.risk import Shortage
from dialer.pacing.simulator.policies import Baseline, Progressive, bounded, idle_agents
from dialer.pacing.view import Abandoned, DayBegan, Decision, Doing, Event, Kind, State, TalkEnded

_ETA = 0.06
_EVIDENCE = 40.0
_CUT_AT = 0.015  # chance in the next second that a person answers and meets nobody
_THRESHOLD = 2.0


class SurvivalCut(Baseline):
    """Starts by marginal risk, cuts by the next second's."""

    def __init__(self, target: float = 0.01, cuts: float = 0.02) -> None:
        self._target, self._cuts = target, cuts
        self._model = Model()
        self._log_theta = math.log(0.05)
        self._answered = self._abandoned = 0

    def observe(self, event: Event) -> None:
        """Curves as in our own model; its feedback is not used."""
        self._model = observe(self._model, event, self._target)
        if isinstance(event, DayBegan):
            self._answered = self._abandoned = 0
        elif isinstance(event, Abandoned):
            self._answered += 1
            self._abandoned += 1
            self._log_theta = max(self._log_theta - _ETA, math.log(0.002))
        elif isinstance(event, TalkEnded) and event.kind is Kind.PERSON:
            self._answered += 1
            self._log_theta = min(self._log_theta + _ETA * self._target, math.log(0.3))

    def decide(self, state: State) -> Decision:
        """Cut first, then start one at a time while the risk is accepted."""
        model = self._model
        if model.watched < _EVIDENCE or not state.open or not state.agents:
            return Progressive().decide(state)
        idle = idle_agents(state) - state.inbound_waiting - state.answered_waiting
        table = ring_table(model.rings_used, model.level, RING_BINS)
        ages = Counter([ring_bin(state.now - ring.since) for ring in state.rings])
        wraps = [wrap_table(spells, _THRESHOLD) for spells in model.wraps_used]
        stays = model.stayed / (model.stayed + model.left)
        releases = [
            (1, stays, wraps[talk_class(who.talked)][wrap_bin(state.now - who.since)])
            for who in state.agents
            if who.doing is Doing.WRAP_UP and not who.pausing
        ]
        rate = caller_rate(model, state.now)
        rings = [(many, table.by[age]) for age, many in ages.items()]
        shortage = Shortage(rings, releases, [rate * (ahead + 1.0) for ahead in GRID])
        if model.cuts + 1 <= self._cuts * model.dials:
            short = shortage.short(0, idle)
            for call, since in state.rings:
                if table.soon[ring_bin(state.now - since)] * short > _CUT_AT:
                    return Decision(cancel=(call,), ask_again=0.1)
        if self._abandoned > 2 and self._abandoned + 1 > 0.027 * (self._answered + 1):
            return Progressive().decide(state)
        theta = math.exp(self._log_theta)
        most = bounded(state, state.lines_free).start
        least = max(idle - len(state.rings), 0)
        start = 0
        while start < most:
            if start >= least:
                harm = sum(table.person_step[k] * shortage.short(k, idle) for k in range(len(GRID)))
                if harm / table.person > theta:
                    break
            shortage.fresh(table.by[0], start + 1)
            start += 1
        return Decision(start=start)
