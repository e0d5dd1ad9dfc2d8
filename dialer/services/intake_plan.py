"""What a batch of rows does to the database, decided without touching it: residents found or made, cases joined or
opened, numbers added, everything personal sealed.

The planner of one load keeps which signal references it has met, so that a reference twice in one file is told from a
load that goes on after a crash.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from dialer.domain.ids import CaseId, DeliveryId, PhoneId, ResidentId
from dialer.domain.intake import Issue, NumbersRow, Reason, SignalRow
from dialer.domain.numbers import NumberKind, PhoneNumber
from dialer.domain.opening import CRISIS_PRIORITY, ORDINARY_PRIORITY, OpeningSettings, open_case
from dialer.domain.visits import VisitRow
from dialer.services import sealed
from dialer.services.ports.clock import Ids
from dialer.services.ports.intake import ReadRow
from dialer.services.ports.intake_rows import (
    BatchKeys,
    CampaignInfo,
    Changes,
    JoinedCase,
    Known,
    KnownResident,
    NewCase,
    NewCasePhone,
    NewPhone,
    NewResident,
    NewSignal,
    RefusalRow,
    SealedRefusal,
    SealedRow,
)
from dialer.services.ports.vault import Sealer, Vault

log = logging.getLogger(__name__)

TermOf = Callable[[date, bool], tuple[datetime, datetime]]
"""(signal date, crisis) -> (end of the legal term, end of planning)."""


class _Ready(NamedTuple):
    """Something new with an id drawn and its box sealed, while the batch before is being written. Unused if it turns
    out to be known.
    """

    id: UUID
    box: bytes


class _Phone(NamedTuple):
    """A number of a row."""

    key: bytes
    number: PhoneNumber
    ready: _Ready


class _Row(NamedTuple):
    """A taken row with its keys."""

    number: int
    row: SignalRow
    match_key: bytes
    split_key: bytes
    phones: Sequence[_Phone]
    resident: _Ready
    signal: _Ready


@dataclass(slots=True, kw_only=True)
class Prepared:
    """A batch, or one lane's part of it, with all keys computed; `plan` may be run on it several times."""

    rows: list[_Row] = field(default_factory=list)
    numbers: list[tuple[int, NumbersRow, Sequence[_Phone]]] = field(default_factory=list)
    remarks: list[tuple[int, Issue]] = field(default_factory=list)
    refused: list[ReadRow] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)

    def keys(self) -> BatchKeys:
        """What to look up."""
        return BatchKeys(
            match_keys={row.match_key: row.split_key for row in self.rows},
            number_keys=list(
                {phone.key: None for row in self.rows for phone in row.phones}
                | {phone.key: None for _, _, phones in self.numbers for phone in phones}
            ),
            signal_refs=[row.row.signal_ref for row in self.rows],
            client_refs=list({row.client_ref: None for _, row, _ in self.numbers}),
        )


class BatchPlanner:
    """Plans the batches of one load, in order."""

    def __init__(
        self,
        *,
        campaign: CampaignInfo,
        delivery: DeliveryId,
        at: datetime,
        sealer: Sealer | None,
        vault: Vault,
        ids: Ids,
        term_of: TermOf,
    ) -> None:
        """`sealer` None: a dry run, nothing is sealed."""
        self._campaign = campaign
        self._delivery = delivery
        self._at = at
        self._sealer = sealer
        self._vault = vault
        self._ids = ids
        self._term_of = term_of
        self._settings = OpeningSettings.from_settings(campaign.client_settings)
        self._met: set[int] = set()

    def prepare(self, batch: Sequence[ReadRow], lanes: int = 1) -> list[Prepared]:
        """Keys, ids and boxes of the batch, split over lanes by resident. Call once per batch, in order."""
        parts = [Prepared() for _ in range(lanes)]
        for item in batch:
            if item.row is None:
                parts[0].refused.append(item)
                continue
            assert not isinstance(item.row, VisitRow)  # those are said, not planned (`VisitFiles`)
            parts[0].remarks += [(item.number, issue) for issue in item.issues]
            phones = [self._phone(phone) for phone in item.row.phones]
            if isinstance(item.row, NumbersRow):
                parts[0].numbers.append((item.number, item.row, phones))
                continue
            mark = hash(item.row.signal_ref)  # 64 bits: two of a million references collide once in 40 million files
            if mark in self._met:
                parts[0].repeated.append(item.number)
                continue
            self._met.add(mark)
            row = self._row(item.number, item.row, phones)
            parts[row.match_key[0] % lanes].rows.append(row)
        return parts

    def _row(self, number: int, row: SignalRow, phones: Sequence[_Phone]) -> _Row:
        match = self._vault.match_key(row.surname, row.birth_date, row.postcode)
        return _Row(
            number,
            row,
            match,
            self._vault.split_key(match, row.client_ref),
            phones,
            self._ready(sealed.RESIDENT, sealed.resident_box(row)),
            self._ready(sealed.SIGNAL, sealed.signal_box(row)),
        )

    def _phone(self, number: PhoneNumber) -> _Phone:
        return _Phone(self._vault.number_key(number.e164), number, self._ready(sealed.PHONE, number.e164.encode()))

    def _ready(self, kind: str, plain: bytes) -> _Ready:
        identity = self._ids.new()
        return _Ready(identity, self.seal(kind, identity, plain))

    def seal(self, kind: str, owner: UUID, plain: bytes) -> bytes:
        """A box; empty in a dry run."""
        return self._sealer.seal(kind, owner, plain) if self._sealer is not None else b""

    def plan(self, prepared: Prepared, known: Known) -> Changes:
        """What the batch changes. Pure but for ids and nonces."""
        return _Batch(self, known).plan(prepared)


