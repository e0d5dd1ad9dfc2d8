"""The card reaches the agent's screen, also when the database is slower than the telephone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import pytest

from dialer.domain.agent import AgentEvent
from dialer.domain.call import CallEvent, CallState
from dialer.domain.errors import NotFoundError
from dialer.domain.ids import AttemptId, CampaignId, ChannelId, UserId
from dialer.services.broadcast import Broadcast
from dialer.services.floor import LiveCall
from dialer.services.ports.desk import AgentView, CampaignView, FloorView
from dialer.services.ports.live import FLOOR, user_topic
from tests.support.city import until
from tests.support.fake_desk import FakeDesk
from tests.support.floor import Centre, channel_of


class Feed:
    """Keeps what was published."""

    def __init__(self) -> None:
        self.cards: list[tuple[str, object]] = []
        self.calls: list[LiveCall] = []

    def publish(self, topic: str, kind: str, body: object) -> None:
        if kind == "card":
            self.cards.append((topic, body))
        elif isinstance(body, LiveCall):
            self.calls.append(body)


class Desk:
    """Shows nothing."""

    def view(self, user: UserId) -> AgentView:
        return FakeDesk().agent(user)

    def call_view(self, live: object) -> object:
        return live


class Standing(Desk):
    """Links and campaigns as they are put."""

    def __init__(self) -> None:
        self.now = FloorView(at=0.0, link_up=True, database_up=True, stopped=False, agents=(), calls=(), campaigns=())

    def standing(self) -> FloorView:
        return self.now

    def floor(self) -> FloorView:
        return replace(self.now, at=1.0)


class Told:
    """What screens of the floor were told, by kind."""

    def __init__(self) -> None:
        self.said: list[tuple[str, object]] = []

    def publish(self, topic: str, kind: str, body: object) -> None:
        if topic == FLOOR:
            self.said.append((kind, body))

    def new(self) -> list[tuple[str, object]]:
        said, self.said = self.said, []
        return said


@pytest.fixture
async def centre() -> AsyncIterator[Centre]:
    built = Centre()
    yield built
    await built.close()
    assert built.tasks.failed == 0


async def test_a_caller_whose_row_is_still_on_its_way_gets_a_card_all_the_same(centre: Centre) -> None:
    feed, committed, asked = Feed(), asyncio.Event(), 0
    waited: list[object] = []

    async def card_of(user: UserId, attempt: AttemptId) -> object:
        nonlocal asked
        asked += 1
        if not committed.is_set():
            raise NotFoundError("no such attempt")
        return attempt

    async def settled(*keys: object) -> None:
        waited.extend(keys)
        await committed.wait()

    Broadcast(centre.floor, Desk(), feed, centre.tasks, card_of, settled=settled)  # type: ignore[arg-type]  # what it asks of them
    user = await centre.agent(1)
    live = centre.caller("c1")
    centre.matcher.match()
    await until(lambda: asked > 0)
    assert feed.cards == []
    committed.set()
    await centre.settle()
    assert feed.cards == [(user_topic(user), live.call.attempt)]
    assert waited == [live.call.attempt]


async def test_a_residents_card_is_fetched_once_while_the_phone_rings(centre: Centre) -> None:
    feed, asked = Feed(), []

    async def card_of(user: UserId, attempt: AttemptId) -> object:
        asked.append(attempt)
        return attempt

    async def settled(*_: object) -> None:
        raise AssertionError("nothing to wait for")

    Broadcast(centre.floor, Desk(), feed, centre.tasks, card_of, settled=settled)  # type: ignore[arg-type]  # what it asks of them
    user = await centre.agent(1)
    attempt = await centre.dial(user)
    await centre.settle()
    assert (asked, feed.cards) == ([attempt], [])
    centre.telephony.answer(channel_of(attempt))
    await centre.settle()
    assert (asked, feed.cards) == ([attempt], [(user_topic(user), attempt)])


class Order:
    """What was published, and the state that the call had then."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self.said: list[tuple[str, CallState | None]] = []

    def publish(self, topic: str, kind: str, body: object) -> None:
        if topic == FLOOR:
            return
        live = next(iter(self._centre.floor.calls()), None)
        self.said.append((kind, None if live is None else live.call.state))


async def test_the_card_goes_with_the_answer_before_all_else_and_once(centre: Centre) -> None:
    feed = Order(centre)
    Broadcast(centre.floor, Desk(), feed, centre.tasks, _no_card, settled=_at_once)  # type: ignore[arg-type]  # what it asks of them
    attempt = await centre.dial(await centre.agent(1))
    await centre.settle()
    feed.said.clear()
    centre.telephony.answer(channel_of(attempt))
    await centre.settle()
    assert feed.said[0] == ("card", CallState.ANSWERED), "while the two are still being joined"
    assert [kind for kind, _ in feed.said] == ["card", "agent"]


