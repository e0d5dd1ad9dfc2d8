"""Agents' own phones over TLS, through the proxy before the nodes: encrypted on both sides, and in the clear nobody."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from dialer.demo.processes import free_port
from dialer.services.ports.telephony import Ended, LegIdle
from tests.support.browser_phone import share_of
from tests.support.certificates import Authority
from tests.support.city import DEVICE_SECRET, TelephoneCity, until
from tests.support.edge import CONFIG, MODULES, PROGRAM, TLS, Edge, Phones, checked
from tests.support.sip_asker import bindings_by_udp
from tests.support.sip_peer import samples_of
from tests.support.softphone import Safe, Softphone, registered
from tests.system.test_own_phones import AGENT_HZ, RESIDENT_HZ, Office, opened

pytestmark = [
    pytest.mark.system,
    pytest.mark.nightly,
    pytest.mark.skipif(
        not PROGRAM.exists() or TLS is None, reason="Kamailio with TLS is not there: scripts/setup test"
    ),
]


@dataclass
class Edged:
    """An office behind a proxy."""

    office: Office
    edge: Edge
    port: int

    def phone(self, believes: Authority) -> Softphone:
        return self.office.phone(Safe(believes.file), self.port)


@asynccontextmanager
async def edged(
    city: TelephoneCity, folder: Path, *, edge_by: str = "authority", nodes_by: str = "authority", finds: int = 2
) -> AsyncIterator[tuple[Edged, Authority]]:
    """`edge_by`: who signed its certificate; `nodes_by`: whom it believes to have signed the nodes'."""
    async with opened(city, folder) as office:
        known = {"authority": office.authority, "stranger": Authority(folder, "stranger")}
        port = free_port()
        files = known[edge_by].issue("127.0.0.1", name="edge")
        phones = Phones(port, [office.tls_port], files, known[nodes_by].file)
        edge = Edge(folder / "edge", free_port(), [office.node.instance.sip_port], city.processes, phones)
        await asyncio.to_thread(lambda: edge.start(finds=finds))
        try:
            yield Edged(office, edge, port), known[edge_by]
        finally:
            edge.stop()


async def test_a_phone_registers_and_talks_through_it(telephone_city: TelephoneCity, tmp_path: Path) -> None:
    async with edged(telephone_city, tmp_path) as (built, authority):
        office = built.office
        phone = await registered(lambda: built.phone(authority))
        leg = await office.leg()
        await office.conversation(leg)
        await until(lambda: share_of(office.resident.samples(0.4), AGENT_HZ) > 0.8, 10, "the resident hears the agent")
        await until(lambda: share_of(samples_of(phone.heard, 0.4), RESIDENT_HZ) > 0.8, 10, "the agent the resident")
        assert await office.says(leg, "CHANNEL(pjsip,secure)") == "1"
        assert await office.says(leg, "CHANNEL(rtp,secure)") == "1"
        # In the clear it passes nobody on, and the node knows none.
        for port, answer in ((built.edge.port, 0), (office.node.instance.sip_port, 401)):
            assert await bindings_by_udp(port, office.device, DEVICE_SECRET, "127.0.0.1") == answer
        # What is said within the call gets to the phone too.
        await office.telephony.hang_up(leg)
        await until(lambda: "session closed" in phone.log, 10, "the phone hears of the end")


async def test_a_node_that_is_somebody_else_gets_no_phone(telephone_city: TelephoneCity, tmp_path: Path) -> None:
    async with edged(telephone_city, tmp_path, nodes_by="stranger", finds=1) as (built, authority):
        phone = built.phone(authority)
        await asyncio.to_thread(phone.start)
        await until(lambda: "reg: sip:" in phone.log or "200 OK" in phone.log, 30, "a word of it")
        assert "200 OK" not in phone.log
        assert not await built.office.telephony.knows_phone(built.office.device)


async def test_a_node_rings_nobody_through_a_proxy_that_is_somebody_else(
    telephone_city: TelephoneCity, tmp_path: Path
) -> None:
    async with edged(telephone_city, tmp_path, edge_by="stranger") as (built, stranger):
        await registered(lambda: built.phone(stranger))
        leg = await built.office.leg()
        assert built.office.came(Ended, leg)
        assert not built.office.came(LegIdle, leg)


async def test_a_new_certificate_is_taken_at_a_reload_and_calls_go_on(
    telephone_city: TelephoneCity, tmp_path: Path
) -> None:
    async with edged(telephone_city, tmp_path) as (built, authority):
        office = built.office
        phone = await registered(lambda: built.phone(authority))
        leg = await office.leg()

        async def served() -> str:
            return await asyncio.to_thread(ssl.get_server_certificate, ("127.0.0.1", built.port))

        before = await served()
        authority.issue("127.0.0.1", name="edge")  # in the place of the one before
        assert await served() == before
        built.edge.command("tls.reload")
        assert await served() != before
        await office.conversation(leg)
        await until(lambda: share_of(samples_of(phone.heard, 0.4), RESIDENT_HZ) > 0.8, 10, "it was rung before")
        await office.telephony.hang_up(leg)
        await until(lambda: office.came(Ended, leg), 10, "its end")
        again = await office.leg()
        assert office.came(LegIdle, again), "over the connection of before"


@pytest.mark.parametrize("phones", [False, True])
def test_the_files_as_they_are_delivered_are_read(tmp_path: Path, phones: bool) -> None:
    """With the lines for phones, and without."""
    for file in CONFIG.parent.iterdir():
        text = file.read_text(encoding="utf-8").replace("/etc/kamailio/", f"{tmp_path}/")
        text = re.sub(r'MODULES ".*"', f'MODULES "{MODULES}/"', text)
        (tmp_path / file.name).write_text(text.replace("##!define", "#!define") if phones else text, encoding="utf-8")
    said = checked(tmp_path / "kamailio.cfg")
    assert "config file ok" in said, said
    (tmp_path / "kamailio.cfg").write_text((tmp_path / "kamailio.cfg").read_text() + "\nnonsense\n")
    assert "config file ok" not in checked(tmp_path / "kamailio.cfg")
