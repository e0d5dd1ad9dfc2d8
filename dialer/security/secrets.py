"""Passwords of people (Argon2id) and random tokens of machines and sessions (SHA-256)."""

from __future__ import annotations

import hashlib
import secrets

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

MAX_PASSWORD = 256
"""Characters. Longer input is refused before any work is done on it."""


class Argon2Passwords:
    """Argon2id with the first recommended option of RFC 9106 scaled to a shared server: 64 MiB, 3 passes, 4 lanes.

    Each call takes tens of milliseconds of a core: run it in a thread. Tests may pass small costs.
    """

    def __init__(self, *, memory_kib: int = 65_536, passes: int = 3, lanes: int = 4) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=lanes, type=Type.ID)

    def hash(self, password: str) -> str:
        """An encoded hash with salt and parameters. Raises ValueError for an overlong password."""
        if len(password) > MAX_PASSWORD:
            raise ValueError("password too long")
        return self._hasher.hash(password)

    def verify(self, encoded: str, password: str) -> bool:
        """Whether the password fits; False for a damaged hash too."""
        if len(password) > MAX_PASSWORD:
            return False
        try:
            return self._hasher.verify(encoded, password)
        except (VerificationError, InvalidHashError):
            return False

    def needs_rehash(self, encoded: str) -> bool:
        """Whether it was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(encoded)


class RandomTokens:
    """32 random bytes, URL-safe; only their SHA-256 is stored."""

    def new(self) -> tuple[str, bytes]:
        """(the secret to hand out once, its hash to store)."""
        token = secrets.token_urlsafe(32)
        return token, self.hash(token)

    def hash(self, token: str) -> bytes:
        """SHA-256 of a presented secret."""
        return hashlib.sha256(token.encode()).digest()
