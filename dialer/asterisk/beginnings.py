"""Residents who have answered and whose dialplan has not begun: a moment, longer on a busy machine.

Asterisk tells the answer before the channel's dialplan runs. Whoever is joined in between is hung up by Asterisk when
the agent is lost: it knows no next step to go on with. A join waits until the first step is told.
"""

from __future__ import annotations

import asyncio

from dialer.asterisk.link import Headers
from dialer.asterisk.translate import kind_of
from dialer.domain.ids import ChannelId
from dialer.services.ports.telephony import ChannelKind

_UP = "6"
_AT_MOST = 0.1
"""Seconds. A resident who hears nothing is worse than one who would be cut off should the agent be lost."""


class Beginnings:
    """What a node's events say of it."""

    def __init__(self) -> None:
        self._awaited: dict[ChannelId, asyncio.Event] = {}

    def see(self, headers: Headers) -> bool:
        """One AMI event. True: it says nothing else."""
        channel, event = ChannelId(headers.get("Uniqueid", "")), headers.get("Event")
        match event:
            case "Newstate" if headers.get("ChannelState") == _UP:
                if kind_of(channel, headers.get("AccountCode", "")) is ChannelKind.RESIDENT:
                    self._awaited.setdefault(channel, asyncio.Event())
            case "Newexten" | "Hangup":
                self._over(channel)
        return event == "Newexten"

    def forget(self) -> None:
        """The link was lost, and with it what would have been told."""
        for channel in list(self._awaited):
            self._over(channel)

    async def begun(self, channel: ChannelId) -> None:
        """Returns when the dialplan of `channel` has begun, or after a tenth of a second. At once for any other."""
        awaited = self._awaited.get(channel)
        if awaited is None:
            return
        try:
            async with asyncio.timeout(_AT_MOST):
                await awaited.wait()
        except TimeoutError:
            self._over(channel)

    def _over(self, channel: ChannelId) -> None:
        awaited = self._awaited.pop(channel, None)
        if awaited is not None:
            awaited.set()
