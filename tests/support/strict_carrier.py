"""A carrier that asks for a password: 401 first, then 486 (busy) to whoever proves himself, 403 to whoever does not.

Who registers is told 200 when he has proved himself.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from typing import Any

_FIELD = re.compile(r'(\w+)="?([^",]+)"?')
_COPIED = re.compile(r"(Via|From|Call-ID|CSeq):", re.IGNORECASE)


class StrictCarrier(asyncio.DatagramProtocol):
    """Answers INVITEs; remembers who proved himself and by which name he called. Says that it is there when asked."""

    def __init__(self, user: str, secret: str) -> None:
        self._user, self._secret = user, secret
        self.proven: list[str] = []
        self.registered: list[str] = []  # the contact lines of who registered
        self.refused = 0
        self._counted: set[str] = set()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        head = data.decode().split("\r\n\r\n", 1)[0].split("\r\n")
        if head[0].startswith("OPTIONS "):
            self._answer(head, address, 200)
        method, _, rest = head[0].partition(" ")
        if method not in ("INVITE", "REGISTER"):
            return
        given = next((line for line in head if line.lower().startswith("authorization:")), None)
        if given is None:
            self._answer(head, address, 401, 'WWW-Authenticate: Digest realm="carrier", nonce="0a1b2c3d4e5f"')
        elif not self._proves(given, method, rest.split(" ")[0]):
            self.refused += 1
            self._answer(head, address, 403)
        elif method == "REGISTER":
            contact = next(line for line in head if line.lower().startswith("contact:"))
            self.registered.append(contact)
            self._answer(head, address, 200, contact, "Expires: 300")
        else:
            said = next(line for line in head if line.lower().startswith("from:"))
            if given not in self._counted:  # who is not answered in time asks the same again
                self._counted.add(given)
                self.proven.append(said)
            self._answer(head, address, 486)

    def _proves(self, given: str, method: str, uri: str) -> bool:
        fields: dict[str, str] = dict(_FIELD.findall(given))
        who = _md5(f"{self._user}:carrier:{self._secret}")
        return fields["username"] == self._user and fields["response"] == _md5(
            f"{who}:0a1b2c3d4e5f:{_md5(f'{method}:{uri}')}"
        )

    def _answer(self, head: list[str], address: tuple[str, int], code: int, *more: str) -> None:
        to = next(line for line in head if line.lower().startswith("to:"))
        copied = [line for line in head if _COPIED.match(line)]
        lines = [f"SIP/2.0 {code} Strict", *copied, f"{to};tag=strict", *more, "Content-Length: 0"]
        self._transport.sendto(("\r\n".join(lines) + "\r\n\r\n").encode(), address)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
