"""Another team's calls: what a line must have, what is taken, what goes back, and that nothing is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from dialer.domain import call as calls
from dialer.domain.agent import AgentState
from dialer.domain.call import CallEvent, CallState, Direction
from dialer.domain.causes import machine_result
from dialer.domain.errors import InvalidError
from dialer.domain.ids import AttemptId, ChannelId
from dialer.domain.outcome import Filed, check_filing
from dialer.domain.overflow import GivenBackWhy, OverflowLine, check_line, refusal, sounds_folder
from dialer.services.ports.telephony import GivenBack, MessageStarted, Route
from tests.support.schedule import CATALOGUE
from tests.unit.test_inbound import CALLER, LENT, LINE, NUMBER, Desk


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    built = Desk()
    yield built
    await built.close()
    assert built.tasks.failed == 0
    assert built.journal.rejected == 0


# -- the line -----------------------------------------------------------------------------------------------------


def test_a_line_is_kept_in_one_form() -> None:
    line = replace(LENT.line, number="079 000 05 01", back_number="0790000502", team=" het Loket ", opening=" Dag. ")
    kept = check_line(line, demo=True)
    assert (kept.number, kept.back_number) == ("+31790000501", "+31790000502")
    assert (kept.team, kept.opening) == ("het Loket", "Dag.")
    assert sounds_folder("stad", kept.number) == "stad-31790000501"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("team", " "),
        ("team", "x" * 61),
        ("opening", ""),
        ("opening", "twee\nregels"),
        ("number", "112"),
        ("back_number", "0900 1234"),
        ("back_number", LINE),
        ("most_waiting", 0),
        ("most_waiting", 51),
        ("most_seconds", 9),
        ("most_seconds", 901),
    ],
)
def test_what_no_line_may_be_names_its_field(field: str, value: object) -> None:
    changes: Mapping[str, Any] = {field: value}
    with pytest.raises(InvalidError) as refused:
        check_line(replace(LENT.line, **changes), demo=True)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("line", "open_now", "staffed", "waiting", "why"),
    [
        (LENT.line, True, 1, 1, None),
        (LENT.line, True, 1, 2, GivenBackWhy.FULL),
        (LENT.line, True, 0, 0, GivenBackWhy.NOBODY),
        (LENT.line, False, 1, 0, GivenBackWhy.CLOSED),
        (replace(LENT.line, active=False), True, 1, 0, GivenBackWhy.CLOSED),
    ],
)
def test_taken_or_given_back(
    line: OverflowLine, open_now: bool, staffed: int, waiting: int, why: GivenBackWhy | None
) -> None:
    assert refusal(line, open_now=open_now, staffed=staffed, waiting=waiting) is why


def test_what_became_of_it() -> None:
    call = calls.inbound(AttemptId(UUID(int=1)), ChannelId("17.1"), 10.0, Direction.OVERFLOW)
    assert call.direction.comes_in
    assert machine_result(calls.advance(call, CallEvent.ENDED, 20.0)) == "LOST"
    assert machine_result(calls.advance(call, CallEvent.JOINED, 12.0)) == ""
    assert machine_result(calls.advance(call, CallEvent.MESSAGE_STARTED, 12.0)) == "GIVEN_BACK"


def test_its_results_are_its_own_and_no_note_is_kept() -> None:
    helped, no_help = CATALOGUE.get("TEAM_HELPED"), CATALOGUE.get("NO_HELP")
    check_filing(helped, Filed(outcome="TEAM_HELPED"), verified=None, overflow=True)
    for definition, overflow in ((helped, False), (no_help, True)):
        with pytest.raises(InvalidError, match="soort gesprek"):
            check_filing(definition, Filed(outcome=definition.code), verified=True, overflow=overflow)
    with pytest.raises(InvalidError, match="niets bewaard"):
        check_filing(helped, Filed(outcome="TEAM_HELPED", has_note=True), verified=None, overflow=True)


# -- the queue ----------------------------------------------------------------------------------------------------


async def test_it_is_joined_and_written_down_without_a_number(desk: Desk) -> None:
    user = await desk.agent(1)
    channel = desk.telephony.call_in("17.1", CALLER, LINE)
    desk.telephony.greeted(channel)
    await desk.settle()
    assert desk.floor.agent(user).state is AgentState.TALKING
    (written,) = desk.ledger.callers
    assert (written.number, written.overflow) == (None, LENT.line.id)
    assert not desk.inbound.calls_from(CALLER)
    assert desk.telephony.routes[channel].sounds == LENT.sounds
    desk.telephony.end(channel)
    await desk.settle()
    assert desk.kept.requests == [], "whom another team did not help is theirs to ring"


async def test_our_own_callers_go_first_unless_the_line_says_otherwise(desk: Desk) -> None:
    theirs = desk.telephony.call_in("17.1", CALLER, LINE)
    desk.telephony.greeted(theirs)
    desk.clock.pass_time(5)
    own = desk.telephony.call_in("17.2", CALLER, NUMBER)
    desk.telephony.greeted(own)
    await desk.settle()
    assert [live.call.channel for live in desk.floor.queue()] == [own, theirs]
    assert desk.telephony.routes[theirs].position == 2
    live = desk.floor.find(theirs)
    assert live is not None
    equal = replace(LENT, line=replace(LENT.line, after_own=False))
    desk.floor.amend(live, info=replace(live.info, borrowed=equal))
    assert [one.call.channel for one in desk.floor.queue()] == [theirs, own]


async def test_when_full_or_unstaffed_it_goes_back_and_is_nobodys_missed_call(desk: Desk) -> None:
    channels = [desk.telephony.call_in(f"17.{place}", CALLER, LINE) for place in range(3)]
    await desk.settle()
    assert [desk.route(channel) for channel in channels] == [Route.QUEUE, Route.QUEUE, Route.CLOSED]
    desk.telephony.greeted(channels[2])
    desk.tracker.handle(MessageStarted(channel=channels[2], at=desk.clock.wall(), kind="back"))
    desk.telephony.end(channels[2])
    await desk.settle()
    assert (desk.ledger.ends[-1].result, desk.ledger.ends[-1].lost_ms) == ("GIVEN_BACK", None)
    desk.staffed = 0
    last = desk.telephony.call_in("17.9", CALLER, LINE)
    for channel in channels[:2]:
        desk.telephony.greeted(channel)
    desk.inbound.send_home()
    await desk.settle()
    assert [desk.route(channel) for channel in (*channels[:2], last)] == [Route.CLOSED] * 3
    assert desk.kept.requests == []


async def test_who_waited_as_long_as_the_line_lets_him_goes_back_and_is_joined_no_more(desk: Desk) -> None:
    channel = desk.telephony.call_in("17.1", CALLER, LINE)
    own = desk.telephony.call_in("17.2", CALLER, NUMBER)
    for one in (channel, own):
        desk.telephony.greeted(one)
    desk.clock.pass_time(59)
    desk.inbound.overflow.keep()
    await desk.settle()
    assert desk.route(channel) is Route.QUEUE
    desk.clock.pass_time(1)
    desk.inbound.overflow.keep()
    await desk.settle()
    assert (desk.route(channel), desk.route(own)) == (Route.CLOSED, Route.QUEUE)
    user = await desk.agent(1)
    desk.matcher.match()
    await desk.settle()
    live = desk.floor.find(own)
    assert live is not None
    assert desk.floor.agent(user).attempt == live.call.attempt


async def test_a_refused_transfer_is_counted_and_told_to_the_ledger(desk: Desk) -> None:
    desk.staffed = 0
    channel = desk.telephony.call_in("17.1", CALLER, LINE)
    desk.tracker.handle(MessageStarted(channel=channel, at=desk.clock.wall(), kind="back"))
    desk.tracker.handle(GivenBack(channel=channel, at=desk.clock.wall(), taken=False))
    desk.tracker.handle(GivenBack(channel=ChannelId("nobody"), at=desk.clock.wall(), taken=True))
    await desk.settle()
    assert desk.inbound.overflow.not_given_back == 1
    told = [fact for fact in desk.ledger.facts if fact.kind == "given_back"]
    assert [fact.data for fact in told] == [{"taken": False}]
    live = desk.floor.find(channel)
    assert live is not None
    assert live.call.state is CallState.MESSAGE
