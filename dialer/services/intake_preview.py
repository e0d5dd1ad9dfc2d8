"""The dry run's result: what a load would do, and the first rows as the viewer's role may see them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from dialer.domain.ids import CaseId, PhoneId, ResidentId
from dialer.domain.intake import NumbersRow, SignalRow
from dialer.domain.intake_words import FIELDS, PARTNERS, REASONS, word
from dialer.domain.numbers import masked
from dialer.domain.visits import VisitRow
from dialer.services.ports.intake import ReadRow, SourceInfo
from dialer.services.ports.intake_rows import Changes, Known, KnownResident
from dialer.services.ports.people import Viewer

FIRST_ROWS = 20
MOST_ISSUES = 1000
SEES_NAMES = frozenset({"supervisor", "client", "operator"})
"""Roles that see the rows as they are; whoever only runs the service sees them masked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewIssue:
    """A refused cell or a remark, in words."""

    row: int
    column: str
    reason: str
    text: str
    fatal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewRow:
    """One of the first rows, as it was understood: by our fields; of a refused one as it stood."""

    row: int
    taken: bool
    cells: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a load would do. `counts`: rows, taken, refused, skipped, remarks, residents (new ones), cases (new ones)
    by state, joined, crisis.
    """

    format: str
    encoding: str
    delimiter: str
    columns: Mapping[str, str]
    unused: Sequence[str]  # headers that no field uses
    repeated: bool  # this file has been loaded already
    counts: Mapping[str, int]
    reasons: Mapping[str, int]  # how often each reason
    issues: Sequence[PreviewIssue]  # the first thousand
    rows: Sequence[PreviewRow] = field(repr=False)


class PreviewBuilder:
    """Gathers a dry run. What one batch would have written, the next must know: `overlaid` adds it."""

    def __init__(self, source: SourceInfo, *, repeated: bool, viewer: Viewer) -> None:
        self._source = source
        self._repeated = repeated
        self._viewer = viewer
        self._residents: dict[bytes, KnownResident] = {}
        self._phones: dict[CaseId, list[PhoneId]] = {}
        self._counts: Counter[str] = Counter(rows=0, taken=0, refused=0, skipped=0, remarks=0)
        self._reasons: Counter[str] = Counter()
        self._issues: list[PreviewIssue] = []
        self._rows: list[PreviewRow] = []

    @property
    def counts(self) -> Mapping[str, int]:
        """So far."""
        return dict(self._counts)

    def overlaid(self, known: Known) -> Known:
        """What the batch would meet if the earlier ones had been written."""
        return replace(
            known,
            residents={**known.residents, **self._residents},
            case_phones={**known.case_phones, **self._phones},
        )

    def add(self, batch: Sequence[ReadRow], known: Known, changes: Changes) -> None:
        """One batch: its rows as read, and what it would have changed."""
        self._counts.update(changes.counts)
        cases = {case.resident_id: case for case in changes.cases}
        keys = {resident.id: resident.match_key for resident in changes.residents}
        keys |= {found.resident: key for key, found in known.residents.items()}
        for resident, case in cases.items():
            key = keys[resident]
            self._residents[key] = KnownResident(
                resident=ResidentId(resident),
                live_case=CaseId(case.id),
                live_state=case.state,
                earlier=None,
                in_delivery=True,
            )
        for row in changes.case_phones:
            self._phones.setdefault(CaseId(row.case_id), []).append(PhoneId(row.phone_id))
        fatal = {refusal.row_number for refusal in changes.refusals if refusal.fatal}
        for refusal in changes.refusals:
            self._reasons[refusal.reason] += 1
            if len(self._issues) < MOST_ISSUES:
                self._issues.append(
                    PreviewIssue(
                        row=refusal.row_number,
                        column=word(FIELDS, refusal.column_name, self._viewer.language),
                        reason=refusal.reason,
                        text=word(REASONS, refusal.reason, self._viewer.language),
                        fatal=refusal.fatal,
                    )
                )
        for item in batch[: FIRST_ROWS - len(self._rows)]:
            self._rows.append(PreviewRow(row=item.number, taken=item.number not in fatal, cells=self._cells(item)))

    def _cells(self, item: ReadRow) -> dict[str, str]:
        clear = self._viewer.role in SEES_NAMES
        row = item.row
        if row is None:
            cells_of = dict(zip(self._source.header, item.cells, strict=False)) if clear else {}
            return {name: cells_of[title] for name, title in self._source.columns.items() if title in cells_of}
        if isinstance(row, VisitRow):
            day = "" if row.visit_on is None else row.visit_on.strftime("%d-%m-%Y")
            return {"client_ref": row.client_ref, "kept": _yes(row.kept, self._viewer.language), "visit_on": day}
        if isinstance(row, NumbersRow):
            cells = {"client_ref": row.client_ref, "source": row.source}
        else:
            cells = _signal_cells(row, self._viewer.language, clear=clear)
        for place, phone in enumerate(row.phones, start=1):
            cells[f"phone_{place}"] = phone.e164 if clear else masked(phone.e164)
        return cells

    def result(self) -> Preview:
        """After the last batch."""
        used = set(self._source.columns.values())
        return Preview(
            format=self._source.format,
            encoding=self._source.encoding,
            delimiter=self._source.delimiter,
            columns=self._source.columns,
            unused=[title for title in self._source.header if title not in used],
            repeated=self._repeated,
            counts=dict(self._counts),
            reasons=dict(self._reasons),
            issues=sorted(self._issues, key=lambda issue: (issue.row, issue.column)),
            rows=self._rows,
        )


def _signal_cells(row: SignalRow, language: str, *, clear: bool) -> dict[str, str]:
    cells = {
        "client_ref": row.client_ref,
        "signal_ref": row.signal_ref,
        "partner_type": word(PARTNERS, row.partner_type, language),
        "signal_on": row.signal_on.strftime("%d-%m-%Y"),
        "crisis": _yes(row.crisis, language),
        "language": row.language,
    }
    if clear:
        cells |= {
            "initials": row.initials,
            "surname": row.surname,
            "birth_date": row.birth_date.strftime("%d-%m-%Y"),
            "postcode": row.postcode,
            "house_number": f"{row.house_number} {row.house_addition}".strip(),
        }
    else:
        cells |= {
            "surname": f"{row.surname[:1]}•••",
            "birth_date": f"••-••-{row.birth_date.year}",
            "postcode": f"{row.postcode[:2]}••••",
        }
    return cells


def _yes(flag: bool, language: str) -> str:
    return ("yes" if flag else "no") if language == "en" else ("ja" if flag else "nee")
