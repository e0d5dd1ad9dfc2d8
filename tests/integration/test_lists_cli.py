"""`dialer import` and `dialer export` as somebody types them, in processes of their own."""

from __future__ import annotations

import asyncio
import base64
import csv
import io
import os
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest

from dialer.demo.people import generate
from dialer.storage.changes import listen
from tests.support.intake import IntakeWorld, csv_bytes, intake_world, row


@dataclass
class Shell:
    """Runs commands against one database."""

    w: IntakeWorld
    folder: Path
    environ: dict[str, str]

    async def __call__(self, *arguments: str | Path) -> tuple[int, str, str]:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "dialer",
            *map(str, arguments),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self.environ,
            cwd=self.folder,
        )
        async with asyncio.timeout(60):
            out, err = await child.communicate()
        assert child.returncode is not None
        return child.returncode, out.decode(), err.decode()

    async def fine(self, *arguments: str | Path) -> str:
        status, out, err = await self(*arguments)
        assert status == 0, err
        return out

    def table(self, name: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO((self.folder / name).read_text("utf-8-sig")), delimiter=";"))


@pytest.fixture
async def shell(dsn: str, tmp_path: Path) -> AsyncIterator[Shell]:
    async with intake_world(dsn, tmp_path) as w:
        environ = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "DIALER_DATABASE_DSN": dsn,
            "DIALER_KEYS_MASTER": base64.b64encode(bytes(range(32))).decode(),
            "DIALER_ASTERISK_SECRET": "x",
            "DIALER_SERVICE_DEMO": "true",
        }
        yield Shell(w, tmp_path, environ)


async def test_from_template_to_results(shell: Shell) -> None:
    w = shell.w
    await shell.fine("import", "--template", "t.xlsx")
    assert openpyxl.load_workbook(shell.folder / "t.xlsx").sheetnames == ["lijst", "uitleg"]
    path = w.file(generate(60, 3, today=w.clock.now().date()))
    said = await shell.fine("import", path, "--campaign", "Belactie", "--dry-run")
    assert "nothing was changed" in said
    assert "surname          <- achternaam" in said
    assert await w.one("select count(*) from delivery") == 0
    said = await shell.fine("import", path, "--campaign", "Belactie", "--refusals", "refused.csv")
    assert "loaded" in said
    refused = await w.one("select (counts ->> 'refused')::int from delivery")
    assert refused
    assert len(shell.table("refused.csv")) == refused
    assert (shell.folder / "refused.csv").stat().st_mode & 0o777 == 0o600
    said = await shell.fine("import", path, "--campaign", "Belactie")
    assert "loaded before, nothing changed" in said
    await shell.fine("import", "--to-enrich", "none.csv", "--campaign", "Belactie")
    lacking = shell.table("none.csv")
    assert lacking
    for line in lacking:
        line["telefoon 1"] = "0609999999"
    w.file(csv_bytes(lacking), "found.csv")
    said = await shell.fine("import", shell.folder / "2-found.csv", "--campaign", "Belactie", "--numbers")
    assert f"taken {len(lacking)}" in said
    assert len((await shell.fine("import", "--list", "--campaign", "Belactie")).splitlines()) == 2
    said = await shell.fine("export", "all.csv", "--campaign", "Belactie", "--full")
    lines = shell.table("all.csv")
    assert len(lines) == await w.one("select count(*) from signal")
    assert re.search(r"export [0-9a-f-]{36}: full, \d+ lines.*confirmed", said)
    said = await shell.fine("export", "delta.xlsx", "--campaign", "Belactie", "--no-confirm")
    assert "0 lines" in said
    assert "not confirmed" in said
    identity = re.search(r"export ([0-9a-f-]{36})", said)
    assert identity is not None
    await shell.fine("export", "again.csv", "--again", identity[1], "--no-confirm")
    assert "confirmed" in await shell.fine("export", "--confirm", identity[1])
    assert len((await shell.fine("export", "--list", "--campaign", "Belactie")).splitlines()) == 2


