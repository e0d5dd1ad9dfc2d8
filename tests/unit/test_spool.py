"""The folder for recordings: in memory and closed to others, or nothing is recorded."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

import pytest

from dialer.doctor import _recordings
from dialer.domain.ids import AttemptId
from dialer.spool import FolderSpool

NO_SWAP = "Filename\tType\tSize\tUsed\tPriority\n"
SWAP = NO_SWAP + "/dev/sda2 partition 1048572 0 -2\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "spool").mkdir(mode=0o700)
    return tmp_path / "spool"


def kernel(tmp_path: Path, folder: Path, kind: str, options: str = "rw", swaps: str | None = NO_SWAP) -> Path:
    """What the kernel would tell, were the folder on such a file system."""
    device = folder.stat().st_dev
    proc = tmp_path / "proc"
    (proc / "self").mkdir(parents=True, exist_ok=True)
    lines = [
        "22 1 0:1 / / rw,relatime - overlay overlay rw",
        f"30 22 {os.major(device)}:{os.minor(device)} / /recordings rw,nosuid shared:4 - {kind} {kind} {options}",
    ]
    (proc / "self" / "mountinfo").write_text("\n".join(lines) + "\n")
    (proc / "swaps").unlink(missing_ok=True)
    if swaps is not None:
        (proc / "swaps").write_text(swaps)
    return proc


@pytest.mark.parametrize(
    ("kind", "options", "swaps", "trouble"),
    [
        ("tmpfs", "rw,size=1024k", NO_SWAP, ""),
        ("tmpfs", "rw,noswap,size=1024k", SWAP, ""),
        ("tmpfs", "rw,noswap", None, ""),
        ("ramfs", "rw", SWAP, ""),
        ("tmpfs", "rw", SWAP, "swapped"),
        ("tmpfs", "rw", None, "swapped"),
        ("ext4", "rw", NO_SWAP, "not in memory but on ext4"),
        ("overlay", "rw", NO_SWAP, "not in memory"),
    ],
)
def test_where_it_may_lie(
    tmp_path: Path, folder: Path, kind: str, options: str, swaps: str | None, trouble: str
) -> None:
    found = FolderSpool(folder, kernel(tmp_path, folder, kind, options, swaps)).trouble()
    assert (trouble in found) if trouble else found == ""


def test_what_else_is_wrong_with_it(tmp_path: Path, folder: Path) -> None:
    proc = kernel(tmp_path, folder, "tmpfs")
    assert "cannot be looked at" in FolderSpool(tmp_path / "nowhere", proc).trouble()
    (tmp_path / "file").touch()
    assert "no folder" in FolderSpool(tmp_path / "file", proc).trouble()
    folder.chmod(0o707)
    assert "open to everybody" in FolderSpool(folder, proc).trouble()
    folder.chmod(0o700)
    (proc / "self" / "mountinfo").write_text("22 1 9:99 / / rw - tmpfs tmpfs rw\n")
    assert "something unknown" in FolderSpool(folder, proc).trouble(), "a mount that is not told of is none"
    assert "cannot be looked at" in FolderSpool(folder, tmp_path / "no-proc").trouble()


def test_files_of_a_call_and_nothing_else(folder: Path) -> None:
    spool = FolderSpool(folder)
    one, other = AttemptId(uuid.uuid4()), AttemptId(uuid.uuid4())
    assert (spool.attempts(), spool.last_part(one), spool.read(one)) == ({}, 0, [])
    for attempt, part, sides in ((one, 2, "both"), (one, 1, "both"), (other, 1, "in")):
        received, sent = spool.places(attempt, part)
        Path(received).write_bytes(b"in%d" % part)
        if sides == "both":
            Path(sent).write_bytes(b"out%d" % part)
    (folder / "notes.txt").write_text("of somebody else")
    assert set(spool.attempts()) == {one, other}
    assert (spool.last_part(one), spool.arrived(one, 2), spool.arrived(other, 1)) == (2, True, False)
    assert spool.read(one) == [(b"in1", b"out1"), (b"in2", b"out2")]
    assert spool.read(other) == [(b"in1", b"")]
    os.utime(spool.places(one, 1)[0], (5, 5))
    os.utime(spool.places(one, 2)[1], (9e9, 9e9))
    assert spool.attempts()[one] == 9e9, "the last change of any"
    spool.delete(one)
    spool.delete(one)
    assert sorted(path.name for path in folder.iterdir()) == sorted(["notes.txt", f"{other}.001.in.alaw"])
    assert spool.room() > 0
    assert FolderSpool(folder / "nowhere").room() == 0
    assert FolderSpool(folder / "nowhere").attempts() == {}


def test_the_doctor_says_what_is_wrong_and_how_to_mend_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FolderSpool, "trouble", lambda _: "is not in memory but on ext4")
    bad = _recordings(folder)
    assert (bad.ok, bad.detail) == (False, "is not in memory but on ext4")
    assert str(folder) in bad.mend
    monkeypatch.setattr(FolderSpool, "trouble", lambda _: "")
    monkeypatch.setattr(FolderSpool, "room", lambda _: 1 << 20)
    assert _recordings(folder).detail == "is full"
    monkeypatch.setattr(FolderSpool, "room", lambda _: 1 << 30)
    assert _recordings(folder).ok
