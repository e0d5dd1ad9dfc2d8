"""Two releases side by side: the one before (the newest tag, or this one) and one that comes after it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from tests.support.prometheus import ROOT

ADDED = "0900_notes.sql"
TAKEN = "0901_notes_contract.sql"


def before(folder: Path) -> Path:
    """Where the code of the release before stands: the newest tag's, else this one's (no release was made yet)."""
    git = shutil.which("git")
    if git is not None and (ROOT / ".git").exists():
        tags = subprocess.run(
            [git, "tag", "--list", "v*", "--sort=-v:refname"], cwd=ROOT, capture_output=True, text=True, check=False
        ).stdout.split()
        if tags:
            folder.mkdir(parents=True)
            archive = subprocess.run([git, "archive", tags[0], "dialer"], cwd=ROOT, capture_output=True, check=True)
            subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)
            return folder
    return ROOT


def after(folder: Path) -> Path:
    """This code as a later release: another version, a migration that adds, and one that takes away."""
    shutil.copytree(ROOT / "dialer", folder / "dialer", ignore=shutil.ignore_patterns("__pycache__"))
    version = folder / "dialer" / "__init__.py"
    text, changed = re.subn(r'__version__ = ".+"', '__version__ = "99.0.0"', version.read_text())
    assert changed == 1
    version.write_text(text)
    migrations = folder / "dialer" / "storage" / "migrations"
    (migrations / ADDED).write_text(
        "alter table attempt add column note_kind text not null default '';\n"
        "create table note_kind (id uuid primary key, client_id uuid not null);\n"
    )
    (migrations / TAKEN).write_text("-- since: 98.0.0\nalter table attempt drop column note_kind;\n")
    return folder
