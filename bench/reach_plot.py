"""The bars of reach by town and planner, as SVG."""

from __future__ import annotations

import math
from dataclasses import dataclass

COLOURS = {"ours": "#0b6e4f", "oracle": "#9aa5b1", "rotation": "#3b6ea5"}
OTHER = "#c9b458"
ROW, LEFT, WIDTH = 18, 190, 520


@dataclass(frozen=True, slots=True)
class Bar:
    """Reach of one planner in one town, with half its interval."""

    town: str
    planner: str
    reach: float
    half: float


def plot(bars: list[Bar]) -> str:
    """One bar a row, towns one below the other."""
    lines: list[str] = []
    y, town = 30, ""
    for bar in bars:
        if bar.town != town:
            town = bar.town
            y += 14
            lines.append(f'<text x="8" y="{y + 12}" font-weight="bold">{town}</text>')
        length = bar.reach * WIDTH
        colour = COLOURS.get(bar.planner, OTHER)
        lines.append(f'<text x="{LEFT - 8}" y="{y + 12}" text-anchor="end">{bar.planner}</text>')
        lines.append(f'<rect x="{LEFT}" y="{y + 2}" width="{length:.1f}" height="{ROW - 5}" fill="{colour}"/>')
        if not math.isnan(bar.half):
            low, high = LEFT + (bar.reach - bar.half) * WIDTH, LEFT + (bar.reach + bar.half) * WIDTH
            lines.append(f'<path d="M{low:.1f} {y + 8}H{high:.1f}" stroke="#222" stroke-width="1.5"/>')
        lines.append(f'<text x="{LEFT + WIDTH + 8}" y="{y + 12}">{bar.reach * 100:.1f} %</text>')
        y += ROW
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 70}" height="{y + 16}" role="img"'
    style = 'font-family="sans-serif" font-size="12"'
    title = "Reach after 28 days by town and planner"
    return f'{head} {style}><title>{title}</title><text x="8" y="18" font-size="14">{title}</text>' + "".join(lines) + "</svg>\n"  # fmt: skip  # noqa: E501
