"""An Asterisk of one's own, as docs/run.md tells: written by the command line, started, examined, used."""

from __future__ import annotations

import asyncio
import base64
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dialer.asterisk.link import LinkSettings
from dialer.asterisk.telephony import AsteriskTelephony
from dialer.cli import main
from dialer.clock import SystemClock
from dialer.demo.asterisk_server import asterisk_folders, enter_root, fully_booted
from dialer.demo.processes import free_port, free_range
from dialer.domain.ids import AttemptId
from dialer.services.ports.telephony import DialOrder, Ended, TelephonyEvent
from tests.support.city import TelephoneCity, until
from tests.support.strict_carrier import StrictCarrier

pytestmark = pytest.mark.system

SECRET, CARRIER_SECRET = "s3cret-of-the-own-node", "s3cret-of-the-carrier"


@pytest.fixture
async def carrier() -> AsyncIterator[tuple[StrictCarrier, int]]:
    port = free_port()
    transport, peer = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: StrictCarrier("u123", CARRIER_SECRET), local_addr=("127.0.0.1", port)
    )
    yield peer, port
    transport.close()


async def test_a_node_that_the_command_wrote_is_found_sound_and_proves_itself_to_the_carrier(
    telephone_city: TelephoneCity,
    carrier: tuple[StrictCarrier, int],
    dsn: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    city, (peer, carrier_port) = telephone_city, carrier
    ami_port, node, low = free_port(), tmp_path / "node", free_range()
    secret = tmp_path / "carrier.secret"
    secret.write_text(CARRIER_SECRET + "\n")
    for name, value in {
        "ASTERISK_PORT": str(ami_port), "ASTERISK_SECRET": SECRET, "ASTERISK_SIP_PORT": str(free_port()),
        "ASTERISK_SOUNDS": str(city.sounds), "ASTERISK_TRUNK_USER": "u123", "DATABASE_DSN": dsn,
        "KEYS_MASTER": base64.b64encode(bytes(32)).decode(),
    }.items():  # fmt: skip
        monkeypatch.setenv(f"DIALER_{name}", value)
    modules = asterisk_folders(node, city.sounds, city.root).modules
    wrote = main(
        ["asterisk", "write", str(node), "--bind", "127.0.0.1", "--rtp", f"{low[0]}-{low[1]}",
         "--carrier", f"127.0.0.1:{carrier_port}", "--carrier-secret-file", str(secret), "--modules", modules]
    )  # fmt: skip
    assert wrote == 0
    command = ["/usr/sbin/asterisk", "-f", "-C", str(node / "etc" / "asterisk.conf")]
    if city.root is not None:
        command = enter_root(city.root, (node, city.sounds), command)
    city.processes.start("own-node", command, ready=lambda: fully_booted("127.0.0.1", ami_port, "dialer", SECRET))
    telephony = AsteriskTelephony(
        LinkSettings(port=ami_port, username="dialer", secret=SECRET), SystemClock(), trunk_user="u123"
    )
    events: list[TelephonyEvent] = []
    try:
        capsys.readouterr()
        async with asyncio.timeout(90):  # the carrier is asked for the first time within half a minute
            while await asyncio.to_thread(main, ["doctor"]) != 0:
                assert "FAIL" not in capsys.readouterr().out.replace("FAIL trunk: trunk: Unavailable", "")
                await asyncio.sleep(0.5)
        said = capsys.readouterr().out
        for found in ("asterisk", "AMI rights", "dialplan", "trunk", "clock of asterisk", "database", "migrations"):
            assert found in said
        telephony.start(events.append)
        await until(lambda: telephony.up)
        line = f"{uuid.uuid4().hex}-1"
        await telephony.open_line(line, "trunk")
        attempt = AttemptId(uuid.uuid4())
        await telephony.dial(
            DialOrder(
                attempt=attempt, number="+31600000131", caller_id="+31790000000", ring_seconds=20.0, trunk=line,
                sounds="town",
            )
        )  # fmt: skip
        await until(lambda: any(isinstance(event, Ended) for event in events))
        (end,) = [event for event in events if isinstance(event, Ended)]
        assert (end.channel, end.sip_code) == (str(attempt), 486)
        assert (len(peer.proven), peer.refused) == (1, 0)
        assert "sip:u123@" in peer.proven[0], "the carrier knows its customer by the name"
    finally:
        await telephony.stop()
        city.processes.stop("own-node")
