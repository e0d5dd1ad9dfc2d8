"""The relay as it is deployed: bounded in what it may reach and use, its secret in no file of ours."""

from __future__ import annotations

import ipaddress
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from dialer.config import load
from tests.support.compose import composed, example, needs_compose
from tests.support.prometheus import ROOT

RELAY = ROOT / "deploy" / "coturn"
COMPOSE = ROOT / "deploy" / "compose"
HOME = {
    "RELAY_URLS": "turns:relay.example.nl:443?transport=tcp",
    "RELAY_SETTINGS": "/etc/dialer/turnserver.conf",
    "RELAY_SECRETS": "/etc/dialer/relay",
}


def settings() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in (RELAY / "turnserver.conf").read_text().splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


def test_it_relays_to_one_address_and_everything_else_is_denied() -> None:
    found = settings()
    assert len(found["allowed-peer-ip"]) == 1
    for text, whole in zip(found["denied-peer-ip"], ("0.0.0.0/0", "::/0"), strict=True):
        first, last = text.split("-")
        network = ipaddress.ip_network(whole)
        assert (ipaddress.ip_address(first), ipaddress.ip_address(last)) == (network[0], network[-1])
    assert {"no-tcp-relay", "no-multicast-peers", "use-auth-secret", "no-cli"} <= set(found)
    assert "allow-loopback-peers" not in found
    assert not {"static-auth-secret", "user", "no-auth", "web-admin", "server-relay"} & set(found)


def test_the_wall_has_the_ports_that_asterisk_is_given() -> None:
    ports = re.search(r"define sound = ([\d-]+)", (RELAY / "nftables.conf").read_text())
    command = yaml.safe_load((COMPOSE / "compose.yaml").read_text())["services"]["asterisk-files"]["command"]
    assert ports is not None
    assert ports[1] == command[command.index("--rtp") + 1]
    wall = re.search(r"define asterisk = (\S+)", (RELAY / "nftables.conf").read_text())
    assert wall is not None
    assert [wall[1]] == settings()["allowed-peer-ip"]


@needs_compose
def test_the_containers_give_it_nothing_and_the_dialer_its_secret() -> None:
    services = composed({**example(), **HOME}, more=[COMPOSE / "compose.home.yaml"])["services"]
    relay = services["relay"]
    assert int(relay["user"].split(":")[0]) > 0
    assert relay["read_only"] is True
    assert relay["cap_drop"] == ["ALL"]
    assert relay["security_opt"] == ["no-new-privileges:true"]
    assert int(relay["mem_limit"]) <= 1 << 30
    assert 0 < relay["pids_limit"] <= 512
    assert all(volume["read_only"] for volume in relay["volumes"])
    told = services["dialer"]["environment"]
    text = {"/etc/dialer/secrets/relay.secret": "s" * 24}
    given = {name: value for name, value in told.items() if name.startswith("DIALER_RELAY")}
    needed = {"DIALER_DATABASE_DSN": "postgresql://x", "DIALER_ASTERISK_SECRET": "x", "DIALER_KEYS_MASTER": "x"}
    assert load({**needed, **given}, read=text.__getitem__).relay.urls == HOME["RELAY_URLS"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze on this machine")
def test_systemd_has_nothing_to_say_against_its_unit(tmp_path: Path) -> None:
    shutil.copytree("/usr/lib/systemd/system", tmp_path / "usr/lib/systemd/system", symlinks=True)
    own = tmp_path / "etc/systemd/system"
    own.mkdir(parents=True)
    shutil.copy(RELAY / "dialer-relay.service", own)
    for program in ("usr/bin/turnserver", "bin/sh"):
        (tmp_path / program).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy("/bin/true", tmp_path / program)
    done = subprocess.run(
        ["systemd-analyze", f"--root={tmp_path}", "verify", "dialer-relay.service"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_unit_writes_its_settings_with_the_secret_for_itself_alone(tmp_path: Path) -> None:
    """The line that systemd would run, with its places here."""
    unit = (RELAY / "dialer-relay.service").read_text()
    line = re.search(r"^ExecStartPre=/bin/sh -euc '(.*)'$", unit, re.MULTILINE)
    assert line is not None
    (tmp_path / "relay.secret").write_text("geheim%s\n")
    for name in ("relay.pem", "relay.key"):
        (tmp_path / name).write_text(name)
    run = tmp_path / "run"
    run.mkdir()
    script = line[1].replace("%%", "%").replace("\\\\n", "\\n").replace("/run/dialer-relay", str(run))
    script = script.replace("/etc/dialer/turnserver.conf", str(RELAY / "turnserver.conf"))
    subprocess.run(
        ["/bin/sh", "-euc", f"umask 077; {script}"],
        check=True,
        env={"CREDENTIALS_DIRECTORY": str(tmp_path), "PATH": "/bin"},
    )
    made = (run / "turnserver.conf").read_text()
    assert made == (RELAY / "turnserver.conf").read_text() + "static-auth-secret=geheim%s\n"
    assert {path.name for path in run.iterdir()} == {"turnserver.conf", "relay.pem", "relay.key"}
    assert (run / "turnserver.conf").stat().st_mode & 0o077 == 0
