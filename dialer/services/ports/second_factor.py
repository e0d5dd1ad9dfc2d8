"""Stores and secrets behind the second factor. Times are wall time (aware UTC)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from dialer.domain.ids import UserId


class FactorRule(StrEnum):
    """What is asked of a role."""

    OPTIONAL = "optional"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """What is kept of somebody's authenticator app."""

    sealed: bytes | None = field(repr=False)  # None: not confirmed yet
    pending: bytes | None = field(repr=False)  # one that is being set up
    pending_at: datetime | None
    confirmed_at: datetime | None
    last_step: int  # of the last code that counted


class FactorStore(Protocol):
    """Apps, recovery codes and rules. One method is one transaction."""

    async def factor(self, user: UserId) -> Factor | None:
        """None: never set up."""
        ...

    async def recovery_left(self, user: UserId) -> int:
        """Codes that were not used."""
        ...

    async def start(self, user: UserId, pending: bytes, at: datetime) -> None:
        """Keep a secret that is to be confirmed, in the place of one that was not; what counts now goes on counting."""
        ...

    async def confirm(self, user: UserId, pending: bytes, step: int, codes: Sequence[bytes], at: datetime) -> bool:
        """The pending one counts from now on, with these recovery codes alone. False: another one is pending now."""
        ...

    async def use_step(self, user: UserId, sealed: bytes, step: int) -> bool:
        """A code of this step was typed. False: one of it or of a later one counted before, or the app is another."""
        ...

    async def use_recovery(self, user: UserId, code: bytes, at: datetime) -> bool:
        """Use one up. False: there is none like it, or it was used."""
        ...

    async def remove(self, user: UserId) -> bool:
        """Forget app and recovery codes. False: there were none."""
        ...

    async def rules(self) -> Mapping[str, FactorRule]:
        """By role, where an administrator has said something."""
        ...

    async def set_rule(self, role: str, rule: FactorRule, at: datetime) -> None:
        """From the next sign-in on."""
        ...


class FactorSecrets(Protocol):
    """Draws, seals and hashes; what it makes is worth nothing without the master key."""

    def new_secret(self) -> bytes:
        """For an authenticator app: 160 bits."""
        ...

    def seal(self, user: UserId, secret: bytes) -> bytes:
        """To be stored."""
        ...

    def open(self, user: UserId, sealed: bytes) -> bytes:
        """Raises SealError."""
        ...

    def new_recovery_codes(self) -> Sequence[str]:
        """As they are shown, once."""
        ...

    def recovery_hash(self, user: UserId, plain: str) -> bytes:
        """Keyed hash of one, without dashes."""
        ...
