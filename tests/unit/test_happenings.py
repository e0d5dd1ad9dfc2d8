"""A pacer's decision in words, and what is kept for appointments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from dialer.domain.ids import CampaignId
from dialer.pacing import view
from dialer.pacing.model import Decision, Limit
from dialer.services.appointments import AHEAD, Appointments
from dialer.services.happenings import LINES_OF, RATES, in_words
from dialer.services.room import Left, Scope
from tests.support.clock import FakeClock
from tests.support.floor import CAMPAIGN, MONDAY


def decided(held: view.Held, start: int = 0) -> view.Decision:
    return view.Decision(start=start, reasons=view.Reasons(held, "progressive", 4, 1))


def test_every_reason_has_its_word_in_both_languages() -> None:
    for held in view.Held:
        said = in_words(decided(held), inbound_waiting=0)
        assert said.line() != said.line("en")
    assert {in_words(decided(held), inbound_waiting=0).limit for held in (view.Held.GUARD, view.Held.BREATH)} == {
        Limit.GUARD,
        Limit.BREATH,
    }


def test_who_is_kept_for_callers_or_appointments_is_named_so() -> None:
    held = decided(view.Held.AGENTS)
    assert in_words(held, inbound_waiting=1).limit is Limit.INBOUND
    assert in_words(held, inbound_waiting=0, appointments_due=1).limit is Limit.APPOINTMENTS
    assert in_words(held, inbound_waiting=0).limit is Limit.AGENTS
    assert in_words(held, inbound_waiting=0, in_ring=7).facts["in_ring"] == 7


@pytest.mark.parametrize(
    ("scope", "lines", "rate"),
    [
        (Scope.CAMPAIGN, Limit.LINES, Limit.RATE),
        (Scope.CLIENT, Limit.CLIENT_LINES, Limit.CLIENT_RATE),
        (Scope.TRUNK, Limit.TRUNK_LINES, Limit.TRUNK_RATE),
    ],
)
def test_whose_bound_is_reached_is_named(scope: Scope, lines: Limit, rate: Limit) -> None:
    left = Left(0, 0, scope, scope)
    assert in_words(decided(view.Held.LINES), inbound_waiting=0, left=left).limit is lines
    assert in_words(decided(view.Held.RATE), inbound_waiting=0, left=left).limit is rate
    assert LINES_OF[scope] is lines
    assert rate in RATES


def test_a_decision_says_itself_in_one_line() -> None:
    decision = in_words(decided(view.Held.AGENTS, 4), inbound_waiting=0)
    assert decision.line() == "4 vrij, 1 gaan over, 0 wachten: start 4; er is geen medewerker vrij"
    assert decision.line("en") == "4 free, 1 in ring, 0 waiting: start 4; no agent is free"
    assert Decision.hold(Limit.STATE).line() == "start 0: de belactie belt nu niet"
    assert {limit for limit in Limit if Decision.hold(limit).line("en")} == set(Limit)


class Diary:
    def __init__(self) -> None:
        self.at: list[datetime] = []

    async def appointments(self, after: datetime, until: datetime) -> Sequence[tuple[CampaignId, datetime]]:
        return [(CAMPAIGN, at) for at in self.at if after < at <= until]


async def test_an_agent_is_kept_for_half_a_minute_before_an_appointment_and_then_no_more() -> None:
    clock, diary = FakeClock(MONDAY), Diary()
    known = Appointments(diary, clock)  # type: ignore[arg-type]  # one of its methods is used
    assert known.due(CAMPAIGN) == 0
    diary.at = [MONDAY + timedelta(seconds=35), MONDAY + timedelta(seconds=39)]
    await known.look()
    assert known.due(CAMPAIGN) == 0, "too early"
    clock.pass_time(6.0)
    assert known.due(CAMPAIGN) == 1
    assert known.due(CampaignId(UUID(int=3))) == 0
    clock.pass_time(4.0)
    assert known.due(CAMPAIGN) == 2
    clock.pass_time(AHEAD)
    assert known.due(CAMPAIGN) == 0, "it is dialled, not waited for"


@pytest.mark.parametrize("speed", [1.0, 60.0])
async def test_half_a_minute_is_an_agents_also_where_the_calendar_is_pressed(speed: float) -> None:
    clock, diary = FakeClock(MONDAY), Diary()
    known = Appointments(diary, clock)  # type: ignore[arg-type]  # one of its methods is used
    await known.look()
    clock.pass_time(5.0)
    clock._now += timedelta(seconds=5.0 * (speed - 1.0))
    diary.at = [clock.now() + timedelta(seconds=speed * 20.0), clock.now() + timedelta(seconds=speed * 34.0)]
    await known.look()
    assert known.due(CAMPAIGN) == 1
