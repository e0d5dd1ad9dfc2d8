"""Values as JSON has them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum, StrEnum
from uuid import UUID

import pytest

from dialer.services.plain import encode, plain


class Word(StrEnum):
    A = "a"


class Number(Enum):
    ONE = 1


@dataclass(frozen=True)
class Thing:
    id: UUID
    at: datetime


def test_all_kinds() -> None:
    identity = UUID(int=7)
    at = datetime(2026, 3, 29, 3, 0, tzinfo=timezone(timedelta(hours=2)))
    value = {
        Word.A: Thing(id=identity, at=at),
        "n": Number.ONE,
        "d": date(2026, 3, 1),
        "s": frozenset({"b", "a"}),
        "t": (1, 2.5, True, None),
    }
    assert plain(value) == {
        "a": {"id": str(identity), "at": "2026-03-29T01:00:00Z"},
        "n": 1,
        "d": "2026-03-01",
        "s": ["a", "b"],
        "t": [1, 2.5, True, None],
    }
    assert encode({"é": 1}) == '{"é":1}'


@pytest.mark.parametrize(
    "value", [object(), b"x", datetime(2026, 3, 1, tzinfo=UTC).replace(tzinfo=None), {1, object()}]
)
def test_what_has_no_form_is_an_error(value: object) -> None:
    with pytest.raises(TypeError):
        plain(value)
