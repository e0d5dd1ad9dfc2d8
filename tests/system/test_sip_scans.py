"""Strangers at the telephone's door: floods, guesses and rubbish do nothing but stand in the log, by address."""

from __future__ import annotations

import asyncio
import re
import socket
import subprocess
import uuid
from collections.abc import Sequence
from pathlib import Path

import pytest

from dialer.asterisk.link import LinkSettings
from dialer.asterisk.telephony import AsteriskTelephony
from dialer.clock import SystemClock
from dialer.demo.asterisk_server import enter_root
from dialer.demo.processes import free_port
from dialer.demo.town_plan import special
from dialer.domain.ids import AttemptId
from dialer.services.ports.telephony import DialOrder, TelephonyError
from tests.support.city import CLIENT, TelephoneCity, until
from tests.support.prometheus import ROOT
from tests.support.raw_ami import RawAmi

pytestmark = pytest.mark.system

RUBBISH = (
    b"", b"\x00" * 900, b"\xff\xfe" * 700, b"INVITE", b"INVITE sip:x SIP/2.0\r\n\r\n", b"REGISTER \r\n" * 200,
    b"INVITE sip:+31790000001@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP " + b"a" * 4000 + b"\r\n\r\n",
    b"INVITE sip:a SIP/2.0\r\nContent-Length: 99999999\r\n\r\nx",
    b"INVITE sip:%00%ff SIP/2.0\r\nVia: x\r\nCSeq: -1\r\n\r\n",
    b"SIP/2.0 200 OK\r\nCSeq: 1 INVITE\r\n\r\n", b"OPTIONS sip:a SIP/9.9\r\n" + b"X: " + b"y" * 30000 + b"\r\n\r\n",
)  # fmt: skip


def sipp(city: TelephoneCity, *words: str) -> None:
    """To its end. That its calls fail is what is asked for."""
    assert city.root is not None
    command = enter_root(city.root, (), ["/usr/bin/sipp", *words, f"127.0.0.1:{city.instance.sip_port}"])
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode in (0, 1), done.stdout[-500:] + done.stderr[-500:]
    assert done.returncode == 1, "a stranger's call got through"


