"""Old and new side by side: what a migration may do, and that each does no more."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from dialer import __version__
from dialer.storage.migrate import migrations, takes_away
from tests.support.migration_rules import not_side_by_side, not_to_be_taken_away, statements
from tests.support.prometheus import ROOT

_PARTS = re.findall(r"\d+", __version__)
RELEASE = tuple(int(part) for part in _PARTS[:3])
FOLDER = ROOT / "dialer" / "storage" / "migrations"


def the_code() -> str:
    files = [path for path in (ROOT / "dialer").rglob("*.py") if "migrations" not in path.parts]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def test_every_migration_keeps_to_its_step() -> None:
    code = the_code()
    for name, sql in migrations()[1:]:  # the first one makes everything
        found = not_to_be_taken_away(sql, code, RELEASE) if takes_away(name) else not_side_by_side(sql)
        assert found == [], name


def test_numbers_are_in_order_and_each_once() -> None:
    names = [name for name, _ in migrations()]
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
    assert all(re.fullmatch(r"\d{4}_[a-z0-9_]+\.sql", name) for name in names)
    assert not takes_away(names[0])


def test_what_a_release_had_is_as_it_was() -> None:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a clone")

    def say(*words: str) -> str:
        done = subprocess.run([git, *words], cwd=ROOT, capture_output=True, text=True, check=False)
        return done.stdout

    tags = [tag for tag in say("tag", "--list", "v*", "--sort=-v:refname").split() if tag]
    for tag in tags[:1]:
        folder = "dialer/storage/migrations"
        for name in say("ls-tree", "--name-only", f"{tag}:{folder}").split():
            assert (FOLDER / name).read_text() == say("show", f"{tag}:{folder}/{name}"), f"{name} is of {tag}"
    assert __version__ not in {tag.removeprefix("v") for tag in tags} or say("tag", "--points-at", "HEAD")


@pytest.mark.parametrize(
    "sql",
    [
        "alter table phone add column note text",
        "alter table phone add column note text not null default ''",
        "create table thing (id uuid); create unique index one on thing (id); alter table thing rename to x",
        "alter table phone add constraint short check (length(note) < 9) not valid",
        "create or replace function f() returns trigger language plpgsql as $$ begin delete from x; return new; end $$",
        "insert into job (name) values ('drop table phone')",
        "-- drop table phone\nselect 1",
    ],
)
def test_what_adds_is_side_by_side(sql: str) -> None:
    assert not_side_by_side(sql) == []


@pytest.mark.parametrize(
    "sql",
    [
        "drop table phone",
        "alter table phone drop column note",
        "ALTER TABLE phone\n  RENAME COLUMN note TO words",
        "alter table phone alter column note type bigint",
        "alter table phone alter note set data type bigint",
        "alter table phone alter column note set not null",
        "alter table phone add column note text not null",
        "alter table phone add constraint short check (length(note) < 9)",
        "create unique index one on phone (note)",
        "create index some on phone (note)",
        "update phone set note = ''",
        "delete from phone",
        "truncate phone",
        "select 1; lock table phone",
    ],
)
def test_what_does_not_is_told(sql: str) -> None:
    assert len(not_side_by_side(sql)) >= 1


def test_taking_away_waits_for_a_release_that_needs_nothing_of_it() -> None:
    sql = "-- since: 0.3.0\nalter table phone drop column note_of_old"
    assert not_to_be_taken_away(sql, "select number from phone", (0, 4, 0)) == []
    assert "not behind us" in not_to_be_taken_away(sql, "", (0, 3, 0))[0]
    assert "still speaks of" in not_to_be_taken_away(sql, "select note_of_old from phone", (0, 4, 0))[0]
    assert "since" in not_to_be_taken_away("drop table phone", "", (9, 0, 0))[0]


def test_texts_and_bodies_are_no_statements() -> None:
    assert statements("select ';' ; -- x;\nselect $a$ drop; $a$") == ["select ''", "select $$"]
