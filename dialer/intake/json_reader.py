"""JSON lists: a list of records, by itself or as the one list within an object. Runs in the child process only.

A record's fields become columns, those of an object within it as `object.field`. The whole file is in memory while it
is read; what does not fit into the child's bounds is refused.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dialer.intake.limits import MIB, Limits
from dialer.services.ports.intake import FileRefusedError

_BEGINS = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\[\s*[\[{"\]]|\{\s*["}])')
_DEEPEST = 3
"""Objects within each other in a record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonSource:
    """A file that has been read whole."""

    content_hash: bytes
    size: int
    header: list[str]
    records: list[dict[str, str]]

    def rows(self) -> Iterator[list[str]]:
        """The columns' names, then each record in their order; what a record lacks is empty."""
        yield self.header
        for record in self.records:
            yield [record.get(name, "") for name in self.header]


def is_json(start: bytes) -> bool:
    """Whether a file that begins so is to be read as JSON. `start`: its first bytes.

    Not by the first sign alone: some systems put the headings of a CSV in brackets.
    """
    return _BEGINS.match(start) is not None


def inspect(path: Path, limits: Limits) -> JsonSource:
    """Read all of it. Raises FileRefusedError with the line where it breaks, or the number of the record."""
    with path.open("rb") as file:
        content = file.read(limits.file_bytes + 1)
    if len(content) > limits.file_bytes:
        raise FileRefusedError("too-large", f"the file is larger than {limits.file_bytes // MIB} MB")
    found = _records(_parsed(content))
    if len(found) > limits.rows:
        raise FileRefusedError("too-many-rows", f"more than {limits.rows} rows")
    header: dict[str, None] = {}  # in the order in which they first appear
    records = []
    for number, one in enumerate(found, 1):
        flat: dict[str, str] = {}
        _flatten(one, "", flat, number, _DEEPEST)
        header.update(dict.fromkeys(flat))
        if len(header) > limits.columns:
            raise FileRefusedError("too-many-columns", f"more than {limits.columns} columns", line=number)
        records.append(flat)
    return JsonSource(
        content_hash=hashlib.sha256(content).digest(), size=len(content), header=list(header), records=records
    )


def _parsed(content: bytes) -> Any:
    try:  # numbers stay as they are written: 0012 is no number in JSON, and 1250.00 must not become 1250.0
        return json.loads(content.decode("utf-8-sig"), parse_int=str, parse_float=str, parse_constant=_no_number)
    except UnicodeDecodeError:
        raise FileRefusedError("encoding", "JSON is UTF-8") from None
    except json.JSONDecodeError as error:
        raise FileRefusedError("json-broken", f"line {error.lineno}: not valid JSON", line=error.lineno) from None
    except (RecursionError, ValueError):
        raise FileRefusedError("json-broken", "not valid JSON") from None


def _no_number(name: str) -> str:
    raise ValueError(name)


def _records(parsed: Any) -> list[dict[str, Any]]:
    if isinstance(parsed, dict):
        lists = [value for value in parsed.values() if isinstance(value, list)]
        parsed = lists[0] if len(lists) == 1 else None
    if not isinstance(parsed, list) or not all(isinstance(one, dict) for one in parsed):
        raise FileRefusedError("json-shape", "a list of records is expected, or an object with one such list in it")
    return parsed


def _flatten(one: Mapping[str, Any], before: str, into: dict[str, str], number: int, deep: int) -> None:
    for name, value in one.items():
        key = f"{before}{name}"
        if isinstance(value, dict) and deep > 1:
            _flatten(value, f"{key}.", into, number, deep - 1)
        elif isinstance(value, dict | list):
            raise FileRefusedError("json-shape", f"record {number}: a list or too deep an object in it", line=number)
        else:
            into[key] = _text(value)


def _text(value: str | bool | None) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else "ja" if value else "nee"
