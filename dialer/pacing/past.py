"""What was decided in some minutes of a day, out of its journal: what was started, why not more, by which settings.

Reads what `journal.Recorder` wrote; decides nothing again, so a journal of another release can be read too. Pure.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from dialer.domain.errors import InvalidError
from dialer.pacing.view import Decision, Held, Mode, Reasons, Settings

_DECISION = '["d",{"now":'
_CARRIED = ("inbound_waiting", "appointments_due")
_MARKS = tuple(f'"{name}"' for name in _CARRIED)


class Step(NamedTuple):
    """One decision that did something, or a row of decisions alike that did nothing."""

    at: float  # wall seconds
    until: float  # of the last of the row; `at` for a single one
    decisions: int
    decision: Decision  # of the first; `cancel` are the journal's own numbers
    inbound_waiting: int
    appointments_due: int
    settings: int  # place in `Past.settings`


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """Some minutes of one campaign."""

    steps: tuple[Step, ...] = ()
    settings: tuple[Settings, ...] = ()  # in the order in which they came into force
    decisions: int = 0
    started: int = 0
    hung_up: int = 0
    held: Mapping[Held, int] = field(default_factory=dict)  # why not more -> decisions
    more: bool = False  # there were more steps than were asked for; the sums are of all


def look_back(lines: Iterable[str], since: float, until: float, most: int) -> Past:
    """Decisions from `since` to before `until` (wall seconds), the first `most` steps.

    Raises InvalidError (`field` "line") for what is no journal.
    """
    reader = _Reader(since, until, most)
    for number, line in enumerate(lines, 1):
        try:
            reader.read(line)
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise InvalidError(f"line {number} is not of a journal", field="line") from error
    return reader.past()


class _Reader:
    """Follows a journal; takes apart only the lines that matter, for a day has hundreds of thousands."""

    def __init__(self, since: float, until: float, most: int) -> None:
        self._since, self._until, self._most = since, until, most
        self._now: Settings | None = None
        self._settings: list[Settings] = []
        self._carried = dict.fromkeys(_CARRIED, 0)
        self._steps: list[Step] = []
        self._held: Counter[Held] = Counter()
        self._decisions = self._started = self._hung_up = 0
        self._more = False

    def read(self, line: str) -> None:
        if line.startswith(_DECISION):
            end = min(place for place in (line.find(",", 12), line.find("}", 12)) if place > 0)
            now = float(line[len(_DECISION) : end])
            within = self._since <= now < self._until
            if not within and not any(mark in line for mark in _MARKS):
                return
            _, moment, decision = json.loads(line)
            self._carried |= {name: moment[name] for name in _CARRIED if name in moment}
            if within:
                self._take(now, _decision(decision))
        elif line.startswith('["m"'):
            given = json.loads(line)[2]
            self._now = Settings(**{**given, "mode": Mode(given["mode"])})
        elif line.startswith('["h"'):
            self._carried = dict.fromkeys(_CARRIED, 0)
        elif not line.startswith('["e"'):
            raise ValueError("no line of a journal")

    def _take(self, now: float, decision: Decision) -> None:
        self._decisions += 1
        self._started += decision.start
        self._hung_up += len(decision.cancel)
        self._held[decision.reasons.held] += 1
        in_force = self._now or Settings()
        if not self._settings or self._settings[-1] != in_force:
            self._settings.append(in_force)
        place = len(self._settings) - 1
        step = Step(now, now, 1, decision, self._carried["inbound_waiting"], self._carried["appointments_due"], place)
        if self._steps and _alike(self._steps[-1], step):
            before = self._steps[-1]
            self._steps[-1] = before._replace(until=now, decisions=before.decisions + 1)
        elif len(self._steps) < self._most and not self._more:
            self._steps.append(step)
        else:
            self._more = True

    def past(self) -> Past:
        return Past(
            steps=tuple(self._steps),
            settings=tuple(self._settings),
            decisions=self._decisions,
            started=self._started,
            hung_up=self._hung_up,
            held=dict(self._held.most_common()),
            more=self._more,
        )


def _decision(data: list[Any]) -> Decision:
    start, cancel, ask_again, reasons = data
    return Decision(
        start=start, cancel=tuple(cancel), ask_again=ask_again, reasons=Reasons(Held(reasons[0]), *reasons[1:])
    )


def _alike(before: Step, step: Step) -> bool:
    """Nothing was done twice, for the same reason."""
    one, other = before.decision, step.decision
    idle = not (one.start or one.cancel or other.start or other.cancel)
    why, since = one.reasons, other.reasons
    same = (why.held, why.mode, why.surprise, why.idle) == (since.held, since.mode, since.surprise, since.idle)
    return idle and same and before.settings == step.settings
