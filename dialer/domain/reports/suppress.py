"""What of a report may be shown to who may not see residents: no count under five, and nothing that gives one away.

Hidden is a count of one to four; a count that differs from the one it is a part of by one to four (two who were not
reached are as easy to find as two who were); and of a table so many more that what is hidden together, which the total
tells, is not small either. A total that is hidden hides its measure in every table, for their rows add up to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dialer.domain.reports.reach import Counts, Dimension, ReachTables, Row

FEWEST = 5

Shown = Mapping[str, int | None]
"""Measure -> count; None: hidden."""

# part, whole, which of both is hidden when they differ by little
PAIRS: Sequence[tuple[str, str, str]] = (
    ("callable", "delivered", "delivered"),
    ("net", "callable", "net"),
    ("reached", "net", "net"),
    ("reached", "callable", "reached"),
    ("accepted", "reached", "accepted"),
    ("had_help", "reached", "had_help"),
    ("declined", "reached", "declined"),
)
# Together with the others who were reached they are all who were reached.
PARTS, WHOLE = ("accepted", "had_help", "declined"), "reached"


def small(count: int) -> bool:
    """One to four."""
    return 0 < count < FEWEST


def suppressed(found: ReachTables) -> tuple[Shown, Mapping[Dimension, Sequence[tuple[str, Shown]]]]:
    """Total and rows as they may be shown."""
    hidden_total = _hidden(found.total)
    shown = {}
    for dimension, rows in found.tables.items():
        hidden = [_hidden(row.counts) | hidden_total for row in rows]
        for measure in found.total:
            if measure not in hidden_total:
                _complement(rows, hidden, measure)
        shown[dimension] = [(row.key, _mask(row.counts, gone)) for row, gone in zip(rows, hidden, strict=True)]
    return _mask(found.total, hidden_total), shown


def _mask(counts: Counts, hidden: set[str]) -> Shown:
    return {measure: None if measure in hidden else count for measure, count in counts.items()}


def _hidden(counts: Counts) -> set[str]:
    """What of one line tells of few by itself."""
    gone = {measure for measure, count in counts.items() if small(count)}
    gone |= {
        hide
        for part, whole, hide in PAIRS
        if part in counts and whole in counts and small(counts[whole] - counts[part])
    }
    parts = [part for part in PARTS if part in counts]
    if parts and not gone & {*parts, WHOLE} and small(counts[WHOLE] - sum(counts[part] for part in parts)):
        gone.add(min(parts, key=lambda part: (counts[part] == 0, counts[part])))
    return gone


def _complement(rows: Sequence[Row], hidden: Sequence[set[str]], measure: str) -> None:
    """Hide more of a measure until what is hidden together tells nothing of few."""
    have = [number for number, row in enumerate(rows) if measure in row.counts]
    gone = [number for number in have if measure in hidden[number]]
    rest = sorted(
        (number for number in have if measure not in hidden[number]),
        key=lambda number: (rows[number].counts[measure] == 0, rows[number].counts[measure]),
    )
    while gone and rest and not _safe([rows[number].counts for number in gone], measure):
        chosen = rest.pop(0)
        hidden[chosen].add(measure)
        gone.append(chosen)


def _safe(gone: Sequence[Counts], measure: str) -> bool:
    if len(gone) < 2 or sum(counts[measure] for counts in gone) < FEWEST:
        return False
    return not any(
        small(sum(counts[whole] - counts[part] for counts in gone))
        for part, whole, _ in PAIRS
        if measure in (part, whole) and all(part in counts and whole in counts for counts in gone)
    )