async def test_who_is_no_longer_there_at_the_answer_is_shown_nobody(centre: Centre) -> None:
    feed = Feed()
    Broadcast(centre.floor, Desk(), feed, centre.tasks, _no_card, settled=_at_once)  # type: ignore[arg-type]  # what it asks of them
    user = await centre.agent(1)
    attempt = await centre.dial(user)
    await centre.settle()
    centre.floor.act(user, AgentEvent.RELEASE, centre.clock.wall())
    centre.floor.act(user, AgentEvent.OFF_DUTY, centre.clock.wall())
    live = centre.floor.live(attempt)
    assert live is not None
    live = centre.floor.advance(live, CallEvent.ANSWERED, centre.clock.wall())
    assert live is not None
    assert feed.cards == []
    other = await centre.agent(2)
    centre.floor.advance(centre.floor.amend(live, agent=other), CallEvent.JOINED, centre.clock.wall())
    await centre.settle()
    assert feed.cards == [(user_topic(other), attempt)], "whoever has it in the end"


async def test_a_card_that_could_not_be_had_while_it_rang_is_asked_for_again(centre: Centre) -> None:
    feed, asked = Feed(), 0

    async def card_of(user: UserId, attempt: AttemptId) -> object:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise NotFoundError("not yet")
        return attempt

    Broadcast(centre.floor, Desk(), feed, centre.tasks, card_of, settled=_at_once)  # type: ignore[arg-type]  # what it asks of them
    user = await centre.agent(1)
    attempt = await centre.dial(user)
    await centre.settle()
    centre.telephony.answer(channel_of(attempt))
    await centre.settle()
    assert feed.cards == [(user_topic(user), attempt)]
    centre.tasks.failed = 0  # the first, which was meant


async def test_what_somebody_else_made_of_a_change_is_what_the_screens_get(centre: Centre) -> None:
    """Who is told of a call's change first may change the call: the screens get it as it is now."""
    feed = Feed()

    def marks(live: LiveCall, _event: CallEvent, _at: float) -> None:
        now = centre.floor.live(live.call.attempt)
        if now is not None:
            centre.floor.amend(now, info=replace(now.info, silent=True))

    async def card_of(user: UserId, attempt: AttemptId) -> object:
        return attempt

    async def settled(*_: object) -> None:
        return None

    centre.floor.listen(calls=marks)
    Broadcast(centre.floor, Desk(), feed, centre.tasks, card_of, settled=settled)  # type: ignore[arg-type]  # what it asks of them
    await centre.dial(await centre.agent(1))
    await centre.settle()
    await asyncio.sleep(0)
    assert feed.calls[-1].info.silent


async def test_what_no_event_tells_is_told_each_second_when_it_changed(centre: Centre) -> None:
    desk, feed = Standing(), Told()
    broadcast = Broadcast(centre.floor, desk, feed, centre.tasks, _no_card, settled=_at_once)  # type: ignore[arg-type]  # what it asks of them
    broadcast.look()
    assert feed.new() == [("floor", desk.floor())], "at first everything"
    broadcast.look()
    assert feed.new() == []
    waits = CampaignView(
        campaign=CampaignId(UUID(int=1)),
        state="running",
        owned=False,
        in_window=True,
        reason="not_owned",
        started_last=0,
    )
    desk.now = replace(desk.now, campaigns=(waits,))
    broadcast.look()
    assert feed.new() == [("campaign", waits)]
    dials = replace(waits, owned=True, reason="")
    desk.now = replace(desk.now, campaigns=(dials,), at=5.0)
    broadcast.look()
    assert feed.new() == [("campaign", dials)]
    desk.now = replace(desk.now, database_up=False)
    broadcast.look()
    assert feed.new() == [("floor", desk.floor())], "an alarm is not to wait for the next log-in"


async def test_a_call_that_was_taken_over_is_shown_to_who_looked_on_before(centre: Centre) -> None:
    desk, feed = Standing(), Told()
    broadcast = Broadcast(centre.floor, desk, feed, centre.tasks, _no_card, settled=_at_once)  # type: ignore[arg-type]  # what it asks of them
    broadcast.look()
    attempt = await centre.dial(await centre.agent(1))
    await centre.settle()
    live = centre.floor.live(attempt)
    assert live is not None
    feed.new()
    broadcast.look()
    assert feed.new() == [], "its own events told of it"
    adopted = replace(live, call=replace(live.call, attempt=AttemptId(UUID(int=7)), channel=ChannelId("x")))
    centre.floor.add(adopted)  # no event: it was there before us
    broadcast.look()
    assert feed.new() == [("call", adopted)]
    broadcast.look()
    assert feed.new() == []


async def _no_card(user: UserId, attempt: AttemptId) -> object:
    return attempt


async def _at_once(*_: object) -> None:
    return None
