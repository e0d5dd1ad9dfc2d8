"""Pacing's journals on disk."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from dialer import journals
from dialer.domain.ids import CampaignId
from dialer.journals import PacingFiles

ONE, TWO = CampaignId(UUID(int=1)), CampaignId(UUID(int=2))
DAY = date(2026, 11, 25)


async def test_a_file_a_campaign_and_day_in_order(tmp_path: Path) -> None:
    files = PacingFiles(tmp_path)
    files.write(ONE, DAY, ["a", "b"])
    files.write(TWO, DAY, ["x"])
    files.write(ONE, DAY, ["c"])
    assert await files.flush() == 4
    files.write(ONE, date(2026, 11, 26), ["d"])
    assert await files.flush() == 1
    assert (tmp_path / str(ONE) / "pacing-2026-11-25.jsonl").read_text() == "a\nb\nc\n"
    assert (tmp_path / str(ONE) / "pacing-2026-11-26.jsonl").read_text() == "d\n"
    assert (tmp_path / str(TWO) / "pacing-2026-11-25.jsonl").read_text() == "x\n"
    assert await files.flush() == 0


async def test_what_the_disk_refuses_waits_and_is_written_once(tmp_path: Path) -> None:
    files = PacingFiles(tmp_path / "full")
    (tmp_path / "full").write_text("a file where the folder should be")
    files.write(ONE, DAY, ["a"])
    assert await files.flush() == 0
    files.write(ONE, DAY, ["b"])
    (tmp_path / "full").unlink()
    assert await files.flush() == 2
    assert (tmp_path / "full" / str(ONE) / "pacing-2026-11-25.jsonl").read_text() == "a\nb\n"


async def test_memory_is_bounded_while_the_disk_is_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journals, "_MOST_LINES", 3)
    files = PacingFiles(tmp_path)
    files.write(ONE, DAY, ["a", "b"])
    files.write(ONE, DAY, ["c", "d"])
    assert await files.flush() == 2
    files.write(ONE, DAY, ["e"])
    assert await files.flush() == 0, "with a gap in it a day's journal is none: it ends"
    files.write(ONE, date(2026, 11, 26), ["f"])
    assert await files.flush() == 1


async def test_old_days_are_erased(tmp_path: Path) -> None:
    files = PacingFiles(tmp_path, keep_days=30)
    for day in (date(2026, 10, 25), date(2026, 10, 26), DAY):
        files.write(ONE, day, ["a"])
    await files.flush()
    assert await files.erase(DAY) == 1
    assert sorted(path.name for path in (tmp_path / str(ONE)).iterdir()) == [
        "pacing-2026-10-26.jsonl", "pacing-2026-11-25.jsonl",
    ]  # fmt: skip
