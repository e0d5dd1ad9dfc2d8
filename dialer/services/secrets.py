"""Secrets that sign what we send: renewed by hand, the old one beside the new one for a while.

Both sign meanwhile (a receiver takes either), so that the other side changes over when it suits them and nothing is
refused in between. What opens a box goes no further than a courier; a secret is shown once, when it is made.
"""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from dialer.domain.errors import ChangedSinceError, ConflictError, InvalidError
from dialer.domain.exchange import ChannelKind
from dialer.domain.ids import ClientId
from dialer.domain.outlets import OutletKind
from dialer.services.machine_tokens import MOST_OVERLAP_HOURS
from dialer.services.outbox import SECRET
from dialer.services.ports.audit import AuditLog
from dialer.services.ports.clock import Clock
from dialer.services.ports.exchange import Channel, ChannelStore
from dialer.services.ports.outlets import Outlet, OutletStore
from dialer.services.ports.people import Viewer
from dialer.services.ports.vault import Vault
from dialer.services.result_files import OUTLET_SECRET
from dialer.services.viewing import check_scope, noted

_BYTES = 32


def new_secret() -> str:
    """What signs a webhook or a push, in the form of the Standard Webhooks convention."""
    return "whsec_" + base64.b64encode(os.urandom(_BYTES)).decode()


def check_overlap(hours: int) -> timedelta:
    """How long the old one stays valid. Raises InvalidError."""
    if not 0 <= hours <= MOST_OVERLAP_HOURS:
        raise InvalidError(f"0 tot {MOST_OVERLAP_HOURS} uur", "overlap_hours")
    return timedelta(hours=hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """A new secret for a channel or an outlet at `version`. `old_until` None: the old one ends now."""

    of: UUID
    version: int
    sealed: bytes
    old_until: datetime | None


class SecretStore(Protocol):
    """Both kinds."""

    async def renew_channel(self, renewal: Renewal) -> bool:
        """False: another version."""
        ...

    async def renew_outlet(self, renewal: Renewal) -> bool:
        """False: another version."""
        ...

    async def forget(self, at: datetime) -> int:
        """Old ones whose time is over; how many."""
        ...


class Secrets:
    """Use cases."""

    def __init__(
        self,
        *,
        store: SecretStore,
        channels: ChannelStore,
        outlets: OutletStore,
        vault: Vault,
        audit: AuditLog,
        clock: Clock,
    ) -> None:
        self._store = store
        self._channels = channels
        self._outlets = outlets
        self._vault = vault
        self._audit = audit
        self._clock = clock

    async def renew_channel(
        self, channel: UUID, version: int, overlap_hours: int, viewer: Viewer
    ) -> tuple[Channel, str]:
        """The channel and its new secret, shown this once. Raises NotFoundError, InvalidError, ChangedSinceError, and
        ConflictError where the other side makes the secret.
        """
        before = await self._channels.find(channel)
        check_scope(viewer, before.client)
        if before.kind is not ChannelKind.WEBHOOK:
            raise ConflictError("we make no secret for this kind")
        secret = new_secret()
        renewal = self._renewal(SECRET, channel, version, secret, overlap_hours, before.client, before.client_key)
        if not await self._store.renew_channel(renewal):
            raise ChangedSinceError("iemand anders heeft deze koppeling gewijzigd")
        await self._noted(viewer, "channel.renew_secret", "channel", renewal, before.client)
        return await self._channels.find(channel), secret

    async def renew_outlet(self, outlet: UUID, version: int, overlap_hours: int, viewer: Viewer) -> tuple[Outlet, str]:
        """As `renew_channel`, of a push. Raises ConflictError where nothing of ours is signed."""
        before = await self._outlets.find(outlet)
        check_scope(viewer, before.client)
        if before.kind is not OutletKind.PUSH:
            raise ConflictError("we make no secret for this kind")
        secret = new_secret()
        renewal = self._renewal(OUTLET_SECRET, outlet, version, secret, overlap_hours, before.client, before.client_key)
        if not await self._store.renew_outlet(renewal):
            raise ChangedSinceError("iemand anders heeft dit gewijzigd")
        await self._noted(viewer, "outlet.renew_secret", "outlet", renewal, before.client)
        return await self._outlets.find(outlet), secret

    async def forget(self) -> int:
        """Job: an old one whose time is over signs nothing, and is kept nowhere."""
        return await self._store.forget(self._clock.now())

    def _renewal(
        self, kind: str, of: UUID, version: int, secret: str, hours: int, client: ClientId, client_key: bytes
    ) -> Renewal:
        overlap = check_overlap(hours)
        box = self._vault.client(client, client_key).seal(kind, of, secret.encode())
        return Renewal(of=of, version=version, sealed=box, old_until=self._clock.now() + overlap if overlap else None)

    async def _noted(self, viewer: Viewer, action: str, kind: str, renewal: Renewal, client: ClientId) -> None:
        until = None if renewal.old_until is None else renewal.old_until.isoformat()
        await noted(self._audit, viewer, action, kind, renewal.of, client, {"old_until": until})
