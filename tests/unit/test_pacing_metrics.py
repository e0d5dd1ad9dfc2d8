"""What pacing says of itself in figures: decisions, their time, the promise, and expected beside actual answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest

from dialer.domain.call import Call, CallEvent, Direction, Intent
from dialer.domain.ids import CampaignId
from dialer.metrics import Metrics
from dialer.pacing.learned import Model
from dialer.pacing.pool import Share
from dialer.pacing.view import Decision, Held, Reasons, RingView, Settings, State
from dialer.services.floor import Floor, LiveCall
from dialer.services.forecasts import HORIZON, Forecasts
from dialer.services.journal import Journal
from dialer.services.pacemaker import Decided
from tests.support.city import until
from tests.support.floor import CAMPAIGN
from tests.unit.test_engine_faults import Service
from tests.unit.test_engine_predictive import AGENTS, on_duty, service

__all__ = ["service"]

FIRST, SECOND = UUID(int=1), UUID(int=2)


def share(now: float, *rings: object, expected: float = 1.5, mode: str = "predictive") -> dict[CampaignId, Share]:
    state = State(now=now, rings=[RingView(ring, now - 5.0) for ring in rings])
    reasons = Reasons(Held.RISK, mode, answers=expected)
    return {CAMPAIGN: Share(state, Decision(reasons=reasons), ())}


class Watched:
    """Forecasts over a floor that is told by hand."""

    def __init__(self) -> None:
        self.told: list[tuple[float, int]] = []
        self.forecasts = Forecasts(cast(Floor, self), lambda _, expected, came: self.told.append((expected, came)))

    def listen(self, calls: Callable[[LiveCall, CallEvent, float], None]) -> None:
        self.happened = calls

    def call(self, attempt: UUID, event: CallEvent, at: float, intent: Intent = Intent.NONE) -> None:
        answered = at if event is CallEvent.ANSWERED else None
        call = SimpleNamespace(
            attempt=attempt,
            direction=Direction.OUT,
            live=event is CallEvent.ANSWERED,
            intent=intent,
            answered_at=answered,
        )
        self.happened(cast(LiveCall, SimpleNamespace(call=cast(Call, call))), event, at)


@pytest.fixture
def watched() -> Watched:
    return Watched()


def test_what_was_expected_and_what_came(watched: Watched) -> None:
    watched.forecasts.decided(share(100.0, FIRST, SECOND, UUID(int=3)))
    watched.call(FIRST, CallEvent.ANSWERED, 104.0)
    watched.call(UUID(int=9), CallEvent.ANSWERED, 105.0)
    watched.call(SECOND, CallEvent.ENDED, 109.0)
    watched.forecasts.decided(share(100.0 + HORIZON))
    assert watched.told == []
    watched.call(UUID(int=3), CallEvent.ANSWERED, 100.5 + HORIZON)
    watched.forecasts.decided(share(101.0 + HORIZON))
    assert watched.told == [(1.5, 1)], "who answers later was not expected by then"


def test_a_forecast_of_which_a_ring_was_hung_up_is_left_out(watched: Watched) -> None:
    watched.forecasts.decided(share(100.0, FIRST, SECOND))
    watched.call(FIRST, CallEvent.ENDED, 104.0, Intent.RING_CUT)
    watched.call(SECOND, CallEvent.ANSWERED, 105.0)
    watched.forecasts.decided(share(140.0))
    assert watched.told == []


def test_one_forecast_each_half_minute_and_none_that_cannot_be_followed(watched: Watched) -> None:
    watched.forecasts.decided(share(99.0, FIRST, mode="progressive"))
    watched.forecasts.decided(share(99.0, FIRST, (CAMPAIGN, 0)))
    watched.forecasts.decided(share(100.0, FIRST))
    watched.forecasts.decided(share(110.0, SECOND))
    watched.forecasts.decided(share(129.9, SECOND))
    watched.forecasts.decided(share(130.0, SECOND, expected=0.7))
    watched.forecasts.decided(share(170.0))
    assert watched.told == [(1.5, 0), (0.7, 0)]


def test_a_clock_that_goes_back_begins_anew(watched: Watched) -> None:
    watched.forecasts.decided(share(100.0, FIRST))
    watched.forecasts.decided(share(50.0, SECOND, expected=0.7))
    watched.forecasts.decided(share(80.1, FIRST, expected=0.2))
    watched.forecasts.decided(share(120.0))
    assert watched.told == [(0.2, 0)], "what was foreseen by the other clock is dropped"


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


def figure(metrics: Metrics, name: str, **labels: str) -> float:
    return metrics.registry.get_sample_value(f"dialer_pacing_{name}", labels) or 0.0


def test_forecasts_are_grouped_by_what_they_expected(metrics: Metrics) -> None:
    for expected, came in ((0.4, 1), (0.5, 0), (1.5, 2), (40.0, 39)):
        metrics.forecast(CAMPAIGN, expected, came)
    found = {
        group: [
            figure(metrics, f"answers_{what}_total", campaign=str(CAMPAIGN), expected=group)
            for what in ("expected", "came")
        ]
        for group in ("0.5", "2", "more")
    }
    assert found == {"0.5": [0.9, 1.0], "2": [1.5, 2.0], "more": [40.0, 39.0]}


def test_the_promise_is_told_as_it_stands(metrics: Metrics) -> None:
    model = replace(Model(), day_answered=400, day_abandoned=3, credit=0.8)
    decided = Decided(share(1.0), {CAMPAIGN: model}, {CAMPAIGN: Settings(target=0.01)}, 0.0004)
    metrics.decided(decided)
    label = str(CAMPAIGN)
    assert figure(metrics, "promise_spent_ratio", campaign=label) == pytest.approx(0.75)
    assert figure(metrics, "promise_left", campaign=label) == pytest.approx(0.8)
    assert figure(metrics, "decisions_total", campaign=label, mode="predictive", held="risk") == 1.0
    assert figure(metrics, "decision_seconds_bucket", le="0.0005") == 1.0
    assert figure(metrics, "decision_seconds_bucket", le="0.00025") == 0.0
    metrics.decided(decided._replace(models={CAMPAIGN: Model()}))
    assert figure(metrics, "promise_spent_ratio", campaign=label) == 0.0, "nobody has answered yet"


async def test_the_engine_tells_what_it_follows(service: Service, metrics: Metrics) -> None:
    centre: Any = service.centre
    metrics.watch(centre.floor, cast(Journal, centre.journal), service.telephony, centre.engine)
    await service.start()
    await on_duty(service, AGENTS)
    await until(lambda: len(service.telephony.dialed) > len(AGENTS))
    label = str(CAMPAIGN)
    await until(
        lambda: any(
            figure(metrics, "decisions_total", campaign=label, mode="predictive", held=held.value) for held in Held
        )
    )
    before = figure(metrics, "decision_seconds_count")
    assert before > 0
    centre.engine.facts(CAMPAIGN)
    assert figure(metrics, "decision_seconds_count") == before, "a look is no decision"
    live = centre.floor.in_flight(CAMPAIGN)[0]
    centre.floor.amend(live, intent=Intent.RING_CUT)
    service.telephony.end(live.call.channel, cause=16)
    await until(lambda: figure(metrics, "ring_cuts_total", campaign=label) == 1.0)
