"""A caller is answered, or has a task: nobody is left with neither."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest

from dialer.domain.agent import AgentEvent, AgentState
from dialer.domain.call import CallState
from dialer.domain.errors import NotFoundError
from dialer.domain.ids import CampaignId, CaseId, ClientId, DeliveryId, UserId
from dialer.domain.overflow import OverflowLine
from dialer.domain.skills import Abilities
from dialer.schedule.windows import Calendar
from dialer.services.inbound import Inbound
from dialer.services.matching import LANGUAGE_WAITS
from dialer.services.ports.engine import AskedCallback, BorrowedLine, CallbackRequest, EngineCampaign, StaffNumber
from dialer.services.ports.telephony import CallerChoice, Joined, LeftCallback, MessageStarted, Route
from dialer.services.serving import Known
from tests.support.floor import CAMPAIGN, CLIENT, Centre, channel_of

NUMBER = "+31790000000"
CALLER = "+31600000009"
TOWN = EngineCampaign(
    campaign=CAMPAIGN, client=CLIENT, state="running", calendar=Calendar(), caller_id=NUMBER, sounds="town"
)
LINE = "+31790000501"
LENT = BorrowedLine(
    line=OverflowLine(
        id=UUID(int=900),
        client=CLIENT,
        campaign=CAMPAIGN,
        number=LINE,
        team="het Loket",
        opening="U neemt op voor het Loket.",
        back_number="+31790000502",
        hours=[[("00:00", "23:59")]] * 7,
        most_waiting=2,
        most_seconds=60,
    ),
    calendar=Calendar(),
    sounds="town-31790000501",
)


class Kept:
    """The engine's store, as far as callers need it."""

    def __init__(self) -> None:
        self.requests: list[CallbackRequest] = []
        self.blocked: list[str] = []
        self.languages: dict[str, str] = {}
        self.moved: dict[str, EngineCampaign] = {}

    async def campaigns(self) -> Sequence[EngineCampaign]:
        return [TOWN]

    async def assignments(self) -> Mapping[UserId, frozenset[CampaignId]]:
        return {}

    async def line_elsewhere(self, dialed: str) -> EngineCampaign | None:
        return self.moved.get(dialed)

    async def numbers_elsewhere(self) -> frozenset[str]:
        return frozenset()

    async def overflow_lines(self) -> Sequence[BorrowedLine]:
        return []

    async def stopped(self) -> bool:
        return False

    async def practised(self) -> frozenset[UserId]:
        return frozenset()

    async def abilities(self) -> Mapping[UserId, Abilities]:
        return {}

    async def appointments(self, *_: datetime) -> Sequence[tuple[CampaignId, datetime]]:
        return []

    async def deliveries_of(self, cases: Sequence[CaseId]) -> dict[CaseId, DeliveryId]:
        return {}

    async def open_callback(self, request: CallbackRequest) -> None:
        self.requests.append(request)

    async def block_number(self, client: ClientId, number: str, at: datetime, reason: str) -> None:
        self.blocked.append(number)

    async def caller_language(self, client: ClientId, number: str) -> str:
        return self.languages.get(number, "")

    async def asked_callback(self, callback: UUID) -> AskedCallback:
        raise NotFoundError("no such request")

    async def staff_number(self, phone: UUID) -> StaffNumber:
        raise NotFoundError("no such phone")

    async def save_clock_pair(self, wall_at: datetime, calendar_at: datetime, speed: float) -> None:
        return None


class Desk(Centre):
    """A centre whose number is answered."""

    def __init__(self) -> None:
        super().__init__()
        self.kept = Kept()
        self.staffed = 2
        self.town = TOWN
        self.lent = LENT
        self.dialed: dict[UUID, str] = {}
        self.inbound = Inbound(
            self.floor,
            self.telephony,
            self.journal,
            self.kept,
            self.clock,
            self.ids,
            self.tasks,
            line=lambda dialed: self.town if dialed == NUMBER else None,
            campaign=lambda campaign: self.town if campaign == CAMPAIGN else None,
            staffed=lambda campaign: self.staffed,
            dialed=lambda attempt: self.dialed.get(attempt),
            on_waiting=self.matcher.match,
            borrowed=lambda dialed: self.lent if dialed == LINE else None,
        )
        self.tracker._on_caller = self.inbound.handle

    def route(self, channel: str) -> Route:
        return self.telephony.routes[channel].route  # type: ignore[index]  # a channel id is text


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    built = Desk()
    yield built
    await built.close()
    assert built.tasks.failed == 0
    assert built.journal.rejected == 0


