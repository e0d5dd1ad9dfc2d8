"""What a migration may do while the release before runs, read from its text."""

from __future__ import annotations

import re
from collections.abc import Sequence

_BODY = re.compile(r"\$(\w*)\$.*?\$\1\$", re.DOTALL)
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_TEXT = re.compile(r"'(?:[^']|'')*'")
_MADE = re.compile(r"\bcreate table (?:if not exists )?([\w.]+)")
_SINCE = re.compile(r"^-- since: (\d+\.\d+\.\d+)$", re.MULTILINE)
_GONE = re.compile(r"\bdrop (?:column|table|view|function|type|index|constraint) (?:if exists )?([\w.]+)")

_TAKES_AWAY: Sequence[tuple[str, str]] = (
    (r"\bdrop (table|column|view|type|function|schema|index|constraint|trigger)\b", "takes something away"),
    (r"\brename\b", "renames: the release before knows the old name"),
    (r"\balter (column )?\w+ (set data )?type\b", "changes a type: the whole table is written anew, and locked"),
    (r"\bset not null\b", "forbids what the release before may write"),
    (r"\btruncate\b|\bdelete from\b", "deletes"),
    (r"\block table\b", "locks a table"),
)
_LOCKS: Sequence[tuple[str, str]] = (
    (
        r"\badd column (?:if not exists )?\w+ (?!.*\bdefault\b).*\bnot null\b",
        "a new column must be empty or have a default",
    ),
    (r"\badd constraint\b(?!.*\bnot valid\b)", "a constraint on a table that has rows: add it `not valid`"),
    (r"^\s*update\b", "changes rows: let the service do it, a few at a time"),
)


def statements(sql: str) -> list[str]:
    """Each statement on one line, without comments, texts and bodies of functions."""
    bare = _TEXT.sub("''", _COMMENT.sub(" ", _BODY.sub("$$", sql)))
    return [" ".join(part.split()).lower() for part in bare.split(";") if part.strip()]


def not_side_by_side(sql: str) -> list[str]:
    """Why a migration of the first step is none; nothing: it only adds."""
    own = set(_MADE.findall(" ".join(statements(sql))))
    found = []
    for one in statements(sql):
        table = re.match(r"(?:alter table (?:if exists |only )*|create (?:unique )?index \w+ on |update )([\w.]+)", one)
        if table is not None and table[1] in own:
            continue  # nobody else knows it yet
        found += [f"{words}: {one[:80]}" for pattern, words in (*_TAKES_AWAY, *_LOCKS) if re.search(pattern, one)]
        if re.match(r"create unique index", one):
            found.append(f"the release before may write twice what is to be unique: {one[:80]}")
        elif re.match(r"create index", one):
            found.append(f"an index is built under a lock: {one[:80]}")
    return found


def not_to_be_taken_away(sql: str, code: str, release: tuple[int, ...]) -> list[str]:
    """Why a migration of the second step may not be in this release, whose text is `code`; nothing: it may."""
    since = _SINCE.search(sql)
    if since is None:
        return ["it does not say since which release nobody needs it: `-- since: 1.2.0`"]
    found = []
    if tuple(map(int, since[1].split("."))) >= release:
        found.append(f"release {since[1]} is not behind us: the one before may run beside this one and needs it")
    for name in _GONE.findall(" ".join(statements(sql))):
        if re.search(rf"\b{re.escape(name.rpartition('.')[2])}\b", code):
            found.append(f"this release still speaks of {name}")
    return found
