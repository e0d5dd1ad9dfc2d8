"""The ledger of attempts: claims, what happened to each call, and how an attempt closes. `storage/` implements it.

`at` is calendar time, `wall_at` wall time (aware UTC). One method is one transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from dialer.domain.call import Direction
from dialer.domain.ids import AttemptId, CampaignId, CaseId, ChannelId, ClientId, PhoneId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One attempt that is committed and may now leave."""

    attempt: AttemptId
    campaign: CampaignId
    client: ClientId
    case: CaseId | None  # None: a call-back, and nobody knows yet whose number it is
    phone: PhoneId | None
    number: str = field(repr=False)  # E.164; never logged
    agent: UserId | None  # reserved for it
    counted: bool
    seq: int  # 1..7 on this number, in this case; 0: not counted
    case_seq: int
    reason: Mapping[str, object]  # the planner's
    callback: UUID | None = None  # the request that is dialled
    proof: bool = False  # to one of our own people
    language: str = ""  # the resident's; "" not known


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimOrder:
    """Take up to `len(agents)` due cases of one campaign; each goes to the agent at the same place.

    With `unreserved`, up to so many are taken and go without an agent of their own, but for those that must have one
    (an appointment, a call-back, whoever met nobody before): as many of these as `agents` are named.
    """

    campaign: CampaignId
    owner: str  # lease owner; the claim fails unless it holds `epoch`
    epoch: int
    agents: Sequence[UserId]
    at: datetime
    wall_at: datetime
    unreserved: int = 0
    case: CaseId | None = None  # this one, which the agent looks at; no other
    speaks: Mapping[UserId, frozenset[str]] = field(default_factory=dict)  # of these agents, beside Dutch
    spoken: frozenset[str] = frozenset()  # by whoever serves the campaign: their residents wait for one of them

    @property
    def most(self) -> int:
        """Cases to take at most."""
        return self.unreserved or len(self.agents)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBackOrder:
    """Dial a call-back request that belongs to no case, for the agent who took it."""

    callback: UUID
    campaign: CampaignId
    owner: str  # lease owner; the claim fails unless it holds `epoch`
    epoch: int
    agent: UserId
    number: str = field(repr=False)  # E.164
    at: datetime
    wall_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofOrder:
    """Ring one of our own people, as residents of this campaign are rung."""

    phone: UUID  # of the client's staff phones
    campaign: CampaignId
    owner: str  # lease owner; the claim fails unless it holds `epoch`
    epoch: int
    agent: UserId | None  # reserved for it; None: whoever is free, else the message
    number: str = field(repr=False)  # E.164
    at: datetime
    wall_at: datetime
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFact:
    """One thing that happened to a call, for the ledger. `kind` is a CallEvent value or a service's own word."""

    attempt: AttemptId
    kind: str
    at: datetime
    wall_at: datetime
    actor: str  # user:<uuid> | engine | carrier | asterisk
    state: str  # CallState after it
    data: Mapping[str, object] = field(default_factory=dict)
    agent: UserId | None = None
    answer_to_agent_ms: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnd:
    """A call is over: what the signalling says of it. `result` None: an agent spoke and will file the outcome."""

    attempt: AttemptId
    at: datetime
    wall_at: datetime
    actor: str
    result: str | None  # machine outcome code, see domain.causes
    counted: bool  # False: our or the carrier's fault
    abandoned: bool
    cause: int
    sip_code: int
    ring_ms: float | None
    talk_ms: float | None
    wrap_up: bool  # True: a wrap-up of `agent` is open now
    agent: UserId | None
    ring_cut: bool = False  # we hung up while it rang, because it was about to meet nobody: an attempt all the same
    lost_ms: float | None = None  # a caller waited so long and met nobody; None: he met somebody, or we were closed


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundCall:
    """A caller, as an attempt of direction `in`, or `overflow`."""

    attempt: AttemptId
    channel: ChannelId
    client: ClientId
    campaign: CampaignId
    number: str | None = field(repr=False)
    case: CaseId | None
    at: datetime
    wall_at: datetime
    overflow: UUID | None = None  # of another team's queue: its line


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveAttempt:
    """An attempt that was live when the last owner stopped."""

    attempt: AttemptId
    direction: Direction
    campaign: CampaignId
    client: ClientId
    case: CaseId | None
    channel: ChannelId
    state: str
    agent: UserId | None
    claimed_wall: float
    answered_wall: float | None
    joined_wall: float | None
    number: str | None = field(repr=False)
    callback: UUID | None = None  # the request that an agent had dialled
    surveyed_wall: float | None = None  # the conversation was over then
    overflow: UUID | None = None  # the line of another team's queue on which it came


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Who runs a campaign, and the epoch that fences everybody before him."""

    name: str
    owner: str
    epoch: int
    expires_at: datetime  # wall


class LostLeaseError(Exception):
    """Somebody else runs this campaign now."""


class RuleForbidsError(Exception):
    """A rule forbids this dial."""

    def __init__(self, rule: str) -> None:
        """`rule`: as the database's guards name it, or `window`, `attempt_campaign_running`."""
        super().__init__(rule)
        self.rule = rule


class Ledger(Protocol):
    """Attempts and their events."""

    async def claim(self, order: ClaimOrder) -> Sequence[Claim]:
        """Commit up to `len(order.agents)` attempts; may return fewer. Raises LostLeaseError."""
        ...

    async def claim_callback(self, order: CallBackOrder) -> Claim:
        """Commit one attempt for a request that belongs to no case. Raises LostLeaseError, RuleForbidsError."""
        ...

    async def claim_proof(self, order: ProofOrder) -> Claim:
        """Commit one proof call. Raises LostLeaseError, RuleForbidsError."""
        ...

    async def append(self, facts: Sequence[CallFact]) -> None:
        """Append facts in order and bring the projection up to date. A fact already stored is skipped."""
        ...

    async def end(self, *ended: CallEnd) -> None:
        """Close calls: events, projections, and their cases' next attempts, in one transaction. Twice is once.

        A call-back request whose dial ends without a conversation is open again.
        """
        ...

    async def inbound(self, call: InboundCall) -> None:
        """Commit an inbound call."""
        ...

    async def live(self, campaigns: Sequence[CampaignId], but: Collection[AttemptId] = ()) -> Sequence[LiveAttempt]:
        """Attempts that the ledger believes to be live, without those in `but`."""
        ...

    async def take_lease(self, name: str, owner: str, seconds: float) -> Lease | None:
        """Take or renew the lease; None while another holds it. Taking it over raises the epoch.

        It runs by the database's clock, not by that of whoever asks.
        """
        ...

    async def drop_lease(self, name: str, owner: str) -> None:
        """Give it back at a clean stop."""
        ...
