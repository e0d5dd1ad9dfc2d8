"""Draws Grafana's dashboards from `deploy/grafana/boards.toml`: `python -m tests.support.dashboards`."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "deploy" / "grafana"
SOURCE = FOLDER / "boards.toml"

_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
_CAMPAIGNS = "label_values(dialer_cases_open, campaign)"
_HEIGHT = {"stat": 4}
_TYPE = {"stat": "stat", "states": "state-timeline"}
_KNOWN = {
    "kind", "width", "title", "about", "unit", "steps", "line", "ask", "up", "decimals", "most", "below", "row",
}  # fmt: skip


def drawn() -> dict[str, dict[str, Any]]:
    """Every dashboard by its file's stem."""
    boards = tomllib.loads(SOURCE.read_text(encoding="utf-8"))
    return {name: _board(name, board) for name, board in boards.items()}


def text_of(board: Mapping[str, Any]) -> str:
    """As it stands in its file."""
    return json.dumps(board, indent=1, ensure_ascii=False) + "\n"


def _board(name: str, board: Mapping[str, Any]) -> dict[str, Any]:
    panels = _placed(board["panels"])
    asks_of_campaigns = "$campaign" in json.dumps(panels)
    return {
        "uid": f"dialer-{name}",
        "title": board["title"],
        "tags": ["dialer"],
        "schemaVersion": 39,
        "version": 1,
        "description": board["about"] + " No personal data: labels are states, results and ids.",
        "timezone": "Europe/Amsterdam",
        "editable": True,
        "graphTooltip": 1,
        "refresh": "10s",
        "time": {"from": "now-3h", "to": "now"},
        "annotations": {"list": []},
        "links": [
            {"type": "dashboards", "tags": ["dialer"], "title": "Dialer", "asDropdown": True, "keepTime": True,
             "includeVars": True, "targetBlank": False, "icon": "external link", "tooltip": "", "url": ""},
        ],
        "templating": {"list": [_datasource(), *([_campaigns()] if asks_of_campaigns else [])]},
        "panels": panels,
    }  # fmt: skip


def _datasource() -> dict[str, Any]:
    return {
        "name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus", "current": {},
        "hide": 0, "includeAll": False, "multi": False, "refresh": 1, "regex": "", "options": [],
    }  # fmt: skip


def _campaigns() -> dict[str, Any]:
    return {
        "name": "campaign", "label": "Campaign", "type": "query", "datasource": _SOURCE, "definition": _CAMPAIGNS,
        "query": {"query": _CAMPAIGNS, "refId": "campaigns"}, "includeAll": True, "allValue": ".*", "multi": True,
        "refresh": 2, "sort": 1, "regex": "", "hide": 0, "current": {"text": ["All"], "value": ["$__all"]},
        "options": [],
    }  # fmt: skip


def _placed(panels: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One after the other, from left to right, a new line where there is no room."""
    found: list[dict[str, Any]] = []
    x = y = height = 0
    for number, panel in enumerate(panels, 1):
        unknown = set(panel) - _KNOWN
        assert not unknown, f"unknown: {unknown}"
        row = "row" in panel
        width, tall = (24, 1) if row else (panel.get("width", 8), _HEIGHT.get(panel.get("kind", ""), 8))
        if x + width > 24:
            x, y, height = 0, y + height, 0
        place = {"x": x, "y": y, "w": width, "h": tall}
        x, height = x + width, max(height, tall)
        found.append({"id": number, "gridPos": place} | (_row(panel) if row else _panel(panel)))
    return found


def _row(panel: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "row", "title": panel["row"], "collapsed": False, "panels": []}


def _panel(panel: Mapping[str, Any]) -> dict[str, Any]:
    kind = panel.get("kind", "lines")
    stat = kind == "stat"
    defaults: dict[str, Any] = {
        "unit": panel["unit"],
        "thresholds": {"mode": "absolute", "steps": _steps(panel["steps"])},
        "custom": {} if kind in _TYPE else _lines(kind == "stacked", bool(panel.get("line"))),
        "color": {"mode": "thresholds" if kind in _TYPE else "palette-classic"},
    }
    if not panel.get("below"):
        defaults["min"] = 0
    if "most" in panel:
        defaults["max"] = panel["most"]
    if "decimals" in panel:
        defaults["decimals"] = panel["decimals"]
    if panel.get("up"):
        words = (("0", "away", "red"), ("1", "up", "green"))
        options = {value: {"text": text, "color": color, "index": int(value)} for value, text, color in words}
        defaults["mappings"] = [{"type": "value", "options": options}]
    return {
        "type": _TYPE.get(kind, "timeseries"),
        "title": panel["title"],
        "description": panel["about"],
        "datasource": _SOURCE,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": _options(kind, up=bool(panel.get("up"))),
        "targets": [
            {
                "refId": chr(ord("A") + place),
                "datasource": _SOURCE,
                "expr": expression,
                "legendFormat": legend,
                "format": "time_series",
                "instant": stat,
                "range": not stat,
            }
            for place, (legend, expression) in enumerate(panel["ask"].items())
        ],
    }


def _steps(steps: Sequence[str | float]) -> list[dict[str, Any]]:
    """`["green", 1, "red"]`: green from the beginning on, red from 1 on."""
    first, *rest = steps
    pairs = zip(rest[::2], rest[1::2], strict=True)
    return [{"color": first, "value": None}, *({"color": color, "value": value} for value, color in pairs)]


def _lines(stacked: bool, line: bool) -> dict[str, Any]:
    return {
        "drawStyle": "line",
        "lineWidth": 1,
        "fillOpacity": 40 if stacked else 5,
        "showPoints": "never",
        "stacking": {"mode": "normal" if stacked else "none", "group": "A"},
        "thresholdsStyle": {"mode": "line" if line else "off"},
    }


def _options(kind: str, *, up: bool) -> dict[str, Any]:
    if kind == "stat":
        reduce = {"calcs": ["lastNotNull"], "fields": "", "values": False}
        return {"reduceOptions": reduce, "colorMode": "background" if up else "value", "graphMode": "none",
                "textMode": "auto", "justifyMode": "auto", "orientation": "auto"}  # fmt: skip
    tooltip = {"mode": "multi", "sort": "desc"}
    legend = {"displayMode": "list", "placement": "bottom", "showLegend": True}
    if kind == "states":
        return {"legend": legend, "tooltip": tooltip, "mergeValues": True, "showValue": "never", "rowHeight": 0.8}
    return {"legend": legend, "tooltip": tooltip}


if __name__ == "__main__":
    for name, board in drawn().items():
        (FOLDER / "dashboards" / f"{name}.json").write_text(text_of(board), encoding="utf-8")
