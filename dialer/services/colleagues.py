"""An agent calls a colleague: both hear the ring tone in their standing legs, and are joined once it is accepted.

Out of a conversation only. From the first ring on neither leg is idle, so neither agent gets a call; duty goes on as it
was: a pause stays a pause, a wrap-up can be filed meanwhile. Nothing is rung outside, nothing is recorded. A process
that finds two agents together lets them talk on.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Coroutine, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from dialer.domain.agent import Agent, AgentState, LegState
from dialer.domain.colleague_call import ColleagueCall, ColleagueEnd, ColleagueEvent, ColleagueState, advance
from dialer.domain.errors import IllegalTransitionError, NotNowError, UnavailableError
from dialer.domain.ids import ChannelId, UserId
from dialer.services.floor import Floor
from dialer.services.journal import Journal
from dialer.services.ports.audit import AuditEntry, AuditLog
from dialer.services.ports.clock import Clock
from dialer.services.ports.colleagues import Colleague, ColleagueCallView
from dialer.services.ports.switching import Met
from dialer.services.ports.telephony import (
    ChannelFact,
    ChannelKind,
    Ended,
    LegIdle,
    Refused,
    Telephony,
    TelephonyError,
    TelephonyEvent,
)
from dialer.services.reconcile import user_of_leg
from dialer.services.tasks import Tasks

log = logging.getLogger(__name__)

COLLEAGUE_CODES = frozenset({"colleague-not-now", "colleague-busy", "colleague-over"})
"""Every code of a refusal that an agent can read."""
_OUT_OF_A_CALL = (AgentState.AVAILABLE, AgentState.WRAP_UP, AgentState.PAUSED)
"""In this order they are offered: who is free first."""
_WISHES = frozenset({ColleagueEvent.ACCEPT, ColleagueEvent.REFUSE, ColleagueEvent.END})
_TOLD_SECONDS = 20.0
"""For so long an agent reads how it ended."""


class ColleagueRefusedError(NotNowError):
    """Not now; `code` says why."""


class ColleagueLine:
    """Calls between agents of this process: the port `ColleagueCalls`."""

    def __init__(
        self,
        floor: Floor,
        telephony: Telephony,
        journal: Journal,
        audit: AuditLog,
        clock: Clock,
        tasks: Tasks,
        *,
        new_id: Callable[[], UUID],
        name_of: Callable[[UserId], str],
        serves: Callable[[], bool],
    ) -> None:
        self._floor = floor
        self._telephony = telephony
        self._journal = journal
        self._audit = audit
        self._clock = clock
        self._tasks = tasks
        self._new_id = new_id
        self._name_of = name_of
        self._serves = serves
        self._open: dict[UserId, ColleagueCall] = {}  # by both
        self._last: dict[UserId, ColleagueCall] = {}  # how it ended
        self._in_turn = asyncio.Lock()  # who accepts at once is joined after the ring tone, not before
        self.on_change: Callable[[UserId], None] = lambda _: None
        """Told whose view has changed."""
        floor.listen(agents=self._agent_changed)

    # -- what agents ask ----------------------------------------------------------------------------------

    def choices(self, user: UserId) -> Sequence[Colleague]:
        """Who can be called, who is free first. Raises UnavailableError."""
        self._check()
        found = [agent for agent in self._floor.agents() if agent.user != user and self._callable(agent)]
        found.sort(key=lambda agent: (_OUT_OF_A_CALL.index(agent.state), agent.since))
        return [Colleague(user=one.user, name=self._name_of(one.user), state=one.state.value) for one in found]

    async def call(self, user: UserId, colleague: UserId) -> ColleagueCallView:
        """Ring the colleague. Raises ColleagueRefusedError, UnavailableError."""
        self._check()
        self._legs(user, colleague)
        entry = AuditEntry(
            actor=f"user:{user}",
            action="colleague.call",
            subject_kind="user",
            subject=str(colleague),
        )
        await self._audit.record(entry)
        self._check()
        mine, theirs = self._legs(user, colleague)  # somebody may have been first meanwhile
        call = ColleagueCall(
            id=self._new_id(),
            caller=user,
            caller_leg=mine,
            colleague=colleague,
            colleague_leg=theirs,
            since=self._clock.wall(),
        )
        for one, leg in call.legs.items():
            self._floor.set_leg(one, call.since, leg=LegState.IN_CALL, channel=leg)  # no call for them from now on
        self._put(call)
        self._order(call, partial(self._ring, call))
        return self._view(call, user)

    async def step(self, user: UserId, event: ColleagueEvent) -> ColleagueCallView:
        """What one of them asks. Raises ColleagueRefusedError, UnavailableError."""
        self._check()
        call = self._open.get(user)
        theirs = event in (ColleagueEvent.ACCEPT, ColleagueEvent.REFUSE)
        if call is None or event not in _WISHES or (theirs and user != call.colleague):
            raise ColleagueRefusedError("colleague-over")
        after = self._advance(call, event, self._clock.wall())
        if after is None:
            raise ColleagueRefusedError("colleague-over")
        if after.state is ColleagueState.JOINING:
            self._order(after, partial(self._telephony.join, after.colleague_leg, after.caller_leg, mark=False))
        return self._view(after, user)

    def view_of(self, user: UserId) -> ColleagueCallView | None:
        """The call in which this agent stands, or how his last one ended, for a moment."""
        call = self._open.get(user) or self._last.get(user)
        return None if call is None else self._view(call, user)

    def legs(self) -> Collection[ChannelId]:
        """Legs that stand in such a call: nobody else sends them home."""
        return {leg for call in self._open.values() for leg in call.legs.values()}

    def _check(self) -> None:
        if not self._serves():
            raise UnavailableError("this process does not run the calls, or does not know them yet")

    def _callable(self, agent: Agent) -> bool:
        return agent.state in _OUT_OF_A_CALL and agent.joinable and agent.hears and agent.user not in self._open

    def _legs(self, user: UserId, colleague: UserId) -> tuple[ChannelId, ChannelId]:
        mine, theirs = self._floor.agent(user), self._floor.agent(colleague)
        if not self._callable(mine) or mine.leg_channel is None:
            raise ColleagueRefusedError("colleague-not-now")
        if colleague == user or not self._callable(theirs) or theirs.leg_channel is None:
            raise ColleagueRefusedError("colleague-busy")
        return mine.leg_channel, theirs.leg_channel

    # -- what happens -------------------------------------------------------------------------------------

    def handle(self, event: TelephonyEvent) -> None:
        """The telephone system's word, after the floor has it."""
        match event:
            case Met(channels=channels):
                for call in self._calls():
                    if set(call.legs.values()) == channels:
                        self._advance(call, ColleagueEvent.MET, event.at)
            case Ended(channel=leg) | Refused(channel=leg):
                self._leg_gone(leg, event.at)
            case LegIdle(leg=leg):
                self._leg_gone(leg, event.at)

    def _leg_gone(self, leg: ChannelId, at: float) -> None:
        call = self._of_leg(leg)
        if call is not None:
            self._advance(call, ColleagueEvent.GONE, at)

    def _agent_changed(self, _before: Agent, after: Agent, at: float) -> None:
        call = self._open.get(after.user)
        if call is not None and after.state not in _OUT_OF_A_CALL:
            self._advance(call, ColleagueEvent.GONE, at)

    def keep(self) -> None:
        """Now and then: nobody rings for ever, and old words go."""
        now = self._clock.wall()
        for call in self._calls():
            if now >= call.late:
                self._advance(call, ColleagueEvent.LATE, now)
        for user, call in list(self._last.items()):
            if now - call.since > _TOLD_SECONDS:
                del self._last[user]
                self.on_change(user)

    def compare(self, facts: Collection[ChannelFact]) -> None:
        """Two agents who speak with each other since before this process talk on."""
        together: defaultdict[str, list[ChannelId]] = defaultdict(list)
        for fact in facts:
            if fact.bridge and not fact.holding:
                together[fact.bridge].append(fact.channel)
        legs = {fact.channel for fact in facts if fact.kind is ChannelKind.AGENT and fact.consults}
        for members in together.values():
            if len(members) == 2 and legs.issuperset(members):
                self._adopt(sorted(members))

    def _adopt(self, legs: Sequence[ChannelId]) -> None:
        users = [user for leg in legs if (user := user_of_leg(leg)) is not None]
        if len(users) != 2 or any(user in self._open for user in users):
            return
        if any(self._floor.agent(user).state not in _OUT_OF_A_CALL for user in users):
            return  # one asks the other about a call
        self._put(
            ColleagueCall(
                id=self._new_id(),
                caller=users[0],
                caller_leg=legs[0],
                colleague=users[1],
                colleague_leg=legs[1],
                state=ColleagueState.TALKING,
                since=self._clock.wall(),
            )
        )

    # -- keeping ------------------------------------------------------------------------------------------

    def _calls(self) -> list[ColleagueCall]:
        return list({call.id: call for call in self._open.values()}.values())

    def _of_leg(self, leg: ChannelId) -> ColleagueCall | None:
        return next((call for call in self._open.values() if leg in call.legs.values()), None)

    def _advance(self, call: ColleagueCall, event: ColleagueEvent, at: float) -> ColleagueCall | None:
        try:
            after = advance(call, event, at)
        except IllegalTransitionError as error:
            log.info("call between colleagues out of order state=%s event=%s", error.state, error.event)
            return None
        if after.state is ColleagueState.OVER:
            self._over(after)
        elif after != call:
            self._put(after)
        return after

    def _put(self, call: ColleagueCall) -> None:
        for user in call.users:
            self._open[user] = call
            self._last.pop(user, None)
        self._changed(call)

    def _over(self, call: ColleagueCall) -> None:
        for user in call.users:
            self._open.pop(user, None)
        if call.why not in (ColleagueEnd.SPOKEN, ColleagueEnd.CANCELLED):
            self._last[call.caller] = call  # the others know, or ended it themselves
        self._tasks.spawn("colleague-home", self._home(call))
        entry = AuditEntry(
            actor=f"user:{call.caller}",
            action="colleague.end",
            subject_kind="user",
            subject=str(call.colleague),
            detail={"why": "" if call.why is None else call.why.value},
        )
        self._journal.write("colleague", lambda: self._audit.record(entry), call.caller, call.colleague)
        self._changed(call)

    def _changed(self, call: ColleagueCall) -> None:
        for user in call.users:
            self.on_change(user)

    def _view(self, call: ColleagueCall, user: UserId) -> ColleagueCallView:
        return ColleagueCallView(
            state=call.state.value,
            name=self._name_of(call.other(user)),
            incoming=user == call.colleague,
            since=call.since,
            why="" if call.why is None else call.why.value,
        )

    # -- orders -------------------------------------------------------------------------------------------

    async def _ring(self, call: ColleagueCall) -> None:
        for leg in call.legs.values():
            await self._telephony.ring_tone(leg)

    def _order(self, call: ColleagueCall, order: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._tasks.spawn("colleague", self._carried_out(call, order))

    async def _carried_out(self, call: ColleagueCall, order: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            async with self._in_turn:
                await order()
        except TelephonyError as error:
            log.warning("call between colleagues not carried out reason=%s", error)
            now = self._open.get(call.caller)
            if now is not None and now.id == call.id and now.state is call.state:
                self._advance(now, ColleagueEvent.FAILED, self._clock.wall())

    async def _home(self, call: ColleagueCall) -> None:
        """Both legs; one that has gone home by itself, or serves a resident by now, is left alone."""
        for user, leg in call.legs.items():
            agent = self._floor.agent(user)
            busy = agent.state in (AgentState.RESERVED, AgentState.TALKING) or user in self._open
            if agent.leg_channel != leg or agent.leg is not LegState.IN_CALL or busy:
                continue
            try:
                async with self._in_turn:
                    await self._telephony.send_home(leg)
            except TelephonyError as error:
                log.warning("a leg not sent home, the next look at the channels does it reason=%s", error)
