"""A robot agent: it uses the same HTTP API, WebSocket and SIP as people do, and nothing else.

What it hears it cannot understand, so two things are whispered to it by the town: what the resident at this number
would say (name, birth date, address), and whether a machine picked up.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp

from dialer.demo.processes import Processes, StartError
from dialer.demo.softphone import Softphone

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a resident says when asked."""

    name: str
    birth_date: str  # yyyy-mm-dd
    postcode: str
    house_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Whisper:
    """What the town tells a robot about a number."""

    answers: Callable[[str], Answers | None]
    machine: Callable[[str], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """Residents who would rather be rung at another time."""

    share: float  # of the conversations
    hour: Callable[[], Awaitable[datetime]]  # when they ask for it: calendar time, aware


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotSettings:
    """Times in seconds."""

    base: str  # http://127.0.0.1:8080
    login: str
    password: str
    seed: int
    folder: Path
    root: Path
    wrap_up: tuple[float, float] = (1.0, 3.0)
    most_talk: float = 25.0  # then the robot ends the conversation itself
    later: Later | None = None


# What conversations come to, once the identity is checked; weights per hundred. Reached: 35 to 39% accept help.
_VERIFIED = (
    ("HELP_WANTED", 26), ("HELP_OTHER", 4), ("ADVICE", 12), ("PAID", 18), ("SELF_SOLVING", 22), ("NO_HELP", 10),
    ("IN_DEBT_HELP", 5), ("REFUSED", 3),
)  # fmt: skip
_PRESSES, _DOUBTS = 90, 10
_NEEDS = ("overzicht", "contact met het bedrijf", "toeslagen", "anders")
_UNVERIFIED = (("THIRD_PARTY", 55), ("WRONG_PERSON", 20), ("NOT_VERIFIED", 25))


class ApiProblemError(Exception):
    """The API said no; `code` is its stable code."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code


class Robot:
    """One agent."""

    def __init__(self, settings: RobotSettings, whisper: Whisper, processes: Processes) -> None:
        self._settings = settings
        self._whisper = whisper
        self._random = random.Random(settings.seed)
        self._phone = Softphone(
            settings.login, settings.folder, settings.root, processes, tone=300 + settings.seed % 400
        )
        self._http: aiohttp.ClientSession | None = None
        self._csrf = ""
        self._handled: set[str] = set()
        self._talks: set[str] = set()
        self._jobs: set[asyncio.Task[None]] = set()
        self.conversations = 0
        self.filed: dict[str, str] = {}
        """Attempt to the outcome that the service has acknowledged."""

    async def run(self) -> None:
        """Work until cancelled; goes on after every fault of the service or its own phone."""
        jar = aiohttp.CookieJar(unsafe=True)  # the demo's address is a plain IP
        async with aiohttp.ClientSession(cookie_jar=jar, timeout=aiohttp.ClientTimeout(total=15)) as http:
            self._http = http
            try:
                await self._shift()
            finally:
                for job in self._jobs:
                    job.cancel()
                await asyncio.gather(*self._jobs, return_exceptions=True)
                await asyncio.to_thread(self._phone.stop)

    def forget(self) -> None:
        """The tab was closed and is opened again: what it knew of its calls is gone. The phone stands by itself."""
        for job in self._jobs:
            job.cancel()
        self._handled.clear()
        self._talks.clear()

    async def _shift(self) -> None:
        wait = 0.5
        ready = False
        while True:
            try:
                await self._sign_in()
                if not ready:
                    await self._take_phone()
                    ready = True
                await self._call("PUT", "/agents/me/duty", {"duty": "on"})
                wait = 0.5
                await self._follow()
            except (aiohttp.ClientError, ApiProblemError, StartError, TimeoutError, OSError) as error:
                log.warning("robot waits login=%s reason=%s", self._settings.login, error)
                await asyncio.sleep(wait)
                wait = min(wait * 2, 5.0)

    async def _sign_in(self) -> None:
        body = {"login": self._settings.login, "password": self._settings.password}
        session = await self._call("POST", "/session", body)
        self._csrf = session["csrf_token"]

    async def _take_phone(self) -> None:
        grant = await self._call("POST", "/agents/me/device")
        await asyncio.to_thread(
            self._phone.start, grant["username"], grant["secret"], grant["domain"], int(grant["sip_port"])
        )

    async def _follow(self) -> None:
        """Live feed until it ends: each message may bring a card or a wrap-up."""
        assert self._http is not None
        address = self._settings.base.replace("http", "ws", 1) + "/api/v1/live"
        async with self._http.ws_connect(address, origin=self._settings.base, heartbeat=20) as socket:
            async for message in socket:
                if message.type is not aiohttp.WSMsgType.TEXT:
                    break
                self._hear(json.loads(message.data))

    def _hear(self, message: Mapping[str, Any]) -> None:
        match message["type"]:
            case "card":
                self._spawn(self._converse(message["data"]))
            case "agent" | "snapshot":
                agent = message["data"] if message["type"] == "agent" else message["agent"]
                if not agent or not agent["attempt"]:
                    return
                if agent["state"] == "wrap_up":
                    self._spawn(self._wrap_up(agent["attempt"]))
                elif agent["state"] == "talking" and agent["attempt"] not in self._talks:
                    self._spawn(self._talk_on(agent["attempt"]))

    def _spawn(self, job: Any) -> None:
        task = asyncio.create_task(self._guarded(job), name="robot")
        self._jobs.add(task)
        task.add_done_callback(self._jobs.discard)

    async def _guarded(self, job: Any) -> None:
        try:
            await job
        except (ApiProblemError, aiohttp.ClientError, TimeoutError) as error:
            log.info("robot step failed login=%s reason=%s", self._settings.login, error)

    async def _talk_on(self, attempt: str) -> None:
        """In conversation, and no card came: it was shown before the connection dropped."""
        self._talks.add(attempt)
        try:
            card = await self._persist("GET", f"/attempts/{attempt}/card")
        except ApiProblemError:
            self._talks.discard(attempt)
            raise
        await self._converse(card)

    async def _converse(self, card: Mapping[str, Any]) -> None:
        """Ask who it is; end a conversation that goes on for long."""
        attempt, number = card["attempt"], card["number"]
        self._talks.add(attempt)
        if number and self._whisper.machine(number):
            await asyncio.sleep(self._random.uniform(0.8, 1.5))
            self._handled.add(attempt)
            await self._persist("POST", f"/attempts/{attempt}/voicemail")
            return
        await asyncio.sleep(self._random.uniform(0.6, 1.5))
        try:
            await self._check_identity(card)
        except ApiProblemError as error:
            log.info("identity not checked login=%s reason=%s", self._settings.login, error)
        await asyncio.sleep(self._settings.most_talk * self._random.uniform(0.6, 1.0))
        await self._persist("POST", f"/attempts/{attempt}/hang-up")

    async def _check_identity(self, card: Mapping[str, Any]) -> None:
        attempt, number = card["attempt"], card["number"]
        answers = self._whisper.answers(number) if number else None
        if answers is None or self._random.random() < 0.15:
            return
        body: dict[str, Any] = {
            "birth_date": answers.birth_date,
            "postcode": answers.postcode,
            "house_number": answers.house_number,
        }
        if card["direction"] == "in" or card["call_back"]:
            case = await self._find_case(attempt, answers.name)
            if case is None:
                return
            body["case"] = case
        await self._persist("POST", f"/attempts/{attempt}/verify", body)

    async def _find_case(self, attempt: str, name: str) -> str | None:
        """Somebody whom nobody knows has said a name."""
        found = await self._persist("POST", f"/attempts/{attempt}/candidates", {"said_name": name})
        items = found.get("items", [])
        return str(items[0]["case"]) if items else None

    async def _wrap_up(self, attempt: str) -> None:
        """File once, after a while; a restart of the service may ask again."""
        if attempt in self._handled:
            return
        self._handled.add(attempt)
        await asyncio.sleep(self._random.uniform(*self._settings.wrap_up))
        try:
            card = await self._persist("GET", f"/attempts/{attempt}/card")
            outcome = await self._agreed(attempt)
            if outcome is None:
                outcome = self._outcome(bool(card.get("verified")))
                await self._persist("PUT", f"/attempts/{attempt}/outcome", outcome)
            self.filed[attempt] = str(outcome["outcome"])
            self.conversations += 1
        except BaseException:
            self._handled.discard(attempt)
            raise

    async def _agreed(self, attempt: str) -> dict[str, Any] | None:
        """Another time was agreed and filed; None: not this time, or it does not fit the term any more."""
        later = self._settings.later
        if later is None or self._random.random() >= later.share:
            return None
        hour = await later.hour()
        outcome = {"outcome": "CALL_LATER", "confirmed": True, "appointment_at": hour.isoformat()}
        try:
            await self._persist("PUT", f"/attempts/{attempt}/outcome", outcome)
        except ApiProblemError as error:
            log.info("no other time login=%s reason=%s", self._settings.login, error)
            return None
        return outcome

    def _outcome(self, verified: bool) -> dict[str, Any]:
        table = _VERIFIED if verified else _UNVERIFIED
        code = self._random.choices([code for code, _ in table], [weight for _, weight in table])[0]
        return {"outcome": code, "confirmed": True, "answers": {"need": self._random.choice(_NEEDS)}}

    async def _persist(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """As `_call`, again and again while the service is away: a person presses the key until it works."""
        for press in range(_PRESSES):
            try:
                return await self._call(method, path, body)
            except ApiProblemError as error:
                passing = error.status >= 500 or (error.status in (401, 403, 409) and press < _DOUBTS)
                if not passing:  # just started again, the service may not have found the call yet, nor we our session
                    raise
            except (aiohttp.ClientError, TimeoutError):
                pass
            await asyncio.sleep(1.0)
        return await self._call(method, path, body)

    async def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        assert self._http is not None
        headers = {"X-CSRF-Token": self._csrf, "Origin": self._settings.base}
        address = f"{self._settings.base}/api/v1{path}"
        kwargs: dict[str, Any] = {"headers": headers}
        if body is not None or method in ("POST", "PUT"):
            kwargs["json"] = dict(body or {})
        async with self._http.request(method, address, **kwargs) as answer:
            data = await answer.json(content_type=None) if answer.content_length != 0 else None
            if answer.status >= 400:
                raise ApiProblemError(answer.status, (data or {}).get("code", ""))
            return data
