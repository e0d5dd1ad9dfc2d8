"""What is held of one resident, and its end. `storage/` implements both stores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from dialer.domain.ids import CaseId, ClientId, DeliveryId, ResidentId
from dialer.services.ports.people import Box


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One row about somebody. `kind`: how its box is bound; `box` None: nothing of it is sealed, or it is erased."""

    section: str  # of services.residents.SECTIONS
    plain: Mapping[str, object] = field(repr=False)
    kind: str
    box: Box | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedBox:
    """A refused row of a delivery."""

    delivery: DeliveryId
    row: int
    box: Box


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """A line of the erasure list: ids only. What came in after `at` is not meant."""

    at: datetime
    kind: Literal["resident", "delivery", "expiry"]  # expiry: a delivery whose term is over
    client: ClientId
    subject: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class NewestBox:
    """Who somebody is, as the newest delivery has it that can be read."""

    delivery: DeliveryId
    match_key: bytes = field(repr=False)
    box: Box


class ErasureList(Protocol):
    """Kept outside the database, so that a back-up that is brought back does not bring back who was erased."""

    def add(self, erasure: Erasure) -> None:
        """On the disk when it returns. Raises UnavailableError."""
        ...

    def all(self) -> Sequence[Erasure]:
        """In order. Raises InvalidError for a line that is none."""
        ...


class ResidentStore(Protocol):
    """Rows of one resident."""

    async def find(self, client: ClientId, client_ref: str) -> Sequence[ResidentId]:
        """Residents whom the client calls by this reference."""
        ...

    async def client_of(self, resident: ResidentId) -> ClientId:
        """Raises NotFoundError."""
        ...

    async def references(self, resident: ResidentId, until: datetime) -> frozenset[str]:
        """Of the client, for the resident and its signals."""
        ...

    async def held(self, resident: ResidentId) -> Sequence[Held]:
        """All of it, section by section."""
        ...

    async def open_cases(self, resident: ResidentId) -> Sequence[CaseId]:
        """Cases that may still be dialled or released."""
        ...

    async def oppose(self, resident: ResidentId, at: datetime) -> None:
        """Known from now on, in every later delivery, as somebody who wants no calls."""
        ...

    async def refused(self, resident: ResidentId, until: datetime) -> Sequence[RefusedBox]:
        """Refused rows of the deliveries in which the resident came."""
        ...

    async def newest(self, resident: ResidentId) -> NewestBox | None:
        """None: nothing of him can be read."""
        ...

    async def correct(
        self, resident: ResidentId, box: NewestBox, content: bytes, match_key: bytes, opt_out: UUID, at: datetime
    ) -> None:
        """Put `content` in the place of a box; who wants no calls stays known by the new key (as `opt_out`).

        Raises ConflictError when another resident has this key, or the box was changed since.
        """
        ...

    async def erase(
        self,
        resident: ResidentId,
        until: datetime,
        refused: Sequence[tuple[DeliveryId, int]],
        *,
        dry: bool = False,
    ) -> Mapping[str, int]:
        """What was received until then is gone; rows that went, by table (`dry`: would go, nothing is changed).

        Raises ConflictError during a call.
        """
        ...
