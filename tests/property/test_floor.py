"""The sets that the floor keeps beside its calls and agents say what a look at all of them says."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from dialer.domain import call as calls
from dialer.domain.agent import AgentEvent, LegState
from dialer.domain.call import CallEvent, CallState, Intent
from dialer.domain.errors import NotFoundError
from dialer.domain.ids import AttemptId, CampaignId, CaseId, ChannelId, ClientId, UserId
from dialer.services.floor import CallInfo, Floor, LiveCall

CAMPAIGNS = [CampaignId(UUID(int=100 + n)) for n in range(2)]
UNANSWERED = (CallState.CLAIMED, CallState.DIALING, CallState.RINGING)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["out", "in", "event", "event", "event", "amend", "act", "act", "leg"]),
        st.integers(0, 5),
        st.sampled_from(CallEvent),
        st.sampled_from(AgentEvent),
        st.sampled_from(LegState),
        st.booleans(),
    ),
    max_size=80,
)


def found(floor: Floor, attempt: AttemptId) -> LiveCall | None:
    try:
        return floor.call(attempt)
    except NotFoundError:
        return None


@given(STEPS)
def test_kept_sets_are_the_sets_that_a_scan_finds(
    steps: list[tuple[str, int, CallEvent, AgentEvent, LegState, bool]],
) -> None:
    floor = Floor()
    for at, (what, number, call_event, agent_event, leg, yes) in enumerate(steps):
        now, attempt, user = float(at), AttemptId(UUID(int=number)), UserId(UUID(int=50 + number))
        live = found(floor, attempt)
        if what in ("out", "in") and live is None:
            ready = now if yes else None
            info = CallInfo(campaign=CAMPAIGNS[number % 2], client=ClientId(UUID(int=1)), case=None, ready_at=ready)
            outbound = what == "out"
            call = (
                calls.outbound(attempt, user if yes else None, now)
                if outbound
                else calls.inbound(attempt, ChannelId(f"17.{at}"), now)
            )
            floor.add(LiveCall(call, info))
        elif what == "event" and live is not None:
            floor.advance(live, call_event, now)
        elif what == "amend" and live is not None:
            case = CaseId(UUID(int=at))
            floor.amend(live, info=replace(live.info, case=case), intent=Intent.CANCEL if yes else Intent.NONE)
        elif what == "act":
            floor.try_act(user, agent_event, now, attempt=attempt)
        elif what == "leg":
            channel = None if leg is LegState.NONE else ChannelId(f"leg.{number}")
            floor.set_leg(user, now, leg=leg, channel=channel, hears=yes)

        everything, agents = list(floor.calls()), floor.agents()
        free = sorted((a for a in agents if a.free), key=lambda a: (a.since, a.user.int))
        assert floor.free_agents() == free
        for campaign in CAMPAIGNS:
            ringing = [c for c in everything if c.info.campaign == campaign and c.call.state in UNANSWERED]
            assert sorted(floor.in_flight(campaign), key=id) == sorted(ringing, key=id)
            for_anybody = {
                (c.call.attempt, c.call.dialed_at or c.call.claimed_at) for c in ringing if c.call.agent is None
            }
            assert set(floor.rings(campaign)) == for_anybody
        waiting = [c for c in everything if c.call.state is CallState.WAITING]
        assert floor.inbound_waiting() == len(waiting)
        assert sorted(floor.queue(), key=id) == sorted((c for c in waiting if c.info.ready_at is not None), key=id)
        assert {id(c) for c in floor.rescues()} == {id(c) for c in everything if c.call.state is CallState.RESCUE}
        joinable = {id(c) for c in everything if c.call.state is CallState.ANSWERED and c.call.may_join(now)}
        assert {id(c) for c in floor.unjoined(now)} == joinable
        assert all(c.call.live for c in everything)
        assert all(floor.find(c.call.channel) is c for c in everything)
