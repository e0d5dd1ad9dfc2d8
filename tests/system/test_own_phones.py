"""An agent's own SIP phone over TLS: whoever is on its line hears nothing, and in the clear there is no such phone."""

from __future__ import annotations

import asyncio
import ssl
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from dialer.asterisk.config import Tls, Trunk
from dialer.asterisk.config.devices import SAFE
from dialer.asterisk.link import LinkSettings
from dialer.asterisk.telephony import AsteriskTelephony
from dialer.clock import SystemClock
from dialer.config import Asterisk
from dialer.demo.processes import free_port
from dialer.domain.devices import own_device
from dialer.domain.ids import AttemptId, ChannelId, UserId
from dialer.own_phones import look
from dialer.services.ports.telephony import Answered, DialOrder, Ended, LegIdle, LegOrder, TelephonyEvent
from tests.support.browser_phone import share_of
from tests.support.certificates import Authority
from tests.support.city import CLIENT, DEVICE_SECRET, TelephoneCity, until
from tests.support.raw_ami import RawAmi
from tests.support.sip_asker import bindings_by_tls, bindings_by_udp
from tests.support.sip_peer import SipPeer, samples_of
from tests.support.softphone import Safe, Softphone, registered
from tests.support.sound import alaw
from tests.support.wire import ABLE, Wire
from tests.system.test_tls import KICK, SECRET, Node, node, place

pytestmark = pytest.mark.system

AGENT_HZ, RESIDENT_HZ = 440, 900
NUMBER = "+31790000078"


@dataclass
class Office:
    """A node that takes agents' own phones over TLS alone, and a resident who answers."""

    city: TelephoneCity
    folder: Path
    authority: Authority
    node: Node
    telephony: AsteriskTelephony
    resident: SipPeer
    events: list[TelephonyEvent] = field(default_factory=list)
    phones: list[Softphone] = field(default_factory=list)
    device: str = field(default_factory=lambda: own_device(UserId(uuid.uuid4())))

    @property
    def tls_port(self) -> int:
        assert self.node.instance.tls is not None
        return self.node.instance.tls.sip_port

    def phone(self, safe: Safe | None, port: int = 0) -> Softphone:
        """`port`: of whom it registers with; 0: the node itself."""
        city, root = self.city, self.city.root
        assert root is not None
        port = port or (self.node.instance.sip_port if safe is None else self.tls_port)
        made = Softphone(self.device, DEVICE_SECRET, port, self.folder / "phones", root, city.processes, safe=safe)
        self.phones.append(made)
        return made

    async def renew(self, host: str, *, then: Callable[[], object] = lambda: None) -> None:
        """A new certificate in the old one's place, and what an operator does then."""
        place(self.folder / "office" / "tls", self.authority.issue(host, name="node"))
        then()
        async with RawAmi(self.node.instance.ami_port, "kick", KICK) as ami:
            said = await ami.action("Command", Command="module reload res_pjsip.so")
        assert "reloaded successfully" in said["Output"]

    async def leg(self) -> ChannelId:
        """Ring the phone; the leg once it waits, or has ended."""
        leg = ChannelId(f"leg.{uuid.uuid4()}.1")
        await self.telephony.ring_agent(LegOrder(leg=leg, device=self.device))
        await until(lambda: self.came(LegIdle, leg) or self.came(Ended, leg), 10, "leg")
        return leg

    def came(self, kind: type[LegIdle | Ended], leg: ChannelId) -> bool:
        return any(
            isinstance(event, kind) and (event.leg if isinstance(event, LegIdle) else event.channel) == leg
            for event in self.events
        )

    async def conversation(self, leg: ChannelId) -> AttemptId:
        """The resident answers, and both are joined."""
        name, attempt = f"{uuid.uuid4().hex}-1", AttemptId(uuid.uuid4())
        await self.telephony.open_line(name, "trunk")
        await self.telephony.dial(
            DialOrder(
                attempt=attempt, number=NUMBER, caller_id="+31790000000", ring_seconds=20.0, trunk=name, sounds=CLIENT
            )
        )
        await until(lambda: any(isinstance(event, Answered) for event in self.events), 10, "answer")
        await self.telephony.join(ChannelId(str(attempt)), leg, mark=False)
        return attempt

    async def says(self, channel: str, what: str) -> str:
        """What Asterisk says of a channel."""
        async with self.node.ami() as ami:
            row = next(row for row in await ami.listing("CoreShowChannels") if row.get("Uniqueid") == channel)
            return (await ami.action("Getvar", Channel=row["Channel"], Variable=what))["Value"]


