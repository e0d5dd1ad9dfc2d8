"""Everything that must reach the database, without the calls waiting for it: in order where order means something.

Each entry names its keys: the attempt it is of, the agent, the caller's number. Entries that share a key are written
one after the other, as they came; others go side by side, over at most `lanes` connections. An entry without a key
waits for all before it, and all after it wait.

While PostgreSQL is away the journal keeps what happened and tries again; calls and conversations go on, and new dials
wait, because a claim needs the database itself. An agent's outcome is not written through here: it is acknowledged only
after its own commit, for which `settled` first lets everything earlier of its call through.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from dialer.domain.errors import UnavailableError
from dialer.services.ports.ledger import CallEnd, CallFact, InboundCall, Ledger
from dialer.services.scope import unlimited

log = logging.getLogger(__name__)

Write = Callable[[], Awaitable[None]]
LANES = 4
"""Connections that the journal may hold at once; the pool has more, for claims and the API."""
_MANY, _ENDS = 200, 30
"""Most entries in one statement. Ends are fewer: each plans its case, and an outcome may wait for them."""
_HANGS = 3.0
"""Seconds after which a write without an answer means that the database is away."""
_RETRY_FIRST, _RETRY_MOST = 0.2, 5.0


@dataclass(frozen=True, slots=True)
class _Other:
    """A write that is no ledger entry, in its place in the order."""

    write: Write
    what: str


@dataclass(frozen=True, slots=True)
class _Item:
    """One of many of a kind, which go in one statement."""

    value: Any
    save: Callable[[Sequence[Any]], Awaitable[None]]
    what: str


_What = CallFact | CallEnd | InboundCall | _Other | _Item
_T = TypeVar("_T")


@dataclass(eq=False, slots=True)
class _Entry:
    """Something to write, and who waits for it."""

    what: _What
    keys: tuple[Hashable, ...]
    number: int
    before: int = 0  # unwritten entries that must go first
    after: list[_Entry] = field(default_factory=list)
    taken: bool = False  # on its way
    dropped: bool = False
    told: asyncio.Future[None] | None = None  # done with it


_FACT, _END, _ONE = "fact", "end", "one"


def _kind(entry: _Entry) -> str:
    match entry.what:
        case CallFact():
            return _FACT
        case CallEnd():
            return _END
        case _Item(what=what):
            return what
        case _:
            return _ONE


class Journal:
    """One order for each key, several keys at once."""

    def __init__(self, ledger: Ledger, *, lanes: int = LANES) -> None:
        """`lanes`: most statements under way at once."""
        self._ledger = ledger
        self._lanes = lanes
        self._unwritten: dict[_Entry, None] = {}  # in the order in which they came
        # By kind, in the order in which a free lane looks at them.
        self._ready: dict[str, deque[_Entry]] = {kind: deque() for kind in (_FACT, _END, _ONE)}
        self._last: dict[Hashable, _Entry] = {}  # the newest unwritten entry of a key
        self._barrier: _Entry | None = None  # the newest unwritten entry without a key
        self._queued = 0
        self._waiters: deque[tuple[int, asyncio.Future[None]]] = deque()  # settled once all up to the number are
        self._running: set[asyncio.Task[None]] = set()
        self._open = False
        self._under_way: set[str] = set()  # kinds of which one statement is under way: more would only be smaller ones
        self._since: dict[object, float] = {}  # loop time at which each write that is under way began
        self._refused: set[object] = set()  # writes under way that the database did not take at the last try
        self.rejected = 0
        """Entries that the database would not take: each is a bug, and an alarm."""

    def __len__(self) -> int:
        return len(self._unwritten)

    @property
    def healthy(self) -> bool:
        """False while the database is away, or does not answer; new dials wait."""
        if self._refused:
            return False
        return not self._since or asyncio.get_running_loop().time() - min(self._since.values()) <= _HANGS

    # -- life ---------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to write."""
        self._open = True
        self._pump()

    async def stop(self, seconds: float = 5.0) -> None:
        """Write what is left, for at most `seconds`, and end."""
        try:
            async with asyncio.timeout(seconds):
                while self._open and self._unwritten:
                    await self.settled()
        except TimeoutError:
            log.error("journal stopped with entries unwritten count=%d", len(self._unwritten))
        self._open = False
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    # -- in -----------------------------------------------------------------------------------------------

    def fact(self, fact: CallFact) -> None:
        """Something happened to a call."""
        self._put(fact, (fact.attempt,))

    def end(self, end: CallEnd) -> None:
        """A call is over."""
        self._put(end, (end.attempt,))

    def inbound(self, call: InboundCall) -> None:
        """A caller has come."""
        self._put(call, (call.attempt,))

    def write(self, what: str, write: Write, *keys: Hashable) -> None:
        """Any other write; it must be safe to run twice. It comes after everything earlier of each of its keys."""
        self._put(_Other(write, what), tuple(dict.fromkeys(keys)))

    def together(self, what: str, save: Callable[[Sequence[_T]], Awaitable[None]], value: _T, *keys: Hashable) -> None:
        """As `write`, of things of which many go in one statement: `save` takes those of this name, in any order.

        No two of them share a key. `save` takes all or none.
        """
        self._put(_Item(value, save, what), tuple(dict.fromkeys(keys)))

    def forget(self, what: str) -> None:
        """Drop writes that are no longer true: another process knows better. What is on its way goes on."""
        for entry in [e for e in self._unwritten if isinstance(e.what, _Other | _Item) and e.what.what == what]:
            if entry.taken:
                continue
            entry.dropped = True
            self._unwritten.pop(entry)
            if not entry.before:
                self._ready[_kind(entry)].remove(entry)
                self._release(entry)
        self._tell()
        self._pump()

    async def settled(self, *keys: Hashable) -> None:
        """Return once everything put in before this call is committed: all of it, or all of these keys.

        Whoever needs one call's entries names its keys: a thousand others may wait, and these go before them.
        """
        if keys:
            self._hurry(set(keys))
            last = [entry for key in keys if (entry := self._last.get(key, self._barrier)) is not None]
            for waited in [self._told(entry) for entry in dict.fromkeys(last)]:
                await asyncio.shield(waited)  # one who gives up takes it from nobody else
        elif self._unwritten:
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.append((self._queued, future))
            await future

    def _hurry(self, keys: set[Hashable]) -> None:
        """What could be written now of these goes first of its kind; nothing that it has to wait for is passed."""
        for entry in [each for each in self._unwritten if not each.before and not each.taken]:
            if not keys.isdisjoint(entry.keys):
                ready = self._ready[_kind(entry)]
                ready.remove(entry)
                ready.appendleft(entry)

    def _told(self, entry: _Entry) -> asyncio.Future[None]:
        """Done when the entry is."""
        if entry.told is None:
            entry.told = asyncio.get_running_loop().create_future()
        return entry.told

    def _put(self, what: _What, keys: tuple[Hashable, ...]) -> None:
        self._queued += 1
        entry = _Entry(what, keys, self._queued)
        first: list[_Entry] = []
        if keys:
            first = [last for key in keys if (last := self._last.get(key, self._barrier)) is not None]
            self._last.update(dict.fromkeys(keys, entry))
        else:
            first = list(self._last.values()) or ([] if self._barrier is None else [self._barrier])
            self._last.clear()
            self._barrier = entry
        for other in dict.fromkeys(first):
            other.after.append(entry)
            entry.before += 1
        self._unwritten[entry] = None
        if not entry.before:
            self._is_ready(entry)
            self._pump()

    # -- out ----------------------------------------------------------------------------------------------

    def _is_ready(self, entry: _Entry) -> None:
        self._ready.setdefault(_kind(entry), deque()).append(entry)

    def _work(self) -> int:
        """Statements that could begin now."""
        batches = sum(
            bool(ready) and kind not in self._under_way for kind, ready in self._ready.items() if kind != _ONE
        )
        return batches + len(self._ready[_ONE])

    def _pump(self) -> None:
        # A lane takes its work in its own first step: what happens in one turn of the loop goes in one statement.
        while self._open and len(self._running) < min(self._lanes, self._work()):
            task = asyncio.create_task(self._lane(), name="journal", context=unlimited())
            self._running.add(task)
            task.add_done_callback(self._lane_over)

    def _lane_over(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("journal lane failed", exc_info=task.exception())
        self._pump()

    async def _lane(self) -> None:
        while self._open and (batch := self._take()):
            try:
                await self._write(batch)
            finally:
                self._under_way.discard(_kind(batch[0]))
            for entry in batch:
                self._written(entry)
            self._tell()
            self._pump()

    def _take(self) -> list[_Entry]:
        """What goes in one statement: facts of calls, ends of calls, many of a name, or one of anything else."""
        batch: list[_Entry] = []
        for kind, ready in self._ready.items():
            if not ready or kind in self._under_way:
                continue
            most = {_END: _ENDS, _ONE: 1}.get(kind, _MANY)
            while ready and len(batch) < most:
                self._take_run(ready.popleft(), batch, most)
            if kind is not _ONE:
                self._under_way.add(kind)
            break
        return batch

    def _take_run(self, entry: _Entry, batch: list[_Entry], most: int) -> None:
        """An entry; after a fact also the facts that wait for nothing but it."""
        following: _Entry | None = entry
        while following is not None:
            following.taken = True
            batch.append(following)
            after = following.after
            follows = len(after) == 1 and after[0].before == 1 and _kind(entry) == _kind(after[0]) == _FACT
            following = after[0] if follows and len(batch) < most else None

    async def _write(self, batch: Sequence[_Entry]) -> None:
        """Return when the database has taken these, or never will."""
        if await self._try(batch) or len(batch) == 1:
            return
        for entry in batch:  # one of them holds up all others
            await self._try([entry])

    async def _try(self, batch: Sequence[_Entry]) -> bool:
        """Write until there is an answer. False: the database will never take all of these."""
        wait, this = _RETRY_FIRST, object()
        try:
            while True:
                self._since[this] = asyncio.get_running_loop().time()
                try:
                    await self._send(batch)
                except UnavailableError as error:
                    if not self._refused or this in self._refused:
                        log.error("database away entries=%d reason=%s", len(self._unwritten), error)
                    self._refused.add(this)
                    await asyncio.sleep(wait)
                    wait = min(wait * 2, _RETRY_MOST)
                except Exception:  # an entry that the database will never take must not hold up all others
                    if len(batch) == 1:
                        self.rejected += 1
                        log.exception("journal entry rejected kind=%s", type(batch[0].what).__name__)
                    return False
                else:
                    return True
        finally:
            self._since.pop(this, None)
            self._refused.discard(this)

    async def _send(self, batch: Sequence[_Entry]) -> None:
        match batch[0].what:
            case CallEnd():
                await self._ledger.end(*(entry.what for entry in batch if isinstance(entry.what, CallEnd)))
            case InboundCall() as call:
                await self._ledger.inbound(call)
            case _Other() as other:
                await other.write()
            case _Item() as item:
                await item.save([entry.what.value for entry in batch if isinstance(entry.what, _Item)])
            case _:
                await self._ledger.append([entry.what for entry in batch if isinstance(entry.what, CallFact)])

    def _written(self, entry: _Entry) -> None:
        self._unwritten.pop(entry, None)
        self._release(entry)

    def _release(self, entry: _Entry) -> None:
        """Nobody waits for this entry any more."""
        gone = [entry]
        while gone:
            done = gone.pop()
            if done.told is not None:
                done.told.set_result(None)
            for key in done.keys:
                if self._last.get(key) is done:
                    del self._last[key]
            if self._barrier is done:
                self._barrier = None
            for other in done.after:
                other.before -= 1
                if other.before or other.taken:
                    continue
                if other.dropped:
                    gone.append(other)
                else:
                    self._is_ready(other)

    def _tell(self) -> None:
        oldest = next(iter(self._unwritten), None)
        while self._waiters and (oldest is None or self._waiters[0][0] < oldest.number):
            _, future = self._waiters.popleft()
            if not future.done():
                future.set_result(None)
