"""Both Asterisks of a test session, and what tests do with them over AMI by hand."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from pathlib import Path

from dialer.asterisk.config import AmiUser, AsteriskSettings, Instance, Neighbour, Trunk, device_objects, dialer_files
from dialer.asterisk.sounds import ClientVoice, SoundMaker
from dialer.demo.asterisk_install import ensure_asterisk
from dialer.demo.asterisk_server import AsteriskServer, asterisk_folders
from dialer.demo.processes import Processes, free_port, free_range
from dialer.demo.speech import voice
from dialer.demo.town import Town, TownSettings, make_town_sounds
from dialer.demo.town_plan import Mood, Turn, Week
from tests.support.memory import MEMORY
from tests.support.raw_ami import Message, RawAmi
from tests.support.softphone import Softphone, registered

CLIENT = "testgemeente"
CLIENT_NUMBER = "+31790000001"
RINGS_BACK = "+31600000201"
"""A resident: busy at the first call, talks for 2 s at all others; rings back while `town.live` runs."""
BY_THE_HOUR = "+31600000202"
"""A resident with a week: there in the half-hour 0, in another call in the half-hour 1."""
DEVICE_SECRET = "geheim-toestel-0001"

_SHORT = {  # tests wait for the ends of these
    "greeting": "Goedendag, u belt met {naam}.",
    "queue-offer": "Al onze medewerkers zijn in gesprek.",
    "sorry": "Excuses. Druk op 1.",
    "closed": "Wij zijn gesloten. Druk op 1.",
}


async def until(condition: Callable[[], bool], seconds: float = 30.0, what: str = "condition") -> None:
    """Wait until `condition()`; the deadline makes a test fail, never the pace."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - a file or another process has no event to await
            await asyncio.sleep(0.02)


