"""All Prometheus instruments, and what feeds them. Labels hold states, results and campaign ids: nothing personal."""

from __future__ import annotations

import asyncio
from collections import Counter as Tally
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from dialer.domain.agent import AgentState
from dialer.domain.call import CallEvent, CallState, Direction, Intent
from dialer.domain.causes import is_abandoned, machine_result
from dialer.domain.ids import CampaignId
from dialer.services.floor import Floor, LiveCall
from dialer.services.forecasts import Forecasts

if TYPE_CHECKING:
    from prometheus_client import Metric

    from dialer.services.engine import Engine
    from dialer.services.journal import Journal
    from dialer.services.pacemaker import Decided
    from dialer.services.ports.telephony import Telephony

_JOIN_BUCKETS = (0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0)
_WAIT_BUCKETS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600)
_DECISION_BUCKETS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1)
_EXPECTED_BINS = (0.5, 1, 2, 4, 8, 16)
"""Upper ends, in answers expected, of the groups in which forecasts are compared with what came."""
_LAG_BUCKETS = (0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
_LAG_EVERY = 0.25


class Metrics:
    """The service's figures, in a registry of their own."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        self._inside: Callable[[CampaignId], bool] = lambda _campaign: True
        self.calls = Counter("dialer_calls_ended", "Calls that ended.", ["direction", "result"], registry=registry)
        self.answered = Counter("dialer_calls_answered", "Dials answered by somebody.", registry=registry)
        self.abandoned = Counter(
            "dialer_calls_abandoned", "Dials answered where no agent came in time.", registry=registry
        )
        self.answer_to_agent = Histogram(
            "dialer_answer_to_agent_seconds",
            "From the resident's answer to both in one bridge, by Asterisk's stamps.",
            buckets=_JOIN_BUCKETS,
            registry=registry,
        )
        self.inbound_wait = Histogram(
            "dialer_inbound_wait_seconds",
            "From a caller's arrival to an agent.",
            buckets=_WAIT_BUCKETS,
            registry=registry,
        )
        self.inbound_offered = Counter("dialer_inbound_offered", "Callers on the client's number.", registry=registry)
        self.inbound_in_time = Counter(
            "dialer_inbound_within_20_seconds", "Callers who had an agent within 20 s.", registry=registry
        )
        self.fell_silent = Counter(
            "dialer_residents_fell_silent",
            "Conversations in which no sound came from the resident's line for five seconds.",
            registry=registry,
        )
        self.loop_lag = Histogram(
            "dialer_event_loop_lag_seconds",
            "How late a timer of the event loop fires.",
            buckets=_LAG_BUCKETS,
            registry=registry,
        )
        self.outside = Counter(
            "dialer_dials_outside_window", "Dials that left outside their campaign's calling hours.", registry=registry
        )
        self.dials = Counter("dialer_dials_started", "Dials that left.", ["campaign"], registry=registry)
        self.http = Histogram(
            "dialer_http_request_seconds",
            "HTTP requests by route and status class.",
            ["route", "status"],
            registry=registry,
        )
        self.reach = Gauge(
            "dialer_reach_ratio", "Residents spoken to / callable residents.", ["campaign"], registry=registry
        )
        self.open_cases = Gauge("dialer_cases_open", "Cases that may still be called.", ["campaign"], registry=registry)
        self.attempts_left = Gauge(
            "dialer_attempts_left",
            "Attempts that the rules still allow on open cases.",
            ["campaign"],
            registry=registry,
        )

        self.decision_seconds = Histogram(
            "dialer_pacing_decision_seconds",
            "One decision for all campaigns that ask.",
            buckets=_DECISION_BUCKETS,
            registry=registry,
        )
        self.decisions = Counter(
            "dialer_pacing_decisions",
            "Decisions, by how it dialled then and by what kept it from starting more.",
            ["campaign", "mode", "held"],
            registry=registry,
        )
        self.expected = Counter(
            "dialer_pacing_answers_expected",
            "Answers that decisions expected within 28 s of the calls that rang; `expected`: up to so many.",
            ["campaign", "expected"],
            registry=registry,
        )
        self.came = Counter(
            "dialer_pacing_answers_came",
            "Answers that came of those very calls in that time.",
            ["campaign", "expected"],
            registry=registry,
        )
        self.ring_cuts = Counter(
            "dialer_pacing_ring_cuts", "Rings hung up that were about to meet nobody.", ["campaign"], registry=registry
        )
        self.promise_left = Gauge(
            "dialer_pacing_promise_left",
            "Abandoned calls that answers have earned and nobody has used; below zero: overdrawn.",
            ["campaign"],
            registry=registry,
        )
        self.promise_spent = Gauge(
            "dialer_pacing_promise_spent_ratio",
            "Abandoned calls of today / those that the promise allows of today's answers.",
            ["campaign"],
            registry=registry,
        )
        self.results_late = Gauge(
            "dialer_results_late",
            "Results that their client should have had and has not confirmed.",
            ["campaign", "kind"],
            registry=registry,
        )
        self.results_unreceipted = Gauge(
            "dialer_results_unreceipted_seconds",
            "How long ago the term was of the result that has waited longest for its client's receipt.",
            ["campaign"],
            registry=registry,
        )
        self.notices_dead = Gauge(
            "dialer_notices_dead",
            "Messages to residents about their appointments that were given up.",
            ["client"],
            registry=registry,
        )
        self.report_readings = Counter(
            "dialer_report_readings",
            "Countings for reports, by the database server that answered, and why it was not the standby.",
            ["server", "reason"],
            registry=registry,
        )
        self.report_differences = Gauge(
            "dialer_report_differences",
            "Records of which a report or a confirmed export tells otherwise than the ledger.",
            ["campaign", "told"],
            registry=registry,
        )
        self.messages_dead = Gauge(
            "dialer_messages_dead",
            "Messages to clients' systems that were given up and wait for a hand.",
            ["channel"],
            registry=registry,
        )
        self.result_files_dead = Gauge(
            "dialer_result_files_dead",
            "Files of results that were given up and wait for a hand.",
            ["outlet"],
            registry=registry,
        )
        self.files_missing = Gauge(
            "dialer_files_missing",
            "1 while a file that a client should have delivered has not come.",
            ["campaign", "source"],
            registry=registry,
        )
        self.calendars_silent = Gauge(
            "dialer_calendars_silent",
            "1 while a client's calendar of free times has not answered for a day.",
            ["client", "source"],
            registry=registry,
        )
        self.appointments_withdrawn = Gauge(
            "dialer_appointments_withdrawn",
            "Appointments to come whose time the client does not offer any more.",
            registry=registry,
        )
        self.complaints_overdue = Gauge(
            "dialer_complaints_overdue",
            "Complaints whose term is over and that nobody has answered.",
            ["client"],
            registry=registry,
        )
        self.missed_appointments = Gauge(
            "dialer_appointments_missed",
            "Appointments that passed 15 minutes ago or more, and nobody dialled.",
            ["campaign"],
            registry=registry,
        )

    def render(self) -> bytes:
        """The figures in Prometheus' text format."""
        return generate_latest(self.registry)

    def watch(
        self,
        floor: Floor,
        journal: Journal,
        telephony: Telephony,
        engine: Engine,
        *,
        inside: Callable[[CampaignId], bool],
        wall: Callable[[], float],
        **extra: Callable[[], float],
    ) -> None:
        """Read live state at each scrape, and count what happens on the floor.

        `inside`: whether a dial of this campaign may have left just now; `wall`: unix seconds."""
        self._inside = inside
        floor.listen(calls=self._call, sound=lambda live: self.fell_silent.inc(live.info.silent))
        engine.pacemaker.listen(self.decided)
        engine.pacemaker.listen(Forecasts(floor, self.forecast).decided)
        self.registry.register(_Live(floor, journal, telephony, engine, wall, extra))

    def decided(self, decided: Decided) -> None:
        """The pacer decided, and is followed."""
        self.decision_seconds.observe(decided.seconds)
        for campaign, share in decided.shares.items():
            label, why, model = str(campaign), share.decision.reasons, decided.models[campaign]
            self.decisions.labels(label, why.mode, why.held.value).inc()
            promised = decided.settings[campaign].target * model.day_answered
            self.promise_spent.labels(label).set(model.day_abandoned / promised if promised else 0.0)
            self.promise_left.labels(label).set(model.credit)

    def served(self, operation: str, status: int, seconds: float) -> None:
        """A request was answered."""
        self.http.labels(operation, f"{status // 100}xx").observe(seconds)

    def report_read(self, server: str, reason: str) -> None:
        """Something was counted for a report (`storage/reading.py`)."""
        self.report_readings.labels(server, reason).inc()

    def forecast(self, campaign: CampaignId, expected: float, came: int) -> None:
        """So many answers were expected, so many came."""
        upper = next((str(end) for end in _EXPECTED_BINS if expected <= end), "more")
        self.expected.labels(str(campaign), upper).inc(max(0.0, expected))
        self.came.labels(str(campaign), upper).inc(came)

    def _call(self, live: LiveCall, event: CallEvent, at: float) -> None:
        call = live.call
        if call.direction is Direction.PROOF:
            return  # counted nowhere
        if event is CallEvent.DIALED:
            self.dials.labels(str(live.info.campaign)).inc()
            self.outside.inc(not self._inside(live.info.campaign))
        elif event is CallEvent.ANSWERED:
            self.answered.inc()
        elif not call.live:
            direction = call.direction.value if live.info.callback is None else "call_back"
            self.calls.labels(direction, machine_result(call) or "CONVERSATION").inc()
            self.abandoned.inc(is_abandoned(call))
            if call.intent is Intent.RING_CUT and call.answered_at is None:
                self.ring_cuts.labels(str(live.info.campaign)).inc()
        elif event is CallEvent.JOINED and call.joined_at == at and call.answered_at is not None:
            wait = at - call.answered_at
            if call.direction is Direction.OUT:
                self.answer_to_agent.observe(max(0.0, wait))
            else:
                self.inbound_wait.observe(max(0.0, wait))
                self.inbound_in_time.inc(wait <= 20)

    async def measure_lag(self) -> None:
        """Sleep and see how late we wake, for ever."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _LAG_EVERY
            await asyncio.sleep(_LAG_EVERY)
            self.loop_lag.observe(max(0.0, loop.time() - due))


class _Live(Collector):
    """Counts the sets as they are at the moment of the scrape."""

    def __init__(
        self,
        floor: Floor,
        journal: Journal,
        telephony: Telephony,
        engine: Engine,
        wall: Callable[[], float],
        extra: dict[str, Callable[[], float]],
    ) -> None:
        self._floor = floor
        self._journal = journal
        self._telephony = telephony
        self._engine = engine
        self._wall = wall
        self._extra = extra

    def collect(self) -> Iterable[Metric]:
        """All gauges of live state."""
        agents = GaugeMetricFamily("dialer_agents", "Agents by duty state.", labels=["state"])
        tally = Tally(agent.state for agent in self._floor.agents())
        for state in AgentState:
            agents.add_metric([state.value], tally[state])
        yield agents
        calls = GaugeMetricFamily("dialer_calls_live", "Live calls by state.", labels=["state"])
        states = Tally(live.call.state for live in self._floor.calls())
        for call_state in CallState:
            if call_state is not CallState.ENDED:
                calls.add_metric([call_state.value], states[call_state])
        yield calls
        yield _gauge("dialer_agents_silent", "Agents on duty from whose phone no sound comes.", self._silent())
        unheard = sum(live.info.silent for live in self._floor.joined())
        yield _gauge("dialer_residents_silent", "Conversations without sound from the resident's line.", unheard)
        came = min((live.call.claimed_at for live in self._floor.queue()), default=None)
        waits = 0.0 if came is None else max(0.0, self._wall() - came)
        yield _gauge("dialer_inbound_longest_wait_seconds", "How long the caller waits who waits longest.", waits)
        yield _gauge("dialer_ami_link_up", "1 while Asterisk answers.", float(self._telephony.up))
        yield _gauge("dialer_journal_entries", "Entries that wait for the database.", float(len(self._journal)))
        yield _gauge("dialer_journal_healthy", "1 while the database takes entries.", float(self._journal.healthy))
        yield _gauge("dialer_journal_rejected", "Entries the database refused: each is a bug.", self._journal.rejected)
        yield _gauge("dialer_events_out_of_order", "Telephone events a state machine refused.", self._floor.illegal)
        for name, read in self._extra.items():
            yield _gauge(f"dialer_{name}", name.replace("_", " ").capitalize() + ".", read())
        held = GaugeMetricFamily(
            "dialer_campaign_holding", "1 for the rule that holds calls back.", labels=["campaign", "reason"]
        )
        started = GaugeMetricFamily("dialer_pacing_last_start", "Dials the last decision started.", labels=["campaign"])
        window = GaugeMetricFamily(
            "dialer_campaign_in_window", "1 while the campaign runs, inside its hours.", labels=["campaign"]
        )
        free = GaugeMetricFamily(
            "dialer_campaign_agents_free", "Agents who may be given a new call of it.", labels=["campaign"]
        )
        for view in self._engine.views():
            label = [str(view.campaign)]
            if view.reason:
                held.add_metric([*label, view.reason], 1)
            started.add_metric(label, view.started_last)
            window.add_metric(label, view.state == "running" and view.in_window)
            free.add_metric(label, self._engine.free(view.campaign))
        yield from (held, started, window, free)

    def _silent(self) -> float:
        return float(sum(a.state is not AgentState.OFF and not a.hears for a in self._floor.agents()))


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, words)
    family.add_metric([], value)
    return family
