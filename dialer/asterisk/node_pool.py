"""The nodes of one telephone system: which of them answer, what stands on which, and what becomes of one that is lost.

A node that is lost takes its channels with it: its waiting legs at once, so that nobody is joined to them, what else it
had as soon as nobody listens at its address any more, else after `GRACE`: the link may be cut and the talks go on.
A node that is drained gets no new calls and no new legs, and loses each leg once it waits.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from dialer.asterisk.places import Places
from dialer.asterisk.telephony import AsteriskTelephony
from dialer.asterisk.translate import kind_of
from dialer.domain.devices import in_browser
from dialer.domain.ids import ChannelId
from dialer.services.ports.clock import Clock
from dialer.services.ports.surveying import LeftSurvey
from dialer.services.ports.switching import TargetReady
from dialer.services.ports.telephony import (
    CallerArrived,
    ChannelKind,
    Dialed,
    Ended,
    EventSink,
    Joined,
    LeftCallback,
    LegIdle,
    LinkDown,
    LinkUp,
    ListenReady,
    Refused,
    TelephonyError,
    TelephonyEvent,
)
from dialer.services.tasks import Tasks

log = logging.getLogger(__name__)

T = TypeVar("T")

GRACE = 20.0
"""Seconds after which the calls of a node whose link is down count as over, while others work."""
_LOOK_EVERY = 0.25
_BROUGHT_WITHIN = 1.0
"""Seconds for a leg to stand beside a resident on another node; as a rule it takes some hundredths."""
_AGAIN_AFTER = 1.0
_HOME_WITHIN = 0.3
"""Seconds for a leg to be back home after its guest has ended; as a rule it takes some thousandths."""
_NOBODY_LISTENS = "ConnectionRefusedError"


class NodePool:
    """The nodes by name, in the order in which they are preferred when all is equal."""

    def __init__(
        self,
        nodes: Mapping[str, AsteriskTelephony],
        clock: Clock,
        *,
        grace: float = GRACE,
        draining: frozenset[str] = frozenset(),
        recording: frozenset[str] = frozenset(),
    ) -> None:
        """`recording`: nodes that record into the folder that this process reads; the others record nothing."""
        self.nodes = nodes
        self._clock = clock
        self._tasks = Tasks()
        self._grace = grace
        self.on_move: Callable[[str], None] = lambda _device: None
        """Told the device of a phone in a browser that should register anew, with another node."""
        self._sink: EventSink = _nowhere
        self._places = Places()
        self._ready: set[str] = set()  # told to the core, and counted on
        self._doubted: dict[str, float] = {}  # node -> since when (monotonic) its calls may or may not go on
        self._draining = draining
        self._recording = recording
        self._coming: dict[ChannelId, asyncio.Future[None]] = {}
        self._buried: dict[ChannelId, str] = {}  # told as ended without having been seen to end, and on which node
        self._callbacks: dict[LeftCallback, list[str]] = {}
        self._surveys: dict[LeftSurvey, list[str]] = {}
        self._devices: dict[ChannelId, str] = {}
        self.brought = 0
        """Legs that another node asked for, since the start."""

    # -- the nodes ----------------------------------------------------------------------------------------

    def start(self, sink: EventSink) -> None:
        """Connect to all; from now on every event goes to `sink`."""
        self._sink = sink
        for name, node in self.nodes.items():
            self._doubt(name)
            node.start(lambda event, name=name: self._on(name, event))

    async def stop(self) -> None:
        """Disconnect from all. Calls go on."""
        await asyncio.gather(*(node.stop() for node in self.nodes.values()))
        await self._tasks.stop()

    @property
    def up(self) -> bool:
        """True while a node answers and this process may act."""
        return any(self.nodes[name].up for name in self._ready)

    def states(self) -> Mapping[str, str]:
        """`up`, `draining`, `in doubt` (its link is down, its calls may go on) or `down`, by node."""
        return {name: self._state(name) for name in self.nodes}

    def _state(self, name: str) -> str:
        if name in self._doubted:
            return "in doubt"
        if name not in self._ready:
            return "down"
        return "draining" if name in self._draining else "up"

    def drain(self, names: frozenset[str]) -> None:
        """From now on these, and no others, are drained. Raises TelephonyError for unknown names, or all of them."""
        if names - self.nodes.keys() or not self.nodes.keys() - names:
            raise TelephonyError("names of nodes, and not all of them")
        self._draining = names
        for name in names & self._ready:
            for leg in self._places.waiting(name):
                self._move(leg, name)

    def node_for(self, phone: str) -> str | None:
        """The node with which a phone in a browser should register; the same as long as it can be. None: there is none.

        Of all nodes each phone has an order of its own, so that one that fails spreads its phones over all others.
        """
        return max(self._open(), key=lambda name: hashlib.sha256(f"{phone} {name}".encode()).digest(), default=None)

    def where(self, channel: ChannelId) -> tuple[str, str] | None:
        """The node that made a channel, and the one on which it meets others; None when not known."""
        home, place = self._places.home(channel), self._places.place(channel)
        return None if home is None or place is None else (home, place)

    def report(self) -> Sequence[tuple[str, str, int]]:
        """Name, state and number of channels of each node."""
        return [(name, state, len(self._places.homes(name))) for name, state in self.states().items()]

    def _open(self) -> list[str]:
        """Nodes that take new calls and legs."""
        return [name for name in self.nodes if name in self._ready and name not in self._draining]

    def _move(self, leg: ChannelId, name: str) -> None:
        """An idle leg of a drained node: its phone in a browser comes back on another one."""
        device = self._devices.get(leg, "")
        if in_browser(device):
            self._send_away(leg, name)
            self.on_move(device)

    # -- events -------------------------------------------------------------------------------------------

    def _on(self, name: str, event: TelephonyEvent) -> None:
        if isinstance(event, LinkUp):
            self._tasks.spawn("node-up", self._prepare_until_ready(name))
            return
        if isinstance(event, LinkDown):
            self._down(name, event.at)
            return
        if name in self._ready and not self._guest_told(name, event):
            self._note(name, event)
            self._sink(event)

    def _guest_told(self, name: str, event: TelephonyEvent) -> bool:
        """What a node tells of the beginning and the end of its guests is between the nodes."""
        match event:
            case LegIdle(leg=channel) | ListenReady(channel=channel) | TargetReady(channel=channel):
                foreign = self._places.foreign(channel, name)
                if foreign:
                    self._arrived(channel, name)
                return foreign or self._was_buried(channel, name)
            case Ended(channel=channel) | Refused(channel=channel):
                foreign = self._places.foreign(channel, name)
                if foreign:
                    self._places.leave(channel, name)
                    self._answer(channel, "not brought over")
                    if kind_of(channel) is ChannelKind.AGENT:
                        self._tasks.spawn("see-home", self._see_home(channel))
                return foreign
        return False

    def _arrived(self, channel: ChannelId, name: str) -> None:
        """A guest stands ready: for whoever asked for it, or after its talk."""
        self._places.visit(channel, name)
        if not self._answer(channel, ""):
            self._send_away(channel, name)

    async def _see_home(self, leg: ChannelId) -> None:
        """A guest has ended. Its other half goes home by itself, save when both had not quite met: then it is sent."""
        await asyncio.sleep(_HOME_WITHIN)
        home = self._places.home(leg)
        if home in self._ready and self._places.guest_at(leg) is None and not self._places.is_idle(leg):
            await quietly(self.nodes[home].send_home(leg))

    def _answer(self, channel: ChannelId, fault: str) -> bool:
        coming = self._coming.get(channel)
        if coming is None or coming.done():
            return False
        if fault:
            coming.set_exception(TelephonyError(fault))
        else:
            coming.set_result(None)
        return True

    def _was_buried(self, channel: ChannelId, name: str) -> bool:
        """A leg that was given up with its node and has outlived that: its phone has another by now."""
        if channel not in self._buried:
            return False
        self._send_away(channel, name)
        return True

    def _send_away(self, channel: ChannelId, name: str) -> None:
        self._tasks.spawn("send-away", quietly(self.nodes[name].hang_up(channel)))

    def _note(self, name: str, event: TelephonyEvent) -> None:
        now = self._clock.monotonic()
        match event:
            case LegIdle(leg=leg):
                self._places.settle(leg, name, now)
                self._places.idle(leg)
                if name in self._draining:
                    self._move(leg, name)
            case CallerArrived(channel=channel) | Dialed(channel=channel):
                self._places.settle(channel, name, now)
                self._places.out(channel)
            case Joined(channel=channel, leg=leg):
                self._places.joined(channel, leg)
            case Ended(channel=channel) | Refused(channel=channel):
                self._places.forget(channel)
                self._buried.pop(channel, None)
                self._devices.pop(channel, None)

    async def _prepare_until_ready(self, name: str) -> None:
        """As `_prepare`; again where something had no answer in time and the link is up all the same."""
        while True:
            if await self._prepare(name) or not self.nodes[name].link.up:
                return
            await asyncio.sleep(_AGAIN_AFTER)

    async def _prepare(self, name: str) -> bool:
        """A node is there (again): it learns what it missed, and the core hears of it. False: it did not answer."""
        node = self.nodes[name]
        try:
            await self._copy_accounts(name)
            self._ready.add(name)  # from here on its events count: the list may be older than they are
            found = {fact.channel for fact in await node.channels()}
        except TelephonyError as error:
            self._ready.discard(name)
            log.warning("node not ready node=%s reason=%s", name, error)
            return False
        self._places.listed(name, found, node.guests, self._clock.monotonic())
        self._doubted.pop(name, None)
        log.info("node up node=%s channels=%d", name, len(found))
        self._sink(LinkUp(at=self._clock.wall()))
        for leg in [leg for leg, node in self._buried.items() if node == name]:
            if leg in found:
                self._tasks.spawn("buried", quietly(self._dig_up(leg, name)))
            else:
                del self._buried[leg]
        return True

    async def _dig_up(self, leg: ChannelId, name: str) -> None:
        facts = {fact.channel: fact for fact in await self.nodes[name].channels()}
        if leg in facts and facts[leg].holding:
            await quietly(self.nodes[name].hang_up(leg))

    async def _copy_accounts(self, name: str) -> None:
        sources = [other for other in self._ready if other != name and self.nodes[other].up]
        if sources and self.nodes[name].up:
            await self.nodes[name].take_accounts(await self.nodes[sources[0]].accounts())

    def _down(self, name: str, at: float) -> None:
        was_ready = name in self._ready
        self._ready.discard(name)
        if not was_ready:
            return
        log.error("node lost node=%s", name)
        self._doubt(name)
        for channel in self._places.guests(name):
            self._places.leave(channel, name)
            self._answer(channel, "node lost")
            home = self._places.home(channel)
            if home in self._ready:  # it stands in a bridge with a channel that leads nowhere
                self._tasks.spawn("send-home", quietly(self.nodes[home].send_home(channel)))
        if not self._ready:
            self._sink(LinkDown(at=at))
            return
        for leg in self._places.waiting(name):
            self._bury(leg, name, at)

    def _doubt(self, name: str) -> None:
        self._doubted[name] = self._clock.monotonic()
        self._tasks.spawn("node-doubt", self._give_up(name))

    async def _give_up(self, name: str) -> None:
        """Wait until the node is back, or its calls are over, or so long that they count as over."""
        while name in self._doubted:
            gone = self.nodes[name].link.refusal == _NOBODY_LISTENS and not self.nodes[name].link.up
            late = self._clock.monotonic() - self._doubted[name] > self._grace
            if self._ready and (gone or late):
                del self._doubted[name]
                lost = self._places.homes(name)
                log.error("node given up node=%s channels=%d", name, len(lost))
                for channel in lost:
                    self._bury(channel, name, self._clock.wall())
                return
            await asyncio.sleep(_LOOK_EVERY)

    def _bury(self, channel: ChannelId, name: str, at: float) -> None:
        self._places.forget(channel)
        self._devices.pop(channel, None)
        self._buried[channel] = name
        self._sink(Ended(at=at, channel=channel, cause=0, sip_code=0))

    # -- where an order goes ------------------------------------------------------------------------------

    def _at(self, channel: ChannelId) -> tuple[str, AsteriskTelephony]:
        name = self._places.place(channel)
        if name is None or name not in self._ready:
            raise TelephonyError("no such channel" if name is None else "its node is down")
        return name, self.nodes[name]

    async def _everywhere(self, act: Callable[[AsteriskTelephony], Awaitable[T]]) -> list[T]:
        """Do it on every node that answers. Raises TelephonyError when there is none, or one answers with a refusal.

        What a node misses because it goes down meanwhile it is told when it is back.
        """
        names = [name for name in self.nodes if name in self._ready]
        answers = await asyncio.gather(*(act(self.nodes[name]) for name in names), return_exceptions=True)
        given: list[T] = []
        fault: BaseException | None = None if names else TelephonyError("no node answers")
        for name, answer in zip(names, answers, strict=True):
            if not isinstance(answer, BaseException):
                given.append(answer)
            elif not isinstance(answer, TelephonyError) or self.nodes[name].link.up:
                fault = answer
        if fault is None and not given:
            fault = TelephonyError("no node answers")
        if fault is not None:
            raise fault
        return given

    async def _bring(self, channel: ChannelId, to: str) -> None:
        """Make `channel` meet others on the node `to`."""
        home, place = self._places.home(channel), self._places.place(channel)
        if place == to:
            return
        if home is None or home not in self._ready:
            raise TelephonyError("no such channel" if home is None else "its node is down")
        if place is not None and place != home:
            await self.nodes[place].hang_up(channel)
            self._places.leave(channel, place)
        if to == home:
            return
        coming = self._coming.setdefault(channel, asyncio.get_running_loop().create_future())
        try:
            await self.nodes[to].bring(channel, home)
            async with asyncio.timeout(_BROUGHT_WITHIN):
                await coming
        except TimeoutError:
            self._send_away(channel, to)
            raise TelephonyError("not brought over in time") from None
        finally:
            self._coming.pop(channel, None)
        self.brought += 1


async def quietly(order: Awaitable[None]) -> None:
    """An order whose failing changes nothing: events or the next list tell what is."""
    try:
        await order
    except TelephonyError as error:
        log.info("not carried out reason=%s", error)


def _nowhere(_event: object) -> None:
    """The sink before `start`."""
