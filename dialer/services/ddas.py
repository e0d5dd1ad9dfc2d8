"""The municipality's delivery to the national exchange of early signals (DDAS), from what it delivered to us."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol

from dialer.domain.errors import InvalidError
from dialer.domain.ids import CampaignId, CaseId, ClientId
from dialer.schedule.windows import at_local
from dialer.services.ports.audit import AuditLog
from dialer.services.ports.clock import Clock
from dialer.services.ports.people import Viewer
from dialer.services.ports.vault import Vault
from dialer.services.viewing import check_scope, noted

_TEXT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class DdasProfile:
    """A client's own: which version its exchange takes, and who it is there."""

    version: str
    municipality: str  # four digits, CBS
    supplier: str  # codeGegevensleverancier
    organisation: str
    kvk: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DdasSignal:
    """A signal with its case's standing. Personal data: never logged."""

    case: CaseId
    signal_ref: str
    partner_type: str
    signal_on: date
    crisis: bool
    warm_handover: bool
    opened_at: datetime
    result: str  # DDAS's words; empty: none yet
    attempts: Sequence[Mapping[str, Any]]
    amount_cents: int | None = field(repr=False)
    arisen_on: date | None = field(repr=False)
    postcode: str = field(repr=False)
    house_number: int = field(repr=False)
    house_addition: str = field(repr=False)


class DdasStore(Protocol):
    """Profiles and signals."""

    async def client_of(self, campaign: CampaignId) -> ClientId:
        """Raises NotFoundError."""
        ...

    async def profile(self, client: ClientId) -> Mapping[str, str]:
        """What was set. Raises NotFoundError."""
        ...

    async def keep_profile(self, client: ClientId, profile: Mapping[str, str]) -> None:
        """In place of what was."""
        ...

    async def signals(self, campaign: CampaignId, begin: datetime, end: datetime, vault: Vault) -> Sequence[DdasSignal]:
        """Signals delivered in [begin, end) whose data is still there, by case."""
        ...


class Ddas:
    """Use cases."""

    def __init__(
        self,
        *,
        store: DdasStore,
        document: Callable[[DdasProfile, date, date, Sequence[DdasSignal], datetime], object],
        complaints: Callable[[object, str], Sequence[str]],
        versions: Sequence[str],
        vault: Vault,
        audit: AuditLog,
        clock: Clock,
    ) -> None:
        """`document` builds, `complaints` holds it against its version's schema."""
        self._store = store
        self._document = document
        self._complaints = complaints
        self.versions = versions
        self._vault = vault
        self._audit = audit
        self._clock = clock

    async def profile_of(self, client: ClientId, viewer: Viewer) -> Mapping[str, str]:
        """What was set, by field; nothing yet is nothing. Raises NotFoundError."""
        check_scope(viewer, client)
        return await self._store.profile(client)

    async def set_profile(self, client: ClientId, changes: Mapping[str, str], viewer: Viewer) -> DdasProfile:
        """What is left out stays. Raises InvalidError that names the field."""
        check_scope(viewer, client)
        known = {one.name for one in fields(DdasProfile)}
        for key, value in changes.items():
            if key not in known:
                raise InvalidError(f"there are: {', '.join(sorted(known))}", key)
            if len(value) > _TEXT or not value.isprintable():
                raise InvalidError("at most 200 printable characters", key)
        profile = self._checked({**await self._store.profile(client), **changes})
        kept = {one.name: getattr(profile, one.name) for one in fields(DdasProfile)}
        await self._store.keep_profile(client, kept)
        await noted(self._audit, viewer, "ddas.profile", "client", client, client, {"version": profile.version})
        return profile

    async def delivery(self, campaign: CampaignId, begin: date, end: date, viewer: Viewer) -> tuple[bytes, int]:
        """(the JSON over `begin` to `end`, both included; how many signals).

        Raises InvalidError: no profile yet, or the document does not fit its version, in which case nothing leaves.
        """
        client = await self._store.client_of(campaign)
        check_scope(viewer, client)
        if begin > end:
            raise InvalidError("the period ends before it begins", "until")
        profile = self._checked(await self._store.profile(client))
        until = at_local(end + timedelta(days=1), time.min)
        signals = await self._store.signals(campaign, at_local(begin, time.min), until, self._vault)
        found = self._document(profile, begin, end, signals, self._clock.now())
        wrong = self._complaints(found, profile.version)
        if wrong:
            raise InvalidError(f"not a document of version {profile.version}: {'; '.join(wrong[:5])}", "document")
        detail = {"version": profile.version, "signals": len(signals)}
        await noted(self._audit, viewer, "ddas.delivery", "campaign", campaign, client, detail)
        return json.dumps(found, ensure_ascii=False, indent=1).encode(), len(signals)

    def _checked(self, values: Mapping[str, str]) -> DdasProfile:
        for key in ("version", "municipality", "supplier", "organisation"):
            if not values.get(key):
                raise InvalidError("is not set for this client", key)
        if values["version"] not in self.versions:
            raise InvalidError(f"there are: {', '.join(self.versions)}", "version")
        if not re.fullmatch("[0-9]{4}", values["municipality"]):
            raise InvalidError("four digits", "municipality")
        return DdasProfile(**values)
