"""What stands inside the boxes: personal data as bytes, and back. JSON, so that a box of today opens in ten years."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol
from uuid import UUID

from dialer.domain.ids import ClientId, DeliveryId
from dialer.domain.intake import SignalRow
from dialer.services.ports.people import Box
from dialer.services.ports.vault import ErasedError, Sealer, Vault

RESIDENT, SIGNAL, PHONE, NOTE, DRAFT, REFUSED, CALLBACK, EXPORT, STAFF_PHONE, FOLLOW_UP, QUESTION, BOOKING_CONTACT = (
    "resident",
    "signal",
    "phone",
    "note",
    "draft",
    "refused_row",
    "callback",
    "export_line",
    "staff_phone",
    "follow_up",
    "question",
    "booking_contact",
)
COACHING, COMPLAINT, COMPLAINT_ANSWER = "coaching", "complaint", "complaint_answer"
"""Kinds, bound into each box."""


class Keyed(Protocol):
    """What has a key: a delivery's (`delivery_key` None: destroyed), or, without a delivery, the client's own."""

    @property
    def client(self) -> ClientId:
        """Whose it is."""
        ...

    @property
    def client_key(self) -> bytes:
        """Wrapped by the master key."""
        ...

    @property
    def delivery(self) -> DeliveryId | None:
        """None: the client's own key."""
        ...

    @property
    def delivery_key(self) -> bytes | None:
        """Wrapped by the client's key."""
        ...


def sealer_of(vault: Vault, keyed: Keyed) -> Sealer:
    """Raises ErasedError: of what is erased nothing is read, and about it nothing is written any more."""
    if keyed.delivery is None:
        return vault.client(keyed.client, keyed.client_key)
    return vault.delivery(keyed.client, keyed.client_key, keyed.delivery, keyed.delivery_key)


def text_of(vault: Vault, box: Box | None, kind: str) -> str | None:
    """A text that somebody wrote; None: nothing was written, or it is erased."""
    if box is None:
        return None
    try:
        return sealer_of(vault, box).open(kind, box.owner, box.sealed).decode()
    except ErasedError:
        return None


_quoted = json.encoder.encode_basestring
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidentData:
    """Who somebody is. The text form shows nothing."""

    surname: str = field(repr=False)  # with its prefix
    initials: str = field(repr=False)
    salutation: str = field(repr=False)  # m, v or empty
    birth_date: date = field(repr=False)
    postcode: str = field(repr=False)
    house_number: int = field(repr=False)
    house_addition: str = field(repr=False)

    @property
    def full_name(self) -> str:
        """Initials and surname."""
        return f"{self.initials} {self.surname}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalData:
    """What a partner says of an arrears, and the name under which it says so."""

    amount_cents: int | None = field(repr=False)
    arisen_on: date | None = field(repr=False)
    surname: str = field(repr=False)
    initials: str = field(repr=False)


def resident_box(row: SignalRow) -> bytes:
    """Content of a resident's box."""
    checked = f'"{row.brp_checked_on.isoformat()}"' if row.brp_checked_on else "null"
    # Written by hand: the encoder is made anew at each call, and a list has a hundred thousand of these.
    return (
        f'{{"surname":{_quoted(row.surname)},"initials":{_quoted(row.initials)},"salutation":"{row.salutation}",'
        f'"birth_date":"{row.birth_date.isoformat()}","postcode":"{row.postcode}","house_number":{row.house_number},'
        f'"house_addition":{_quoted(row.house_addition)},"brp_checked_on":{checked}}}'
    ).encode()


def renamed_box(box: bytes, signal: SignalData) -> bytes:
    """The content of a resident's box with the name that a signal has."""
    data = json.loads(box)
    return _encode(data | {"surname": signal.surname, "initials": signal.initials}).encode()


def resident_data(box: bytes) -> ResidentData:
    """The reverse of `resident_box`."""
    data: dict[str, Any] = json.loads(box)
    return ResidentData(
        surname=data["surname"],
        initials=data["initials"],
        salutation=data["salutation"],
        birth_date=date.fromisoformat(data["birth_date"]),
        postcode=data["postcode"],
        house_number=data["house_number"],
        house_addition=data["house_addition"],
    )


def signal_box(row: SignalRow) -> bytes:
    """Content of a signal's box."""
    arisen = f'"{row.arisen_on.isoformat()}"' if row.arisen_on else "null"
    amount = "null" if row.amount_cents is None else str(row.amount_cents)
    return (
        f'{{"amount_cents":{amount},"arisen_on":{arisen},"surname":{_quoted(row.surname)},'
        f'"initials":{_quoted(row.initials)}}}'
    ).encode()


def signal_data(box: bytes) -> SignalData:
    """The reverse of `signal_box`."""
    data: dict[str, Any] = json.loads(box)
    arisen = data["arisen_on"]
    return SignalData(
        amount_cents=data["amount_cents"],
        arisen_on=date.fromisoformat(arisen) if arisen else None,
        surname=data["surname"],
        initials=data["initials"],
    )


def row_id(number: int) -> UUID:
    """A refused row's number in the form in which ids are bound into boxes."""
    return UUID(int=number)


def cells_box(cells: Sequence[str]) -> bytes:
    """Content of a refused row's box."""
    return _encode(list(cells)).encode("utf-8", "surrogatepass")


def cells_data(box: bytes) -> list[str]:
    """The reverse of `cells_box`."""
    cells: list[str] = json.loads(box)
    return cells
