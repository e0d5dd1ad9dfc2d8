"""Reports by the clock: each month or each week, made once, found among the others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from dialer.domain.ids import CampaignId, ClientId
from dialer.domain.reports.calendar import Rhythm, check_rhythm, due
from dialer.domain.reports.definitions import NEWEST
from dialer.domain.reports.operations import OPERATIONS_NEWEST
from dialer.schedule.windows import local_date
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.people import Viewer
from dialer.services.ports.report_schedules import ReportSchedule, ScheduleStore
from dialer.services.ports.reports import Asked
from dialer.services.viewing import check_scope

_MORNING = timedelta(hours=5)
"""After midnight: what was told late of the day before is in by then."""


class ReportSchedules:
    """Use cases, and the job."""

    def __init__(self, store: ScheduleStore, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids

    async def schedules(self, viewer: Viewer) -> Sequence[ReportSchedule]:
        """Of the viewer's client, or of all."""
        return await self._store.schedules(viewer.client)

    async def add(self, client: ClientId, campaign: CampaignId | None, rhythm: Rhythm, viewer: Viewer) -> UUID:
        """From now on. Raises NotFoundError, InvalidError, ConflictError."""
        check_scope(viewer, client)
        check_rhythm(rhythm)
        schedule, now = self._ids.new(), self._clock.now()
        await self._store.add(schedule, client, campaign, rhythm, local_date(now - _MORNING), now, viewer.actor)
        return schedule

    async def end(self, schedule: UUID, viewer: Viewer) -> None:
        """Reports that were made stay. Raises NotFoundError."""
        await self._store.end(schedule, self._clock.now(), viewer.actor)

    async def tend(self) -> int:
        """Job: make what is due; how many."""
        now, made = self._clock.now(), 0
        for schedule in await self._store.schedules(None):
            for one in due(schedule.rhythm, schedule.done, local_date(now - _MORNING)):
                asked = Asked(
                    id=self._ids.new(), client=schedule.client, campaign=schedule.campaign, definitions=NEWEST,
                    operations=OPERATIONS_NEWEST, first_day=one.period.first, last_day=one.period.last, at=now, by=None,
                )  # fmt: skip
                made += await self._store.make(schedule.id, asked, one.on)
        return made
