"""Who is joined to whom, decided anew each time somebody waits or comes free.

Order: a resident whose agent's leg died, a resident who has just answered, then callers, first come first served. An
agent is reserved before the join is sent, so nobody is promised twice; a join that fails gives the agent back and the
next decision follows at once. When that fails too, the telephone system knows something that we do not: each next try
waits longer, and what there is is compared. No resident waits while an agent stands free, a caller at most for the
agents' breath (`services.rest`). Whose language is known goes to an agent who speaks it where one stands free, and a
caller waits a little for one who is at work (`LANGUAGE_WAITS`); who does not serve the campaign gets none of its calls.
Who answers is not joined to a phone from which no sound comes, the reserved agent's included: that would be silence.
Where joins have taken long of late, nobody is joined so late that the message would begin first: then he hears the
message alone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from dialer.domain.agent import Agent, AgentEvent, AgentState
from dialer.domain.call import JOIN_BEFORE, SAFE_BEFORE, CallEvent, CallState
from dialer.domain.ids import AttemptId, UserId
from dialer.services.floor import Floor, LiveCall
from dialer.services.ports.clock import Clock
from dialer.services.ports.telephony import Telephony, TelephonyError
from dialer.services.rest import Rest, Rests
from dialer.services.tasks import Tasks

log = logging.getLogger(__name__)

JOIN_DEADLINE = 1.0
"""Seconds after which a join that was sent and not seen is given up."""

JOIN_TIME = JOIN_BEFORE - SAFE_BEFORE
"""Seconds that a join may take and still be before the safe message, when it is sent at the last moment."""

LANGUAGE_WAITS = 30.0
"""Seconds, after the greeting, for which a caller whose language is known waits for an agent who speaks it and is at
work: short enough that it is no worse than an ordinary queue, long enough for a wrap-up to end."""
_AT_WORK = frozenset({AgentState.AVAILABLE, AgentState.RESERVED, AgentState.TALKING, AgentState.WRAP_UP})

_WAIT_FIRST, _WAIT_MOST = 0.05, 1.0  # seconds until the next try, from the second failure of a call on
_BEST = (Rest.NONE, False, Rest.NONE)
_SLOW_MOST, _SLOW_FADES = 2.0, 10.0  # seconds: of one slow join that count, and until half of that is forgotten


class Matcher:
    """Joins residents and callers to agents."""

    def __init__(
        self,
        floor: Floor,
        telephony: Telephony,
        clock: Clock,
        tasks: Tasks,
        *,
        may_serve: Callable[[UserId, LiveCall], bool],
        rests: Rests,
        speaks: Callable[[UserId, str], bool] = lambda _user, _language: True,
        in_vain: Callable[[], None] = lambda: None,
    ) -> None:
        """`may_serve`: whether this agent works for this call's campaign; `speaks`: whether he speaks this language.

        `in_vain`: told when joins of one call fail and fail.
        """
        self._rests = rests
        self._in_vain = in_vain
        self._floor = floor
        self._telephony = telephony
        self._clock = clock
        self._tasks = tasks
        self._may_serve = may_serve
        self._speaks = speaks
        self._joining: dict[AttemptId, float] = {}
        self._waits: dict[AttemptId, float] = {}  # seconds between the last two tries of those that failed
        self._held: set[AttemptId] = set()  # of these, those whose next try is not to be sent yet
        self._slow, self._slow_at = 0.0, 0.0  # seconds that joins took at most of late, and when that was seen
        floor.listen(calls=self._settled)

    def match(self) -> None:
        """Serve everybody who can be served now."""
        if not self._telephony.up:
            return
        now = self._clock.wall()
        # A telephone system that is slow carries a join out later: nobody is to hear an agent and the message.
        late = max(0.0, self._slowness(now) - JOIN_TIME)
        for live in (*self._floor.rescues(), *self._floor.unjoined(now + late), *self._floor.queue()):
            started = self._joining.get(live.call.attempt)
            if started is not None and now - started < JOIN_DEADLINE:
                continue
            if live.call.attempt in self._held:
                continue
            agent = self._agent_for(live)
            if agent is not None:
                self._join(live, agent, now)

    def _agent_for(self, live: LiveCall) -> Agent | None:
        own = self._floor.agent(live.call.agent) if live.call.agent is not None else None
        # A leg that has just come back was not listened to yet, and its resident knows the voice that was lost.
        rescue = live.call.state is CallState.RESCUE
        if own is not None and own.attempt == live.call.attempt and own.joinable and (own.hears or rescue):
            return own
        now = self._clock.wall()
        waited = now - live.call.claimed_at if live.call.state is CallState.WAITING else None
        free = self._floor.free_agents()
        wished = [agent for agent in free if agent.user == live.info.reserved] if live.info.reserved else []
        best: Agent | None = None
        least = (Rest.LOOKS + 1, True, Rest.LOOKS + 1)
        for agent in (*wished, *free):
            if not self._may_serve(agent.user, live):
                continue
            if waited is not None and not self._rests.takes_caller(agent, waited, now):
                continue
            rest = self._rests.of(agent, now)
            # A breath is worth less than being understood, the rest after a crisis is worth more.
            hard = rest if rest >= Rest.SHAKEN else Rest.NONE
            rank = (hard, not self._speaks(agent.user, live.info.language), rest)
            if rank == _BEST or agent in wished:
                return agent
            if rank < least:
                best, least = agent, rank
        return None if best is not None and self._waits_for_speaker(live, best, now) else best

    def _waits_for_speaker(self, live: LiveCall, best: Agent, now: float) -> bool:
        """A caller hears music a little longer where that gets him somebody who understands him; no resident does."""
        language, ready_at = live.info.language, live.info.ready_at
        if live.call.state is not CallState.WAITING or ready_at is None or now - ready_at >= LANGUAGE_WAITS:
            return False
        if self._speaks(best.user, language):
            return False
        return any(
            agent.state in _AT_WORK and self._speaks(agent.user, language) and self._may_serve(agent.user, live)
            for agent in self._floor.agents()
        )

    def _join(self, live: LiveCall, agent: Agent, now: float) -> None:
        attempt = live.call.attempt
        if agent.attempt != attempt:
            if not self._floor.try_act(agent.user, AgentEvent.RESERVE, now, attempt=attempt):
                return
            if live.call.agent is None or live.call.state is not CallState.RESCUE:
                live = self._swap_reservation(live, agent.user, now)
        self._joining[attempt] = now
        self._tasks.spawn("join", self._send(live, self._floor.agent(agent.user)))

    def _swap_reservation(self, live: LiveCall, user: UserId, now: float) -> LiveCall:
        before = live.call.agent
        if before is not None and self._floor.agent(before).attempt == live.call.attempt:
            self._floor.try_act(before, AgentEvent.RELEASE, now)
        return self._floor.amend(live, agent=user)

    async def _send(self, live: LiveCall, agent: Agent) -> None:
        attempt = live.call.attempt
        if agent.leg_channel is None:
            return
        try:
            just_answered = live.call.state is CallState.ANSWERED
            await self._telephony.join(live.call.channel, agent.leg_channel, mark=not just_answered)
        except TelephonyError as error:
            log.warning("join failed attempt=%s user=%s reason=%s", attempt, agent.user, error)
            self._undo(attempt, agent.user)
            await self._hold(attempt)
            self.match()

    async def _hold(self, attempt: AttemptId) -> None:
        """One more join of this call came to nothing: return when the next may be sent."""
        if self._floor.live(attempt) is None:
            return
        before = self._waits.get(attempt)
        self._waits[attempt] = wait = 0.0 if before is None else min(max(2.0 * before, _WAIT_FIRST), _WAIT_MOST)
        if before is None:
            return
        self._in_vain()
        self._held.add(attempt)
        try:
            await asyncio.sleep(wait)
        finally:
            self._held.discard(attempt)

    def _slowness(self, now: float) -> float:
        passed = now - self._slow_at
        return self._slow * 0.5 ** (passed / _SLOW_FADES) if passed >= 0.0 else 0.0

    def _settled(self, live: LiveCall, event: CallEvent, at: float) -> None:
        sent = self._joining.get(live.call.attempt)
        if event is CallEvent.JOINED and sent is not None and at - sent >= self._slowness(at):
            self._slow, self._slow_at = min(at - sent, _SLOW_MOST), at
        if event is CallEvent.JOINED or live.call.state in (CallState.MESSAGE, CallState.ENDED):
            self._joining.pop(live.call.attempt, None)
            self._waits.pop(live.call.attempt, None)

    def _undo(self, attempt: AttemptId, user: UserId) -> None:
        self._joining.pop(attempt, None)
        agent = self._floor.agent(user)
        if agent.attempt == attempt and agent.state is AgentState.RESERVED:
            self._floor.try_act(user, AgentEvent.RELEASE, self._clock.wall())