class TelephoneCity:
    """Ports, credentials, and short ways to do things by raw AMI."""

    def __init__(self, data: Path, state: Path) -> None:
        self.data = data
        self._state = state
        self.processes = Processes(data)
        self.sounds = data / "sounds"
        self.ami_user = ("dialer", "s3cret-of-the-dialer")
        self.ami_kick = ("dialer-kick", "s3cret-of-the-kicker")
        self.ami_other = ("dialer-2", "s3cret-of-the-second")
        self.second_port = free_port()
        self.edge_port = free_port()  # where a proxy may stand before both nodes: tests/support/edge
        self._second: AsteriskServer | None = None
        self.queue_port = free_port()  # where another team's telephone system calls from: tests/support/other_queue
        self.odd_port = (
            free_port()
        )  # where SIP codes come from that Asterisk cannot answer with: tests/support/sip_answers

    def start(self) -> None:
        """Install if need be, make the sounds, start both."""
        self.root = ensure_asterisk(self._state, print)
        speak, convert = voice(self.root)
        maker = SoundMaker(self.sounds, speak, convert)
        maker.make_default()
        maker.make(ClientVoice(folder=CLIENT, name="het Contactteam", number=CLIENT_NUMBER, texts=_SHORT))
        make_town_sounds(self.sounds / "town", speak)
        sip_port = free_port()
        self.town = Town(
            self.data / "town",
            self.processes,
            root=self.root,
            sounds=self.sounds,
            dialer_port=sip_port,
            more_ports=[self.second_port],
            people=[
                (RINGS_BACK, [Turn(mood=Mood.BUSY), Turn(mood=Mood.ANSWER, after=1, lasts=2)]),
                (BY_THE_HOUR, [Turn(mood=Mood.ANSWER, lasts=60)]),
            ],
            weeks={BY_THE_HOUR: Week(home=[80, 8], luck=[50], away=[Turn(mood=Mood.BUSY)])},
            settings=TownSettings(rings_back=1.0, rings_back_after=0.2, presses_key=0.0),
        )
        folder = self.data / "asterisk"
        self.instance = Instance(
            name="dialer",
            folders=asterisk_folders(folder, self.sounds, self.root),
            sip_port=sip_port,
            ami_port=free_port(),
            http_port=free_port(),
            rtp_ports=free_range(),
            ami_users=(
                AmiUser(name=self.ami_user[0], secret=self.ami_user[1]),
                AmiUser(name=self.ami_other[0], secret=self.ami_other[1]),
                AmiUser(name=self.ami_kick[0], secret=self.ami_kick[1], kick=True),
            ),
        )
        odd = Trunk(name="odd", host="127.0.0.1", port=self.odd_port)
        edge = Trunk(name="edge", host="127.0.0.1", port=self.edge_port, match=(f"127.0.0.1:{self.edge_port}",))
        at = self.queue_port
        queue = Trunk(name="queue", host="127.0.0.1", port=at, match=(f"127.0.0.1:{at}",))
        self.settings = AsteriskSettings(
            instance=self.instance,
            trunks=(self.town.trunk(), odd, queue, edge),
            neighbours=(Neighbour(name="second", host="127.0.0.1", port=self.second_port),),
            records=True,
        )
        self.server = AsteriskServer(
            folder,
            self.instance,
            dialer_files(self.settings),
            self.processes,
            root=self.root,
            sounds=self.sounds,
            memory=MEMORY,
        )
        self.town.server.start()
        self.server.start()

    def second_node(self) -> AsteriskServer:
        """Another node of the same dialer, which records nothing; started when it is first asked for."""
        if self._second is None:
            folder = self.data / "second"
            instance = Instance(
                name="second",
                folders=asterisk_folders(folder, self.sounds, self.root),
                sip_port=self.second_port,
                ami_port=free_port(),
                http_port=free_port(),
                rtp_ports=free_range(),
                ami_users=self.instance.ami_users,
            )
            first = Neighbour(name=self.instance.name, host="127.0.0.1", port=self.instance.sip_port)
            settings = AsteriskSettings(instance=instance, trunks=self.settings.trunks, neighbours=(first,))
            self._second = AsteriskServer(
                folder, instance, dialer_files(settings), self.processes, root=self.root, sounds=self.sounds
            )
            self._second.start()
        return self._second

    def second_again(self) -> None:
        """Start the second node, unless it runs."""
        server = self.second_node()
        try:
            self.processes.pid_of(server.name)
        except KeyError:
            server.start()

    def stop(self) -> None:
        self.processes.stop_all()

    def ami(self) -> RawAmi:
        """A session with the dialer's Asterisk."""
        return RawAmi(self.instance.ami_port, *self.ami_user)

    async def nobody_was_here(self) -> None:
        """Calls of an earlier test are over, and what they left behind is gone.

        What its dialer said of itself would end music and waiting after a while, as if it had died; and the request of
        a caller who was missed would be this test's to collect.
        """
        async with self.ami() as ami:
            await ami.nothing_left()
            await ami.action("Setvar", Variable="DIALER_SEEN", Value="")

    def town_ami(self) -> RawAmi:
        """A session with the town: its word on who rang, what was heard, when."""
        return RawAmi(*self.town.ami)

    async def dial(
        self, ami: RawAmi, number: str, *, trunk: str = "trunk", ring: float = 25.0, context: str = "resident"
    ) -> str:
        """Originate as the dialer does; returns the channel id (= attempt id)."""
        attempt = str(uuid.uuid4())
        await ami.action(
            "Originate",
            ActionID=attempt,
            Channel=f"PJSIP/{number}@{trunk}",
            Context=context,
            Exten="s",
            Priority="1",
            Timeout=str(round(ring * 1000)),
            CallerID=f"<{CLIENT_NUMBER}>",
            Account=attempt,
            ChannelId=attempt,
            Async="true",
            Variable=f"DIALER_SOUNDS={CLIENT}",
        )
        return attempt

    async def answered(self, ami: RawAmi, channel: str, seconds: float = 30.0) -> Message:
        return await ami.wait_for("Newstate", seconds, Uniqueid=channel, ChannelStateDesc="Up")

    async def joinable(self, ami: RawAmi, attempt: str, seconds: float = 30.0) -> Message:
        """A resident who has answered, and whose dialplan has begun: joined sooner, a lost agent would end the call."""
        up = await self.answered(ami, attempt, seconds)
        await ami.wait_for("Newexten", Uniqueid=attempt)
        return up

    async def phone(self, ami: RawAmi, name: str) -> Softphone:
        """Make the account over AMI and a real phone that is registered with it."""
        for family, key, value in device_objects(name, DEVICE_SECRET):
            answer = await ami.action("DBPut", Family=family, Key=key, Val=value)
            assert answer["Response"] == "Success"
        root, port = self.root, self.instance.sip_port
        assert root is not None
        return await registered(
            lambda: Softphone(name, DEVICE_SECRET, port, self.data / "phones", root, self.processes)
        )

    async def leg(self, ami: RawAmi, device: str) -> Message:
        """Ring the phone and keep the leg; returns its entry into the holding bridge."""
        leg = f"leg.{uuid.uuid4()}.1"
        await ami.action(
            "Originate",
            ActionID=leg,
            Channel=f"PJSIP/{device}",
            Context="agent",
            Exten="s",
            Priority="1",
            Timeout="20000",
            Account=leg,
            ChannelId=leg,
            Async="true",
        )
        return await ami.wait_for("BridgeEnter", Uniqueid=leg, BridgeTechnology="holding_bridge")

    async def name_client(self, ami: RawAmi, number: str = CLIENT_NUMBER) -> None:
        await ami.action("DBPut", Family="did", Key=number, Val=CLIENT)

    async def call_in(
        self, town: RawAmi, resident: str, client: str = CLIENT_NUMBER, *, patience: int = 30, keys: str = ""
    ) -> str:
        """A resident rings the client; returns the town's channel id."""
        channel = f"caller-{uuid.uuid4()}"
        await town.action(
            "Originate",
            Channel=f"PJSIP/{client}@dialer",
            Context="caller",
            Exten="s",
            Priority="1",
            CallerID=f"<{resident}>" if resident else "<anonymous>",
            ChannelId=channel,
            Async="true",
            Variable=[f"PATIENCE={patience}", "LASTS=20", f"KEYS={keys}"],
        )
        return channel
