"""What pacing has learned, as curves that a person can look at. Pure; shares are 0 to 1, times are seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dialer.pacing.curves import RING_BINS, Rings, Spells, ended_within, picked_up, prior_rings, prior_wraps
from dialer.pacing.learned import EVIDENCE, PARTS, TALKS, Model, part_usual

RING_SECONDS = tuple(range(RING_BINS + 1))
WRAP_SECONDS = tuple(range(0, 301, 10))
_FEWEST_PART = 12.0  # expected answers under which a part of the day says nothing yet


@dataclass(frozen=True, slots=True, kw_only=True)
class RingCurve:
    """Who has picked up after so many seconds (`RING_SECONDS`)."""

    anybody: tuple[float, ...]
    person: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapCurve:
    """Who has finished the wrap-up after so many seconds (`WRAP_SECONDS`), by how long the conversation was."""

    talked_from: float
    talked_until: float | None  # None: however long
    seen: int  # wrap-ups that it was learned from
    done: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """One campaign's model. Counts and curves, nothing of a person."""

    calls: int  # watched to their end
    needed: int  # of them, before more is dialled than are free
    level: float  # how readily people pick up now, against the curve
    rings: RingCurve
    rings_before: RingCurve  # what was thought before anything was seen
    wraps: tuple[WrapCurve, ...]
    wraps_before: tuple[float, ...]
    parts: tuple[float | None, ...]  # morning, afternoon, evening, Saturday: against the curve; None: too little seen


def learned(model: Model) -> Learned:
    """What there is to see of a model."""
    bounds = (0.0, *TALKS)
    return Learned(
        calls=int(model.watched),
        needed=int(EVIDENCE),
        level=model.level,
        rings=_rings(model.rings, model.level),
        rings_before=_rings(prior_rings(), 1.0),
        wraps=tuple(
            WrapCurve(
                talked_from=bounds[place],
                talked_until=None if place == len(TALKS) - 1 else TALKS[place],
                seen=round(max(sum(spells.ended) - sum(prior_wraps().ended), 0.0)),
                done=_done(spells),
            )
            for place, spells in enumerate(model.wraps)
        ),
        wraps_before=_done(prior_wraps()),
        parts=tuple(
            part_usual(model, part) if model.part_expected[part] >= _FEWEST_PART else None for part in range(PARTS)
        ),
    )


def _rings(rings: Rings, level: float) -> RingCurve:
    anybody, person = picked_up(rings, level)
    return RingCurve(anybody=_rounded(anybody), person=_rounded(person))


def _done(spells: Spells) -> tuple[float, ...]:
    return _rounded([ended_within(spells, float(seconds)) for seconds in WRAP_SECONDS])


def _rounded(values: Sequence[float]) -> tuple[float, ...]:
    return tuple([round(value, 4) for value in values])
