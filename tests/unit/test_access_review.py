"""What a review of access rights points at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dialer.domain.access_review import Access, Remark, remarks

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, []),
        ({"seen_at": None}, [Remark.NEVER_USED]),
        ({"seen_at": None, "since": NOW - timedelta(days=3)}, []),
        ({"seen_at": NOW - timedelta(days=91)}, [Remark.UNUSED]),
        ({"second_factor": False}, [Remark.NO_SECOND_FACTOR]),
        ({"kind": "token", "ends_at": NOW + timedelta(days=14)}, [Remark.ENDS_SOON]),
        ({"kind": "token", "ends_at": NOW + timedelta(days=15), "maker_gone": True}, [Remark.MAKER_GONE]),
        ({"kind": "token"}, []),
    ],
)
def test_what_to_look_at(more: dict[str, object], expected: list[Remark]) -> None:
    usual: dict[str, object] = {
        "kind": "person", "name": "anna", "role": "supervisor", "client": "", "scopes": [], "maker_gone": False,
        "since": NOW - timedelta(days=200), "seen_at": NOW - timedelta(days=1), "second_factor": True, "ends_at": None,
    }  # fmt: skip
    assert remarks(Access(**usual | more), NOW) == expected  # type: ignore[arg-type]  # fields by name
