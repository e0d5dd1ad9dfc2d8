"""What the handlers ask of services that other modules implement. Errors are DialerErrors; `Viewer` is who asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from dialer.domain.ids import AttemptId, CampaignId, CaseId, PhoneId, UserId
from dialer.domain.outcome import Catalogue
from dialer.services.campaign_terms import CampaignTerms
from dialer.services.pacing_models import KeptModel
from dialer.services.past_decisions import PastMinutes
from dialer.services.ports.campaigns import CampaignTried, CaseWhy, NewCampaign, Preflight, Why
from dialer.services.ports.export import ExportRun, Table
from dialer.services.ports.outcome_rules import OutcomeRules, RulesChanged, RulesVersion
from dialer.services.ports.people import Candidate, Card, Dossier, SaidIdentity, Verification, Viewer
from dialer.services.ports.previews import PreviewView, SkipReason
from dialer.services.reach_report import ReachReport


class People(Protocol):
    """Residents' data by role, each look audited."""

    async def card(self, attempt: AttemptId, viewer: Viewer) -> Card:
        """Before the identity check."""
        ...

    async def candidates(self, attempt: AttemptId, said_name: str, viewer: Viewer) -> Sequence[Candidate]:
        """Inbound, after a said name."""
        ...

    async def verify(
        self, attempt: AttemptId, said: SaidIdentity, viewer: Viewer, *, case: CaseId | None = None
    ) -> Verification:
        """Match or not."""
        ...

    async def dossier(self, attempt: AttemptId, viewer: Viewer) -> Dossier:
        """After a match in this attempt. Raises ForbiddenError with code not-verified before."""
        ...


class Exports(Protocol):
    """Results out."""

    async def create(self, campaign: CampaignId, kind: str, viewer: Viewer) -> ExportRun:
        """Full or delta."""
        ...

    async def table(self, export: UUID, viewer: Viewer) -> Table:
        """Its lines, the same each time."""
        ...

    async def confirm(self, export: UUID, viewer: Viewer) -> ExportRun:
        """The client has it."""
        ...


class WrapUps(Protocol):
    """Unfinished and corrected outcomes."""

    async def draft(self, user: UserId, attempt: AttemptId) -> Mapping[str, object] | None:
        """As last kept."""
        ...

    async def save_draft(self, user: UserId, attempt: AttemptId, draft: Mapping[str, object]) -> None:
        """Keep it."""
        ...

    async def recode(self, user: UserId, attempt: AttemptId, outcome: str, reason: str) -> None:
        """Correct a filed outcome."""
        ...


class Campaigns(Protocol):
    """Campaigns."""

    async def create(self, new: NewCampaign, actor: str) -> CampaignId:
        """In state draft."""
        ...

    async def update(self, campaign: CampaignId, version: int, change: Mapping[str, object], actor: str) -> None:
        """Raises ChangedSinceError."""
        ...

    async def try_change(self, campaign: CampaignId, change: Mapping[str, object]) -> CampaignTried:
        """What the change would do to the next attempts."""
        ...

    async def set_state(self, campaign: CampaignId, state: str, actor: str) -> None:
        """Raises ConflictError with code preflight when it may not start."""
        ...

    async def set_agents(self, campaign: CampaignId, users: Sequence[UserId], actor: str) -> None:
        """Who works for it."""
        ...

    async def preflight(self, campaign: CampaignId, language: str) -> Preflight:
        """The check."""
        ...

    async def terms(self, campaign: CampaignId, language: str, *, whole: bool) -> CampaignTerms:
        """Until when it calls."""
        ...

    async def test_call(self, campaign: CampaignId, number: str, actor: str) -> None:
        """Ring a staff number."""
        ...

    async def why(self, campaign: CampaignId, language: str) -> Why:
        """Why nothing is dialled."""
        ...

    async def why_case_then(self, case: CaseId, at: datetime, language: str) -> CaseWhy:
        """Of one resident, at a past moment."""
        ...

    async def why_case(self, case: CaseId, language: str) -> CaseWhy:
        """Why this resident is not called."""
        ...