class _Batch:
    """One run of `plan`: the changes so far, and what they make known."""

    def __init__(self, planner: BatchPlanner, known: Known) -> None:
        self._p = planner
        self._known = known
        self._changes = Changes()
        self._counts = self._changes.counts
        self._phones: dict[bytes, tuple[PhoneId, bool]] = {}
        self._held: dict[CaseId, list[PhoneId]] = {case: list(phones) for case, phones in known.case_phones.items()}
        self._joined: dict[CaseId, JoinedCase] = {}

    def plan(self, prepared: Prepared) -> Changes:
        known, changes = self._known, self._changes
        groups: dict[bytes, list[_Row]] = {}
        for row in prepared.rows:
            holder = known.signals.get(row.row.signal_ref)
            if holder is not None and holder != self._p._delivery:
                self._count("skipped")
                self._refuse(row.number, Issue(field="signal_ref", reason=Reason.KNOWN, fatal=False))
                continue
            self._count("taken")
            if holder is None:  # else: stored before this load was cut off
                key = row.split_key if row.split_key in known.residents else row.match_key
                groups.setdefault(key, []).append(row)
        for key, rows in groups.items():
            self._resident(key, rows)
        for number, numbers_row, phones in prepared.numbers:
            self._numbers(number, numbers_row, phones)
        for number in prepared.repeated:
            self._count("skipped")
            self._refuse(number, Issue(field="signal_ref", reason=Reason.REPEATED, fatal=False))
        for number, issue in prepared.remarks:
            self._refuse(number, issue)
        for item in prepared.refused:
            self._refused(item)
        self._count("rows", len(prepared.rows) + len(prepared.numbers) + len(prepared.repeated) + len(prepared.refused))
        self._count("remarks", len(prepared.remarks))
        changes.joined = list(self._joined.values())
        return changes

    def _count(self, what: str, by: int = 1) -> None:
        if by:
            self._counts[what] = self._counts.get(what, 0) + by

    def _refuse(self, number: int, issue: Issue) -> None:
        row = RefusalRow(self._p._delivery, number, issue.field, str(issue.reason), issue.fatal)
        self._changes.refusals.append(row)

    def _refused(self, item: ReadRow) -> None:
        self._count("refused")
        for issue in item.issues:
            self._refuse(item.number, issue)
        if self._p._sealer is not None:
            box = self._p._sealer.seal(sealed.REFUSED, sealed.row_id(item.number), sealed.cells_box(item.cells))
            self._changes.sealed_refusals.append(SealedRefusal(self._p._delivery, item.number, box))

    def _resident(self, key: bytes, rows: Sequence[_Row]) -> None:
        """All rows of one resident: one case."""
        known = self._known.residents.get(key)
        first = rows[0]
        if known is None:
            resident = ResidentId(first.resident.id)
            self._changes.residents.append(NewResident(resident, self._p._campaign.client, key, self._p._at))
            self._count("residents")
            self._store(self._changes.sealed_residents, resident, first.resident.box)
        else:
            resident = known.resident
            if not known.in_delivery:
                box = self._p.seal(sealed.RESIDENT, resident, sealed.resident_box(first.row))
                self._store(self._changes.sealed_residents, resident, box)
        phones = self._case_phones(rows)
        if known is not None and known.live_case is not None:
            case = known.live_case
            self._join(case, rows, phones)
        else:
            case = self._open(key, resident, known, rows, phones)
        for row in rows:
            self._signal(case, row)

    def _case_phones(self, rows: Sequence[_Row]) -> list[tuple[PhoneId, bool]]:
        """(phone, blocked) of all numbers in these rows, mobile first, each once."""
        numbers = {phone.key: phone for row in rows for phone in row.phones}
        ordered = sorted(numbers.values(), key=lambda phone: phone.number.kind is not NumberKind.MOBILE)
        return [self._phone(phone) for phone in ordered]

    def _phone(self, phone: _Phone) -> tuple[PhoneId, bool]:
        found = self._phones.get(phone.key)
        if found is not None:
            return found
        known = self._known.phones.get(phone.key)
        if known is None:
            identity = PhoneId(phone.ready.id)
            kind = phone.number.kind.value
            self._changes.phones.append(NewPhone(identity, self._p._campaign.client, phone.key, kind))
            self._store(self._changes.sealed_phones, identity, phone.ready.box)
        else:
            identity = known.phone
            if not known.in_delivery:
                box = self._p.seal(sealed.PHONE, identity, phone.number.e164.encode())
                self._store(self._changes.sealed_phones, identity, box)
        self._phones[phone.key] = found = (identity, known is not None and known.blocked)
        return found

    def _add_phones(
        self, case: CaseId, phones: Sequence[tuple[PhoneId, bool]], source: str = "client", on: date | None = None
    ) -> bool:
        """Numbers that the case lacks, behind those it has; True when one of them may be dialled."""
        held = self._held.setdefault(case, [])
        callable_ = False
        for phone, blocked in phones:
            if phone not in held:
                held.append(phone)
                row = NewCasePhone(case, phone, len(held), source, on, self._p._delivery)
                self._changes.case_phones.append(row)
                callable_ = callable_ or not blocked
        return callable_

    def _join(self, case: CaseId, rows: Sequence[_Row], phones: Sequence[tuple[PhoneId, bool]]) -> None:
        self._count("joined")
        callable_ = self._add_phones(case, phones)
        crisis = any(row.row.crisis for row in rows)
        term, plan = self._term(rows)
        before = self._joined.get(case)  # of two residents whose cases were merged, or a list with both
        if before is not None:
            crisis, callable_ = crisis or before.crisis, callable_ or before.callable
            term, plan = min(term, before.term_ends_at or term), min(plan, before.plan_ends_at or plan)
        self._joined[case] = JoinedCase(
            case, crisis, CRISIS_PRIORITY if crisis else ORDINARY_PRIORITY, term, plan, callable_, self._p._at
        )

    def _open(
        self,
        key: bytes,
        resident: ResidentId,
        known: KnownResident | None,
        rows: Sequence[_Row],
        phones: Sequence[tuple[PhoneId, bool]],
    ) -> CaseId:
        case = CaseId(self._p._ids.new())
        crisis = any(row.row.crisis for row in rows)
        opening = open_case(
            earlier=known.earlier if known is not None else None,
            opted_out=key in self._known.opted_out,
            callable_=any(not blocked for _, blocked in phones),
            crisis=crisis,
            at=self._p._at,
            settings=self._p._settings,
        )
        term, plan = self._term(rows)
        self._changes.cases.append(
            NewCase(
                id=case,
                client_id=self._p._campaign.client,
                campaign_id=self._p._campaign.campaign,
                resident_id=resident,
                delivery_id=self._p._delivery,
                state=opening.state,
                state_reason=str(opening.reason),
                crisis=crisis,
                priority=opening.priority,
                language=rows[0].row.language,
                opened_at=self._p._at,
                term_ends_at=term,
                plan_ends_at=plan,
                next_at=opening.next_at,
                paused_until=opening.paused_until,
                catalogue_version=self._p._campaign.catalogue_version,
            )
        )
        self._count("cases")
        self._count(opening.state)
        self._count("crisis", int(crisis))
        self._add_phones(case, phones)
        return case

    def _term(self, rows: Sequence[_Row]) -> tuple[datetime, datetime]:
        terms = [self._p._term_of(row.row.signal_on, row.row.crisis) for row in rows]
        return min(term for term, _ in terms), min(plan for _, plan in terms)

    def _signal(self, case: CaseId, item: _Row) -> None:
        row, identity = item.row, item.signal.id
        term, plan = self._p._term_of(row.signal_on, row.crisis)
        self._changes.signals.append(
            NewSignal(
                identity,
                self._p._campaign.client,
                self._p._delivery,
                case,
                row.client_ref,
                row.signal_ref,
                row.partner_type,
                row.signal_on,
                row.crisis,
                row.warm_handover,
                term,
                plan,
            )
        )
        self._store(self._changes.sealed_signals, identity, item.signal.box)

    def _numbers(self, number: int, row: NumbersRow, phones: Sequence[_Phone]) -> None:
        """An enrichment row: its numbers go to every live case of that reference."""
        cases = self._known.targets.get(row.client_ref, ())
        if not cases:
            self._count("refused")
            self._refuse(number, Issue(field="client_ref", reason=Reason.NOT_FOUND))
            return
        self._count("taken")
        found = [self._phone(phone) for phone in phones]
        for case in cases:
            callable_ = self._add_phones(case, found, row.source or "enrichment", row.source_on)
            before = self._joined.get(case)
            callable_ = callable_ or (before is not None and before.callable)
            self._joined[case] = JoinedCase(case, False, ORDINARY_PRIORITY, None, None, callable_, self._p._at)

    def _store(self, rows: list[SealedRow], owner: UUID, box: bytes) -> None:
        rows.append(SealedRow(owner, self._p._delivery, box))
