"""An agent's own SIP phone over TLS: whoever is on its line hears nothing, and in the clear there is no such phone."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from dialer.asterisk.config import Tls, Trunk
from dialer.asterisk.config.devices import SAFE
from dialer.asterisk.link import LinkSettings
from dialer.asterisk.telephony import AsteriskTelephony
from dialer.clock import SystemClock
from dialer.demo.processes import free_port
from dialer.domain.devices import own_device
from dialer.domain.ids import AttemptId, ChannelId, UserId
from dialer.services.ports.telephony import Answered, DialOrder, Ended, LegIdle, LegOrder, TelephonyEvent
from tests.support.browser_phone import share_of
from tests.support.certificates import Authority
from tests.support.city import CLIENT, DEVICE_SECRET, TelephoneCity, until
from tests.support.sip_asker import bindings_by_tls, bindings_by_udp
from tests.support.sip_peer import SipPeer, samples_of
from tests.support.softphone import Safe, Softphone, registered
from tests.system.test_tls import SECRET, Node, node, place

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
    device: str = field(default_factory=lambda: own_device(UserId(uuid.uuid4())))

    @property
    def tls_port(self) -> int:
        assert self.node.instance.tls is not None
        return self.node.instance.tls.sip_port

    def phone(self, safe: Safe | None, port: int = 0) -> Softphone:
        city, root = self.city, self.city.root
        assert root is not None
        port = port or (self.node.instance.sip_port if safe is None else self.tls_port)
        return Softphone(self.device, DEVICE_SECRET, port, self.folder / "phones", root, city.processes, safe=safe)

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


@pytest.fixture
async def office(telephone_city: TelephoneCity, tmp_path: Path) -> AsyncIterator[Office]:
    city, authority = telephone_city, Authority(tmp_path)
    assert city.root is not None
    peer = SipPeer(free_port(), tmp_path / "resident", city.root, city.processes, tone=RESIDENT_HZ)
    await asyncio.to_thread(peer.start)
    tls = Tls(**place(tmp_path / "office" / "tls", authority.issue("127.0.0.1", name="node")), sip_port=free_port())
    with node(
        city, tmp_path, "office", tls, Trunk(name="trunk", host="127.0.0.1", port=peer.port), phones=True
    ) as built:
        link = LinkSettings(port=built.instance.ami_port, username="dialer", secret=SECRET)
        telephony = AsteriskTelephony(link, SystemClock(), own_phones="tls")
        made = Office(city, tmp_path, authority, built, telephony, peer)
        telephony.start(made.events.append)
        await until(lambda: telephony.up)
        await telephony.set_device(made.device, DEVICE_SECRET)
        yield made
        await telephony.stop()
    await asyncio.to_thread(peer.stop)


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
    phone.stop()