async def test_a_caller_is_written_down_queued_and_joined(desk: Desk) -> None:
    user = await desk.agent(1)
    channel = desk.telephony.call_in("17.1", CALLER, NUMBER)
    await desk.settle()
    assert desk.route("17.1") is Route.QUEUE
    live = desk.floor.find(channel)
    assert live is not None
    assert desk.floor.agent(user).attempt is None, "the greeting is heard first"
    desk.telephony.greeted(channel)
    await desk.settle()
    assert desk.floor.agent(user).attempt == live.call.attempt
    assert [call.number for call in desk.ledger.callers] == [CALLER]
    desk.telephony.end(channel)
    await desk.settle()
    assert desk.kept.requests == []


async def test_nobody_on_duty_is_closed_and_a_call_back_is_kept_once(desk: Desk) -> None:
    desk.staffed = 0
    channel = desk.telephony.call_in("17.1", CALLER, NUMBER)
    await desk.settle()
    assert desk.route("17.1") is Route.CLOSED
    desk.telephony.press(channel, CallerChoice.CALL_BACK, NUMBER)
    await desk.settle()
    assert [(r.number, r.origin) for r in desk.kept.requests][:1] == [(CALLER, "closed")]
    assert desk.telephony.callbacks == [], "what is committed is forgotten by the telephone system"
    before = len(desk.kept.requests)
    desk.telephony.end(channel)
    await desk.settle()
    assert len(desk.kept.requests) == before, "who pressed a key is not missed as well"


async def test_outside_the_windows_is_closed(desk: Desk) -> None:
    desk.clock.pass_time(14 * 3600)
    desk.telephony.call_in("17.1", CALLER, NUMBER)
    await desk.settle()
    assert desk.route("17.1") is Route.CLOSED


async def test_who_is_told_that_we_are_closed_is_not_joined_though_somebody_is_free(desk: Desk) -> None:
    user = await desk.agent(1)
    desk.clock.pass_time(14 * 3600)
    channel = desk.telephony.call_in("17.1", CALLER, NUMBER)
    desk.telephony.greeted(channel)
    await desk.settle()
    assert desk.route("17.1") is Route.CLOSED
    assert desk.floor.agent(user).attempt is None
    assert desk.floor.inbound_waiting() == 0, "no agent is kept free for whoever hears the message"


async def test_who_was_sent_home_is_not_joined_when_somebody_comes_on_duty_at_that_moment(desk: Desk) -> None:
    channel = desk.telephony.call_in("17.1", CALLER, NUMBER)
    desk.telephony.greeted(channel)
    desk.staffed = 0
    desk.inbound.send_home()
    user = await desk.agent(1)
    await desk.settle()
    assert desk.floor.agent(user).attempt is None
    desk.telephony.press(channel, CallerChoice.CALL_BACK, NUMBER)
    await desk.settle()
    assert [request.origin for request in desk.kept.requests][:1] == ["closed"]


async def test_a_join_that_crosses_the_message_can_be_ended_and_wrapped_up(desk: Desk) -> None:
    user = await desk.agent(1)
    channel = desk.telephony.call_in("17.1", CALLER, NUMBER)
    desk.telephony.greeted(channel)
    live = desk.floor.find(channel)
    assert live is not None
    leg = desk.floor.agent(user).leg_channel
    assert leg is not None
    desk.tracker.handle(MessageStarted(channel=channel, at=desk.clock.wall(), kind="sorry"))
    desk.tracker.handle(Joined(channel=channel, leg=leg, at=desk.clock.wall()))
    await desk.settle()
    assert desk.floor.find(channel) is not None
    assert desk.floor.call(live.call.attempt).call.state is CallState.JOINED
    assert desk.floor.agent(user).state is AgentState.TALKING
    desk.telephony.end(channel)
    await desk.settle()
    assert desk.floor.agent(user).state is AgentState.WRAP_UP


async def test_a_key_blocks_the_number_without_any_identity(desk: Desk) -> None:
    channel = desk.telephony.call_in("17.1", CALLER, NUMBER)
    desk.telephony.greeted(channel)
    desk.telephony.press(channel, CallerChoice.BLOCK_NUMBER, NUMBER)
    desk.telephony.end(channel)
    await desk.settle()
    assert set(desk.kept.blocked) == {CALLER}
    assert desk.kept.requests == []


