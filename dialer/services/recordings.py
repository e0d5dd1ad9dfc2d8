"""What becomes of recordings once the call is over: sealed, kept, played by who may, with a purpose that is audited.

The keeper goes by what lies in the spool and what the database says, not by what it remembers: whichever process died
at whichever line, the next look does what is left to do.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

from dialer.domain.errors import ForbiddenError, NotFoundError
from dialer.domain.ids import AttemptId
from dialer.domain.recording import DeleteReason, Left, PlayPurpose, left_in_spool, pieces, stereo, wav_header
from dialer.services.access import Role
from dialer.services.ports.audit import AuditLog
from dialer.services.ports.case_keys import CaseKeys
from dialer.services.ports.clock import Clock
from dialer.services.ports.people import Viewer
from dialer.services.ports.recordings import Kept, Played, RecordingSpool, RecordingStore
from dialer.services.ports.vault import ErasedError, Sealer, Vault
from dialer.services.sealed import sealer_of
from dialer.services.viewing import check_scope, noted

log = logging.getLogger(__name__)

GIVEN_UP_AFTER = timedelta(days=1)
"""An open recording of which nothing came for so long is lost: a machine that comes back has kept nothing in memory."""
LATE_AFTER = timedelta(minutes=10)
"""After the resident agreed: a call that is over by then, and not sealed, is looked into."""


class RecordingKeeper:
    """The job that empties the spool. `spool` None: this process has none."""

    def __init__(self, store: RecordingStore, spool: RecordingSpool | None, vault: Vault, clock: Clock) -> None:
        self._store = store
        self._spool = spool
        self._vault = vault
        self._clock = clock
        self.late_ones = 0
        """Calls that are over and whose recording is not sealed, as last looked at."""

    async def tend(self) -> int:
        """Seal and delete what is over; how many were sealed. Raises UnavailableError: then it stays in memory."""
        spool = self._spool
        if spool is None:
            return 0
        found = await asyncio.to_thread(spool.attempts)
        standing = await self._store.standing(list(found))
        sealed = 0
        for attempt, changed in found.items():
            row = standing.get(attempt)
            still_for = self._clock.wall() - changed
            what = left_in_spool(
                None if row is None else row.state, live=row is not None and row.live, still_for=still_for
            )
            if what is Left.SEAL:
                sealed += await self._seal(spool, attempt)
            elif what is Left.DELETE:
                await asyncio.to_thread(spool.delete, attempt)
        return sealed

    async def look_after(self) -> int:
        """What is not to stay, and what never came; how many were deleted. For one process of all."""
        now = self._clock.now()
        lost = await self._store.lose_older(now - GIVEN_UP_AFTER)
        if lost:
            log.error("recordings of which nothing came count=%d", lost)
        self.late_ones = await self.late()
        return await self._store.drop_unwanted(now)

    async def late(self) -> int:
        """Calls that are over and whose recording is not sealed yet."""
        return await self._store.late(self._clock.now() - LATE_AFTER)

    async def _seal(self, spool: RecordingSpool, attempt: AttemptId) -> int:
        sound = stereo(await asyncio.to_thread(spool.read, attempt))
        kept = False
        if sound:
            try:
                keys = await self._store.keys(attempt)
                wrapped, boxes = await asyncio.to_thread(self._boxes, attempt, keys, sound)
                kept = await self._store.keep(attempt, keys, wrapped, boxes, len(sound), self._clock.now())
            except (ErasedError, NotFoundError):
                log.warning("recording not kept, its data was erased attempt=%s", attempt)
        if not kept:
            await self._store.lost(attempt)
        await asyncio.to_thread(spool.delete, attempt)
        return int(kept)

    def _boxes(self, attempt: AttemptId, keys: CaseKeys, sound: bytes) -> tuple[bytes, Sequence[bytes]]:
        outer = sealer_of(self._vault, keys)
        wrapped = self._vault.new_recording_key(outer, attempt)
        sealer = self._vault.recording(outer, attempt, wrapped)
        parts = list(pieces(sound))
        return wrapped, [sealer.seal(_kind(at, len(parts)), attempt, one) for at, one in enumerate(parts)]


class Recordings:
    """Playing, and deleting before the term."""

    def __init__(self, store: RecordingStore, vault: Vault, audit: AuditLog, clock: Clock) -> None:
        self._store = store
        self._vault = vault
        self._audit = audit
        self._clock = clock

    async def play(self, attempt: AttemptId, purpose: PlayPurpose, viewer: Viewer) -> Played:
        """A WAV file, opened piece by piece; audited before the first.

        Raises NotFoundError, ErasedError, ForbiddenError: the privacy officer hears it for the resident alone.
        """
        if viewer.role == Role.PRIVACY and purpose is not PlayPurpose.RESIDENT:
            raise ForbiddenError("for a request of the resident alone")
        kept = await self._store.kept(attempt)
        check_scope(viewer, kept.client)
        sealer = opened(self._vault, attempt, kept)
        await noted(self._audit, viewer, "recording.play", "attempt", attempt, kept.client, purpose=purpose.value)
        head = wav_header(kept.size)
        return Played(size=len(head) + kept.size, sound=self._sound(attempt, kept, sealer, head))

    async def delete(self, attempt: AttemptId, why: DeleteReason, viewer: Viewer) -> None:
        """For good, with its key; who hears it at that moment hears no further. Raises NotFoundError."""
        kept = await self._store.kept(attempt)
        check_scope(viewer, kept.client)
        if not await self._store.drop(attempt, viewer.actor, why.value, self._clock.now()):
            raise NotFoundError("no such recording")  # somebody was faster

    async def whole(self, attempt: AttemptId) -> bytes | None:
        """For the resident's own file, which is audited as a whole. None: it is not kept (any more)."""
        try:
            kept = await self._store.kept(attempt)
            sealer = opened(self._vault, attempt, kept)
            sound = self._sound(attempt, kept, sealer, wav_header(kept.size))
            return b"".join([piece async for piece in sound])
        except (NotFoundError, ErasedError):
            return None

    async def _sound(self, attempt: AttemptId, kept: Kept, sealer: Sealer, head: bytes) -> AsyncIterator[bytes]:
        yield head
        for number in range(kept.pieces):
            yield open_piece(sealer, attempt, number, kept.pieces, await self._store.piece(attempt, number))


def opened(vault: Vault, attempt: AttemptId, kept: Kept) -> Sealer:
    """The recording's own key. Raises ErasedError, SealError."""
    return vault.recording(sealer_of(vault, kept.keys), attempt, kept.wrapped_key)


def open_piece(sealer: Sealer, attempt: AttemptId, number: int, of: int, box: bytes) -> bytes:
    """Its place is bound in: none can be exchanged or left out. Raises SealError."""
    return sealer.open(_kind(number, of), attempt, box)


def _kind(number: int, of: int) -> str:
    return f"recording-{number}-of-{of}"
