"""Recordings: where sound lies while a call lives, and where it is kept, sealed. `storage` and `spool` implement it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from dialer.domain.ids import AttemptId, ClientId, UserId
from dialer.domain.recording import Recording
from dialer.services.ports.case_keys import CaseKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the database says of a call's recording."""

    state: str  # open | kept | refused | lost
    live: bool  # the call goes on


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A recording as it is stored, and what opens it."""

    client: ClientId
    keys: CaseKeys
    wrapped_key: bytes = field(repr=False)
    pieces: int
    size: int  # bytes of sound


class RecordingSpool(Protocol):
    """The folder in memory that Asterisk records into. Ordinary, short calls: memory answers at once.

    Files of one call are parts, two each: what was received and what was sent.
    """

    def trouble(self) -> str:
        """Why nothing may be recorded into it; "": nothing is wrong."""
        ...

    def room(self) -> int:
        """Bytes that are free."""
        ...

    def places(self, attempt: AttemptId, part: int) -> tuple[str, str]:
        """Paths of the two files of a part, as Asterisk is told them."""
        ...

    def arrived(self, attempt: AttemptId, part: int) -> bool:
        """Whether Asterisk has begun to write both."""
        ...

    def last_part(self, attempt: AttemptId) -> int:
        """The highest part there is; 0: none."""
        ...

    def attempts(self) -> Mapping[AttemptId, float]:
        """Calls that have files, with the last change of any (unix seconds)."""
        ...

    def read(self, attempt: AttemptId) -> Sequence[tuple[bytes, bytes]]:
        """All parts in order."""
        ...

    def delete(self, attempt: AttemptId) -> None:
        """Its files; none is no error. Who still writes one writes into nothing."""
        ...


class RecordingStore(Protocol):
    """Rows of recordings and their sealed pieces. Raises UnavailableError."""

    async def agreed(self, attempt: AttemptId, user: UserId, at: datetime) -> str:
        """The resident agreed in this call: from now on, and not before, it may be recorded. Audited.

        "" or why it may not be: `recording-off`, `recording-not-verified`, `recording-crisis`, `recording-refused`.
        """
        ...

    async def refuse(self, attempt: AttemptId, user: UserId, at: datetime) -> bool:
        """The resident does not want it: what was kept is deleted with its key, in one transaction, audited.

        False: the call is not in this agent's hands (any more).
        """
        ...

    async def standing(self, attempts: Sequence[AttemptId]) -> Mapping[AttemptId, Standing]:
        """Of those that have a row."""
        ...

    async def keys(self, attempt: AttemptId) -> CaseKeys:
        """What the recording's own key is sealed with. Raises NotFoundError."""
        ...

    async def keep(
        self, attempt: AttemptId, keys: CaseKeys, wrapped: bytes, boxes: Sequence[bytes], size: int, at: datetime
    ) -> bool:
        """All of it, or nothing. False: it is open no more, or the key above it was destroyed meanwhile."""
        ...

    async def lost(self, attempt: AttemptId) -> None:
        """No sound came of an open one."""
        ...

    async def lose_older(self, agreed_before: datetime) -> int:
        """Open ones of calls that are over, agreed to before then, of which no process has any sound: how many."""
        ...

    async def drop_unwanted(self, at: datetime) -> int:
        """Deletes those after whose filing they must not stay (a crisis, somebody else). Audited; how many."""
        ...

    async def drop(self, attempt: AttemptId, actor: str, why: str, at: datetime) -> bool:
        """Deletes a kept one with its key and sound, in one transaction with its line in the audit. False: none."""
        ...

    async def late(self, agreed_before: datetime) -> int:
        """Open ones of calls that are over, agreed to before then: how many."""
        ...

    async def kept(self, attempt: AttemptId) -> Kept:
        """Raises NotFoundError."""
        ...

    async def piece(self, attempt: AttemptId, number: int) -> bytes:
        """One sealed piece, from 0. Raises NotFoundError."""
        ...


class RecordingDesk(Protocol):
    """An agent's hands on the recording of his call. A refusal's `code`: `services.recorder.RECORDING_CODES`."""

    async def agreed(self, user: UserId, attempt: AttemptId) -> Recording:
        """The resident was told and agrees: it begins, or begins again."""
        ...

    async def pause(self, user: UserId, attempt: AttemptId) -> Recording:
        """Nothing is recorded when this returns."""
        ...

    async def resume(self, user: UserId, attempt: AttemptId) -> Recording:
        """Goes on, in a new part."""
        ...

    async def refuse(self, user: UserId, attempt: AttemptId) -> None:
        """Stopped and deleted, also in the wrap-up. For good in this call."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What is sent to who plays one."""

    size: int  # bytes of the WAV file
    sound: AsyncIterator[bytes]
