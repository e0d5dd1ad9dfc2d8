"""A list of channels that is older than the events which overtook it changes nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import pytest

from dialer.domain.agent import AgentEvent, AgentState, LegState
from dialer.domain.call import CallState
from dialer.domain.ids import AttemptId, ChannelId
from dialer.services import reconcile
from dialer.services.ports.telephony import ChannelFact, TelephonyEvent
from dialer.services.reconcile import Reconciler
from tests.support.floor import Centre


@pytest.fixture
async def centre(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Centre]:
    monkeypatch.setattr(reconcile, "_SECOND_LOOK", 0.0)
    centre = Centre()
    yield centre
    await centre.close()


class Slow:
    """The list of channels is made, then something happens, then the list arrives."""

    def __init__(self, centre: Centre) -> None:
        self._list = centre.telephony.channels
        self.meanwhile: list[Callable[[], Awaitable[object]]] = []
        self.asked = 0
        centre.telephony.channels = self  # type: ignore[method-assign]  # in the port's place

    async def __call__(self) -> Sequence[ChannelFact]:
        self.asked += 1
        facts = await self._list()
        if self.meanwhile:
            await self.meanwhile.pop(0)()
        return facts


def reconciler(centre: Centre) -> Reconciler:
    return Reconciler(
        centre.floor,
        centre.tracker,
        centre.telephony,
        centre.ledger,  # type: ignore[arg-type]  # not asked here
        centre.clock,
        listeners=centre.listening.compare,
        person_within=lambda _: 2.0,
    )


def state(centre: Centre, attempt: AttemptId) -> CallState:
    return centre.floor.call(attempt).call.state


async def test_a_join_that_overtakes_the_list_is_no_lost_agent(centre: Centre) -> None:
    ann, ben = await centre.agent(1), await centre.agent(2)
    attempt = await centre.dial(ann)
    leg = centre.floor.agent(ann).leg_channel
    assert leg is not None
    slow = Slow(centre)

    async def joined() -> None:
        centre.telephony.answer(ChannelId(str(attempt)))
        await centre.settle()

    slow.meanwhile.append(joined)
    assert await reconciler(centre).put_right()
    await centre.settle()
    assert state(centre, attempt) is CallState.JOINED
    assert centre.floor.agent(ann).state is AgentState.TALKING
    assert centre.floor.agent(ann).leg is LegState.IN_CALL
    assert centre.floor.agent(ben).state is AgentState.AVAILABLE


async def test_a_dial_that_overtakes_the_list_has_not_vanished(centre: Centre) -> None:
    ann = await centre.agent(1)
    slow = Slow(centre)
    attempts: list[AttemptId] = []

    async def dialled() -> None:
        centre.clock.pass_time(5.0)
        attempts.append(await centre.dial(ann))

    slow.meanwhile.append(dialled)
    assert await reconciler(centre).put_right()
    assert state(centre, attempts[0]) is CallState.DIALING
    assert centre.floor.agent(ann).state is AgentState.RESERVED


async def test_a_leg_that_came_back_meanwhile_stays_free(centre: Centre) -> None:
    ann = await centre.agent(1)
    attempt = await centre.dial(ann)
    centre.telephony.answer(ChannelId(str(attempt)))
    await centre.settle()
    assert centre.floor.agent(ann).leg is LegState.IN_CALL
    slow = Slow(centre)

    async def ended() -> None:
        centre.telephony.end(ChannelId(str(attempt)))

    slow.meanwhile.append(ended)
    assert await reconciler(centre).put_right()
    assert centre.floor.agent(ann).leg is LegState.IDLE
    assert slow.asked == 1, "nothing was in doubt"


async def test_an_end_whose_event_is_on_its_way_keeps_its_cause(centre: Centre) -> None:
    ann = await centre.agent(1)
    attempt = await centre.dial(ann)
    channel = ChannelId(str(attempt))
    centre.clock.pass_time(5.0)
    held: list[TelephonyEvent] = []
    deliver = centre.telephony.sink
    centre.telephony.sink = held.append
    centre.telephony.end(channel, cause=17, sip_code=486)
    centre.telephony.sink = deliver
    slow = Slow(centre)

    async def nothing() -> None:
        pass

    async def told() -> None:
        deliver(held.pop())

    slow.meanwhile += [nothing, told]
    assert await reconciler(centre).put_right()
    await centre.settle()
    assert [(end.result, end.counted) for end in centre.ledger.ends] == [("BUSY", True)]


async def test_what_two_lists_deny_is_over(centre: Centre) -> None:
    ann = await centre.agent(1)
    attempt = await centre.dial(ann)
    channel, leg = ChannelId(str(attempt)), centre.floor.agent(ann).leg_channel
    assert leg is not None
    centre.telephony.ring(channel)
    centre.telephony._channels.clear()
    slow = Slow(centre)
    assert await reconciler(centre).put_right()
    await centre.settle()
    assert slow.asked == 2
    assert [(end.result, end.counted) for end in centre.ledger.ends] == [("FAILED", False)]
    assert centre.floor.agent(ann).state is AgentState.AVAILABLE
    assert centre.floor.agent(ann).leg_channel != leg


async def test_what_two_lists_deny_is_over_also_when_it_changes_all_the_while(centre: Centre) -> None:
    ann, ben = await centre.agent(1), await centre.agent(2)
    attempt = await centre.dial(ann)
    centre.telephony.answer(ChannelId(str(attempt)))
    centre.telephony._channels.pop(ChannelId(str(attempt)))
    slow = Slow(centre)

    async def another_agent() -> None:
        live = centre.floor.live(attempt)
        assert live is not None
        centre.floor.amend(live, agent=ben if live.call.agent == ann else ann)

    slow.meanwhile += [another_agent, another_agent]
    assert await reconciler(centre).put_right()
    assert centre.floor.live(attempt) is None


async def test_a_conversation_that_lost_its_agent_unseen_is_rescued(centre: Centre) -> None:
    ann, ben = await centre.agent(1), await centre.agent(2)
    attempt = await centre.dial(ann)
    centre.telephony.answer(ChannelId(str(attempt)))
    await centre.settle()
    leg = centre.floor.agent(ann).leg_channel
    assert leg is not None
    deliver = centre.telephony.sink
    centre.telephony.sink = lambda event: None
    centre.telephony.end(leg)
    centre.telephony.sink = deliver
    assert await reconciler(centre).put_right()
    centre.matcher.match()
    await centre.settle()
    assert state(centre, attempt) is CallState.JOINED
    assert centre.floor.call(attempt).call.agent == ben


async def test_an_agent_reserved_for_a_claim_that_never_came_is_free_again(centre: Centre) -> None:
    ann = await centre.agent(1)
    centre.floor.act(ann, AgentEvent.RESERVE, centre.clock.wall())
    assert await reconciler(centre).put_right()
    assert centre.floor.agent(ann).state is AgentState.RESERVED, "the claim may be on its way"
    centre.clock.pass_time(11.0)
    assert await reconciler(centre).put_right()
    assert centre.floor.agent(ann).state is AgentState.AVAILABLE
