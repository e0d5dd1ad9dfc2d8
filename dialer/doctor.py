"""Looks at everything the service needs and says how to mend what is wrong.

It only reads; a row in Asterisk's database is written and removed again, to see whether the rights suffice.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import asyncpg

from dialer.asterisk.config import DIALPLAN_VARIABLE, drift
from dialer.asterisk.config.files import RECORDING_MODULES
from dialer.asterisk.link import Link
from dialer.asterisk.site_mark import holder_of
from dialer.asterisk.sounds import KINDS, OVERFLOW_KINDS, missing
from dialer.config import Settings, is_here
from dialer.domain.errors import DialerError
from dialer.domain.overflow import sounds_folder
from dialer.domain.recording import LEAST_ROOM
from dialer.node_parts import nodes_of
from dialer.own_phones import look
from dialer.rotation import refused_in
from dialer.security.master_key import parse_master_key
from dialer.services.ports.telephony import TelephonyError
from dialer.spool import FolderSpool
from dialer.storage.connecting import connect
from dialer.storage.leases import turns
from dialer.storage.migrate import pending
from dialer.storage.overflow import SQL_BORROWED_SOUNDS
from dialer.storage.pool import PASSING
from dialer.watch import LEAST_FREE, free_shares, watched_folders
from dialer.wiring import link_of, websocket_of

_ASTERISK_SECONDS = 5.0
_DRIFT_SECONDS = 0.5
"""Where the alert ClockApart begins."""
_OLDEST_POSTGRES = 15
_SQL_SITES = "select site, count(*) as n from client group by site"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at. `mend` says what to do when `ok` is False."""

    name: str
    ok: bool
    detail: str
    mend: str = ""


async def examine(settings: Settings) -> Sequence[Finding]:
    """All checks, in the order in which one depends on another."""
    findings = [_master_key(settings)]
    findings += await _database(settings)
    nodes = nodes_of(settings)
    for name, one in nodes.items():
        found = await _asterisk(one)
        findings += [replace(each, name=f"{each.name} ({name})") for each in found] if len(nodes) > 1 else found
    findings.append(Finding(name="own phones", **(await look(settings.asterisk))._asdict()))
    findings += await _site(settings)
    findings += await _messages(settings)
    findings.append(await _secrets(settings))
    findings += _disks(settings)
    if settings.asterisk.recordings:
        findings.append(_recordings(Path(settings.asterisk.recordings)))
    return findings


def _recordings(folder: Path) -> Finding:
    """What is said lies in it as long as the call lasts: in memory, closed to others, with room."""
    spool = FolderSpool(folder)
    trouble = spool.trouble() or ("" if spool.room() >= LEAST_ROOM else "is full")
    mend = f"mount {folder} as tmpfs with noswap and mode=0700: docs/recording.md; nobody is recorded until then"
    return Finding(name="folder for recordings", ok=not trouble, detail=trouble or "in memory", mend=mend)


def _master_key(settings: Settings) -> Finding:
    try:
        parse_master_key(settings.keys.master)
    except DialerError as error:
        return Finding(name="master key", ok=False, detail=str(error), mend="set DIALER_KEYS_MASTER_FILE to its file")
    return Finding(name="master key", ok=True, detail="readable")


async def _database(settings: Settings) -> list[Finding]:
    try:
        connection = await connect(settings.database.dsn, timeout=5.0)
    except (*PASSING, asyncpg.PostgresError, ValueError) as error:
        mend = "is PostgreSQL running, and is DIALER_DATABASE_DSN right?"
        return [Finding(name="database", ok=False, detail=type(error).__name__, mend=mend)]
    try:
        version = connection.get_server_version()
        found = [
            Finding(
                name="database",
                ok=version.major >= _OLDEST_POSTGRES,
                detail=f"PostgreSQL {version.major}.{version.minor}",
                mend=f"use PostgreSQL {_OLDEST_POSTGRES} or newer",
            )
        ]
        theirs = float(await connection.fetchval("select extract(epoch from clock_timestamp())"))  # only to compare
        found.append(_clock("clock of the database", theirs))
        found.append(await _database_line(connection, settings.database.dsn))
    finally:
        await connection.close()
    waiting = await pending(settings.database.dsn)
    detail = f"{len(waiting)} to apply" if waiting else "up to date"
    found.append(Finding(name="migrations", ok=not waiting, detail=detail, mend="run `dialer migrate`"))
    return found


async def _database_line(connection: asyncpg.Connection, dsn: str) -> Finding:
    """To a database on another machine nothing goes in the clear, and not to just anybody."""
    host, asked = urlsplit(dsn).hostname or "", parse_qs(urlsplit(dsn).query)
    row = await connection.fetchrow("select ssl, version from pg_stat_ssl where pid = pg_backend_pid()")
    tls = row["version"] if row is not None and row["ssl"] else "no TLS"
    proven = asked.get("sslmode") == ["verify-full"]
    ok = is_here(host) or (tls != "no TLS" and proven)
    mend = "add ?sslmode=verify-full&sslrootcert=FILE to DIALER_DATABASE_DSN, and ssl = on at the server: docs/run.md"
    detail = f"{tls}{', certificate and host checked' if proven else ''}"
    return Finding(name="line to the database", ok=ok, detail=detail, mend=mend)


