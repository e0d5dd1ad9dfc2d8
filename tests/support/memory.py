"""Folders in the machine's memory, for what is written often and kept never."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEMORY = Path("/dev/shm")
"""What is recorded lies nowhere else."""


@contextmanager
def memory_or(folder: Path, *, needs: int) -> Iterator[Path]:
    """A fresh folder in memory where `needs` bytes are free there, gone afterwards; else `folder`, as it was given."""
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < needs:
        yield folder
        return
    with tempfile.TemporaryDirectory(dir=MEMORY, prefix="dialer-tests-", ignore_cleanup_errors=True) as made:
        yield Path(made)
