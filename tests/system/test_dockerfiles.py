"""The Dockerfiles' steps, played in root file systems of Debian's packages; what they hold is run as Compose has it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.image import Builder, Image, NoMirrorError, mirror, missing
from tests.support.prometheus import ROOT

WHY_NOT = missing()
pytestmark = [
    pytest.mark.system,
    pytest.mark.nightly,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "can be played"),
]
# A Dockerfile names the archive of a past moment, which may be out of reach: that of the machine's own apt stands in.
archived = pytest.mark.skipif(not mirror(), reason="apt of this machine has no archive of Debian's")
COMPOSE = ROOT / "deploy" / "compose"
TMPFS = {"/tmp": "mode=1777,size=256m", "/run/dialer/spool": "mode=0700,uid=10001,gid=10001,size=512m"}


def built(name: str, work: Path, **args: str) -> Image:
    try:
        return Builder(COMPOSE / f"{name}.Dockerfile", ROOT, work, args).image()
    except NoMirrorError as error:  # nothing to build a base from; a base that is broken fails
        pytest.skip(f"no mirror of Debian's packages: {error}")


@pytest.fixture(scope="module")
def dialer(tmp_path_factory: pytest.TempPathFactory) -> Image:
    return built("dialer", tmp_path_factory.mktemp("dialer"))


def said(image: Image, *command: str) -> str:
    done = image.run(command, TMPFS)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def test_the_dialers_image(dialer: Image) -> None:
    assert dialer.user == "10001:10001"
    assert "serve" in said(dialer, *dialer.entry, "--help")
    said(dialer, dialer.entry[0], "-c", "import dialer.app, dialer.papers, dialer.exchange.sftp")
    said(dialer, dialer.entry[0], "-c", "import importlib.util as u; assert u.find_spec('pip') is None")
    assert re.search(r"PostgreSQL\) 17\.", said(dialer, "pg_dump", "--version"))
    said(dialer, "espeak-ng", "-w", "/tmp/a.wav", "-v", "nl", "goedemiddag")
    said(dialer, "sox", "-n", "-r", "8000", "/tmp/a.wav", "trim", "0", "1")
    assert said(dialer, "cat", "web/dist/index.html").startswith("<!")
    assert said(dialer, "id", "-u").strip() == "10001"
    assert (
        said(dialer, "stat", "-c", "%U %a", "/var/lib/dialer/journal", "/var/backups/dialer").split()
        == ["dialer", "700"] * 2
    )
    for place in ("/opt/dialer/x", "/etc/x", "/var/lib/dialer/x"):
        assert dialer.run(["touch", place], TMPFS).returncode != 0
    doctor = dialer.run([*dialer.entry, "doctor"], TMPFS)
    assert doctor.returncode != 0
    assert "Traceback" not in doctor.stdout + doctor.stderr


@archived
def test_asterisks_image(tmp_path: Path) -> None:
    image = built("asterisk", tmp_path, ARCHIVE=mirror())
    assert image.user == "10001:10001"
    wanted = image.args["ASTERISK"].partition(":")[2]
    assert said(image, *image.entry, "-V").strip() == f"Asterisk {wanted}"
    modules = said(image, "ls", "/usr/lib/x86_64-linux-gnu/asterisk/modules").split()
    assert {"res_pjsip.so", "app_confbridge.so", "res_pjsip_transport_websocket.so", "app_chanspy.so"} <= set(modules)
    assert (
        said(image, "stat", "-c", "%U %a", "/var/lib/dialer/asterisk", "/var/lib/dialer/sounds").split()
        == ["dialer", "700"] * 2
    )
    assert image.run(["touch", "/var/lib/dialer/x"], TMPFS).returncode != 0


@archived
def test_coturns_image(tmp_path: Path) -> None:
    image = built("coturn", tmp_path, ARCHIVE=mirror())
    assert image.user == "10002:10002"
    assert image.args["COTURN"].startswith(said(image, "turnserver", "--version").split()[0])
    assert image.run(["touch", "/etc/x"], TMPFS).returncode != 0
    # As it starts: without secrets it says which is not there, and ends.
    started = image.run([*image.entry, *image.command], {"/run/dialer-relay": "mode=0700,uid=10002,gid=10002,size=4m"})
    assert started.returncode != 0
    assert "/etc/dialer/relay/relay.pem" in started.stderr
