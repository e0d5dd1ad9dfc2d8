"""Fifteen agents on the real stack, the campaign predicting: what is promised is kept, by records that are not ours."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.system, pytest.mark.nightly]


@pytest.mark.timeout(1800)
def test_the_promise_holds_and_every_decision_can_be_made_again(tmp_path: Path) -> None:
    options = ["--calm", "--minutes", "12", "--agents", "15", "--residents", "3000", "--seed", "5"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos", *options, "--data-dir", str(tmp_path)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]
    counts = {
        name.strip(): float(value) for name, value in re.findall(r"^  (.+?) +([\d.]+)$", done.stdout, re.MULTILINE)
    }
    assert counts["decisions made again"] > 1000
    assert counts["of them predicting"] > 500
    answered, abandoned = counts["person"], counts["message"]
    assert answered > 200
    # One percent is promised over the long run; by chance alone so few answers can meet nobody a little oftener.
    assert abandoned <= max(3.0, 0.02 * answered)
