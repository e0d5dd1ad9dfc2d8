"""Agents' standing legs: rung when duty begins, rung again when one dies, and heard.

*Joined is not heard*: an agent whose phone sends no RTP counts as not free, whatever the signalling says.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from dialer.domain.agent import Agent, AgentState, LegState
from dialer.domain.devices import in_browser
from dialer.domain.ids import ChannelId, UserId
from dialer.services.floor import Floor
from dialer.services.ports.clock import Clock
from dialer.services.ports.telephony import LegOrder, Telephony, TelephonyError
from dialer.services.tasks import Tasks

log = logging.getLogger(__name__)

_LISTEN_EVERY = 1.0
_LISTEN_SOON = 0.15
_LEGS_AT_ONCE = 100
"""Legs asked for in one breath: a thousand answers at once would hold up the calls' events."""
_EARLY = 0.02
_SILENT_AFTER = 2.0
"""Seconds without a new packet before a leg counts as silent; a talking phone sends 50 a second."""
_MUSIC_AFTER = 4.0
"""Seconds without a packet from a phone in a browser, which sends all the time, until its leg is ended in mid-call: the
resident hears music meanwhile, and ten seconds are left to come back. A phone of one's own may be silent by design."""
_MUSIC_SOON = 1.5
"""The same where the phone's line has ended too: no drop of the network, the browser is gone."""
_CLOSELY_FOR = 10.0
"""Seconds for which a leg that fell silent is listened to closely."""
_RING_WAITS = (0.5, 1.0, 2.0, 4.0, 8.0)
_LOST_RING = 25.0
"""Seconds after which a ring that brought neither a leg nor an end is forgotten and tried anew."""


@dataclass(slots=True)
class _Sound:
    packets: int = 0
    heard_at: float = 0.0  # monotonic, of the last look that found new packets
    looked_at: float = -1000.0  # monotonic
    doubted: bool = False  # the phone's line has ended

    def listen_every(self, now: float) -> float:
        """Seconds from one look to the next: close while it is new, or has just fallen silent."""
        fell_silent = self.looked_at > self.heard_at and now - self.heard_at < _CLOSELY_FOR
        return _LISTEN_SOON if self.packets == 0 or fell_silent else _LISTEN_EVERY


