"""Who may act at all, what an earlier owner left, and attempts that nobody knows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import pytest

from dialer.domain.agent import AgentState
from dialer.domain.call import Direction
from dialer.domain.errors import UnavailableError
from dialer.domain.ids import AttemptId, CaseId, ChannelId, ClientId
from dialer.services import takeover as takeover_module
from dialer.services.ownership import lease_name
from dialer.services.ports.desk import Filing
from dialer.services.ports.duty import DutyRecord
from dialer.services.ports.ledger import LiveAttempt
from tests.support.city import until
from tests.support.clock import CalendarAt
from tests.support.engine_service import CLIENT_NUMBER, USER, Service
from tests.support.floor import CAMPAIGN, CLIENT, MONDAY


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    made = Service()
    yield made
    await made.centre.stop()


def live(name: int, age: float) -> LiveAttempt:
    return LiveAttempt(
        attempt=AttemptId(UUID(int=name)),
        direction=Direction.OUT,
        campaign=CAMPAIGN,
        client=ClientId(CLIENT),
        case=CaseId(UUID(int=7)),
        channel=ChannelId(str(UUID(int=name))),
        state="claimed",
        agent=None,
        claimed_wall=CalendarAt(MONDAY).wall() - age,
        answered_wall=None,
        joined_wall=None,
        number="+31600000001",
    )


async def test_an_attempt_that_nobody_knows_is_found_and_ended(service: Service) -> None:
    await service.start()
    await until(lambda: service.centre.takeover.settled)
    service.ledger.alive = [live(1, age=60.0), live(2, age=5.0)]
    await service.centre.takeover.strays()
    await service.centre.takeover.put_right()
    await until(lambda: len(service.ledger.ends) == 1)
    (end,) = service.ledger.ends
    assert (end.attempt.int, end.result, end.counted) == (1, "FAILED", False)


async def test_who_stands_by_does_nothing_until_it_is_its_turn(service: Service) -> None:
    service.ledger.elsewhere = True
    await service.start()
    service.telephony.call_in("dialer-1", "+31600000009", CLIENT_NUMBER)
    await service.centre.slow_beat()
    assert service.ledger.callers == []
    assert service.telephony.lines == {}
    assert service.telephony.marked == ""
    service.ledger.elsewhere = False
    await until(lambda: bool(service.telephony.lines))
    service.telephony.call_in("dialer-2", "+31600000009", CLIENT_NUMBER)
    await until(lambda: len(service.ledger.callers) == 1)


async def test_an_agent_who_was_reserved_for_nothing_is_free_after_a_restart(service: Service) -> None:
    service.duty.records = [
        DutyRecord(
            user=USER, name="A", state=AgentState.RESERVED, reason="", since=1.0, device="phone", attempt=None,
            wrap_ups=(),
        )
    ]  # fmt: skip
    await service.start()
    assert service.centre.floor.agent(USER).state is AgentState.AVAILABLE


@pytest.mark.parametrize("stored", [AgentState.AVAILABLE, AgentState.RESERVED])
async def test_a_call_that_still_rings_after_a_restart_keeps_its_agent(service: Service, stored: AgentState) -> None:
    """What was stored of the agent may be older than what was stored of the call."""
    ringing = replace(live(1, age=5.0), state="ringing", agent=USER)
    been: list[tuple[AgentState, AttemptId | None]] = []
    service.centre.floor.listen(agents=lambda _, after, __: been.append((after.state, after.attempt)))
    service.ledger.alive = [ringing]
    service.telephony.devices["phone"] = "secret"
    service.duty.records = [
        DutyRecord(
            user=USER, name="A", state=stored, reason="", since=1.0, device="phone", attempt=None, wrap_ups=(),
        )
    ]  # fmt: skip
    await service.start()
    await until(lambda: bool(service.ledger.ends))  # Asterisk knows nothing of it: it is over
    assert service.ledger.ends[0].attempt == ringing.attempt
    assert (AgentState.RESERVED, ringing.attempt) in been
    assert service.centre.floor.agent(USER).state is AgentState.AVAILABLE


async def refused(service: Service) -> bool:
    """Whether everything that an agent may ask is refused as something that passes; nothing of him changes."""
    desk, attempt, before = service.centre.desk, AttemptId(UUID(int=1)), service.centre.floor.agent(USER)
    asked = (
        lambda: desk.on_duty(USER),
        lambda: desk.off_duty(USER),
        lambda: desk.pause(USER, "lunch"),
        lambda: desk.resume(USER),
        lambda: desk.device(USER),
        lambda: desk.hang_up(USER, attempt),
        lambda: desk.voicemail(USER, attempt),
        lambda: desk.file(USER, attempt, Filing(outcome="THIRD_PARTY")),
        lambda: desk.undo(USER, attempt),
    )
    for ask in asked:
        with pytest.raises(UnavailableError):
            await ask()
    with pytest.raises(UnavailableError):
        desk.agent(USER)
    return service.centre.floor.agent(USER) == before


async def test_agents_are_served_by_who_knows_what_they_are_doing(service: Service) -> None:
    service.ledger.elsewhere = True
    service.duty.records = [
        DutyRecord(
            user=USER, name="A", state=AgentState.PAUSED, reason="lunch", since=1.0, device="phone", attempt=None,
            wrap_ups=(),
        )
    ]  # fmt: skip
    await service.start()
    assert await refused(service), "who stands by"
    service.ledger.elsewhere = False
    await until(lambda: bool(service.telephony.lines))
    assert service.centre.desk.agent(USER).state == "paused"
    service.centre.turn.lost.set()
    assert await refused(service), "whose turn is over"


async def test_until_the_campaigns_come_an_agent_in_conversation_is_left_as_he_is(service: Service) -> None:
    """Whose turn it is has the campaigns up to a second later: a last owner renewed one lease after the other."""
    talking = replace(live(1, age=5.0), state="joined", agent=USER)
    been: list[AgentState] = []
    service.centre.floor.listen(agents=lambda _, after, __: been.append(after.state))
    service.ledger.alive = [talking]
    service.ledger.held_by_another = frozenset({lease_name(CAMPAIGN)})
    service.duty.records = [
        DutyRecord(
            user=USER, name="A", state=AgentState.TALKING, reason="", since=1.0, device="phone",
            attempt=talking.attempt, wrap_ups=(),
        )
    ]  # fmt: skip
    await service.start()
    await service.centre.takeover.look_after()
    await service.centre.slow_beat()
    assert await refused(service)
    assert set(been) == {AgentState.TALKING}, "no wrap-up of a call that goes on"
    assert service.ledger.ends == []
    service.ledger.held_by_another = frozenset()
    await until(lambda: bool(service.telephony.lines))
    await until(lambda: bool(service.ledger.ends))  # Asterisk knows nothing of it: it is over
    assert service.centre.desk.agent(USER).state == "wrap_up"


async def test_whoever_keeps_a_campaign_is_not_waited_for_longer_than_a_lease(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(takeover_module, "_LEASES_END", -1.0)
    service.ledger.held_by_another = frozenset({lease_name(CAMPAIGN)})
    await service.start()
    await service.centre.takeover.look_after()
    await until(lambda: service.centre.takeover.serves())
    assert service.centre.desk.agent(USER).state == "off"


async def test_without_asterisk_agents_are_served_after_a_moment(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    await service.centre.start()
    assert await refused(service), "a call that went on may be over: Asterisk has not told yet"
    monkeypatch.setattr(takeover_module, "_TELL_SECONDS", -1.0)
    assert service.centre.desk.agent(USER).state == "off"
