"""A month of five hundred residents with habits on the real stack, as `python -m tests.month` runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.system, pytest.mark.nightly]


@pytest.mark.timeout(4800)
def test_a_month_breaks_no_rule(tmp_path: Path) -> None:
    options = ["--residents", "500", "--agents", "32", "--speed", "480", "--minutes", "70", "--data-dir", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.month", *options],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]
    assert done.stdout.splitlines()[-1].endswith("clean")
