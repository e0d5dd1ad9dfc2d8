"""The dashboard, the page that lists the metrics and the program name the same metrics."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml

from dialer.domain.causes import OUR_FAULT
from dialer.domain.ids import CampaignId
from tests.support.dashboards import drawn, text_of
from tests.support.every_metric import everything, families

ROOT = Path(__file__).parents[2]
DASHBOARDS = sorted((ROOT / "deploy" / "grafana" / "dashboards").glob("*.json"))
PAGE = ROOT / "docs" / "operate.md"
CAMPAIGN = CampaignId(UUID(int=1))
NO_PANEL: frozenset[str] = frozenset()
"""Metrics that no dashboard needs to show."""


def _panels(board: dict[str, Any]) -> list[dict[str, Any]]:
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def _named(text: str) -> set[str]:
    return set(re.findall(r"\bdialer_[a-z0-9_]+", text))


@pytest.fixture(params=DASHBOARDS, ids=lambda path: path.stem)
def board(request: pytest.FixtureRequest) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(request.param.read_text(encoding="utf-8"))
    return loaded


def test_the_files_are_as_they_are_drawn() -> None:
    assert {path.stem: path.read_text(encoding="utf-8") for path in DASHBOARDS} == {
        name: text_of(board) for name, board in drawn().items()
    }, "python -m tests.support.dashboards"


def test_every_metric_of_a_dashboard_exists(board: dict[str, Any]) -> None:
    samples = set().union(*(names for _, _, names in families(everything())))
    for panel in _panels(board):
        for target in panel["targets"]:
            named = _named(target["expr"])
            assert named, panel["title"]
            assert named <= samples, panel["title"]


def test_every_metric_is_on_a_dashboard() -> None:
    boards = [json.loads(path.read_text(encoding="utf-8")) for path in DASHBOARDS]
    shown = _named(" ".join(t["expr"] for board in boards for panel in _panels(board) for t in panel["targets"]))
    missing = {name for name, _, samples in families(everything()) if not shown & samples}
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
    built = {name + ("_total" if kind == "counter" else "") for name, kind, _ in families(everything())}
    assert listed == built


def _alerts() -> list[dict[str, Any]]:
    files = sorted((ROOT / "deploy" / "prometheus" / "rules").glob("*.yml"))
    groups = [group for path in files for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]]
    return [rule for group in groups for rule in group["rules"]]


def test_an_alert_asks_for_what_exists_and_says_what_to_do() -> None:
    samples = set().union(*(names for _, _, names in families(everything())))
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


def test_every_alert_has_its_runbook_and_every_runbook_its_alert() -> None:
    folder = ROOT / "docs" / "runbooks"
    pages = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}
    index = pages.pop("README.md")
    named = {alert["annotations"]["runbook_url"]: alert["alert"] for alert in _alerts()}
    assert len(named) == len(_alerts())
    assert set(named) == {f"docs/runbooks/{name}" for name in pages}
    listed = re.findall(r"^\| \[(\w+)\]\(([a-z-]+\.md)\) \| (\w+) \|", index, re.MULTILINE)
    assert listed == [
        (alert["alert"], Path(alert["annotations"]["runbook_url"]).name, alert["labels"]["severity"])
        for alert in _alerts()
    ]
    for name, text in pages.items():
        assert text.startswith(f"# {named[f'docs/runbooks/{name}']}\n"), name
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Look", "Do", "Over when", "Tried"], name
        assert "`test_" in text.partition("## Tried")[2], name


def test_the_carriers_refusal_is_an_alert() -> None:
    assert any('reason="trunk_faults"' in alert["expr"] for alert in _alerts())


def test_the_yaml_files_are_yaml() -> None:
    files = [*(ROOT / "deploy" / "prometheus").glob("*.yml"), *(ROOT / "deploy" / "grafana").rglob("*.yml")]
    assert len(files) == 3
    for path in files:
        assert isinstance(yaml.safe_load(path.read_text(encoding="utf-8")), dict), path
