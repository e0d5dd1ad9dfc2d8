"""A support bundle says how the service is, and nothing of anybody."""

from __future__ import annotations

import asyncio
import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dialer import cli
from dialer.bundle import scrubbed
from dialer.cli.doctor import changes
from dialer.doctor import Finding
from dialer.storage.pool import open_pool
from tests.support.world import World

SECRETS = ("0f" * 32, "ami-secret-0123456789", "sms-token-abc", "mail-password-abc")
PEOPLE = (
    "Jansen", "de Vries-Bakker", "+31612345678", "0612345678", "06-12345678", "06 12 34 56 78", "2711AB", "2711 AB",
    "01-02-1950", "1950-02-01", "f.jansen@example.org", "NL91ABNA0417164300", "310,50", "Dorpsstraat",
    "wil morgen na zes uur gebeld worden", "Kwekersdam", "anna.dewit", "BSN", "123456782",
)  # fmt: skip
LOG = """
2026-11-30T09:00:00.000Z INFO dialer.app service started port=8080
2026-11-30T09:00:01.000Z INFO dialer.api.application request operation=getFloor method=GET status=200 ms=1.5 actor=u:x
2026-11-30T09:00:02.000Z ERROR dialer.x failed for Jansen, f.jansen@example.org and 0612345678 at Dorpsstraat 2711 AB
2026-11-30T09:00:03.000Z WARNING dialer.x number=+31612345678 login=anna.dewit note='wil morgen na zes uur'
2026-11-30T09:00:04.000Z WARNING dialer.x born 01-02-1950 or 1950-02-01, NL91ABNA0417164300, 310,50, BSN 123456782
2026-11-30T09:00:05.000Z INFO asterisk.chan Jansen <0612345678> rings
Traceback (most recent call last):
  ValueError: de Vries-Bakker, 2711AB, 06 12 34 56 78, wil morgen na zes uur gebeld worden
{"time": "2026-11-30T09:00:06.000Z", "level": "error", "logger": "dialer.y", "message": "lost Jansen 06-12345678"}
{"time": "2026-11-30T09:00:07.000Z", "level": "error", "logger": "other", "message": "Jansen"}
{"broken
"""


@pytest.fixture
async def world(dsn: str) -> AsyncIterator[World]:
    """With people wherever somebody can type."""
    pool = await open_pool(dsn, size=2)
    built = await World(pool).build()
    await built.add_case("+31612345678")
    await pool.execute("update client set name = 'Kwekersdam', neutral_name = 'Jansen', municipality = 'Kwekersdam'")
    await pool.execute("update campaign set name = 'Jansen 0612345678'")
    await pool.execute(
        "update app_user set display_name = 'de Vries-Bakker', login = 'anna.dewit' || left(id::text, 13)"
    )
    await pool.execute(
        "insert into audit_event (at, actor, action, subject_kind, subject_id, detail) "
        """values ($1, 'user:x', 'x', 'x', 'x', '{"note": "Jansen 0612345678"}')""",
        built.now,
    )
    await pool.execute(
        "insert into job_run (name, last_run_at, last_error) values ('reach', $1, 'ValueError')", built.now
    )
    yield built
    await pool.close()


async def test_nothing_of_anybody_is_in_it(
    dsn: str, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    key, ami, token, password = SECRETS
    for name, value in {
        "DATABASE_DSN": dsn, "KEYS_MASTER": key, "ASTERISK_SECRET": ami, "SMS_TOKEN": token, "MAIL_PASSWORD": password,
        "SMS_SENDER": "Kwekersdam", "MAIL_SENDER": "f.jansen@example.org", "MAIL_HOST": "mail.example.org",
        "ASTERISK_PORT": "1", "ASTERISK_HTTP_PORT": "1", "HTTP_METRICS_PORT": "1",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"DIALER_{name}", value)
    log = tmp_path / "dialer.log"
    log.write_text(LOG)
    file = tmp_path / "bundle.zip"
    arguments = ["support-bundle", str(file), "--log", str(log), "--log", str(tmp_path / "gone.log")]
    assert await asyncio.to_thread(cli.main, arguments) == 0, capsys.readouterr().err
    with zipfile.ZipFile(file) as bundle:
        parts = {name: bundle.read(name).decode() for name in bundle.namelist()}
    for name, text in parts.items():
        for word in (*PEOPLE, *SECRETS, dsn, dsn.partition("//")[2].partition("@")[0]):
            assert word.lower() not in text.lower(), f"{word} in {name}"
    database = json.loads(parts["database.json"])
    assert [job["last_error"] for job in database["jobs"]] == ["ValueError"]
    assert len(database["rows"]) > 50
    assert database["campaigns"][0]["id"] == str(world.campaign)
    settings = json.loads(parts["settings.json"])
    assert settings["mail"]["password"] is True
    assert settings["http"]["port"] == 8080
    assert "FAIL asterisk" in parts["doctor.txt"]
    assert "ok   database" in parts["doctor.txt"]
    assert parts["metrics.txt"].startswith("not read")
    assert "service started port=8080" in parts["log-1.txt"]
    assert "operation=getFloor method=GET status=200 ms=1.5 actor=***" in parts["log-1.txt"]
    assert "6 lines of others left out" in parts["log-1.txt"]
    assert parts["log-2.txt"].startswith("not read")
    assert await asyncio.to_thread(cli.main, arguments) == 1, "it writes over nothing"


def test_a_line_of_json_is_kept_by_the_same_rules() -> None:
    line = '{"time": "t", "level": "info", "logger": "dialer.z", "message": "job ran name=reach done=3 by Jansen"}'
    assert scrubbed(line) == "t INFO dialer.z job ran name=reach done=3 by ***"
    assert scrubbed("[1, 2]") is None


def test_a_watch_says_what_changes_and_nothing_else() -> None:
    said: list[tuple[str, bool]] = []

    def say(finding: Finding) -> None:
        said.append((finding.name, finding.ok))

    def found(*names: str, bad: str = "") -> list[Finding]:
        return [Finding(name=name, ok=name != bad, detail=str(len(said))) for name in names]

    known = changes({}, found("database", "asterisk", "trunk"), say)
    assert len(said) == 3
    known = changes(known, found("database", "asterisk", "trunk"), say)
    assert len(said) == 3, "details move"
    known = changes(known, found("database", "asterisk", bad="asterisk"), say)
    assert said[3:] == [("asterisk", False)]
    changes(known, found("database", "asterisk", "trunk"), say)
    assert said[4:] == [("asterisk", True), ("trunk", True)]
