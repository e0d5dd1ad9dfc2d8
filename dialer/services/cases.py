"""The client's decisions about single residents: withdraw, release, lift an opt-out or a block."""

from __future__ import annotations

from dialer.domain.errors import InvalidError
from dialer.domain.ids import CaseId, PhoneId
from dialer.services.ports.cases import CaseStore, Steering
from dialer.services.ports.clock import Clock

_BATCH = 500


class CaseService:
    """Steers cases. Each step is audited with its reason and effective for the very next dial."""

    def __init__(self, store: CaseStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def withdraw(self, case: CaseId, reason: str, actor: str) -> None:
        """Raises NotFoundError, IllegalTransitionError when a result stands already."""
        await self._store.withdraw(self._steering(case, reason, actor))

    async def release(self, case: CaseId, reason: str, actor: str) -> None:
        """A held or withdrawn case may be called. Raises NotFoundError, IllegalTransitionError, ConflictError."""
        await self._store.release(self._steering(case, reason, actor))

    async def lift_opt_out(self, case: CaseId, reason: str, actor: str) -> None:
        """The resident asked to be called again. Raises NotFoundError, ConflictError."""
        await self._store.lift_opt_out(self._steering(case, reason, actor))

    async def unblock(self, case: CaseId, phone: PhoneId, reason: str, actor: str) -> None:
        """The number may be called again. Raises NotFoundError, ConflictError."""
        await self._store.unblock(self._steering(case, reason, actor), phone)

    async def merge(self, kept: CaseId, other: CaseId, reason: str, actor: str) -> None:
        """Both are one person's: `kept` answers for both. Raises NotFoundError, NotNowError."""
        await self._store.merge(self._steering(kept, reason, actor), other)

    async def unmerge(self, other: CaseId, reason: str, actor: str) -> CaseId:
        """They were two after all; returns the case that was kept. Raises NotFoundError, NotNowError."""
        return await self._store.unmerge(self._steering(other, reason, actor))

    async def close_ended(self) -> int:
        """Job: close every case whose planning is over; returns how many."""
        closed = 0
        while found := await self._store.close_ended(self._clock.now(), _BATCH):
            closed += found
        return closed

    def _steering(self, case: CaseId, reason: str, actor: str) -> Steering:
        if not reason.strip():
            raise InvalidError("geef een reden", "reason")
        return Steering(case=case, actor=actor, reason=reason.strip(), at=self._clock.now())
