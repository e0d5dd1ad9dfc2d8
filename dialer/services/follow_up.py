"""The client's own people at work: to visit, appointments, decisions; what they say of each case,
and taking it back.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dialer.domain.dayparts import DayPart
from dialer.domain.errors import ChangedSinceError, ForbiddenError
from dialer.domain.follow_up import LONGEST_REASON, FollowUpList, Mark
from dialer.domain.ids import CaseId, ClientId
from dialer.domain.intake_words import word
from dialer.domain.opening import HoldReason
from dialer.domain.texts import checked_text
from dialer.schedule.windows import local
from dialer.services import sealed
from dialer.services.mark_words import MARK_WORDS
from dialer.services.ports.audit import AuditLog
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.export import OutcomeLabel, Table
from dialer.services.ports.follow_up import (
    FollowUpCounts,
    FollowUpFilter,
    FollowUpLine,
    FollowUpOrder,
    FollowUpStore,
    MarkRow,
    NewMark,
)
from dialer.services.ports.people import Viewer
from dialer.services.ports.vault import Vault
from dialer.services.viewing import check_scope, noted

_SLICE = 1000
MOST_ROWS = 250_000
"""In one file: as many as a list can bring."""

Labels = Callable[[], Awaitable[Mapping[str, OutcomeLabel]]]
"""Words of outcomes by code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkShown:
    """A mark as the client's people read it back."""

    id: UUID
    list: str
    mark: str
    at: datetime
    by: str
    reason: str
    taken_back_at: datetime | None
    taken_back_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpShown:
    """A case's place on the lists, and what was said of it. `line` None: it is on no list."""

    line: FollowUpLine | None
    marks: Sequence[MarkShown]


