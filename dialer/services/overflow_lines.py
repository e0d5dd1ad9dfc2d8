"""The list of other teams' lines: kept by supervisors, audited by whoever serves the request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol
from uuid import UUID

from dialer.domain.errors import ChangedSinceError
from dialer.domain.ids import CampaignId, ClientId
from dialer.domain.overflow import OverflowLine, check_line
from dialer.services.ports.clock import Ids
from dialer.services.transfer_targets import USUAL_HOURS, week_of


class OverflowStore(Protocol):
    """Keeps lines."""

    async def of(self, client: ClientId) -> Sequence[OverflowLine]:
        """All of a client's, by team."""
        ...

    async def find(self, line: UUID) -> OverflowLine:
        """Raises NotFoundError."""
        ...

    async def add(self, line: OverflowLine) -> None:
        """Raises NotFoundError for a client or campaign that does not exist, ConflictError for a number in use.

        InvalidError for a client's own number, and another client's campaign.
        """
        ...

    async def change(self, line: OverflowLine) -> OverflowLine | None:
        """Store it as the next version. None: `line.version` is not the newest. Raises as `add`."""
        ...


class OverflowLines:
    """Use cases."""

    def __init__(self, store: OverflowStore, ids: Ids, *, demo: bool) -> None:
        """`demo`: fictional numbers count as numbers."""
        self._store = store
        self._ids = ids
        self._demo = demo

    async def of(self, client: ClientId) -> Sequence[OverflowLine]:
        """All of a client's, by team."""
        return await self._store.of(client)

    async def add(self, client: ClientId, wish: Mapping[str, Any]) -> OverflowLine:
        """Raises as the store, and InvalidError that names the field."""
        blank = OverflowLine(
            id=self._ids.new(), client=client, campaign=CampaignId(UUID(wish["campaign"])), number=wish["number"],
            team="", opening="", back_number="", hours=USUAL_HOURS,
        )  # fmt: skip
        line = self._with(blank, wish)
        await self._store.add(line)
        return line

    async def change(self, line: UUID, version: int, wish: Mapping[str, Any]) -> OverflowLine:
        """What is left out stays; the number always does. Raises as `add`, and ChangedSinceError."""
        before = await self._store.find(line)
        stored = await self._store.change(replace(self._with(before, wish), version=version))
        if stored is None:
            raise ChangedSinceError("iemand anders heeft deze lijn gewijzigd")
        return stored

    def _with(self, line: OverflowLine, wish: Mapping[str, Any]) -> OverflowLine:
        known = ("team", "opening", "back_number", "after_own", "most_waiting", "most_seconds", "active")
        changed = replace(line, **{key: wish[key] for key in known if key in wish})
        if "campaign" in wish:
            changed = replace(changed, campaign=CampaignId(UUID(wish["campaign"])))
        if "hours" in wish:
            changed = replace(changed, hours=week_of(wish["hours"]))
        return check_line(changed, demo=self._demo)
