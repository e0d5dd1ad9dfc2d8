"""What the installer decides; building a root file system for real is a nightly test."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dialer.demo import asterisk_install
from dialer.demo.asterisk_install import Source, complete, ensure_asterisk, good_version
from dialer.demo.processes import StartError


@pytest.mark.parametrize(
    ("line", "good"),
    [
        ("Asterisk 22.10.1+dfsg-1", True),
        ("Asterisk 22.4.0", True),
        ("Asterisk certified/22.8-cert1", True),
        ("Asterisk 22.3.9", False),
        ("Asterisk 20.15.0", False),
        ("Asterisk 23.1.0", False),
        ("Asterisk GIT-master", False),
        ("", False),
    ],
)
def test_which_version_will_do(line: str, good: bool) -> None:
    assert good_version(line) is good


def make_root(root: Path) -> None:
    programs = (
        "usr/sbin/asterisk",
        "usr/bin/espeak-ng",
        "usr/bin/sox",
        "usr/bin/sipp",
        "usr/bin/baresip",
        "usr/bin/setpriv",
    )
    for name in programs:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (root / "usr/share/asterisk/moh").mkdir(parents=True)
    (root / "etc").mkdir()


def test_a_complete_root_is_used_as_it_is_and_names_the_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "asterisk-root"
    make_root(root)
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n")
    monkeypatch.setattr("socket.gethostname", lambda: "some-host")
    monkeypatch.setattr(asterisk_install, "_build", lambda *_: pytest.fail("must not be built again"))
    for _ in range(2):
        assert ensure_asterisk(tmp_path, lambda _: None) == root
    assert (root / "etc/hosts").read_text() == "127.0.0.1 localhost\n127.0.1.1\tsome-host\n"


def test_an_incomplete_root_is_not_taken_for_whole(tmp_path: Path) -> None:
    root = tmp_path / "asterisk-root"
    make_root(root)
    (root / "usr/bin/sox").unlink()
    assert not complete(root)


def test_without_root_it_says_what_needs_root_and_what_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(asterisk_install, "host_will_do", lambda: False)
    with pytest.raises(StartError, match=r"needs root[\s\S]*DIALER_ASTERISK[\s\S]*you can still run"):
        ensure_asterisk(tmp_path, lambda _: None)


def test_a_good_asterisk_of_the_machine_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asterisk_install, "host_will_do", lambda: True)
    assert ensure_asterisk(tmp_path, lambda _: None) is None


def test_a_root_in_use_is_never_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "asterisk-root").mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(asterisk_install, "host_will_do", lambda: False)
    monkeypatch.setattr(asterisk_install, "_users_of", lambda _: [4711])
    with pytest.raises(StartError, match="4711"):
        ensure_asterisk(tmp_path, lambda _: None)
    assert (tmp_path / "asterisk-root").exists()


def test_a_build_that_fails_leaves_no_root_and_shows_its_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    fake = tools / "mmdebstrap"
    fake.write_text("#!/bin/sh\necho 'E: no such mirror'\nexit 25\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(asterisk_install, "host_will_do", lambda: False)
    monkeypatch.setattr(asterisk_install, "_KEYRING", str(fake))
    with pytest.raises(StartError, match="no such mirror"):
        ensure_asterisk(tmp_path / "state", lambda _: None)
    assert not (tmp_path / "state" / "asterisk-root").exists()


def test_source_from_the_environment() -> None:
    assert Source.of({}) == Source()
    chosen = Source.of({"DIALER_DEBIAN_MIRROR": "http://mirror.test/debian", "DIALER_DEBIAN_SUITE": "forky"})
    assert (chosen.mirror, chosen.suite) == ("http://mirror.test/debian", "forky")
    for wrong in ({"DIALER_DEBIAN_MIRROR": "x; rm"}, {"DIALER_DEBIAN_SUITE": "a b"}, {"DIALER_DEBIAN_MIRROR": ""}):
        with pytest.raises(StartError):
            Source.of(wrong)
