"""All that `/metrics` can show, each with a value: also what a good day never has."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

from prometheus_client.parser import text_string_to_metric_families

from dialer.domain.ids import CampaignId
from dialer.metrics import Metrics
from dialer.node_parts import NODE_STATES
from dialer.rotation import RotationGauges
from dialer.services.engine import Engine
from dialer.services.floor import Floor
from dialer.services.journal import Journal
from dialer.services.ports.desk import CampaignView
from dialer.services.ports.ledger import Ledger
from dialer.watch import WatchGauges
from tests.support.fake_telephony import FakeTelephony

ROOT = Path(__file__).parents[2]
CAMPAIGN = CampaignId(UUID(int=1))


class _Engine:
    pacemaker = SimpleNamespace(listen=lambda listener: None)

    def free(self, campaign: CampaignId) -> int:
        return int(campaign == CAMPAIGN)

    def views(self) -> Sequence[CampaignView]:
        return [
            CampaignView(
                campaign=CAMPAIGN, state="running", owned=True, in_window=False, reason="outside_window", started_last=0
            )
        ]


def _extras() -> list[str]:
    """Names of the gauges that are added to those of `Metrics` itself."""
    tree = ast.parse((ROOT / "dialer" / "figure_parts.py").read_text(encoding="utf-8"))
    calls = [
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "metrics.watch"
    ]
    own = ("inside", "wall")  # no gauges, but what others are made of
    names = [keyword.arg for call in calls for keyword in call.keywords if keyword.arg and keyword.arg not in own]
    assert names
    return names


def everything() -> Metrics:
    """The service's instruments; `count` makes the counters go up."""
    metrics = Metrics()
    journal = Journal(cast(Ledger, SimpleNamespace()))
    extra: dict[str, Any] = dict.fromkeys(_extras(), lambda: 0.0)
    metrics.watch(
        Floor(),
        journal,
        FakeTelephony(),
        cast(Engine, _Engine()),
        inside=lambda _campaign: True,
        wall=lambda: 0.0,
        **extra,
    )
    watched = vars(WatchGauges(metrics.registry))
    for name, gauge in watched.items():
        value = {"job_at": "backup", "forecast": "middle"}.get(name, "x")
        labels = {"campaign": str(CAMPAIGN)}
        gauge.labels(*[labels.get(label, value) for label in gauge._labelnames]).set(1)
    watched["job_at"].labels("tallies").set(1)
    for state in NODE_STATES:
        watched["node_state"].labels("node1", state).set(state == "up")
    for gauge in vars(RotationGauges(metrics.registry)).values():
        gauge.labels("asterisk.secret").set(1)
    for gauge in (metrics.promise_left, metrics.promise_spent, metrics.reach, metrics.open_cases):
        gauge.labels(str(CAMPAIGN)).set(1)
    for gauge in (metrics.attempts_left, metrics.missed_appointments):
        gauge.labels(str(CAMPAIGN)).set(1)
    metrics.results_unreceipted.labels(str(CAMPAIGN)).set(1)
    metrics.notices_dead.labels("g").set(1)
    metrics.results_late.labels(str(CAMPAIGN), "help").set(1)
    metrics.complaints_overdue.labels("g").set(1)
    metrics.report_read("standby", "")
    metrics.report_differences.labels(str(CAMPAIGN), "cases").set(1)
    metrics.files_missing.labels(str(CAMPAIGN), "s").set(1)
    metrics.calendars_silent.labels("g", "s").set(1)
    metrics.appointments_withdrawn.set(1)
    metrics.messages_dead.labels(str(CAMPAIGN)).set(1)
    metrics.result_files_dead.labels("o").set(1)
    count(metrics)
    return metrics


def count(metrics: Metrics) -> None:
    """One more of each thing that is counted."""
    for direction, result in (("out", "NO_ANSWER"), ("in", "CONVERSATION")):
        metrics.calls.labels(direction, result).inc()
    metrics.dials.labels(str(CAMPAIGN)).inc()
    metrics.http.labels("getFloor", "2xx").observe(0.01)
    metrics.forecast(CAMPAIGN, 1.5, 2)
    metrics.ring_cuts.labels(str(CAMPAIGN)).inc()
    metrics.decisions.labels(str(CAMPAIGN), "predictive", "risk").inc()
    for counter in (metrics.answered, metrics.abandoned, metrics.inbound_offered, metrics.inbound_in_time):
        counter.inc()
    metrics.fell_silent.inc()
    for histogram in (metrics.answer_to_agent, metrics.inbound_wait, metrics.loop_lag, metrics.decision_seconds):
        histogram.observe(0.01)


def families(metrics: Metrics) -> Iterator[tuple[str, str, set[str]]]:
    """(name, kind, sample names) of everything that `/metrics` shows."""
    for family in text_string_to_metric_families(metrics.render().decode()):
        if family.name.startswith("dialer_") and not family.name.endswith("_created"):
            yield family.name, family.type, {sample.name for sample in family.samples}
