"""The live feed: everything that changes, numbered, to every screen that may see it.

Messages get a rising number within one epoch (one life of this process) and are kept in a ring, so that a reader who
lost the line goes on where it was. A reader that cannot keep up is dropped, never waited for: it comes back with the
last number it saw.
"""

from __future__ import annotations

import asyncio
from collections import deque

from dialer.services.plain import encode


class SlowReaderError(Exception):
    """This reader fell too far behind and must come back."""


class LiveFeed:
    """Fans out to subscriptions of this process. For one event loop."""

    def __init__(self, epoch: str, *, history: int = 4096, backlog: int = 512) -> None:
        self.epoch = epoch
        self.seq = 0
        self._backlog = backlog
        self._ring: deque[tuple[int, str, str]] = deque(maxlen=history)  # (seq, topic, message)
        self._readers: dict[str, set[Subscription]] = {}

    def publish(self, topic: str, kind: str, data: object) -> None:
        """Number it, keep it, hand it out: see `ports.live.Publisher`."""
        self.seq += 1
        message = f'{{"type":"{kind}","seq":{self.seq},"data":{encode(data)}}}'
        self._ring.append((self.seq, topic, message))
        for reader in self._readers.get(topic, ()):
            reader.offer(self.seq, message)

    def subscribe(self, topics: frozenset[str], after: int | None = None, epoch: str | None = None) -> Subscription:
        """Follow `topics`. `resumed` of the answer is True when everything after number `after` follows; otherwise
        the caller begins with a snapshot taken in the same breath (no await between)."""
        missed = self._missed(topics, after, epoch)
        reader = Subscription(self, topics, missed is not None, self._backlog)
        for seq, message in missed or ():
            reader.offer(seq, message)
        for topic in topics:
            self._readers.setdefault(topic, set()).add(reader)
        return reader

    def drop(self, reader: Subscription) -> None:
        """Forget a reader; twice is no error."""
        for topic in reader.topics:
            readers = self._readers.get(topic)
            if readers is not None:
                readers.discard(reader)
                if not readers:
                    del self._readers[topic]

    @property
    def readers(self) -> int:
        """How many follow now."""
        return len(set().union(*self._readers.values()))

    def _missed(self, topics: frozenset[str], after: int | None, epoch: str | None) -> list[tuple[int, str]] | None:
        if after is None or epoch != self.epoch or after > self.seq:
            return None
        oldest = self._ring[0][0] if self._ring else self.seq + 1
        if after < oldest - 1:
            return None
        missed = []
        for seq, topic, message in reversed(self._ring):
            if seq <= after:
                break
            if topic in topics:
                missed.append((seq, message))
        if len(missed) > self._backlog:
            return None
        missed.reverse()
        return missed


class Subscription:
    """One reader's queue."""

    def __init__(self, feed: LiveFeed, topics: frozenset[str], resumed: bool, backlog: int) -> None:
        self.topics = topics
        self.resumed = resumed
        self._feed = feed
        self._backlog = backlog
        self._queue: deque[tuple[int, str]] = deque()
        self._wake = asyncio.Event()
        self._slow = False

    def offer(self, seq: int, message: str) -> None:
        """Queue it, or drop this reader."""
        if len(self._queue) >= self._backlog:
            self._slow = True
            self._queue.clear()
            # Not self._feed.drop here: publish walks the set of readers at this moment.
        if not self._slow:
            self._queue.append((seq, message))
        self._wake.set()

    async def take(self) -> list[tuple[int, str]]:
        """Everything that waits, at least one (number, message), in order. Raises SlowReaderError."""
        while not self._queue and not self._slow:
            self._wake.clear()
            await self._wake.wait()
        if self._slow:
            raise SlowReaderError
        messages = list(self._queue)
        self._queue.clear()
        return messages

    def close(self) -> None:
        """Stop following."""
        self._feed.drop(self)
