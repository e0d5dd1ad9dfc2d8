from __future__ import annotations

import json
from typing import Any

import pytest

from dialer.domain.errors import InvalidError
from dialer.pacing.learned import Model, observe
from dialer.pacing.stored import dump, load
from dialer.pacing.view import Called, Kind, PickedUp, TalkEnded


def test_a_model_comes_back_as_it_was() -> None:
    model = Model()
    for event in (PickedUp(5.0, 9.0), TalkEnded(200.0, 1, 190.0, Kind.PERSON, 9.0), Called(201.0)):
        model = observe(model, event)
    assert load(json.loads(json.dumps(dump(model)))) == model
    assert load(json.loads(json.dumps(dump(Model())))) == Model()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"version": 0}, "version"),
        ({"rings": None}, "rings"),
        ({"rings": [[1.0], [1.0], [1.0]]}, "rings"),
        ({"wraps": []}, "wraps"),
        ({"credit": "much"}, "credit"),
        ({"part": 4}, "part"),
        ({"part_seen": [1.0]}, "part_seen"),
        ({"hour_answered": [1] * 23}, "hour_answered"),
    ],
)
def test_what_is_no_model_is_refused(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidError) as raised:
        load(dump(Model()) | change)
    assert raised.value.field == field


def test_a_model_with_a_field_missing_is_refused() -> None:
    stored = dump(Model())
    del stored["briefs"]
    with pytest.raises(InvalidError):
        load(stored)
