from __future__ import annotations

import stat
from pathlib import Path

import pytest

from dialer.asterisk.logs import EVENTS, LOG, erase
from dialer.cli import main

SECRET = "0123456789abcdef-ami"


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DIALER_CONFIG", raising=False)
    monkeypatch.setenv("DIALER_ASTERISK_SECRET", SECRET)
    monkeypatch.setenv("DIALER_ASTERISK_SOUNDS", "/srv/sounds")


def _arguments(folder: Path, *more: str) -> list[str]:
    needed = ["--bind", "192.0.2.20", "--carrier", "192.0.2.10:5070", "--modules", "/usr/lib/asterisk/modules"]
    return ["asterisk", "write", str(folder), *needed, *more]


def test_a_node_is_written_whole_and_for_its_owner_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    secret = tmp_path / "carrier.secret"
    secret.write_text("carrier-secret-0123\n")
    node = tmp_path / "node"
    more = ["--carrier-user", "u1", "--carrier-secret-file", str(secret), "--carrier-match", "192.0.2.0/28"]
    assert main(_arguments(node, *more)) == 0
    said = capsys.readouterr()
    assert str(node / "etc" / "asterisk.conf") in said.out
    assert SECRET not in said.out + said.err
    pjsip, manager = (node / "etc" / "pjsip.conf").read_text(), (node / "etc" / "manager.conf").read_text()
    assert "192.0.2.10:5070" in pjsip
    assert "192.0.2.0/28" in pjsip
    assert "carrier-secret-0123" in pjsip
    assert f"secret = {SECRET}" in manager.replace("secret=", "secret = ")
    assert "/srv/sounds" in (node / "etc" / "extensions.conf").read_text()
    for file in (node / "etc").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name
    assert {folder.name for folder in node.iterdir()} == {"etc", "run", "db", "spool", "log", "cel"}


def test_writing_again_replaces_and_leaves_nothing_behind(tmp_path: Path) -> None:
    assert main(_arguments(tmp_path)) == 0
    (tmp_path / "etc" / ".rtp.conf.new").write_text("half")  # a writer that was killed
    assert main(_arguments(tmp_path, "--rtp", "30000-30099")) == 0
    assert "30000" in (tmp_path / "etc" / "rtp.conf").read_text()
    assert [file.name for file in (tmp_path / "etc").iterdir() if file.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("more", "named"),
    [
        (["--rtp", "20000"], "--rtp"),
        (["--rtp", "20000-20001"], "rtp ports"),
        (["--carrier", "host:x"], "--carrier"),
        (["--carrier", "a b"], "trunk host"),
        (["--carrier-secret-file", "/nowhere/secret"], "--carrier-secret-file"),
        (["--carrier-user", "u1"], "trunk secret"),
        (["--bind", "x\n[evil]"], "bind"),
        (["--carrier-kind", "registration"], "trunk username"),
        (["--carrier-kind", "tls", "--carrier-ca", "ca.pem"], "absolute path"),
        (["--carrier-kind", "tls", "--tls-key", "/k.pem"], "--tls-certificate"),
    ],
)
def test_a_bad_value_is_named_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], named: str
) -> None:
    assert main(_arguments(tmp_path, *more)) == 1
    assert named in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_logs_and_events_are_erased_by_term(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(_arguments(tmp_path)) == 0
    day = 86_400.0
    for live in (tmp_path / EVENTS, tmp_path / LOG):
        live.write_text("first\n")
    with (tmp_path / LOG).open("a") as held:  # as Asterisk holds it
        assert erase(tmp_path, 100 * day, 2) == 0
        held.write("second\n")
    assert (tmp_path / LOG).read_text() == "second\n"
    assert not (tmp_path / EVENTS).exists()
    assert erase(tmp_path, 101 * day, 2) == 0
    kept = sorted(path.name for path in (tmp_path / "log").iterdir() if path.is_file())
    assert kept == ["asterisk-19700411T000000.log", "asterisk-19700412T000000.log", "asterisk.log"]
    assert erase(tmp_path, 102.5 * day, 2) == 2  # the first of both
    assert main(["asterisk", "erase", str(tmp_path)]) == 0
    assert "1 files erased" in capsys.readouterr().out
    assert main(["asterisk", "erase", str(tmp_path), "--days", "0"]) == 1
    assert main(["asterisk", "erase", str(tmp_path / "elsewhere")]) == 1


def test_needed_settings(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(_arguments(Path("node"))) == 1
    assert "absolute" in capsys.readouterr().err
    monkeypatch.delenv("DIALER_ASTERISK_SECRET")
    assert main(_arguments(tmp_path)) == 1
    assert "DIALER_ASTERISK_SECRET" in capsys.readouterr().err
    config = tmp_path / "dialer.toml"
    config.write_text(f'[asterisk]\nsecret = "{SECRET}"\ntrunk = "carrier1"\n')
    assert main(["--config", str(config), *_arguments(tmp_path / "node")]) == 0
    assert "[carrier1]" in (tmp_path / "node" / "etc" / "pjsip.conf").read_text()
    config.write_text("[asterisk")
    assert main(["--config", str(config), *_arguments(tmp_path / "other")]) == 1
    assert "settings file" in capsys.readouterr().err


def test_own_phones_over_tls_have_a_port_and_a_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DIALER_ASTERISK_PHONES_TRANSPORT", "tls")
    monkeypatch.setenv("DIALER_ASTERISK_SIP_TLS_PORT", "5071")
    assert main(_arguments(tmp_path / "bare")) == 1
    assert "phones_transport is tls: give --tls-certificate" in capsys.readouterr().err
    more = ["--tls-certificate", "/etc/dialer/node.pem", "--tls-key", "/etc/dialer/node.key"]
    assert main(_arguments(tmp_path / "node", *more)) == 0
    pjsip, manager = ((tmp_path / "node" / "etc" / name).read_text() for name in ("pjsip.conf", "manager.conf"))
    assert "bind=192.0.2.20:5071" in pjsip
    assert "cert_file=/etc/dialer/node.pem" in pjsip
    assert "ca_list_file=/etc/ssl/certs/ca-certificates.crt" in pjsip, "of a proxy by way of which phones are rung"
    assert "tlsenable" not in manager, "the manager stays on loopback"


def test_with_tls_the_dialers_ports_are_the_encrypted_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIALER_ASTERISK_TLS", "true")
    monkeypatch.setenv("DIALER_ASTERISK_PORT", "5039")
    assert main(_arguments(tmp_path / "bare")) == 1, "without a certificate there is nothing to listen with"
    more = ["--tls-certificate", "/etc/dialer/node.pem", "--tls-key", "/etc/dialer/node.key", "--dialer", "192.0.2.5"]
    assert main(_arguments(tmp_path / "node", *more)) == 0
    manager, http = ((tmp_path / "node" / "etc" / name).read_text() for name in ("manager.conf", "http.conf"))
    assert "tlsbindaddr=192.0.2.20:5039" in manager
    assert "port=5037" in manager
    assert "permit=192.0.2.5" in manager
    assert "tlsbindaddr=192.0.2.20:8088" in http
