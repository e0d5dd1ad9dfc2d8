"""Looking ahead in a process of its own: the plan of each open case to its end, and what chance that gives by when.

First line: model, calendar, caps, now and room. Then batches of cases. Answers with one chance a case and horizon.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from dialer.schedule.model import NumberKind
from dialer.schedule.planner.choose import Pace
from dialer.schedule.planner.forecast import ahead, chance_by
from dialer.schedule.planner.state import from_json
from dialer.schedule.planner.values import Attempt, Contact, Info, Record, Result
from dialer.schedule.planner.week import Grid
from dialer.schedule.windows import parse
from dialer.services.ports.reach import OpenCase

HORIZONS: Mapping[str, int | None] = {"day_14": 14, "day_28": 28, "end": None}
"""Days after the delivery; None: the end of planning."""


def to_wire(case: OpenCase) -> list[Any]:
    """A case as plain values."""
    record = case.record
    ends = record.ends_at
    return [
        record.contact.id,
        [kind.value for kind in record.contact.kinds],
        record.contact.arrival.timestamp(),
        None if ends is None else ends.timestamp(),
        sorted(record.shut),
        [[a.number, a.at.timestamp(), a.result.value] for a in record.attempts],
        case.start.timestamp(),
    ]


def from_wire(data: Sequence[Any]) -> OpenCase:
    """The case that `to_wire` gave."""
    key, kinds, arrival, ends, shut, attempts, start = data
    return OpenCase(
        record=Record(
            contact=Contact(id=key, arrival=_time(arrival), kinds=tuple(map(NumberKind, kinds))),
            attempts=tuple(Attempt(contact=key, number=n, at=_time(at), result=Result(r)) for n, at, r in attempts),
            ends_at=None if ends is None else _time(ends),
            shut=frozenset(shut),
        ),
        start=_time(start),
    )


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def chances(head: Mapping[str, Any], cases: Iterable[OpenCase]) -> dict[str, list[float]]:
    """By horizon, the chance of each case to be reached from now until then.

    `head`: `state`, `calendar`, `caps` (per number, day and case), `now`, `weight` (each case stands for so many) and
    `room`: attempts that can be made in an open hour, None when nobody has to wait.
    """
    model, calendar = from_json(head["state"]), parse(head["calendar"])
    per_number, per_day, per_case = head["caps"]
    info = Info(hours=calendar, max_per_number=per_number, max_per_day=per_day, max_per_case=per_case)
    grid, pace, now = Grid(calendar), Pace(busy_times=0), _time(head["now"])
    plans = [(case.record, ahead(model, pace, info, grid, case.record, max(case.start, now))) for case in cases]
    share = 1.0
    wanted = head["weight"] * sum(len(plan) for _, plan in plans)
    if head["room"] is not None and wanted:
        last = max(plan[-1][0] for _, plan in plans if plan)
        hours = sum((w.end - max(w.start, now)).total_seconds() / 3600 for w in calendar.upcoming(now, last))
        share = min(1.0, head["room"] * hours / wanted)
    found: dict[str, list[float]] = {}
    for name, days in HORIZONS.items():
        found[name] = [
            chance_by(plan, datetime.max.replace(tzinfo=UTC) if days is None else _horizon(record, days), share)
            for record, plan in plans
        ]
    return found


def _horizon(record: Record, days: int) -> datetime:
    return record.contact.arrival + timedelta(days=days)


def main() -> int:
    """Read head and batches until the end, look ahead, say the chances."""
    os.nice(19)  # calls come first
    head = json.loads(sys.stdin.readline())
    json.dump(chances(head, [from_wire(row) for line in sys.stdin for row in json.loads(line)]), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
