"""What a batch of rows does to the database, decided without touching it: residents found or made, cases joined or
opened, numbers added, everything personal sealed.

The planner of one load keeps which signal references it has met, so that a reference twice in one file is told from a
load that goes on after a crash.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from dialer.domain.ids import CaseId, DeliveryId, PhoneId, ResidentId
from dialer.domain.intake import Issue, NumbersRow, Reason, SignalRow
from dialer.domain.numbers import PhoneNumber
from dialer.domain.opening import CRISIS_PRIORITY, ORDINARY_PRIORITY, OpeningSettings, open_case
from dialer.services import sealed
from dialer.services.ports.clock import Ids
from dialer.services.ports.intake import ReadRow
from dialer.services.ports.intake_rows import (
    BatchKeys,
    CampaignInfo,
    Changes,
    JoinedCase,
    Known,
    KnownPhone,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A taken row with its keys."""

    number: int
    row: SignalRow
    match_key: bytes
    split_key: bytes
    phones: Sequence[tuple[bytes, PhoneNumber]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A batch with all its keys computed; `plan` may be run on it several times."""

    rows: Sequence[_Row]
    numbers: Sequence[tuple[int, NumbersRow, Sequence[tuple[bytes, PhoneNumber]]]]
    remarks: Sequence[tuple[int, Issue]]
    refused: Sequence[ReadRow]
    repeated: Sequence[int]
    keys: BatchKeys


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

    def prepare(self, batch: Sequence[ReadRow]) -> Prepared:
        """Keys of the batch. Call once per batch, in order."""
        rows: list[_Row] = []
        numbers: list[tuple[int, NumbersRow, Sequence[tuple[bytes, PhoneNumber]]]] = []
        remarks: list[tuple[int, Issue]] = []
        refused: list[ReadRow] = []
        repeated: list[int] = []
        for item in batch:
            if item.row is None:
                refused.append(item)
                continue
            remarks += [(item.number, issue) for issue in item.issues]
            phones = [(self._vault.number_key(phone.e164), phone) for phone in item.row.phones]
            if isinstance(item.row, NumbersRow):
                numbers.append((item.number, item.row, phones))
                continue
            mark = hash(item.row.signal_ref)  # 64 bits: two of a million references collide once in 40 million files
            if mark in self._met:
                repeated.append(item.number)
                continue
            self._met.add(mark)
            match = self._vault.match_key(item.row.surname, item.row.birth_date, item.row.postcode)
            split = self._vault.split_key(match, item.row.client_ref)
            rows.append(_Row(number=item.number, row=item.row, match_key=match, split_key=split, phones=phones))
        keys = BatchKeys(
            match_keys=list(dict.fromkeys(key for row in rows for key in (row.match_key, row.split_key))),
            number_keys=list(
                dict.fromkeys(
                    [key for row in rows for key, _ in row.phones]
                    + [key for _, _, phones in numbers for key, _ in phones]
                )
            ),
            signal_refs=[row.row.signal_ref for row in rows],
            client_refs=list(dict.fromkeys(row.client_ref for _, row, _ in numbers)),
        )
        return Prepared(rows=rows, numbers=numbers, remarks=remarks, refused=refused, repeated=repeated, keys=keys)

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
        if known is None:
            resident = ResidentId(self._p._ids.new())
            self._changes.residents.append(NewResident(resident, self._p._campaign.client, key, self._p._at))
            self._count("residents")
        else:
            resident = known.resident
        if known is None or not known.in_delivery:
            self._seal(self._changes.sealed_residents, sealed.RESIDENT, resident, sealed.resident_box(rows[0].row))
        phones = self._case_phones(rows)
        if known is not None and known.live_case is not None:
            case = known.live_case
            self._join(case, rows, phones)
        else:
            case = self._open(key, resident, known, rows, phones)
        for row in rows:
            self._signal(case, row.row)

    def _case_phones(self, rows: Sequence[_Row]) -> list[tuple[PhoneId, bool]]:
        """(phone, blocked) of all numbers in these rows, mobile first, each once."""
        numbers = {key: phone for row in rows for key, phone in row.phones}
        ordered = sorted(numbers.items(), key=lambda item: item[1].kind != "mobile")
        return [self._phone(key, phone) for key, phone in ordered]

    def _phone(self, key: bytes, phone: PhoneNumber) -> tuple[PhoneId, bool]:
        found = self._phones.get(key)
        if found is not None:
            return found
        known: KnownPhone | None = self._known.phones.get(key)
        if known is None:
            identity = PhoneId(self._p._ids.new())
            self._changes.phones.append(NewPhone(identity, self._p._campaign.client, key, phone.kind.value))
        else:
            identity = known.phone
        if known is None or not known.in_delivery:
            self._seal(self._changes.sealed_phones, sealed.PHONE, identity, phone.e164.encode())
        self._phones[key] = found = (identity, known is not None and known.blocked)
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

    def _signal(self, case: CaseId, row: SignalRow) -> None:
        identity = self._p._ids.new()
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
        self._seal(self._changes.sealed_signals, sealed.SIGNAL, identity, sealed.signal_box(row))

    def _numbers(self, number: int, row: NumbersRow, phones: Sequence[tuple[bytes, PhoneNumber]]) -> None:
        """An enrichment row: its numbers go to every live case of that reference."""
        cases = self._known.targets.get(row.client_ref, ())
        if not cases:
            self._count("refused")
            self._refuse(number, Issue(field="client_ref", reason=Reason.NOT_FOUND))
            return
        self._count("taken")
        found = [self._phone(key, phone) for key, phone in phones]
        for case in cases:
            callable_ = self._add_phones(case, found, row.source or "enrichment", row.source_on)
            before = self._joined.get(case)
            callable_ = callable_ or (before is not None and before.callable)
            self._joined[case] = JoinedCase(case, False, ORDINARY_PRIORITY, None, None, callable_, self._p._at)

    def _seal(self, rows: list[SealedRow], kind: str, owner: UUID, plain: bytes) -> None:
        if self._p._sealer is not None:
            rows.append(SealedRow(owner, self._p._delivery, self._p._sealer.seal(kind, owner, plain)))
