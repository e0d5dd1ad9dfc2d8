"""What auditors read is what the code does: each threat has a test that exists, the roles are drawn from the code."""

from __future__ import annotations

import re

from dialer.services.access import OPERATIONS, Permission, Role
from tests.support.prometheus import ROOT
from tests.support.roles import PAGE, page

SECURITY, CONTROLS = ((ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("security.md", "controls.md"))
_NAMED = re.compile(r"`(test_\w+)::(test_\w+)`")


def rows(text: str) -> list[list[str]]:
    """Cells of every row of every table, without heads."""
    lines = [line for line in text.splitlines() if line.startswith("|") and not re.match(r"\| ?-", line)]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def sources() -> dict[str, str]:
    """Text of the tests by the name of their file; two of one name are joined."""
    found: dict[str, str] = {}
    for path in (ROOT / "tests").rglob("test_*.py"):
        found[path.stem] = found.get(path.stem, "") + path.read_text(encoding="utf-8")
    return found


def test_roles_are_as_they_are_drawn() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m tests.support.roles"
    assert all(operation in page() for operation in OPERATIONS)
    assert all(role.value in page() for role in Role)
    assert all(f"`{permission}`" in page() for permission in Permission)


def test_every_threat_has_a_control_and_a_test_that_exists() -> None:
    names = sources()
    found = [row for row in rows(SECURITY) if row[0] != "might"]
    assert len(found) > 30
    for threat, control, evidence in found:
        assert threat, evidence
        assert len(control) > 12, (threat, control)
        named = _NAMED.findall(evidence)
        assert named, f"no test: {threat}"
        for file, test in named:
            assert f"def {test}(" in names.get(file, ""), f"{file}::{test}"


def test_everybody_of_the_model_is_thought_of() -> None:
    heads = re.findall(r"^## (.+)$", SECURITY, re.MULTILINE)
    for who in ("agent", "client", "supervisor", "resident", "network", "carrier", "stolen back-up", "rings"):
        assert any(who in head for head in heads), who
    assert heads[-1] == "What does not stand in the way yet"


def test_every_control_has_evidence_that_exists() -> None:
    names = sources()
    found = [row for row in rows(CONTROLS) if row[0] != "control"]
    assert len(found) > 15
    for control, _, evidence in found:
        assert re.match(r"[58]\.\d+", control), control
        for file, test in _NAMED.findall(evidence):
            assert f"def {test}(" in names.get(file, ""), f"{file}::{test}"
        assert "`" in evidence, control
