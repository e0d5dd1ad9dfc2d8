"""What was learned, as a value: to keep, and to begin with the next time. Plain JSON, no residents in it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from dialer.domain.errors import InvalidError
from dialer.schedule.model import NumberKind
from dialer.schedule.planner import hours
from dialer.schedule.planner.habits import LEVEL
from dialer.schedule.planner.model import Model, Vector
from dialer.schedule.planner.reach import Reach
from dialer.schedule.planner.values import Info, Record
from dialer.schedule.planner.week import BINS

VERSION = 1
MOST = 400.0
"""What was learned of numbers before weighs at most as much as so many: people change."""

MOST_INFORMATION = 60.0
"""The same for each hour, in units of information: some 600 attempts."""


def to_json(model: Model) -> dict[str, Any]:
    """The learned state. `from_json` makes a model of it that goes on from there."""
    return {
        "version": VERSION,
        "numbers": {kind.value: list(model.numbers[kind]) for kind in NumberKind},
        "shift": {kind.value: list(model.shift[kind]) for kind in NumberKind},
        "information": {kind.value: list(model.information[kind]) for kind in NumberKind},
        "seen": model.seen,
    }


def from_json(data: Mapping[str, Any] | None) -> Model:
    """A model from its state; a fresh one from None or a state of another version. Raises InvalidError."""
    if data is None or data.get("version") != VERSION:
        return Model()
    numbers = _by_kind(data, "numbers", 3)
    for kind, sums in numbers.items():
        most = min(1.0, MOST / max(sum(sums), 1e-9))
        numbers[kind] = [s * most for s in sums]
    shift = _by_kind(data, "shift", BINS, negative=True)
    known = _by_kind(data, "information", BINS)
    drawn = hours.pull([s - level for values in shift.values() for s, level in zip(values, LEVEL, strict=True)])
    return Model(
        numbers=numbers,
        shift=shift,
        information={kind: [min(i, MOST_INFORMATION) for i in values] for kind, values in known.items()},
        # Where the shifts stand is where the evidence and the prior were in balance.
        score={kind: drawn[begin * BINS : (begin + 1) * BINS] for begin, kind in enumerate(NumberKind)},
        seen=int(data.get("seen", 0)),
    )


def train(records: Iterable[Record], model: Model | None = None) -> Model:
    """Learn from whole records, every attempt in the order of time. The model is changed and returned."""
    reach, known = Reach(model), list(records)
    reach.start(Info())
    for record in known:
        reach.follow(record.contact)
    for attempt in sorted((a for r in known for a in r.attempts), key=lambda a: a.at):
        reach.observe(attempt)
    reach.model.refresh()
    return reach.model


def _by_kind(data: Mapping[str, Any], name: str, size: int, *, negative: bool = False) -> dict[NumberKind, Vector]:
    part = data.get(name)
    if not isinstance(part, Mapping):
        raise InvalidError("de geleerde toestand is niet bruikbaar", name)
    return {kind: _vector(part.get(kind.value), size, negative=negative) for kind in NumberKind}


def _vector(value: Any, size: int, *, negative: bool = False) -> Vector:
    fits = isinstance(value, list) and len(value) == size
    if not fits or not all(isinstance(v, int | float) and math.isfinite(v) and (negative or v >= 0) for v in value):
        raise InvalidError("de geleerde toestand is niet bruikbaar", "state")
    return [float(v) for v in value]
