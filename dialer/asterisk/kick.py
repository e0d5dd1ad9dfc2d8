"""Ending another dialer's AMI session: after a take-over nothing that the last owner has on its way is carried out.

Asterisk knows only the command line for this, and the right to use that allows nearly everything. So a user of its own
has it, who can do nothing else, over a connection that lasts for a moment.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from dialer.asterisk.link import LinkSettings
from dialer.services.ports.telephony import TelephonyError

log = logging.getLogger(__name__)

_SHOWN = 15
"""Asterisk's table cuts users' names after so many characters."""


class Kicker:
    """Ends sessions."""

    def __init__(self, settings: LinkSettings) -> None:
        """`settings`: of the user who may give commands."""
        self._settings = settings

    def renew(self, settings: LinkSettings) -> None:
        """Use these from now on."""
        self._settings = settings

    async def end_sessions(self, user: str) -> int:
        """End every session of this AMI user; returns how many there were. Raises TelephonyError."""
        try:
            async with asyncio.timeout(self._settings.action_deadline):
                who = self._settings
                reader, writer = await asyncio.open_connection(who.host, who.port, ssl=who.context())
                try:
                    return await self._end(reader, writer, user)
                finally:
                    writer.transport.abort()
        except (OSError, EOFError, TimeoutError) as error:
            raise TelephonyError(f"sessions not ended: {type(error).__name__}") from error

    async def _end(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, user: str) -> int:
        await reader.readline()  # the greeting
        who = self._settings
        await _ask(reader, writer, "Login", Username=who.username, Secret=who.secret, Events="off")
        table = await _ask(reader, writer, "Command", Command="manager show connected")
        sessions = [row for row in map(str.split, table) if len(row) > 4 and row[0] == user[:_SHOWN]]
        for row in sessions:
            log.warning("the last owner's session is ended user=%s", user)
            await _ask(reader, writer, "Command", Command=f"manager kick session {int(row[4])}")
        return len(sessions)


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, action: str, **headers: str
) -> Sequence[str]:
    """Send one action; returns the lines of its output."""
    lines = [f"Action: {action}", *(f"{name}: {value}" for name, value in headers.items())]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    answer = (await reader.readuntil(b"\r\n\r\n")).decode("utf-8", "replace").split("\r\n")
    if "Response: Success" not in answer:
        raise TelephonyError(f"{action}: refused")
    return [line.removeprefix("Output: ") for line in answer if line.startswith("Output: ")]
