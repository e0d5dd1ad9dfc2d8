"""`dialer demo`: a whole town in one command.

Children: PostgreSQL, the dialer's Asterisk, the town's Asterisk, the service, one softphone per robot. In this process:
the robots, the residents who ring back, and the summary. Ctrl-C ends every child, and nothing else.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import csv
import io
import json
import os
import secrets
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg

from dialer.asterisk.config import AmiUser, AsteriskSettings, Instance, dialer_files
from dialer.asterisk.sounds import ClientVoice, SoundMaker
from dialer.config import variable
from dialer.demo import figures, people, screen
from dialer.demo.asterisk_install import ensure_asterisk
from dialer.demo.asterisk_server import AsteriskServer, asterisk_folders
from dialer.demo.options import DemoOptions
from dialer.demo.postgres import EmbeddedPostgres
from dialer.demo.processes import Processes, StartError, free_port, free_range, port_taken
from dialer.demo.robot import Answers, Robot, RobotSettings, Whisper
from dialer.demo.seed import CLIENT, Logins, seed
from dialer.demo.speech import voice
from dialer.demo.town import Town, TownSettings, make_town_sounds, residents
from dialer.domain.numbers import PhoneNumber, parse_number
from dialer.schedule.windows import Calendar
from dialer.storage.pool import open_pool

_PROJECT = Path(__file__).parents[2]
_DATABASE = "demo"
_AMI_USER = "dialer"


@dataclass(slots=True)
class _Parts:
    """What has been started."""

    options: DemoOptions
    processes: Processes
    root: Path
    postgres: EmbeddedPostgres
    town: Town
    instance: Instance
    ami_secret: str
    master_key: str
    logins: Logins
    port: int
    metrics_port: int
    answers: Mapping[str, Answers]
    calendar_start: datetime


async def run(options: DemoOptions) -> int:
    """Run until Ctrl-C, the list is done, or the time is up. Returns the exit status."""
    began = time.monotonic()
    options.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    processes = Processes(options.data_dir)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    try:
        parts = await asyncio.to_thread(_start, options, processes)
        async with _service(parts) as pool:
            screen.started(_ports(parts), parts.logins, time.monotonic() - began)
            return await _work(parts, pool, stop)
    except StartError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    finally:
        await asyncio.to_thread(processes.stop_all)


def _start(options: DemoOptions, processes: Processes) -> _Parts:
    """Everything but the service: in a thread, for it waits for processes."""
    data = options.data_dir
    left = processes.end_leftovers()
    if left:
        print(f"ended what an earlier run left behind: {', '.join(left)}")
    root = ensure_asterisk(_PROJECT / ".state", print)
    if root is None:
        raise StartError(
            "the demo's town needs the root file system that setup makes as root (softphones and SIPp stand in it); "
            "with an Asterisk of your own, run `dialer serve`"
        )
    with screen.step("database"):
        postgres = EmbeddedPostgres(data, processes)
        postgres.start()
    start = screen.calendar_start(Calendar())
    with screen.step("residents and log-ins"):
        listed = people.generate(options.residents, options.seed, today=start.date())
        (data / "list.csv").write_bytes(listed)
        answers = _answers(listed)
        master_key = _master_key(data / "master.key")
        logins = asyncio.run(seed(postgres, _DATABASE, master_key, options, start))
    with screen.step("messages"):
        sounds = _sounds(data, root)
    with screen.step("telephone exchange and town"):
        sip_port = free_port()
        town = Town(
            data / "town",
            processes,
            root=root,
            sounds=sounds,
            dialer_port=sip_port,
            people=residents(list(answers), TownSettings(seed=options.seed)),
            settings=TownSettings(seed=options.seed),
        )
        secret = secrets.token_urlsafe(24)
        folder = data / "asterisk"
        instance = Instance(
            name="dialer",
            folders=asterisk_folders(folder, sounds, root),
            sip_port=sip_port,
            ami_port=free_port(),
            http_port=free_port(),
            rtp_ports=free_range(),
            ami_users=(AmiUser(name=_AMI_USER, secret=secret),),
        )
        files = dialer_files(AsteriskSettings(instance=instance, trunks=(town.trunk(),)))
        town.server.start()
        AsteriskServer(folder, instance, files, processes, root=root, sounds=sounds).start()
    port = options.port
    if port_taken(port):
        port = free_port()
        print(f"port {options.port} is taken; taking {port} (choose one with --port)")
    return _Parts(
        options=options,
        processes=processes,
        root=root,
        postgres=postgres,
        town=town,
        instance=instance,
        ami_secret=secret,
        master_key=master_key,
        logins=logins,
        port=port,
        metrics_port=free_port(),
        answers=answers,
        calendar_start=start,
    )


def _ports(parts: _Parts) -> screen.Ports:
    town, dialer = parts.town.instance, parts.instance
    return screen.Ports(
        panel=parts.port,
        metrics=parts.metrics_port,
        sip=dialer.sip_port,
        others={
            "PostgreSQL": str(parts.postgres.port),
            "AMI": str(dialer.ami_port),
            "RTP": "{}-{}".format(*dialer.rtp_ports),
            "town: SIP": str(town.sip_port),
            "town: AMI": str(town.ami_port),
            "town: RTP": "{}-{}".format(*town.rtp_ports),
        },
    )


def _sounds(data: Path, root: Path) -> Path:
    sounds = data / "sounds"
    speak, convert = voice(root)
    maker = SoundMaker(sounds, speak, convert)
    maker.make_default()
    maker.make(ClientVoice(folder=CLIENT.slug, name=CLIENT.neutral_name, number=CLIENT.inbound_number))
    make_town_sounds(sounds / "town", speak)
    return sounds


def _answers(listed: bytes) -> dict[str, Answers]:
    """What the residents of the list know of themselves, by number."""
    known: dict[str, Answers] = {}
    for row in csv.DictReader(io.StringIO(listed.decode("utf-8-sig")), delimiter=";"):
        answers = Answers(
            name=row["achternaam"],
            birth_date=_iso(row["geboortedatum"]),
            postcode=row["postcode"],
            house_number=row["huisnummer"] + row["toevoeging"],
        )
        for column in ("telefoon 1", "telefoon 2"):
            number = parse_number(row[column], demo=True) if row[column] else None
            if isinstance(number, PhoneNumber):
                known.setdefault(number.e164, answers)
    return known


def _iso(text: str) -> str:
    with contextlib.suppress(ValueError):
        return datetime.strptime(text, "%d-%m-%Y").replace(tzinfo=UTC).date().isoformat()
    return text


def _master_key(path: Path) -> str:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(base64.b64encode(secrets.token_bytes(32)).decode())
    return path.read_text()


@asynccontextmanager
async def _service(parts: _Parts) -> AsyncIterator[asyncpg.Pool]:
    """The service as a process of its own, and a look at its database."""
    with screen.step("service"):
        await asyncio.to_thread(_start_service, parts)
    pool = await open_pool(parts.postgres.dsn(_DATABASE), size=3)
    try:
        yield pool
    finally:
        await pool.close()


def _start_service(parts: _Parts) -> None:
    settings = {
        ("database", "dsn"): parts.postgres.dsn(_DATABASE),
        ("asterisk", "port"): str(parts.instance.ami_port),
        ("asterisk", "username"): _AMI_USER,
        ("asterisk", "secret"): parts.ami_secret,
        ("asterisk", "sip_port"): str(parts.instance.sip_port),
        ("asterisk", "http_port"): str(parts.instance.http_port),
        ("asterisk", "sounds"): parts.instance.folders.sounds,
        ("http", "port"): str(parts.port),
        ("http", "metrics_port"): str(parts.metrics_port),
        ("http", "spool"): str(parts.options.data_dir / "spool"),
        ("http", "secure_cookies"): "false",
        ("http", "panel"): str(_PROJECT / "web" / "dist"),
        ("keys", "master"): parts.master_key,
        ("service", "demo"): "true",
        ("service", "journal"): str(parts.options.data_dir / "pacing"),
        ("service", "calendar_start"): parts.calendar_start.isoformat(),
        ("service", "calendar_speed"): str(parts.options.speed),
    }
    env = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
    env |= {variable(section, key): value for (section, key), value in settings.items()}

    def ready() -> bool:
        return port_taken(parts.port)

    parts.processes.start("service", [sys.executable, "-m", "dialer", "serve"], env=env, cwd=_PROJECT, ready=ready)


async def _work(parts: _Parts, pool: asyncpg.Pool, stop: asyncio.Event) -> int:
    options = parts.options
    base = f"http://127.0.0.1:{parts.port}"
    if not options.keep:
        await _load(base, parts)
    jobs = [asyncio.create_task(parts.town.live(stop), name="town")]
    for number, (login, password) in enumerate(parts.logins.robots):
        settings = RobotSettings(
            base=base,
            login=login,
            password=password,
            seed=options.seed * 1000 + number,
            folder=options.data_dir / "phones",
            root=parts.root,
        )
        whisper = Whisper(
            answers=parts.answers.get,
            machine=lambda e164: parts.town.moods.get(e164) in ("voicemail", "silent"),
        )
        jobs.append(asyncio.create_task(Robot(settings, whisper, parts.processes).run(), name=login))
    status = 0
    try:
        status = await _until_over(parts, pool, stop)
    finally:
        stop.set()
        for job in jobs[1:]:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)
        last = await figures.read(pool)
        screen.report(last)
        if options.summary is not None:
            options.summary.write_text(json.dumps(last.report(), indent=2) + "\n")
    return status


async def _until_over(parts: _Parts, pool: asyncpg.Pool, stop: asyncio.Event) -> int:
    options = parts.options
    began = time.monotonic()
    live = screen.LiveSummary(f"http://127.0.0.1:{parts.port}", parts.logins.supervisor)
    async with live:
        while not stop.is_set():
            now = await figures.read(pool)
            await live.show(now)
            if options.until_done and now.callable > 0 and now.open == 0 and now.live == 0:
                return 0
            if options.minutes and time.monotonic() - began > options.minutes * 60:
                return 1 if options.until_done else 0
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await stop.wait()
    return 1 if options.until_done else 0


async def _load(base: str, parts: _Parts) -> None:
    """Load the list and start the campaign as a supervisor does, over the API."""
    login, password = parts.logins.supervisor
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar, base_url=base) as http:
        call = _caller(http, base)
        session = await call("POST", "/api/v1/session", {"login": login, "password": password})
        http.headers["X-CSRF-Token"] = session["csrf_token"]
        clients = await call("GET", "/api/v1/clients")
        body = {
            "client": clients["items"][0]["id"],
            "name": "Vroegsignalering voorjaar",
            "settings": {
                "ring_seconds": 20,
                "lines": 60,
                "calls_per_second": 10,
                "mode": parts.options.mode,
                "first_attempt_hours": 0,
                "promised_reach_percent": 60,
            },
        }
        campaign = (await call("POST", "/api/v1/campaigns", body))["id"]
        form = aiohttp.FormData()
        form.add_field("file", (parts.options.data_dir / "list.csv").read_bytes(), filename="lijst.csv")
        with screen.step("list loaded"):
            await call("POST", f"/api/v1/campaigns/{campaign}/deliveries", form)
        await call("PUT", f"/api/v1/campaigns/{campaign}/state", {"state": "running"})


def _caller(http: aiohttp.ClientSession, base: str) -> Callable[..., Awaitable[Any]]:
    async def call(method: str, path: str, body: object = None) -> Any:
        kwargs: dict[str, Any] = {"data": body} if isinstance(body, aiohttp.FormData) else {}
        if body is not None and not kwargs:
            kwargs = {"json": body}
        async with http.request(method, path, headers={"Origin": base}, **kwargs) as answer:
            data = await answer.json(content_type=None)
            if answer.status >= 400:
                raise StartError(f"{method} {path}: {answer.status} {data}")
            return data

    return call
