"""An agent's roster in the calendar that he has already: an address of his own, secret, that he makes and ends himself.

Calendar programs fetch an address again and again and cannot sign in, so whoever has the address reads it. That is why
it holds so little: when, and the word *work*. No name, colleague, campaign or reason of an absence, and nothing of a
resident. Only the secret's hash is kept; a new address ends the one before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from dialer.domain.errors import NotFoundError
from dialer.domain.ical import escaped, stamp, written
from dialer.domain.ids import UserId
from dialer.domain.roster import RosterDay
from dialer.schedule.windows import at_local, local_date
from dialer.services.ports.clock import Clock
from dialer.services.ports.roster import RosterFeedStore, RosterStore
from dialer.services.ports.vault import Tokens

BACK, AHEAD = timedelta(days=14), timedelta(days=77)
"""Days of the past, so that a calendar does not lose this week, and those to come."""
_WORDS = {"nl": ("Werk", "Rooster"), "en": ("Work", "Roster")}


class RosterFeeds:
    """Use cases. `actor` goes into the audit."""

    def __init__(self, store: RosterFeedStore, roster: RosterStore, tokens: Tokens, clock: Clock) -> None:
        self._store = store
        self._roster = roster
        self._tokens = tokens
        self._clock = clock

    async def made_at(self, user: UserId) -> datetime | None:
        """When the address that works now was made; None: there is none."""
        return await self._store.made_at(user)

    async def make(self, user: UserId, actor: str) -> str:
        """A new secret, to be shown this once; the address before it is dead from now on."""
        secret, hashed = self._tokens.new()
        await self._store.put(user, hashed, self._clock.now(), actor)
        return secret

    async def end(self, user: UserId, actor: str) -> None:
        """The address is dead. Raises NotFoundError when there is none."""
        if not await self._store.remove(user, self._clock.now(), actor):
            raise NotFoundError("there is no address")

    async def read(self, secret: str) -> str:
        """The calendar. Raises NotFoundError for an address that is none (any more), or of who may not sign in."""
        found = await self._store.reader(self._tokens.hash(secret))
        if found is None:
            raise NotFoundError("there is no such calendar")
        user, language = found
        now = self._clock.now()
        today = local_date(now)
        days = await self._roster.days(today - BACK, today + AHEAD)
        return written(_calendar([one for one in days if one.user == user], now, language))


def _calendar(days: Sequence[RosterDay], now: datetime, language: str) -> Iterator[str]:
    word, title = _WORDS[language]
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:-//dialer//rooster//{language.upper()}", "METHOD:PUBLISH")
    # How often to come back: the name of the standard, and the one that older programs know.
    yield from (f"X-WR-CALNAME:{escaped(title)}", "REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT1H")
    for one in days:
        for shift in one.works:
            yield from (
                "BEGIN:VEVENT",
                # Of the day and the beginning: a shift that only ends at another time stays the same event.
                f"UID:{one.day:%Y%m%d}-{shift.start}@rooster",
                f"DTSTAMP:{stamp(now)}",
                f"DTSTART:{stamp(_moment(one.day, shift.start))}",
                f"DTEND:{stamp(_moment(one.day, shift.end))}",
                f"SUMMARY:{escaped(word)}",
                "CLASS:PRIVATE",
                "END:VEVENT",
            )
    yield "END:VCALENDAR"


def _moment(day: date, minutes: int) -> datetime:
    """By Amsterdam's clocks; 1440 is the midnight that ends the day."""
    days, rest = divmod(minutes, 24 * 60)
    return at_local(day + timedelta(days=days), time(rest // 60, rest % 60))
