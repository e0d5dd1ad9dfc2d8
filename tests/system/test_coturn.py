"""Agents at home: a real coturn, configured as deployed, between network namespaces. No UDP leaves the house."""

from __future__ import annotations

import re
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dialer.demo.processes import Processes
from dialer.security.relay import Relay
from tests.support.coturn import DEPLOY, Coturn, program
from tests.support.lan import Host, Lan, why_no_lan
from tests.support.wall import counted, load, nft

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
        self.machine: Host = lan.hosts[1]
        self.relay = relay
        self.asterisk = asterisk
        self.grants = Relay(["turns:x"], SECRET, wall=time.time, seconds=60.0)

    def until(self, met: Callable[[], bool]) -> None:
        ends = time.monotonic() + 10
        while not met():
            assert time.monotonic() < ends
            time.sleep(0.02)

    def no_udp(self) -> None:
        """The house's router lets no UDP out."""
        where = self.agent.command(["ip", "rule", "add", "ipproto", "udp", "prohibit"])
        subprocess.run(where, check=True, capture_output=True)


@contextmanager
def built(folder: Path, peer: Callable[[Lan], str]) -> Iterator[House]:
    """`peer`: whom coturn's own settings allow."""
    processes = Processes(folder)
    with Lan(2) as lan:
        asterisk = Echo(lan.outside)
        relay = Coturn(folder, processes, SECRET, at=lan.hosts[1].address, peer=peer(lan), where=lan.hosts[1].command)
        try:
            relay.start()
            yield House(lan, relay, asterisk)
        finally:
            processes.stop_all()
            asterisk.end()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with built(tmp_path, lambda lan: lan.outside) as one:
        yield one


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


def wall(house: House) -> str:
    """The rules as deployed, with our addresses; the relay runs here as root, whom the kernel knows as user 0."""
    text = (DEPLOY / "nftables.conf").read_text()
    for pattern, value in {
        r"^define asterisk = .*": f"define asterisk = {house.asterisk.at[0]}",
        r"^define sound = .*": f"define sound = {house.asterisk.at[1]}",
        r'"dialer-relay"': "0",
    }.items():
        text, many = re.subn(pattern, value, text, flags=re.MULTILINE)
        assert many == 1, pattern
    return text


@pytest.mark.skipif(nft() is None, reason="no nft: `scripts/setup test` unpacks Debian's")
def test_the_wall_keeps_what_the_relay_begins_to_asterisks_sound_whatever_the_relay_allows(tmp_path: Path) -> None:
    """Its settings allow every address here, as a slip would."""
    with built(tmp_path, lambda _lan: "0.0.0.0-255.255.255.255") as house:
        given = house.grants.grant("w-1")
        sip, inside = Echo(house.asterisk.at[0]), Echo(house.asterisk.at[0])  # other ports of Asterisk's machine

        def talk(peer: tuple[str, int]) -> str:
            return house.relay.talk(given.username, given.credential, peer, messages=2, where=house.agent.command)

        try:
            assert talk(sip.at) == "2 of 2", "without the wall it goes there"
            way = ["ip", "route", "add", "default", "via", house.asterisk.at[0]]  # else no packet sets out
            subprocess.run(house.machine.command(way), check=True, capture_output=True)
            load(house.machine, wall(house))
            assert talk(house.asterisk.at) == "2 of 2", "sound goes through"
            for private in (
                inside.at,
                (house.agent.address, 9),
                ("10.0.0.1", 9),
                ("192.168.1.1", 9),
                ("169.254.1.1", 9),
            ):
                before = counted(house.machine, "dialer_relay")
                assert talk(private) == "0 of 2", private
                assert counted(house.machine, "dialer_relay") > before, private
            assert not inside.callers
            send = "import socket;socket.socket(type=socket.SOCK_DGRAM).sendto(b'x'," + repr(inside.at) + ")"
            other = ["setpriv", "--reuid", "65534", "--clear-groups", "/usr/bin/python3", "-c", send]
            subprocess.run(house.machine.command(other), check=True, capture_output=True)
            house.until(lambda: bool(inside.callers))  # who is not the relay is not its wall's business
        finally:
            sip.end()
            inside.end()