class ProofCalls(Protocol):
    """Calls to our own people."""

    async def call(self, campaign: CampaignId, phone: UUID, actor: str) -> AttemptId:
        """Ring one of the client's staff phones now. Raises ConflictError with a code of its own."""
        ...


class Reach(Protocol):
    """Reports of reach."""

    async def report(self, campaign: CampaignId, language: str, *, whole: bool) -> ReachReport:
        """The newest. `whole` False: small counts are left out. Raises NotFoundError."""
        ...


class OutcomeRuleChanges(Protocol):
    """The rules of a campaign's outcomes."""

    async def rules(self, campaign: CampaignId, language: str) -> OutcomeRules:
        """As they are. Raises NotFoundError."""
        ...

    async def history(self, campaign: CampaignId) -> Sequence[RulesVersion]:
        """The newest first. Raises NotFoundError."""
        ...

    async def revise(
        self,
        campaign: CampaignId,
        base: int,
        steps: Mapping[str, Mapping[str, Any]],
        *,
        note: str,
        actor: str,
        user: UserId | None,
        dry_run: bool,
    ) -> RulesChanged:
        """Try a change, and keep it unless `dry_run`. Raises InvalidError, NotFoundError, ConflictError."""
        ...


class Catalogues(Protocol):
    """The outcome catalogue's versions."""

    async def latest(self) -> int:
        """The newest version."""
        ...

    async def get(self, version: int) -> Catalogue:
        """One version. Raises NotFoundError."""
        ...


class Cases(Protocol):
    """Steering single cases."""

    async def withdraw(self, case: CaseId, reason: str, actor: str) -> None:
        """By the client."""
        ...

    async def release(self, case: CaseId, reason: str, actor: str) -> None:
        """Held becomes open."""
        ...

    async def lift_opt_out(self, case: CaseId, reason: str, actor: str) -> None:
        """Asked to be called again."""
        ...

    async def unblock(self, case: CaseId, phone: PhoneId, reason: str, actor: str) -> None:
        """Lift a number's block."""
        ...

    async def merge(self, kept: CaseId, other: CaseId, reason: str, actor: str) -> None:
        """Both are one person's."""
        ...

    async def unmerge(self, other: CaseId, reason: str, actor: str) -> CaseId:
        """They were two after all; the case that was kept."""
        ...


class Callbacks(Protocol):
    """Call-back requests."""

    async def claim(self, callback: UUID, user: UserId) -> None:
        """Raises ConflictError when somebody else has it."""
        ...

    async def close(self, callback: UUID, user: UserId, *, done: bool) -> None:
        """Done or cancelled."""
        ...

    async def number(self, callback: UUID, user: UserId) -> str:
        """For the one who claimed it."""
        ...


class Previews(Protocol):
    """Residents whom an agent looks at before he has them called."""

    async def look(self, user: UserId, viewer: Viewer, *, following: bool = False) -> PreviewView:
        """What is held for him; else the next."""
        ...

    async def call(self, user: UserId, case: CaseId) -> AttemptId:
        """Raises ConflictError with the code of what stands in the way, UnavailableError."""
        ...

    async def skip(self, user: UserId, case: CaseId, reason: SkipReason) -> None:
        """Raises ConflictError with the code."""
        ...


class Messages(Protocol):
    """A supervisor's words to an agent."""

    async def send(self, user: UserId, text: str, *, sender: str, actor: str) -> None:
        """Raises ConflictError with the code of what stands in the way, UnavailableError."""
        ...

    async def read(self, user: UserId, message: UUID) -> None:
        """Twice is no error."""
        ...


class RingBack(Protocol):
    """Call-back requests that belong to no case, dialled at an agent's word."""

    async def call(self, callback: UUID, user: UserId) -> AttemptId:
        """Raises NotFoundError, ConflictError with the code of what stands in the way, UnavailableError."""
        ...


class PacingModels(Protocol):
    """What pacing has learned."""

    async def of(self, campaign: CampaignId) -> KeptModel | None:
        """None: nothing yet."""
        ...


class PastDecisions(Protocol):
    """Pacing's decisions of past days."""

    async def between(self, campaign: CampaignId, since: datetime, minutes: float) -> PastMinutes | None:
        """Some minutes from `since` on; None: no journal of that day was kept."""
        ...
