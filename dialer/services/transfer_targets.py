"""The list of those to whom a client's calls may go: kept by supervisors, audited by whoever serves the request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from dialer.domain.errors import ChangedSinceError, InvalidError
from dialer.domain.ids import ClientId
from dialer.domain.transfer import TargetKind
from dialer.domain.transfer_target import TransferTarget, check_target
from dialer.schedule.windows import DAYS, parse
from dialer.services.ports.clock import Ids
from dialer.services.ports.transfers import TransferTargetStore

_OFFICE = [("09:00", "17:00")]
USUAL_HOURS: Sequence[Sequence[tuple[str, str]]] = (*(_OFFICE,) * 5, (), ())


class TransferTargets:
    """Use cases."""

    def __init__(self, store: TransferTargetStore, ids: Ids, *, demo: bool) -> None:
        """`demo`: fictional numbers count as numbers."""
        self._store = store
        self._ids = ids
        self._demo = demo

    async def of(self, client: ClientId) -> Sequence[TransferTarget]:
        """All of a client's, in their order."""
        return await self._store.of(client)

    async def add(self, client: ClientId, wish: Mapping[str, Any]) -> TransferTarget:
        """Raises InvalidError that names the field, NotFoundError for a client that does not exist."""
        blank = TransferTarget(
            id=self._ids.new(), client=client, kind=TargetKind(wish["kind"]), name="", number="", hours=USUAL_HOURS
        )
        target = self._with(blank, wish)
        await self._store.add(target)
        return target

    async def change(self, target: UUID, version: int, wish: Mapping[str, Any]) -> TransferTarget:
        """What is left out stays. Raises as `add`, and ChangedSinceError when somebody changed it since `version`."""
        before = await self._store.find(target)
        stored = await self._store.change(replace(self._with(before, wish), version=version))
        if stored is None:
            raise ChangedSinceError("iemand anders heeft dit doel gewijzigd")
        return stored

    def _with(self, target: TransferTarget, wish: Mapping[str, Any]) -> TransferTarget:
        known = ("name", "number", "position", "active", "protocol")
        changed = replace(target, **{key: wish[key] for key in known if key in wish})
        if "kind" in wish:
            changed = replace(changed, kind=TargetKind(wish["kind"]))
        if "languages" in wish:
            changed = replace(changed, languages=tuple(wish["languages"]))
        if "hours" in wish:
            changed = replace(changed, hours=week_of(wish["hours"]))
        return check_target(changed, demo=self._demo)


def week_of(days: Sequence[Any]) -> Sequence[Sequence[tuple[str, str]]]:
    """Seven lists of stretches, Monday first. Raises InvalidError."""
    if len(days) != len(DAYS):
        raise InvalidError("zeven dagen, maandag eerst", "hours")
    try:
        calendar = parse({"week": dict(zip(DAYS, days, strict=True))})
    except InvalidError as error:
        raise InvalidError(str(error), "hours") from None
    return [
        [(span.start.isoformat("minutes"), span.end.isoformat("minutes")) for span in spans] for spans in calendar.week
    ]
