"""Each way to a carrier, written from settings by the command line and loaded by a real Asterisk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from dialer.cli import main
from dialer.demo.asterisk_server import asterisk_folders, enter_root, fully_booted
from dialer.demo.processes import free_port, free_range
from tests.support.certificates import Authority
from tests.support.city import TelephoneCity, until
from tests.support.raw_ami import RawAmi
from tests.support.strict_carrier import StrictCarrier

pytestmark = pytest.mark.system

SECRET, PASSWORD = "s3cret-of-a-carriers-node", "s3cret-of-the-carrier"


@asynccontextmanager
async def written(
    city: TelephoneCity, node: Path, monkeypatch: pytest.MonkeyPatch, kind: str, *words: str
) -> AsyncIterator[RawAmi]:
    """A node as `dialer asterisk write` makes it for this kind of carrier, running; a session with it."""
    ami_port, (low, high) = free_port(), free_range()
    for name, value in {
        "PORT": str(ami_port), "SECRET": SECRET, "SIP_PORT": str(free_port()), "SOUNDS": str(city.sounds),
        "TRUNK_KIND": kind, "HTTP_PORT": str(free_port()),
    }.items():  # fmt: skip
        monkeypatch.setenv(f"DIALER_ASTERISK_{name}", value)
    modules = asterisk_folders(node, city.sounds, city.root).modules
    common = ["--bind", "127.0.0.1", "--rtp", f"{low}-{high}", "--modules", modules, "--carrier-qualify", "0"]
    assert main(["asterisk", "write", str(node), *common, *words]) == 0
    command = ["/usr/sbin/asterisk", "-f", "-C", str(node / "etc" / "asterisk.conf")]
    if city.root is not None:
        command = enter_root(city.root, (node, city.sounds), command)
    ready = lambda: fully_booted("127.0.0.1", ami_port, "dialer", SECRET)  # noqa: E731 - two lines for one expression
    city.processes.start("carriers-node", command, ready=ready)
    try:
        async with RawAmi(ami_port, "dialer", SECRET) as ami:
            yield ami
    finally:
        await asyncio.to_thread(city.processes.stop, "carriers-node")


async def detail(ami: RawAmi) -> dict[str, str]:
    rows = await ami.listing("PJSIPShowEndpoint", Endpoint="trunk")
    return dict(next(row for row in rows if row["Event"] == "EndpointDetail"))


async def test_known_by_address(telephone_city: TelephoneCity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("--carrier", "192.0.2.10", "--carrier-match", "192.0.2.0/28")
    async with written(telephone_city, tmp_path / "node", monkeypatch, "address", *words) as ami:
        found = await detail(ami)
        assert (found["Transport"], found["MediaEncryption"], found["OutboundAuth"]) == ("udp", "no", "")
        rows = await ami.listing("PJSIPShowEndpoint", Endpoint="trunk")
        identify = next(row for row in rows if row["Event"] == "IdentifyDetail")
        assert identify["Match"].startswith("192.0.2.0/")


async def test_registered_with_a_password(
    telephone_city: TelephoneCity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, secret = free_port(), tmp_path / "carrier.secret"
    secret.write_text(PASSWORD)
    transport, carrier = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: StrictCarrier("u123", PASSWORD), local_addr=("127.0.0.1", port)
    )
    words = ("--carrier", f"127.0.0.1:{port}", "--carrier-user", "u123", "--carrier-secret-file", str(secret))
    try:
        async with written(telephone_city, tmp_path / "node", monkeypatch, "registration", *words) as ami:
            await until(lambda: bool(carrier.registered))
            assert "sip:u123@127.0.0.1:" in carrier.registered[0]
            assert carrier.refused == 0
            state = ""
            async with asyncio.timeout(30):
                while state != "Registered":
                    rows = await ami.listing("PJSIPShowRegistrationsOutbound")
                    state = next(row["Status"] for row in rows if row["Event"] == "OutboundRegistrationDetail")
            assert (await detail(ami))["OutboundAuth"] == "trunk"
    finally:
        transport.close()


async def test_over_tls(telephone_city: TelephoneCity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node = tmp_path / "node"
    node.mkdir()
    authority = Authority(node)
    words = ["--carrier", "sip.example.test", "--carrier-ca", str(authority.file)]
    words += ("--carrier-match", "192.0.2.10", "--sip-tls-port", str(free_port()))
    async with written(telephone_city, node, monkeypatch, "tls", *words) as ami:
        found = await detail(ami)
        assert (found["Transport"], found["MediaEncryption"], found["MediaEncryptionOptimistic"]) == (
            "tls",
            "sdes",
            "false",
        )
        rows = await ami.listing("PJSIPShowEndpoint", Endpoint="trunk")
        aor = next(row for row in rows if row["Event"] == "AorDetail")
        assert "sip:sip.example.test:5061;transport=tls" in aor["Contacts"]
        transport = next(row for row in rows if row["Event"] == "TransportDetail")
        assert (transport["Protocol"], transport["VerifyServer"]) == ("tls", "Yes")
