"""What deciding costs the service: the floor looked at, the decision made, the events learned, at 1,000 agents.

    python -m bench pacer [--agents 1000] [--rings 2800] [--seconds 20]

The floor is the service's own with so many agents (70% talk, 20% wrap up, 10% are free) and calls in ring. It
changes as it would at 100 calls a second: each second 100 calls begin and 100 end, 25 of them answered, 25 agents begin
to talk, 25 to wrap up, 25 are free. Twenty decisions a second. CPU time of this process.

Asked: at most 15% of a core.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from uuid import UUID

from dialer.cli.serve import calm_collector
from dialer.domain import call as calls
from dialer.domain.agent import AgentEvent, LegState
from dialer.domain.call import CallEvent
from dialer.domain.ids import AttemptId, CampaignId, ChannelId, ClientId, UserId
from dialer.schedule.windows import Calendar
from dialer.services.floor import CallInfo, Floor, LiveCall
from dialer.services.pacemaker import Ask, Pacemaker
from dialer.services.ports.engine import EngineCampaign
from dialer.services.rest import Rests
from tests.support.clock import CountingIds, FakeClock
from tests.support.floor import MONDAY

ASKED = 0.15
DECISIONS = 20
CALLS = 100
ANSWERS = 25
CAMPAIGN, CLIENT = CampaignId(UUID(int=1)), ClientId(UUID(int=2))
CALLED = EngineCampaign(
    campaign=CAMPAIGN,
    client=CLIENT,
    state="running",
    calendar=Calendar(),
    caller_id="+31790000000",
    sounds="bench",
    mode="predictive",
    lines=20_000,
    calls_per_second=CALLS,
)


class Crowd:
    """Agents and calls that come and go evenly."""

    def __init__(self, agents: int, rings: int) -> None:
        self.clock = FakeClock(MONDAY)
        self.floor = Floor()
        rests = Rests(self.floor)
        self.pacemaker = Pacemaker(self.floor, self.clock, may_serve=lambda *_: True, rests=rests)
        self._ids = CountingIds()
        self._ringing: list[AttemptId] = []
        self._talking: list[tuple[UserId, AttemptId]] = []
        self._wrapping: list[UserId] = []
        for place in range(agents):
            self._agent(UserId(UUID(int=1000 + place)))
        for _ in range(int(0.9 * agents)):
            self._dial()
        self._converse(int(0.9 * agents))
        self.clock.pass_time(60.0)
        self._hang_up(int(0.2 * agents))
        for _ in range(rings):
            self._dial()
            self.clock.pass_time(1.0 / CALLS)

    def _agent(self, user: UserId) -> None:
        at = self.clock.wall()
        self.floor.act(user, AgentEvent.ON_DUTY, at - 600.0)
        self.floor.set_leg(user, at, leg=LegState.IDLE, channel=ChannelId(f"leg.{user.hex}"), hears=True)

    def _dial(self) -> None:
        attempt, at = AttemptId(self._ids.new()), self.clock.wall()
        self.floor.add(
            LiveCall(calls.outbound(attempt, None, at), CallInfo(campaign=CAMPAIGN, client=CLIENT, case=None))
        )
        self._event(attempt, CallEvent.DIALED)
        self._ringing.append(attempt)

    def _event(self, attempt: AttemptId, event: CallEvent) -> None:
        self.floor.advance(self.floor.call(attempt), event, self.clock.wall())

    def _converse(self, many: int) -> None:
        """So many answer, each to a free agent."""
        at = self.clock.wall()
        for agent in self.floor.free_agents()[:many]:
            attempt = self._ringing.pop(0)
            self._event(attempt, CallEvent.ANSWERED)
            self.floor.act(agent.user, AgentEvent.RESERVE, at, attempt=attempt)
            self.floor.amend(self.floor.call(attempt), agent=agent.user)
            self.floor.act(agent.user, AgentEvent.JOINED, at, attempt=attempt)
            self._event(attempt, CallEvent.JOINED)
            self._talking.append((agent.user, attempt))

    def _hang_up(self, many: int) -> None:
        """So many conversations end."""
        for user, attempt in self._talking[:many]:
            self._event(attempt, CallEvent.ENDED)
            self.floor.act(user, AgentEvent.CALL_OVER, self.clock.wall())
            self._wrapping.append(user)
        del self._talking[:many]

    def second(self, part: int) -> None:
        """What happens in one of the second's twenty parts."""
        for _ in range(CALLS // DECISIONS):
            self._dial()
        for _ in range((CALLS - ANSWERS) // DECISIONS):
            self._event(self._ringing.pop(0), CallEvent.ENDED)
        if part < ANSWERS:
            self._converse(2 if part < ANSWERS - DECISIONS else 1)
            self._hang_up(2 if part < ANSWERS - DECISIONS else 1)
            for _ in range(2 if part < ANSWERS - DECISIONS else 1):
                self.floor.act(self._wrapping.pop(0), AgentEvent.FILED, self.clock.wall())
        self.clock.pass_time(1.0 / DECISIONS)

    def decide(self) -> None:
        self.pacemaker.decide([Ask(campaign=CALLED, lines_free=10_000, starts_allowed=5)])


def main(words: list[str] | None = None) -> int:
    """Print the figures; 1 when it costs more than is asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agents", type=int, default=1000)
    parser.add_argument("--rings", type=int, default=2800)
    parser.add_argument("--seconds", type=int, default=20, help="that are played")
    chosen, _ = parser.parse_known_args(sys.argv[1:] if words is None else words)
    calm_collector()  # as `dialer serve`
    crowd = Crowd(chosen.agents, chosen.rings)
    taken, learned = [], 0.0
    for _, part in itertools.product(range(chosen.seconds), range(DECISIONS)):
        begun = time.process_time()
        crowd.second(part)
        between = time.process_time()
        crowd.decide()
        taken.append(time.process_time() - between)
        learned += between - begun
    taken.sort()
    deciding, events = sum(taken) / chosen.seconds, learned / chosen.seconds
    floor = crowd.floor
    ringing = len(floor.in_flight(CAMPAIGN))
    print(f"{chosen.agents:,} agents, {len(floor.free_agents())} free; {ringing:,} calls in ring")
    half, most = taken[len(taken) // 2], taken[int(0.99 * len(taken))]
    print(f"one decision: p50 {1000 * half:.2f} ms, p99 {1000 * most:.2f} ms")
    print(f"{DECISIONS} decisions a second: {deciding:.1%} of a core; changes of the floor, learning: {events:.1%}")
    quick = deciding + events <= ASKED
    print(f"in all {deciding + events:.1%} (asked: at most {ASKED:.0%}){'' if quick else ' MISSED'}")
    return 0 if quick else 1


if __name__ == "__main__":
    sys.exit(main())
