"""The comparison as a page: a table and a drawing, no script."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from dialer.pacing.simulator.trial import Result, rows

_WIDTH, _ROW, _LEFT = 760, 26, 150
_STYLE = (
    "body{font:16px/1.5 system-ui;margin:2rem;max-width:70rem}table{border-collapse:collapse}"
    "td,th{padding:.2rem .6rem;border-bottom:1px solid #999;text-align:right}"
    "td:first-child,th:first-child{text-align:left}svg{max-width:100%}"
)


def drawing(results: Sequence[Result]) -> str:
    """A bar for each policy's occupancy with its interval; the abandoned share beside it, marked when over 1%."""
    height = _ROW * len(results) + 30
    span = _WIDTH - _LEFT - 130
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
        'aria-label="occupancy and abandonment by policy" font-family="system-ui" font-size="13">'
    ]
    for place, result in enumerate(results):
        top = 20 + place * _ROW
        mean, half = result.figure("occupancy")
        lost = result.figure("abandonment")[0]
        over = lost > 1.0
        colour = "#b3541e" if over else "#2b6a8f"
        width = span * min(mean, 100.0) / 100.0
        parts.append(f'<text x="4" y="{top + 14}">{escape(result.policy)}</text>')
        parts.append(f'<rect x="{_LEFT}" y="{top + 2}" width="{width:.1f}" height="16" fill="{colour}"/>')
        if half < 100.0:
            reach = span * half / 100.0
            parts.append(
                f'<line x1="{_LEFT + width - reach:.1f}" x2="{_LEFT + width + reach:.1f}" '
                f'y1="{top + 10}" y2="{top + 10}" stroke="#111" stroke-width="2"/>'
            )
        mark = "!" if over else ""
        parts.append(f'<text x="{_LEFT + span + 8}" y="{top + 14}">{mean:.1f}%, {lost:.2f}% lost{mark}</text>')
    parts.append("</svg>")
    return "".join(parts)


def page(title: str, results: Sequence[Result]) -> str:
    """The whole page."""
    head, *body = rows(results)
    table = "<table><tr>" + "".join(f"<th>{escape(cell)}</th>" for cell in head) + "</tr>"
    for row in body:
        table += "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
        f"<h1>{escape(title)}</h1>{drawing(results)}{table}</table>"
        "<p>Bars: occupancy with its 95% interval over the seeds; orange: more than 1% abandoned.</p></html>\n"
    )
