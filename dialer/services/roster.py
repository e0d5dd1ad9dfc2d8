"""The roster: a week's grid, copied, read from a file and written to one. Planning follows it (`services.fitting`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from dialer.domain.errors import ChangedSinceError, InvalidError
from dialer.domain.ids import UserId
from dialer.domain.roster import RosterDay, RosterFile, check_day, copied, monday_of, read_file, show_clock
from dialer.schedule.windows import local_date
from dialer.services.ports.clock import Clock
from dialer.services.ports.export import Table
from dialer.services.ports.roster import Rostered, RosterStore

MOST_DAYS = 92
"""That are looked at, or written to a file, at once."""
OWN_DAYS = timedelta(days=13)
"""After today, that an agent sees of his own roster."""
AHEAD = timedelta(days=400)
"""Nobody plans further ahead; nor back."""

_HEADINGS = (
    ("inlognaam", "naam", "datum", "van", "tot", "afwezig"),
    ("login", "name", "date", "from", "until", "absent"),
)
_YES = (("nee", "ja"), ("no", "yes"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Days of the team."""

    agents: Sequence[Rostered]
    days: Sequence[RosterDay]


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What a file holds, or would change."""

    file: RosterFile
    days: int  # of which something is another than before
    kept: bool


class Roster:
    """Use cases. `actor` goes into the audit."""

    def __init__(self, store: RosterStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def span(self, first: date, last: date) -> Span:
        """Both days included. Raises InvalidError for too many."""
        if not timedelta() <= last - first < timedelta(days=MOST_DAYS):
            raise InvalidError(f"1 tot {MOST_DAYS} dagen", "until")
        return Span(agents=await self._store.agents(), days=await self._store.days(first, last))

    async def of(self, user: UserId) -> Sequence[RosterDay]:
        """One agent's days from today on, two weeks of them, of which something is kept."""
        today = local_date(self._clock.now())
        days = await self._store.days(today, today + OWN_DAYS)
        return [one for one in days if one.user == user and one.kept]

    async def save(self, days: Sequence[RosterDay], actor: str) -> None:
        """All or none. Raises InvalidError, NotFoundError, ChangedSinceError when somebody changed one of them."""
        if len({(one.user, one.day) for one in days}) < len(days):
            raise InvalidError("een dag staat er twee keer in", "days")
        await self._keep([check_day(one) for one in days], actor, "roster.save", {})

    async def copy(self, week: date, weeks: Sequence[date], actor: str) -> int:
        """A week's shifts into others, where nothing is kept yet; how many days that were. Days of a week stand for it.

        Raises InvalidError, ChangedSinceError.
        """
        monday, others = monday_of(week), sorted({monday_of(one) for one in weeks})
        if monday in others:
            raise InvalidError("kies een andere week", "weeks")
        days = await self._store.days(monday, monday + timedelta(days=6))
        there = [one for other in others for one in await self._store.days(other, other + timedelta(days=6))]
        known = {agent.user for agent in await self._store.agents()}
        made = [one for one in copied(days, others, there) if one.user in known]
        detail = {"week": monday.isoformat(), "weeks": [other.isoformat() for other in others]}
        await self._keep(made, actor, "roster.copy", detail)
        return len(made)

    async def read(self, text: str, actor: str, *, dry_run: bool) -> Imported:
        """A file's days in the place of what was kept of them; of one with a fault nothing is kept.

        Raises InvalidError when it cannot be read at all, ChangedSinceError.
        """
        file = read_file(text, {agent.login.lower(): agent.user for agent in await self._store.agents()})
        if not file.days or file.faults:
            return Imported(file=file, days=0, kept=False)
        known = await self._store.days(min(one.day for one in file.days), max(one.day for one in file.days))
        before = {(one.user, one.day): one for one in known}
        changed = []
        for one in file.days:
            there = before.get((one.user, one.day))
            fresh = one if there is None else replace(one, version=there.version)
            if there is not None and one.away:
                fresh = replace(fresh, shifts=there.shifts)  # a file does not tell of shifts that do not count
            if there != fresh:
                changed.append(fresh)
        if not dry_run:
            await self._keep(changed, actor, "roster.import", {})
        return Imported(file=file, days=len(changed), kept=not dry_run)

    async def table(self, first: date, last: date, language: str) -> Table:
        """As `read` takes it. Raises InvalidError."""
        span, english = await self.span(first, last), language == "en"
        return Table(header=_HEADINGS[english], rows=_rows(span, english))

    async def _keep(self, days: Sequence[RosterDay], actor: str, action: str, detail: Mapping[str, object]) -> None:
        now = self._clock.now()
        today = local_date(now)
        if any(abs(one.day - today) > AHEAD for one in days):
            raise InvalidError("deze dag ligt te ver weg", "day")
        if days and not await self._store.save(days, now, actor, action, detail):
            raise ChangedSinceError("iemand anders heeft het rooster gewijzigd")


def _rows(span: Span, english: bool) -> Iterator[Sequence[str]]:
    agents = {agent.user: agent for agent in span.agents}
    no, yes = _YES[english]
    for one in span.days:
        agent = agents[one.user]
        who = (agent.login, agent.name, one.day.isoformat())
        if one.away:
            yield (*who, "", "", yes)
        for shift in one.works:
            yield (*who, show_clock(shift.start), show_clock(shift.end), no)
