"""The part of the port in which a call goes from one to another: redirects between places of the dialplan."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from dialer.asterisk.forms import NAME, NUMBER, matching
from dialer.asterisk.link import Headers
from dialer.asterisk.tolls import Tolls
from dialer.asterisk.translate import TARGET_PREFIX
from dialer.domain.ids import ChannelId
from dialer.services.ports.switching import TargetOrder
from dialer.services.ports.telephony import TelephonyError

_GUARD_SECONDS = 5
"""Asterisk's own ring limit lies this much above ours, for the case that we die while it rings."""


class SwitchingActions:
    """AMI actions; what happened is told by events."""

    _tolls: Tolls
    _act: Callable[[str, Mapping[str, str | Sequence[str]]], Awaitable[Headers]]

    async def hold(self, channel: ChannelId, leg: ChannelId) -> None:
        """Both in one action: neither is alone with the dialplan's next step in between."""
        await self._act(
            "Redirect",
            {
                "Channel": channel,
                "Context": "hold",
                "Exten": "s",
                "Priority": "1",
                "ExtraChannel": leg,
                "ExtraContext": "consult",
                "ExtraExten": "s",
                "ExtraPriority": "1",
            },
        )

    async def ring_target(self, order: TargetOrder) -> None:
        """A call out of the client's number; the far end learns nothing else."""
        if not order.target.startswith(TARGET_PREFIX):
            raise TelephonyError("not the name of a target")
        target = matching(NAME, order.target)
        self._tolls.take(matching(NUMBER, order.number), target=True)
        await self._act(
            "Originate",
            {
                "Channel": f"PJSIP/{matching(NUMBER, order.number)}@{matching(NAME, order.trunk)}",
                "ChannelId": target,
                "ActionID": target,
                "Account": target,
                "Context": "transfer",
                "Exten": "s",
                "Priority": "1",
                "CallerID": f"<{matching(NUMBER, order.caller_id)}>",
                "Timeout": str(int((order.ring_seconds + _GUARD_SECONDS) * 1000)),
                "Async": "true",
            },
        )

    async def gather(self, channel: ChannelId, leg: ChannelId) -> None:
        """The dialplan adds the resident to the bridge of the agent's leg."""
        await self._act("Setvar", {"Channel": channel, "Variable": "DIALER_MEETS", "Value": matching(NAME, leg)})
        await self._redirect(channel, "together")

    async def send_home(self, leg: ChannelId) -> None:
        """Out of whatever bridge, to where standing legs wait."""
        await self._redirect(leg, "agent")

    async def ring_tone(self, leg: ChannelId) -> None:
        """The place in which a leg waits while somebody is rung."""
        await self._redirect(leg, "consult")

    async def release(self, channel: ChannelId) -> None:
        """As if the agent's leg had died."""
        await self._redirect(channel, "lost")

    async def _redirect(self, channel: ChannelId, context: str) -> None:
        await self._act("Redirect", {"Channel": channel, "Context": context, "Exten": "s", "Priority": "1"})
