"""Why agents pause: the list that supervisors keep, and the day that came of it.

The list is held in memory, for an agent must be able to pause while the database is away. Whoever changes it elsewhere
is heard through the database's notices.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from dialer.domain.errors import ChangedSinceError, InvalidError, NotFoundError
from dialer.domain.ids import UserId
from dialer.domain.pause_reasons import OTHER, CountsAs, PauseReason, check_reason, new_code
from dialer.domain.team_time import AgentTime, OwnDay, agent_times, occupancy, own_day
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.pauses import PauseReasonStore, TeamTimeStore

MOST = 40
"""Reasons that are not archived: a menu that can be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamDay:
    """A day of the whole team, so far."""

    agents: Sequence[AgentTime]
    occupancy: float | None


class Pauses:
    """Use cases."""

    def __init__(self, store: PauseReasonStore, times: TeamTimeStore, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._times = times
        self._clock = clock
        self._ids = ids
        self._known: Mapping[str, PauseReason] = {}

    async def load(self) -> None:
        """Read the list anew: at the start, and whenever somebody changed it."""
        self._known = {reason.code: reason for reason in await self._store.all()}

    def all(self) -> Sequence[PauseReason]:
        """Archived ones too, for whoever reads of older pauses."""
        return list(self._known.values())

    def chosen(self, code: str) -> str:
        """The reason of a pause that begins now. Raises InvalidError for one that nobody may choose."""
        if not code:
            return OTHER
        known = self._known.get(code)
        if known is None or not known.offered:
            raise InvalidError("geen reden van de lijst", "reason")
        return code

    async def add(self, wish: Mapping[str, Any], actor: str) -> PauseReason:
        """Raises InvalidError with the field, ConflictError when somebody was first."""
        await self.load()
        if sum(not reason.archived for reason in self._known.values()) >= MOST:
            raise InvalidError(f"hoogstens {MOST} redenen")
        blank = PauseReason(
            id=self._ids.new(),
            code=new_code(str(wish["english"]), self._known),
            dutch="",
            english="",
            position=1 + max((reason.position for reason in self._known.values()), default=0),
        )
        reason = _with(blank, wish)
        await self._store.add(reason, self._clock.now(), actor)
        await self.load()
        return reason

    async def change(self, reason: UUID, version: int, wish: Mapping[str, Any], actor: str) -> PauseReason:
        """What is left out stays. Raises InvalidError, NotFoundError, ChangedSinceError."""
        await self.load()
        before = next((one for one in self._known.values() if one.id == reason), None)
        if before is None:
            raise NotFoundError("no such reason")
        stored = await self._store.change(replace(_with(before, wish), version=version), self._clock.now(), actor)
        if stored is None:
            raise ChangedSinceError("iemand anders heeft deze reden gewijzigd")
        await self.load()
        return stored

    async def day(self, begin: datetime, end: datetime) -> TeamDay:
        """What agents did between two moments of a day."""
        counts = {code: reason.counts_as for code, reason in self._known.items()}
        times = agent_times(await self._times.spells(begin, end), counts)
        return TeamDay(agents=times, occupancy=occupancy(times))

    async def own_day(self, user: UserId, begin: datetime, end: datetime) -> OwnDay:
        """One agent's own figures."""
        return own_day(await self._times.spells(begin, end, user), await self._times.done(user, begin, end))


def _with(reason: PauseReason, wish: Mapping[str, Any]) -> PauseReason:
    known = ("dutch", "english", "position", "most_minutes", "archived")
    changed = replace(reason, **{key: wish[key] for key in known if key in wish})
    if "counts_as" in wish:
        changed = replace(changed, counts_as=CountsAs(wish["counts_as"]))
    return check_reason(changed)
