"""The Compose file as Compose itself reads it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.prometheus import ROOT, program

FOLDER = ROOT / "deploy" / "compose"
FILE = FOLDER / "compose.yaml"
COMPOSE = program("docker-compose")
needs_compose = pytest.mark.skipif(COMPOSE is None, reason="no docker-compose: `scripts/setup test` unpacks Debian's")


def example() -> dict[str, str]:
    """What `example.env` says."""
    lines = (FOLDER / "example.env").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def composed(settings: Mapping[str, str], *, file: Path = FILE, more: Sequence[Path] = ()) -> dict[str, Any]:
    """All services with these settings; `more`: files beside it. Fails with Compose's own words."""
    assert COMPOSE is not None
    files = [part for one in (file, *more) for part in ("-f", str(one))]
    done = subprocess.run(
        [COMPOSE, *files, "--profile", "tools", "config", "--format", "json"],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "HOME": "/nowhere", **settings},
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found
