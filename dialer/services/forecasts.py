"""How many answers the pacer expected, beside how many came: whether its picture of residents is right.

Each half minute at most a decision that looked ahead is remembered, with the calls that rang then. When its horizon is
over, what was expected and what came of those very calls is told. A forecast of which we hung a ring up is left out:
nobody knows what would have come of it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from uuid import UUID

from dialer.domain.call import CallEvent, Direction, Intent
from dialer.domain.ids import CampaignId
from dialer.pacing.calibration import HORIZON, expected_answers
from dialer.services.floor import Floor, LiveCall
from dialer.services.pacemaker import Decided

_EVERY = 30.0
_OURS = frozenset({Intent.RING_CUT, Intent.CANCEL})

Told = Callable[[CampaignId, float, int], None]
"""A campaign, the answers that were expected, and those that came."""


@dataclass(slots=True)
class _Forecast:
    """One look ahead."""

    at: float
    expected: float
    rings: set[Hashable]  # those of which nothing is known yet
    came: int = 0


@dataclass(slots=True)
class _Memory:
    """One campaign's."""

    last: float
    open: list[_Forecast] = field(default_factory=list)


class Forecasts:
    """Told of decisions and of the floor. Times are wall seconds; forecasts are dropped when the clock goes back."""

    def __init__(self, floor: Floor, told: Told) -> None:
        self._told = told
        self._campaigns: dict[CampaignId, _Memory] = {}
        floor.listen(calls=self._call_changed)

    def decided(self, decided: Decided) -> None:
        """What was decided for each campaign, just now."""
        for campaign, share in decided.shares.items():
            now = share.state.now
            memory = self._campaigns.setdefault(campaign, _Memory(now - _EVERY))
            self._close(campaign, memory, now)
            if now < memory.last:
                memory.last, memory.open = now, []
            if share.decision.reasons.mode != "predictive" or now - memory.last < _EVERY:
                continue
            rings = {ring.call for ring in share.state.rings}
            if rings and all(isinstance(call, UUID) for call in rings):  # others are not on the floor yet
                memory.last = now
                expected = expected_answers(decided.models[campaign], share.state.begun, now)
                memory.open.append(_Forecast(now, expected, rings))

    def _close(self, campaign: CampaignId, memory: _Memory, now: float) -> None:
        ripe = [one for one in memory.open if now - one.at > HORIZON or not one.rings]
        memory.open = [one for one in memory.open if one not in ripe]
        for one in ripe:
            self._told(campaign, one.expected, one.came)

    def _call_changed(self, live: LiveCall, event: CallEvent, at: float) -> None:
        call = live.call
        if call.direction is not Direction.OUT or (event is not CallEvent.ANSWERED and call.live):
            return
        cut = event is not CallEvent.ANSWERED and call.intent in _OURS and call.answered_at is None
        for memory in self._campaigns.values():
            for one in [one for one in memory.open if call.attempt in one.rings]:
                one.rings.discard(call.attempt)
                one.came += event is CallEvent.ANSWERED and at - one.at <= HORIZON
                if cut:
                    memory.open.remove(one)
