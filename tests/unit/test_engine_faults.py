"""Claims that come back late, what is called off, and what Asterisk loses."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import pytest

from dialer.domain.agent import AgentState
from dialer.domain.call import Intent
from dialer.domain.ids import AttemptId, CaseId
from dialer.domain.skills import Abilities
from dialer.services import claims as claims_module
from dialer.services.ports.telephony import DialOrder
from tests.support.city import until
from tests.support.engine_service import USER, Service
from tests.support.fake_telephony import FakeTelephony
from tests.support.floor import CAMPAIGN


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    made = Service()
    yield made
    await made.centre.stop()


async def test_a_late_claim_gives_its_agent_back_and_never_leaves(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims_module, "CLAIM_SECONDS", 0.05)
    await service.start()
    await service.agent()
    await until(lambda: service.ledger.claims == 1)
    await until(lambda: service.centre.floor.agent(USER).state is AgentState.AVAILABLE)
    service.centre.engine.wake()
    assert service.centre.engine.views()[0].reason == "database_away"
    service.ledger.let.set()
    await until(lambda: len(service.ledger.ends) == 1)
    assert service.ledger.ends[0].attempt == AttemptId(UUID(int=1001))
    assert not service.ledger.ends[0].counted
    assert all(order.attempt != AttemptId(UUID(int=1001)) for order in service.telephony.dialed)


async def test_who_has_not_practised_gets_no_calls_of_a_campaign_that_asks_for_it(service: Service) -> None:
    service.store.running[0] = replace(service.store.running[0], requires_practice=True)
    await service.start()
    await service.agent()
    engine = service.centre.engine
    assert not engine.may_serve(USER, CAMPAIGN)
    assert (facts := engine.facts(CAMPAIGN)) is not None
    assert (facts.on_duty, facts.unpractised) == (0, 1)
    engine.wake()
    assert service.ledger.claims == 0
    service.store.passed = frozenset({USER})
    service.centre.changed("campaign", str(USER))  # as the database tells it
    await until(lambda: service.ledger.claims == 1)
    assert (facts := engine.facts(CAMPAIGN)) is not None
    assert (facts.on_duty, facts.unpractised) == (1, 0)


async def test_a_resident_who_is_taken_back_while_he_is_claimed_is_not_called(service: Service) -> None:
    await service.start()
    await service.agent()
    await until(lambda: service.ledger.claims == 1)
    await service.centre.engine.case_changed(CaseId(UUID(int=7)))
    service.ledger.let.set()
    await until(lambda: bool(service.ledger.ends))
    assert not service.ledger.ends[0].counted
    assert service.telephony.dialed == []
    assert service.centre.floor.agent(USER).state in (AgentState.AVAILABLE, AgentState.RESERVED)


@pytest.mark.parametrize(
    ("change", "leaves"),
    [
        (("number", UUID(int=8)), False),
        (("number", UUID(int=9)), True),
        (("case_number", f"{UUID(int=7)}/{UUID(int=8)}"), False),
        (("case_number", f"{UUID(int=6)}/{UUID(int=8)}"), True),
    ],
)
async def test_a_number_that_is_blocked_or_closed_while_it_is_claimed_is_not_called(
    service: Service, change: tuple[str, object], leaves: bool
) -> None:
    await service.start()
    await service.agent()
    await until(lambda: service.ledger.claims == 1)
    service.centre.changed(change[0], str(change[1]))  # as the database tells it
    await asyncio.sleep(0)
    service.ledger.let.set()
    await until(lambda: bool(service.telephony.dialed if leaves else service.ledger.ends))
    assert bool(service.telephony.dialed) is leaves


async def test_whatever_is_called_off_between_the_order_and_the_line_never_rings(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    ordered: list[DialOrder] = []

    async def slowly(order: DialOrder) -> None:
        ordered.append(order)

    monkeypatch.setattr(service.telephony, "dial", slowly)
    service.ledger.let.set()
    await service.start()
    await service.agent()
    await until(lambda: len(ordered) == 1)
    service.store.running[0] = replace(service.store.running[0], state="stopped")
    await service.centre.engine.campaign_changed(CAMPAIGN)
    await FakeTelephony.dial(service.telephony, ordered[0])  # the line is there now
    await until(lambda: bool(service.ledger.ends))
    assert not service.ledger.ends[0].counted
    assert len(ordered) == 1
    assert list(service.centre.floor.calls()) == []


async def test_nothing_leaves_while_an_emergency_stop_stands_and_what_rings_ends(service: Service) -> None:
    await service.start()
    await service.agent()
    service.ledger.let.set()
    await until(lambda: bool(service.telephony.dialed))
    [order] = service.telephony.dialed
    service.store.emergency = True
    service.centre.changed("emergency", str(USER))  # as the database tells it
    await until(lambda: bool(service.ledger.ends))
    assert service.ledger.ends[0].attempt == order.attempt
    assert not service.ledger.ends[0].counted
    engine = service.centre.engine
    claims = service.ledger.claims
    engine.wake()
    assert (engine.hold(CAMPAIGN), engine.hold_proof(CAMPAIGN)) == ("emergency_stop", "emergency_stop")
    assert engine.views()[0].reason == "emergency_stop"
    assert service.centre.desk.floor().stopped
    assert service.ledger.claims == claims
    service.store.emergency = False
    service.centre.changed("all", "")
    await until(lambda: service.ledger.claims > claims)
    assert not service.centre.desk.floor().stopped


async def test_a_call_that_was_claimed_before_the_stop_does_not_leave(service: Service) -> None:
    await service.start()
    await service.agent()
    await until(lambda: service.ledger.claims == 1)
    service.store.emergency = True
    await service.centre.engine.refresh()
    service.ledger.let.set()
    await until(lambda: bool(service.ledger.ends))
    assert service.telephony.dialed == []


async def test_calls_leave_over_the_line_of_our_epoch(service: Service) -> None:
    await service.start()
    await service.agent()
    service.ledger.let.set()
    await until(lambda: bool(service.telephony.dialed))
    assert service.telephony.dialed[0].trunk == f"{CAMPAIGN.hex}-1"
    assert service.telephony.lines == {f"{CAMPAIGN.hex}-1": "trunk"}
    assert service.telephony.marked == "a"


async def test_a_promise_of_less_than_two_seconds_goes_with_the_call(service: Service) -> None:
    service.store.running = [replace(one, person_within_seconds=1.2) for one in service.store.running]
    await service.start()
    await service.agent()
    service.ledger.let.set()
    await until(lambda: bool(service.telephony.dialed))
    assert service.telephony.dialed[0].safe_after == pytest.approx(1.0)
    (live,) = service.centre.floor.calls()
    assert live.call.person_within == 1.2


def held_by(service: Service) -> str:
    service.centre.engine.wake()
    return service.centre.engine.views()[0].reason


async def test_a_line_that_asterisk_took_and_lost_is_used_once_it_is_found_again(service: Service) -> None:
    """A take-over while Asterisk's disk is full: it says yes, and forgets."""
    telephony, ownership = service.telephony, service.centre.engine.ownership
    telephony.disk_has_room = False
    service.ledger.let.set()
    await service.start()
    await until(lambda: bool(telephony.lines))
    telephony.forget()
    for _ in range(2):
        await ownership.look()
        assert not ownership.keeps
        assert held_by(service) == "link_down"
        await ownership.open_lines()  # as whoever puts right does in between
        telephony.forget()
    await service.agent()
    assert telephony.dialed == []
    telephony.disk_has_room = True
    await ownership.look()
    assert ownership.keeps
    assert held_by(service) == "link_down", "told again, and not seen yet that it was kept"
    assert telephony.dialed == []
    await ownership.look()
    service.centre.engine.wake()
    await until(lambda: bool(telephony.dialed))
    assert telephony.dialed[0].trunk == f"{CAMPAIGN.hex}-1"


