"""What both Asterisks wrote down of each call, as far as fault tests ask."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path


@dataclass(slots=True)
class TownCall:
    """One call that reached a resident's phone; unix seconds, None while it has not happened."""

    number: str
    channel: str
    began: float
    answered: float | None = None
    ended: float | None = None


def town_calls(cel: Path, since: float) -> list[TownCall]:
    calls: dict[str, TownCall] = {}
    if not cel.exists():
        return []  # no call yet
    with cel.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.reader(lines))
    for at_text, kind, _account, channel, _linked, context, _user, _extra, exten, *_ in rows:
        at = float(at_text)
        if at < since:
            continue
        if kind == "CHAN_START" and context == "called" and exten.startswith("+31"):
            calls[channel] = TownCall(exten, channel, at)
        elif channel in calls and kind == "ANSWER":
            calls[channel].answered = calls[channel].answered or at
        elif channel in calls and kind == "CHAN_END":
            calls[channel].ended = at
    return list(calls.values())


@dataclass(slots=True)
class OwnCall:
    """One call by the dialer's Asterisk's own record; unix seconds."""

    account: str
    answered: float | None = None
    joined: float | None = None
    message: float | None = None
    ended: float | None = None


def own_calls(cel: Path, since: float) -> dict[str, OwnCall]:
    """Residents' calls, by attempt."""
    calls: dict[str, OwnCall] = {}
    if not cel.exists():
        return calls
    with cel.open(newline="", encoding="utf-8") as lines:
        for at_text, kind, account, channel, _linked, _context, user_type, extra, *_ in csv.reader(lines):
            if float(at_text) < since or account != channel or account.startswith("leg."):
                continue
            call, at = calls.setdefault(account, OwnCall(account)), float(at_text)
            if kind == "ANSWER":
                call.answered = call.answered or at
            elif kind == "BRIDGE_ENTER" and "holding" not in extra:
                call.joined = call.joined or at
            elif user_type == "MESSAGE":
                call.message = call.message or at
            elif kind == "CHAN_END":
                call.ended = at
    return calls
