"""What changes on the floor, told to the screens: after the calls have been served, and several changes at once as one.

A resident's card goes to its agent alone. It was fetched while the phone still rang, and goes before all else at the
answer, while Asterisk still joins the two; with whoever is found later (a caller, a dial for anybody), at the join.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable

from dialer.domain.agent import Agent
from dialer.domain.call import Call, CallEvent
from dialer.domain.errors import NotFoundError
from dialer.domain.ids import AttemptId, UserId
from dialer.services.desk import AgentDesk
from dialer.services.floor import Floor, LiveCall
from dialer.services.ports.desk import FloorView, of_another
from dialer.services.ports.live import FLOOR, Publisher, user_topic
from dialer.services.tasks import Tasks

CardOf = Callable[[UserId, AttemptId], Awaitable[object]]


class Broadcast:
    """Listens to the floor, publishes to the feed."""

    def __init__(
        self,
        floor: Floor,
        desk: AgentDesk,
        feed: Publisher,
        tasks: Tasks,
        card_of: CardOf,
        *,
        settled: Callable[[Hashable], Awaitable[None]],
    ) -> None:
        """`settled`: returns once everything that has happened to this attempt so far stands in the database."""
        self._settled = settled
        self._floor = floor
        self._desk = desk
        self._feed = feed
        self._tasks = tasks
        self._card_of = card_of
        self._agents: dict[UserId, None] = {}
        self._calls: dict[AttemptId, LiveCall] = {}
        self._cards: dict[AttemptId, asyncio.Task[object]] = {}
        self._early: dict[AttemptId, UserId] = {}  # who has the card of a call that is not joined yet
        self._shown: set[AttemptId] = set()  # calls that the screens have been told of
        self._told: FloorView | None = None
        self._scheduled = False
        floor.listen(calls=self._call, agents=self._agent, sound=self._sound, ears=self._ears)

    def _agent(self, before: Agent, after: Agent, at: float) -> None:
        del before, at
        self._agents[after.user] = None
        self._schedule()

    def agent_changed(self, user: UserId) -> None:
        """Something of the agent that the floor does not hold: his messages."""
        self._agents[user] = None
        self._schedule()

    def _sound(self, live: LiveCall) -> None:
        if live.call.agent is not None:
            self._agents[live.call.agent] = None
            self._schedule()

    def _ears(self, live: LiveCall) -> None:
        self._calls[live.call.attempt] = live
        self._sound(live)

    def _call(self, live: LiveCall, event: CallEvent, at: float) -> None:
        del at
        call = live.call
        self._calls[call.attempt] = live
        if call.agent is not None and not call.direction.comes_in and event is CallEvent.DIALED:
            self._cards[call.attempt] = self._tasks.spawn("card", _awaited(self._card_of(call.agent, call.attempt)))
        if event is CallEvent.ANSWERED:
            self._answered(call)
        if event is CallEvent.JOINED and call.agent is not None:
            self._joined(call.agent, call.attempt)
        if not call.live:
            self._cards.pop(call.attempt, None)
            self._early.pop(call.attempt, None)
        self._schedule()

    def _answered(self, call: Call) -> None:
        """To whom the dial was for, unless he is no longer there for it: then the join tells who has it."""
        user = call.agent
        if user is not None and self._floor.agent(user).attempt == call.attempt and self._put(user, call.attempt):
            self._early[call.attempt] = user

    def _joined(self, user: UserId, attempt: AttemptId) -> None:
        if self._early.pop(attempt, None) != user and not self._put(user, attempt):
            self._tasks.spawn("show-card", self._show(user, attempt))

    def _put(self, user: UserId, attempt: AttemptId) -> bool:
        """Show the card in this very turn, before what is told of agents and calls; False: it is not at hand."""
        fetched = self._cards.get(attempt)
        if fetched is None or not fetched.done() or fetched.cancelled() or fetched.exception() is not None:
            return False
        del self._cards[attempt]
        self._feed.publish(user_topic(user), "card", fetched.result())
        return True

    async def _show(self, user: UserId, attempt: AttemptId) -> None:
        fetched = self._cards.pop(attempt, None)
        try:
            card = await fetched if fetched is not None else await self._card_of(user, attempt)
        except NotFoundError:  # a caller whose row is still on its way to the database
            await self._settled(attempt)
            card = await self._card_of(user, attempt)
        self._feed.publish(user_topic(user), "card", card)

    def _schedule(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._flush)

    def look(self) -> None:
        """Once a second: what no event tells. The links, what each campaign does and why, and calls taken over from an
        earlier owner, whom a screen that was opened meanwhile has not seen."""
        now, before = self._desk.standing(), self._told
        self._told = now
        if before is None or _links(before) != _links(now):
            self._feed.publish(FLOOR, "floor", self._desk.floor())
            self._shown = {live.call.attempt for live in self._floor.calls()}
            return
        for campaign in now.campaigns:
            if campaign not in before.campaigns:
                self._feed.publish(FLOOR, "campaign", campaign)
        current = {live.call.attempt for live in self._floor.calls()}
        for attempt in current - self._shown:
            live = self._floor.live(attempt)
            if live is not None:
                self._feed.publish(FLOOR, "call", self._desk.call_view(live))
        self._shown = current

    def _flush(self) -> None:
        self._scheduled = False
        agents, self._agents = self._agents, {}
        calls, self._calls = self._calls, {}
        for user in agents:
            view = self._desk.view(user)
            self._feed.publish(user_topic(user), "agent", view)
            self._feed.publish(FLOOR, "agent", of_another(view))
        for live in calls.values():
            now = self._floor.live(live.call.attempt) or live  # who was told of it first may have changed it
            self._feed.publish(FLOOR, "call", self._desk.call_view(now))
            self._shown.add(live.call.attempt)


async def _awaited(job: Awaitable[object]) -> object:
    return await job


def _links(floor: FloorView) -> tuple[bool, ...]:
    """What the whole floor hangs on."""
    return floor.link_up, floor.database_up, floor.stopped
