"""Samples of records, what reviewers found, coaching, trends. Days are Amsterdam dates, times aware UTC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple, Protocol
from uuid import UUID

from dialer.domain.calibration import Pair
from dialer.domain.coaching import CoachingEvent, CoachingState
from dialer.domain.errors import ConflictError
from dialer.domain.ids import AttemptId, CampaignId, CaseId, ClientId, DeliveryId, UserId
from dialer.domain.question import Side
from dialer.domain.sample import Candidate, Drawn
from dialer.domain.scorecard import Criterion, Points
from dialer.services.ports.people import Box


class ReviewedError(ConflictError):
    """This side has reviewed the record: a review stays as it was given."""

    code = "already-reviewed"


class Correction(StrEnum):
    """How far the wish of a review to correct the outcome is."""

    NONE = "none"  # the outcome is right
    WANTED = "wanted"  # will be carried out, once more after a failure
    DONE = "done"
    REFUSED = "refused"  # the ledger does not allow it
    PROPOSED = "proposed"  # by the client's reviewer: our people decide


@dataclass(frozen=True, slots=True, kw_only=True)
class DayToDraw:
    """A client whose day is not drawn yet."""

    client: ClientId
    day: date
    per_agent: int
    new_agent_days: int
    new_script_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDraw:
    """A draw as stored: what is needed to do it again."""

    seed: str
    per_agent: int
    population: Sequence[Candidate]


class SampleStore(Protocol):
    """Draws. One method is one transaction."""

    async def to_draw(self, last: date, most: int) -> Sequence[DayToDraw]:
        """Days up to `last` that were not drawn, at most the `most` latest of each client."""
        ...

    async def population(self, which: DayToDraw) -> Sequence[Candidate]:
        """What was filed on that day and is in no sample."""
        ...

    async def keep(self, which: DayToDraw, kept: KeptDraw, drawn: Sequence[tuple[UUID, Drawn]], at: datetime) -> bool:
        """All of it or nothing; False when the day was drawn meanwhile."""
        ...

    async def kept(self, client: ClientId, day: date) -> KeptDraw:
        """Raises NotFoundError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """A client's card. `version` 0: the shipped one."""

    client: ClientId
    version: int
    criteria: Sequence[Criterion]


class ScorecardStore(Protocol):
    """Cards in versions that never change."""

    async def card(self, client: ClientId, version: int | None = None) -> Scorecard:
        """The newest, or that version. Raises NotFoundError."""
        ...

    async def save(
        self, client: ClientId, version: int, criteria: Sequence[Criterion], at: datetime, user: UserId, actor: str
    ) -> bool:
        """A new version after `version`; False when that is not the newest. Raises NotFoundError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleLine:
    """A record of the sample, for one side. `outcome`: when it was drawn."""

    id: UUID
    client: ClientId
    campaign: CampaignId
    day: date
    attempt: AttemptId
    case: CaseId | None
    agent: UserId | None
    agent_name: str
    outcome: str
    outcome_now: str | None
    reasons: Sequence[str]
    priority: int  # 2 first, 0 last
    mine: bool  # this side has reviewed it
    theirs: bool
    score: int | None  # this side's


class SamplePlace(NamedTuple):
    """Where a page of lines ended."""

    day: date
    priority: int
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingLine:
    """What was filed when: the versions of a record's outcome."""

    kind: str  # filed | recoded | undone
    at: datetime
    by: str
    outcome: str | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a reviewer sees of the call beside the line."""

    direction: str
    began_at: datetime
    talk_seconds: int | None
    recorded: bool
    verified: bool | None
    flags: Sequence[str]
    answers: Mapping[str, str]
    filings: Sequence[FilingLine]
    catalogue_version: int
    note: Box | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoachingRow:
    """A coaching item with its boxes."""

    id: UUID
    review: UUID
    agent: UserId
    coach: UserId
    coach_name: str
    state: CoachingState
    opened_at: datetime
    changed_at: datetime
    text: Box | None = field(repr=False)
    answer: Box | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRow:
    """What one side found."""

    id: UUID
    sample: UUID
    side: Side
    by: UserId
    by_name: str
    at: datetime
    card_version: int
    points: Points
    score: int | None
    right_outcome: bool
    wanted: str | None
    reason: str
    correction: Correction


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleKeys:
    """What seals a text about this record. `delivery` None: the call belongs to none."""

    client: ClientId
    client_key: bytes = field(repr=False)
    delivery: DeliveryId | None
    delivery_key: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCoaching:
    """A coaching item that comes with a review."""

    id: UUID
    delivery: DeliveryId | None
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReview:
    """What somebody found."""

    id: UUID
    sample: UUID
    side: Side
    user: UserId
    actor: str
    at: datetime
    card_version: int
    points: Points
    score: int | None
    wanted: str | None
    reason: str
    correction: Correction
    coaching: NewCoaching | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A correction that a review wants."""

    review: UUID
    attempt: AttemptId
    outcome_now: str | None
    user: UserId
    wanted: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnReview:
    """A review as the agent who called sees it."""

    row: ReviewRow
    client: ClientId
    campaign: CampaignId
    day: date
    outcome: str
    coaching: CoachingRow | None


class ReviewStore(Protocol):
    """One method is one transaction; every change leaves its audit line in it. `side` is who asks."""

    async def lines(
        self, client: ClientId | None, side: Side, done: bool | None, after: SamplePlace | None, limit: int
    ) -> Sequence[SampleLine]:
        """The newest day first, within it the most urgent. `done`: reviewed by this side; `after`: the page before."""
        ...

    async def line(self, sample: UUID, side: Side) -> SampleLine:
        """Raises NotFoundError."""
        ...

    async def record(self, sample: UUID) -> Record:
        """Raises NotFoundError."""
        ...

    async def keys(self, sample: UUID) -> SampleKeys:
        """Raises NotFoundError."""
        ...

    async def reviews(self, sample: UUID) -> Sequence[ReviewRow]:
        """Of both sides."""
        ...

    async def coaching_of(self, review: UUID) -> CoachingRow | None:
        """The item that came with it."""
        ...

    async def add(self, review: NewReview) -> None:
        """Raises ReviewedError when this side has reviewed it."""
        ...

    async def to_correct(self, before: datetime) -> Sequence[Pending]:
        """Wishes of reviews older than that."""
        ...

    async def settle(self, review: UUID, correction: Correction) -> None:
        """How the correction went."""
        ...

    async def of_agent(self, agent: UserId, limit: int) -> Sequence[OwnReview]:
        """Our own side's, the latest first."""
        ...

    async def coaching(self, item: UUID) -> tuple[CoachingRow, SampleKeys]:
        """Raises NotFoundError."""
        ...

    async def move(
        self, item: UUID, event: CoachingEvent, at: datetime, actor: str, answer: NewCoaching | None
    ) -> None:
        """Raises NotFoundError, IllegalTransitionError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendLine:
    """A week of one agent, or (`agent` None) of the team. `week`: its Monday; `score`: mean, whole points."""

    agent: UserId | None
    agent_name: str
    week: date
    reviewed: int
    score: int | None
    right: int  # outcomes found right: First Time Right is right / reviewed


class TrendStore(Protocol):
    """What reviews add up to."""

    async def trends(self, client: ClientId | None, since: date) -> Sequence[TrendLine]:
        """Our own side's reviews; the team's lines first, then by agent and week."""
        ...

    async def pairs(self, client: ClientId, since: date) -> Sequence[Pair]:
        """Records that both sides reviewed, the latest first."""
        ...
