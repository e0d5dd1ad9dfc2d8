"""The dashboard, the page that lists the metrics and the program name the same metrics."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from dialer.domain.causes import OUR_FAULT
from dialer.domain.ids import CampaignId
from dialer.metrics import Metrics
from dialer.services.engine import Engine
from dialer.services.floor import Floor
from dialer.services.journal import Journal
from dialer.services.ports.desk import CampaignView
from dialer.services.ports.ledger import Ledger
from tests.support.fake_telephony import FakeTelephony

ROOT = Path(__file__).parents[2]
DASHBOARDS = sorted((ROOT / "deploy" / "grafana" / "dashboards").glob("*.json"))
PAGE = ROOT / "docs" / "operate.md"
CAMPAIGN = CampaignId(UUID(int=1))
NO_PANEL: frozenset[str] = frozenset()
"""Metrics that no dashboard needs to show."""


class _Engine:
    pacemaker = SimpleNamespace(listen=lambda listener: None)

    def views(self) -> Sequence[CampaignView]:
        return [
            CampaignView(
                campaign=CAMPAIGN, state="running", owned=True, in_window=False, reason="outside_window", started_last=0
            )
        ]


def _extras() -> list[str]:
    """Names of the gauges that the composition root adds."""
    tree = ast.parse((ROOT / "dialer" / "app.py").read_text(encoding="utf-8"))
    calls = [
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "metrics.watch"
    ]
    names = [keyword.arg for call in calls for keyword in call.keywords if keyword.arg]
    assert names
    return names


def _families() -> Iterator[tuple[str, str, set[str]]]:
    """(name, kind, sample names) of everything that `/metrics` shows."""
    metrics = Metrics()
    journal = Journal(cast(Ledger, SimpleNamespace()))
    extra = dict.fromkeys(_extras(), lambda: 0.0)
    metrics.watch(Floor(), journal, FakeTelephony(), cast(Engine, _Engine()), **extra)
    metrics.calls.labels("out", "NO_ANSWER").inc()
    metrics.dials.labels(str(CAMPAIGN)).inc()
    metrics.http.labels("getFloor", "2xx").observe(0.01)
    metrics.forecast(CAMPAIGN, 1.5, 2)
    metrics.ring_cuts.labels(str(CAMPAIGN)).inc()
    metrics.decisions.labels(str(CAMPAIGN), "predictive", "risk").inc()
    for gauge in (metrics.promise_left, metrics.promise_spent):
        gauge.labels(str(CAMPAIGN)).set(1)
    metrics.results_late.labels(str(CAMPAIGN), "help").set(1)
    metrics.report_differences.labels(str(CAMPAIGN), "cases").set(1)
    metrics.files_missing.labels(str(CAMPAIGN), "s").set(1)
    metrics.calendars_silent.labels("g", "s").set(1)
    metrics.appointments_withdrawn.set(1)
    metrics.messages_dead.labels(str(CAMPAIGN)).set(1)
    metrics.result_files_dead.labels("o").set(1)
    for gauge in (metrics.reach, metrics.open_cases, metrics.attempts_left, metrics.missed_appointments):
        gauge.labels(str(CAMPAIGN)).set(1)
    for family in text_string_to_metric_families(metrics.render().decode()):
        if family.name.startswith("dialer_") and not family.name.endswith("_created"):
            yield family.name, family.type, {sample.name for sample in family.samples}


def _panels(board: dict[str, Any]) -> list[dict[str, Any]]:
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def _named(text: str) -> set[str]:
    return set(re.findall(r"\bdialer_[a-z0-9_]+", text))


@pytest.fixture(params=DASHBOARDS, ids=lambda path: path.stem)
def board(request: pytest.FixtureRequest) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(request.param.read_text(encoding="utf-8"))
    return loaded


def test_every_metric_of_a_dashboard_exists(board: dict[str, Any]) -> None:
    samples = set().union(*(names for _, _, names in _families()))
    for panel in _panels(board):
        for target in panel["targets"]:
            named = _named(target["expr"])
            assert named, panel["title"]
            assert named <= samples, panel["title"]


def test_every_metric_is_on_a_dashboard() -> None:
    boards = [json.loads(path.read_text(encoding="utf-8")) for path in DASHBOARDS]
    shown = _named(" ".join(t["expr"] for board in boards for panel in _panels(board) for t in panel["targets"]))
    missing = {name for name, _, samples in _families() if not shown & samples}
    assert missing == NO_PANEL


def test_a_panel_says_what_it_shows_in_which_unit(board: dict[str, Any]) -> None:
    for panel in _panels(board):
        assert panel["title"]
        assert panel["description"].endswith("."), panel["title"]
        defaults = panel["fieldConfig"]["defaults"]
        assert defaults["unit"], panel["title"]
        assert defaults["thresholds"]["steps"], panel["title"]
        assert panel["datasource"]["uid"] == "${datasource}", panel["title"]
        assert {t["datasource"]["uid"] for t in panel["targets"]} == {"${datasource}"}, panel["title"]


def test_panels_have_ids_and_places_of_their_own(board: dict[str, Any]) -> None:
    ids = [panel["id"] for panel in board["panels"]]
    assert len(ids) == len(set(ids))
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells


def test_the_page_lists_every_metric_and_no_other() -> None:
    listed = set(re.findall(r"^\| `(dialer_[a-z0-9_]+)", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    # A counter is listed as it is asked for: with `_total`.
    built = {name + ("_total" if kind == "counter" else "") for name, kind, _ in _families()}
    assert listed == built


def _alerts() -> list[dict[str, Any]]:
    files = sorted((ROOT / "deploy" / "prometheus" / "rules").glob("*.yml"))
    groups = [group for path in files for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]]
    return [rule for group in groups for rule in group["rules"]]


def test_an_alert_asks_for_what_exists_and_says_what_to_do() -> None:
    samples = set().union(*(names for _, _, names in _families()))
    codes = set(re.findall(r"`([a-z_]+)`", PAGE.read_text(encoding="utf-8")))
    alerts = _alerts()
    assert len({alert["alert"] for alert in alerts}) == len(alerts)
    for alert in alerts:
        named = _named(alert["expr"])
        assert named <= samples, alert["alert"]
        assert named or 'up{job="dialer"}' in alert["expr"], alert["alert"]
        assert set(re.findall(r'reason="([a-z_]+)"', alert["expr"])) <= codes, alert["alert"]
        results = re.findall(r'result=~"([A-Z|]+)"', alert["expr"])
        assert {code for text in results for code in text.split("|")} <= OUR_FAULT, alert["alert"]
        assert alert["labels"]["severity"] in ("warning", "critical"), alert["alert"]
        assert alert["annotations"]["summary"], alert["alert"]
        assert alert["annotations"]["description"].endswith("."), alert["alert"]


def test_the_carriers_refusal_is_an_alert() -> None:
    assert any('reason="trunk_faults"' in alert["expr"] for alert in _alerts())


def test_the_yaml_files_are_yaml() -> None:
    files = [*(ROOT / "deploy" / "prometheus").glob("*.yml"), *(ROOT / "deploy" / "grafana").rglob("*.yml")]
    assert len(files) == 3
    for path in files:
        assert isinstance(yaml.safe_load(path.read_text(encoding="utf-8")), dict), path
