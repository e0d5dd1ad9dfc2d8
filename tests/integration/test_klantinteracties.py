"""The connector against a register made from the specification, which validates each request; and its bad days."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dialer.domain.exchange import ChannelKind, Fault
from dialer.services.channels import ChannelWish
from tests.support.exchange import Exchange, exchange
from tests.support.register import FAULTS, Register, complaints, document, register

FAULT_OF = {
    "401": Fault.SIGN_IN,
    "429": Fault.BUSY,
    "500": Fault.THEIR_FAULT,
    "slow": Fault.SLOW,
    "half": Fault.CUT_OFF,
    "lost": Fault.CUT_OFF,
}


@pytest.fixture
async def e(dsn: str, tmp_path: Path) -> AsyncIterator[Exchange]:
    async with exchange(dsn, tmp_path, seconds=3.0) as built:
        yield built


@pytest.fixture
async def theirs() -> AsyncIterator[Register]:
    async with register() as built:
        yield built


def counts(theirs: Register) -> dict[str, int]:
    return {kind: len(held) for kind, held in theirs.held.items()}


POSTS = (1, 4, 6)
"""Which of the calls make something."""
WHOLE = {"klantcontacten": 1, "onderwerpobjecten": 2, "internetaken": 1, "betrokkenen": 1}


async def test_a_conversation_becomes_a_klantcontact_and_its_follow_up_an_internetaak(
    e: Exchange, theirs: Register
) -> None:
    await e.channel(ChannelKind.KLANTINTERACTIES, theirs.url, kanaal="Telefoon (uitgaand)")
    await e.conversation(note="Graag na 17 uur")
    e.later(minutes=16)
    assert await e.sender().tend() == 1
    assert theirs.refused == []
    assert counts(theirs) == WHOLE
    [contact], [task] = theirs.held["klantcontacten"], theirs.held["internetaken"]
    assert (contact["kanaal"], contact["taal"], contact["vertrouwelijk"]) == ("Telefoon (uitgaand)", "nld", True)
    assert contact["indicatieContactGelukt"] is True
    assert "Graag na 17 uur" in contact["inhoud"]
    assert contact["plaatsgevondenOp"].startswith("2026-03-02T10:")
    assert task["aanleidinggevendKlantcontact"]["uuid"] == contact["uuid"]
    assert task["status"] == "te_verwerken"
    subjects = [one["onderwerpobjectidentificator"]["objectId"] for one in theirs.held["onderwerpobjecten"]]
    assert subjects == ["S-1", "S-2"]
    assert await e.w.one("select remote from outbox_message") == contact["uuid"]


async def test_without_a_call_for_help_there_is_no_task(e: Exchange, theirs: Register) -> None:
    await e.channel(ChannelKind.KLANTINTERACTIES, theirs.url, nummerveld="nummer")
    await e.conversation("NO_HELP")
    e.later(minutes=16)
    assert await e.sender().tend() == 1
    assert counts(theirs) == {**WHOLE, "internetaken": 0}
    assert len(theirs.held["klantcontacten"][0]["nummer"]) == 10


async def test_a_correction_changes_the_same_klantcontact_and_closes_the_task(e: Exchange, theirs: Register) -> None:
    await e.channel(ChannelKind.KLANTINTERACTIES, theirs.url)
    attempt = await e.conversation()
    e.later(minutes=16)
    await e.sender().tend()
    await e.outcomes.recode(e.w.world.agents[0], attempt, "ADVICE", "verkeerde toets")
    e.later(minutes=16)
    assert await e.sender().tend() == 1
    assert theirs.refused == []
    assert counts(theirs) == WHOLE
    assert "advies" in theirs.held["klantcontacten"][0]["inhoud"].lower()
    assert theirs.held["internetaken"][0]["status"] == "verwerkt"


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("at", range(7))
async def test_a_bad_moment_at_any_call_makes_nothing_twice(e: Exchange, theirs: Register, fault: str, at: int) -> None:
    """Seven calls make the whole; each of them meets each trouble, and the next try completes it."""
    await e.channel(ChannelKind.KLANTINTERACTIES, theirs.url)
    await e.conversation()
    e.later(minutes=16)
    theirs.slow = 4.0  # more than is waited
    theirs.faults.extend([""] * at + [fault])
    if fault == "lost" and at not in POSTS:  # what only reads is asked again at once
        assert await e.sender().tend() == 1
    else:
        assert await e.sender().tend() == 0
        [channel] = await e.channels.channels(e.w.viewer)
        assert channel.last_error == FAULT_OF[fault]
    e.later(seconds=90)
    sent = await e.sender().tend()
    assert sent == 0 or fault != "429"  # it asked for two minutes
    e.later(minutes=3)
    await e.sender().tend()
    assert theirs.refused == []
    assert counts(theirs) == WHOLE
    assert await e.states() == [("confirmed", "help")]


async def test_a_register_that_ignores_the_filter_does_not_get_somebody_elses_contact_changed(
    e: Exchange, theirs: Register
) -> None:
    theirs.held["klantcontacten"].append({"uuid": "00000000-0000-4000-8000-000000000001", "referentienummer": None})
    await e.channel(ChannelKind.KLANTINTERACTIES, theirs.url)
    await e.conversation()
    e.later(minutes=16)
    theirs_fits = {"uuid": "00000000-0000-4000-8000-000000000001", "referentienummer": None}
    await e.sender().tend()
    assert theirs.held["klantcontacten"][0] == theirs_fits
    assert len(theirs.held["klantcontacten"]) == 2


async def test_a_key_stays_with_the_address_it_was_given_for(e: Exchange, theirs: Register) -> None:
    channel, shown = await e.channel(ChannelKind.KLANTINTERACTIES, theirs.url)
    assert shown == ""
    assert (await e.channels.try_out(channel, e.w.viewer)).fault is None
    assert theirs.asked == [("GET", "/klantcontacten")]
    with pytest.raises(Exception, match="sleutel"):
        await e.channels.change(channel, 1, ChannelWish(url="https://example.org/api"), e.w.viewer)


def test_the_register_knows_the_difference() -> None:
    """The specification that it was made from has something against a wrong request."""
    operation = document()["paths"]["/internetaken"]["post"]
    good = {
        "gevraagdeHandeling": "bellen",
        "status": "te_verwerken",
        "aanleidinggevendKlantcontact": {"uuid": "00000000-0000-4000-8000-000000000001"},
    }
    assert complaints(operation, good) == []
    assert complaints(operation, {**good, "status": "klaar"})
    assert complaints(operation, {**good, "verzonnen": 1})
    assert complaints(operation, {key: value for key, value in good.items() if key != "status"})
