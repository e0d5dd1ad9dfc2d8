"""Agents at home: a real coturn, configured as deployed, between network namespaces. No UDP leaves the house."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dialer.demo.processes import Processes
from dialer.security.relay import Relay
from tests.support.coturn import Coturn, program
from tests.support.lan import Host, Lan, why_no_lan

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(program("turnserver") is None, reason="no coturn: `scripts/setup test` unpacks Debian's"),
    pytest.mark.skipif(bool(why_no_lan()), reason=why_no_lan() or "-"),
]
SECRET = "of-the-relay-and-the-dialer"


class Echo:
    """What Asterisk is to a relay: something that answers sound with sound, at our own address on the network."""

    def __init__(self, address: str) -> None:
        self._line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._line.bind((address, 0))
        self._line.settimeout(0.1)
        self.at: tuple[str, int] = self._line.getsockname()
        self.callers: set[str] = set()
        self._ended = False
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._ended:
            try:
                said, caller = self._line.recvfrom(2000)
            except TimeoutError:
                continue
            self.callers.add(caller[0])
            self._line.sendto(said, caller)

    def end(self) -> None:
        self._ended = True
        self._thread.join()
        self._line.close()


class House:
    """An agent's house, the relay's machine, and the telephone system outside both."""

    def __init__(self, lan: Lan, relay: Coturn, asterisk: Echo) -> None:
        self.agent: Host = lan.hosts[0]
        self.relay = relay
        self.asterisk = asterisk
        self.grants = Relay(["turns:x"], SECRET, wall=time.time, seconds=60.0)

    def no_udp(self) -> None:
        """The house's router lets no UDP out."""
        where = self.agent.command(["ip", "rule", "add", "ipproto", "udp", "prohibit"])
        subprocess.run(where, check=True, capture_output=True)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    processes = Processes(tmp_path)
    with Lan(2) as lan:
        asterisk = Echo(lan.outside)
        relay = Coturn(
            tmp_path, processes, SECRET, at=lan.hosts[1].address, peer=lan.outside, where=lan.hosts[1].command
        )
        try:
            relay.start()
            yield House(lan, relay, asterisk)
        finally:
            processes.stop_all()
            asterisk.end()


def test_an_agent_without_udp_is_heard_and_hears_over_tls_and_nothing_over_udp(house: House) -> None:
    given = house.grants.grant("w-1")

    def talk(how: str) -> str:
        return house.relay.talk(given.username, given.credential, house.asterisk.at, how, where=house.agent.command)

    assert talk("udp") == "50 of 50", "as most houses let"
    house.no_udp()
    assert talk("udp").startswith("unreachable")
    assert talk("tls") == "50 of 50"
    assert talk("tcp") == "50 of 50"
    assert house.asterisk.callers == {house.relay.at}, "what Asterisk sees is the relay"


def test_it_relays_to_asterisk_alone_and_for_nobody_without_leave(house: House) -> None:
    given = house.grants.grant("w-1")
    past = Relay(["turns:x"], SECRET, wall=time.time, seconds=-5.0).grant("w-1")
    later = f"{int(past.username.split(':')[0]) + 3600}:w-1"
    inside = Echo("127.0.0.1")
    asterisk, forbidden, nobody = house.asterisk.at, "refused 403", "refused 401"
    asked = [
        (given.username, given.credential, (house.agent.address, inside.at[1]), forbidden),
        (given.username, given.credential, (house.relay.at, inside.at[1]), forbidden),
        (given.username, given.credential, ("127.0.0.1", inside.at[1]), forbidden),
        (given.username, given.credential, ("10.0.0.1", inside.at[1]), forbidden),
        (given.username, "guessed", asterisk, nobody),
        (past.username, past.credential, asterisk, nobody),
        (later, past.credential, asterisk, nobody),
    ]
    try:
        for name, credential, peer, answer in asked:
            assert house.relay.talk(name, credential, peer, messages=3) == answer, (name, peer)
        assert not inside.callers
        assert not house.asterisk.callers
        assert house.relay.talk(given.username, given.credential, asterisk, messages=3) == "3 of 3", "it does work"
    finally:
        inside.end()
