"""The town of residents: seeded moods, a voice, and people who ring back. All of it invented.

A second Asterisk plays carrier and residents (`town_plan`); this module draws the moods, starts it, and rings the
client back for those who missed a call. Times are wall time in seconds, short by default: a demo's day lasts minutes.
"""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dialer.asterisk.config.settings import AmiUser, Instance, Trunk
from dialer.demo.ami import AmiSession
from dialer.demo.asterisk_server import AsteriskServer, asterisk_folders
from dialer.demo.processes import Processes, free_port, free_range
from dialer.demo.town_plan import Mood, Turn, Week, town_files

_SPEECH = {
    "voicemail": "Hallo, dit is de voicemail. Ik kan nu niet opnemen. Spreek een bericht in na de toon.",
    "not-in-use": "Dit nummer is niet in gebruik.",
    "unreachable": "Het nummer dat u belt is op dit moment niet bereikbaar.",
    "talk/1": "Ja hallo, met mij. Waar gaat het over? Ja, dat klopt. Nee, dat wist ik niet.",
    "talk/2": "Goedendag. Een ogenblik, ik loop even naar een rustige plek. Ja, zegt u het maar.",
    "talk/3": "Dat is goed. Kunt u dat nog een keer uitleggen? Dank u wel. Ja, dat lijkt mij prima.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TownSettings:
    """How the town behaves. Shares are of calls to a living number, after the dead ones; seconds are wall time."""

    seed: int = 1
    dead: float = 0.09  # never in use
    unattended: float = 0.05  # rings for ever, every time
    busy: float = 0.05
    reject: float = 0.07
    voicemail: float = 0.17
    no_answer: float = 0.27
    short: float = 0.02
    fault: float = 0.01  # the network is full
    answer_after: tuple[int, int] = (1, 5)
    voicemail_after: int = 6
    talk_median: float = 12.0
    talk_sigma: float = 0.75  # lognormal, as measured in call centres
    talk_most: int = 90
    rings_back: float = 0.05  # share of missed calls after which the resident rings the client
    rings_back_after: float = 20.0  # median
    rings_back_talks: int = 15
    presses_key: float = 0.2  # share of those callers who ask to be rung back when nobody answers within the patience
    patience: int = 25


def residents(numbers: Sequence[str], settings: TownSettings, calls: int = 14) -> Sequence[tuple[str, Sequence[Turn]]]:
    """Each number's turns. The same number and seed give the same turns, whoever else lives in the town."""
    return [(number, _turns(number, settings, calls)) for number in sorted(set(numbers))]


def _turns(number: str, settings: TownSettings, calls: int) -> Sequence[Turn]:
    draw = random.Random(f"{settings.seed}:{number}")
    nature = draw.random()
    if nature < settings.dead:
        return [Turn(mood=draw.choice([Mood.NOT_IN_USE, Mood.UNKNOWN, Mood.UNREACHABLE]))]
    if nature < settings.dead + settings.unattended:
        return [Turn(mood=Mood.NO_ANSWER)]
    return [_turn(draw, settings) for _ in range(calls)]


def _turn(draw: random.Random, settings: TownSettings) -> Turn:
    after = draw.randint(*settings.answer_after)
    shares = {
        Mood.BUSY: (settings.busy, 0),
        Mood.REJECT: (settings.reject, after),
        Mood.VOICEMAIL: (settings.voicemail, settings.voicemail_after),
        Mood.NO_ANSWER: (settings.no_answer, 0),
        Mood.SHORT: (settings.short, after),
        Mood.CONGESTION: (settings.fault, 0),
    }
    chance = draw.random()
    for mood, (share, wait) in shares.items():
        chance -= share
        if chance < 0:
            return Turn(mood=mood, after=wait, lasts=8)
    talk = settings.talk_median * draw.lognormvariate(0, settings.talk_sigma)
    return Turn(mood=Mood.ANSWER, after=after, lasts=min(settings.talk_most, max(3, round(talk))))


def make_town_sounds(folder: Path, speak: Callable[[str], bytes]) -> None:
    """What the town says, below `folder`; nothing is made twice."""
    for name, text in _SPEECH.items():
        path = folder / f"{name}.wav"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(".new")
            part.write_bytes(speak(text))
            part.replace(path)


class Town:
    """The second Asterisk, and those of its residents who ring back."""

    def __init__(
        self,
        folder: Path,
        processes: Processes,
        *,
        root: Path | None,
        sounds: Path,
        dialer_port: int,
        more_ports: Sequence[int] = (),
        people: Sequence[tuple[str, Sequence[Turn]]] = (),
        settings: TownSettings | None = None,
        weeks: Mapping[str, Week] | None = None,
    ) -> None:
        """`dialer_port` is the SIP port of the dialer's Asterisk on loopback; `weeks` go by number.

        `more_ports`: those of its other nodes. Who calls in reaches the first.
        """
        self.settings = settings or TownSettings()
        self._secret = secrets.token_urlsafe(24)
        self.instance = Instance(
            name="town",
            folders=asterisk_folders(folder.absolute(), sounds.absolute(), root),
            sip_port=free_port(),
            ami_port=free_port(),
            rtp_ports=free_range(),
            ami_users=(AmiUser(name="town", secret=self._secret),),
        )
        files = town_files(
            self.instance,
            dialer_host="127.0.0.1",
            dialer_port=dialer_port,
            more_ports=more_ports,
            residents=people,
            weeks=weeks,
        )
        self.server = AsteriskServer(folder, self.instance, files, processes, root=root, sounds=sounds)
        self.moods: dict[str, str] = {}  # what each number did with its latest call
        self.callers: set[asyncio.Task[None]] = set()
        self._missed: dict[str, int] = {}
        self._calls: dict[str, _Call] = {}
        self._ami: AmiSession | None = None
        self.listens = False  # log-in done: no call from now on is overlooked

    def trunk(self, name: str = "trunk") -> Trunk:
        """The dialer's line into the town."""
        port = self.instance.sip_port
        return Trunk(name=name, host="127.0.0.1", port=port, match=(f"127.0.0.1:{port}",))

    @property
    def ami(self) -> tuple[int, str, str]:
        """Port, user and secret of the town's AMI: what it hears and does is the truth for tests."""
        return self.instance.ami_port, "town", self._secret

    async def live(self, stop: asyncio.Event) -> None:
        """Let residents ring back until `stop` is set."""
        self.listens = False
        async with AmiSession(*self.ami, self._on_event) as self._ami:
            try:
                await stop.wait()
            finally:
                self.listens = False
            for task in self.callers:
                task.cancel()
            await asyncio.gather(*self.callers, return_exceptions=True)

    def ring(self, resident: str, client: str, *, patience: int, talks: int, keys: str = "") -> None:
        """`resident` rings `client` now: talks for `patience` s, presses `keys`, talks on for `talks` s, hangs up."""
        assert self._ami is not None
        self._ami.send(
            "Originate",
            {
                "Channel": f"PJSIP/{client}@dialer",
                "Context": "caller",
                "Exten": "s",
                "Priority": "1",
                "CallerID": f"<{resident}>",
                "Async": "true",
                "Timeout": "30000",
            },
            {"PATIENCE": str(patience), "LASTS": str(talks), "KEYS": keys},
        )

    def strike(self, half_hour: int) -> None:
        """Tell the town which half-hour of its residents' weeks it is, from now on."""
        assert self._ami is not None
        self._ami.send("Setvar", {"Variable": "HALF_HOUR", "Value": str(half_hour)})

    def _on_event(self, event: Mapping[str, str]) -> None:
        channel = event.get("Uniqueid", "")
        match event["Event"]:
            case "FullyBooted":
                self.listens = True
            case "Newchannel" if event.get("Context") == "called" and event.get("Exten", "").startswith("+31"):
                self._calls[channel] = _Call(resident=event["Exten"], client=event.get("CallerIDNum", ""))
            case "UserEvent" if event.get("UserEvent") == "Mood":
                self.moods[event["Number"]] = event["Mood"]
            case "Newstate" if event.get("ChannelStateDesc") == "Up" and channel in self._calls:
                self._calls[channel].answered = True
            case "Hangup" if channel in self._calls:
                call = self._calls.pop(channel)
                if not call.answered:
                    self._maybe_ring_back(call)

    def _maybe_ring_back(self, call: _Call) -> None:
        nth = self._missed[call.resident] = self._missed.get(call.resident, 0) + 1
        draw = random.Random(f"{self.settings.seed}:{call.resident}:missed:{nth}")
        if self.moods.get(call.resident) not in ("no_answer", "reject", "busy") or not call.client.startswith("+31"):
            return
        if draw.random() >= self.settings.rings_back:
            return
        task = asyncio.create_task(self._ring_back(call, draw), name="town-caller")
        self.callers.add(task)
        task.add_done_callback(self.callers.discard)

    async def _ring_back(self, call: _Call, draw: random.Random) -> None:
        await asyncio.sleep(self.settings.rings_back_after * draw.lognormvariate(0, 0.6))
        keys = "1" if draw.random() < self.settings.presses_key else ""
        self.ring(
            call.resident,
            call.client,
            patience=self.settings.patience,
            talks=self.settings.rings_back_talks,
            keys=keys,
        )


@dataclass(slots=True, kw_only=True)
class _Call:
    resident: str
    client: str
    answered: bool = False
