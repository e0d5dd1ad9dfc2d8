"""What the service is made of: the list of parts is whole and stays, and each licence was looked at."""

from __future__ import annotations

import json
import re

import pytest

from scripts import supply
from scripts.runtime_requirements import blocks
from scripts.supply import Part, main, panel_parts, parts, python_licence, sbom, unknown
from tests.support.prometheus import ROOT


def test_every_part_has_a_licence_that_somebody_looked_at(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["licences"]) == 0, capsys.readouterr().err
    assert len(capsys.readouterr().out.splitlines()) == len(parts())


def test_one_that_nobody_looked_at_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    odd = [
        Part(ecosystem="npm", name="a", version="1", licence=licence)
        for licence in ("", "AGPL-3.0-only", "MIT AND GPL-3.0-only", "Commercial")
    ]
    good = [
        Part(ecosystem="npm", name="b", version="1", licence=licence)
        for licence in ("MIT", "(MIT OR GPL-3.0-only)", "Apache-2.0 AND MIT", "GPL-2.0-only OR EPL-2.0")
    ]
    assert unknown([*odd, *good]) == odd
    monkeypatch.setattr(supply, "parts", lambda: odd[:1])
    assert main(["licences"]) == 1
    assert "nobody looked at a" in capsys.readouterr().err


def test_the_list_has_what_runs_and_nothing_of_the_tests(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sbom"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["bomFormat"], told["specVersion"]) == ("CycloneDX", "1.6")
    names = {component["name"] for component in told["components"]}
    assert {"aiohttp", "asyncpg", "cryptography", "panoramisk", "react", "jssip"} <= names
    assert not names & {"pytest", "mypy", "vite", "typescript", "vitest"}
    assert len({component["bom-ref"] for component in told["components"]}) == len(told["components"])
    for component in told["components"]:
        assert re.fullmatch(r"pkg:(pypi|npm)/[^@\s]+@[^\s@]+", component["purl"]), component["purl"]
        assert component["licenses"][0]["expression"], component["name"]
    assert told["dependencies"][0]["dependsOn"] == [component["purl"] for component in told["components"]]
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", told["serialNumber"])
    assert sbom() == sbom() == told, "the same lock, the same list"


def test_versions_and_hashes_are_those_of_the_lock() -> None:
    lock = blocks((ROOT / "requirements.lock").read_text())
    for part in parts():
        if part.ecosystem == "pypi":
            lines, _ = lock[part.name.replace("_", "-").replace(".", "-")]
            assert f"=={part.version}" in lines
            assert len(part.hashes) == lines.count("--hash=sha256:") > 0


def test_a_scoped_name_is_written_as_databases_write_it() -> None:
    part = Part(ecosystem="npm", name="@scope/thing", version="1.0", licence="MIT")
    assert part.purl == "pkg:npm/%40scope/thing@1.0"
    assert python_licence("no-such-package-at-all") == ""
    assert all(part.version for part in panel_parts())
