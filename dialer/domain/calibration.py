"""Two sides judged the same records: how far they are apart. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from dialer.domain.scorecard import Points


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One side's. `outcome`: the right one, in its eyes."""

    score: int | None
    outcome: str
    points: Points


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Both sides' judgement of one record."""

    sample: UUID
    office: Judgement
    client: Judgement

    @property
    def apart(self) -> int | None:
        """Our score minus the client's; None where one side had nothing to score."""
        if self.office.score is None or self.client.score is None:
            return None
        return self.office.score - self.client.score


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionApart:
    """One criterion. `alike`: both gave the same; `of`: both judged it."""

    code: str
    alike: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """All pairs together. `higher`: whole points by which our scores lie above the client's on average, half up."""

    records: int
    outcome_alike: int
    higher: int | None
    criteria: Sequence[CriterionApart]


def calibrate(pairs: Sequence[Pair]) -> Calibration:
    """Criteria that only one side's card has do not count; those least alike come first."""
    apart = [one.apart for one in pairs if one.apart is not None]
    tallies: dict[str, list[bool]] = {}
    for one in pairs:
        for code, given in one.office.points.items():
            theirs = one.client.points.get(code)
            if given is not None and theirs is not None:
                tallies.setdefault(code, []).append(given == theirs)
    criteria = [CriterionApart(code=code, alike=sum(same), of=len(same)) for code, same in tallies.items()]
    return Calibration(
        records=len(pairs),
        outcome_alike=sum(one.office.outcome == one.client.outcome for one in pairs),
        higher=(2 * sum(apart) + len(apart)) // (2 * len(apart)) if apart else None,
        criteria=sorted(criteria, key=lambda one: (one.alike / one.of, one.code)),
    )
