"""A telephone system that is only its manager interface: a real TCP server that speaks AMI, with people who ring.

It answers the actions that `dialer.asterisk` sends and sends the events that Asterisk sends, header for header
(`tests/unit/test_ami_server.py` holds them against captures of the real one). No SIP, no sound: for thousands of
channels, where only the dialer is measured. `tests/contract/test_telephony.py` holds it to the real Asterisk.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import cast

from tests.support.ami_server_calls import Action, Calls, Channel, Fate, Pairs, header, message, shown

_PACKETS = 50  # a second, from a phone that sends


class AmiServer:
    """One telephone system on a port. `fate` says what becomes of a call to a number."""

    def __init__(self, fate: Callable[[str], Fate], users: Mapping[str, str]) -> None:
        self.users = users
        self.sessions: set[Session] = set()
        self.calls = Calls(fate, self._tell)
        self._server: asyncio.Server | None = None

    async def start(self, port: int = 0) -> int:
        """Listen on loopback; returns the port."""
        self._server = await asyncio.get_running_loop().create_server(lambda: Session(self), "127.0.0.1", port)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """All calls and connections are gone."""
        self.calls.stop()
        for session in list(self.sessions):
            session.close()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def _tell(self, event: bytes) -> None:
        for session in self.sessions:
            session.offer(event)


class Session(asyncio.Protocol):
    """One AMI connection."""

    def __init__(self, server: AmiServer) -> None:
        self._server, self._calls = server, server.calls
        self._in = b""
        self._out: list[bytes] = []
        self._transport: asyncio.Transport | None = None
        self._trusted = False
        self._handlers: Mapping[str, Callable[[Action], None]] = {
            "ping": lambda action: self._answer(action, ("Ping", "Pong"), ("Timestamp", f"{time.time():.6f}")),
            "originate": self._originate,
            "bridge": self._bridge,
            "hangup": self._hangup,
            "redirect": self._redirect,
            "setvar": self._setvar,
            "getvar": self._getvar,
            "dbput": self._dbput,
            "dbget": self._dbget,
            "dbdel": self._dbdel,
            "dbgettree": self._dbgettree,
            "coreshowchannels": self._channels,
        }

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance
        self._transport.write(b"Asterisk Call Manager/11.0.0\r\n")

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.sessions.discard(self)
        self._transport = None

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def offer(self, message: bytes) -> None:
        """An event, or a part of an answer; what comes in one turn of the loop goes in one write."""
        if not self._out:
            asyncio.get_running_loop().call_soon(self._flush)
        self._out.append(message)

    def _flush(self) -> None:
        out, self._out = self._out, []
        if self._transport is not None:
            self._transport.write(b"".join(out))

    def data_received(self, data: bytes) -> None:
        *frames, self._in = (self._in + data).split(b"\r\n\r\n")
        for frame in frames:
            action: dict[str, list[str]] = {}
            for line in frame.decode().split("\r\n"):
                key, _, value = line.partition(":")
                action.setdefault(key.strip().lower(), []).append(value.strip())
            self._take(action)

    def _take(self, action: Action) -> None:
        name = header(action, "Action").lower()
        if name == "login":
            self._login(action)
        elif not self._trusted:
            self._refuse(action, "Permission denied")
        elif name in self._handlers:
            self._handlers[name](action)
        else:
            self._refuse(action, f"Invalid/unknown command: {name}.")

    def _login(self, action: Action) -> None:
        if self._server.users.get(header(action, "Username")) != header(action, "Secret"):
            self._refuse(action, "Authentication failed")
            return
        self._trusted = True
        self._answer(action, ("Message", "Authentication accepted"))
        self.offer(
            b"Event: FullyBooted\r\nPrivilege: system,all\r\nUptime: 9\r\nLastReload: 9\r\nStatus: Fully Booted\r\n\r\n"
        )
        self._server.sessions.add(self)

    def _answer(self, action: Action, *pairs: tuple[str, str], response: str = "Success") -> None:
        self.offer(message([("Response", response), ("ActionID", header(action, "ActionID")), *pairs]))

    def _refuse(self, action: Action, why: str) -> None:
        self._answer(action, ("Message", why), response="Error")

    def _find(self, action: Action, name: str = "Channel") -> Channel | None:
        wanted = header(action, name)
        found = self._calls.channels.get(wanted)
        return found or next((c for c in self._calls.channels.values() if c.name == wanted), None)

    def _originate(self, action: Action) -> None:
        self._answer(action, ("Message", "Originate successfully queued"))
        self._calls.originate(action)

    def _bridge(self, action: Action) -> None:
        first, second = self._find(action, "Channel1"), self._find(action, "Channel2")
        for place, channel in (("1", first), ("2", second)):
            if channel is None:
                self._refuse(action, f"Channel{place} does not exist: {header(action, 'Channel' + place)}")
                return
        assert first is not None
        assert second is not None
        self._answer(action, ("Message", "Channels have been bridged"))
        self._calls.join(first, second)

    def _hangup(self, action: Action) -> None:
        channel = self._find(action)
        if channel is None:
            self._refuse(action, "No such channel")
            return
        self._answer(action, ("Message", "Channel Hungup"))
        cause = header(action, "Cause")
        self._calls.hang_up(channel, int(cause) if cause.isdigit() else 16)

    def _redirect(self, action: Action) -> None:
        channel = self._find(action)
        if channel is None:
            self._refuse(action, "Channel does not exist")
            return
        more = self._find(action, "ExtraChannel") if header(action, "ExtraChannel") else None
        if header(action, "ExtraChannel") and more is None:
            self._refuse(action, "ExtraChannel does not exist")
            return
        self._answer(action, ("Message", "Redirect successful"))
        if more is not None:
            self._calls.apart(channel, more)
        self._calls.redirect(channel, header(action, "Context"), header(action, "Exten"))
        if more is not None:
            self._calls.redirect(more, header(action, "ExtraContext"), header(action, "ExtraExten"))

    def _setvar(self, action: Action) -> None:
        variables = self._calls.globals
        if header(action, "Channel"):
            channel = self._find(action)
            if channel is None:
                self._refuse(action, "No such channel")
                return
            variables = channel.variables
        variables[header(action, "Variable")] = header(action, "Value")
        self._answer(action, ("Message", "Variable Set"))

    def _getvar(self, action: Action) -> None:
        name, value = header(action, "Variable"), ""
        if header(action, "Channel"):
            channel = self._find(action)
            if channel is None:
                self._refuse(action, "No such channel")
                return
            value = channel.variables.get(name, "")
            if name.startswith("CHANNEL(rtcp,rxcount") and channel.state == "6":
                value = str(int((asyncio.get_running_loop().time() - channel.up_at) * _PACKETS))
        else:
            value = self._calls.globals.get(name, "")
        self._answer(action, ("Variable", name), ("Value", value))

    def _dbput(self, action: Action) -> None:
        self._calls.database.setdefault(header(action, "Family"), {})[header(action, "Key")] = header(action, "Val")
        self._answer(action, ("Message", "Updated database successfully"))

    def _dbget(self, action: Action) -> None:
        family, key = header(action, "Family"), header(action, "Key")
        value = self._calls.database.get(family, {}).get(key)
        if value is None:
            self._refuse(action, "Database entry not found")
            return
        self._list(
            action, "DBGetResponse", "DBGetComplete", [[("Family", family), ("Key", key), ("Val", value)]],
            "Result will follow",
        )  # fmt: skip

    def _dbdel(self, action: Action) -> None:
        if self._calls.database.get(header(action, "Family"), {}).pop(header(action, "Key"), None) is None:
            self._refuse(action, "Database entry not found")
            return
        self._answer(action, ("Message", "Key deleted successfully"))

    def _dbgettree(self, action: Action) -> None:
        family = header(action, "Family")
        rows = self._calls.database.get(family, {})
        found = [[("Key", f"/{family}/{key}"), ("Val", value)] for key, value in rows.items()]
        self._list(action, "DBGetTreeResponse", "DBGetTreeComplete", found, "Result will follow")

    def _channels(self, action: Action) -> None:
        now = asyncio.get_running_loop().time()
        rows = [
            [
                *shown(channel),
                ("Application", ""),
                ("ApplicationData", ""),
                ("Duration", time.strftime("%H:%M:%S", time.gmtime(now - channel.began))),
                ("BridgeId", "" if channel.bridge is None else channel.bridge.uniqueid),
            ]
            for channel in self._calls.channels.values()
        ]
        self._list(action, "CoreShowChannel", "CoreShowChannelsComplete", rows, "Channels will follow")

    def _list(self, action: Action, name: str, last: str, rows: Sequence[Pairs], words: str) -> None:
        key = header(action, "ActionID")
        self._answer(action, ("EventList", "start"), ("Message", words))
        for row in rows:
            self.offer(message([("Event", name), ("ActionID", key), *row]))
        end = [("Event", last), ("ActionID", key), ("EventList", "Complete"), ("ListItems", str(len(rows)))]
        self.offer(message(end))
