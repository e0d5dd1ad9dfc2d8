"""Reports by the clock: each month or each week, made once, found among the others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from dialer.domain.errors import InvalidError
from dialer.domain.ids import CampaignId, ClientId
from dialer.domain.reports.calendar import Every, Rhythm, check_rhythm, due
from dialer.domain.reports.definitions import NEWEST
from dialer.domain.reports.operations import OPERATIONS_NEWEST
from dialer.schedule.windows import local_date
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.people import Viewer
from dialer.services.ports.report_deliveries import ReportWay
from dialer.services.ports.report_schedules import Bringing, ReportSchedule, ScheduleStore
from dialer.services.ports.reports import Asked
from dialer.services.ports.vault import Vault
from dialer.services.report_deliveries import RECIPIENT
from dialer.services.viewing import check_scope

_ADDRESS = 120
_MAILBOX = re.compile(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_MORNING = timedelta(hours=5)
"""After midnight: what was told late of the day before is in by then."""


class ReportSchedules:
    """Use cases, and the job."""

    def __init__(self, store: ScheduleStore, vault: Vault, clock: Clock, ids: Ids, *, mails: bool) -> None:
        """`mails`: whether a mail server is set."""
        self._store = store
        self._vault = vault
        self._mails = mails
        self._clock = clock
        self._ids = ids

    async def schedules(self, viewer: Viewer) -> Sequence[ReportSchedule]:
        """Of the viewer's client, or of all."""
        return await self._store.schedules(viewer.client)

    async def add(
        self, client: ClientId, campaign: CampaignId | None, rhythm: Rhythm, viewer: Viewer, *, format_: str = "pdf",
        mail_to: str = "", outlet: UUID | None = None,
    ) -> UUID:  # fmt: skip
        """From now on; `mail_to`, `outlet`: where it goes by itself.

        Raises NotFoundError, InvalidError, ConflictError.
        """
        check_scope(viewer, client)
        check_rhythm(rhythm)
        schedule, now = self._ids.new(), self._clock.now()
        bringing = Bringing(
            format=format_, outlet=outlet, sealed_to=await self._recipient(schedule, client, rhythm, mail_to.strip())
        )
        await self._store.add(
            schedule, client, campaign, rhythm, local_date(now - _MORNING), now, viewer.actor, bringing
        )
        return schedule

    def recipient(self, schedule: ReportSchedule) -> str:
        """The first letter of its mailbox, and where it is; empty without one."""
        if schedule.sealed_to is None:
            return ""
        sealer = self._vault.client(schedule.client, schedule.client_key)
        name, _, domain = sealer.open(RECIPIENT, schedule.id, schedule.sealed_to).decode().partition("@")
        return f"{name[:1]}•••@{domain}"

    async def _recipient(self, schedule: UUID, client: ClientId, rhythm: Rhythm, to: str) -> bytes | None:
        if not to:
            return None
        if not self._mails:
            raise InvalidError("er is geen mailserver ingesteld", "mail_to")
        if len(to) > _ADDRESS or not _MAILBOX.fullmatch(to):
            raise InvalidError("dit is geen mailadres", "mail_to")
        if rhythm.every is not Every.MONTH:
            # A mail leaves small counts out; of weeks beside months they could be reckoned back.
            raise InvalidError("per mail gaan alleen rapporten van hele maanden", "mail_to")
        key = await self._store.client_key(client)
        return self._vault.client(client, key).seal(RECIPIENT, schedule, to.encode())

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
                ids = {way.value: self._ids.new() for way in ReportWay}
                made += await self._store.make(schedule.id, asked, one.on, ids)
        return made
