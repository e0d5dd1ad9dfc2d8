"""What the store knows before a batch of a list, and what the batch writes.

Rows of tables travel as named tuples in the order of their columns. Times are calendar time, aware UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from dialer.domain.ids import CampaignId, CaseId, ClientId, DeliveryId, PhoneId, ResidentId
from dialer.domain.opening import Earlier


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignInfo:
    """The campaign a list is for."""

    campaign: CampaignId
    client: ClientId
    client_key: bytes = field(repr=False)  # wrapped
    client_settings: Mapping[str, object]
    catalogue_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownResident:
    """A resident found by match key."""

    resident: ResidentId
    live_case: CaseId | None
    live_state: str
    earlier: Earlier | None
    in_delivery: bool  # personal data is stored for this delivery already


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPhone:
    """A number of this client found by its key."""

    phone: PhoneId
    blocked: bool
    in_delivery: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Everything in the database that a batch can meet."""

    residents: Mapping[bytes, KnownResident]
    opted_out: frozenset[bytes]  # match keys
    phones: Mapping[bytes, KnownPhone]
    signals: Mapping[str, DeliveryId]  # live signal references
    case_phones: Mapping[CaseId, Sequence[PhoneId]]  # of the live cases
    targets: Mapping[str, Sequence[CaseId]]  # live cases of this campaign by client reference


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchKeys:
    """What to look up for a batch."""

    match_keys: Mapping[bytes, bytes] = field(default_factory=dict)  # -> the key once told apart from a namesake
    number_keys: Sequence[bytes] = ()
    signal_refs: Sequence[str] = ()
    client_refs: Sequence[str] = ()


class NewResident(NamedTuple):
    """Row of `resident`."""

    id: UUID
    client_id: UUID
    match_key: bytes
    created_at: datetime


class NewCase(NamedTuple):
    """Row of `case_file`."""

    id: UUID
    client_id: UUID
    campaign_id: UUID
    resident_id: UUID
    delivery_id: UUID
    state: str
    state_reason: str
    crisis: bool
    priority: int
    language: str
    opened_at: datetime
    term_ends_at: datetime
    plan_ends_at: datetime
    next_at: datetime | None
    paused_until: datetime | None
    catalogue_version: int


class NewSignal(NamedTuple):
    """Row of `signal`."""

    id: UUID
    client_id: UUID
    delivery_id: UUID
    case_id: UUID
    client_ref: str
    signal_ref: str
    partner_type: str
    signal_on: date
    crisis: bool
    warm_handover: bool
    term_ends_at: datetime
    plan_ends_at: datetime


class NewPhone(NamedTuple):
    """Row of `phone`."""

    id: UUID
    client_id: UUID
    number_key: bytes
    kind: str


class NewCasePhone(NamedTuple):
    """Row of `case_phone`."""

    case_id: UUID
    phone_id: UUID
    position: int
    source: str
    source_on: date | None
    delivery_id: UUID


class SealedRow(NamedTuple):
    """Row of `pii.resident`, `pii.phone` or `pii.signal`: (owner's id, delivery, box)."""

    owner_id: UUID
    delivery_id: UUID
    sealed: bytes


class JoinedCase(NamedTuple):
    """A live case that a signal or a number joined: what may change of it."""

    case_id: UUID
    crisis: bool
    priority: int
    term_ends_at: datetime | None  # None: as it was
    plan_ends_at: datetime | None
    callable: bool  # has a number now: no_number becomes open
    at: datetime


class RefusalRow(NamedTuple):
    """Row of `delivery_refusal`."""

    delivery_id: UUID
    row_number: int
    column_name: str
    reason: str
    fatal: bool


class SealedRefusal(NamedTuple):
    """Row of `pii.refused_row`: the refused row's own cells, sealed."""

    delivery_id: UUID
    row_number: int
    sealed: bytes


@dataclass(slots=True, kw_only=True)
class Changes:
    """Everything one batch writes, in one transaction."""

    residents: list[NewResident] = field(default_factory=list)
    cases: list[NewCase] = field(default_factory=list)
    signals: list[NewSignal] = field(default_factory=list)
    phones: list[NewPhone] = field(default_factory=list)
    case_phones: list[NewCasePhone] = field(default_factory=list)
    joined: list[JoinedCase] = field(default_factory=list)
    sealed_residents: list[SealedRow] = field(default_factory=list)
    sealed_phones: list[SealedRow] = field(default_factory=list)
    sealed_signals: list[SealedRow] = field(default_factory=list)
    refusals: list[RefusalRow] = field(default_factory=list)
    sealed_refusals: list[SealedRefusal] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
