"""Learning in a process of its own: attempts come in on standard input, the learned state goes out on standard output.

One line of JSON a batch. Started by `dialer.services.learning`; it knows no database and no secret.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from dialer.schedule.model import NumberKind, Past
from dialer.schedule.planner.product import result_of
from dialer.schedule.planner.state import to_json, train
from dialer.schedule.planner.values import Attempt, Contact, Record
from dialer.services.ports.learning import Told


def records(told: Iterable[Told]) -> list[Record]:
    """Whole cases. Only numbers that were tried: the others teach nothing."""
    return [_record(case, list(rows)) for case, rows in groupby(told, key=lambda row: row.case)]


def _record(case: int, rows: Sequence[Told]) -> Record:
    kinds = {row.number: NumberKind(row.kind) for row in rows if row.number >= 0}
    contact = Contact(id=case, arrival=_time(rows[0].arrival), kinds=tuple(kinds[n] for n in sorted(kinds)))
    return Record(contact=contact, attempts=tuple(_attempt(row) for row in rows))


def _attempt(row: Told) -> Attempt:
    number = row.number if row.number >= 0 else None  # a call-back that was asked for is not a try of ours
    past = Past(number=number, at=_time(row.at), outcome=row.outcome, counted=number is not None, lives=row.lives)
    return Attempt(contact=row.case, number=number, at=past.at, result=result_of(past, reached=row.reached))


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def trained(told: Iterable[Told]) -> dict[str, Any]:
    """The state that these attempts teach."""
    return to_json(train(records(told)))


def main() -> int:
    """Read batches until the end, learn, say what was learned."""
    os.nice(19)  # calls come first
    told = [Told(*row) for line in sys.stdin for row in json.loads(line)]
    json.dump(trained(told), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
