"""The checklist that blocks going live: how its items stand, ticked by our people, waived by an administrator."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from dialer.domain.checklist import ITEMS, CheckState
from dialer.domain.errors import InvalidError
from dialer.domain.ids import CampaignId, ClientId, UserId
from dialer.schedule.windows import local_date
from dialer.services.ports.checklist import ChecklistStore, CheckRow, Tick
from dialer.services.ports.clock import Clock

_LONGEST_NAME, _LONGEST_REASON = 80, 400


class Checklist:
    """Use cases. `actor` goes into the audit."""

    def __init__(self, store: ChecklistStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def of_campaign(self, campaign: CampaignId) -> Sequence[CheckRow]:
        """Every item, in the order of `ITEMS`. Raises NotFoundError."""
        rows = {row.item: row for row in await self._store.of_campaign(campaign)}
        return [rows[item] for item in ITEMS]

    async def tick(self, client: ClientId, item: str, on: date, name: str, *, user: UserId | None, actor: str) -> None:
        """It was so on this day, on this person's word. Raises InvalidError with the field, NotFoundError."""
        _check_item(item)
        if on > local_date(self._clock.wall_utc()):  # people sign by the world's calendar, also beside a pressed one
            raise InvalidError("deze dag moet nog komen", "on")
        await self._keep(
            client, item, CheckState.TICKED, on, name=_line(name, _LONGEST_NAME, "name"), by=user, actor=actor
        )

    async def waive(self, client: ClientId, item: str, reason: str, *, user: UserId | None, actor: str) -> None:
        """Do without it, for a reason. Raises InvalidError with the field, NotFoundError."""
        _check_item(item)
        today = local_date(self._clock.wall_utc())
        told = _line(reason, _LONGEST_REASON, "reason")
        await self._keep(client, item, CheckState.WAIVED, today, reason=told, by=user, actor=actor)

    async def take_back(self, client: ClientId, item: str, *, actor: str) -> None:
        """Neither ticked nor waived any more; a campaign that runs goes on. Not ticked at all is no error."""
        _check_item(item)
        await self._store.forget(client, item, self._clock.now(), actor)

    async def _keep(
        self,
        client: ClientId,
        item: str,
        state: CheckState,
        on: date,
        *,
        name: str = "",
        reason: str = "",
        by: UserId | None,
        actor: str,
    ) -> None:
        tick = Tick(
            client=client, item=item, state=state, on=on, name=name, reason=reason, by=by,
            at=self._clock.now(), actor=actor,
        )  # fmt: skip
        await self._store.keep(tick)


def _check_item(item: str) -> None:
    if item not in ITEMS:
        raise InvalidError(f"er is geen punt van die naam; er zijn: {', '.join(ITEMS)}", "item")


def _line(text: str, longest: int, field: str) -> str:
    line = text.strip()
    if not 2 <= len(line) <= longest or not line.isprintable():
        raise InvalidError(f"geef 2 tot {longest} tekens", field)
    return line
