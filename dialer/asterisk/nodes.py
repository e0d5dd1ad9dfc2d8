"""Several Asterisk nodes as one telephone system: the port `Telephony` over one adapter a node.

Agents' phones are spread over the nodes; a call leaves from the node of the agent whom it is for, or from the one with
most agents free. Where a resident and an agent who meet stand on two nodes, the resident's node asks the other one for
the agent's leg (`bring`): a channel of the same id comes about beside the resident, and from there on everything that
is done with a call (hold, transfer, listening in) happens on that one node. Afterwards the guest is sent away, and the
leg goes home by itself.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from dialer.asterisk.node_pool import NodePool
from dialer.asterisk.telephony import MOVABLE, AsteriskTelephony
from dialer.asterisk.translate import kind_of
from dialer.domain.devices import in_browser
from dialer.domain.ids import ChannelId
from dialer.domain.listening import ListenMode
from dialer.services.ports.surveying import LeftSurvey, SurveyOrder
from dialer.services.ports.switching import TargetOrder
from dialer.services.ports.telephony import (
    CallerRoute,
    ChannelFact,
    DialOrder,
    LeftCallback,
    LegOrder,
    TelephonyError,
    TellOrder,
)

T = TypeVar("T")


class AsteriskNodes(NodePool):
    """Each order goes to the node where it is to happen; what all must know goes to all."""

    async def dial(self, order: DialOrder) -> None:
        """From the node of the agent whom it is for; else from where most agents wait."""
        near = None if order.near is None else self._places.home(order.near)
        open_ = self._open()
        name = near if near in open_ else self._places.roomiest(open_)
        if name is None:
            raise TelephonyError("no node takes calls")
        channel = ChannelId(str(order.attempt))
        self._places.settle(channel, name, self._clock.monotonic())
        self._places.out(channel)
        try:
            await self.nodes[name].dial(order)
        except TelephonyError:
            self._places.forget(channel)  # should it have left all the same, its first event tells where it is
            raise

    async def test_call(self, number: str, caller_id: str, trunk: str, sounds: str) -> None:
        """From any node."""
        name = self._places.roomiest(self._open())
        if name is None:
            raise TelephonyError("no node takes calls")
        await self.nodes[name].test_call(number, caller_id, trunk, sounds)

    async def ring_agent(self, order: LegOrder) -> None:
        """On the node with which the phone is registered; of several, one that takes new legs."""
        name = await self._node_with(order.device)
        if name in self._draining and in_browser(order.device):
            self.on_move(order.device)
            raise TelephonyError("its node is drained")
        self._places.settle(order.leg, name, self._clock.monotonic())
        self._devices[order.leg] = order.device
        await self.nodes[name].ring_agent(order)

    async def ring_listener(self, channel: ChannelId, device: str) -> None:
        """On the node with which the phone is registered."""
        name = await self._node_with(device)
        self._places.settle(channel, name, self._clock.monotonic())
        await self.nodes[name].ring_listener(channel, device)

    async def _node_with(self, device: str) -> str:
        names = sorted(self._ready, key=lambda name: name in self._draining)
        if not names:
            raise TelephonyError("no node answers")
        known = await asyncio.gather(*(self.nodes[name].knows_phone(device) for name in names), return_exceptions=True)
        with_it = [name for name, there in zip(names, known, strict=True) if there is True]
        return with_it[0] if with_it else names[0]  # rung in vain there: its end says why

    async def join(self, channel: ChannelId, leg: ChannelId, *, mark: bool) -> None:
        """On the node of the resident; the leg is brought there. Without one, on the node of the leg."""
        stays, comes = (leg, channel) if kind_of(channel) in MOVABLE else (channel, leg)
        name, node = self._at(stays)
        await self._bring(comes, name)
        try:
            await node.join(channel, leg, mark=mark)
        except TelephonyError:
            if self._places.guest_at(comes) == name:
                self._send_away(comes, name)
            raise

    async def hold(self, channel: ChannelId, leg: ChannelId) -> None:
        """Where both are."""
        await self._at(channel)[1].hold(channel, leg)

    async def ring_target(self, order: TargetOrder) -> None:
        """From the node of the call that may go there."""
        near = None if order.near is None else self._places.place(order.near)
        name = near if near in self._ready else self._places.roomiest(self._open())
        if name is None:
            raise TelephonyError("no node takes calls")
        self._places.settle(order.target, name, self._clock.monotonic())
        await self.nodes[name].ring_target(order)

    async def gather(self, channel: ChannelId, leg: ChannelId) -> None:
        """On the node of `channel`."""
        name, node = self._at(channel)
        await self._bring(leg, name)
        await node.gather(channel, leg)

    async def send_home(self, leg: ChannelId) -> None:
        """A guest is sent away, and its other half goes home by itself."""
        guest_at = self._places.guest_at(leg)
        if guest_at is None or guest_at not in self._ready:
            await self._at(leg)[1].send_home(leg)
        else:
            await self.nodes[guest_at].hang_up(leg)

    async def ring_tone(self, leg: ChannelId) -> None:
        """Where it meets others."""
        await self._at(leg)[1].ring_tone(leg)

    async def release(self, channel: ChannelId) -> None:
        """Where it is."""
        await self._at(channel)[1].release(channel)

    async def tell(self, order: TellOrder) -> None:
        """Where the conversation is."""
        await self._at(order.channel)[1].tell(order)

    async def hear(self, channel: ChannelId, target: ChannelId, mode: ListenMode) -> None:
        """On the node of `target`; the listener is brought there. Of a call that is over nothing is heard."""
        name = self._places.place(target) or self._at(channel)[0]
        if self._places.place(channel) != name:
            await self._bring(channel, name)
        await self.nodes[name].hear(channel, target, mode)

    async def hang_up(self, channel: ChannelId, cause: int = 16) -> None:
        """At home: a guest ends with it. One of which nothing is known is looked for everywhere."""
        home = self._places.home(channel)
        if home is not None and home in self._ready:
            await self.nodes[home].hang_up(channel, cause)
        elif home is None:
            await self._everywhere(lambda node: node.hang_up(channel, cause))
        else:
            raise TelephonyError("its node is down")

    async def route_caller(self, route: CallerRoute) -> None:
        """Where the caller is."""
        await self._at(route.channel)[1].route_caller(route)

    async def begin_survey(self, order: SurveyOrder) -> None:
        """Where the resident is."""
        await self._at(order.channel)[1].begin_survey(order)

    async def end_survey(self, channel: ChannelId) -> None:
        """Where the resident is; over already is no error."""
        if self._places.place(channel) is not None:
            await self._at(channel)[1].end_survey(channel)

    async def begin_recording(self, channel: ChannelId, received: str, sent: str) -> None:
        """Where the resident is, if what is written there can be read, and deleted, here."""
        name, node = self._at(channel)
        if name not in self._recording:
            raise TelephonyError("its node is on another machine and records nothing")
        await node.begin_recording(channel, received, sent)

    async def end_recording(self, channel: ChannelId) -> None:
        """Where the resident is; a channel that is gone records nothing."""
        if self._places.place(channel) is not None:
            await self._at(channel)[1].end_recording(channel)

    async def channels(self) -> Sequence[ChannelFact]:
        """Of all nodes; a guest's fact goes before that of its other half. Raises while a node is in doubt."""
        if self._doubted and self._ready:
            raise TelephonyError(f"nobody knows yet what became of {', '.join(self._doubted)}")
        names = [name for name in self.nodes if name in self._ready]
        if not names:
            raise TelephonyError("no node answers")
        lists = await asyncio.gather(*(self.nodes[name].channels() for name in names))
        facts: dict[ChannelId, ChannelFact] = {}
        guests: dict[ChannelId, ChannelFact] = {}
        for name, found in zip(names, lists, strict=True):
            there = self.nodes[name].guests
            self._places.listed(name, [fact.channel for fact in found], there, self._clock.monotonic())
            for fact in found:
                (guests if fact.channel in there else facts)[fact.channel] = fact
        return [guests.get(channel, fact) for channel, fact in facts.items()]

    async def packets_received(self, legs: Sequence[ChannelId]) -> Mapping[ChannelId, int]:
        """As each node counts its own; what stands on a node that does not answer is left out."""
        if not self._ready:
            raise TelephonyError("no node answers")
        by_node: defaultdict[str, list[ChannelId]] = defaultdict(list)
        for leg in legs:
            home = self._places.home(leg)
            if home in self._ready and home is not None:
                by_node[home].append(leg)
        answers = await asyncio.gather(
            *(self.nodes[name].packets_received(some) for name, some in by_node.items()), return_exceptions=True
        )
        counted: dict[ChannelId, int] = {}
        for answer in answers:
            if not isinstance(answer, BaseException):
                counted |= answer
            elif not isinstance(answer, TelephonyError):
                raise answer
        return counted

    async def set_device(self, device: str, secret: str, *, browser: bool = False) -> None:
        """On every node: a phone may register with any."""
        await self._everywhere(lambda node: node.set_device(device, secret, browser=browser))

    async def remove_device(self, device: str) -> None:
        """From every node."""
        await self._everywhere(lambda node: node.remove_device(device))

    async def name_client(self, dialed: str, sounds: str) -> None:
        """To every node."""
        await self._everywhere(lambda node: node.name_client(dialed, sounds))

    async def name_overflow(self, dialed: str, sounds: str, back: str) -> None:
        """To every node."""
        await self._everywhere(lambda node: node.name_overflow(dialed, sounds, back))

    async def forget_number(self, dialed: str) -> None:
        """To every node."""
        await self._everywhere(lambda node: node.forget_number(dialed))

    async def alive(self) -> None:
        """To every node."""
        await self._everywhere(lambda node: node.alive())

    async def open_line(self, line: str, trunk: str) -> None:
        """On every node."""
        await self._everywhere(lambda node: node.open_line(line, trunk))

    async def has_line(self, line: str) -> bool:
        """Whether every node has it."""
        return all(await self._everywhere(lambda node: node.has_line(line)))

    async def keeps(self) -> bool:
        """Whether every node keeps what it is told."""
        return all(await self._everywhere(lambda node: node.keeps()))

    async def mark_owner(self, owner: str) -> None:
        """On every node."""
        await self._everywhere(lambda node: node.mark_owner(owner))

    async def owner(self) -> str:
        """What the nodes say; where they differ, one that names another than the first: a take-over has begun."""
        names = [name for name in await self._everywhere(lambda node: node.owner()) if name]
        first = next(iter(names), "")
        return next((name for name in names if name != first), first)

    async def collect_callbacks(self) -> Sequence[LeftCallback]:
        """Of all nodes."""
        self._callbacks = await self._kept(lambda node: node.collect_callbacks())
        return list(self._callbacks)

    async def forget_callback(self, request: LeftCallback) -> None:
        """On the nodes that have it."""
        for name in self._callbacks.get(request, list(self._ready)):
            if name in self._ready:
                await self.nodes[name].forget_callback(request)

    async def collect_surveys(self) -> Sequence[LeftSurvey]:
        """Of all nodes."""
        self._surveys = await self._kept(lambda node: node.collect_surveys())
        return list(self._surveys)

    async def forget_survey(self, left: LeftSurvey) -> None:
        """On the nodes that have it."""
        for name in self._surveys.get(left, list(self._ready)):
            if name in self._ready:
                await self.nodes[name].forget_survey(left)

    async def _kept(self, ask: Callable[[AsteriskTelephony], Awaitable[Sequence[T]]]) -> dict[T, list[str]]:
        kept: defaultdict[T, list[str]] = defaultdict(list)
        for name in [name for name in self.nodes if name in self._ready]:
            for one in await ask(self.nodes[name]):
                kept[one].append(name)
        return dict(kept)
