"""Pacing's decision journals as files: one a campaign and day, written beside the event loop, erased by term.

`FOLDER/<campaign>/pacing-DAY.jsonl`; `dialer replay DAY --folder FOLDER/<campaign>` reads it. They hold numbers and
times of one day's floor, no id of a person.
"""

from __future__ import annotations

import asyncio
import gzip
import itertools
import logging
import os
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

from dialer.domain.ids import CampaignId

T = TypeVar("T")

log = logging.getLogger(__name__)

_MOST_LINES = 200_000
"""Kept in memory while the disk does not take them; then the journal of the day ends, and says so."""


class PacingFiles:
    """Takes lines at once; `flush` writes them."""

    def __init__(self, folder: Path, *, keep_days: int = 30) -> None:
        self._folder = folder
        self._keep = timedelta(days=keep_days)
        self._waiting: dict[Path, list[str]] = {}
        self._lines = 0
        self._ended: set[Path] = set()

    def write(self, campaign: CampaignId, day: date, lines: list[str]) -> None:
        """Lines of one campaign's day, in order. Never waits."""
        path = self._folder / str(campaign) / f"pacing-{day}.jsonl"
        if path in self._ended:
            return
        if self._lines + len(lines) > _MOST_LINES:
            self._ended.add(path)
            log.error("pacing journal ended, the disk does not take it campaign=%s", campaign)
            return
        self._waiting.setdefault(path, []).extend(lines)
        self._lines += len(lines)

    async def flush(self) -> int:
        """Write what waits, in a thread; lines that the disk refuses wait on. Returns how many were written."""
        waiting, self._waiting, lines, self._lines = self._waiting, {}, self._lines, 0
        try:
            await asyncio.to_thread(_append, waiting)
        except OSError as error:
            log.warning("pacing journal not written reason=%s", error.strerror)
            for path, later in self._waiting.items():
                waiting.setdefault(path, []).extend(later)
            self._waiting, self._lines = waiting, self._lines + sum(map(len, waiting.values()))
            return 0
        return lines

    async def read(self, campaign: CampaignId, day: date, reader: Callable[[Iterable[str]], T]) -> T | None:
        """What `reader` makes of a day's lines, in a thread, with what waits written before; None: no such day."""
        await self.flush()
        return await asyncio.to_thread(_read, self._folder / str(campaign) / f"pacing-{day}.jsonl", reader)

    async def keep_writing(self, every: float = 2.0) -> None:
        """For ever."""
        while True:
            await asyncio.sleep(every)
            await self.flush()

    async def erase(self, today: date) -> int:
        """Take away days that are older than is kept; returns how many files."""
        return await asyncio.to_thread(self._erase, today - self._keep)

    def _erase(self, before: date) -> int:
        old = [path for path in self._folder.glob("*/pacing-*.jsonl*") if path.name[7:17] < before.isoformat()]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)


def _read(path: Path, reader: Callable[[Iterable[str]], T]) -> T | None:
    packed = path.with_name(f"{path.name}.gz")
    found = packed if packed.is_file() else path
    try:
        with gzip.open(found, "rt", encoding="utf-8") if found is packed else found.open(encoding="utf-8") as file:
            return reader(itertools.filterfalse(str.isspace, file))
    except FileNotFoundError:
        return None


def _append(waiting: dict[Path, list[str]]) -> None:
    """Each file's lines leave the memory as they are written, so that a refusal doubles none."""
    for path in list(waiting):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("ab") as file:
            before = file.tell()
            try:
                file.write("".join(f"{line}\n" for line in waiting[path]).encode())
                file.flush()
            except OSError:
                os.truncate(path, before)  # half a line would spoil the day
                raise
        del waiting[path]
