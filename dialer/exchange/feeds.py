"""Calendars over https: fetched through `GuardedHttp`, read by a child process."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from datetime import datetime
from pathlib import Path

import dialer
from dialer.domain.exchange import Fault, fault_of
from dialer.domain.feeds import FeedFault
from dialer.exchange.guarded import GuardedHttp
from dialer.schedule.windows import Window
from dialer.services.ports.feeds import FeedAnswer, FeedTimes
from dialer.services.ports.slots import FeedMark, SlotTime

MOST_BYTES = 4 * 1024 * 1024
_TYPES = frozenset({"text/calendar", "text/plain", "application/octet-stream", ""})
"""What servers call a calendar. A page (a sign-in, a notice of an outage) is none."""
_MARK = 200
_PACKAGE_ROOT = Path(dialer.__file__).resolve().parent.parent


class HttpFeeds:
    """`FeedFetcher`."""

    def __init__(self, http: GuardedHttp) -> None:
        self._http = http

    async def __call__(self, url: str, mark: FeedMark) -> FeedAnswer:
        """Asks whether it changed where the server told how to ask."""
        headers = {"Accept": "text/calendar"}
        if mark.etag:
            headers["If-None-Match"] = mark.etag
        if mark.modified:
            headers["If-Modified-Since"] = mark.modified
        reply = await self._http("GET", url, headers=headers, most=MOST_BYTES)
        if reply.fault is Fault.ANSWER and reply.oversized:
            return FeedAnswer(fault=FeedFault.TOO_LARGE)
        if reply.fault is None and reply.status == 304:
            asked = bool(mark.etag or mark.modified)
            return FeedAnswer(unchanged=True, mark=mark) if asked else FeedAnswer(fault=Fault.ANSWER)
        fault = reply.fault or fault_of(reply.status)
        if fault is not None:
            return FeedAnswer(fault=fault, patience=reply.patience)
        kind = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in _TYPES or reply.headers.get("content-encoding", "identity") != "identity":
            return FeedAnswer(fault=FeedFault.NOT_A_CALENDAR)
        found = FeedMark(etag=_told(reply.headers.get("etag")), modified=_told(reply.headers.get("last-modified")))
        return FeedAnswer(body=reply.body, mark=found)


def _told(text: str | None) -> str:
    """A server's own words, sent back to it as they are; none when they are no plain short text."""
    return text if text and len(text) <= _MARK and text.isascii() and text.isprintable() else ""


class ChildFeedReader:
    """`FeedReader` in a process that is bounded by `memory` bytes and `cpu` seconds."""

    def __init__(self, *, memory: int = 384 * 1024 * 1024, cpu: int = 10, wall: float = 60.0) -> None:
        self._memory = memory
        self._cpu = cpu
        self._wall = wall

    async def __call__(self, body: bytes, minutes: int, at: datetime) -> FeedTimes:
        """Killed by its bounds: the calendar is too heavy."""
        order = {"memory": self._memory, "seconds": self._cpu, "minutes": minutes, "at": at.isoformat()}
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # no module of the present folder
            "-m",
            "dialer.exchange.feed_child",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,  # a traceback would show what stands in the calendar
            # Not our environment: it may hold the master key and passwords.
            env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(_PACKAGE_ROOT), "PYTHONUTF8": "1"},
            start_new_session=True,  # Ctrl-C at the terminal is for us to answer
        )
        try:
            async with asyncio.timeout(self._wall):
                said, _ = await child.communicate(json.dumps(order).encode() + b"\n" + body)
        except TimeoutError:
            return FeedTimes(fault=FeedFault.TOO_HEAVY)
        finally:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()
        if child.returncode != 0:
            return FeedTimes(fault=FeedFault.TOO_HEAVY)
        answer = json.loads(said)
        if "fault" in answer:
            return FeedTimes(fault=FeedFault(answer["fault"]))
        return FeedTimes(
            times=[
                SlotTime(key=key, window=Window(datetime.fromisoformat(begin), datetime.fromisoformat(end)))
                for key, begin, end in answer["times"]
            ]
        )
