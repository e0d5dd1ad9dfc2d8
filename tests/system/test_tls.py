"""Every line that leaves the machine is encrypted, and the other end proves who it is; a wrong one gets nothing."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from dialer.asterisk.config import AmiUser, AsteriskSettings, Instance, Tls, Trunk, dialer_files
from dialer.asterisk.kick import Kicker
from dialer.asterisk.link import Link, LinkSettings
from dialer.asterisk.telephony import AsteriskTelephony
from dialer.clock import SystemClock
from dialer.demo.asterisk_server import AsteriskServer, asterisk_folders
from dialer.demo.processes import free_port, free_range
from dialer.domain.ids import AttemptId
from dialer.services.ports.telephony import Answered, DialOrder, Ended, TelephonyError, TelephonyEvent
from tests.support.certificates import Authority
from tests.support.city import CLIENT, TelephoneCity, until
from tests.support.raw_ami import RawAmi

pytestmark = pytest.mark.system

SECRET, KICK = "s3cret-of-a-tls-node", "s3cret-of-a-tls-kicker"
NUMBER = "+31790000077"


@dataclass
class Node:
    """An Asterisk of the test."""

    instance: Instance
    server: AsteriskServer

    def ami(self) -> RawAmi:
        return RawAmi(self.instance.ami_port, "dialer", SECRET)


@contextmanager
def node(
    city: TelephoneCity, folder: Path, name: str, tls: Tls, *trunks: Trunk, sip_port: int = 0, phones: bool = False
) -> Iterator[Node]:
    instance = Instance(
        name=name,
        folders=asterisk_folders(folder / name, city.sounds, city.root),
        sip_port=sip_port or free_port(),
        ami_port=free_port(),
        http_port=free_port(),
        rtp_ports=free_range(),
        ami_users=(AmiUser(name="dialer", secret=SECRET), AmiUser(name="kick", secret=KICK, kick=True)),
        tls=tls,
    )
    trunks = trunks or (Trunk(name="trunk", host="127.0.0.1"),)
    files = dialer_files(AsteriskSettings(instance=instance, trunks=trunks, warnings=True, phones_tls=phones))
    server = AsteriskServer(folder / name, instance, files, city.processes, root=city.root, sounds=city.sounds)
    server.start()
    try:
        yield Node(instance, server)
    finally:
        server.stop()


def place(folder: Path, files: tuple[Path, Path]) -> Mapping[str, Any]:
    """Where Asterisk sees a certificate and its key: its own folder is what it sees of ours."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        (folder / file.name).write_bytes(file.read_bytes())
    return {"certificate": str(folder / files[0].name), "key": str(folder / files[1].name)}


@asynccontextmanager
async def link(settings: LinkSettings) -> AsyncIterator[Link]:
    built = Link(settings, lambda _event: None, lambda _up: None)
    built.start()
    try:
        yield built
    finally:
        await built.stop()


async def test_the_manager_over_tls_and_only_to_the_right_one(telephone_city: TelephoneCity, tmp_path: Path) -> None:
    city, ours, theirs = telephone_city, Authority(tmp_path), Authority(tmp_path, "stranger")
    ports = {"ami_port": free_port(), "https_port": free_port()}
    tls = Tls(**place(tmp_path / "far" / "tls", ours.issue("localhost")), **ports, permit=("127.0.0.0/8",))  # type: ignore[arg-type]  # fields by name
    good = LinkSettings(
        host="localhost", port=ports["ami_port"], username="dialer", secret=SECRET, tls=True, tls_ca=str(ours.file)
    )
    with node(city, tmp_path, "far", tls):
        async with link(good) as built:
            assert await built.came_up(30)
            assert (await built.send("Ping", {}))["Ping"] == "Pong"
            kicker = Kicker(replace(good, username="kick", secret=KICK))
            assert await kicker.end_sessions("dialer") == 1
        for wrong, reason in (
            (replace(good, tls_ca=str(theirs.file)), "SSLCertVerificationError"),  # signed by somebody else
            (replace(good, host="127.0.0.1"), "SSLCertVerificationError"),  # the certificate names another host
            (replace(good, tls_ca=""), "SSLCertVerificationError"),  # not one that this machine believes
            (replace(good, tls_ca=str(tmp_path / "none.pem")), "FileNotFoundError"),
        ):
            async with link(wrong) as built:
                await until(lambda built=built: built.refusal != "")  # type: ignore[misc]
                assert built.refusal == reason
                assert not built.up
            with pytest.raises(TelephonyError, match=reason):
                await Kicker(replace(wrong, username="kick", secret=KICK)).end_sessions("dialer")
        # In the clear nobody gets a word through this port.
        async with link(replace(good, tls=False)) as built:
            assert not await built.came_up(2)
        # Phones in browsers are brought there the same way.
        address = f"wss://localhost:{ports['https_port']}/ws"
        async with aiohttp.ClientSession() as http:
            context = good.context()
            assert context is not None
            async with http.ws_connect(address, protocols=("sip",), ssl=context) as socket:
                assert socket.protocol == "sip"
            other = replace(good, tls_ca=str(theirs.file)).context()
            assert other is not None
            with pytest.raises(aiohttp.ClientConnectorCertificateError):
                await http.ws_connect(address, protocols=("sip",), ssl=other)


