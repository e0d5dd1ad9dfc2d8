"""A TURN client as a browser is one, over UDP, TCP or TLS (certificate and address checked), in a process of its own.

    python -m tests.support.turn_client HOW HOST PORT AUTHORITY NAME CREDENTIAL PEER PEER_PORT MESSAGES

Says how many of its messages came back from the peer, by RFC 8656: allocate, be asked who it is, permit, send. coturn's
own client (4.6.1) hangs in its TLS handshake at times.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import socket
import ssl
import struct
import sys
from collections.abc import Mapping

COOKIE = 0x2112A442
ALLOCATE, PERMIT, SEND, DATA = 0x0003, 0x0008, 0x0016, 0x0017
USERNAME, INTEGRITY, ERROR, PEER, CONTENT, REALM, NONCE, TRANSPORT = 6, 8, 9, 0x12, 0x13, 0x14, 0x15, 0x19
SECONDS = 4.0


class RefusedError(Exception):
    """The relay said no; the text is its code."""


class Client:
    """One allocation."""

    def __init__(self, how: str, host: str, port: int, authority: str) -> None:
        self._stream = how != "udp"
        if self._stream:
            line = socket.create_connection((host, port), timeout=SECONDS)
            if how == "tls":
                line = ssl.create_default_context(cafile=authority).wrap_socket(line, server_hostname=host)
        else:
            line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            line.settimeout(SECONDS)
            line.connect((host, port))
        self._line = line
        self._key = b""
        self._who: dict[int, bytes] = {}

    def allocate(self, name: str, credential: str) -> None:
        """Asked without a name first, as the relay tells its realm and nonce. Raises RefusedError, OSError."""
        wanted = {TRANSPORT: bytes([17, 0, 0, 0])}
        asked = self._ask(ALLOCATE, wanted)
        realm = asked[REALM]
        self._who = {USERNAME: name.encode(), REALM: realm, NONCE: asked[NONCE]}
        self._key = hashlib.md5(b":".join((name.encode(), realm, credential.encode()))).digest()
        _check(self._ask(ALLOCATE, wanted))

    def permit(self, peer: tuple[str, int]) -> None:
        """Raises RefusedError, OSError."""
        _check(self._ask(PERMIT, {PEER: _address(peer)}))

    def echoed(self, peer: tuple[str, int], text: bytes) -> bool:
        """Whether it came back."""
        self._send(SEND, {PEER: _address(peer), CONTENT: text}, sealed=False)
        try:
            while True:
                kind, attributes = self._receive()
                if kind == DATA and attributes[PEER] == _address(peer):
                    return attributes[CONTENT] == text
        except TimeoutError:
            return False

    def _ask(self, kind: int, attributes: Mapping[int, bytes]) -> Mapping[int, bytes]:
        self._send(kind, {**attributes, **self._who}, sealed=bool(self._key))
        return self._receive()[1]

    def _send(self, kind: int, attributes: Mapping[int, bytes], *, sealed: bool) -> None:
        body = b"".join(_attribute(*one) for one in attributes.items())
        length = len(body) + (24 if sealed else 0)
        message = struct.pack("!HHI", kind, length, COOKIE) + os.urandom(12) + body
        if sealed:
            message += _attribute(INTEGRITY, hmac.new(self._key, message, hashlib.sha1).digest())
        self._line.sendall(message)

    def _receive(self) -> tuple[int, Mapping[int, bytes]]:
        message = self._line.recv(2000) if not self._stream else self._exactly(20)
        if self._stream:
            message += self._exactly(struct.unpack("!H", message[2:4])[0])
        found: dict[int, bytes] = {}
        at = 20
        while at + 4 <= len(message):
            name, size = struct.unpack("!HH", message[at : at + 4])
            found[name] = message[at + 4 : at + 4 + size]
            at += 4 + size + -size % 4
        return struct.unpack("!H", message[:2])[0], found

    def _exactly(self, size: int) -> bytes:
        found = b""
        while len(found) < size:
            more = self._line.recv(size - len(found))
            if not more:
                raise RefusedError("closed")
            found += more
        return found


def _attribute(name: int, value: bytes) -> bytes:
    return struct.pack("!HH", name, len(value)) + value + bytes(-len(value) % 4)


def _address(peer: tuple[str, int]) -> bytes:
    host = struct.unpack("!I", socket.inet_aton(peer[0]))[0]
    return struct.pack("!BBHI", 0, 1, peer[1] ^ (COOKIE >> 16), host ^ COOKIE)


def _check(attributes: Mapping[int, bytes]) -> None:
    if ERROR in attributes:
        raise RefusedError(str(attributes[ERROR][2] * 100 + attributes[ERROR][3]))


def main(how: str, host: str, port: str, authority: str, name: str, credential: str, *rest: str) -> str:
    """How many came back, or why none did."""
    peer, messages = (rest[0], int(rest[1])), int(rest[2])
    try:
        client = Client(how, host, int(port), authority)
        client.allocate(name, credential)
        client.permit(peer)
    except RefusedError as error:
        return f"refused {error}"
    except OSError as error:
        return f"unreachable {type(error).__name__}"
    return f"{sum(client.echoed(peer, os.urandom(172)) for _ in range(messages))} of {messages}"


if __name__ == "__main__":
    print(main(*sys.argv[1:7], *sys.argv[7:]))
