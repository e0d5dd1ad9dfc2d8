"""Which pg_dump is taken: one that reads the server, whatever stands first in the PATH."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialer.storage import backup
from dialer.storage.backup import BackupError, choose_tools, major_of


def pg_dump(folder: Path, version: str) -> Path:
    folder.mkdir(parents=True)
    program = folder / "pg_dump"
    program.write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {version}'\n")
    program.chmod(0o755)
    return folder


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """An old one in the PATH, two of Debian's, a new one of ours."""
    places = {"path": pg_dump(tmp_path / "bin", "15.9 (Debian 15.9-0)"), "own": pg_dump(tmp_path / "own", "18.1")}
    for version in ("16.4", "17.7"):
        places[version] = pg_dump(tmp_path / "lib" / version[:2] / "bin", version)
    monkeypatch.setenv("PATH", f"{places['path']}:/usr/bin:/bin")
    monkeypatch.setattr(backup, "_DEBIAN", tmp_path / "lib")
    return places


def test_the_oldest_that_reads_the_server(machine: dict[str, Path]) -> None:
    for server, place in ((15, "path"), (16, "16.4"), (17, "17.7"), (18, "own")):
        assert choose_tools(None, server, [machine["own"]]) == machine[place]


def test_nobody_writes_with_an_older_one(machine: dict[str, Path]) -> None:
    with pytest.raises(BackupError, match="the server is 19, here is pg_dump 18"):
        choose_tools(None, 19, [machine["own"]])
    with pytest.raises(BackupError, match="pg_dump 15; the server is 17"):
        choose_tools(machine["path"], 17, [])
    assert choose_tools(machine["own"], 17, []) == machine["own"], "who names one gets that one"


def test_a_folder_without_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(backup, "_DEBIAN", tmp_path / "lib")
    with pytest.raises(BackupError, match="no pg_dump"):
        choose_tools(None, 17, [])
    assert choose_tools(tmp_path, 17, []) == tmp_path, "starting it tells what is wrong there"


@pytest.mark.parametrize(
    ("said", "major"), [("17.7 (Debian 17.7-1.pgdg13+1)", 17), ("18.6", 18), ("19devel", 19), ("18beta1", 18)]
)
def test_what_a_server_says_of_itself(said: str, major: int) -> None:
    assert major_of(said) == major
