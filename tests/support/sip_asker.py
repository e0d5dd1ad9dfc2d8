"""Whoever has an account's name and secret, at Asterisk itself: past the panel, past every session."""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
import socket as sockets
import ssl
from collections.abc import Awaitable, Callable

import aiohttp

_FIELD = re.compile(r'(\w+)="?([^",]+)"?')
_CODE = re.compile(r"SIP/2\.0 (\d{3}) ")


async def bindings(http_port: int, username: str, secret: str, domain: str) -> tuple[int, list[str]]:
    """Ask where this account's phone is: the answer's code, and the places. Changes nothing (no contact is given)."""
    async with (
        asyncio.timeout(30),
        aiohttp.ClientSession() as http,
        http.ws_connect(f"http://127.0.0.1:{http_port}/ws", protocols=("sip",)) as socket,
    ):
        call, uri = secrets.token_hex(8), f"sip:{domain}"
        await socket.send_str(_register(uri, username, call, 1))
        told = await _final(socket)
        challenge = dict(_FIELD.findall(_header(told, "WWW-Authenticate")))
        await socket.send_str(_register(uri, username, call, 2, _proof(challenge, username, secret, uri)))
        told = await _final(socket)
        return _code(told), re.findall(r"^Contact: *(.+?)\r?$", told, re.MULTILINE | re.IGNORECASE)


async def bindings_by_udp(port: int, username: str, secret: str, domain: str) -> int:
    """The code of the answer to the same over UDP, in the clear; 0: there was none within a second."""
    loop = asyncio.get_running_loop()
    with sockets.socket(sockets.AF_INET, sockets.SOCK_DGRAM) as line:
        line.setblocking(False)
        line.bind(("127.0.0.1", 0))
        line.connect(("127.0.0.1", port))

        async def ask(text: str) -> str:
            await loop.sock_sendall(line, text.encode())
            async with asyncio.timeout(1):
                return (await loop.sock_recv(line, 65_535)).decode()

        try:
            return _code(await _asked_twice(ask, "UDP", username, secret, domain))
        except TimeoutError:
            return 0


async def bindings_by_tls(port: int, username: str, secret: str, domain: str, authority: str) -> int:
    """The code of the answer to the same over TLS."""
    context = ssl.create_default_context(cafile=authority)
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="127.0.0.1")

    async def ask(text: str) -> str:
        writer.write(text.encode())
        async with asyncio.timeout(5):
            return (await reader.readuntil(b"\r\n\r\n")).decode()

    try:
        return _code(await _asked_twice(ask, "TLS", username, secret, domain))
    finally:
        writer.close()


async def _asked_twice(ask: Callable[[str], Awaitable[str]], over: str, username: str, secret: str, domain: str) -> str:
    call, uri = secrets.token_hex(8), f"sip:{domain}"
    told = await ask(_register(uri, username, call, 1, over=over))
    if _code(told) != 401:
        return told
    challenge = dict(_FIELD.findall(_header(told, "WWW-Authenticate")))
    return await ask(_register(uri, username, call, 2, _proof(challenge, username, secret, uri), over=over))


async def _final(socket: aiohttp.ClientWebSocketResponse) -> str:
    while True:
        message = await socket.receive()
        text = message.data.decode() if isinstance(message.data, bytes) else str(message.data)
        if _code(text) >= 200:
            return text


def _code(message: str) -> int:
    found = _CODE.match(message)
    return int(found[1]) if found else 0


def _header(message: str, name: str) -> str:
    return next((line.partition(":")[2] for line in message.splitlines() if line.startswith(f"{name}:")), "")


def _proof(challenge: dict[str, str], username: str, secret: str, uri: str) -> str:
    once, nonce = secrets.token_hex(8), challenge["nonce"]
    who, what = _md5(f"{username}:{challenge['realm']}:{secret}"), _md5(f"REGISTER:{uri}")
    proof = _md5(f"{who}:{nonce}:00000001:{once}:auth:{what}")
    fields = {
        "username": username, "realm": challenge["realm"], "nonce": nonce, "uri": uri, "response": proof,
        "cnonce": once,
    } | {name: challenge[name] for name in ("opaque",) if name in challenge}  # fmt: skip
    return "Digest " + ", ".join(f'{name}="{value}"' for name, value in fields.items()) + ", qop=auth, nc=00000001"


def _register(uri: str, username: str, call: str, number: int, proof: str = "", *, over: str = "WS") -> str:
    person = f"<{uri.replace('sip:', f'sip:{username}@')}>"
    lines = [
        f"REGISTER {uri} SIP/2.0", f"Via: SIP/2.0/{over} asker.invalid;rport;branch=z9hG4bK{secrets.token_hex(8)}",
        f"From: {person};tag=asker", f"To: {person}", f"Call-ID: {call}", f"CSeq: {number} REGISTER",
        "Max-Forwards: 70", *([f"Authorization: {proof}"] if proof else []), "Content-Length: 0",
    ]  # fmt: skip
    return "\r\n".join(lines) + "\r\n\r\n"


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
