"""What the pages say of files, settings, options and commands is so."""

from __future__ import annotations

import argparse
import re
from dataclasses import fields
from pathlib import Path

import pytest

from dialer.config import SECTIONS, variable
from dialer.demo.options import add_arguments

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def _anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for link in _LINK.findall(page.read_text(encoding="utf-8")):
        if link.startswith(("http://", "https://")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        if anchor:
            assert anchor in _anchors(target), link


def test_every_test_that_is_named_exists() -> None:
    tests: dict[str, str] = {}
    for path in (ROOT / "tests").rglob("test_*.py"):  # the same name may stand in two folders
        tests[path.stem] = tests.get(path.stem, "") + path.read_text(encoding="utf-8")
    named = [
        (page.name, file, test)
        for page in PAGES
        for file, test in re.findall(r"`(test_\w+)::(test_\w+)`", page.read_text(encoding="utf-8"))
    ]
    assert len(named) > 60
    assert [one for one in named if f"def {one[2]}(" not in tests.get(one[1], "")] == []


def test_every_promise_has_its_row() -> None:
    page = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| [^|]+ \| (works|partly|not yet)", page, re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, 29))


def test_every_setting_is_described_and_no_other() -> None:
    page = (ROOT / "docs" / "run.md").read_text(encoding="utf-8")
    described = set(re.findall(r"^\| `(DIALER_[A-Z_]+)` \|", page, re.MULTILINE))
    assert described == {variable(section, entry.name) for section, kind in SECTIONS.items() for entry in fields(kind)}


def test_every_option_of_the_demo_is_described_and_no_other() -> None:
    parser = argparse.ArgumentParser(add_help=False)
    add_arguments(parser)
    options = {word for action in parser._actions for word in action.option_strings}
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(--[a-z-]+)", page, re.MULTILINE)) == options


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in PAGES:
        named = set(re.findall(r"`make ([a-z-]+)", page.read_text(encoding="utf-8")))
        assert named <= targets, page.name


def test_every_command_that_is_named_exists() -> None:
    commands = {
        path.stem.rstrip("_") for path in (ROOT / "dialer" / "cli").glob("*.py") if "def register(" in path.read_text()
    }
    for page in PAGES:
        named = set(re.findall(r"(?:^ {4}|`)dialer ([a-z]+)\b", page.read_text(encoding="utf-8"), re.MULTILINE))
        assert named <= commands, page.name


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    records = {path.name for path in folder.glob("*.md")} - {"README.md"}
    assert set(_LINK.findall(index)) == records, "docs/decisions/README.md lists every record"
