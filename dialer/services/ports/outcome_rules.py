"""The rules of a campaign's outcomes: read, tried, changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from dialer.domain.ids import CampaignId, CaseId, UserId
from dialer.domain.outcome import Catalogue
from dialer.schedule.outcome_rules import Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRule:
    """One outcome's step, in its JSON form, and what it may become."""

    code: str
    label: str
    editable: bool
    step: Mapping[str, Any]
    kinds: Sequence[str]
    thens: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRules:
    """A campaign's rules. `waiting`: cases that the last change has not come to yet."""

    version: int
    waiting: int
    items: Sequence[OutcomeRule]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptVersion:
    """A version that the campaign has or had. `by`: a name, "" for the service itself."""

    version: int
    at: datetime
    by: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesVersion:
    """A kept version with the steps that a supervisor may change, in their JSON form."""

    version: int
    at: datetime
    by: str
    note: str
    steps: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesChanged:
    """What a change does to the open cases, or would do. `version` None: it was only tried."""

    version: int | None
    moved: int
    closed: int
    same: int
    estimated: bool  # reckoned from a sample


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesWrite:
    """A change to be kept."""

    campaign: CampaignId
    base: int  # the version that was changed
    catalogue: Catalogue
    note: str
    actor: str
    user: UserId | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """A change that has not come to every case yet."""

    campaign: CampaignId
    version: int
    base: int


class OutcomeRuleStore(Protocol):
    """One method is one transaction."""

    async def current(self, campaign: CampaignId) -> tuple[int, int]:
        """The campaign's version, and how many living cases have another. Raises NotFoundError."""
        ...

    async def history(self, campaign: CampaignId, most: int) -> Sequence[KeptVersion]:
        """What the campaign has and had, the newest first."""
        ...

    async def next_version(self) -> int:
        """A version that nobody has."""
        ...

    async def affected(
        self, campaign: CampaignId, codes: Collection[str], most: int
    ) -> tuple[int, int, Sequence[CaseId]]:
        """Open cases; those of them that had one of these outcomes; and a random `most` of the latter."""
        ...

    async def effects(self, cases: Sequence[CaseId], new: Catalogue, at: datetime) -> Sequence[Effect]:
        """What the new rules would do to these."""
        ...

    async def keep(self, write: RulesWrite) -> bool:
        """Store the version and give it to the campaign; False when the campaign has not `base` any more."""
        ...

    async def unfinished(self) -> Sequence[Unfinished]:
        """The oldest first."""
        ...

    async def slice(
        self, change: Unfinished, codes: Collection[str], after: CaseId | None, most: int
    ) -> Sequence[tuple[CaseId, bool]]:
        """Cases with another version, in order of id, and whether they had one of these outcomes."""
        ...

    async def adopt(self, change: Unfinished, codes: Collection[str], cases: Sequence[CaseId]) -> None:
        """These cases, as far as they had none of these outcomes, get the new version; their plans stay."""
        ...

    async def resettle(self, change: Unfinished, new: Catalogue, cases: Sequence[CaseId], at: datetime) -> None:
        """These cases get the new version, and a new plan where the rules ask for one."""
        ...

    async def finish(self, change: Unfinished, at: datetime) -> bool:
        """Note that every case has it; False when some have not, or a delivery is still being loaded."""
        ...
