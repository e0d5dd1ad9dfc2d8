"""The units for bare machines: as systemd's own judge reads them, and with settings that the service knows."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from dialer.cli import build_parser
from dialer.config import load
from dialer.spool import FolderSpool

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
    for unit in (*UNITS.glob("*.service"), *UNITS.glob("*.timer"), *UNITS.glob("*.mount")):
        shutil.copy(unit, own)
    (own / "dialer.service.d").mkdir()
    shutil.copy(UNITS / "recordings.conf", own / "dialer.service.d")
    for program in ("opt/dialer/.venv/bin/dialer", "bin/sh", "bin/kill"):
        place = tmp_path / program
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy("/bin/true", place)
    return tmp_path


@judge
def test_systemd_has_nothing_to_say_against_them(root: Path) -> None:
    units = [path.name for path in (root / "etc/systemd/system").iterdir() if path.is_file()]
    assert len(units) == 4
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


@judge
def test_who_records_may_do_no_more_and_sees_the_same_folder(root: Path) -> None:
    addition = (UNITS / "recordings.conf").read_text()
    where = re.findall(r"^Where=(.+)$", (UNITS / "run-recordings.mount").read_text(), re.MULTILINE)
    assert re.findall(r"^ReadWritePaths=-(.+)$", addition, re.MULTILINE) == where
    given = dict(re.findall(r"^Environment=(DIALER_\w+)=(.*)$", addition, re.MULTILINE))
    assert given == {"DIALER_ASTERISK_RECORDINGS": where[0]}
    assert {f"{unit}=run-recordings.mount" for unit in ("Wants", "After")} < set(addition.splitlines())
    assert "Requires" not in addition, "without it calls go on"
    whole = (UNITS / "dialer.service").read_text() + addition
    (root / "etc/systemd/system/dialer.service").write_text(whole)
    done = analyze(root, "security", "--offline=yes", "--threshold=20", "dialer.service")
    assert done.returncode == 0, done.stdout[-400:]


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("unshare") is None, reason="mounts need root")
def test_the_memory_that_is_mounted_takes_recordings(tmp_path: Path) -> None:
    """With the unit's own options, in a mount name space of its own."""
    options = re.findall(r"^Options=(.+)$", (UNITS / "run-recordings.mount").read_text(), re.MULTILINE)[0]
    options = re.sub(r"([ug]id)=dialer", r"\1=0", options)
    look = "import sys; from dialer.spool import FolderSpool as F; from pathlib import Path as P; "
    look += "print(F(P(sys.argv[1])).trouble() or 'none', F(P(sys.argv[1])).room() >> 20)"
    done = subprocess.run(
        ["unshare", "--mount", "/bin/sh", "-euc", 'mount -t tmpfs -o "$1" tmpfs "$2"; exec "$3" -c "$4" "$2"', "sh",
         options, str(tmp_path), sys.executable, look],
        capture_output=True, text=True, check=False, cwd=UNITS.parents[1],
    )  # fmt: skip
    if "wrong fs type, bad option" in done.stderr:
        pytest.skip("this kernel does not know noswap")
    assert (done.stdout, done.stderr) == ("none 2048\n", "")
    assert FolderSpool(tmp_path).trouble(), "outside of it the folder lies on a disk"


def test_back_ups_stand_where_they_are_thrown_away_again() -> None:
    folder = re.findall(r"^d (/var/backups/\S+) 0700 dialer dialer 14d$", (UNITS / "tmpfiles.conf").read_text(), re.M)
    service = (UNITS / "dialer-backup.service").read_text()
    assert f"ReadWritePaths={folder[0]}" in service
    assert f"file={folder[0]}/" in service