def registers(port: int, names: int) -> None:
    """A flood of registrations: names and passwords that somebody guesses."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind(("127.0.0.1", 0))
        own = sender.getsockname()[1]
        for number in range(names):
            lines = (
                "REGISTER sip:127.0.0.1 SIP/2.0",
                f"Via: SIP/2.0/UDP 127.0.0.1:{own};branch=z9hG4bK{uuid.uuid4().hex}",
                f"From: <sip:{1000 + number}@127.0.0.1>;tag={number}", f"To: <sip:{1000 + number}@127.0.0.1>",
                f"Call-ID: {uuid.uuid4()}", "CSeq: 1 REGISTER", f"Contact: <sip:x@127.0.0.1:{own}>",
                f'Authorization: Digest username="{1000 + number}", realm="asterisk", nonce="x", uri="sip:127.0.0.1", '
                'response="00000000000000000000000000000000"', "Max-Forwards: 70", "Expires: 300", "Content-Length: 0",
            )  # fmt: skip
            sender.sendto(("\r\n".join(lines) + "\r\n\r\n").encode(), ("127.0.0.1", port))


def rubbish(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for _ in range(20):
            for packet in RUBBISH:
                sender.sendto(packet, ("127.0.0.1", port))


def barred(line: str) -> str | None:
    """Whom fail2ban would shut out for this line, by our filter."""
    text = (ROOT / "deploy" / "fail2ban" / "filter-dialer-asterisk.conf").read_text()
    pattern = re.search(r"^failregex = (.+)$", text, re.MULTILINE)
    assert pattern is not None
    found = re.search(pattern[1].replace("<HOST>", r"(?P<host>[0-9a-fA-F.:]+)"), line)
    return found["host"] if found else None


def kinds_of(lines: Sequence[str]) -> set[str]:
    """What Asterisk calls that which it logged."""
    return {match[1] for line in lines if (match := re.search(r'SecurityEvent="(\w+)"', line))}


async def works(city: TelephoneCity, ami: RawAmi, place: int) -> None:
    """A dial of ours is answered as ever."""
    attempt = await city.dial(ami, special("200", place))
    await city.answered(ami, attempt)
    await ami.action("Hangup", Channel=attempt)
    await ami.wait_for("Hangup", Uniqueid=attempt)


async def test_scans_do_nothing_but_stand_in_the_log(telephone_city: TelephoneCity) -> None:
    city = telephone_city
    log = Path(city.instance.folders.log) / "security.log"
    async with city.ami() as ami:
        await city.name_client(ami)
        await works(city, ami, 60)
        began = len(log.read_text()) if log.exists() else 0
        made = len(ami.all_of("Newchannel"))
        for called in ("00441234567890", "+31790000001", "100"):  # abroad, our own number, somebody's phone
            await asyncio.to_thread(
                sipp, city, "-sn", "uac", "-r", "100", "-m", "100", "-s", called, "-p", str(free_port()),
                "-recv_timeout", "2000", "-nostdin",
            )  # fmt: skip
        await asyncio.to_thread(registers, city.instance.sip_port, 500)
        await asyncio.to_thread(rubbish, city.instance.sip_port)
        await until(lambda: log.exists() and len(log.read_text()) > began, what="it is logged")
        await works(city, ami, 61)
        assert len(ami.all_of("Newchannel")) == made + 1, "no call came of it but ours"
        assert not [row for row in await ami.listing("PJSIPShowContacts") if "x@127.0.0.1" in str(row)]
        assert not await ami.listing("DBGetTree", Family="registrar")
        assert not ami.all_of("UserEvent", UserEvent="CallerArrived"), "our own number is the carrier's to ring"

    def scans() -> list[str]:
        return [line for line in log.read_text()[began:].splitlines() if barred(line)]

    await until(
        lambda: len(scans()) > 100 and bool(kinds_of(scans()) & {"InvalidAccountID", "ChallengeResponseFailed"})
    )
    lines, attempts = log.read_text()[began:].splitlines(), scans()
    assert {barred(line) for line in attempts} == {"127.0.0.1"}
    # Who belongs here is not shut out: our own session, and the carrier.
    assert all(barred(line) is None for line in lines if "SuccessfulAuth" in line)


async def test_a_stranger_gets_nothing_out_of_the_manager(telephone_city: TelephoneCity) -> None:
    city = telephone_city
    log = Path(city.instance.folders.log) / "security.log"
    began = len(log.read_text()) if log.exists() else 0
    reader, writer = await asyncio.open_connection("127.0.0.1", city.instance.ami_port)
    try:
        await reader.readline()
        writer.write(b"Action: Originate\r\nChannel: PJSIP/+31600000001@trunk\r\n\r\n")
        assert b"Error" in await reader.readuntil(b"\r\n\r\n")
        writer.write(b"Action: Login\r\nUsername: dialer\r\nSecret: guess\r\n\r\n")
        assert b"Authentication failed" in await reader.readuntil(b"\r\n\r\n")
    finally:
        writer.transport.abort()
    await until(lambda: log.exists() and any(barred(line) for line in log.read_text()[began:].splitlines()))


async def test_abroad_no_call_leaves(telephone_city: TelephoneCity) -> None:
    city = telephone_city
    telephony = AsteriskTelephony(
        LinkSettings(port=city.instance.ami_port, username=city.ami_user[0], secret=city.ami_user[1]), SystemClock()
    )
    telephony.start(lambda _event: None)
    try:
        await until(lambda: telephony.up)
        async with city.ami() as ami:
            for number in ("+447911123456", "+1900555123", "+882991234"):
                order = DialOrder(
                    attempt=AttemptId(uuid.uuid4()), number=number, caller_id="+31790000000", ring_seconds=20.0,
                    trunk="trunk", sounds=CLIENT,
                )  # fmt: skip
                with pytest.raises(TelephonyError, match="destination"):
                    await telephony.dial(order)
                with pytest.raises(TelephonyError, match="destination"):
                    await telephony.test_call(number, "+31790000000", "trunk", CLIENT)
            await works(city, ami, 62)
            assert len(ami.all_of("Newchannel")) == 1
        assert telephony.barred == 6
    finally:
        await telephony.stop()
