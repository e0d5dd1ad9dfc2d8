"""The register knows every column of the schema, and its page is as it is drawn."""

from __future__ import annotations

import csv
from pathlib import Path

import asyncpg
import pytest

from dialer.cli import main
from dialer.domain.holdings import Kind, holdings, unclassed
from dialer.services.register import Register
from dialer.storage.pool import open_pool
from dialer.storage.schema import PgSchema
from tests.support.holdings_page import PAGE, page
from tests.support.world import World


async def test_every_column_of_the_schema_is_classed(dsn: str) -> None:
    pool = await open_pool(dsn, size=1)
    try:
        missing = unclassed(await PgSchema(pool).columns(), holdings())
        assert missing == [], "class these in dialer/domain/holdings.toml (+: new in the schema, -: gone from it)"
    finally:
        await pool.close()


async def test_what_stands_in_the_schema_of_personal_data_is_not_classed_as_plain(dsn: str) -> None:
    held = {one.table: one for one in holdings()}
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch(
            "select table_schema, table_name, column_name, data_type from information_schema.columns "
            "where table_schema in ('public', 'pii')"
        )
    finally:
        await connection.close()
    for row in rows:
        table = row["table_name"] if row["table_schema"] == "public" else f"pii.{row['table_name']}"
        kind = held[table].columns[row["column_name"]]
        if row["data_type"] == "bytea" and "sealed" in row["column_name"]:
            assert kind in (Kind.SEALED, Kind.SECRET, Kind.STAFF), (table, row["column_name"])
        if row["column_name"] in ("match_key", "number_key"):
            assert kind in (Kind.HASH, Kind.STAFF), (table, row["column_name"])
        if row["column_name"] in ("case_id", "resident_id", "attempt_id", "signal_id", "phone_id"):
            assert kind in (Kind.PSEUDONYM, Kind.STAFF), (table, row["column_name"])


def test_the_page_is_as_it_is_drawn() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m tests.support.holdings_page"


async def test_a_column_that_nobody_classed_is_told_and_a_client_has_its_own_terms(dsn: str) -> None:
    pool = await open_pool(dsn, size=2)
    try:
        world = await World(pool).build()
        await pool.execute("alter table resident add column nickname text")
        await pool.execute("""update client set settings = '{"personal_days": 30}' where id = $1""", world.client)
        shown = await Register(PgSchema(pool)).show(world.client)
        assert shown.unclassed == ["+resident.nickname"]
        assert {one.term.split()[0] for one in shown.lines if one.table == "pii.resident"} == {"30"}
        usual = await Register(PgSchema(pool)).show(None, english=True)
        (line,) = [one for one in usual.lines if one.table == "pii.resident" and one.kind is Kind.SEALED]
        assert line.term.startswith("90 days")
    finally:
        await pool.close()


def test_the_command_writes_it(
    dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in (("DATABASE_DSN", dsn), ("KEYS_MASTER", "0" * 64), ("ASTERISK_SECRET", "x")):
        monkeypatch.setenv(f"DIALER_{name}", value)
    assert main(["privacy", "register"]) == 0
    assert "| `pii.phone` | persoonsgegeven, versleuteld | `sealed` |" in capsys.readouterr().out
    file = tmp_path / "register.csv"
    assert main(["privacy", "register", "--english", str(file)]) == 0
    rows = list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines(), delimiter=";"))
    assert {"pii.note", "app_user"} <= {row["table"] for row in rows}
    assert not any("about nobody" in row["class"] for row in rows)
    assert main(["privacy", "register", "--client", "nergens"]) == 1
    assert main(["privacy", "register", str(tmp_path / "register.doc")]) == 1
