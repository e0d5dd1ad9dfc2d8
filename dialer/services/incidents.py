"""Data leaks: written down, told to the client within the hours that it has, learned from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from dialer.domain.errors import ChangedSinceError, InvalidError
from dialer.domain.ids import ClientId, UserId
from dialer.domain.incident import DATA_WORDS, KIND_WORDS, Incident, IncidentEvent, advance, notice
from dialer.domain.texts import impersonal_text
from dialer.schedule.windows import local
from dialer.services.ports.audit import AuditLog
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.export import Table
from dialer.services.ports.incidents import IncidentChange, IncidentLine, IncidentStore
from dialer.services.ports.people import Viewer
from dialer.services.viewing import check_scope, noted

_LONGEST = 2000
_AHEAD = timedelta(minutes=5)  # clocks of people differ


class Incidents:
    """Use cases. Times are the wall's: a leak is no matter of a pressed calendar."""

    def __init__(self, *, store: IncidentStore, audit: AuditLog, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._audit = audit
        self._clock = clock
        self._ids = ids

    async def all(self, client: ClientId | None, viewer: Viewer) -> Sequence[IncidentLine]:
        """Those that are not closed first, then the newest."""
        return await self._store.all(viewer.client or client)

    async def report(self, client: ClientId, known: Incident, user: UserId, viewer: Viewer) -> IncidentLine:
        """Write one down. Raises InvalidError, BsnError, PersonalError with the field."""
        check_scope(viewer, client)
        identity = self._ids.new()
        await self._store.add(identity, client, self._checked(known), self._clock.wall_utc(), user)
        await noted(self._audit, viewer, "incident.report", "incident", identity, client, {"kind": known.kind})
        return await self._store.incident(identity)

    async def learn(self, incident: UUID, version: int, known: Incident, viewer: Viewer) -> IncidentLine:
        """What is known now. Raises as `report`, and ChangedSinceError."""
        before = await self._mine(incident, viewer)
        if not await self._store.learn(incident, version, self._checked(known)):
            raise ChangedSinceError("iemand anders heeft het lek gewijzigd")
        changed = sorted(name for name in Incident.__slots__ if getattr(before.known, name) != getattr(known, name))
        await noted(self._audit, viewer, "incident.learn", "incident", incident, before.client, {"fields": changed})
        return await self._store.incident(incident)

    async def move(
        self, incident: UUID, version: int, event: IncidentEvent, lesson: str, viewer: Viewer
    ) -> IncidentLine:
        """Told, closed (with what was learned), open again. Raises IllegalTransitionError, ChangedSinceError."""
        found = await self._mine(incident, viewer)
        now = self._clock.wall_utc()
        change = IncidentChange(incident=incident, version=version, state=advance(found.state, event))
        if event is IncidentEvent.TELL:
            change = replace(change, told_at=now)
        if event is IncidentEvent.CLOSE:
            text = impersonal_text(lesson, _LONGEST, "lesson")
            if not text:
                raise InvalidError("schrijf op wat er is gedaan om herhaling te voorkomen", "lesson")
            change = replace(change, closed_at=now, lesson=text)
        if not await self._store.move(change):
            raise ChangedSinceError("iemand anders heeft het lek gewijzigd")
        await noted(self._audit, viewer, f"incident.{event}", "incident", incident, found.client)
        return await self._store.incident(incident)

    async def notice(self, incident: UUID, viewer: Viewer) -> str:
        """The draft to the client, in the reader's language. Raises NotFoundError."""
        found = await self._mine(incident, viewer)
        said = {"discovered": _said(found.known.discovered_at), "report_by": _said(found.known.report_by)}
        return notice(found.known, found.client_name, said, english=viewer.language == "en")

    async def table(self, client: ClientId | None, viewer: Viewer) -> Table:
        """The whole register, for the file (Art. 33(5))."""
        english = viewer.language == "en"
        header = (
            ["client", "discovered", "what", "data", "residents", "state", "told", "closed", "measures", "lesson"]
            if english
            else [
                "opdrachtgever",
                "ontdekt",
                "wat",
                "gegevens",
                "inwoners",
                "stand",
                "gemeld",
                "gesloten",
                "maatregelen",
                "les",
            ]
        )
        lines = await self.all(client, viewer)
        return Table(header=header, rows=[_row(one, english=english) for one in lines])

    def _checked(self, known: Incident) -> Incident:
        if known.discovered_at > self._clock.wall_utc() + _AHEAD:
            raise InvalidError("dit tijdstip moet nog komen", "discovered_at")
        if not known.data:
            raise InvalidError("kies om welke gegevens het gaat", "data")
        what = impersonal_text(known.what, _LONGEST, "what")
        if not what:
            raise InvalidError("schrijf op wat er gebeurde", "what")
        return replace(
            known,
            what=what,
            consequences=impersonal_text(known.consequences, _LONGEST, "consequences"),
            measures=impersonal_text(known.measures, _LONGEST, "measures"),
        )

    async def _mine(self, incident: UUID, viewer: Viewer) -> IncidentLine:
        found = await self._store.incident(incident)
        check_scope(viewer, found.client)
        return found


def _said(at: datetime) -> str:
    return f"{local(at):%d-%m-%Y %H:%M}"


def _row(one: IncidentLine, *, english: bool) -> list[str]:
    known = one.known
    return [
        one.client_name,
        _said(known.discovered_at),
        f"{KIND_WORDS[known.kind][english]}: {known.what}",
        ", ".join(DATA_WORDS[kind][english] for kind in known.data),
        "" if known.residents is None else str(known.residents),
        one.state,
        "" if one.told_at is None else _said(one.told_at),
        "" if one.closed_at is None else _said(one.closed_at),
        known.measures,
        one.lesson,
    ]