@asynccontextmanager
async def opened(city: TelephoneCity, folder: Path) -> AsyncIterator[Office]:
    """All of it, begun and ended."""
    authority = Authority(folder)
    assert city.root is not None
    peer = SipPeer(free_port(), folder / "resident", city.root, city.processes, tone=RESIDENT_HZ)
    await asyncio.to_thread(peer.start)
    files = place(folder / "office" / "tls", authority.issue("127.0.0.1", name="node"))
    believed = folder / "office" / "tls" / "authority.pem"
    believed.write_bytes(authority.file.read_bytes())
    tls = Tls(**files, sip_port=free_port(), authority=str(believed))
    with node(city, folder, "office", tls, Trunk(name="trunk", host="127.0.0.1", port=peer.port), phones=True) as built:
        link = LinkSettings(port=built.instance.ami_port, username="dialer", secret=SECRET)
        telephony = AsteriskTelephony(link, SystemClock(), own_phones="tls")
        made = Office(city, folder, authority, built, telephony, peer)
        telephony.start(made.events.append)
        await until(lambda: telephony.up)
        await telephony.set_device(made.device, DEVICE_SECRET)
        try:
            yield made
        finally:
            for phone in made.phones:
                await asyncio.to_thread(phone.stop)
            await telephony.stop()
    await asyncio.to_thread(peer.stop)


