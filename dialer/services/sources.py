"""Places where clients' files come: made, changed, looked at, and what should have come and did not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from uuid import UUID

from dialer.domain.arrivals import Holds, SourceKind
from dialer.domain.errors import ChangedSinceError, InvalidError
from dialer.domain.ids import CampaignId, ClientId
from dialer.schedule.arrivals import Expectation, missing_since
from dialer.services.arrivals import SOURCE_KEY, Arrivals
from dialer.services.places import checked_place
from dialer.services.ports.arrivals import Arrival, Place, Source, SourceStore
from dialer.services.ports.audit import AuditLog
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.people import Viewer
from dialer.services.ports.vault import Vault
from dialer.services.viewing import check_scope, noted

_NAME, _TEXT = 60, 200
_LOOK_BACK = timedelta(days=75)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceWish:
    """What somebody fills in. None: as it was (of a new one: the usual)."""

    name: str | None = None
    on: bool | None = None
    path: str | None = None
    host: str | None = None
    port: int | None = None
    user: str | None = None
    host_key: str | None = None
    holds: Holds | None = None
    mapping_name: str | None = None
    weekdays: Sequence[int] | None = None
    month_days: Sequence[int] | None = None
    by: time | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A file that should have come."""

    source: UUID
    campaign: CampaignId
    name: str
    due_at: datetime


class Sources:
    """Use cases."""

    def __init__(
        self,
        *,
        store: SourceStore,
        arrivals: Arrivals,
        new_key: Callable[[], tuple[str, str]],
        is_host_key: Callable[[str], bool],
        vault: Vault,
        audit: AuditLog,
        clock: Clock,
        ids: Ids,
    ) -> None:
        """`new_key` makes (private, public); `is_host_key` knows a server's public key when it sees one."""
        self._store = store
        self._arrivals = arrivals
        self._new_key = new_key
        self._is_host_key = is_host_key
        self._vault = vault
        self._audit = audit
        self._clock = clock
        self._ids = ids

    async def sources(self, viewer: Viewer) -> Sequence[tuple[Source, datetime | None]]:
        """By name, each with the moment since which its file is missing."""
        return [(one, await self._missing(one)) for one in await self._store.all(viewer.client)]

    async def mapping_names(self, client: ClientId, viewer: Viewer, holds: Holds = Holds.LIST) -> Sequence[str]:
        """What a place may name whose files are of this sort."""
        check_scope(viewer, client)
        return await self._store.mapping_names(client, holds)

    async def add(self, campaign: CampaignId, kind: SourceKind, wish: SourceWish, viewer: Viewer) -> Source:
        """With a key of its own; the client puts its public half on the server. Raises InvalidError, ConflictError."""
        client, client_key = await self._store.owner_of(campaign)
        check_scope(viewer, client)
        identity, box, public = self._ids.new(), None, ""
        if kind is SourceKind.SFTP:
            private, public = self._new_key()
            box = self._vault.client(client, client_key).seal(SOURCE_KEY, identity, private.encode())
        new = Source(
            id=identity,
            client=client,
            campaign=campaign,
            kind=kind,
            name="",
            on=True,
            place=Place(path=""),
            holds=Holds.LIST,
            mapping_name="",
            expected=Expectation(),
            public_key=public,
            created_at=self._clock.now(),
            version=1,
            client_key=client_key,
            sealed_key=box,
        )
        wished = await self._checked(new, wish)
        await self._store.add(wished)
        await noted(self._audit, viewer, "source.add", "source", identity, client, {"kind": kind.value})
        return wished

    async def change(self, source: UUID, version: int, wish: SourceWish, viewer: Viewer) -> Source:
        """What is left out stays. Raises NotFoundError, InvalidError, ChangedSinceError."""
        before = await self._store.find(source)
        check_scope(viewer, before.client)
        stored = await self._store.change(replace(await self._checked(before, wish), version=version))
        if stored is None:
            raise ChangedSinceError("iemand anders heeft dit gewijzigd")
        await noted(self._audit, viewer, "source.change", "source", source, before.client, {"on": stored.on})
        return stored

    async def look(self, source: UUID, viewer: Viewer) -> Source:
        """Look now. A file is taken at the second look that finds it as it was."""
        found = await self._store.find(source)
        check_scope(viewer, found.client)
        await self._arrivals.look(found)
        await noted(self._audit, viewer, "source.look", "source", source, found.client)
        return await self._store.find(source)

    async def receipts(self, viewer: Viewer, source: UUID | None, limit: int) -> Sequence[Arrival]:
        """The newest first."""
        return await self._store.receipts(viewer.client, source, limit)

    async def missing(self, client: ClientId | None) -> Sequence[Missing]:
        """Files that should have come and did not."""
        found = []
        for one in await self._store.all(client):
            due = await self._missing(one)
            if due is not None:
                found.append(Missing(source=one.id, campaign=one.campaign, name=one.name, due_at=due))
        return found

    async def _missing(self, one: Source) -> datetime | None:
        now = self._clock.now()
        if not one.on or not (one.expected.weekdays or one.expected.month_days):
            return None
        return missing_since(one.expected, one.created_at, await self._store.came(one.id, now - _LOOK_BACK), now)

    async def _checked(self, before: Source, wish: SourceWish) -> Source:
        texts = {"name": wish.name, "path": wish.path, "host": wish.host, "user": wish.user,
                 "mapping_name": wish.mapping_name}  # fmt: skip
        for key, text in texts.items():
            if text is not None and (len(text) > _TEXT or not text.isprintable()):
                raise InvalidError(f"hoogstens {_TEXT} gewone tekens", key)
        name = before.name if wish.name is None else wish.name.strip()
        if not name or len(name) > _NAME:
            raise InvalidError(f"1 tot {_NAME} tekens", "name")
        place = checked_place(
            before.place, wish, folder=before.kind is SourceKind.FOLDER, is_host_key=self._is_host_key
        )
        expected = Expectation(
            weekdays=before.expected.weekdays if wish.weekdays is None else frozenset(wish.weekdays),
            month_days=before.expected.month_days if wish.month_days is None else frozenset(wish.month_days),
            by=wish.by or before.expected.by,
        )
        holds = wish.holds or before.holds
        mapping = before.mapping_name if wish.mapping_name is None else wish.mapping_name.strip()
        chosen = wish.mapping_name is not None or holds is not before.holds
        if mapping and chosen and mapping not in await self._store.mapping_names(before.client, holds):
            raise InvalidError("deze kolomindeling is er niet", "mapping_name")
        return replace(
            before,
            name=name,
            on=before.on if wish.on is None else wish.on,
            place=place,
            holds=holds,
            mapping_name=mapping,
            expected=expected,
        )
