"""Bounds of the campaign, of its client and of the trunk."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from dialer.domain.call import Call, CallState, Direction
from dialer.domain.ids import AttemptId, CampaignId, ChannelId, ClientId
from dialer.schedule.windows import Calendar
from dialer.services.floor import CallInfo, Floor, LiveCall
from dialer.services.ports.engine import EngineCampaign
from dialer.services.room import Left, Room, Scope, TrunkBounds

NOW = 1000.0
JUNE, JULY, ELSEWHERE = (CampaignId(UUID(int=number)) for number in (1, 2, 3))
TOWN, VILLAGE = ClientId(UUID(int=11)), ClientId(UUID(int=12))
ONE = EngineCampaign(
    campaign=JUNE,
    client=TOWN,
    state="running",
    calendar=Calendar(),
    caller_id="+31790000000",
    sounds="town",
    lines=10,
    calls_per_second=4.0,
)


class City:
    """Three campaigns of two clients over two trunks, and their calls."""

    def __init__(self, trunk: TrunkBounds | None = None, **bounds: float) -> None:
        self.floor = Floor()
        first = replace(ONE, **bounds)  # type: ignore[arg-type]  # names checked there
        self.campaigns = [
            first,
            replace(first, campaign=JULY),
            replace(first, campaign=ELSEWHERE, client=VILLAGE, trunk="other"),
        ]
        self.room = Room(self.floor, lambda: self.campaigns, trunk)
        self._calls = 0

    def calls(self, campaign: CampaignId, many: int) -> list[AttemptId]:
        made = []
        for _ in range(many):
            self._calls += 1
            attempt = AttemptId(UUID(int=5000 + self._calls))
            call = Call(
                attempt=attempt,
                direction=Direction.IN,
                channel=ChannelId(str(attempt)),
                claimed_at=NOW,
                state=CallState.WAITING,
            )  # callers hold a line too
            client = VILLAGE if campaign == ELSEWHERE else TOWN
            self.floor.add(LiveCall(call, CallInfo(campaign=campaign, client=client, case=None)))
            made.append(attempt)
        return made

    def left(self, place: int = 0, now: float = NOW) -> Left:
        return self.room.left(self.campaigns[place], now)


def test_a_campaigns_own_lines_are_its_own() -> None:
    city = City()
    city.calls(JUNE, 4)
    assert [city.left(place).lines for place in range(3)] == [6, 10, 10]
    city.calls(JUNE, 9)
    assert city.left() == Left(0, 1)


def test_lines_of_a_client_are_shared_by_its_campaigns() -> None:
    city = City(client_lines=12)
    city.calls(JUNE, 3)
    city.calls(JULY, 8)
    city.calls(ELSEWHERE, 9)
    assert [(left.lines, left.lines_of) for left in map(city.left, range(3))] == [
        (1, Scope.CLIENT),
        (1, Scope.CLIENT),
        (1, Scope.CAMPAIGN),
    ]


def test_lines_of_a_trunk_are_shared_by_all_who_use_it() -> None:
    city = City(TrunkBounds(lines=14))
    city.calls(JUNE, 6)
    city.calls(JULY, 6)
    city.calls(ELSEWHERE, 5)
    assert (city.left().lines, city.left().lines_of) == (2, Scope.TRUNK)
    assert (city.left(2).lines, city.left(2).lines_of) == (5, Scope.CAMPAIGN)


def test_calls_on_their_way_hold_a_line_until_they_are_on_the_floor() -> None:
    city = City(client_lines=5)
    city.room.coming(JULY, 3)
    assert city.left().lines == 2
    city.calls(JULY, 3)
    city.room.coming(JULY, -3)
    assert city.left().lines == 2
    assert city.left().calls == 1, "one start at first"


def test_a_call_that_ends_gives_its_line_back() -> None:
    city = City()
    attempts = city.calls(JUNE, 2)
    for attempt in attempts:
        city.floor._drop(attempt)
    assert city.left().lines == 10


@pytest.mark.parametrize(
    ("trunk", "bounds", "scope"),
    [
        (None, {"calls_per_second": 4.0}, Scope.CAMPAIGN),
        (None, {"client_calls_per_second": 4.0, "calls_per_second": 100.0}, Scope.CLIENT),
        (TrunkBounds(calls_per_second=4.0), {"calls_per_second": 100.0}, Scope.TRUNK),
    ],
)
def test_no_more_leave_than_the_narrowest_rate_allows(
    trunk: TrunkBounds | None, bounds: dict[str, float], scope: Scope
) -> None:
    city = City(trunk, **bounds)
    begun, now = 0, NOW
    for _ in range(1000):  # ten seconds, looked at a hundred times a second
        left = city.left(now=now)
        begun += left.starts
        city.room.take(city.campaigns[0], left.starts)
        now += 0.01
    assert 39 <= begun <= 42
    city.room.take(city.campaigns[0], max(1, city.left(now=now).starts))
    assert (city.left(now=now).starts, city.left(now=now).starts_of) == (0, scope)
    wait = city.room.wait(city.campaigns[0])
    assert 0.0 < wait <= 0.5
    assert city.left(now=now + wait).starts == 1


def test_two_campaigns_of_a_client_share_its_rate() -> None:
    city = City(client_calls_per_second=4.0)
    begun = [0, 0]
    for step in range(1000):
        place = step % 2
        starts = city.left(place, NOW + step / 100).starts
        begun[place] += starts
        city.room.take(city.campaigns[place], starts)
    assert 39 <= sum(begun) <= 42
    assert min(begun) > 0


def test_a_clock_that_goes_back_gives_no_starts() -> None:
    city = City()
    city.room.take(ONE, city.left().starts)
    assert city.left(now=NOW - 50.0).starts == 0
