"""Frames between the reader's child process and us: four bytes of length, then JSON. Never pickle: the child has read a
stranger's file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from dialer.domain.intake import Issue, NumbersRow, SignalRow
from dialer.domain.numbers import NumberKind, PhoneNumber
from dialer.domain.visits import VisitRow
from dialer.services.ports.intake import ReadOrder, ReadRow, SourceInfo

HEAD = 4
MAX_FRAME = 64 * 1024 * 1024
_KINDS = {kind.value: kind for kind in NumberKind}
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def frame(message: Mapping[str, object]) -> bytes:
    """One message as bytes."""
    body = _encode(message).encode("utf-8", "surrogatepass")
    return len(body).to_bytes(HEAD, "big") + body


def unframe(body: bytes) -> dict[str, Any]:
    """The message in a frame's body."""
    message: dict[str, Any] = json.loads(body)
    return message


def order_to_wire(order: ReadOrder) -> dict[str, object]:
    """A reading order."""
    return {
        "path": str(order.path),
        "kind": order.kind,
        "columns": dict(order.columns) if order.columns is not None else None,
        "today": order.today.isoformat(),
        "demo": order.demo,
    }


def order_from_wire(data: Mapping[str, Any]) -> ReadOrder:
    """The reverse."""
    return ReadOrder(
        path=Path(data["path"]),
        kind=data["kind"],
        columns=data["columns"],
        today=date.fromisoformat(data["today"]),
        demo=data["demo"],
    )


def info_to_wire(info: SourceInfo) -> dict[str, object]:
    """What the file is."""
    return {
        "format": info.format,
        "content_hash": info.content_hash.hex(),
        "size": info.size,
        "encoding": info.encoding,
        "delimiter": info.delimiter,
        "header": list(info.header),
        "columns": dict(info.columns),
    }


def info_from_wire(data: Mapping[str, Any]) -> SourceInfo:
    """The reverse."""
    return SourceInfo(
        format=data["format"],
        content_hash=bytes.fromhex(data["content_hash"]),
        size=data["size"],
        encoding=data["encoding"],
        delimiter=data["delimiter"],
        header=data["header"],
        columns=data["columns"],
    )


def row_to_wire(item: ReadRow) -> list[object]:
    """A row as a list: a hundred thousand of them pass, names of fields would double the work."""
    row = item.row
    values: list[object] | None
    if row is None:
        values = None
    elif isinstance(row, SignalRow):
        values = [
            row.client_ref,
            row.signal_ref,
            row.partner_type,
            row.signal_on.isoformat(),
            row.crisis,
            row.warm_handover,
            row.surname,
            row.initials,
            row.salutation,
            row.birth_date.isoformat(),
            row.postcode,
            row.house_number,
            row.house_addition,
            row.language,
            _day_out(row.arisen_on),
            row.amount_cents,
            _day_out(row.brp_checked_on),
            _phones_out(row.phones),
        ]
    elif isinstance(row, VisitRow):
        values = [row.client_ref, row.kept, _day_out(row.visit_on)]
    else:
        values = [row.client_ref, _phones_out(row.phones), row.source, _day_out(row.source_on)]
    issues = [[issue.field, issue.reason, issue.fatal] for issue in item.issues]
    return [item.number, values, issues, list(item.cells)]


def row_from_wire(kind: str, data: Sequence[Any]) -> ReadRow:
    """The reverse; `kind` tells which row."""
    number, values, issues, cells = data
    row: SignalRow | NumbersRow | VisitRow | None = None
    if values is not None and kind == "numbers":
        row = NumbersRow(
            client_ref=values[0], phones=_phones_in(values[1]), source=values[2], source_on=_day_in(values[3])
        )
    elif values is not None and kind == "visits":
        row = VisitRow(client_ref=values[0], kept=values[1], visit_on=_day_in(values[2]))
    elif values is not None:
        row = SignalRow(
            client_ref=values[0],
            signal_ref=values[1],
            partner_type=values[2],
            signal_on=date.fromisoformat(values[3]),
            crisis=values[4],
            warm_handover=values[5],
            surname=values[6],
            initials=values[7],
            salutation=values[8],
            birth_date=date.fromisoformat(values[9]),
            postcode=values[10],
            house_number=values[11],
            house_addition=values[12],
            language=values[13],
            arisen_on=_day_in(values[14]),
            amount_cents=values[15],
            brp_checked_on=_day_in(values[16]),
            phones=_phones_in(values[17]),
        )
    return ReadRow(
        number=number,
        row=row,
        issues=tuple(Issue(field=name, reason=reason, fatal=fatal) for name, reason, fatal in issues),
        cells=cells,
    )


def _phones_out(phones: Sequence[PhoneNumber]) -> list[list[str]]:
    return [[phone.e164, phone.kind.value] for phone in phones]


def _phones_in(data: Sequence[Sequence[str]]) -> tuple[PhoneNumber, ...]:
    return tuple(PhoneNumber(e164=e164, kind=_KINDS[kind]) for e164, kind in data)


def _day_out(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


def _day_in(text: str | None) -> date | None:
    return date.fromisoformat(text) if text is not None else None
