"""Who works when: the days of agents, by the wall clock of Amsterdam.

A day holds shifts, or that somebody is away. Why somebody is away is nobody's business here: it is not kept.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from itertools import pairwise
from typing import NamedTuple

from dialer.domain.errors import InvalidError
from dialer.domain.ids import UserId
from dialer.domain.intake_values import parse_date

MOST_SHIFTS = 6
"""Of one agent and day."""
MOST_ROWS = 5_000
"""Of a file: a month of a large team."""

_CLOCK = re.compile(r"(\d{1,2})(?:[:.h](\d\d)?)?")
_YES = frozenset({"ja", "yes", "j", "y", "1", "x", "true"})
_NO = frozenset({"nee", "no", "n", "0", "false", ""})
_COLUMNS: Mapping[str, str] = {
    **dict.fromkeys(("login", "inlognaam", "medewerker", "agent", "user"), "login"),
    **dict.fromkeys(("datum", "date", "dag", "day"), "day"),
    **dict.fromkeys(("van", "from", "begin", "start"), "start"),
    **dict.fromkeys(("tot", "until", "to", "eind", "einde", "end"), "end"),
    **dict.fromkeys(("afwezig", "absent", "away"), "away"),
}
_NEEDED = ("login", "day", "start", "end")


class Shift(NamedTuple):
    """From `start` until `end` (not part of it), minutes since midnight by the wall clock; `end` at most 1440."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterDay:
    """One agent's day. `version` 0: nothing was ever kept of it."""

    user: UserId
    day: date
    shifts: Sequence[Shift] = ()
    away: bool = False
    version: int = 0

    @property
    def kept(self) -> bool:
        """Whether anything is said of this day."""
        return bool(self.shifts) or self.away

    @property
    def works(self) -> Sequence[Shift]:
        """The shifts that count: none of somebody who is away."""
        return () if self.away else self.shifts


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFault:
    """What is wrong with a row of a file. `row` counts from 1, the heading included; never what the cell held."""

    row: int
    column: str  # login | day | start | end | away
    code: str  # unknown | missing | format | order | overlap | twice


@dataclass(frozen=True, slots=True)
class RosterFile:
    """A file as it was read: by login and day, and what is wrong with it."""

    days: Sequence[RosterDay]
    faults: Sequence[RowFault] = field(default=())


def monday_of(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=day.weekday())


def parse_clock(text: str) -> int | None:
    """Minutes since midnight of `9:00`, `9.30`, `9` or `24:00`; None: not a time."""
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        return None
    minutes = int(found[1]) * 60 + int(found[2] or 0)
    return minutes if int(found[2] or 0) < 60 and minutes <= 1440 else None


def show_clock(minutes: int) -> str:
    """As `09:30`."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def parse_shift(text: str) -> Shift:
    """As it is stored: `09:00-13:00`. Raises InvalidError."""
    start, _, end = text.partition("-")
    first, last = parse_clock(start), parse_clock(end)
    if first is None or last is None or first >= last:
        raise InvalidError("geen tijd als 09:00-13:00", "shifts")
    return Shift(first, last)


def show_shift(shift: Shift) -> str:
    """The same back."""
    return f"{show_clock(shift.start)}-{show_clock(shift.end)}"


def check_day(day: RosterDay) -> RosterDay:
    """The day with its shifts in order. Raises InvalidError."""
    shifts = sorted(day.shifts)
    if len(shifts) > MOST_SHIFTS:
        raise InvalidError(f"hoogstens {MOST_SHIFTS} diensten op een dag", "shifts")
    if any(not 0 <= one.start < one.end <= 1440 for one in shifts):
        raise InvalidError("het einde komt na het begin", "shifts")
    if any(first.end > second.start for first, second in pairwise(shifts)):
        raise InvalidError("deze diensten overlappen elkaar", "shifts")
    return replace(day, shifts=tuple(shifts))


def copied(days: Iterable[RosterDay], weeks: Sequence[date], there: Iterable[RosterDay]) -> list[RosterDay]:
    """One week's shifts in each of other weeks (their Mondays). Nobody's absence is copied, and no day of which
    something is kept already is touched."""
    before = {(one.user, one.day): one for one in there}
    made = []
    for one in days:
        for monday in weeks:
            target = monday + timedelta(days=one.day.weekday())
            known = before.get((one.user, target))
            if one.shifts and (known is None or not known.kept):
                version = 0 if known is None else known.version
                made.append(RosterDay(user=one.user, day=target, shifts=one.shifts, version=version))
    return made


def share_of(shifts: Iterable[Shift], at: time) -> float:
    """Which part of the half-hour that begins at `at` these shifts cover: 0 to 1."""
    begin = at.hour * 60 + at.minute
    return sum(max(0, min(one.end, begin + 30) - max(one.start, begin)) for one in shifts) / 30


def read_file(text: str, users: Mapping[str, UserId]) -> RosterFile:
    """Days out of a CSV with a heading, a row for each shift; `users` by login, in small letters.

    Separators are semicolons, commas or tabs. Raises InvalidError when a column is missing or it is too long.
    """
    lines = text.removeprefix("\ufeff").splitlines()
    if len(lines) > MOST_ROWS:
        raise InvalidError(f"hoogstens {MOST_ROWS} regels", "csv")
    heading = lines[0] if lines else ""
    separator = max(";,\t", key=heading.count)
    rows = csv.reader(lines, delimiter=separator)
    columns = [_COLUMNS.get(name.strip().lower(), "") for name in next(rows, [])]
    for needed in _NEEDED:
        if needed not in columns:
            raise InvalidError("deze kolom ontbreekt", needed)
    found: dict[tuple[UserId, date], RosterDay] = {}
    faults: list[RowFault] = []
    for number, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        cells = {name: cell.strip() for name, cell in zip(columns, row, strict=False) if name}
        fault = _take(cells, users, found)
        if fault is not None:
            faults.append(RowFault(row=number, column=fault[0], code=fault[1]))
    return RosterFile(list(found.values()), faults)


def _take(
    cells: Mapping[str, str], users: Mapping[str, UserId], found: dict[tuple[UserId, date], RosterDay]
) -> tuple[str, str] | None:
    """One row into `found`; else the column and what is wrong."""
    user, day = users.get(cells.get("login", "").lower()), parse_date(cells.get("day", ""))
    if user is None:
        return "login", "unknown"
    if day is None:
        return "day", "format" if cells.get("day") else "missing"
    away = cells.get("away", "").lower()
    if away not in _YES | _NO:
        return "away", "format"
    key = (user, day)
    before = found.get(key)
    if away in _YES:
        if before is not None:
            return "day", "twice"
        found[key] = RosterDay(user=user, day=day, away=True)
        return None
    if before is not None and before.away:
        return "day", "twice"
    times = {name: parse_clock(cells.get(name, "")) for name in ("start", "end")}
    for name, minutes in times.items():
        if minutes is None:
            return name, "format" if cells.get(name) else "missing"
    start, end = times["start"] or 0, times["end"] or 0
    if start >= end:
        return "end", "order"
    shifts = () if before is None else before.shifts
    try:
        found[key] = check_day(RosterDay(user=user, day=day, shifts=(*shifts, Shift(start, end))))
    except InvalidError:
        return "start", "overlap"
    return None
