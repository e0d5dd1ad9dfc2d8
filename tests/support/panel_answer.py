"""What an answer of the pretended service is made with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.support.panel_stub import Stub

Json = dict[str, Any]


def iso(**delta: float) -> str:
    """A time from now, RFC 3339."""
    return (datetime.now(UTC) + timedelta(**delta)).isoformat(timespec="seconds").replace("+00:00", "Z")


def page(items: list[Json]) -> Json:
    """One page with everything."""
    return {"items": items, "next": None}


class RefusalError(Exception):
    """Answer with a problem."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


@dataclass
class Asked:
    """A request, read."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any


Handler = Callable[["Stub", Asked], Any]


def by_id(items: list[Json], identity: str) -> Json:
    found = next((item for item in items if item["id"] == identity), None)
    if found is None:
        raise RefusalError(404, "not-found")
    return found
