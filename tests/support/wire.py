"""What whoever sits on the line sees: every packet of loopback, by a packet socket. Needs root."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType

_ALL, _UDP, _TCP, _LINK = 3, 17, 6, 14
_BUFFER = 8 << 20
ABLE = os.geteuid() == 0 and hasattr(socket, "AF_PACKET")


@dataclass(frozen=True, slots=True)
class Packet:
    """From port to port."""

    udp: bool
    source: int
    target: int
    payload: bytes


class Wire:
    """Listens from entering to leaving."""

    def __init__(self) -> None:
        self.packets: list[Packet] = []

    async def __aenter__(self) -> Wire:
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ALL))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self._socket.bind(("lo", 0))
        self._socket.setblocking(False)
        asyncio.get_running_loop().add_reader(self._socket, self._read)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()

    def streams(self, low: int, high: int) -> Mapping[tuple[int, int], bytes]:
        """What followed RTP's head, by source and target, of what went to or from these UDP ports."""
        found: defaultdict[tuple[int, int], bytes] = defaultdict(bytes)
        for packet in self.packets:
            here = low <= packet.source <= high or low <= packet.target <= high
            if packet.udp and here and len(packet.payload) > 100 and packet.payload[0] >> 6 == 2:  # not its reports
                found[packet.source, packet.target] += packet.payload[12:]
        return found

    def _read(self) -> None:
        for _ in range(200):
            try:
                frame, address = self._socket.recvfrom(65_535)
            except BlockingIOError:
                return
            if address[2] == socket.PACKET_OUTGOING:  # each passes loopback twice
                continue
            packet = _parsed(frame[_LINK:])
            if packet is not None:
                self.packets.append(packet)


def _parsed(packet: bytes) -> Packet | None:
    if len(packet) < 20 or packet[0] >> 4 != 4 or packet[9] not in (_UDP, _TCP):
        return None
    inner = packet[(packet[0] & 15) * 4 : struct.unpack("!H", packet[2:4])[0]]
    if len(inner) < (20 if packet[9] == _TCP else 8):
        return None
    source, target = struct.unpack("!HH", inner[:4])
    head = 8 if packet[9] == _UDP else (inner[12] >> 4) * 4
    return Packet(packet[9] == _UDP, source, target, inner[head:])
