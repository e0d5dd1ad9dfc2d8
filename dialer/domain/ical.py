"""How iCalendar (RFC 5545) is written: moments in UTC, signs that mean something escaped, lines cut at 75 octets."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

_FOLD = 73
"""Octets of a line, its end and the blank of the next not counted."""


def stamp(at: datetime) -> str:
    """A moment, in UTC: no rule of time zones is needed to read it."""
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def escaped(text: str) -> str:
    """Text of a property."""
    for sign in "\\;,":
        text = text.replace(sign, "\\" + sign)
    return text.replace("\n", "\\n")


def written(lines: Iterable[str]) -> str:
    """The whole, with the ends of lines that the standard asks for."""
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _folded(line: str) -> str:
    """Lines of 75 octets at most, cut between characters."""
    pieces, piece = [], ""
    for character in line:
        if len((piece + character).encode()) > _FOLD:
            pieces.append(piece)
            piece = ""
        piece += character
    return "\r\n ".join([*pieces, piece])
