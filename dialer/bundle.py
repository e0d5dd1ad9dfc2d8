"""What somebody who helps from afar needs, in one ZIP file, without anything personal and without secrets.

Nothing is copied that could hold a resident: no table's rows but those about the service itself, no settings but those
that are no secret, of logs only the lines of our own loggers, and of these no word that looks like a person's.
"""

from __future__ import annotations

import json
import platform
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from importlib.metadata import version as version_of
from pathlib import Path

import aiohttp
import asyncpg

from dialer import __version__
from dialer.asterisk.config import dialplan_version
from dialer.config import SECTIONS, Settings
from dialer.doctor import examine
from dialer.storage.connecting import connect
from dialer.storage.pool import PASSING
from dialer.storage.watch import SQL_ABOUT

LOG_LINES = 20_000
"""The newest of each log."""

_OURS = re.compile(r"^(\d{4}-\d{2}-\d{2}T\S+Z) (DEBUG|INFO|WARNING|ERROR|CRITICAL) (dialer[\w.]*) (.*)$")
_CODE = re.compile(
    r"(?:-?\d{1,7}(?:\.\d+)?|[a-z][A-Za-z_.-]{0,39}|[A-Z][A-Za-z]{0,30}Error|[0-9a-f-]{36}|[A-Z_]{2,30}|True|False|None)\Z"
)
_WORD = re.compile(r"\(?(?:[a-z][a-z'-]*|\d{1,6})[,.:;)]*\Z")
"""Words of our own messages: small letters and small numbers. A name, a number, an address is none."""
_NEVER = frozenset({"login", "number", "to", "caller", "address", "url"})


async def make_bundle(settings: Settings, file: Path, logs: Iterable[Path]) -> list[str]:
    """Write it; the names of its parts. Parts that cannot be had say so instead. Raises OSError."""
    parts: dict[str, str] = {
        "versions.json": _json(_versions()),
        "settings.json": _json(_settings(settings)),
        "doctor.txt": await _doctor(settings),
        "metrics.txt": await _metrics(settings),
        "database.json": _json(await _database(settings)),
    }
    for number, log in enumerate(logs, 1):
        parts[f"log-{number}.txt"] = "\n".join(_lines_of(log)) + "\n"
    with zipfile.ZipFile(file, "x", zipfile.ZIP_DEFLATED) as bundle:
        for name, text in parts.items():
            bundle.writestr(name, text)
    return list(parts)


def scrubbed(line: str) -> str | None:
    """A log line of ours without what may be personal; None for a line that is not ours (a quoted text, a trace)."""
    if line.startswith("{"):
        return _scrubbed_json(line)
    found = _OURS.match(line)
    if found is None:
        return None
    at, level, logger, message = found.groups()
    return f"{at} {level} {logger} {_message(message)}"


def _scrubbed_json(line: str) -> str | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None
    if not isinstance(record, dict) or not str(record.get("logger", "")).startswith("dialer"):
        return None
    level, message = str(record.get("level")).upper(), _message(str(record.get("message", "")))
    return f"{record.get('time')} {level} {record['logger']} {message}"


def _message(text: str) -> str:
    """Words of ours, and values that are numbers, codes or ids; everything else is `***`."""
    return " ".join(_token(word) for word in text.split())


def _token(word: str) -> str:
    key, equals, value = word.partition("=")
    if equals and re.fullmatch(r"[a-z][a-z_]*", key):
        return word if key not in _NEVER and _CODE.match(value) else f"{key}=***"
    return word if _WORD.match(word) else "***"


def _lines_of(log: Path) -> Iterator[str]:
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES:]
    except OSError as error:
        yield f"not read: {error.strerror}"
        return
    left_out = 0
    for line in lines:
        kept = scrubbed(line)
        if kept is None:
            left_out += 1
        else:
            yield kept
    yield f"{left_out} lines of others left out"


def _versions() -> Mapping[str, str]:
    packages = ("aiohttp", "asyncpg", "panoramisk", "prometheus-client", "cryptography")
    return {
        "dialer": __version__,
        "dialplan": dialplan_version(),
        "python": platform.python_version(),
        "system": platform.platform(),
        **{name: version_of(name) for name in packages},
    }


def _settings(settings: Settings) -> Mapping[str, Mapping[str, object]]:
    """Secrets say whether they are set; addresses of people's mail and texts are left out with them."""
    told: dict[str, dict[str, object]] = {}
    for section, kind in SECTIONS.items():
        values = getattr(settings, section)
        told[section] = {
            one.name: getattr(values, one.name) if one.repr and one.type != "str" else bool(getattr(values, one.name))
            for one in fields(kind)
        }
    return told


async def _doctor(settings: Settings) -> str:
    """Names and verdicts; what a client is called is left out with the details."""
    return "".join(
        f"{'ok  ' if one.ok else 'FAIL'} {one.name.partition(' of ')[0]}{' (more)' if ' of ' in one.name else ''}\n"
        for one in await examine(settings)
    )


async def _metrics(settings: Settings) -> str:
    host = settings.http.metrics_host.replace("0.0.0.0", "127.0.0.1")  # noqa: S104 - asked there, not listened at
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as http,
            http.get(f"http://{host}:{settings.http.metrics_port}/metrics") as answer,
        ):
            return await answer.text()
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        return f"not read: {type(error).__name__}\n"


async def _database(settings: Settings) -> object:
    try:
        connection = await connect(settings.database.dsn, timeout=5.0)
    except (*PASSING, asyncpg.PostgresError, ValueError) as error:
        return {"not read": type(error).__name__}
    try:
        return {name: [dict(row) for row in await connection.fetch(query)] for name, query in SQL_ABOUT.items()}
    finally:
        await connection.close()


def _json(value: object) -> str:
    return json.dumps(value, indent=1, default=str) + "\n"
