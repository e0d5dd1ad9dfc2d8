"""Clients: the municipalities we work for. Making one makes its key and names its number to the telephone system."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from dialer.domain.client_settings import check_settings
from dialer.domain.errors import ChangedSinceError, InvalidError
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
    settings: Mapping[str, int] = field(default_factory=dict)  # only what the client has set itself
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientChange:
    """What may change. A setting that is None goes back to the usual value."""

    name: str = ""
    municipality: str = ""
    neutral_name: str = ""
    settings: Mapping[str, int | None] = field(default_factory=dict)


class ClientStore(Protocol):
    """Keeps clients."""

    async def add(self, client: ClientId, new: NewClient, wrapped_key: bytes, at: datetime) -> None:
        """Raises ConflictError when the slug or the number is taken."""
        ...

    async def all(self) -> Sequence[Client]:
        """Every client, by name."""
        ...

    async def find(self, client: ClientId) -> Client:
        """Raises NotFoundError."""
        ...

    async def change(self, client: Client) -> Client | None:
        """Store what may change, as the next version. None: `client.version` is not the newest."""
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
        _check_names(new.name, new.municipality, new.neutral_name)
        settings = check_settings(new.settings)
        client = ClientId(self._ids.new())
        await self._store.add(client, new, self._vault.new_client_key(client), self._clock.now())
        return Client(
            id=client,
            slug=new.slug,
            name=new.name,
            municipality=new.municipality,
            neutral_name=new.neutral_name,
            inbound_number=new.inbound_number,
            settings=settings,
        )

    async def change(self, client: ClientId, version: int, change: ClientChange) -> Client:
        """What is left out stays. New caps and rests rule from the next claim on, new terms for the next list.

        Raises NotFoundError, InvalidError that names the field, ChangedSinceError when somebody changed it since
        `version`.
        """
        before = await self._store.find(client)
        settings = dict(before.settings)
        for key, value in change.settings.items():
            if value is None:
                settings.pop(key, None)
            else:
                settings[key] = value
        after = replace(
            before,
            name=change.name or before.name,
            municipality=change.municipality or before.municipality,
            neutral_name=change.neutral_name or before.neutral_name,
            settings=check_settings(settings),
            version=version,
        )
        _check_names(after.name, after.municipality, after.neutral_name)
        stored = await self._store.change(after)
        if stored is None:
            raise ChangedSinceError("iemand anders heeft de klant gewijzigd")
        return stored

    async def one(self, client: ClientId) -> Client:
        """Raises NotFoundError."""
        return await self._store.find(client)

    async def all(self) -> Sequence[Client]:
        """Every client."""
        return await self._store.all()


def _check_names(name: str, municipality: str, neutral_name: str) -> None:
    for field_, value in (("name", name), ("municipality", municipality), ("neutral_name", neutral_name)):
        if not value.strip() or len(value) > 80 or not value.isprintable():
            raise InvalidError("must be 1 to 80 printable characters", field_)
