"""What the API asks of the running centre, and what it may show of it. `services/` implements this.

Views hold pseudonymous ids and display names of staff only; a resident's data comes from `services.people` by role.
Times in views are wall time in unix seconds.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol
from uuid import UUID

from dialer.domain.ids import AttemptId, CampaignId, CaseId, DeliveryId, PhoneId, UserId
from dialer.domain.sites import MAIN
from dialer.services.ports.colleagues import ColleagueCallView
from dialer.services.ports.ears import ListenerView
from dialer.services.ports.transfers import TransferView


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapUp:
    """An unfinished wrap-up, with what helps its agent to remember which call it was."""

    attempt: AttemptId
    ended_at: datetime  # calendar time
    direction: str  # out | in
    outcome: str  # what stands so far: the machine's, or "" for none


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """A supervisor's words to one agent."""

    id: UUID
    text: str = field(repr=False)
    sender: str  # display name
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentView:
    """One agent as the screens show it."""

    user: UserId
    name: str
    state: str  # AgentState
    since: float
    reason: str
    wish: str  # "" | pause | off_duty: granted after the call and its wrap-up
    phone: str  # none | calling | ready | in_call | silent (no sound comes from it)
    attempt: AttemptId | None
    direction: str  # "" | out | in
    wrap_ups: Sequence[WrapUp]  # unfinished ones, the oldest first
    call_back: bool = False  # the call in hand is a request that the agent had dialled
    line_silent: bool = False  # the agent is in conversation, and no sound comes from the other's line
    phone_kind: str = ""  # browser | own; "" while none is chosen
    listener: ListenerView | None = None  # a supervisor who listens to the call, or is about to
    recording: str = ""  # RecordingState of the call in hand; "": it is not recorded, and nobody was asked
    transfer: TransferView | None = None  # the call in hand goes to somebody, or comes from a colleague
    colleague_call: ColleagueCallView | None = None  # with another agent, or how it ended, for a moment
    help_since: float | None = None  # asks for a colleague
    unread: int = 0  # messages that the agent has not read yet
    languages: Sequence[str] = ()  # beside Dutch
    skills: Sequence[str] = ()  # codes
    messages: Sequence[MessageView] = ()  # these, the oldest first; for the agent alone: see `of_another`


def of_another(view: AgentView) -> AgentView:
    """The view for anybody but the agent: how many messages, not what they say."""
    return replace(view, messages=())


@dataclass(frozen=True, slots=True, kw_only=True)
class CallView:
    """One live call."""

    attempt: AttemptId
    campaign: CampaignId
    case: CaseId | None
    direction: str
    state: str  # CallState
    agent: UserId | None
    since: float
    position: int | None  # in the inbound queue, 1 is next
    call_back: bool = False  # a request that an agent had dialled; of no case, as far as is known
    listener: ListenerView | None = None  # a supervisor who listens, or is about to


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignView:
    """A campaign that this process runs, and the present reason for what it does."""

    campaign: CampaignId
    state: str
    owned: bool  # this process holds the lease
    in_window: bool
    reason: str  # code of the first rule that holds calls back, "" when dialling
    started_last: int  # dials started by the last decision


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorView:
    """The whole site at one moment."""

    at: float
    link_up: bool
    database_up: bool
    stopped: bool  # an emergency stop stands
    agents: Sequence[AgentView]
    calls: Sequence[CallView]
    campaigns: Sequence[CampaignView]
    site: str = MAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceGrant:
    """SIP account for a softphone; the secret is shown once and replaced at each grant."""

    username: str
    secret: str = field(repr=False)
    domain: str
    sip_port: int
    transport: str  # udp; tls: sound must be encrypted too (SRTP, its keys by SDES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """What an agent files at wrap-up. `note` is personal data."""

    outcome: str
    flags: Sequence[str] = ()
    note: str = field(default="", repr=False)
    appointment_at: datetime | None = None  # calendar time, aware
    phone_closed: PhoneId | None = None
    answers: Mapping[str, str] = field(default_factory=dict)  # need for help and other structured answers
    confirmed: bool = False  # the second key of outcomes that ask for one
    slot: UUID | None = None  # a time that the client offers, instead of `appointment_at`
    confirm_by: str = ""  # domain.notices.Via: the resident asked for it
    confirm_to: str = field(default="", repr=False)


class Desk(Protocol):
    """Agents' and supervisors' hands on the running centre. Errors are DialerErrors."""

    async def device(self, user: UserId) -> DeviceGrant:
        """Make or re-key the agent's SIP account."""
        ...

    async def on_duty(self, user: UserId) -> AgentView:
        """Begin duty: the softphone is rung, then the agent is available."""
        ...

    async def off_duty(self, user: UserId) -> AgentView:
        """End duty, after the present call and its wrap-up."""
        ...

    async def pause(self, user: UserId, reason: str) -> AgentView:
        """Pause, after the present call and its wrap-up."""
        ...

    async def resume(self, user: UserId) -> AgentView:
        """Be available again, or take the wish back."""
        ...

    async def ask_help(self, user: UserId) -> AgentView:
        """Every supervisor sees that this agent asks for a colleague, until he is ready again."""
        ...

    async def hang_up(
        self, user: UserId, attempt: AttemptId, flags: Collection[str] = (), *, no_survey: bool = False
    ) -> AgentView:
        """End the conversation; wrap-up begins. The resident may be asked two questions then.

        `flags`: what the agent has marked so far; `no_survey`: the resident does not want to be asked, now or later.
        """
        ...

    async def voicemail(self, user: UserId, attempt: AttemptId) -> AgentView:
        """One key: a machine or an announcement answered. Hangs up, files VOICEMAIL, ready again."""
        ...

    async def file(self, user: UserId, attempt: AttemptId, filing: Filing) -> AgentView:
        """File the outcome. Returns only after it is committed; the same filing again is no error."""
        ...

    async def undo(self, user: UserId, attempt: AttemptId) -> AgentView:
        """Take the agent's own filing back, for a while: its wrap-up comes back as soon as the hands are free."""
        ...

    def agent(self, user: UserId) -> AgentView:
        """The agent now."""
        ...

    def floor(self) -> FloorView:
        """Everything now."""
        ...


class EngineControl(Protocol):
    """Told after a change is committed, so that it takes effect at once."""

    async def campaign_changed(self, campaign: CampaignId) -> None:
        """State, calendar or settings are new: stop rings if need be, dial or hold."""
        ...

    async def delivery_recalled(self, delivery: DeliveryId) -> None:
        """Cut what is in ring for its residents; conversations go on."""
        ...

    async def case_changed(self, case: CaseId) -> None:
        """A case was closed, withdrawn or held: cut its ring."""
        ...
