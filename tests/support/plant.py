"""The whole service over real parts, for tests that break it: the service is a process of its own, with links through
proxies, real phones, robots as agents, and a town that keeps its own record."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import secrets
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import asyncpg
import psutil

from dialer.asterisk.config import AmiUser, AsteriskSettings, Instance, Trunk, dialer_files
from dialer.asterisk.sounds import ClientVoice, SoundMaker
from dialer.demo.asterisk_install import ensure_asterisk
from dialer.demo.asterisk_server import AsteriskServer, asterisk_folders
from dialer.demo.postgres import EmbeddedPostgres
from dialer.demo.processes import Processes, free_port, free_range
from dialer.demo.seed import CLIENT
from dialer.demo.speech import voice
from dialer.demo.town import Town, TownSettings, make_town_sounds
from dialer.demo.town_plan import Turn, Week
from tests.support.memory import MEMORY

PROJECT = Path(__file__).parents[2]
AMI_USER = "dialer"
AMI_USER_BESIDE = "dialer-beside"
"""Of every service but the first: each dialer has a user of its own."""
AMI_KICKER = "dialer-kick"


class Plant:
    """PostgreSQL, the dialer's Asterisk and the town's: what outlives a test, and what a test stops and starts."""

    def __init__(
        self,
        data: Path,
        *,
        people: Sequence[tuple[str, Sequence[Turn]]] = (),
        town: TownSettings | None = None,
        weeks: Mapping[str, Week] | None = None,
        state: Path = PROJECT / ".state",
    ) -> None:
        self.data = data
        self.processes = Processes(data)
        self._state = state
        self._people = people
        self._town_settings = town or TownSettings()
        self._weeks = weeks
        self.master_key = base64.b64encode(secrets.token_bytes(32)).decode()
        self.ami_secret = secrets.token_urlsafe(24)
        self._second: AsteriskServer | None = None
        self._second_port = free_port()

    def start(self) -> None:
        root = ensure_asterisk(self._state, print)
        assert root is not None
        self.root = root
        self.postgres = EmbeddedPostgres(self.data, self.processes)
        self.postgres.start()
        self.sounds = self.data / "sounds"
        speak, convert = voice(root)
        maker = SoundMaker(self.sounds, speak, convert)
        maker.make_default()
        maker.make(ClientVoice(folder=CLIENT.slug, name=CLIENT.neutral_name, number=CLIENT.inbound_number))
        make_town_sounds(self.sounds / "town", speak)
        sip_port = free_port()
        self.town = Town(
            self.data / "town",
            self.processes,
            root=root,
            sounds=self.sounds,
            dialer_port=sip_port,
            more_ports=[self._second_port],
            people=self._people,
            settings=self._town_settings,
            weeks=self._weeks,
        )
        folder = self.data / "asterisk"
        self.instance = Instance(
            name="dialer",
            folders=asterisk_folders(folder, self.sounds, root),
            sip_port=sip_port,
            ami_port=free_port(),
            http_port=free_port(),
            rtp_ports=free_range(),
            ami_users=(
                AmiUser(name=AMI_USER, secret=self.ami_secret),
                AmiUser(name=AMI_USER_BESIDE, secret=self.ami_secret),
                AmiUser(name=AMI_KICKER, secret=self.ami_secret, kick=True),
            ),
        )
        # A line to one SIP phone instead of the whole town: tests/support/sip_peer.
        self.peer_port = free_port()
        peer = Trunk(name="peer", host="127.0.0.1", port=self.peer_port, match=(f"127.0.0.1:{self.peer_port}",))
        # The town again, asked all the time whether it is there.
        watched = replace(self.town.trunk(), name="watched", match=(), qualify_seconds=2)
        settings = AsteriskSettings(instance=self.instance, trunks=(self.town.trunk(), peer, watched), records=True)
        files = dialer_files(settings)
        self.asterisk = AsteriskServer(
            folder, self.instance, files, self.processes, root=root, sounds=self.sounds, memory=MEMORY
        )
        self.town.server.start()
        self.asterisk.start()

    def second_site(self) -> AsteriskServer:
        """An Asterisk of another site, which knows nothing of the first; started when it is first asked for."""
        if self._second is None:
            folder = self.data / "asterisk-north"
            instance = Instance(
                name="north",
                folders=asterisk_folders(folder, self.sounds, self.root),
                sip_port=self._second_port,
                ami_port=free_port(),
                http_port=free_port(),
                rtp_ports=free_range(),
                ami_users=self.instance.ami_users,
            )
            files = dialer_files(AsteriskSettings(instance=instance, trunks=(self.town.trunk(),)))
            server = AsteriskServer(folder, instance, files, self.processes, root=self.root, sounds=self.sounds)
            server.start()
            self._second = server
        return self._second

    def stop(self) -> None:
        self.processes.stop_all()

    def signal(self, name: str, what: signal.Signals) -> None:
        """Send a signal to one process of ours and all its children, by pid: PostgreSQL's lead groups of their own."""
        process = psutil.Process(self.processes.pid_of(name))
        for one in (process, *process.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                one.send_signal(what)

    def wake(self) -> None:
        """Nothing that a failed test has stopped stands still any longer."""
        for name in list(self.processes._children):
            with contextlib.suppress(psutil.NoSuchProcess):
                self.signal(name, signal.SIGCONT)

    async def kill(self, name: str) -> None:
        """`kill -9`, with its children, and wait until it is gone."""
        self.signal(name, signal.SIGKILL)
        await asyncio.to_thread(self.processes.stop, name, how=signal.SIGKILL)

    async def postgres_again(self) -> None:
        """Wait until the database answers; where it has ended, start it, as its supervisor does."""
        deadline = time.monotonic() + 60.0
        while True:
            child = self.processes._children.get("postgres")
            if child is None or child.poll() is not None:
                await asyncio.to_thread(self.processes.stop, "postgres")
                await self.start_postgres()
            with contextlib.suppress(OSError, asyncpg.PostgresError, TimeoutError):
                await (await asyncpg.connect(self.postgres.dsn(), timeout=10.0)).close()
                return
            if time.monotonic() > deadline:
                raise AssertionError(self.processes.log_of("postgres").read_text()[-3000:])
            await asyncio.sleep(0.2)

    async def start_postgres(self) -> None:
        """Start the database again on its old port."""
        await asyncio.to_thread(self.postgres.start, self.postgres.port)
