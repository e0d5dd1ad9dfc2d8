"""Secrets of authenticator apps and recovery codes, under keys of their own derived from the master key."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from dialer.domain.ids import UserId
from dialer.domain.one_time import RECOVERY_CODES, RECOVERY_LENGTH, RECOVERY_LETTERS, recovery_text
from dialer.security.vault import signer, staff_sealer

_KIND = "second_factor"
_SECRET_BYTES = 20  # as long as the hash that it keys (RFC 4226, section 4)


class SealedFactors:
    """The port `FactorSecrets`."""

    def __init__(self, master: bytes) -> None:
        self._sealer = staff_sealer(master)
        self._sign = signer(master, "recovery code v1")

    def new_secret(self) -> bytes:
        """160 bits."""
        return secrets.token_bytes(_SECRET_BYTES)

    def seal(self, user: UserId, secret: bytes) -> bytes:
        """Bound to the user's row."""
        return self._sealer.seal(_KIND, user, secret)

    def open(self, user: UserId, sealed: bytes) -> bytes:
        """Raises SealError."""
        return self._sealer.open(_KIND, user, sealed)

    def new_recovery_codes(self) -> Sequence[str]:
        """Ten, in groups of four letters."""
        return [
            recovery_text([secrets.choice(RECOVERY_LETTERS) for _ in range(RECOVERY_LENGTH)])
            for _ in range(RECOVERY_CODES)
        ]

    def recovery_hash(self, user: UserId, plain: str) -> bytes:
        """Keyed, and bound to the user: who has the database alone can try none."""
        return self._sign(user.bytes + plain.encode("utf-8", "replace"))
