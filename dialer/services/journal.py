"""Everything that must reach the database, in the order in which it happened, without the calls waiting for it.

While PostgreSQL is away the journal keeps what happened and tries again; calls and conversations go on, and new dials
wait, because a claim needs the database itself. An agent's outcome is not written through here: it is acknowledged only
after its own commit, for which `settled` first lets everything earlier through.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from dialer.domain.errors import UnavailableError
from dialer.services.ports.ledger import CallEnd, CallFact, InboundCall, Ledger

log = logging.getLogger(__name__)

Write = Callable[[], Awaitable[None]]
_BATCH = 200
_HANGS = 3.0
"""Seconds after which a write without an answer means that the database is away."""
_RETRY_FIRST, _RETRY_MOST = 0.2, 5.0


@dataclass(frozen=True, slots=True)
class _Other:
    """A write that is no ledger entry, in its place in the order."""

    write: Write
    what: str


_Entry = CallFact | CallEnd | InboundCall | _Other


class Journal:
    """One writer, one order."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._entries: deque[_Entry] = deque()
        self._wake = asyncio.Event()
        self._written = 0
        self._queued = 0
        self._progress = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None
        self._stopping = False
        self._refused = False
        self._writing = 0  # entries in the statement that is under way
        self._writing_since: float | None = None
        self.rejected = 0
        """Entries that the database would not take: each is a bug, and an alarm."""

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def healthy(self) -> bool:
        """False while the database is away, or does not answer; new dials wait."""
        since = self._writing_since
        hangs = since is not None and asyncio.get_running_loop().time() - since > _HANGS
        return not self._refused and not hangs

    def forget(self, what: str) -> None:
        """Drop writes that are no longer true: another process knows better."""
        entries = list(self._entries)
        kept = entries[: self._writing]  # on its way already
        kept += [e for e in entries[self._writing :] if not (isinstance(e, _Other) and e.what == what)]
        self._written += len(self._entries) - len(kept)
        self._entries = deque(kept)

    def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.create_task(self._run(), name="journal")

    async def stop(self, seconds: float = 5.0) -> None:
        """Write what is left, for at most `seconds`, and end."""
        self._stopping = True
        self._wake.set()
        if self._task is not None:
            done, _ = await asyncio.wait({self._task}, timeout=seconds)
            if not done:
                self._task.cancel()
                await asyncio.gather(self._task, return_exceptions=True)
                log.error("journal stopped with entries unwritten count=%d", len(self._entries))

    def fact(self, fact: CallFact) -> None:
        """Something happened to a call."""
        self._put(fact)

    def end(self, end: CallEnd) -> None:
        """A call is over."""
        self._put(end)

    def inbound(self, call: InboundCall) -> None:
        """A caller has come."""
        self._put(call)

    def write(self, what: str, write: Write) -> None:
        """Any other write; it must be safe to run twice."""
        self._put(_Other(write, what))

    async def settled(self) -> None:
        """Return once everything put in before this call is committed."""
        upto = self._queued
        async with self._progress:
            await self._progress.wait_for(lambda: self._written >= upto)

    def _put(self, entry: _Entry) -> None:
        self._entries.append(entry)
        self._queued += 1
        self._wake.set()

    async def _run(self) -> None:
        while not (self._stopping and not self._entries):
            if not self._entries:
                self._wake.clear()
                await self._wake.wait()
                continue
            await self._write_head()

    async def _write_head(self) -> None:
        batch = self._head()
        wait = _RETRY_FIRST
        while True:
            try:
                self._writing = len(batch)
                self._writing_since = asyncio.get_running_loop().time()
                await self._write(batch)
                break
            except UnavailableError:
                self._refused = True
                log.error("database away entries=%d", len(self._entries))
                await asyncio.sleep(wait)
                wait = min(wait * 2, _RETRY_MOST)
            except Exception:  # an entry that the database will never take must not hold up all others
                if len(batch) == 1:
                    self.rejected += 1
                    log.exception("journal entry rejected kind=%s", type(batch[0]).__name__)
                    break
                batch = batch[:1]
        self._refused = False
        self._writing_since = None
        self._writing = 0
        for _ in batch:
            self._entries.popleft()
        async with self._progress:
            self._written += len(batch)
            self._progress.notify_all()

    def _head(self) -> Sequence[_Entry]:
        """The first entries that go in one statement: a run of facts, or one of anything else."""
        batch: list[_Entry] = []
        for entry in self._entries:
            if not isinstance(entry, CallFact):
                return batch or [entry]
            batch.append(entry)
            if len(batch) == _BATCH:
                break
        return batch

    async def _write(self, batch: Sequence[_Entry]) -> None:
        match batch[0]:
            case CallEnd() as end:
                await self._ledger.end(end)
            case InboundCall() as call:
                await self._ledger.inbound(call)
            case _Other() as other:
                await other.write()
            case _:
                await self._ledger.append([entry for entry in batch if isinstance(entry, CallFact)])
