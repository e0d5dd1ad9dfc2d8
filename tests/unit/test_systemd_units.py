"""The units for bare machines: as systemd's own judge reads them, and with settings that the service knows."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from dialer.cli import build_parser
from dialer.config import load

UNITS = Path(__file__).parents[2] / "deploy" / "systemd"
SERVICES = sorted(path.name for path in UNITS.glob("*.service"))
SECRETS = {
    "%d/master.key": "ab" * 32,
    "/etc/dialer/database.dsn": "postgresql://dialer@db/dialer",
    "/etc/dialer/ami.secret": "x",
}

judge = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze on this machine")


def analyze(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", f"--root={root}", *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C", "SYSTEMD_PAGER": "cat"},
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A machine on which our units stand beside systemd's own."""
    shutil.copytree("/usr/lib/systemd/system", tmp_path / "usr/lib/systemd/system", symlinks=True)
    own = tmp_path / "etc/systemd/system"
    own.mkdir(parents=True)
    for unit in (*UNITS.glob("*.service"), *UNITS.glob("*.timer")):
        shutil.copy(unit, own)
    for program in ("opt/dialer/.venv/bin/dialer", "bin/sh", "bin/kill"):
        place = tmp_path / program
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy("/bin/true", place)
    return tmp_path


@judge
def test_systemd_has_nothing_to_say_against_them(root: Path) -> None:
    units = [path.name for path in (root / "etc/systemd/system").iterdir()]
    assert len(units) == 3
    done = analyze(root, "verify", *units)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@judge
def test_the_judge_would_say_so(root: Path) -> None:
    unit = root / "etc/systemd/system/dialer.service"
    unit.write_text(unit.read_text().replace("ProtectSystem=", "ProtectSystems="))
    assert "ProtectSystems" in analyze(root, "verify", "dialer.service").stderr


@judge
@pytest.mark.parametrize("unit", SERVICES)
def test_they_may_do_little(root: Path, unit: str) -> None:
    """`systemd-analyze security`: 0 may do nothing, 10 everything; asked here: 2 at most."""
    done = analyze(root, "security", "--offline=yes", "--threshold=20", unit)
    assert done.returncode == 0, done.stdout[-400:]


@pytest.mark.parametrize("unit", SERVICES)
def test_commands_and_settings_are_those_of_the_service(unit: str) -> None:
    text = (UNITS / unit).read_text()
    for line in re.findall(r"/opt/dialer/\.venv/bin/dialer ([^;\n']+)", text):
        words = [word.strip('"') for word in line.split()]
        build_parser().parse_args(["file" if word.startswith("$$") else word for word in words])
    variables = dict(re.findall(r"^Environment=(DIALER_\w+)=(.*)$", text, re.MULTILINE))
    variables.pop("DIALER_CONFIG")
    settings = load(variables, (UNITS / "dialer.toml").read_text(), read=SECRETS.__getitem__)
    assert settings.asterisk.secret == "x"
    assert settings.keys.master == SECRETS["%d/master.key"]


def test_no_secret_stands_in_a_unit_or_the_settings() -> None:
    for path in UNITS.iterdir():
        for name in ("SECRET", "MASTER", "DSN", "PASSWORD"):
            assert not re.search(rf"^(Environment=)?DIALER_\w*{name}\w*(?<!_FILE)=", path.read_text(), re.MULTILINE), (
                path
            )
    assert not {"secret", "dsn", "master"} & {
        key for table in tomllib.loads((UNITS / "dialer.toml").read_text()).values() for key in table
    }


def test_back_ups_stand_where_they_are_thrown_away_again() -> None:
    folder = re.findall(r"^d (/var/backups/\S+) 0700 dialer dialer 14d$", (UNITS / "tmpfiles.conf").read_text(), re.M)
    service = (UNITS / "dialer-backup.service").read_text()
    assert f"ReadWritePaths={folder[0]}" in service
    assert f"file={folder[0]}/" in service