def _clock(name: str, theirs: float) -> Finding:
    apart = theirs - time.time()  # noqa: TID251 - the clock itself is what is examined
    mend = "let both machines follow the same time server (chrony, systemd-timesyncd)"
    return Finding(name=name, ok=abs(apart) < _DRIFT_SECONDS, detail=f"{apart:+.2f} s from ours", mend=mend)


async def _asterisk(settings: Settings) -> list[Finding]:
    asterisk = settings.asterisk
    link = Link(link_of(settings), lambda _event: None, lambda _up: None)
    link.start()
    try:
        if not await link.came_up(_ASTERISK_SECONDS):
            mend = "is Asterisk running, and do DIALER_ASTERISK_HOST, _PORT, _USERNAME and _SECRET fit manager.conf?"
            if asterisk.tls:
                mend += " With TLS: is its certificate for that host, and signed by DIALER_ASTERISK_TLS_CA?"
            detail = f"no log-in over AMI: {link.refusal or 'no answer'}"
            return [Finding(name="asterisk", ok=False, detail=detail, mend=mend)]
        over = " over TLS" if asterisk.tls else ""
        found = [Finding(name="asterisk", ok=True, detail=f"answers in {1000 * link.lag:.1f} ms{over}")]
        found.append(await _holder(link, settings.service.site))
        found.append(await _rights(link))
        found.append(await _dialplan(link))
        found.append(await _trunk(link, asterisk.trunk))
        found.append(await _websocket(settings))
        if asterisk.recordings:
            found.append(await _recorder(link))
        pong = await link.send("Ping", {})
        found.append(_clock("clock of asterisk", float(pong.get("Timestamp", "0"))))
        return found
    finally:
        await link.stop()


async def _rights(link: Link) -> Finding:
    """Try what is harmless of each class of rights."""
    key = f"doctor-{secrets.token_hex(4)}"
    trials: Sequence[tuple[str, Callable[[], Awaitable[object]]]] = (
        ("reporting", lambda: link.ask("CoreShowChannels", {})),
        ("system", lambda: link.send("DBPut", {"Family": "doctor", "Key": key, "Val": "1"})),
        ("system", lambda: link.send("DBDel", {"Family": "doctor", "Key": key})),
        ("call", lambda: link.send("Getvar", {"Variable": DIALPLAN_VARIABLE})),
    )
    refused = []
    for name, trial in trials:
        try:
            await trial()
        except TelephonyError:
            refused.append(name)
    mend = "give the AMI user the rights that `dialer` writes into manager.conf: docs/asterisk.md"
    detail = f"refused: {', '.join(refused)}" if refused else "enough"
    return Finding(name="AMI rights", ok=not refused, detail=detail, mend=mend)


async def _holder(link: Link, site: str) -> Finding:
    """Two sites with one Asterisk would each undo what the other does: the service refuses it."""
    try:
        holder = await holder_of(link.ask)
    except TelephonyError as error:
        return Finding(name="site of asterisk", ok=False, detail=str(error), mend="docs/asterisk.md")
    mend = (
        f"it belongs to site {holder}, and these settings are of site {site}: mend DIALER_ASTERISK_HOST, _PORT or "
        "DIALER_SERVICE_SITE, or bring it over: `dialer site take`"
    )
    return Finding(name="site of asterisk", ok=holder in ("", site), detail=holder or "nobody's yet", mend=mend)


async def _recorder(link: Link) -> Finding:
    """Whether Asterisk has what records; it is loaded only where it was written for."""
    name, mend = "recorder", "run `dialer asterisk write` with asterisk.recordings set, and restart Asterisk"
    absent = []
    for module in RECORDING_MODULES:
        try:
            await link.send("ModuleCheck", {"Module": module})
        except TelephonyError:
            absent.append(module)
    detail = f"not loaded: {', '.join(absent)}" if absent else "loaded"
    return Finding(name=name, ok=not absent, detail=detail, mend=mend)


async def _dialplan(link: Link) -> Finding:
    try:
        running = (await link.send("Getvar", {"Variable": DIALPLAN_VARIABLE})).get("Value", "")
    except TelephonyError:
        running = ""
    wrong = drift(running)
    mend = "write the configuration of this release and restart Asterisk when nobody calls: docs/asterisk.md"
    return Finding(name="dialplan", ok=wrong is None, detail=wrong or f"version {running}", mend=mend)


