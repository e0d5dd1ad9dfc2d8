"""The storm, as `make chaos` runs it, with the auditor's verdict."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.system


def storm(folder: Path, *options: str) -> None:
    """Run it to its end; it must be clean."""
    command = [sys.executable, "-m", "tests.chaos", "--data-dir", str(folder), *options]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]
    assert done.stdout.splitlines()[-1].endswith("clean")


@pytest.mark.timeout(600)
def test_a_storm_of_a_minute_is_survived(tmp_path: Path) -> None:
    storm(tmp_path, "--minutes", "1", "--seed", "38", "--agents", "4", "--residents", "300")


@pytest.mark.nightly
@pytest.mark.timeout(3000)
@pytest.mark.parametrize(("minutes", "seed"), [(3, 1), (3, 2), (3, 38), (15, 3)])
def test_a_storm_is_survived(minutes: int, seed: int, tmp_path: Path) -> None:
    storm(tmp_path, "--minutes", str(minutes), "--seed", str(seed))
