"""The part of the port that records: MixMonitor of the resident's channel, one file for each direction."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence

from dialer.asterisk.link import Headers
from dialer.domain.ids import ChannelId
from dialer.services.ports.telephony import TelephonyError

_PATH = re.compile(r"(?:/[0-9A-Za-z][0-9A-Za-z._-]*)+\.alaw")


class RecordingActions:
    """AMI actions. Whether sound arrives is seen in the files alone: Asterisk says yes to a place that is not there."""

    _act: Callable[[str, Mapping[str, str | Sequence[str]]], Awaitable[Headers]]

    async def begin_recording(self, channel: ChannelId, received: str, sent: str) -> None:
        """`S`: where one side brings no sound, silence keeps both in step."""
        for path in (received, sent):
            if not _PATH.fullmatch(path):
                raise TelephonyError("MixMonitor: not a place for a recording")
        await self._act("MixMonitor", {"Channel": channel, "File": "", "Options": f"Sr({received})t({sent})"})

    async def end_recording(self, channel: ChannelId) -> None:
        """Also where nothing is recorded; a channel that is gone records nothing."""
        try:
            await self._act("StopMixMonitor", {"Channel": channel})
        except TelephonyError as error:
            if "no such channel" not in str(error).lower():
                raise
