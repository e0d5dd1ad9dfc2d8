"""A supervisor listens in on one call, whispers to its agent, or joins in: the port `Ears`.

In this order, always: the agent's screen shows it, the audit has it, the supervisor's phone is rung, the resident is
told (unless the client does not want that), and only then anything is heard. It ends with the call, with the
supervisor's phone or session, and with this process: the next one hangs up what it finds.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Coroutine
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from dialer.domain.call import CallEvent, CallState
from dialer.domain.errors import DialerError, IllegalTransitionError, NotFoundError, NotNowError, UnavailableError
from dialer.domain.ids import AttemptId, CampaignId, ChannelId, ClientId, UserId
from dialer.domain.listening import (
    ListenEnd,
    Listener,
    ListenEvent,
    ListenMode,
    ListenPurpose,
    ListenState,
    advance,
)
from dialer.services.floor import Floor, LiveCall
from dialer.services.journal import Journal
from dialer.services.ports.audit import AuditEntry, AuditLog
from dialer.services.ports.clock import Clock
from dialer.services.ports.ears import Supervisor
from dialer.services.ports.engine import EngineCampaign
from dialer.services.ports.ledger import CallFact
from dialer.services.ports.telephony import (
    Ended,
    Hearing,
    ListenReady,
    Refused,
    Telephony,
    TelephonyError,
    TellOrder,
    Told,
)
from dialer.services.tasks import Tasks

log = logging.getLogger(__name__)

MESSAGE = "listening"
"""Kind of the message that the resident hears."""
_LONGEST = {ListenState.CALLING: 25.0, ListenState.TELLING: 20.0, ListenState.TURNING: 5.0}
"""Seconds in a state that waits for the telephone system: after that its word got lost, and nobody listens."""
_LATE = {
    ListenState.CALLING: ListenEnd.PHONE_GONE,
    ListenState.TELLING: ListenEnd.NOT_TOLD,
    ListenState.TURNING: ListenEnd.FAILED,
}

ListenFact = ListenReady | Told | Hearing | Ended | Refused


class ListenRefusedError(NotNowError):
    """Nobody can listen now; `code` says why."""


LISTEN_CODES = frozenset(
    {"listen-no-conversation", "listen-taken", "listen-elsewhere", "listen-no-phone", "listen-not-yet"}
)
"""Every code of a refusal that a supervisor can read."""


class Listening:
    """Who listens to what, of this process."""

    def __init__(
        self,
        floor: Floor,
        telephony: Telephony,
        journal: Journal,
        audit: AuditLog,
        clock: Clock,
        tasks: Tasks,
        *,
        new_id: Callable[[], str],
        campaign: Callable[[CampaignId], EngineCampaign | None],
        device: Callable[[UserId], str | None],
        serves: Callable[[], bool],
    ) -> None:
        """`device`: the account of the supervisor's phone; None while it has no line."""
        self._floor = floor
        self._telephony = telephony
        self._journal = journal
        self._audit = audit
        self._clock = clock
        self._tasks = tasks
        self._new_id = new_id
        self._campaign = campaign
        self._device = device
        self._serves = serves
        self._listeners: dict[UserId, Listener] = {}
        self._absent: set[ChannelId] = set()
        floor.listen(calls=self._call_changed)

    # -- what supervisors ask -----------------------------------------------------------------------------

    async def start(self, who: Supervisor, attempt: AttemptId, purpose: ListenPurpose) -> Listener:
        """Listen in. Raises NotFoundError, UnavailableError, ListenRefusedError."""
        self._check()
        live = self._conversation(attempt, who.client)
        if (mine := self._listeners.get(who.user)) is not None:
            raise ListenRefusedError("listen-elsewhere" if mine.attempt != attempt else "listen-taken")
        if any(other.attempt == attempt for other in self._listeners.values()):
            raise ListenRefusedError("listen-taken")
        device = self._device(who.user)
        if device is None:
            raise ListenRefusedError("listen-no-phone")
        channel = ChannelId(f"listen.{who.user.hex}.{attempt.hex}.{self._new_id()[-6:]}")
        listener = Listener(
            user=who.user, name=who.name, attempt=attempt, channel=channel, purpose=purpose, since=self._clock.wall()
        )
        self._put(listener)
        try:
            await self._audit.record(self._entry("listen.start", listener, live))
        except BaseException:
            self._end(listener.user, ListenEnd.FAILED)
            raise
        if self._listeners.get(who.user) != listener:
            raise ListenRefusedError("listen-no-conversation")  # it ended meanwhile
        self._order(listener.user, "ring-listener", self._telephony.ring_listener(channel, device))
        return listener

    async def turn(self, who: Supervisor, attempt: AttemptId, mode: ListenMode) -> Listener:
        """Listen, whisper or join in, in the call that is listened to. Raises as `start`."""
        self._check()
        live = self._conversation(attempt, who.client)
        listener = self._mine(who.user, attempt)
        # Only who talks with them already takes the call over: the resident knows the voice.
        early = mode is ListenMode.TAKE_OVER and listener.mode is not ListenMode.BARGE
        if listener.state is not ListenState.HEARING or early:
            raise ListenRefusedError("listen-not-yet")
        await self._audit.record(self._entry("listen.mode", listener, live, mode=mode.value))
        if self._listeners.get(who.user) != listener:
            raise ListenRefusedError("listen-no-conversation")
        after = advance(listener, ListenEvent.TURN, self._clock.wall(), mode=mode)
        self._put(after)
        if mode is ListenMode.TAKE_OVER:
            self._order(after.user, "take-over", self._take_over(after, live))
        else:
            self._hear(after)
        return after

    async def _take_over(self, listener: Listener, live: LiveCall) -> None:
        """The supervisor's phone in the agent's place. The agent's leg goes home; his wrap-up begins with the event."""
        agent = None if live.call.agent is None else self._floor.agent(live.call.agent)
        await self._telephony.join(live.call.channel, listener.channel, mark=True)
        if agent is not None and agent.leg_channel is not None:
            await self._telephony.send_home(agent.leg_channel)

    async def stop(self, who: Supervisor, attempt: AttemptId) -> None:
        """Enough; who does not listen (any more) is no error."""
        self._check()
        listener = self._listeners.get(who.user)
        if listener is not None and listener.attempt == attempt:
            self._end(who.user, ListenEnd.STOPPED)

    def _check(self) -> None:
        if not self._serves():
            raise UnavailableError("this process does not run the calls, or does not know them yet")

    def _conversation(self, attempt: AttemptId, client: ClientId | None) -> LiveCall:
        live = self._floor.call(attempt)
        if client is not None and live.info.client != client:
            raise NotFoundError("the call is over")  # another client's call is not even there
        if live.call.state is not CallState.JOINED:
            raise ListenRefusedError("listen-no-conversation")
        return live

    def _mine(self, user: UserId, attempt: AttemptId) -> Listener:
        listener = self._listeners.get(user)
        if listener is None or listener.attempt != attempt:
            raise NotFoundError("you do not listen to this call")
        return listener

    # -- what happens -------------------------------------------------------------------------------------

    def handle(self, event: ListenFact) -> None:
        """The telephone system's word on a supervisor's phone; that of another is nothing."""
        listener = next((one for one in self._listeners.values() if one.channel == event.channel), None)
        if listener is None:
            return
        match event:
            case ListenReady():
                self._ready(listener, event.at)
            case Told(heard=False):
                self._end(listener.user, ListenEnd.NOT_TOLD)
            case Told():
                self._told(listener, event.at)
            case Hearing():
                self._heard(listener, event)
            case Ended() | Refused():
                here = self._device(listener.user) is not None and isinstance(event, Ended)
                self._end(listener.user, ListenEnd.CALL_OVER if here else ListenEnd.PHONE_GONE)

    def _ready(self, listener: Listener, at: float) -> None:
        after = self._advance(listener, ListenEvent.READY, at)
        if after is None:
            return
        live = self._floor.call(listener.attempt)
        campaign = self._campaign(live.info.campaign)
        if campaign is None or campaign.announce_listening:
            sounds = "default" if campaign is None else campaign.sounds
            order = TellOrder(listener=after.channel, channel=live.call.channel, sounds=sounds, message=MESSAGE)
            self._order(after.user, "tell", self._telephony.tell(order))
        else:
            self._told(after, at)

    def _told(self, listener: Listener, at: float) -> None:
        after = self._advance(listener, ListenEvent.TOLD, at)
        if after is not None:
            self._hear(after)

    def _heard(self, listener: Listener, event: Hearing) -> None:
        after = self._advance(listener, ListenEvent.HEARD, event.at, mode=event.mode)
        if after is not None:
            self._note(after, "listened", mode=after.mode.value, purpose=after.purpose.value)

    def _hear(self, listener: Listener) -> None:
        live = self._floor.call(listener.attempt)
        target: ChannelId | None = live.call.channel
        if listener.mode is ListenMode.WHISPER:
            target = None if live.call.agent is None else self._floor.agent(live.call.agent).leg_channel
        if target is None:
            self._end(listener.user, ListenEnd.FAILED)
            return
        self._order(listener.user, "hear", self._telephony.hear(listener.channel, target, listener.mode))

    def _advance(
        self, listener: Listener, event: ListenEvent, at: float, *, mode: ListenMode | None = None
    ) -> Listener | None:
        try:
            after = advance(listener, event, at, mode=mode)
        except IllegalTransitionError as error:
            log.warning("listening out of order state=%s event=%s", error.state, error.event)
            return None
        self._put(after)
        return after

    def _call_changed(self, live: LiveCall, _event: CallEvent, at: float) -> None:
        """It ends with the call, and with the agent's leg, for then the resident hears music.

        Whoever took the call over is in it himself.
        """
        listener = live.info.listener
        if listener is None or live.call.state is CallState.JOINED:
            return
        if live.call.state is CallState.HANDED and live.info.target == listener.channel:
            if listener.state is ListenState.TURNING:
                self._heard(listener, Hearing(at=at, channel=listener.channel, mode=ListenMode.TAKE_OVER))
            return
        self._end(listener.user, ListenEnd.CALL_OVER)

    def phone_gone(self, user: UserId) -> None:
        """The supervisor's phone has no line any more: the page is gone, or the session over."""
        self._end(user, ListenEnd.PHONE_GONE)

    def keep(self) -> None:
        """Once a second: nobody waits for a word of the telephone system that never comes."""
        now = self._clock.wall()
        for listener in list(self._listeners.values()):
            if now - listener.since > _LONGEST.get(listener.state, float("inf")):
                self._end(listener.user, _LATE[listener.state])

    def compare(self, present: Collection[ChannelId]) -> None:
        """Supervisors' channels that exist: one that nobody knows of is hung up, one that is gone has ended."""
        known = {one.channel: one for one in self._listeners.values()}
        for channel in present:
            if channel not in known:
                log.warning("a listener of nobody is hung up")
                self._tasks.spawn("hang-up-listener", self._hang_up(channel))
                self._journal.write("listen", partial(self._audit.record, _found(channel)))
        waiting = (ListenState.CALLING,)
        absent = {c for c, one in known.items() if c not in present and one.state not in waiting}
        for channel in absent & self._absent:  # twice: its own event may just be arriving
            self._end(known[channel].user, ListenEnd.FAILED)
        self._absent = absent

    # -- keeping ------------------------------------------------------------------------------------------

    def _put(self, listener: Listener) -> None:
        self._listeners[listener.user] = listener
        self._floor.set_listener(listener.attempt, listener)

    def _end(self, user: UserId, why: ListenEnd) -> None:
        listener = self._listeners.pop(user, None)
        if listener is None:
            return
        if listener.state in (ListenState.HEARING, ListenState.TURNING):
            self._note(listener, "listening_over", why=why.value)
        self._floor.set_listener(listener.attempt, None)
        live = self._floor.live(listener.attempt)
        if live is not None and live.info.target == listener.channel:
            self._leave(live, goodbye=why is ListenEnd.STOPPED)
        self._tasks.spawn("hang-up-listener", self._hang_up(listener.channel))
        entry = self._entry("listen.end", listener, None, why=why.value)
        self._journal.write("listen", lambda: self._audit.record(entry), listener.attempt)

    def _note(self, listener: Listener, kind: str, **data: object) -> None:
        """The call's own record says who listened, while the call lives."""
        live = self._floor.in_conversation(listener.attempt)
        if live is None:
            return
        self._journal.fact(
            CallFact(
                attempt=listener.attempt,
                kind=kind,
                at=self._clock.now(),
                wall_at=self._clock.wall_utc(),
                actor=f"user:{listener.user}",
                state=live.call.state.value,
                agent=live.call.agent,
                data=data,
            )
        )

    def _entry(self, action: str, listener: Listener, live: LiveCall | None, **detail: object) -> AuditEntry:
        agent = None if live is None else live.call.agent
        return AuditEntry(
            actor=f"user:{listener.user}",
            action=action,
            subject_kind="attempt",
            subject=str(listener.attempt),
            client=None if live is None else live.info.client,
            purpose=listener.purpose.value,
            detail={**detail, **({} if agent is None else {"agent": str(agent)})},
        )

    def _order(self, user: UserId, name: str, order: Coroutine[Any, Any, None]) -> None:
        self._tasks.spawn(name, self._carried_out(user, order))

    async def _carried_out(self, user: UserId, order: Coroutine[Any, Any, None]) -> None:
        try:
            await order
        except TelephonyError as error:
            log.warning("listening not possible reason=%s", error)
            self._end(user, ListenEnd.FAILED)

    def _leave(self, live: LiveCall, *, goodbye: bool) -> None:
        """Whoever took the call over hangs up, or his phone is gone: then somebody else has the resident."""
        resident = live.call.channel
        self._floor.amend(live, info=replace(live.info, target=None))
        self._tasks.spawn("leave", self._hang_up(resident) if goodbye else self._release(resident))

    async def _release(self, channel: ChannelId) -> None:
        try:
            await self._telephony.release(channel)
        except TelephonyError as error:
            log.warning("a resident not released, his line does it by itself reason=%s", error)

    async def _hang_up(self, channel: ChannelId) -> None:
        try:
            await self._telephony.hang_up(channel)
        except (TelephonyError, DialerError) as error:
            log.warning("a listener not hung up, the next look at the channels does it reason=%s", type(error).__name__)


def _found(channel: ChannelId) -> AuditEntry:
    """A listening that outlived the process that began it: `listen.<user>.<attempt>.<n>`."""
    try:
        attempt = str(UUID(channel.split(".")[2]))
    except (IndexError, ValueError):
        attempt = ""
    return AuditEntry(
        actor="engine",
        action="listen.end",
        subject_kind="attempt",
        subject=attempt,
        detail={"why": ListenEnd.RESTART.value},
    )