async def test_who_leaves_the_queue_is_missed_and_rung_back(desk: Desk) -> None:
    channel = desk.telephony.call_in("17.1", CALLER, NUMBER)
    desk.telephony.greeted(channel)
    desk.telephony.end(channel)
    await desk.settle()
    assert [(r.number, r.origin) for r in desk.kept.requests] == [(CALLER, "missed")]


async def test_how_long_a_caller_waited_in_vain_is_kept_unless_we_were_closed(desk: Desk) -> None:
    async def lost(name: str) -> float | None:
        channel = desk.telephony.call_in(name, CALLER, NUMBER)
        await desk.settle()
        desk.pass_time(7)
        desk.telephony.greeted(channel)
        await desk.settle()
        desk.pass_time(3)
        desk.telephony.end(channel)
        await desk.settle()
        return desk.ledger.ends[-1].lost_ms

    assert await lost("17.1") == pytest.approx(10_000)
    await desk.agent(1)
    assert await lost("17.2") is None, "he spoke to somebody"
    desk.staffed = 0
    assert await lost("17.3") is None, "we were closed"


async def test_a_withheld_number_cannot_be_rung_back(desk: Desk) -> None:
    channel = desk.telephony.call_in("17.1", None, NUMBER)
    desk.telephony.greeted(channel)
    desk.telephony.end(channel)
    await desk.settle()
    assert desk.kept.requests == []


async def test_a_resident_whose_agent_never_came_back_is_rung_back(desk: Desk) -> None:
    user = await desk.agent(1)
    attempt = await desk.dial(user)
    desk.dialed[attempt] = "+31600000001"
    desk.telephony.answer(channel_of(attempt))
    await desk.settle()
    desk.telephony.phones_ring_for_ever = True
    leg = desk.floor.agent(user).leg_channel
    assert leg is not None
    desk.telephony.end(leg)
    desk.pass_time(10)
    await desk.settle()
    assert desk.floor.call(attempt).call.state is CallState.MESSAGE
    assert [(r.number, r.origin) for r in desk.kept.requests] == [("+31600000001", "rescue")]


async def test_places_and_waits_are_told_and_move_up(desk: Desk) -> None:
    channels = []
    for name in ("17.1", "17.2"):
        channel = desk.telephony.call_in(name, CALLER, NUMBER)
        desk.telephony.greeted(channel)
        desk.clock.pass_time(1)
        channels.append(channel)
    await desk.settle()
    assert [desk.telephony.routes[channel].position for channel in channels] == [1, 2]
    assert desk.telephony.routes[channels[1]].wait_seconds == 180
    desk.telephony.end(channels[0])
    await desk.settle()
    assert desk.telephony.routes[channels[1]].position == 1


async def test_when_everybody_goes_off_duty_those_who_wait_hear_it(desk: Desk) -> None:
    channel = desk.telephony.call_in("17.1", CALLER, NUMBER)
    desk.telephony.greeted(channel)
    desk.staffed = 0
    desk.inbound.send_home()
    await desk.settle()
    assert desk.route("17.1") is Route.CLOSED


async def test_a_dial_to_somebody_who_rings_us_is_known(desk: Desk) -> None:
    channel = desk.telephony.call_in("17.1", CALLER, NUMBER)
    assert desk.inbound.calls_from(CALLER)
    desk.telephony.end(channel)
    assert not desk.inbound.calls_from(CALLER)


async def test_what_was_left_while_we_were_away_is_committed_then_forgotten(desk: Desk) -> None:
    for wish in ("call_back", "block_number", "missed"):
        desk.telephony.callbacks.append(LeftCallback(number=CALLER, dialed=NUMBER, at=5.0, wish=wish))
    await desk.inbound.collect()
    assert [r.origin for r in desk.kept.requests] == ["closed", "missed"]
    assert desk.kept.blocked == [CALLER]
    assert desk.telephony.callbacks == []