class Legs:
    """Keeps one live leg per agent on duty."""

    def __init__(
        self,
        floor: Floor,
        telephony: Telephony,
        clock: Clock,
        tasks: Tasks,
        *,
        new_id: Callable[[], str],
        on_free: Callable[[], None],
    ) -> None:
        self._floor = floor
        self._telephony = telephony
        self._clock = clock
        self._tasks = tasks
        self._new_id = new_id
        self._on_free = on_free
        self._failures: dict[UserId, int] = {}
        self._next_ring: dict[UserId, float] = {}
        self._rung: dict[ChannelId, UserId] = {}  # rings that brought nothing yet
        self._sound: dict[ChannelId, _Sound] = {}
        self._soon = asyncio.Event()

    def wanted(self, agent: Agent) -> bool:
        """True when the agent should have a leg."""
        return agent.state is not AgentState.OFF and bool(agent.device)

    def ring(self, user: UserId) -> None:
        """Ring the softphone now, unless a leg is there or on its way."""
        agent = self._floor.agent(user)
        if agent.leg is not LegState.NONE or not self.wanted(agent) or not self._telephony.up:
            return
        leg = ChannelId(f"leg.{user.hex}.{self._new_id()}")
        now = self._clock.monotonic()
        self._next_ring[user] = now + _LOST_RING
        self._rung[leg] = user
        self._floor.set_leg(user, self._clock.wall(), leg=LegState.CALLING, channel=leg, hears=False)
        self._tasks.spawn("ring-agent", self._ring(user, LegOrder(leg=leg, device=agent.device)))

    async def _ring(self, user: UserId, order: LegOrder) -> None:
        try:
            await self._telephony.ring_agent(order)
        except TelephonyError as error:
            log.warning("agent not rung user=%s reason=%s", user, error)
            self.lost(order.leg)

    def changed(self, leg: ChannelId, state: LegState) -> None:
        """The tracker saw the leg come or go."""
        self._answered(leg)
        if state is LegState.IDLE:
            owner = self._floor.agent_of_leg(leg)
            if owner is not None:
                self._failures.pop(owner.user, None)
                self._next_ring.pop(owner.user, None)
            if leg not in self._sound:
                self._sound[leg] = _Sound()
                self._soon.set()
        else:
            self._sound.pop(leg, None)
            self.keep()  # a resident may be waiting for this leg

    def _answered(self, leg: ChannelId) -> None:
        """A ring has ended. One that was refused is tried again soon: the phone may just be about to register."""
        user = self._rung.pop(leg, None)
        if user is not None:
            wait = _RING_WAITS[min(self._failures.get(user, 0), len(_RING_WAITS) - 1)]
            self._next_ring[user] = min(self._next_ring.get(user, 0.0), self._clock.monotonic() + wait)

    def lost(self, leg: ChannelId) -> None:
        """A ring failed without an event of its own."""
        self._answered(leg)
        agent = self._floor.agent_of_leg(leg)
        if agent is not None:
            self._floor.set_leg(agent.user, self._clock.wall(), leg=LegState.NONE, channel=None, hears=False)

    def keep(self) -> None:
        """Called about once a second: ring again who lost a leg, with a growing pause; drop legs of who went off."""
        now = self._clock.monotonic()
        for agent in self._floor.agents():
            if agent.leg is LegState.NONE and self.wanted(agent):
                if now >= self._next_ring.get(agent.user, 0.0):
                    failures = self._failures.get(agent.user, 0)
                    self._failures[agent.user] = failures + 1
                    self.ring(agent.user)
                    self._next_ring[agent.user] = now + _RING_WAITS[min(failures, len(_RING_WAITS) - 1)]
            elif agent.leg is LegState.CALLING and now >= self._next_ring.get(agent.user, 0.0) + _LOST_RING:
                self._floor.set_leg(agent.user, self._clock.wall(), leg=LegState.NONE, channel=None, hears=False)
            elif agent.leg is LegState.IDLE and agent.state is AgentState.OFF and agent.leg_channel is not None:
                self._tasks.spawn("drop-leg", self._drop(agent.leg_channel))

    def let_go(self, user: UserId) -> None:
        """End the leg, whatever it stands in: it leads to a phone that is the agent's no more. A new one is rung."""
        leg = self._floor.agent(user).leg_channel
        if leg is not None:
            self._tasks.spawn("drop-leg", self._drop(leg))

    def doubt(self, user: UserId, doubted: bool) -> None:
        """Whether the line of the agent's phone in a browser is gone: silence then means the phone is gone too."""
        sound = self._sound.get(self._floor.agent(user).leg_channel or ChannelId(""))
        if sound is not None:
            sound.doubted = doubted

    async def _drop(self, leg: ChannelId) -> None:
        try:
            await self._telephony.hang_up(leg)
        except TelephonyError as error:
            log.warning("leg not dropped reason=%s", error)

    async def run(self) -> None:
        """Listen to every leg, for ever."""
        while True:
            if self._telephony.up:
                await self._listen()
            young = any(sound.packets == 0 for sound in self._sound.values())
            try:
                async with asyncio.timeout(_LISTEN_SOON if young else _LISTEN_EVERY / 4):
                    await self._soon.wait()
            except TimeoutError:
                continue
            self._soon.clear()
            await asyncio.sleep(_LISTEN_SOON / 3)  # the first packets need a moment

    def _due(self, now: float) -> list[ChannelId]:
        """Legs to listen to now: those not heard yet or no more at every look, the others once a second."""
        return [leg for leg, sound in self._sound.items() if now - sound.looked_at >= sound.listen_every(now) - _EARLY]

    async def _listen(self) -> None:
        due = self._due(self._clock.monotonic())
        for place in range(0, len(due), _LEGS_AT_ONCE):
            some = due[place : place + _LEGS_AT_ONCE]
            try:
                counted = await self._telephony.packets_received(some)
            except TelephonyError:
                return  # the link is going: its own event tells
            now = self._clock.monotonic()
            for leg in some:
                sound = self._sound.get(leg)
                if sound is None:
                    continue
                sound.looked_at = now
                if counted.get(leg, 0) > sound.packets:
                    sound.packets, sound.heard_at = counted[leg], now
                if leg in counted:  # else it is going: its own event tells
                    self._heard(leg, sound, now)

    def _heard(self, leg: ChannelId, sound: _Sound, now: float) -> None:
        agent = self._floor.agent_of_leg(leg)
        if agent is None:
            self._sound.pop(leg, None)
            return
        hears = sound.packets > 0 and now - sound.heard_at < _SILENT_AFTER
        if hears != agent.hears:
            log.info("agent sound user=%s heard=%s", agent.user, hears)
            self._floor.set_leg(agent.user, self._clock.wall(), leg=agent.leg, channel=agent.leg_channel, hears=hears)
            if hears:
                self._on_free()
        gone = sound.packets > 0 and now - sound.heard_at >= (_MUSIC_SOON if sound.doubted else _MUSIC_AFTER)
        if gone and agent.leg is LegState.IN_CALL and in_browser(agent.device):
            self.let_go(agent.user)
