"""Results into a client's own systems: made with the outcome, sent once, in order, and again when it matters."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from dialer.domain.errors import ConflictError, InvalidError, NotFoundError
from dialer.domain.exchange import DIED, MOST_DEATHS, MOST_TRIES, ChannelKind, ChannelState, Fault, MessageState
from dialer.domain.ids import ClientId
from dialer.exchange.webhook import REPLAY_SECONDS, verify
from dialer.services.channels import ChannelWish
from dialer.services.ports.exchange import Address, Parcel, Receipt
from dialer.services.ports.ledger import CallFact
from dialer.services.ports.people import Viewer
from tests.support.exchange import Exchange, exchange
from tests.support.receiver import Receiver, receiver
from tests.support.telling import telling


@pytest.fixture
async def e(dsn: str, tmp_path: Path) -> AsyncIterator[Exchange]:
    async with exchange(dsn, tmp_path) as built:
        yield built


@pytest.fixture
async def town() -> AsyncIterator[Receiver]:
    async with receiver() as built:
        yield built


async def test_a_result_is_sent_once_signed_after_its_agents_second_thoughts(e: Exchange, town: Receiver) -> None:
    _, secret = await e.channel(ChannelKind.WEBHOOK, town.url)
    await e.conversation(note="Graag na 17 uur")
    assert await e.sender().tend() == 0  # its agent may still take it back
    e.later(minutes=16)
    assert await e.sender().tend() == 1
    assert await e.sender().tend() == 0
    [(headers, raw)] = town.came
    now = e.w.clock.now().timestamp()
    assert verify(secret, headers, raw, now)
    assert not verify(secret, headers, raw + b" ", now)
    assert not verify(secret, headers, raw, now + REPLAY_SECONDS + 1)
    [body] = town.bodies
    assert (body["soort"], body["vervangt"], body["bereikt"]) == ("hulpvraag", False, True)
    assert body["bericht"] == headers["webhook-id"]
    assert [(s["kenmerk"], s["signaalId"]) for s in body["signalen"]] == [("Z-1", "S-1"), ("Z-1", "S-2")]
    assert body["resultaat"]["code"] == "HELP_WANTED"
    assert body["notitie"] == "Graag na 17 uur"
    assert [one["dagdeel"] for one in body["belpogingen"]] == ["Ochtend"]
    assert "310" not in telling(raw)  # no sum of money
    assert await e.states() == [("confirmed", "help")]


async def test_who_files_and_takes_it_back_tells_nobody(e: Exchange, town: Receiver) -> None:
    await e.channel(ChannelKind.WEBHOOK, town.url)
    attempt = await e.conversation()
    await e.outcomes.undo(e.w.world.agents[0], attempt)
    e.later(minutes=31)
    await e.sender().tend()
    assert town.came == []
    assert [state for state, _ in await e.states()] == ["superseded", "skipped"]


async def test_a_correction_goes_out_once_as_a_replacement(e: Exchange, town: Receiver) -> None:
    await e.channel(ChannelKind.WEBHOOK, town.url)
    attempt = await e.conversation()
    e.later(minutes=16)
    await e.sender().tend()
    await e.outcomes.recode(e.w.world.agents[0], attempt, "ADVICE", "verkeerde toets")
    e.later(minutes=16)
    await e.sender().tend()
    await e.sender().tend()
    assert [(body["soort"], body["vervangt"]) for body in town.bodies] == [("hulpvraag", False), ("resultaat", True)]
    assert town.bodies[1]["versie"] > town.bodies[0]["versie"]
    assert town.ids[0] != town.ids[1]


async def test_a_crisis_does_not_wait(e: Exchange, town: Receiver) -> None:
    await e.channel(ChannelKind.WEBHOOK, town.url)
    await e.conversation(flags=("CRISIS",), note="dak boven het hoofd")
    assert await e.sender().tend() == 1
    assert [body["soort"] for body in town.bodies] == ["crisis"]


async def test_a_crisis_is_told_while_the_resident_still_speaks_with_the_crisis_desk(
    e: Exchange, town: Receiver
) -> None:
    await e.channel(ChannelKind.WEBHOOK, town.url)
    world, agent = e.w.world, e.w.world.agents[0]
    world.now = e.w.clock.now()
    claim = await world.claim_one(at=world.now)
    at = e.w.later(minutes=5)
    steps: tuple[tuple[str, str, dict[str, object]], ...] = (
        ("dialed", "dialing", {}),
        ("joined", "joined", {}),
        ("verified", "joined", {"match": True}),
        ("handed", "handed", {}),
    )
    facts = [
        CallFact(
            attempt=claim.attempt, kind=kind, at=at, wall_at=at, actor="asterisk", state=state, agent=agent, data=data
        )
        for kind, state, data in steps
    ]
    await world.ledger.append(facts)
    await e.file(claim.attempt, "HELP_WANTED", flags=("CRISIS",), note="de crisisdienst is aan de lijn")
    assert await e.sender().tend() == 1
    await world.end(claim.attempt, None, at=e.w.later(minutes=9), agent=agent, wrap_up=True)
    assert await e.sender().tend() == 0, "the end of the call tells nothing new"
    assert [body["soort"] for body in town.bodies] == ["crisis"]


async def test_no_answer_is_no_news_and_another_client_gets_nothing(e: Exchange, town: Receiver) -> None:
    await e.channel(ChannelKind.WEBHOOK, town.url)
    e.w.world.now = e.w.clock.now()
    claim = await e.w.world.claim_one(at=e.w.world.now)
    await e.w.world.end(claim.attempt, "NO_ANSWER")
    assert await e.states() == []
    other = await e.w.world.add_client("dorp", "+31790000002", {})
    await e.w.pool.execute("update exchange_channel set client_id = $1", other)
    await e.conversation()
    assert await e.states() == []


async def test_a_passing_fault_is_tried_again_with_the_same_content(e: Exchange, town: Receiver) -> None:
    channel, _ = await e.channel(ChannelKind.WEBHOOK, town.url)
    attempt = await e.conversation()
    e.later(minutes=16)
    town.answers.append(500)
    assert await e.sender().tend() == 0
    assert await e.states() == [("retry", "help")]
    [shown] = await e.channels.channels(e.w.viewer)
    assert (shown.last_error, shown.failures, shown.waiting) == (Fault.THEIR_FAULT, 1, 1)
    # A correction meanwhile is a message of its own, behind the first: the first may have been seen.
    await e.outcomes.recode(e.w.world.agents[0], attempt, "ADVICE", "verkeerde toets")
    assert await e.sender().tend() == 0  # it rests
    e.later(minutes=16)
    assert await e.sender().tend() == 2
    assert town.ids[0] == town.ids[1] != town.ids[2]
    assert town.came[0][1] == town.came[1][1]
    assert [body["vervangt"] for body in town.bodies] == [False, False, True]
    [shown] = await e.channels.channels(e.w.viewer)
    assert (shown.id, shown.last_error, shown.failures) == (channel, "", 0)


async def test_killed_between_sending_and_writing_it_down_it_is_sent_again_with_the_same_id(
    e: Exchange, town: Receiver
) -> None:
    await e.channel(ChannelKind.WEBHOOK, town.url)
    await e.conversation()
    e.later(minutes=16)
    town.answers.append("hang")
    dying = asyncio.create_task(e.sender("dialer-1").tend())
    await town.arrived.wait()
    # While it lives nobody else sends: the lease is its own.
    assert await e.sender("dialer-2").tend() == 0
    assert len(town.came) == 1
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    await e.w.pool.execute("update lease set expires_at = '-infinity'")  # as time would
    assert await e.states() == [("sending", "help")]
    assert await e.sender("dialer-2").tend() == 1
    assert town.ids[0] == town.ids[1]
    assert town.came[0][1] == town.came[1][1]
    assert await e.states() == [("confirmed", "help")]


async def test_killed_by_the_system_in_mid_sending(e: Exchange, town: Receiver, dsn: str) -> None:
    """The same with a process of its own and SIGKILL."""
    await e.channel(ChannelKind.WEBHOOK, town.url)
    await e.conversation()
    at = e.later(minutes=16)
    town.answers.append("hang")
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.outbox_child", dsn, at.isoformat()
    )
    async with asyncio.timeout(30):
        await town.arrived.wait()
        child.kill()
        await child.wait()
    assert await e.sender().tend() == 0  # the dead one's lease
    await e.w.pool.execute("update lease set expires_at = '-infinity'")  # as time would
    assert await e.sender().tend() == 1
    assert town.ids[0] == town.ids[1]
    assert town.came[0][1] == town.came[1][1]
    assert await e.states() == [("confirmed", "help")]


async def test_who_wakes_up_late_writes_nothing_over_the_next_ones_word(e: Exchange, town: Receiver) -> None:
    await e.channel(ChannelKind.WEBHOOK, town.url)
    await e.conversation()
    e.later(minutes=16)
    town.answers.extend(["hang", 400])
    late = asyncio.create_task(e.sender("dialer-1").tend())
    await town.arrived.wait()
    await e.w.pool.execute("update lease set expires_at = '-infinity'")
    await e.sender("dialer-2").tend()
    assert await e.states() == [("dead", "help")]
    town.go.set()
    await late
    assert await e.states() == [("dead", "help")]


async def test_a_refused_message_is_dead_holds_nobody_up_and_is_sent_again_by_hand(e: Exchange, town: Receiver) -> None:
    channel, _ = await e.channel(ChannelKind.WEBHOOK, town.url)
    await e.conversation()
    await e.conversation("NO_HELP")
    e.later(minutes=16)
    town.answers.append(422)
    assert await e.sender().tend() == 2  # the refused one was dealt with too
    assert sorted(state for state, _ in await e.states()) == ["confirmed", "dead"]
    [dead] = await e.channels.letters(e.w.viewer, channel, [MessageState.DEAD], 10)
    assert dead.error == Fault.REFUSED
    with pytest.raises(NotFoundError):
        await e.channels.resend(dead.id, Viewer(actor="x", user=None, role="client", client=ClientId(UUID(int=9))))
    assert (await e.channels.resend(dead.id, e.w.viewer)).state is MessageState.WAITING
    with pytest.raises(ConflictError):
        await e.channels.resend(dead.id, e.w.viewer)
    assert await e.sender().tend() == 1
    assert town.ids.count(str(dead.id)) == 2
    assert {state for state, _ in await e.states()} == {"confirmed"}
    assert await e.w.one("select count(*) from audit_event where action = 'message.resend'") == 1


async def test_after_a_day_of_silence_it_is_dead(e: Exchange, town: Receiver) -> None:
    await e.channel(ChannelKind.WEBHOOK, town.url)
    await e.conversation()
    e.later(minutes=16)
    for _ in range(MOST_TRIES):
        town.answers.append("abort")
        await e.sender().tend()
        e.later(hours=8)
    assert await e.states() == [("dead", "help")]
    assert len(set(town.ids)) == 1
    assert len(town.came) == MOST_TRIES


class Stumbling:
    """A courier with a bug."""

    async def deliver(self, address: Address, parcel: Parcel) -> Receipt:
        raise KeyError("unforeseen")

    async def try_out(self, address: Address) -> Receipt:
        raise NotImplementedError


async def test_an_answer_that_nobody_foresaw_is_a_fault_with_its_pause(e: Exchange, town: Receiver) -> None:
    await e.channel(ChannelKind.WEBHOOK, town.url)
    await e.conversation()
    e.later(minutes=16)
    whole, e.couriers = e.couriers, {ChannelKind.WEBHOOK: Stumbling()}
    assert await e.sender().tend() == 0
    [channel] = await e.channels.channels(e.w.viewer)
    assert channel.last_error == Fault.ANSWER
    e.couriers = whole
    assert await e.sender().tend() == 0  # it rests
    e.later(minutes=2)
    assert await e.sender().tend() == 1
    assert await e.states() == [("confirmed", "help")]


async def test_a_recalled_list_sends_nothing_more(e: Exchange, town: Receiver) -> None:
    await e.channel(ChannelKind.WEBHOOK, town.url)
    await e.conversation()
    delivery = await e.w.one("select id from delivery")
    await e.w.deliveries.recall(delivery, "verkeerde maand", e.w.viewer)
    e.later(minutes=16)
    await e.sender().tend()
    assert town.came == []
    assert [state for state, _ in await e.states()] == ["skipped"]


async def test_paused_keeps_and_off_makes_none(e: Exchange, town: Receiver) -> None:
    channel, _ = await e.channel(ChannelKind.WEBHOOK, town.url)
    await e.channels.change(channel, 1, ChannelWish(state=ChannelState.PAUSED), e.w.viewer)
    await e.conversation()
    e.later(minutes=16)
    assert await e.sender().tend() == 0
    await e.channels.change(channel, 2, ChannelWish(state=ChannelState.ON), e.w.viewer)
    assert await e.sender().tend() == 1
    await e.channels.change(channel, 3, ChannelWish(state=ChannelState.OFF), e.w.viewer)
    await e.conversation("NO_HELP")
    assert len(await e.states()) == 1


async def test_a_redirect_is_not_followed(e: Exchange, town: Receiver) -> None:
    await e.channel(ChannelKind.WEBHOOK, town.url)
    await e.conversation()
    e.later(minutes=16)
    town.answers.append(302)
    await e.sender().tend()
    assert len(town.came) == 1
    [shown] = await e.channels.channels(e.w.viewer)
    assert shown.last_error == Fault.MOVED


async def test_a_secret_is_shown_once_and_a_test_tells_of_nobody(e: Exchange, town: Receiver) -> None:
    channel, secret = await e.channel(ChannelKind.WEBHOOK, town.url)
    assert secret.startswith("whsec_")
    assert secret.encode() not in await e.w.one("select sealed_secret from exchange_channel")
    assert secret not in repr(await e.channels.channels(e.w.viewer))
    assert (await e.channels.try_out(channel, e.w.viewer)).fault is None
    assert [body["soort"] for body in town.bodies] == ["proef"]
    assert verify(secret, *town.came[0], e.w.clock.now().timestamp())
    town.answers.append(401)
    assert (await e.channels.try_out(channel, e.w.viewer)).fault is Fault.SIGN_IN


@pytest.mark.parametrize(
    "url", ["http://example.org/x", "https://10.0.0.5/x", "https://u:p@example.org/", "ftp://example.org", "https://"]
)
async def test_an_address_inside_or_without_tls_is_refused(e: Exchange, url: str) -> None:
    with pytest.raises(InvalidError) as refused:
        await e.channel(ChannelKind.WEBHOOK, url)
    assert refused.value.field == "url"


async def test_typed_over_by_hand_with_a_reference(e: Exchange) -> None:
    channel, _ = await e.channel(ChannelKind.HAND)
    attempt = await e.conversation()
    e.later(minutes=16)
    await e.sender().tend()
    [letter] = await e.channels.letters(e.w.viewer, channel, [MessageState.WAITING], 10)
    body = await e.channels.content(letter.id, e.w.viewer)
    assert body["soort"] == "hulpvraag"
    with pytest.raises(InvalidError):
        await e.channels.entered(letter.id, " ", e.w.viewer)
    done = await e.channels.entered(letter.id, "ZAAK-2026-17", e.w.viewer)
    assert (done.state, done.remote, done.done_by) == (MessageState.CONFIRMED, "ZAAK-2026-17", e.w.viewer.user)
    with pytest.raises(ConflictError):
        await e.channels.entered(letter.id, "ZAAK-2026-17", e.w.viewer)
    # Corrected: it is to be changed over there too.
    await e.outcomes.recode(e.w.world.agents[0], attempt, "ADVICE", "verkeerde toets")
    e.later(minutes=16)
    await e.sender().tend()
    [letter] = await e.channels.letters(e.w.viewer, channel, [MessageState.WAITING], 10)
    assert (await e.channels.content(letter.id, e.w.viewer))["vervangt"] is True
    assert await e.w.one("select count(*) from audit_event where action = 'message.read'") == 2


async def test_a_message_its_sender_dies_with_is_given_up_and_holds_nobody_up(e: Exchange, town: Receiver) -> None:
    await e.channel(ChannelKind.WEBHOOK, town.url)
    await e.conversation()
    e.later(minutes=16)
    for _ in range(MOST_DEATHS + 1):
        town.arrived.clear()
        town.answers.append("hang")
        dying = asyncio.create_task(e.sender().tend())
        await town.arrived.wait()
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
        await e.w.pool.execute("update lease set expires_at = '-infinity'")  # as time would
        if await e.w.one("select died from outbox_message") == MOST_DEATHS - 1:
            break
    came = len(town.came)
    assert await e.sender().tend() == 1, "looked at, and given up"
    assert len(town.came) == came == MOST_DEATHS
    assert await e.states() == [("dead", "help")]
    assert await e.w.one("select error from outbox_message") == DIED
    message = await e.w.one("select id from outbox_message")
    await e.channels.resend(message, e.w.viewer)
    assert await e.sender().tend() == 1
    assert await e.states() == [("confirmed", "help")]
    assert await e.w.one("select died from outbox_message") == 0
