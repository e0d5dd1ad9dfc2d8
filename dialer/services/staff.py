"""Telephones of our own people, by client: the only numbers that a proof call rings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from dialer.domain.errors import ConflictError, InvalidError
from dialer.domain.ids import CampaignId, ClientId, UserId
from dialer.domain.numbers import PhoneNumber, parse_number
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.engine import StaffNumber
from dialer.services.ports.staff import ProofLine, StaffPhone, StaffStore
from dialer.services.ports.vault import Vault
from dialer.services.sealed import STAFF_PHONE

MOST = 50
"""Phones of a client: a proof run is a handful of people."""

_SHOWN = 3  # digits at the end by which people know their number
_LONGEST_LABEL = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffLine:
    """A phone as the screens show it."""

    id: UUID
    label: str
    ends_with: str


class StaffService:
    """Also the port `StaffNumbers` of the engine."""

    def __init__(self, store: StaffStore, vault: Vault, clock: Clock, ids: Ids, *, demo: bool = False) -> None:
        """`demo`: fictional numbers are dialled too."""
        self._store = store
        self._vault = vault
        self._clock = clock
        self._ids = ids
        self._demo = demo

    async def phones(self, client: ClientId) -> Sequence[StaffLine]:
        """On the list now, by label."""
        return [_line(phone, self._open(phone)) for phone in await self._store.phones(client)]

    async def add(self, client: ClientId, label: str, number: str, *, user: UserId | None, actor: str) -> StaffLine:
        """Raises InvalidError with the field, ConflictError (`staff-is-resident`, or it is there already)."""
        name = label.strip()
        if not 1 <= len(name) <= _LONGEST_LABEL or not name.isprintable():
            raise InvalidError(f"geef een naam van hoogstens {_LONGEST_LABEL} tekens", "label")
        parsed = parse_number(number, demo=self._demo)
        if not isinstance(parsed, PhoneNumber):
            raise InvalidError("dit nummer kan niet worden gebeld", "number")
        if len(await self._store.phones(client)) >= MOST:
            raise ConflictError("too many phones")
        phone = self._ids.new()
        key = await self._store.client_key(client)
        sealed = self._vault.client(client, key).seal(STAFF_PHONE, phone, parsed.e164.encode())
        stored = StaffPhone(
            id=phone, client=client, label=name, number_key=self._vault.number_key(parsed.e164), sealed=sealed
        )
        await self._store.add(stored, user, self._clock.now(), actor)
        return _line(stored, parsed.e164)

    async def remove(self, client: ClientId, phone: UUID, *, actor: str) -> None:
        """Off the list. Raises NotFoundError."""
        await self._store.remove(client, phone, self._clock.now(), actor)

    async def proofs(self, campaign: CampaignId, most: int = 50) -> Sequence[ProofLine]:
        """The newest first."""
        return await self._store.proofs(campaign, most)

    async def number(self, phone: UUID) -> StaffNumber:
        """For the engine. Raises NotFoundError."""
        found = await self._store.phone(phone)
        return StaffNumber(client=found.client, number=self._open(found))

    def _open(self, phone: StaffPhone) -> str:
        return self._vault.client(phone.client, phone.client_key).open(STAFF_PHONE, phone.id, phone.sealed).decode()


def _line(phone: StaffPhone, number: str) -> StaffLine:
    return StaffLine(id=phone.id, label=phone.label, ends_with=number[-_SHOWN:])
