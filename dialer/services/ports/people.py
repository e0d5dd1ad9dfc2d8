"""Personal data as screens may have it, and who asks for it. `storage/` implements the store.

Nothing here holds an arrears before the identity check, or an exact amount at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from dialer.domain.ids import AttemptId, CampaignId, CaseId, ClientId, DeliveryId, PhoneId, ResidentId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who asks. `attempt`: the call that the running centre has given to this agent; the ledger may lag behind it."""

    actor: str  # user:<uuid> | token:<uuid> | cli
    user: UserId | None
    role: str  # of services.access.Role; `operator` on the machine itself
    client: ClientId | None  # set: sees this client only
    language: str = "nl"
    attempt: AttemptId | None = None


CLI = Viewer(actor="cli", user=None, role="operator", client=None)
"""Somebody with a shell on the machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What an agent has before the first word."""

    attempt: AttemptId
    direction: str  # out | in | proof | overflow
    case: CaseId | None
    salutation: str  # de heer | mevrouw | empty
    name: str = field(repr=False)
    number: str = field(repr=False)
    number_kind: str
    attempt_number: int | None
    language: str
    municipality: str
    neutral_name: str  # what residents hear of us; never tells the trade
    callback_number: str  # the client's, E.164
    campaign: CampaignId
    verified: bool | None
    interpreter: bool = False  # an earlier conversation said that one is needed, in this language
    surveys: bool = False  # conversations of this campaign may be followed by two questions
    records: bool = False  # they are recorded when the resident agrees
    call_back: bool = False  # dialled because somebody asked for it: nobody knows who, so the name comes first
    team: str = ""  # another team's queue handed us the call: nobody is looked up, and nothing is kept
    opening: str = ""  # what the agent says first then


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A resident whom a stranger on the line may be."""

    case: CaseId
    name: str = field(repr=False)


class SaidIdentity(Protocol):
    """What somebody on the line says of himself, as typed."""

    @property
    def birth_date(self) -> date:
        """Day of birth."""
        ...

    @property
    def postcode(self) -> str:
        """In any spelling."""
        ...

    @property
    def house_number(self) -> str:
        """With or without addition."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """Answer to an identity check; never what the right answer was."""

    match: bool
    tries_left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierSignal:
    """One signal as an agent may see it after a match."""

    partner_type: str
    signal_on: date
    amount_band: str  # never the amount; empty when the partner gave none
    crisis: bool
    warm_handover: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierCall:
    """An earlier call with this resident."""

    at: datetime
    direction: str
    call_back: bool  # out, because somebody asked to be rung back
    outcome: str | None
    note: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierPhone:
    """A number of the case."""

    phone: PhoneId
    number: str = field(repr=False)
    kind: str
    state: str  # open | closed


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """What an agent sees after a match. `history`: the newest first."""

    case: CaseId
    crisis: bool
    term_ends_at: datetime
    signals: Sequence[DossierSignal]
    history: Sequence[DossierCall]
    phones: Sequence[DossierPhone]


# --- rows of the store ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A sealed value with what opens it."""

    owner: UUID
    client: ClientId
    client_key: bytes = field(repr=False)
    delivery: DeliveryId | None  # None: sealed with the client's own key
    delivery_key: bytes | None = field(repr=False)
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRow:
    """An attempt, and whom it concerns."""

    attempt: AttemptId
    direction: str
    client: ClientId
    campaign: CampaignId
    municipality: str
    neutral_name: str
    callback_number: str
    client_key: bytes = field(repr=False)
    case: CaseId | None
    case_delivery: DeliveryId | None
    delivery_key: bytes | None = field(repr=False)
    resident: ResidentId | None
    language: str
    phone: PhoneId | None
    phone_kind: str
    number_key: bytes | None = field(repr=False)
    seq: int | None
    agent: UserId | None
    verified: bool | None
    in_hand: bool  # live, or its wrap-up is open
    resident_box: Box | None = field(repr=False)
    phone_box: Box | None = field(repr=False)
    callback_box: Box | None = field(default=None, repr=False)  # of the request that was dialled: its number
    staff_label: str = ""  # of a proof call: whose telephone it is
    staff_box: Box | None = field(default=None, repr=False)  # of a proof call: its number
    interpreter: bool = False  # an earlier conversation said that one is needed, in this language
    surveys: bool = False  # conversations of this campaign may be followed by two questions
    team: str = ""  # of a call that another team's queue handed to us
    opening: str = ""  # what the agent says then
    records: bool = False  # they are recorded when the resident agrees

    @property
    def stranger(self) -> bool:
        """A caller, or somebody who asked to be rung back: who it is turns out in the call."""
        return self.direction == "in" or self.callback_box is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateRow:
    """A case behind a number."""

    case: CaseId
    box: Box


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalRowView:
    """A signal of a case, its amount sealed."""

    partner_type: str
    signal_on: date
    crisis: bool
    warm_handover: bool
    box: Box | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRow:
    """A call of a resident, its note sealed."""

    at: datetime
    direction: str
    call_back: bool
    outcome: str | None
    note: Box | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneRow:
    """A number of a case, sealed."""

    phone: PhoneId
    kind: str
    state: str
    box: Box | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """A case's facts and everything sealed about it."""

    case: CaseId
    client: ClientId
    crisis: bool
    term_ends_at: datetime
    signals: Sequence[SignalRowView]
    calls: Sequence[CallRow]
    phones: Sequence[PhoneRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedText:
    """A text sealed for a row of `pii.note` or `wrap_up_draft`."""

    client: ClientId
    delivery: DeliveryId | None
    sealed: bytes = field(repr=False)


class PeopleStore(Protocol):
    """Reads of personal data, and the one fact an identity check writes."""

    async def numbers(self, phones: Sequence[PhoneId]) -> Mapping[PhoneId, Box]:
        """Sealed numbers; erased ones are left out."""
        ...

    async def attempt(self, attempt: AttemptId) -> AttemptRow:
        """Raises NotFoundError."""
        ...

    async def take_try(self, attempt: AttemptId, limit: int, at: datetime, actor: str, client: ClientId) -> int | None:
        """Count and audit a try before it is answered; returns how many are left after it, None when none was left."""
        ...

    async def tie(self, attempt: AttemptId, case: CaseId) -> None:
        """A caller, or somebody rung back, turned out to be this case's resident."""
        ...

    async def resident_of_case(self, case: CaseId) -> tuple[ClientId, Box | None]:
        """Raises NotFoundError."""
        ...

    async def candidates(self, client: ClientId, number_key: bytes) -> Sequence[CandidateRow]:
        """Latest case of each resident whom this number belongs to, or belonged to."""
        ...

    async def keys(self, client: ClientId, delivery: DeliveryId | None) -> tuple[bytes, bytes | None]:
        """(wrapped client key, wrapped delivery key). Raises NotFoundError."""
        ...

    async def case(self, case: CaseId, but: AttemptId) -> CaseRow:
        """The case, and the resident's calls but the present one. Raises NotFoundError."""
        ...