async def test_what_was_left_here_for_a_client_that_moved_to_another_site_is_kept(desk: Desk) -> None:
    moved = "+31790000009"
    desk.kept.moved[moved] = replace(TOWN, caller_id=moved)
    for wish in ("call_back", "block_number"):
        desk.telephony.callbacks.append(LeftCallback(number=CALLER, dialed=moved, at=5.0, wish=wish))
    await desk.inbound.collect()
    assert [(r.client, r.campaign) for r in desk.kept.requests] == [(TOWN.client, TOWN.campaign)]
    assert desk.kept.blocked == [CALLER]
    assert desk.telephony.callbacks == []


async def test_a_crash_between_commit_and_forgetting_only_repeats_the_commit(desk: Desk) -> None:
    desk.telephony.callbacks.append(LeftCallback(number=CALLER, dialed=NUMBER, at=5.0, wish="call_back"))

    async def dies(request: LeftCallback) -> None:
        raise ConnectionError

    forget = desk.telephony.forget_callback
    desk.telephony.forget_callback = dies  # type: ignore[method-assign]
    with pytest.raises(ConnectionError):
        await desk.inbound.collect()
    desk.telephony.forget_callback = forget  # type: ignore[method-assign]
    await desk.inbound.collect()
    assert len(desk.kept.requests) == 2
    assert desk.telephony.callbacks == []


async def test_a_caller_waits_a_little_for_who_speaks_his_language_and_not_longer(desk: Desk) -> None:
    idle, turkish = await desk.agent(1), await desk.agent(2)
    desk.team.read(Known(abilities={turkish: Abilities(languages=frozenset({"tr"}))}), [TOWN])
    desk.kept.languages[CALLER] = "tr"
    busy = await desk.dial(turkish)
    desk.telephony.answer(channel_of(busy))
    await desk.settle()
    waits = desk.telephony.call_in("17.1", CALLER, NUMBER)
    await desk.settle()
    desk.telephony.greeted(waits)
    await desk.settle()
    assert desk.floor.agent(idle).attempt is None, "the one who speaks it is at work"

    other = desk.telephony.call_in("17.2", "+31600000008", NUMBER)
    desk.telephony.greeted(other)
    await desk.settle()
    live = desk.floor.find(other)
    assert live is not None
    assert live.call.agent == idle, "nobody else waits for that"
    desk.telephony.end(other)
    await desk.settle()
    desk.floor.act(idle, AgentEvent.FILED, desk.clock.wall())

    desk.pass_time(LANGUAGE_WAITS - 1)
    desk.matcher.match()
    await desk.settle()
    assert desk.floor.agent(idle).attempt is None
    desk.pass_time(1)
    desk.matcher.match()
    await desk.settle()
    live = desk.floor.find(waits)
    assert live is not None
    assert live.call.agent == idle, "rather he than nobody"


@pytest.mark.parametrize("spoken", ["tr", ""])
async def test_a_caller_goes_to_who_speaks_his_language_or_at_once_where_nobody_does(desk: Desk, spoken: str) -> None:
    idle, other = await desk.agent(1), await desk.agent(2)
    abilities = {other: Abilities(languages=frozenset({spoken}))} if spoken else {}
    desk.team.read(Known(abilities=abilities), [TOWN])
    desk.kept.languages[CALLER] = "tr"
    channel = desk.telephony.call_in("17.1", CALLER, NUMBER)
    await desk.settle()
    desk.telephony.greeted(channel)
    await desk.settle()
    live = desk.floor.find(channel)
    assert live is not None
    assert live.call.agent == (other if spoken else idle)


async def test_after_the_contract_a_caller_hears_where_to_go_and_nothing_of_him_is_kept(desk: Desk) -> None:
    desk.town = replace(TOWN, state="stopped", after_care=True, sounds="town-nazorg")
    await desk.agent(1)
    channel = desk.telephony.call_in("17.1", CALLER, NUMBER)
    await desk.settle()
    assert (desk.route("17.1"), desk.telephony.routes[channel].sounds) == (Route.CLOSED, "town-nazorg")
    assert not desk.inbound.calls_from(CALLER)
    for choice in (CallerChoice.CALL_BACK, CallerChoice.BLOCK_NUMBER):
        desk.telephony.press(channel, choice, NUMBER)
        await desk.settle()
    desk.telephony.callbacks.append(LeftCallback(number=CALLER, dialed=NUMBER, at=5.0, wish="missed"))
    await desk.inbound.collect()
    assert desk.telephony.callbacks == []
    assert (desk.kept.requests, desk.kept.blocked) == ([], [])