@pytest.mark.parametrize("off", [3600.0, -3600.0])
async def test_a_clock_that_is_put_forth_or_back_cuts_no_ring(
    service: Service, off: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.clock.on_step = service.centre.clock_put
    service.telephony.now = service.clock.wall()
    await service.start()
    await service.agent()
    service.ledger.let.set()
    await until(lambda: bool(service.telephony.dialed))
    attempt = service.telephony.dialed[0].attempt
    await until(lambda: service.centre.floor.call(attempt).call.dialed_at is not None)
    began = service.centre.floor.call(attempt).call.claimed_at
    since = service.centre.floor.agent(USER).since
    true = time.time
    monkeypatch.setattr("dialer.clock.time.time", lambda: true() + off)
    service.centre.engine.cut_overdue()
    await service.centre.tasks.idle()
    live = service.centre.floor.call(attempt).call
    assert live.intent is Intent.NONE, "nobody hung up"
    assert abs(live.claimed_at - began - off) < 0.1
    assert abs(service.centre.floor.agent(USER).since - since - off) < 0.1


async def test_who_lacks_what_a_campaign_asks_for_gets_its_calls_as_soon_as_he_has_it(service: Service) -> None:
    asked = Abilities(languages=frozenset({"tr"}))
    service.store.running = [replace(service.store.running[0], asks=asked)]
    await service.start()
    await service.agent()
    engine = service.centre.engine
    engine.wake()
    assert (engine.staffed(CAMPAIGN), engine.first_free(CAMPAIGN), service.ledger.claims) == (0, None, 0)
    facts = engine.facts(CAMPAIGN)
    assert facts is not None
    assert (facts.on_duty, facts.free_agents) == (0, 0)
    service.store.able = {USER: asked}
    service.centre.changed("ability", str(USER))
    await until(lambda: service.ledger.claims == 1)
    assert service.centre.desk.view(USER).languages == ["tr"]
    facts = engine.facts(CAMPAIGN)
    assert facts is not None
    assert facts.waited_for == {"tr"}, "he is reserved: nobody free speaks it"
    service.ledger.let.set()