class FollowUps:
    """Use cases. Every look at a list or a case leaves its audit line."""

    def __init__(
        self, *, store: FollowUpStore, labels: Labels, vault: Vault, audit: AuditLog, clock: Clock, ids: Ids
    ) -> None:
        self._store = store
        self._labels = labels
        self._vault = vault
        self._audit = audit
        self._clock = clock
        self._ids = ids

    async def counts(self, client: ClientId) -> Sequence[FollowUpCounts]:
        """What waits, by list. Counts only: of nobody."""
        return await self._store.counts(client, self._clock.now())

    async def page(
        self, which: FollowUpFilter, after: tuple[datetime, UUID] | None, limit: int, viewer: Viewer
    ) -> Sequence[FollowUpLine]:
        """One page of one list."""
        check_scope(viewer, which.client)
        rows = await self._store.page(which, after, limit)
        detail = {"list": which.list.value, "rows": len(rows)}
        await noted(self._audit, viewer, "follow_up.list", "client", which.client, which.client, detail)
        return rows

    async def table(self, which: FollowUpFilter, viewer: Viewer) -> Table:
        """The whole list as a file, in the viewer's language."""
        check_scope(viewer, which.client)
        language, labels = 1 if viewer.language == "en" else 0, await self._labels()
        rows = [_row(line, labels, language) async for line in self._all(which)]
        detail = {"list": which.list.value, "rows": len(rows)}
        await noted(self._audit, viewer, "follow_up.download", "client", which.client, which.client, detail)
        return Table(header=[pair[language] for pair in _COLUMNS], rows=rows)

    async def _all(self, which: FollowUpFilter) -> AsyncIterator[FollowUpLine]:
        after: tuple[datetime, UUID] | None = None
        for _ in range(MOST_ROWS // _SLICE):
            lines = await self._store.page(which, after, _SLICE)
            for line in lines:
                yield line
            if len(lines) < _SLICE:
                return
            after = (lines[-1].stands_at(which.order), lines[-1].case)

    async def of_case(self, case: CaseId, viewer: Viewer) -> FollowUpShown:
        """Raises NotFoundError."""
        keys = await self._store.keys(case)
        check_scope(viewer, keys.client)
        line, marks = await self._store.one(case), await self._store.marks(case)
        await noted(self._audit, viewer, "follow_up.read", "case", case, keys.client)
        return FollowUpShown(line=line, marks=[self._shown(mark) for mark in marks])

    async def mark(self, case: CaseId, mark: Mark, reason: str, version: int, viewer: Viewer) -> FollowUpShown:
        """Say what came of it. Raises NotFoundError, InvalidError that names the field, ChangedSinceError, and the
        ConflictErrors of `check_mark`.
        """
        if viewer.client is None:
            raise ForbiddenError("the client's own people say this")
        keys = await self._store.keys(case)
        check_scope(viewer, keys.client)
        identity, text, box = self._ids.new(), "", None
        if reason.strip():
            text = checked_text(reason, LONGEST_REASON, "reason")
            sealer = self._vault.delivery(keys.client, keys.client_key, keys.delivery, keys.delivery_key)
            box = sealer.seal(sealed.FOLLOW_UP, identity, text.encode())
        new = NewMark(
            id=identity,
            case=case,
            mark=mark,
            version=version,
            at=self._clock.now(),
            actor=viewer.actor,
            user=viewer.user,
            reason=text,
            delivery=None if box is None else keys.delivery,
            sealed=box,
        )
        if not await self._store.mark(new):
            raise ChangedSinceError("the result has changed")
        return await self.of_case(case, viewer)

    async def undo(self, case: CaseId, viewer: Viewer) -> FollowUpShown:
        """Take the latest mark back, for a week. Raises NotFoundError, TooLateError."""
        if viewer.client is None:
            raise ForbiddenError("the client's own people say this")
        check_scope(viewer, (await self._store.keys(case)).client)
        await self._store.undo(case, self._clock.now(), viewer.actor, viewer.user)
        return await self.of_case(case, viewer)

    def _shown(self, row: MarkRow) -> MarkShown:
        return MarkShown(
            id=row.id,
            list=row.list,
            mark=row.mark,
            at=row.at,
            by=row.by,
            reason=sealed.text_of(self._vault, row.reason, sealed.FOLLOW_UP) or "",
            taken_back_at=row.taken_back_at,
            taken_back_by=row.taken_back_by,
        )


# --- the file -----------------------------------------------------------------------------------------------------

_COLUMNS: Sequence[tuple[str, str]] = (
    ("kenmerk", "client reference"),
    ("reden", "reason"),
    ("crisis", "crisis"),
    ("taal", "language"),
    ("sinds", "since"),
    ("wettelijke termijn", "legal term"),
    ("afspraak", "appointment"),
    ("plaats", "place"),
    ("aantal belpogingen", "number of attempts"),
    ("ochtend", "morning"),
    ("middag", "afternoon"),
    ("avond", "evening"),
    ("belpogingen", "attempts"),
    ("nummers", "numbers"),
    ("vervallen nummers", "closed numbers"),
    ("opvolging", "follow-up"),
    ("opvolging op", "follow-up at"),
    ("niet thuis", "not at home"),
)
_REASONS: Mapping[str, tuple[str, str]] = {
    "NO_NUMBER": ("geen belbaar nummer", "no callable number"),
    "HELD": ("wacht op uw besluit", "waits for your decision"),
    HoldReason.OPTED_OUT: ("vroeg eerder niet meer te bellen", "asked earlier for no more calls"),
    HoldReason.DECEASED: ("eerder: overleden", "earlier: deceased"),
    HoldReason.MOVED: ("eerder: verhuisd uit de gemeente", "earlier: moved away"),
    HoldReason.IN_HELP: ("krijgt al hulp", "is in help already"),
    HoldReason.SPOKEN_RECENTLY: ("kort geleden gesproken", "spoken to not long ago"),
    "delivery_recalled": ("levering teruggeroepen", "delivery recalled"),
}
_PARTS = (DayPart.MORNING, DayPart.AFTERNOON, DayPart.EVENING)
_PARTS_EN: Mapping[str, str] = {"Ochtend": "Morning", "Middag": "Afternoon", "Avond": "Evening"}


def _row(line: FollowUpLine, labels: Mapping[str, OutcomeLabel], language: int) -> list[str]:
    tried = [
        f"{local(one.at):%d-%m-%Y} {_PARTS_EN.get(one.day_part, one.day_part) if language else one.day_part}: "
        f"{_label(one.outcome, labels, language)}"
        for one in line.tried
    ]
    meets = line.list is FollowUpList.APPOINTMENT
    return [
        ", ".join(line.client_refs),
        _label(line.reason, labels, language),
        (("nee", "no"), ("ja", "yes"))[line.crisis][language],
        line.language,
        f"{local(line.since):%d-%m-%Y}",
        f"{local(line.term_ends_at):%d-%m-%Y}",
        f"{local(line.due_at):%d-%m-%Y %H:%M}" if meets else "",
        line.place,
        str(len(line.tried)),
        *(str(sum(one.day_part == part for one in line.tried)) for part in _PARTS),
        " | ".join(tried),
        str(line.numbers),
        " | ".join(_label(why, labels, language) for why in line.numbers_closed),
        "" if line.mark is None else word(MARK_WORDS, line.mark, "en" if language else "nl"),
        "" if line.marked_at is None else f"{local(line.marked_at):%d-%m-%Y %H:%M}",
        str(line.not_home),
    ]


def _label(code: str, labels: Mapping[str, OutcomeLabel], language: int) -> str:
    if code in _REASONS:
        return _REASONS[code][language]
    label = labels.get(code)
    if label is None:
        return code
    return label.en if language else label.nl


def order_of(wished: str, *, done: bool) -> FollowUpOrder:
    """What is done stands by when it was done; else as wished."""
    return FollowUpOrder.DONE if done else FollowUpOrder(wished)