async def test_recall_reaches_the_running_service_through_the_database(shell: Shell, dsn: str) -> None:
    w = shell.w
    loaded = await w.load(row())
    heard: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
    task = asyncio.create_task(listen(dsn, lambda kind, subject: heard.put_nowait((kind, subject))))
    async with asyncio.timeout(30):
        assert await heard.get() == ("all", "")
    delivery = str(loaded.delivery.delivery)
    said = await shell.fine("import", "--recall", delivery, "--reason", "verkeerde lijst")
    assert "1 cases closed" in said
    async with asyncio.timeout(30):
        assert await heard.get() == ("delivery", delivery)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_mapping_is_given_kept_and_used_again(shell: Shell) -> None:
    w = shell.w
    names = {"kenmerk": "Ref", "achternaam": "Wie", "postcode": "PC"}
    lines = [{names.get(key, key): value for key, value in row(kenmerk=f"Z-{n}").items()} for n in (1, 2)]
    first = w.file(csv_bytes([{**lines[0], "signaal-id": "S-1"}]))
    second = w.file(csv_bytes([{**lines[1], "signaal-id": "S-2"}]))
    status, _, err = await shell("import", first, "--campaign", "Belactie")
    assert status == 1
    assert "client_ref, surname" in err
    headers = {"client_ref": "Ref", "surname": "Wie", "postcode": "PC", "partner_type": "vastelastenpartner"}
    headers |= {"signal_on": "signaaldatum", "birth_date": "geboortedatum", "house_number": "huisnummer"}
    headers |= {"signal_ref": "signaal-id", "phone_1": "telefoon 1"}
    pairs = [part for field, header in headers.items() for part in ("--map", f"{field}={header}")]
    said = await shell.fine("import", first, "--campaign", "Belactie", *pairs, "--save-mapping", "vps")
    assert "column mapping vps, version 1" in said
    assert "taken 1" in await shell.fine("import", second, "--campaign", "Belactie", "--mapping", "vps")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("import", "none.csv", "--campaign", "Belactie"), "Het bestand is niet te openen"),
        (("import", "x.csv"), "say which campaign"),
        (("import", "x.csv", "--campaign", "Onbekend"), "no such campaign"),
        (("import", "--campaign", "Belactie"), "say which file"),
        (("import", "x.csv", "--campaign", "Belactie", "--map", "shoe=x"), "FIELD=HEADER"),
        (("import", "--recall", "0198c0de-0000-7000-8000-000000000000"), "say why"),
        (("import", "--recall", "0198c0de-0000-7000-8000-000000000000", "--reason", "x"), "no such delivery"),
        (("import", "--template", "t.pdf"), "must end in"),
        (("export", "--campaign", "Belactie"), "say which file"),
        (("export", "x.pdf", "--campaign", "Belactie"), "must end in"),
        (("export", "x.csv"), "say which campaign"),
        (("export", "--confirm", "0198c0de-0000-7000-8000-000000000000"), "no such export"),
    ],
)
async def test_mistakes_are_told_in_a_line(shell: Shell, arguments: tuple[str, ...], message: str) -> None:
    status, _, err = await shell(*arguments)
    assert status == 1
    assert message in err
    assert "Traceback" not in err


async def test_help_has_examples(shell: Shell) -> None:
    for command in ("import", "export"):
        assert "examples:" in await shell.fine(command, "--help")


async def until(w: IntakeWorld, sql: str) -> None:
    """Poll until the statement says true."""
    async with asyncio.timeout(60):
        while True:
            if await w.one(sql):
                return
            await asyncio.sleep(0.02)


async def test_killed_in_the_middle_and_run_again(shell: Shell) -> None:
    """kill -9 of the real process, wherever it happens to be; twice, then to the end."""
    w = shell.w
    content = generate(6000, 9, today=w.clock.now().date(), wrong=False)
    path = w.file(content)
    arguments = [sys.executable, "-m", "dialer", "import", str(path), "--campaign", "Belactie"]
    for least in (500, 2000):
        child = await asyncio.create_subprocess_exec(
            *arguments, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL, env=shell.environ
        )
        await until(w, f"select count(*) >= {least} from signal")
        assert child.returncode is None
        child.kill()
        await child.wait()
        assert await w.one("select state from delivery") == "loading"
        # Its connection, and with it its lock, is gone a moment later.
        await until(w, "select count(*) = 0 from pg_locks where locktype = 'advisory'")
    await shell.fine("import", path, "--campaign", "Belactie")
    expected = len(content.splitlines()) - 1
    assert await w.one("select count(*) from signal") == expected
    assert await w.one("select count(*) from case_file") == await w.one("select count(*) from resident")
    assert await w.one("select count(*) from delivery where state = 'loaded'") == 1
    assert await w.one("select (counts ->> 'taken')::int from delivery") == expected
    assert await w.one("select count(*) from pii.resident") == await w.one("select count(*) from resident")