async def call(node: Node, trunk_tls: bool) -> tuple[list[TelephonyEvent], str, str]:
    """Dial once over the node's trunk as the service does; what came of it, and what the channel says of its safety."""
    telephony = AsteriskTelephony(
        LinkSettings(port=node.instance.ami_port, username="dialer", secret=SECRET), SystemClock(), trunk_tls=trunk_tls
    )
    events: list[TelephonyEvent] = []
    telephony.start(events.append)
    try:
        await until(lambda: telephony.up)
        name = f"{uuid.uuid4().hex}-1"
        await telephony.open_line(name, "trunk")
        attempt = AttemptId(uuid.uuid4())
        await telephony.dial(
            DialOrder(
                attempt=attempt, number=NUMBER, caller_id="+31790000000", ring_seconds=20.0, trunk=name, sounds=CLIENT
            )
        )
        await until(lambda: any(isinstance(event, Answered | Ended) for event in events))
        said = ["", ""]
        if any(isinstance(event, Answered) for event in events):
            async with node.ami() as ami:
                row = next(row for row in await ami.listing("CoreShowChannels") if row.get("Uniqueid") == str(attempt))
                for place, what in enumerate(("CHANNEL(pjsip,secure)", "CHANNEL(rtp,secure)")):
                    said[place] = (await ami.action("Getvar", Channel=row["Channel"], Variable=what))["Value"]
                await ami.action("Hangup", Channel=row["Channel"])
        return events, said[0], said[1]
    finally:
        await telephony.stop()


async def test_a_carrier_over_tls_hears_encrypted_sound_and_a_false_one_hears_nothing(
    telephone_city: TelephoneCity, tmp_path: Path
) -> None:
    city, ours, theirs = telephone_city, Authority(tmp_path), Authority(tmp_path, "stranger")
    here = free_port()
    peer = Trunk(name="trunk", host="127.0.0.1", port=here, kind="tls", match=("127.0.0.1",))

    @contextmanager
    def carrier(name: str, host: str) -> Iterator[Node]:
        """An Asterisk of ours on whose number somebody answers, with a certificate for `host`."""
        tls = Tls(**place(tmp_path / name / "tls", ours.issue(host, name=name)), sip_port=free_port())
        with node(city, tmp_path, name, tls, peer) as built:
            yield built

    async def rings(name: str, far: Node, authority: Authority) -> tuple[bool, str, str]:
        """Whether somebody answered a call to it, and whether signalling and sound were safe."""
        folder = tmp_path / name / "tls"
        folder.mkdir(parents=True)
        (folder / "ca.pem").write_bytes(authority.file.read_bytes())
        assert far.instance.tls is not None
        tls = Tls(certificate="", key="", sip_port=here, authority=str(folder / "ca.pem"))
        trunk = Trunk(name="trunk", host="127.0.0.1", port=far.instance.tls.sip_port, kind="tls")
        async with far.ami() as ami:
            await ami.action("DBPut", Family="did", Key=NUMBER, Val=CLIENT)
        with node(city, tmp_path, name, tls, trunk) as own:
            events, signalling, sound = await call(own, trunk_tls=True)
            return any(isinstance(event, Answered) for event in events), signalling, sound

    with carrier("carrier", "127.0.0.1") as right:
        assert await rings("good", right, ours) == (True, "1", "1")
        assert await rings("believes-others", right, theirs) == (False, "", "")
        # In the clear the carrier takes no call, and one whose sound would go in the clear neither.
        trunk = Trunk(name="trunk", host="127.0.0.1", port=right.instance.sip_port)
        with node(city, tmp_path, "plain", Tls(certificate="", key="", sip_port=here), trunk) as own:
            events, _, _ = await call(own, trunk_tls=False)
            assert not any(isinstance(event, Answered) for event in events)
    with carrier("elsewhere", "carrier.example.test") as wrong:
        assert await rings("asks-for-another", wrong, ours) == (False, "", "")
