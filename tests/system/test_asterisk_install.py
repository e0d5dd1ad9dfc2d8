"""The root file system built for real: some 40 s and 470 MB, so by night only."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dialer.demo.asterisk_install import complete, ensure_asterisk

pytestmark = [pytest.mark.system, pytest.mark.nightly, pytest.mark.timeout(900)]


@pytest.mark.skipif(os.geteuid() != 0, reason="mmdebstrap needs root")
def test_a_fresh_machine_gets_an_asterisk_and_what_a_dead_build_left_is_cleared(tmp_path: Path) -> None:
    (tmp_path / ".asterisk-root.new" / "usr").mkdir(parents=True)
    said: list[str] = []
    root = ensure_asterisk(tmp_path, said.append)
    if root is None:
        pytest.skip("this machine's own Asterisk is used")
    assert complete(root)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "asterisk-install.log",
        "asterisk-root",
        "asterisk-root.lock",
    ]
    assert any("built in" in line for line in said)
    again: list[str] = []
    assert ensure_asterisk(tmp_path, again.append) == root
    assert again == []
