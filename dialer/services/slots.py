"""Times that a client offers for appointments: filled in here as a week's pattern, or read from its own calendar.

Whoever changes a source sees at once what it offers. Nothing that was agreed goes by it: a time that is not offered any
more keeps its appointment, which then says so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from dialer.domain.bookings import BookingEvent, BookingState, Meeting, SlotKind
from dialer.domain.errors import ChangedSinceError, ConflictError, InvalidError
from dialer.domain.ids import AttemptId, CaseId, ClientId, UserId
from dialer.domain.notices import Via
from dialer.schedule import slots as patterns
from dialer.schedule.slots import MOST_MINUTES, MOST_SEATS, Pattern
from dialer.schedule.windows import local_date
from dialer.services.ports.audit import AuditLog
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.notices import NoticeStore
from dialer.services.ports.people import Viewer
from dialer.services.ports.slots import (
    Booking,
    BookingChange,
    BookingStore,
    Slot,
    SlotLook,
    SlotSource,
    SlotStore,
    SlotTime,
)
from dialer.services.ports.vault import Vault
from dialer.services.slot_feeds import SLOT_FEED
from dialer.services.viewing import check_scope, noted

HOLD_SECONDS = 600.0
"""Wall seconds that a call keeps a time, unless it asks again."""
OFFERED = 12
"""Times that an agent is offered at once."""
MOST_SHOWN = 2000
SOON = timedelta(hours=2)
"""A resident is given at least so long to get there."""
_AGAIN = timedelta(hours=12)
_NAME, _PLACE, _URL = 60, 120, 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceWish:
    """What somebody fills in. None: as it was. `until_on` absent stays; `endless` takes it away."""

    name: str | None = None
    place: str | None = None
    meeting: Meeting | None = None
    seats: int | None = None
    on: bool | None = None
    weekdays: Collection[int] | None = None
    begin: time | None = None
    end: time | None = None
    minutes: int | None = None
    from_on: date | None = None
    until_on: date | None = None
    endless: bool = False
    except_on: Collection[date] | None = None
    url: str | None = field(repr=False, default=None)


class SlotService:
    """Use cases of those who offer times and look after appointments."""

    def __init__(
        self,
        *,
        slots: SlotStore,
        bookings: BookingStore,
        notices: NoticeStore,
        may_call: Callable[[str], bool],
        vault: Vault,
        audit: AuditLog,
        clock: Clock,
        ids: Ids,
    ) -> None:
        """`may_call`: whether a feed's address may be called."""
        self._slots = slots
        self._bookings = bookings
        self._notices = notices
        self._may_call = may_call
        self._vault = vault
        self._audit = audit
        self._clock = clock
        self._ids = ids

    # -- sources ------------------------------------------------------------------------------------------

    async def sources(self, client: ClientId, viewer: Viewer) -> Sequence[SlotSource]:
        """By name."""
        check_scope(viewer, client)
        return await self._slots.sources(client, self._clock.now())

    async def add(self, client: ClientId, kind: SlotKind, wish: SourceWish, viewer: Viewer) -> SlotSource:
        """Raises InvalidError, ConflictError."""
        check_scope(viewer, client)
        now = self._clock.now()
        new = SlotSource(
            id=self._ids.new(), client=client, kind=kind, name="", place="", meeting=Meeting.OFFICE, seats=1, on=True,
            pattern=None, minutes=0, created_at=now, version=1, client_key=await self._slots.client_key(client),
        )  # fmt: skip
        made = self._checked(new, wish)
        await self._slots.add(made)
        await self._offer(made)
        await noted(self._audit, viewer, "slots.add", "slot_source", new.id, client, {"kind": kind.value})
        return await self._slots.source(new.id, now)

    async def change(self, source: UUID, version: int, wish: SourceWish, viewer: Viewer) -> SlotSource:
        """What is left out stays. Raises NotFoundError, InvalidError, ChangedSinceError, ConflictError."""
        now = self._clock.now()
        before = await self._slots.source(source, now)
        check_scope(viewer, before.client)
        stored = await self._slots.change(replace(self._checked(before, wish), version=version), now)
        if stored is None:
            raise ChangedSinceError("iemand anders heeft deze tijden gewijzigd")
        await self._offer(stored)
        detail = {"on": stored.on, "seats": stored.seats, "url": wish.url is not None}
        await noted(self._audit, viewer, "slots.change", "slot_source", source, before.client, detail)
        return await self._slots.source(source, now)

    async def tend(self) -> int:
        """Job: patterns grow at their end. How many sources were looked after."""
        due = [one for one in await self._slots.due(self._clock.now()) if one.kind is SlotKind.OWN]
        for source in due:
            await self._offer(source)
        return len(due)

    async def _offer(self, source: SlotSource) -> None:
        if source.pattern is None:
            return
        now = self._clock.now()
        offered = [
            SlotTime(key=window.start.isoformat() + "/" + window.end.isoformat(), window=window)
            for window in patterns.times(source.pattern, now)
        ]
        await self._slots.offer(source.id, offered, now, version=source.version)
        await self._slots.looked(
            SlotLook(source=source.id, version=source.version, at=now, error="", next_look_at=now + _AGAIN)
        )

    def _checked(self, before: SlotSource, wish: SourceWish) -> SlotSource:
        name = before.name if wish.name is None else wish.name.strip()
        place = before.place if wish.place is None else wish.place.strip()
        seats = before.seats if wish.seats is None else wish.seats
        if not name or len(name) > _NAME or not name.isprintable():
            raise InvalidError(f"1 tot {_NAME} tekens", "name")
        if not place or len(place) > _PLACE or not place.isprintable():
            raise InvalidError(f"1 tot {_PLACE} tekens: inwoners lezen dit", "place")
        if not 1 <= seats <= MOST_SEATS:
            raise InvalidError(f"1 tot {MOST_SEATS}", "seats")
        minutes = before.minutes if wish.minutes is None else wish.minutes
        made = replace(
            before, name=name, place=place, seats=seats, meeting=wish.meeting or before.meeting,
            on=before.on if wish.on is None else wish.on,
        )  # fmt: skip
        if before.kind is SlotKind.OWN:
            return replace(made, pattern=_pattern(before.pattern, wish, self._clock.now()))
        if not 0 <= minutes <= MOST_MINUTES:
            raise InvalidError(f"0 tot {MOST_MINUTES}", "minutes")
        return replace(made, minutes=minutes, sealed_url=self._url(before, wish))

    def _url(self, before: SlotSource, wish: SourceWish) -> bytes:
        if wish.url is None:
            if before.sealed_url is None:
                raise InvalidError("het adres van de agenda, met https://", "url")
            return before.sealed_url
        url = wish.url.strip()
        if url.startswith("webcal://"):
            url = "https://" + url.removeprefix("webcal://")
        if len(url) > _URL or not self._may_call(url):
            raise InvalidError("begin met https://, zonder wachtwoord, buiten ons eigen netwerk", "url")
        return self._vault.client(before.client, before.client_key).seal(SLOT_FEED, before.id, url.encode())

    # -- times and appointments -----------------------------------------------------------------------------

    async def slots(
        self, client: ClientId, begin: datetime, end: datetime, viewer: Viewer, *, free: bool
    ) -> Sequence[Slot]:
        """What is offered, by time."""
        check_scope(viewer, client)
        return await self._slots.slots(client, begin, end, free=free, limit=MOST_SHOWN)

    async def bookings(
        self,
        viewer: Viewer,
        *,
        client: ClientId | None = None,
        case: CaseId | None = None,
        states: Sequence[BookingState] = tuple(BookingState),
        begin: datetime | None = None,
        end: datetime | None = None,
        limit: int = 200,
    ) -> Sequence[Booking]:
        """By time. Pseudonymous; audited as a look at cases."""
        found = await self._bookings.bookings(
            viewer.client or client, case=case, states=states, begin=begin, end=end, limit=limit
        )
        for whose in sorted({one.client for one in found}):
            rows = sum(one.client == whose for one in found)
            await noted(self._audit, viewer, "booking.list", "client", whose, whose, {"rows": rows})
        return found

    async def move(self, booking: UUID, slot: UUID, viewer: Viewer) -> Booking:
        """Another time. Raises NotFoundError, IllegalTransitionError, SlotTakenError."""
        return await self._apply(booking, BookingEvent.MOVED, viewer, slot=slot)

    async def cancel(self, booking: UUID, reason: str, viewer: Viewer) -> Booking:
        """With the reason, which must not name anybody. Raises NotFoundError, IllegalTransitionError, InvalidError."""
        if not reason.strip():
            raise InvalidError("geef een reden", "reason")
        return await self._apply(booking, BookingEvent.CANCELLED, viewer, reason=reason.strip())

    async def report(self, booking: UUID, event: BookingEvent, viewer: Viewer) -> Booking:
        """Kept, missed, or neither after all. Raises NotFoundError, IllegalTransitionError, NotYetError."""
        return await self._apply(booking, event, viewer)

    async def resend(self, booking: UUID, viewer: Viewer) -> Booking:
        """What the resident was to be told and was given up goes out again. Raises NotFoundError, ConflictError."""
        before = await self._bookings.booking(booking)
        check_scope(viewer, before.client)
        if not await self._notices.resend(booking, self._clock.now()):
            raise ConflictError("nothing was given up")
        await noted(self._audit, viewer, "booking.resend", "booking", booking, before.client)
        return await self._bookings.booking(booking)

    async def _apply(
        self, booking: UUID, event: BookingEvent, viewer: Viewer, *, slot: UUID | None = None, reason: str = ""
    ) -> Booking:
        before = await self._bookings.booking(booking)
        check_scope(viewer, before.client)
        change = BookingChange(
            booking=booking, event=event, actor=viewer.actor, user=viewer.user, at=self._clock.now(), reason=reason,
            slot=slot, id=self._ids.new(),
        )  # fmt: skip
        detail: Mapping[str, object] = {"reason": reason} if reason else {}
        return await self._bookings.booking(await self._bookings.apply(change, detail))


