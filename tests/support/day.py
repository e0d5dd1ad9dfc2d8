"""A day of the service over a plant: a fresh database with a list, service processes behind proxies, robots, and what
became of it by everybody's own record."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import io
import os
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import aiohttp
import asyncpg

from dialer.config import variable
from dialer.demo.options import DemoOptions
from dialer.demo.people import HEADER
from dialer.demo.processes import free_port
from dialer.demo.robot import Answers, Later, Robot, RobotSettings, Whisper
from dialer.demo.seed import Logins, seed
from dialer.storage.connecting import connect
from tests.support.cable import Cable
from tests.support.call_records import OwnCall, TownCall, own_calls, town_calls
from tests.support.office import Office, RefusedError
from tests.support.plant import AMI_KICKER, AMI_USER, AMI_USER_BESIDE, PROJECT, Plant
from tests.support.proxy import Proxy
from tests.support.raw_ami import RawAmi

MONDAY = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
"""Monday 1 June 2026, 10:00 in Amsterdam."""


@dataclass(frozen=True, slots=True)
class Resident:
    """One row of a list."""

    number: str
    second: str = ""
    crisis: bool = False


@dataclass(slots=True)
class Dialer:
    """One service process."""

    name: str
    port: int
    metrics_port: int
    ami: Proxy
    database: Proxy
    http: Proxy  # what browsers and robots talk to
    host: str = "127.0.0.1"
    cable: Cable | None = None
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Day:
    """A fresh database over a plant: list, services, robots. Use as an async context."""

    plant: Plant
    numbers: Sequence[Resident]
    agents: int = 1
    people: int = 0  # logins for agents who are no robots, after the robots'
    wrap_up: tuple[float, float] = (0.3, 0.6)
    most_talk: float = 600.0
    later: Later | None = None
    direct: bool = False  # no proxy in any way: for who measures
    settings: Mapping[str, Any] = field(
        default_factory=lambda: {"ring_seconds": 20, "calls_per_second": 10, "first_attempt_hours": 0}
    )
    calendar: datetime = MONDAY
    dialers: dict[str, Dialer] = field(default_factory=dict)
    robots: list[Robot] = field(default_factory=list)
    pool: Any = None
    logins: Logins = field(init=False)
    campaign: str = field(init=False)
    began: float = field(init=False)
    _anchor: float = 0.0
    _database: str = ""
    _jobs: list[asyncio.Task[None]] = field(default_factory=list)
    base: str = ""
    _office: Office | None = None
    _known: dict[str, Answers] = field(default_factory=dict)

    async def __aenter__(self) -> Day:
        self.began = time.time()
        self._anchor = time.monotonic()
        self._database = f"day_{time.time_ns()}"
        options = DemoOptions(agents=self.agents + self.people, data_dir=self.plant.data)
        self.logins = await seed(self.plant.postgres, self._database, self.plant.master_key, options, self.calendar)
        await self.connect()
        return self

    async def connect(self) -> None:
        """Our own eyes on the database, past the service and its proxy; again after it was away."""
        if self.pool is not None:
            self.pool.terminate()
        self.pool = await asyncpg.create_pool(self.dsn(), connect=cast(Any, connect), min_size=0, max_size=3)

    async def __aexit__(self, *_: object) -> None:
        self.plant.wake()
        for job in self._jobs:
            job.cancel()
        await asyncio.gather(*self._jobs, return_exceptions=True)
        if self._office is not None:
            await self._office.close()
        for name in list(self.dialers):
            await asyncio.to_thread(self.plant.processes.stop, name, seconds=8.0)
            dialer = self.dialers[name]
            for proxy in (dialer.ami, dialer.database, dialer.http):
                await proxy.stop()
        await self._clear()
        self.pool.terminate()

    async def _clear(self) -> None:
        """End what calls are left in both Asterisks, and what they leave, so that the next test begins in silence."""
        with contextlib.suppress(OSError, TimeoutError):
            async with RawAmi(*self.plant.town.ami) as town:
                await town.action("Hangup", Channel="/.*/", Cause="16")
        with contextlib.suppress(OSError, TimeoutError):
            async with RawAmi(self.plant.instance.ami_port, AMI_USER, self.plant.ami_secret) as ami:
                await ami.nothing_left()

    def dsn(self, port: int | None = None) -> str:
        dsn = self.plant.postgres.dsn(self._database)
        return dsn if port is None else dsn.replace(f":{self.plant.postgres.port}/", f":{port}/")

    def now(self) -> datetime:
        """The calendar of a service that starts now."""
        return self.calendar + timedelta(seconds=time.monotonic() - self._anchor)

    # -- processes ----------------------------------------------------------------------------------------

    async def serve(
        self,
        name: str = "service",
        *,
        wait: bool = True,
        cable: Cable | None = None,
        env: Mapping[str, str] | None = None,
        code: Path = PROJECT,
    ) -> Dialer:
        """Start a service process; one of that name that was there before keeps its ports and proxies.

        `cable`: it stands at the far end of this one; `env`: variables of its own; `code`: folder of another release.
        """
        if name not in self.dialers:
            port, host = free_port(), "127.0.0.1" if cable is None else cable.inside
            near = "127.0.0.1" if cable is None else cable.outside
            self.dialers[name] = Dialer(
                name,
                port,
                free_port(),
                await Proxy(self.plant.instance.ami_port, at=near).start(),
                await Proxy(self.plant.postgres.port, at=near).start(),
                await Proxy(port, to=host).start(),
                host,
                cable,
                env or {},
            )
        dialer = self.dialers[name]
        near = "127.0.0.1" if dialer.cable is None else dialer.cable.outside
        plant = self.plant
        ways = dialer.database.port, dialer.ami.port, dialer.http.port
        if self.direct:
            ways = plant.postgres.port, plant.instance.ami_port, dialer.port
        database, ami, http = ways
        self.base = self.base or f"http://127.0.0.1:{http}"
        settings = {
            ("database", "dsn"): self.dsn(database).replace("@127.0.0.1:", f"@{near}:"),
            ("asterisk", "host"): near,
            ("asterisk", "port"): str(ami),
            ("asterisk", "username"): AMI_USER if name == "service" else AMI_USER_BESIDE,
            ("asterisk", "secret"): plant.ami_secret,
            ("asterisk", "kick_username"): AMI_KICKER,
            ("asterisk", "kick_secret"): plant.ami_secret,
            ("asterisk", "sip_port"): str(plant.instance.sip_port),
            ("asterisk", "http_port"): str(plant.instance.http_port),
            ("asterisk", "sounds"): plant.instance.folders.sounds,
            ("http", "host"): dialer.host,
            ("http", "port"): str(dialer.port),
            ("http", "metrics_host"): dialer.host,
            ("http", "metrics_port"): str(dialer.metrics_port),
            ("http", "spool"): str(plant.data / f"spool-{name}"),
            ("http", "panel"): str(PROJECT / "web" / "dist"),
            ("http", "secure_cookies"): "false",
            ("keys", "master"): plant.master_key,
            ("service", "name"): name,
            ("service", "demo"): "true",
            ("service", "calendar_start"): self.now().isoformat(),
        }
        variables = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
        named = {variable(section, key): value for (section, key), value in settings.items()}
        variables |= {name: value for name, value in named.items() if f"{name}_FILE" not in dialer.env}
        command = [sys.executable, "-m", "dialer", "serve"]
        await asyncio.to_thread(
            plant.processes.start,
            name,
            command if dialer.cable is None else dialer.cable.command(command),
            env=variables | dict(dialer.env),
            cwd=code,
            ready=(lambda: _answers_at(dialer.host, dialer.port)) if wait else None,
        )
        return dialer

    async def open(self, *, cable: Cable | None = None, env: Mapping[str, str] | None = None) -> Dialer:
        """Service up, list loaded, campaign running, robots on duty and heard."""
        dialer = await self.serve(cable=cable, env=env)
        await self.load()
        await self.staff()
        return dialer

    async def load(self) -> None:
        """Load the list and start the campaign, as a supervisor does."""
        office = await self.office()
        client = (await office("GET", "/clients"))["items"][0]["id"]
        body = {"client": client, "name": "Proef", "settings": dict(self.settings)}
        self.campaign = (await office("POST", "/campaigns", body))["id"]
        form = aiohttp.FormData()
        form.add_field("file", self.delivered(), filename="lijst.csv")
        await office("POST", f"/campaigns/{self.campaign}/deliveries", form)

    async def run(self, state: str = "running") -> None:
        await (await self.office())("PUT", f"/campaigns/{self.campaign}/state", {"state": state})

    async def staff(self) -> None:
        """All robots on duty, their phones heard."""
        self.hire(self.logins.robots[: self.agents], self.base, self.numbers)
        await self.until_agents(lambda ready: ready == self.agents, 40)

    def knows(self, residents: Sequence[Resident], first: int = 0) -> None:
        """What these say when robots ask who they are. `first`: place of the first of them."""
        self._known |= {row.number: _answers(place) for place, row in enumerate(residents, first)}

    def says(self, number: str) -> Answers:
        """What the resident at this number says when asked."""
        return self._known[number]

    def hire(self, logins: Sequence[tuple[str, str]], base: str, residents: Sequence[Resident], first: int = 0) -> None:
        """Robots who work at the service behind `base`, and know these residents."""
        self.knows(residents, first)
        whisper = Whisper(
            answers=self._known.get, machine=lambda e164: self.plant.town.moods.get(e164) in ("voicemail", "silent")
        )
        for number, (login, password) in enumerate(logins, len(self.robots)):
            settings = RobotSettings(
                base=base,
                login=login,
                password=password,
                seed=number,
                folder=self.plant.data / "phones",
                root=self.plant.root,
                wrap_up=self.wrap_up,
                most_talk=self.most_talk,
                later=self.later,
            )
            # A phone counts as registered by its log: an earlier day's says nothing about today's.
            self.plant.processes.log_of(f"phone-{login}").unlink(missing_ok=True)
            robot = Robot(settings, whisper, self.plant.processes)
            self.robots.append(robot)
            self._jobs.append(asyncio.create_task(robot.run(), name=login))

    def person(self, place: int = 0) -> tuple[str, str]:
        """Login and password of an agent who is no robot."""
        return self.logins.robots[self.agents + place]

    async def until_agents(self, enough: Callable[[int], bool], seconds: float) -> None:
        async def ready() -> bool:
            return enough(sum(agent["phone"] == "ready" for agent in (await self.floor())["agents"]))

        await self.until(ready, seconds)

    # -- looks --------------------------------------------------------------------------------------------

    async def office(self) -> Office:
        """The supervisor's session; signing in costs a second of work, so it is kept."""
        if self._office is None:
            self._office = Office(self.base, *self.logins.supervisor)
            await self._office.sign_in()
        return self._office

    async def floor(self, dialer: str = "") -> Any:
        """Everything now; of another service than the first, by its name."""
        try:
            office = await self.office()
            base = f"http://127.0.0.1:{self.dialers[dialer].http.port}" if dialer else ""
            return await office("GET", "/floor", base=base)
        except (aiohttp.ClientError, OSError, TimeoutError, RefusedError):
            return {"agents": [], "calls": [], "campaigns": [], "link_up": False}

    async def ready(self) -> bool:
        """What a load balancer is told."""
        async with aiohttp.ClientSession() as http, http.get(f"{self.base}/readyz") as answer:
            return answer.status == 200

    async def figures(self, dialer: str = "service") -> dict[str, float]:
        """What Prometheus would read: a sample's name with its labels, and its value."""
        address = f"http://{self.dialers[dialer].host}:{self.dialers[dialer].metrics_port}/metrics"
        async with aiohttp.ClientSession() as http, http.get(address) as answer:
            lines = (await answer.text()).splitlines()
        samples = (line.rpartition(" ") for line in lines if line and not line.startswith("#"))
        return {name: float(value) for name, _, value in samples}

    async def reason(self) -> str:
        """Why nothing is dialled, in the engine's word."""
        return str(next((campaign["reason"] for campaign in (await self.floor())["campaigns"]), ""))

    async def until(self, condition: Callable[[], Any], seconds: float = 40.0) -> None:
        """Wait until the coroutine function `condition` says yes."""
        deadline = time.monotonic() + seconds
        while not await condition():
            if time.monotonic() > deadline:
                raise AssertionError(await self._state())
            await asyncio.sleep(0.1)

    async def _state(self) -> str:
        """What a failed test wants to know."""
        rows = await self.pool.fetch(
            "select id, state, live, counted, outcome, wrap_up_open, agent_id is null as alone from attempt order by id"
        )
        logs = [self.plant.processes.log_of(name).read_text()[-4000:] for name in self.dialers]
        return "\n".join(["timed out", *map(str, rows), str(await self.floor()), *logs])

    async def count(self, where: str = "true") -> int:
        """Attempts that answer to `where`."""
        return int(await self.pool.fetchval(f"select count(*) from attempt where {where}"))

    async def until_empty(self, seconds: float = 60.0) -> None:
        """No call is live, and no wrap-up open."""

        async def empty() -> bool:
            return await self.count("live or wrap_up_open") == 0

        await self.until(empty, seconds)

    async def until_count(self, where: str, least: int, seconds: float = 40.0) -> None:
        async def reached() -> bool:
            return await self.count(where) >= least

        await self.until(reached, seconds)

    async def ami_sessions(self, user: str) -> int:
        """AMI sessions of this user, by Asterisk's own word."""
        async with RawAmi(self.plant.instance.ami_port, AMI_KICKER, self.plant.ami_secret) as ami:
            shown = await ami.action("Command", Command="manager show connected")
        return sum(line.split()[:1] == [user] for line in shown["Output"].splitlines())

    def own_calls(self) -> dict[str, OwnCall]:
        """Residents' calls since this day began, by the dialer's Asterisk's own record."""
        return own_calls(self.plant.asterisk.cel, self.began)

    async def until_silent(self) -> None:
        """Every call has ended by both Asterisks' own records, which are written a moment after the service is told."""

        async def silent() -> bool:
            calls: list[OwnCall | TownCall] = [*self.own_calls().values(), *self.town_calls()]
            return all(call.ended is not None for call in calls)

        await self.until(silent)

    async def until_acknowledged(self, where: str) -> None:
        """The robots know of exactly these attempts, and what each came to: they are told a moment after it is kept."""

        async def same() -> bool:
            filed = {attempt: code for robot in self.robots for attempt, code in robot.filed.items()}
            rows = await self.pool.fetch(f"select id, outcome from attempt where {where}")
            return {str(row["id"]): row["outcome"] for row in rows} == filed

        await self.until(same)

    async def owner(self) -> str:
        """Name of the service whose turn it is."""
        owner = await self.pool.fetchval("select owner from lease where name = 'centre' and expires_at > now()")
        return str(owner or "").rpartition("-")[0]

    async def doubled(self) -> list[str]:
        """Calls that there should not be: more at the town than in the ledger, or a case called twice within an hour.

        Once the list is worked off the calendar leaps to whoever may be called again: that is no double.
        """
        rows = await self.pool.fetch(
            "select b.id from attempt a join attempt b on b.case_id = a.case_id and b.id > a.id "
            "where a.direction = 'out' and b.direction = 'out' and a.counted "
            "and b.claimed_at < a.claimed_at + interval '1 hour'"
        )
        more = len(self.town_calls()) - await self.count("direction = 'out'")
        return [str(row["id"]) for row in rows] + ([f"{more} more at the town"] if more > 0 else [])

    def town_calls(self) -> list[TownCall]:
        """Every call that reached the town since this day began, by the town's own record."""
        return town_calls(self.plant.town.server.cel, self.began)

    def delivered(self, residents: Sequence[Resident] | None = None, first: int = 0) -> bytes:
        """The list, as the client delivers it; or another one, of these, with people from place `first` on."""
        text = io.StringIO()
        writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
        writer.writerow(HEADER)
        day = self.calendar.date()
        for place, row in enumerate(self.numbers if residents is None else residents, first):
            answers = _answers(place)
            born = datetime.fromisoformat(answers.birth_date)
            writer.writerow(
                [
                    f"ZM-{place:05d}", f"S-{place:05d}", "Huur", f"{day:%d-%m-%Y}",
                    f"{day - timedelta(days=50):%d-%m-%Y}", "310,50", "ja" if row.crisis else "nee", "nee", "", "A.",
                    "", answers.name, f"{born:%d-%m-%Y}", answers.postcode, answers.house_number, "",
                    row.number, row.second, "nl",
                ]
            )  # fmt: skip
        return text.getvalue().encode()


def _answers(place: int) -> Answers:
    letter = "ABCDEGHJKL"
    name = "Proef" + "".join(letter[int(digit)].lower() for digit in str(place))
    born = datetime(1950, 1, 1, tzinfo=UTC) + timedelta(days=place * 11)
    return Answers(name=name, birth_date=f"{born:%Y-%m-%d}", postcode="2711AB", house_number=str(place + 1))


def _answers_at(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=1.0):
            return True
    except OSError:
        return False
