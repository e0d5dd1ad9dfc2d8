"""What pacing says of itself in figures: decisions, their time, the promise, and expected beside actual answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest

from dialer.domain.call import Call, CallEvent, Direction, Intent
from dialer.metrics import Metrics
from dialer.pacing.calibration import HORIZON, expected_answers
from dialer.pacing.learned import Model
from dialer.pacing.pool import Share
from dialer.pacing.simulator.centre import Centre
from dialer.pacing.simulator.ours import Ours
from dialer.pacing.simulator.situations import situation
from dialer.pacing.view import Decision, Event, Held, PickedUp, Reasons, RingView, Settings, State
from dialer.services.floor import Floor, LiveCall
from dialer.services.forecasts import Forecasts
from dialer.services.journal import Journal
from dialer.services.pacemaker import Decided
from tests.support.city import until
from tests.support.engine_service import Service
from tests.support.floor import CAMPAIGN
from tests.unit.test_engine_predictive import AGENTS, on_duty, service

__all__ = ["service"]

MODEL = Model()
FIRST, SECOND = UUID(int=1), UUID(int=2)


def decided(now: float, *rings: object, age: float = 5.0, mode: str = "predictive") -> Decided:
    state = State(now=now, rings=[RingView(ring, now - age) for ring in rings])
    shares = {CAMPAIGN: Share(state, Decision(reasons=Reasons(Held.RISK, mode)), ())}
    return Decided(shares, {CAMPAIGN: MODEL}, {CAMPAIGN: Settings(target=0.01)}, 0.0004)


def expected(*ages: float) -> Any:
    return pytest.approx(expected_answers(MODEL, [-age for age in ages], 0.0))


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
    watched.forecasts.decided(decided(100.0, FIRST, SECOND, UUID(int=3)))
    watched.call(FIRST, CallEvent.ANSWERED, 104.0)
    watched.call(UUID(int=9), CallEvent.ANSWERED, 105.0)
    watched.call(SECOND, CallEvent.ENDED, 109.0)
    watched.forecasts.decided(decided(100.0 + HORIZON))
    assert watched.told == []
    watched.call(UUID(int=3), CallEvent.ANSWERED, 100.5 + HORIZON)
    watched.forecasts.decided(decided(101.0 + HORIZON))
    assert watched.told == [(expected(5, 5, 5), 1)], "who answers later was not expected by then"


def test_a_forecast_of_which_a_ring_was_hung_up_is_left_out(watched: Watched) -> None:
    watched.forecasts.decided(decided(100.0, FIRST, SECOND))
    watched.call(FIRST, CallEvent.ENDED, 104.0, Intent.RING_CUT)
    watched.call(SECOND, CallEvent.ANSWERED, 105.0)
    watched.forecasts.decided(decided(140.0))
    assert watched.told == []


def test_one_forecast_each_half_minute_and_none_that_cannot_be_followed(watched: Watched) -> None:
    watched.forecasts.decided(decided(99.0, FIRST, mode="progressive"))
    watched.forecasts.decided(decided(99.0, FIRST, (CAMPAIGN, 0)))
    watched.forecasts.decided(decided(100.0, FIRST))
    watched.forecasts.decided(decided(110.0, SECOND))
    watched.forecasts.decided(decided(129.9, SECOND))
    watched.forecasts.decided(decided(130.0, SECOND, age=9.0))
    watched.forecasts.decided(decided(170.0))
    assert watched.told == [(expected(5), 0), (expected(9), 0)]


def test_a_clock_that_goes_back_begins_anew(watched: Watched) -> None:
    watched.forecasts.decided(decided(100.0, FIRST))
    watched.forecasts.decided(decided(50.0, SECOND, age=9.0))
    watched.forecasts.decided(decided(80.1, FIRST, age=20.0))
    watched.forecasts.decided(decided(120.0))
    assert watched.told == [(expected(20), 0)], "what was foreseen by the other clock is dropped"


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
    now = decided(1.0)._replace(models={CAMPAIGN: model})
    metrics.decided(now)
    label = str(CAMPAIGN)
    assert figure(metrics, "promise_spent_ratio", campaign=label) == pytest.approx(0.75)
    assert figure(metrics, "promise_left", campaign=label) == pytest.approx(0.8)
    assert figure(metrics, "decisions_total", campaign=label, mode="predictive", held="risk") == 1.0
    assert figure(metrics, "decision_seconds_bucket", le="0.0005") == 1.0
    assert figure(metrics, "decision_seconds_bucket", le="0.00025") == 0.0
    metrics.decided(now._replace(models={CAMPAIGN: Model()}))
    assert figure(metrics, "promise_spent_ratio", campaign=label) == 0.0, "nobody has answered yet"


class Expecting(Ours):
    """Keeps what was expected each half minute, beside what came of the same calls."""

    def __init__(self) -> None:
        super().__init__(Settings(ring_cuts=False))
        self.open: tuple[float, float, set[object]] | None = None
        self.expected = self.came = 0.0

    def decide(self, state: State) -> Decision:
        if self.open is not None and state.now - self.open[0] > HORIZON:
            still = {ring.call for ring in state.rings}
            assert not still & self.open[2]
            self.open = None
        if self.open is None and state.rings and self.model.watched > 300:
            self.open = (state.now, 0.0, {ring.call for ring in state.rings})
            self.oldest = [(ring.call, ring.since) for ring in state.rings]
            self.expected += expected_answers(self.model, state.begun, state.now)
        return super().decide(state)

    def observe(self, event: Event) -> None:
        if isinstance(event, PickedUp) and self.open is not None:
            began = event.at - event.age
            self.came += any(abs(since - began) < 1e-6 for _, since in self.oldest)
        super().observe(event)


def test_expected_answers_come() -> None:
    policy = Expecting()
    Centre(replace(situation("many machines", 15, 1, hours=2.0), day_spread=0.0), policy, 1, 0).run()
    assert policy.expected > 200
    assert policy.came == pytest.approx(policy.expected, rel=0.12), "machines are answers too"


async def test_the_engine_tells_what_it_follows(service: Service, metrics: Metrics) -> None:
    centre: Any = service.centre
    metrics.watch(
        centre.floor,
        cast(Journal, centre.journal),
        service.telephony,
        centre.engine,
        inside=lambda _campaign: True,
        wall=service.clock.wall,
    )
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
