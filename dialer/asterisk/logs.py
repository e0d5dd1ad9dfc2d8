"""Asterisk's log and events, kept for a term. Events hold no number; an error may quote what nobody foresaw."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

EVENTS, LOG = Path("cel") / "cel.csv", Path("log") / "asterisk.log"
SECURITY = Path("log") / "security.log"
"""Who tried to get in: addresses and names that strangers gave."""


def erase(folder: Path, now: float, keep_days: int) -> int:
    """Set what was written until now aside, and erase what was set aside more than `keep_days` days ago.

    `folder` is a node's own folder, `now` unix seconds. Asterisk goes on meanwhile. Returns the number of files erased.
    """
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%S")
    for live in (folder / EVENTS, folder / LOG, folder / SECURITY):
        aside = live.with_name(f"{live.stem}-{stamp}{live.suffix}")
        if not live.exists() or live.stat().st_size == 0 or aside.exists():
            continue
        if live.suffix == ".csv":
            live.rename(aside)  # opened anew for each event: the next one begins a new file
        else:
            shutil.copy2(live, aside)  # held open, and only ever appended to
            os.truncate(live, 0)
        os.utime(aside, (now, now))
    erased = 0
    for live in (EVENTS, LOG, SECURITY):
        for aside in (folder / live.parent).glob(f"{live.stem}-*{live.suffix}"):
            if aside.stat().st_mtime < now - keep_days * 86_400:
                aside.unlink(missing_ok=True)
                erased += 1
    return erased
