"""What the demo shows in the terminal: steps with their times, the live summary, the end report."""

from __future__ import annotations

import contextlib
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any

import aiohttp

from dialer.demo.figures import Figures
from dialer.demo.seed import Logins
from dialer.schedule.windows import Calendar

_LINE_EVERY = 10.0
_OPENING_MARGIN = timedelta(minutes=1)


@contextlib.contextmanager
def step(name: str) -> Iterator[None]:
    """Say what is being done and how long it took."""
    print(f"  {name} ...", end="", flush=True)
    began = time.monotonic()
    try:
        yield
    except BaseException:
        print(" failed")
        raise
    print(f" {time.monotonic() - began:.1f} s")


def calendar_start(calendar: Calendar) -> datetime:
    """Now when calls are allowed now, else the next opening: a demo at night shows calls too."""
    now = datetime.now(UTC)  # noqa: TID251 - the demo's own beginning; the service gets it as a setting
    if calendar.is_open(now):
        return now
    return (calendar.next_open(now) or now) + _OPENING_MARGIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Every port that the demo listens on, loopback only; each robot's softphone takes a free one besides."""

    panel: int
    metrics: int
    sip: int
    others: Mapping[str, str]


def started(ports: Ports, logins: Logins, seconds: float) -> None:
    """Addresses and log-ins."""
    print(f"\nReady after {seconds:.1f} s. Ctrl-C ends everything.\n")
    print(f"  panel     http://localhost:{ports.panel}/     (microphones need localhost or HTTPS)")
    print(f"  API       http://localhost:{ports.panel}/api/v1/docs")
    print(f"  metrics   http://localhost:{ports.metrics}/metrics")
    print(f"  SIP       127.0.0.1:{ports.sip} (udp): the panel shows an account for your softphone")
    print("  others    " + ", ".join(f"{name} {port}" for name, port in ports.others.items()))
    for who, (login, password) in (
        ("agent", logins.agent),
        ("supervisor", logins.supervisor),
        ("administrator", logins.administrator),
    ):
        print(f"  log-in    {login:<12} {password:<16} ({who})")
    print(flush=True)


class LiveSummary:
    """One screenful that is drawn over itself; on no terminal, a line now and then."""

    def __init__(self, base: str, supervisor: tuple[str, str]) -> None:
        self._base = base
        self._login, self._password = supervisor
        self._http: aiohttp.ClientSession | None = None
        self._drawn = 0
        self._last = 0.0

    async def __aenter__(self) -> LiveSummary:
        """Open the connection to the service."""
        jar = aiohttp.CookieJar(unsafe=True)
        self._http = aiohttp.ClientSession(self._base, cookie_jar=jar, timeout=aiohttp.ClientTimeout(total=3))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        if self._http is not None:
            await self._http.close()

    async def show(self, figures: Figures) -> None:
        """Draw what is now."""
        terminal = sys.stdout.isatty()
        if not terminal and time.monotonic() - self._last < _LINE_EVERY:
            return
        self._last = time.monotonic()
        lines = _lines(figures, await self._floor())
        if terminal:
            if self._drawn:
                print(f"\x1b[{self._drawn}A\x1b[J", end="")
            print("\n".join(lines), flush=True)
            self._drawn = len(lines)
        else:
            print(" | ".join(line.strip() for line in lines), flush=True)

    async def _floor(self) -> dict[str, Any]:
        """The floor over the API, as a supervisor sees it; empty while the service is away."""
        assert self._http is not None
        try:
            async with self._http.get("/api/v1/floor") as answer:
                if answer.status == 200:
                    found: dict[str, Any] = await answer.json()
                    return found
            body = {"login": self._login, "password": self._password}
            async with self._http.post("/api/v1/session", json=body, headers={"Origin": self._base}):
                pass
        except (aiohttp.ClientError, TimeoutError):
            pass
        return {}


def _lines(figures: Figures, floor: dict[str, Any]) -> list[str]:
    agents = Counter(agent["state"] for agent in floor.get("agents", ()))
    calls = Counter(call["state"] for call in floor.get("calls", ()))
    waiting = sum(call["state"] == "waiting" for call in floor.get("calls", ()))
    share = f"{100 * figures.reached / figures.callable:.1f}%" if figures.callable else "-"
    abandoned = f"{100 * figures.abandoned / figures.answered:.1f}%" if figures.answered else "-"
    reasons = sorted({campaign["reason"] for campaign in floor.get("campaigns", ()) if campaign["reason"]})
    return [
        f"  calls       {calls['claimed'] + calls['dialing']:>4} out   {calls['ringing']:>4} ringing"
        f"   {calls['joined']:>4} in conversation   {calls['message']:>3} message",
        f"  agents      {agents['available']:>4} free  {agents['reserved']:>4} reserved"
        f"  {agents['talking']:>4} talking   {agents['wrap_up']:>4} wrap-up   {agents['paused']:>3} paused",
        f"  inbound     {waiting:>4} waiting   {figures.inbound_offered:>4} offered   {figures.inbound_answered:>4}"
        f" answered   {figures.inbound_within_20_s:>4} within 20 s",
        f"  attempts    {figures.attempts:>4}   answered {figures.answered}   abandoned {figures.abandoned}"
        f" ({abandoned})   answer to agent p50 {_ms(figures.answer_to_agent_p50)}  p99"
        f" {_ms(figures.answer_to_agent_p99)}",
        f"  reach       {figures.reached} of {figures.callable} callable residents ({share}), {figures.open} open"
        + (f"   now: {', '.join(reasons)}" if reasons else ""),
    ]


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} ms"


def report(figures: Figures) -> None:
    """The end, in words."""
    print("\nIn the end:")
    for line in _lines(figures, {})[3:]:
        print(line)
    print(f"  rules       {figures.rule_violations} violations")
    for code, count in sorted(figures.outcomes.items(), key=lambda item: -item[1]):
        print(f"    {count:>5}  {code}")