async def _trunk(link: Link, trunk: str) -> Finding:
    mend = "does the carrier answer (asked within 30 s)? does DIALER_ASTERISK_TRUNK name a section of pjsip.conf?"
    try:
        rows = await link.ask("PJSIPShowEndpoint", {"Endpoint": trunk})
    except TelephonyError as error:
        return Finding(name="trunk", ok=False, detail=str(error), mend=mend)
    state = next((row.get("DeviceState", "") for row in rows if row.get("Event") == "EndpointDetail"), "")
    ok = bool(state) and state not in ("Unavailable", "Invalid")
    return Finding(name="trunk", ok=ok, detail=f"{trunk}: {state or 'unknown'}", mend=mend)


async def _websocket(settings: Settings) -> Finding:
    """Whether phones in browsers get through: Asterisk must take SIP over a WebSocket."""
    mend = (
        "write the configuration of this release (http.conf, modules.conf), and does DIALER_ASTERISK_HTTP_PORT fit it?"
    )
    try:
        async with (
            asyncio.timeout(_ASTERISK_SECONDS),
            aiohttp.ClientSession() as http,
            http.ws_connect(
                websocket_of(settings), protocols=("sip",), ssl=link_of(settings).context() or True
            ) as socket,
        ):
            ok = socket.protocol == "sip"
            return Finding(name="browser phones", ok=ok, detail="SIP over a WebSocket" if ok else "no SIP", mend=mend)
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        return Finding(name="browser phones", ok=False, detail=type(error).__name__, mend=mend)


async def _site(settings: Settings) -> list[Finding]:
    """Whose clients a process with these settings calls for, and who does so now."""
    site = settings.service.site
    try:
        connection = await connect(settings.database.dsn, timeout=5.0)
    except (*PASSING, asyncpg.PostgresError, ValueError):
        return []
    try:
        of = {row["site"]: row["n"] for row in await connection.fetch(_SQL_SITES)}
        owner = (await turns(connection)).get(site)
    except asyncpg.PostgresError:
        return []  # migrations are missing: said already
    finally:
        await connection.close()
    detail = f"{site}: {of.get(site, 0)} clients, {f'served by {owner}' if owner else 'nobody serves it now'}"
    mend = "is DIALER_SERVICE_SITE right (`dialer site list`)? `dialer site move` brings a client there"
    return [Finding(name="site", ok=site in of or not of, detail=detail, mend=mend)]


async def _messages(settings: Settings) -> list[Finding]:
    if not settings.asterisk.sounds:
        return [Finding(name="messages", ok=True, detail="on another machine: not looked at")]
    root = Path(settings.asterisk.sounds)
    try:
        connection = await connect(settings.database.dsn, timeout=5.0)
    except (*PASSING, asyncpg.PostgresError, ValueError):
        return []
    try:
        slugs = [row["slug"] for row in await connection.fetch("select slug from client order by slug")]
        lines = [(row["slug"], row["number"]) for row in await connection.fetch(SQL_BORROWED_SOUNDS)]
    except asyncpg.UndefinedTableError:
        return []  # a schema that is not migrated yet: said above
    finally:
        await connection.close()
    borrowed = [_sounds_of(root, sounds_folder(slug, number), OVERFLOW_KINDS) for slug, number in lines]
    return [*(_sounds_of(root, slug) for slug in slugs), *borrowed]


async def _secrets(settings: Settings) -> Finding:
    """Whether the service that runs here uses what stands in the secrets' places."""
    name, http = "secrets in use", settings.http
    try:
        timeout = aiohttp.ClientTimeout(total=_ASTERISK_SECONDS)
        async with (
            aiohttp.ClientSession(timeout=timeout) as client,
            client.get(f"http://{http.metrics_host}:{http.metrics_port}/metrics") as answer,
        ):
            refused = sorted(secret for secret, no in refused_in(await answer.text()).items() if no)
    except (aiohttp.ClientError, OSError, TimeoutError):
        return Finding(name=name, ok=True, detail="no service runs here: not looked at")
    mend = "put the right one in its place, or let the other side know the new one: docs/runbooks/secret-refused.md"
    detail = f"the service keeps an earlier {', '.join(refused)}" if refused else "as they stand in the settings"
    return Finding(name=name, ok=not refused, detail=detail, mend=mend)


def _sounds_of(root: Path, folder: str, kinds: Sequence[str] = KINDS) -> Finding:
    absent = missing(root, folder, kinds)
    detail = f"{len(absent)} missing: {', '.join(absent[:5])}" if absent else "all there"
    return Finding(name=f"messages of {folder}", ok=not absent, detail=detail, mend="run `dialer messages make`")


def _disks(settings: Settings) -> list[Finding]:
    """Each folder that is watched, by the bound of the alert DiskFilling."""
    return [
        Finding(name=f"disk of {name}", ok=share >= LEAST_FREE, detail=f"{share:.0%} free", mend="make room")
        for name, share in free_shares(watched_folders(settings, settings.http.spool)).items()
    ]
