"""Clients: the municipalities we work for. Making one makes its key and names its number to the telephone system."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from dialer.domain.errors import InvalidError
from dialer.domain.ids import ClientId
from dialer.domain.numbers import PhoneNumber, parse_number
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.vault import Vault

_SLUG = re.compile(r"[a-z][a-z0-9-]{1,30}\Z")
_RESERVED = frozenset({"default"})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewClient:
    """What is needed to begin."""

    slug: str
    name: str
    municipality: str
    neutral_name: str  # what residents and callers hear; never tells the trade
    inbound_number: str  # E.164; shown as caller id and answered
    settings: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A client as stored."""

    id: ClientId
    slug: str
    name: str
    municipality: str
    neutral_name: str
    inbound_number: str


class ClientStore(Protocol):
    """Keeps clients."""

    async def add(self, client: ClientId, new: NewClient, wrapped_key: bytes, at: datetime) -> None:
        """Raises ConflictError when the slug or the number is taken."""
        ...

    async def all(self) -> Sequence[Client]:
        """Every client, by name."""
        ...


class Clients:
    """Use cases."""

    def __init__(self, store: ClientStore, vault: Vault, clock: Clock, ids: Ids, *, demo: bool) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._ids = ids
        self._demo = demo

    async def add(self, new: NewClient) -> Client:
        """Raises InvalidError that names the field, ConflictError when the slug or number is taken."""
        if not _SLUG.match(new.slug) or new.slug in _RESERVED:
            raise InvalidError("use 2 to 31 small letters, digits and dashes, a letter first", "slug")
        number = parse_number(new.inbound_number, demo=self._demo)
        if not isinstance(number, PhoneNumber):
            raise InvalidError("this is not a number that can be called back", "inbound_number")
        for name, value in (("name", new.name), ("municipality", new.municipality), ("neutral_name", new.neutral_name)):
            if not value.strip() or len(value) > 80 or not value.isprintable():
                raise InvalidError("must be 1 to 80 printable characters", name)
        client = ClientId(self._ids.new())
        await self._store.add(client, new, self._vault.new_client_key(client), self._clock.now())
        return Client(
            id=client,
            slug=new.slug,
            name=new.name,
            municipality=new.municipality,
            neutral_name=new.neutral_name,
            inbound_number=new.inbound_number,
        )

    async def all(self) -> Sequence[Client]:
        """Every client."""
        return await self._store.all()
