"""Password hashes are slow on purpose: a few at a time, in threads, and whoever comes to a long queue is told so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from dialer.domain.errors import UnavailableError
from dialer.services.ports.vault import Passwords

T = TypeVar("T")

_WAITING_AT_MOST = 64  # more are told to come back


class SlowHashes:
    """`Passwords`, off the event loop. Each method raises UnavailableError while the queue is full."""

    def __init__(self, passwords: Passwords, *, at_once: int, new_secret: Callable[[], str]) -> None:
        """`new_secret`: something that nobody will ever type."""
        self._passwords = passwords
        self._new_secret = new_secret
        self._room = asyncio.Semaphore(at_once)
        self._waiting = 0
        self._decoy: str | None = None

    async def hash(self, password: str) -> str:
        """To be stored."""
        return await self._slowly(self._passwords.hash, password)

    async def fits(self, hashed: str, password: str) -> bool:
        """Whether this is the password."""
        return await self._slowly(self._passwords.verify, hashed, password)

    async def decoy(self) -> str:
        """A hash that nobody's password fits: a login that does not exist takes as long as one that does."""
        if self._decoy is None:
            self._decoy = await self.hash(self._new_secret())
        return self._decoy

    async def _slowly(self, work: Callable[..., T], *arguments: str) -> T:
        if self._waiting >= _WAITING_AT_MOST:
            raise UnavailableError("too many sign-ins at once")
        self._waiting += 1
        try:
            async with self._room:
                return await asyncio.to_thread(work, *arguments)
        finally:
            self._waiting -= 1