@pytest.fixture
async def office(telephone_city: TelephoneCity, tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(telephone_city, tmp_path) as made:
        yield made


async def test_a_phone_over_tls_is_heard_by_its_resident_alone_and_in_the_clear_it_is_not_there(office: Office) -> None:
    phone = await registered(lambda: office.phone(Safe(office.authority.file)))
    leg = await office.leg()
    await office.conversation(leg)
    await until(lambda: share_of(office.resident.samples(0.4), AGENT_HZ) > 0.8, 10, "the resident hears the agent")
    await until(lambda: share_of(samples_of(phone.heard, 0.4), RESIDENT_HZ) > 0.8, 10, "the agent hears the resident")
    assert await office.says(leg, "CHANNEL(pjsip,secure)") == "1"
    assert await office.says(leg, "CHANNEL(rtp,secure)") == "1"
    # The same account, with the right secret, in the clear: unknown, whatever it says it is.
    port = office.node.instance.sip_port
    assert (
        await bindings_by_tls(office.tls_port, office.device, DEVICE_SECRET, "127.0.0.1", str(office.authority.file))
        == 200
    )
    assert await bindings_by_udp(port, office.device, DEVICE_SECRET, "127.0.0.1") == 401
    assert await bindings_by_udp(port, office.device, DEVICE_SECRET, SAFE) in (0, 400)


@pytest.mark.nightly
@pytest.mark.skipif(not ABLE, reason="whoever listens to the line is root")
async def test_whoever_sits_on_the_line_reads_and_hears_nothing(office: Office) -> None:
    async with Wire() as wire:
        phone = await registered(lambda: office.phone(Safe(office.authority.file)))
        await office.conversation(await office.leg())
        await until(lambda: share_of(samples_of(phone.heard, 0.4), RESIDENT_HZ) > 0.8, 10, "both hear")
        await until(lambda: share_of(office.resident.samples(0.4), AGENT_HZ) > 0.8, 10, "both hear")
    clear = [one.payload for one in wire.packets if one.udp or office.tls_port in (one.source, one.target)]
    assert any(NUMBER.encode() in payload for payload in clear), "the resident's side: it can be read where it is not"
    assert not any(office.device.encode() in payload for payload in clear)
    assert not any(b"crypto:" in payload for payload in clear)
    low, high = phone.rtp_ports
    phones = wire.streams(low, high)
    others = {
        ports: sound for ports, sound in wire.streams(*office.node.instance.rtp_ports).items() if ports not in phones
    }
    assert len(phones) == len(others) == 2, "each way, on either side"
    assert all(max(audible(sound)) < 0.1 for sound in phones.values())
    assert all(max(audible(sound)) > 0.8 for sound in others.values())


def audible(sound: bytes) -> tuple[float, float]:
    """How much of the agent and of the resident is in it, for who takes it as A-law, from its loudest second on."""
    samples = [alaw(byte) for byte in sound[-4800:]]
    return share_of(samples, AGENT_HZ), share_of(samples, RESIDENT_HZ)


@pytest.mark.nightly
async def test_a_phone_does_not_register_with_whom_its_authority_did_not_sign(office: Office, tmp_path: Path) -> None:
    phone = office.phone(Safe(Authority(tmp_path, "stranger").file))
    await asyncio.to_thread(phone.start)
    await until(lambda: "reg: sip:" in phone.log or "200 OK" in phone.log, 20, "a word of it")
    assert "200 OK" not in phone.log
    assert "tls: connect: error" in phone.log
    assert not await office.telephony.knows_phone(office.device)


@pytest.mark.nightly
async def test_a_phone_that_is_set_to_udp_does_not_register_and_stands_in_the_log(office: Office) -> None:
    phone = office.phone(None)
    await asyncio.to_thread(phone.start)
    await until(lambda: "401 Unauthorized" in phone.log or "200 OK" in phone.log, 20, "a word of it")
    assert "200 OK" not in phone.log
    assert not await office.telephony.knows_phone(office.device)
    log = Path(office.node.instance.folders.log) / "security.log"
    await until(lambda: "InvalidAccountID" in log.read_text() and office.device in log.read_text())


@pytest.mark.nightly
async def test_a_phone_without_srtp_gets_no_call(office: Office) -> None:
    await registered(lambda: office.phone(Safe(office.authority.file, sound=False)))
    leg = await office.leg()
    assert office.came(Ended, leg)
    assert not office.came(LegIdle, leg)


@pytest.mark.nightly
async def test_a_new_certificate_is_taken_at_a_reload_and_calls_go_on(office: Office) -> None:
    phone = await registered(lambda: office.phone(Safe(office.authority.file)))
    await office.conversation(await office.leg())
    before = await served(office)
    place(office.folder / "office" / "tls", office.authority.issue("127.0.0.1", name="node"))
    assert await served(office) == before
    await office.renew("127.0.0.1")
    assert await served(office) != before
    size = phone.heard.stat().st_size
    await until(lambda: phone.heard.stat().st_size > size + 16_000, 10, "a second more")
    assert share_of(samples_of(phone.heard, 0.4), RESIDENT_HZ) > 0.8
    assert await office.telephony.knows_phone(office.device)
    phone.stop()
    await registered(lambda: office.phone(Safe(office.authority.file)))


@pytest.mark.nightly
async def test_a_pair_that_does_not_fit_shuts_the_door_and_doctor_says_so(office: Office) -> None:
    asterisk = Asterisk(
        secret=SECRET, phones_transport="tls", sip_tls_port=office.tls_port, tls_ca=str(office.authority.file)
    )
    await registered(lambda: office.phone(Safe(office.authority.file)))
    assert "certificate for" in (await look(asterisk)).detail
    key = office.folder / "office" / "tls" / "node.key"
    before = key.read_bytes()
    await office.renew("127.0.0.1", then=lambda: key.write_bytes(before))
    found = await look(asterisk)
    assert (found.ok, "certificate for" in found.detail) == (False, False)
    assert await office.telephony.knows_phone(office.device), "whoever is in stays in"
    await office.renew("127.0.0.1")
    assert "certificate for" in (await look(asterisk)).detail


async def served(office: Office) -> str:
    """The certificate that is shown to who comes now."""
    return await asyncio.to_thread(ssl.get_server_certificate, ("127.0.0.1", office.tls_port))
