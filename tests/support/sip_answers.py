"""A SIP peer that answers every INVITE with the code its number asks for: for codes that no Asterisk sends.

`…CCCnn` as in the town's special numbers: `+316099CCCnn` at once, `+316098CCCnn` after a 180.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any

_NUMBER = re.compile(r"sip:\+31609([89])(\d{3})\d\d@")


class SipAnswers(asyncio.DatagramProtocol):
    """Answers; remembers the codes it sent."""

    def __init__(self) -> None:
        self.sent: list[int] = []

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        head = data.decode().split("\r\n\r\n", 1)[0].split("\r\n")
        method = head[0].split(" ", 1)[0]
        if method == "INVITE" and (found := _NUMBER.search(head[0])):
            if found[1] == "8":
                self._answer(head, address, 180)
                asyncio.get_running_loop().call_later(0.3, self._answer, head, address, int(found[2]))
            else:
                self._answer(head, address, int(found[2]))

    def _answer(self, head: list[str], address: tuple[str, int], code: int) -> None:
        self.sent.append(code)
        copied = [line for line in head if re.match(r"(Via|From|Call-ID|CSeq):", line, re.IGNORECASE)]
        to = next(line for line in head if line.lower().startswith("to:"))
        extra = []
        if code in (401, 407):
            name = "WWW-Authenticate" if code == 401 else "Proxy-Authenticate"
            extra.append(f'{name}: Digest realm="odd", nonce="0123456789"')
        lines = [f"SIP/2.0 {code} Odd", *copied, f"{to};tag=odd", *extra, "Content-Length: 0"]
        self._transport.sendto(("\r\n".join(lines) + "\r\n\r\n").encode(), address)
