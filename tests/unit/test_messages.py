"""A supervisor's words to an agent: shown until read, to that agent alone, never stored."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from dialer.domain.agent import AgentEvent
from dialer.domain.errors import UnavailableError
from dialer.domain.ids import UserId
from dialer.services.messages import MESSAGE_CODES, MOST_UNREAD, MessageRefusedError, Messages
from tests.support.floor import Centre

ACTOR = "user:boss"
WORDS = "Mevrouw Proef belt zo terug"


@pytest.fixture
async def centre() -> AsyncIterator[Centre]:
    made = Centre()
    yield made
    await made.close()


def messages_of(centre: Centre) -> tuple[Messages, list[UserId]]:
    told: list[UserId] = []
    made = Messages(centre.floor, centre.audit, centre.clock, new_id=centre.ids.new, serves=lambda: centre.serving)
    made.on_change = told.append
    return made, told


async def refusal(messages: Messages, user: UserId) -> str:
    with pytest.raises(MessageRefusedError) as refused:
        await messages.send(user, WORDS, sender="Mila", actor=ACTOR)
    assert refused.value.code in MESSAGE_CODES
    return refused.value.code


async def test_it_stands_until_it_is_read_and_the_audit_has_no_words(centre: Centre) -> None:
    user = await centre.agent(1)
    messages, told = messages_of(centre)
    await messages.send(user, WORDS, sender="Mila", actor=ACTOR)
    (one,) = messages.of(user)
    assert (one.text, one.sender, one.at) == (WORDS, "Mila", centre.clock.wall())
    await messages.read(user, one.id)
    await messages.read(user, one.id)
    assert messages.of(user) == ()
    assert told == [user, user]
    assert centre.audit.actions() == ["message.send", "message.read"]
    assert "Proef" not in repr(centre.audit.lines) + repr(one)


async def test_three_unread_are_enough_and_an_agent_reads_his_own_only(centre: Centre) -> None:
    user, other = await centre.agent(1), await centre.agent(2)
    messages, _ = messages_of(centre)
    for _ in range(MOST_UNREAD):
        await messages.send(user, WORDS, sender="Mila", actor=ACTOR)
    assert await refusal(messages, user) == "message-unread"
    await messages.read(other, messages.of(user)[0].id)
    assert len(messages.of(user)) == MOST_UNREAD


async def test_nobody_writes_to_who_is_not_there_and_duty_takes_words_with_it(centre: Centre) -> None:
    messages, _ = messages_of(centre)
    assert await refusal(messages, UserId(UUID(int=9))) == "message-off-duty"
    user = await centre.agent(1)
    await messages.send(user, WORDS, sender="Mila", actor=ACTOR)
    centre.floor.act(user, AgentEvent.OFF_DUTY, centre.clock.wall())
    assert messages.of(user) == ()
    centre.serving = False
    with pytest.raises(UnavailableError):
        await messages.send(user, WORDS, sender="Mila", actor=ACTOR)


async def test_unaudited_nothing_is_shown(centre: Centre) -> None:
    user = await centre.agent(1)
    messages, told = messages_of(centre)
    centre.audit.away = True
    with pytest.raises(UnavailableError):
        await messages.send(user, WORDS, sender="Mila", actor=ACTOR)
    assert (messages.of(user), told) == ((), [])
    centre.audit.away = False
