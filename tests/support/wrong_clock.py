"""The clock of one process, put forth and back by libfaketime; the machine's own stays as it is."""

from __future__ import annotations

from pathlib import Path

LIBRARY = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))), None)


class WrongClock:
    """What a process believes of the time: `off` seconds more than it is. Its monotonic clock stays right."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self.put(0)
        self.env = {
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def put(self, off: int) -> None:
        """From now on; whole at once, for whoever reads it."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{off:+d}\n")
        fresh.replace(self._file)
