"""The learned model as plain data, to be kept from day to day."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from dialer.domain.errors import InvalidError
from dialer.pacing.curves import Rings, Spells
from dialer.pacing.learned import PARTS, VERSION, Model

_RINGS = ("rings", "rings_used")
_SPELLS = ("briefs", "briefs_used")
_MANY_SPELLS = ("wraps", "wraps_used")
_PLAIN_COUNTS = ("part_seen", "part_expected")
_WHOLE_COUNTS = ("hour_answered", "hour_abandoned")


def dump(model: Model) -> dict[str, Any]:
    """Numbers, lists and texts only, as JSON holds them; times that were never are None."""
    return {each.name: _plain(getattr(model, each.name)) for each in fields(Model)}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def load(data: Mapping[str, Any]) -> Model:
    """The model that was dumped. Raises InvalidError for another version or what is not a model: begin anew then."""
    if data.get("version") != VERSION:
        raise InvalidError("a model of another version", field="version")
    fresh = Model()
    values: dict[str, Any] = {}
    for each in fields(Model):
        name = each.name
        try:
            values[name] = _value(name, data[name], getattr(fresh, name))
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidError("not a model", field=name) from error
    if not -1 <= values["part"] < PARTS:
        raise InvalidError("not a model", field="part")
    return Model(**values)


def _value(name: str, stored: Any, usual: Any) -> Any:
    if name in _RINGS:
        return Rings(*_counts(stored, usual))
    if name in _SPELLS:
        return Spells(*_counts(stored, usual))
    if name in _MANY_SPELLS:
        return tuple(Spells(*_counts(each, like)) for each, like in zip(stored, usual, strict=True))
    if name in _PLAIN_COUNTS:
        return _counts([stored], [usual])[0]
    if name in _WHOLE_COUNTS:
        return tuple(int(count) for count in _counts([stored], [usual])[0])
    if stored is None:
        return -math.inf
    return type(usual)(stored)


def _counts(stored: Any, usual: Any) -> list[tuple[float, ...]]:
    read = [tuple(float(count) for count in row) for row in stored]
    if [len(row) for row in read] != [len(row) for row in usual]:
        raise ValueError("of another shape")
    return read