class CallSlots:
    """What an agent does with times, in a call or its wrap-up."""

    def __init__(self, slots: SlotStore, clock: Clock, posts: Collection[Via] = ()) -> None:
        """`posts`: how a confirmation can go out."""
        self._slots = slots
        self._clock = clock
        self.confirm_by: Sequence[Via] = sorted(posts)

    async def offer(self, attempt: AttemptId, after: datetime | None = None) -> tuple[bool, Sequence[Slot]]:
        """Whether the client offers times at all, and the next ones that can be had (from `after` on)."""
        begin = self._clock.now() + SOON
        if after is not None:
            begin = max(begin, after)
        offers = (await self._slots.of_call(attempt)).offers
        return offers, await self._slots.for_call(attempt, begin, OFFERED) if offers else ()

    async def hold(self, attempt: AttemptId, user: UserId, slot: UUID) -> None:
        """Keep it for this call, for `HOLD_SECONDS`; the one before is let go. Raises SlotTakenError."""
        await self._slots.hold(attempt, user, slot, self._clock.now(), HOLD_SECONDS)

    async def release(self, attempt: AttemptId) -> None:
        """Let it go."""
        await self._slots.release(attempt)


def _pattern(before: Pattern | None, wish: SourceWish, now: datetime) -> Pattern:
    given = {
        "weekdays": None if wish.weekdays is None else frozenset(wish.weekdays),
        "begin": wish.begin,
        "end": wish.end,
        "minutes": wish.minutes,
        "from_on": wish.from_on,
        "until_on": wish.until_on,
        "except_on": None if wish.except_on is None else frozenset(wish.except_on),
    }
    filled = {key: value for key, value in given.items() if value is not None}
    if before is None:
        filled.setdefault("from_on", local_date(now))
        for key in ("weekdays", "begin", "end", "minutes"):
            if key not in filled:
                raise InvalidError("vul dit in", key)
        return patterns.check(Pattern(**filled))  # type: ignore[arg-type]  # each key has its own type above
    made = replace(before, **filled)  # type: ignore[arg-type]  # as above
    return patterns.check(replace(made, until_on=None) if wish.endless else made)
