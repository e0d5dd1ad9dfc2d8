"""Bounds of what a file may be. A list of the largest municipality has a few thousand rows a month."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a reader accepts, and what its process may use."""

    file_bytes: int = 256 * MIB
    rows: int = 250_000
    columns: int = 100
    cell_characters: int = 4_000
    unpacked_bytes: int = 1024 * MIB  # of an XLSX, all its parts together
    unpacked_ratio: int = 200  # a sheet of text packs 10 to 30 times
    parts: int = 500
    memory_bytes: int = 1024 * MIB
    cpu_seconds: int = 240
    wall_seconds: float = 600.0
