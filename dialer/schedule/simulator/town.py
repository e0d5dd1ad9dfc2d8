"""Populations: how invented residents live, drawn from a seed.

A resident's chance to pick up is a logit over weekday and half-hour: the curve of a habit, his own bumps and weekdays,
his own day-parts or smooth curve, a level, moods that last, spells away, and annoyance by many attempts. Shares of
number states: domain assumptions (mobile right 82 %, dead 7, somebody else's 6, unattended 5; fixed 62, 15, 11, 12).
"""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property

from dialer.schedule.model import NumberKind
from dialer.schedule.planner.values import Contact
from dialer.schedule.windows import Calendar, local

HALVES = 26
"""Half-hours of a day that habits know: 08:00 to 21:00."""

PARTS = ("morning", "noon", "afternoon", "dusk", "evening", "saturday")
Curve = Sequence[float]


def half_of(at: datetime) -> int:
    """The half-hour of `at` by the local clock, 0 from 08:00 on."""
    clock = local(at)
    return min(max((clock.hour - 8) * 2 + clock.minute // 30, 0), HALVES - 1)


def _part(hour: float) -> str:
    return PARTS[bisect_right((12, 14, 17, 19), hour)]


def curve(*points: tuple[float, float]) -> Curve:
    """A curve over the half-hours through (hour, value) points, straight between them."""
    found = []
    for half in range(HALVES):
        hour = 8.25 + half / 2
        left = max((p for p in points if p[0] <= hour), default=points[0])
        right = min((p for p in points if p[0] > hour), default=points[-1])
        share = 0.0 if right[0] <= left[0] else (hour - left[0]) / (right[0] - left[0])
        found.append(left[1] + share * (right[1] - left[1]))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """A way of life: log-odds added over a weekday and a Saturday, with days that differ."""

    weekday: Curve
    saturday: Curve
    free_day: float = 0.0  # share that is at home on one weekday as on Saturday


WORKER = Habit(
    weekday=curve((8, -1.2), (12, -0.9), (12.5, -0.3), (13.5, -1.2), (16.5, -1.0), (17.5, 0.6), (19, 0.9), (21, 0.5)),
    saturday=curve((9, -0.2), (11, 0.7), (17, 0.3)),
    free_day=0.35,
)
HOME = Habit(
    weekday=curve((8, -0.4), (10, 0.8), (12, 0.5), (14, 0.2), (16, 0.6), (18, 0.0), (21, -0.4)),
    saturday=curve((9, 0.0), (17, 0.2)),
)
LATE = Habit(  # sleeps in, works evenings
    weekday=curve((8, -2.0), (11, -0.6), (13, 0.9), (16, 0.8), (17.5, -0.8), (21, -1.4)),
    saturday=curve((9, -1.5), (13, 0.6), (17, 0.0)),
)
EARLY = Habit(  # early shift, home from three
    weekday=curve((8, -1.6), (14, -1.2), (15.5, 0.9), (18, 0.7), (20, -0.2), (21, -0.8)),
    saturday=curve((9, 0.5), (17, 0.1)),
    free_day=0.2,
)
LUNCH = Habit(  # picks up in breaks only
    weekday=curve((8, -1.0), (9.5, -1.2), (10.2, 0.3), (11, -0.9), (12.2, 1.2), (13, 0.9), (14, -1.2), (21, -0.9)),
    saturday=curve((9, -0.6), (17, -0.3)),
)
PARENT = Habit(  # school hours
    weekday=curve((8, -0.9), (9, 0.9), (11.5, 0.8), (14, 0.2), (15, -0.9), (19, -0.6), (20, 0.6), (21, 0.7)),
    saturday=curve((9, -0.4), (17, -0.2)),
    free_day=0.2,
)
ANY = Habit(weekday=curve((8, 0.0), (21, 0.0)), saturday=curve((9, 0.0), (17, 0.0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A population."""

    name: str
    habits: Mapping[str, tuple[float, Habit]]  # share, habit
    level: float  # log-odds of an average hour
    level_spread: float = 1.3
    amplitude: float = 1.7  # how much habits matter
    own_bumps: float = 0.8  # height of a resident's own good hours
    weekday_spread: float = 0.35
    blocks: float = 0.0  # spread of a resident's own day-parts (a multilevel logit)
    waves: float = 0.0  # spread of a resident's own smooth curve over the day
    mood: float = 0.5  # spread from day to day
    mood_lasts: float = 0.0  # correlation of a day's mood with that of the day before
    away: float = 0.25  # share that is away for a while
    away_days: tuple[int, int] = (5, 14)
    annoyance: float = 0.15  # log-odds lost for each attempt of the last week beyond two
    kinds: Sequence[tuple[float, tuple[str, ...]]] = ()
    states: Mapping[str, Sequence[float]] = field(  # right, dead, somebody else's, unattended
        default_factory=lambda: {"mobile": (0.82, 0.07, 0.06, 0.05), "fixed": (0.62, 0.15, 0.11, 0.12)}
    )
    fixed_shift: float = 0.2
    arrival_days: int = 8  # records arrive over this many days
    capacity: float = 0.45  # attempts a resident and day
    busy: float = 0.045
    busy_home: float = 0.5  # share of busy signals that tell that the resident is there


_KINDS = (
    (0.55, ("mobile",)),
    (0.12, ("fixed",)),
    (0.25, ("mobile", "fixed")),
    (0.08, ("mobile", "mobile")),
)
_MOBILE = ((0.85, ("mobile",)), (0.05, ("mobile", "fixed")), (0.1, ("mobile", "mobile")))
_BAD = {"mobile": (0.66, 0.12, 0.1, 0.12), "fixed": (0.45, 0.22, 0.15, 0.18)}

EVENINGS = Habit(  # a whole population: more at home in the evening
    weekday=curve((8, -0.9), (10, -0.3), (12, 0.0), (14, -0.2), (17, 0.1), (18.5, 0.6), (20, 0.6), (21, 0.2)),
    saturday=curve((9, -0.2), (11, 0.4), (17, 0.1)),
)
NOONS = Habit(  # a whole population: more at home from noon to four
    weekday=curve((8, -1.2), (10, -0.2), (11.5, 0.7), (14, 0.7), (16, 0.2), (17.5, -0.6), (21, -0.9)),
    saturday=curve((9, -0.9), (12, 0.3), (17, -0.1)),
)

_USUAL = Town(  # habits of groups
    name="typical",
    habits={"worker": (0.45, WORKER), "home": (0.2, HOME), "early": (0.1, EARLY), "parent": (0.1, PARENT)}
    | {"late": (0.05, LATE), "any": (0.1, ANY)},
    level=-2.5,
    level_spread=1.95,
    amplitude=1.5,
    mood=0.7,
    mood_lasts=0.6,
    away=0.4,
    away_days=(4, 14),
    annoyance=0.6,
    kinds=_KINDS,
    capacity=1.0,
)
_OTHER = replace(
    _USUAL,
    name="other-hours",
    habits={"late": (0.35, LATE), "lunch": (0.2, LUNCH), "parent": (0.2, PARENT), "worker": (0.15, WORKER)}
    | {"any": (0.1, ANY)},
    level=-2.7,
    level_spread=1.3,
    amplitude=1.8,
    kinds=_MOBILE,
)
_BLOCKS = replace(  # a multilevel logit: each resident's own day-parts, and much annoyance
    _USUAL,
    name="typical-blocks",
    habits={"any": (1.0, EVENINGS)},
    level=-2.5,
    level_spread=2.0,
    amplitude=1.2,
    blocks=0.9,
    own_bumps=0.2,
    mood=0.6,
    away=0.3,
    annoyance=0.9,
)
_WAVES = replace(  # each resident's own smooth curve, and moods that last
    _USUAL,
    name="typical-waves",
    habits={"any": (1.0, EVENINGS)},
    level=-2.45,
    level_spread=2.0,
    amplitude=1.4,
    waves=0.8,
    own_bumps=0.2,
    mood=1.0,
    mood_lasts=0.85,
    away_days=(5, 14),
    annoyance=0.4,
)
_OTHER_BLOCKS = replace(
    _BLOCKS,
    name="other-hours-blocks",
    habits={"any": (1.0, NOONS)},
    level=-2.65,
    level_spread=1.4,
    amplitude=1.3,
    blocks=1.2,
    kinds=_MOBILE,
)
_OTHER_WAVES = replace(
    _WAVES,
    name="other-hours-waves",
    habits={"any": (1.0, NOONS)},
    level=-2.8,
    level_spread=1.4,
    waves=1.0,
    kinds=_MOBILE,
)
TOWNS = {
    town.name: town
    for town in (
        _USUAL,
        _BLOCKS,
        _WAVES,
        _OTHER,
        _OTHER_BLOCKS,
        _OTHER_WAVES,
        replace(_USUAL, name="hard", level=-3.4, states=_BAD),
        replace(_BLOCKS, name="hard-blocks", level=-3.5, level_spread=1.9, states=_BAD),
        replace(_WAVES, name="hard-waves", level=-3.95, states=_BAD),
        Town(  # nobody's habits are those of a group
            name="own-ways",
            habits={"any": (1.0, ANY)},
            level=-3.0,
            own_bumps=2.0,
            weekday_spread=0.6,
            kinds=_KINDS,
        ),
        Town(  # hours hardly matter: what is left is not to do harm
            name="flat",
            habits={"any": (1.0, ANY)},
            level=-2.4,
            own_bumps=0.2,
            weekday_spread=0.1,
            mood=1.1,
            away=0.35,
            kinds=_KINDS,
        ),
        Town(  # few agents: the good half-hours are never enough
            name="scarce",
            habits={"worker": (0.6, WORKER), "home": (0.2, HOME), "lunch": (0.2, LUNCH)},
            level=-2.6,
            kinds=_KINDS,
            arrival_days=3,
            capacity=0.25,
        ),
    )
}
"""The populations by name."""


@dataclass(frozen=True, slots=True)
class Line:
    """One number of an invented resident."""

    kind: NumberKind
    state: str  # right | dead | other | unattended
    shift: float


class Resident:
    """An invented resident. Everything is drawn from `seed`, whatever the planner does."""

    def __init__(self, town: Town, name: int, arrival: datetime, seed: str, last: date) -> None:
        rng = random.Random(seed)  # noqa: S311 - a town is drawn, no secret
        self.town, self.name = town, name
        shares = [share for share, _ in town.habits.values()]
        self.habit = rng.choices([habit for _, habit in town.habits.values()], shares)[0]
        self.level = town.level + rng.gauss(0, town.level_spread)
        self.bumps = [
            (rng.uniform(8.5, 21), rng.uniform(0.5, 1.5), abs(rng.gauss(0, town.own_bumps))) for _ in range(2)
        ]
        self.weekdays = [rng.gauss(0, town.weekday_spread) for _ in range(6)]
        self.free = rng.randrange(5) if rng.random() < self.habit.free_day else None
        self.callback = rng.uniform(0.02, 0.05)
        start = arrival.date() + timedelta(days=rng.randrange(-town.away_days[1], 28))
        self.away = (
            (start, start + timedelta(days=rng.randint(*town.away_days)))
            if rng.random() < town.away
            else (date.max, date.max)
        )
        self.blocks = {part: rng.gauss(0, town.blocks) for part in PARTS}
        self.waves = [(rng.gauss(0, town.waves / turn**0.5), rng.uniform(0, math.tau)) for turn in (1, 2, 3)]
        kinds = rng.choices([k for _, k in town.kinds], [s for s, _ in town.kinds])[0]
        states = ("right", "dead", "other", "unattended")
        self.lines = [
            Line(NumberKind(k), rng.choices(states, town.states[k])[0], town.fixed_shift if k == "fixed" else 0.0)
            for k in kinds
        ]
        days = (last - arrival.date()).days + 1
        self._moods = [rng.gauss(0, town.mood)]
        fresh = math.sqrt(1 - town.mood_lasts**2)
        for _ in range(days - 1):
            self._moods.append(town.mood_lasts * self._moods[-1] + fresh * rng.gauss(0, town.mood))
        self.contact = Contact(id=name, arrival=arrival, kinds=tuple(line.kind for line in self.lines))

    @property
    def reachable(self) -> bool:
        """Whether any number is in service and the resident's."""
        return any(line.state == "right" for line in self.lines)

    @cached_property
    def _logits(self) -> list[list[float]]:
        return [self._day(weekday) for weekday in range(6)]

    def _day(self, weekday: int) -> list[float]:
        as_saturday = weekday == 5 or weekday == self.free
        base = self.habit.saturday if as_saturday else self.habit.weekday
        found = []
        for half in range(HALVES):
            hour = 8.25 + half / 2
            own = sum(height * math.exp(-(((hour - centre) / width) ** 2)) for centre, width, height in self.bumps)
            own += sum(a * math.cos(math.tau * n * hour / 16 + at) for n, (a, at) in enumerate(self.waves, 1))
            own += self.blocks["saturday" if as_saturday else _part(hour)]
            found.append(self.level + self.town.amplitude * base[half] + own + self.weekdays[weekday])
        return found

    def chance(self, line: int, at: datetime, recent: int) -> float:
        """The chance that the resident picks up this line at `at`, after `recent` attempts in the last week."""
        if self.lines[line].state != "right":
            return 0.0
        day = local(at).date()
        if self.away[0] <= day < self.away[1]:
            return 0.005
        mood = self._moods[(day - local(self.contact.arrival).date()).days]
        logit = self._logits[day.weekday()][half_of(at)] + mood + self.lines[line].shift
        logit -= self.town.annoyance * max(recent - 2, 0)
        return 1 / (1 + math.exp(-logit))


def people(town: Town, seed: int, count: int, first: date, calendar: Calendar, days: int) -> list[Resident]:
    """The residents of a town, by arrival."""
    rng = random.Random(f"{town.name}:{seed}:arrivals")  # noqa: S311 - as above
    open_days = [
        w for w in (calendar.window(first + timedelta(days=d)) for d in range(town.arrival_days + 7)) if w is not None
    ][: town.arrival_days]
    arrivals = sorted(rng.choice(open_days).start for _ in range(count))
    last = first + timedelta(days=days + town.arrival_days + 14)
    return [Resident(town, n, at, f"{town.name}:{seed}:{n}", last) for n, at in enumerate(arrivals)]
