"""Tokens with which machines of clients and of our own use the API. Of a secret only the hash is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from dialer.domain.errors import ConflictError, InvalidError, NotFoundError
from dialer.domain.ids import ClientId, UserId
from dialer.services.access import PERMISSIONS, Permission, Principal, Role
from dialer.services.credentials import EndWatchers, NotSignedInError, check_client, plausible
from dialer.services.ports.accounts import AccountStore, Token
from dialer.services.ports.audit import AuditEntry, AuditLog
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.vault import Tokens

MOST_OVERLAP_HOURS = 720
"""A month that an old secret stays valid beside its new one: longer is no renewal."""
_MOST_DAYS = 366
_SCOPES = frozenset(str(permission) for permission in Permission)


class MachineTokens:
    """Use cases."""

    def __init__(
        self, store: AccountStore, secrets: Tokens, audit: AuditLog, clock: Clock, ids: Ids, watchers: EndWatchers
    ) -> None:
        """`watchers` hear of a token that has ended."""
        self._store = store
        self._secrets = secrets
        self._audit = audit
        self._clock = clock
        self._ids = ids
        self._watchers = watchers

    async def by_secret(self, secret: str) -> Principal:
        """Which machine holds this token. Raises NotSignedInError."""
        if not plausible(secret):
            raise NotSignedInError("no token")
        token = await self._store.token(self._secrets.hash(secret), self._clock.wall_utc())
        if token is None:
            raise NotSignedInError("no token")
        role = Role(token.role)
        return Principal(
            credential=token.id,
            role=role,
            # A role that lost a permission since takes it from its tokens too.
            permissions=PERMISSIONS[role] & {Permission(scope) for scope in token.scopes if scope in _SCOPES},
            client=token.client,
            user=None,
            name=token.name,
            language="nl",
            expires_at=token.expires_at,
        )

    async def all(self) -> Sequence[Token]:
        """The newest first."""
        return await self._store.tokens()

    async def add(
        self, actor: str, creator: UserId | None, *, name: str, role: Role, client: ClientId | None,
        scopes: Sequence[Permission], days: int
    ) -> tuple[Token, str]:  # fmt: skip
        """The token and its secret, which is shown once. Raises InvalidError."""
        check_client(role, client)
        beyond = set(scopes) - PERMISSIONS[role]
        if beyond or not scopes:
            raise InvalidError("scopes must be permissions of the role", "scopes")
        _check_days(days)
        now = self._clock.wall_utc()
        token = Token(
            id=self._ids.new(),
            name=name,
            role=role,
            client=client,
            scopes=sorted(scopes),
            created_at=now,
            expires_at=now + timedelta(days=days),
            revoked_at=None,
        )
        secret, token_hash = self._secrets.new()
        await self._store.add_token(token, token_hash, creator)
        await self._record(actor, "token.add", token.id, {"role": str(role), "scopes": list(token.scopes)})
        return token, secret

    async def renew(
        self, actor: str, creator: UserId | None, *, token: UUID, overlap_hours: int, days: int
    ) -> tuple[Token, str]:
        """A new token that may do the same, and its secret, which is shown once. The old one ends after the overlap.

        Raises NotFoundError, InvalidError, ConflictError when the old one has ended or was renewed before.
        """
        _check_days(days)
        if not 0 <= overlap_hours <= MOST_OVERLAP_HOURS:
            raise InvalidError(f"0 tot {MOST_OVERLAP_HOURS} uur", "overlap_hours")
        found = [one for one in await self._store.tokens() if one.id == token]
        if not found:
            raise NotFoundError("no such token")
        now = self._clock.wall_utc()
        made = replace(
            found[0], id=self._ids.new(), created_at=now, expires_at=now + timedelta(days=days), renewed=False
        )
        secret, token_hash = self._secrets.new()
        old_until = now + timedelta(hours=overlap_hours)
        if not await self._store.renew_token(token, made, token_hash, creator, old_until):
            raise ConflictError("this token has ended or was renewed before")
        if not overlap_hours:
            self._watchers.ended([token])
        await self._record(
            actor, "token.renew", token, {"renewed_by": str(made.id), "old_until": old_until.isoformat()}
        )
        return made, secret

    async def revoke(self, actor: str, token: UUID) -> None:
        """At once. Raises NotFoundError."""
        if not await self._store.revoke_token(token, self._clock.wall_utc()):
            raise NotFoundError("no such token")
        self._watchers.ended([token])
        await self._record(actor, "token.revoke", token)

    async def _record(self, actor: str, action: str, token: UUID, detail: Mapping[str, object] | None = None) -> None:
        await self._audit.record(
            AuditEntry(actor=actor, action=action, subject_kind="token", subject=str(token), detail=detail or {})
        )


def _check_days(days: int) -> None:
    if not 1 <= days <= _MOST_DAYS:
        raise InvalidError(f"between 1 and {_MOST_DAYS} days", "days")
