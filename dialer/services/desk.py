"""Agents' and supervisors' hands on the running centre: the port `Desk`.

What an agent asks is granted at once when the hands are free, else after the call and its wrap-up. An outcome is
acknowledged only after its commit.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Collection, Sequence

from dialer.domain.agent import Agent, AgentEvent, AgentState, LegState
from dialer.domain.call import CallState, Direction, Intent
from dialer.domain.devices import OwnPhones, kind_of_phone, own_device
from dialer.domain.errors import (
    ConflictError,
    ForbiddenError,
    IllegalTransitionError,
    NotFoundError,
    NotNowError,
    UnavailableError,
)
from dialer.domain.ids import AttemptId, UserId
from dialer.domain.pause_reasons import AFTER_CRISIS
from dialer.domain.sites import MAIN
from dialer.domain.skills import NONE, Abilities
from dialer.services.floor import Floor, LiveCall
from dialer.services.journal import Journal
from dialer.services.legs import Legs
from dialer.services.ports.clock import Clock
from dialer.services.ports.colleagues import ColleagueCallView
from dialer.services.ports.desk import (
    AgentView,
    CallView,
    CampaignView,
    DeviceGrant,
    Filing,
    FloorView,
    MessageView,
    WrapUp,
    of_another,
)
from dialer.services.ports.duty import DutyChange, DutyRecord, DutyStore
from dialer.services.ports.ears import listener_view
from dialer.services.ports.outcomes import OutcomeFiler
from dialer.services.ports.telephony import Telephony, TelephonyError
from dialer.services.ports.transfers import TransferView
from dialer.services.rest import SHAKING
from dialer.services.surveys import Surveys

log = logging.getLogger(__name__)

_END_SECONDS = 5.0
_SETTLE_SECONDS = 5.0
_CRISIS = "CRISIS"
_AT_WORK = frozenset({AgentState.RESERVED, AgentState.TALKING, AgentState.WRAP_UP})
"""On duty already: saying so again (a page or phone that came back) changes nothing."""


class AgentDesk:
    """One desk for all agents of this process."""

    def __init__(
        self,
        floor: Floor,
        telephony: Telephony,
        legs: Legs,
        journal: Journal,
        duty: DutyStore,
        outcomes: OutcomeFiler,
        clock: Clock,
        *,
        sip_domain: str,
        sip_port: int,
        phones: OwnPhones = "udp",
        campaigns: Callable[[], Sequence[CampaignView]],
        stopped: Callable[[], bool] = lambda: False,
        on_free: Callable[[], None],
        serves: Callable[[], bool] = lambda: True,
        shaken: Callable[[UserId], None] = lambda _: None,
        messages: Callable[[UserId], Sequence[MessageView]] = lambda _: (),
        transfer: Callable[[UserId], TransferView | None] = lambda _: None,
        abilities: Callable[[UserId], Abilities] = lambda _: NONE,
        colleague_call: Callable[[UserId], ColleagueCallView | None] = lambda _: None,
        surveys: Surveys | None = None,
        site: str = MAIN,
    ) -> None:
        """`stopped`: an emergency stop stands.

        `serves`: this process knows what agents are doing. Before that, what they ask is refused with `unavailable`.

        Who answered them any earlier would take a conversation for over, and overwrite what is stored of them.
        `shaken`: told, before he is free, of an agent who files a crisis or aggression.
        """
        self._site = site
        self._shaken = shaken
        self._stopped = stopped
        self._messages = messages
        self._transfer = transfer
        self._abilities = abilities
        self._colleague_call = colleague_call
        self._surveys = surveys
        self._floor = floor
        self._telephony = telephony
        self._legs = legs
        self._journal = journal
        self._duty = duty
        self._outcomes = outcomes
        self._clock = clock
        self._sip = (sip_domain, sip_port)
        self._phones = phones
        self._campaigns = campaigns
        self._on_free = on_free
        self._serves = serves
        self._names: dict[UserId, str] = {}
        self._help: dict[UserId, float] = {}  # who asks for a colleague, since when
        self._wrap_ups: dict[UserId, list[WrapUp]] = {}
        floor.listen(agents=self._agent_changed)

    # -- duty ---------------------------------------------------------------------------------------------

    async def device(self, user: UserId) -> DeviceGrant:
        """A SIP account with a new secret; the old one stops working. NotNowError where there are no own phones."""
        self._check()
        if self._phones == "none":
            raise NotNowError("no-own-phones")
        device, secret = device_of(user), secrets.token_hex(16)
        try:
            await self._telephony.set_device(device, secret)
        except TelephonyError as error:
            raise UnavailableError("the telephone system does not answer") from error
        before = self._floor.agent(user).device
        self._floor.set_device(user, device, self._clock.wall())
        if before not in ("", device):
            self._legs.let_go(user)  # it leads to the phone in the panel
        domain, port = self._sip
        return DeviceGrant(username=device, secret=secret, domain=domain, sip_port=port, transport=self._phones)

    async def on_duty(self, user: UserId) -> AgentView:
        """Begin duty. Unfinished wrap-ups come back first. Raises ElsewhereError for who is on duty at another site."""
        self._check()
        record = await self._duty.find(user)
        await self._duty.take(user)
        self.remember(record)
        at = self._clock.wall()
        if not self._floor.agent(user).device:
            self._floor.set_device(user, record.device or device_of(user), at)
        if self._floor.agent(user).state in _AT_WORK:
            if self._floor.agent(user).wish is AgentEvent.OFF_DUTY:
                self._act(user, AgentEvent.RESUME)  # comes back on the wish to go
        else:
            self._act(user, AgentEvent.ON_DUTY)
        self._offer_wrap_up(user)
        self._legs.ring(user)
        return self.agent(user)

    async def off_duty(self, user: UserId) -> AgentView:
        """End duty, now or after the call and its wrap-up."""
        self._check()
        if self._floor.agent(user).state is AgentState.OFF:
            return self.agent(user)
        self._act(user, AgentEvent.OFF_DUTY)
        self._legs.keep()
        return self.agent(user)

    async def pause(self, user: UserId, reason: str) -> AgentView:
        """Pause, now or after the call and its wrap-up."""
        self._check()
        self._act(user, AgentEvent.PAUSE, reason=reason)
        return self.agent(user)

    async def resume(self, user: UserId) -> AgentView:
        """Be available again."""
        self._check()
        self._act(user, AgentEvent.RESUME)
        self._on_free()
        return self.agent(user)

    async def ask_help(self, user: UserId) -> AgentView:
        """Every supervisor sees that this agent asks for a colleague, until he is ready again or goes."""
        self._check()
        agent = self._floor.agent(user)
        if agent.state is AgentState.OFF:
            raise ConflictError("not on duty")
        self._help.setdefault(user, self._clock.wall())
        self._floor.tell(user)
        return self.agent(user)

    # -- in a call ----------------------------------------------------------------------------------------

    async def hang_up(
        self, user: UserId, attempt: AttemptId, flags: Collection[str] = (), *, no_survey: bool = False
    ) -> AgentView:
        """End the agent's conversation. One that has ended meanwhile is no error.

        `flags`: what he has marked so far; `no_survey`: the resident does not want to be asked, now or later.
        """
        self._check()
        await self._end(user, attempt, Intent.AGENT, flags, no_survey=no_survey)
        return self.agent(user)

    async def voicemail(self, user: UserId, attempt: AttemptId) -> AgentView:
        """A machine answered: hang up and file it in one go."""
        self._check()
        await self._end(user, attempt, Intent.VOICEMAIL)
        return await self.file(user, attempt, Filing(outcome="VOICEMAIL"))

    async def _end(
        self, user: UserId, attempt: AttemptId, intent: Intent, flags: Collection[str] = (), *, no_survey: bool = False
    ) -> None:
        live = self._own_call(user, attempt)
        if live is None:
            return
        live = self._floor.amend(live, intent=intent)
        ended = self._floor.when_over(attempt)
        try:
            if intent is not Intent.AGENT or not await self._asked(live, flags, no_survey=no_survey):
                await self._telephony.hang_up(live.call.channel)
        except TelephonyError as error:
            raise UnavailableError("the telephone system does not answer") from error
        try:
            async with asyncio.timeout(_END_SECONDS):
                await ended
        except TimeoutError:
            raise UnavailableError("the telephone system did not say that the call ended") from None

    async def _asked(self, live: LiveCall, flags: Collection[str], *, no_survey: bool) -> bool:
        """Whether the resident hears two questions instead of the end."""
        return self._surveys is not None and await self._surveys.begin(live, flags, unwanted=no_survey)

    def _own_call(self, user: UserId, attempt: AttemptId) -> LiveCall | None:
        try:
            live = self._floor.call(attempt)
        except NotFoundError:
            return None
        if live.call.state is CallState.SURVEY and live.info.settles == user:
            return None  # his conversation is over
        if live.call.agent != user:
            raise ForbiddenError("this is somebody else's call")
        if live.call.state not in (CallState.JOINED, CallState.RESCUE):
            raise ConflictError("there is no conversation yet")
        return live

    async def file(self, user: UserId, attempt: AttemptId, filing: Filing) -> AgentView:
        """File the outcome; committed when this returns."""
        self._check()
        agent = self._floor.agent(user)
        if agent.attempt == attempt and agent.state is AgentState.TALKING:
            raise ConflictError("the conversation is still going on")
        await self._settled(user, attempt)
        await self._outcomes.file(user, attempt, filing)
        if self._surveys is not None:
            self._surveys.filed(attempt, filing.flags)
        agent = self._floor.agent(user)
        in_hand = agent.attempt == attempt and agent.state is AgentState.WRAP_UP
        if in_hand and _CRISIS in filing.flags and agent.wish is None:
            # No next call until he says that he is ready. Before the wrap-up is struck off: a wish shows it once more.
            self._floor.act(user, AgentEvent.PAUSE, self._clock.wall(), reason=AFTER_CRISIS)
        self._wrap_ups[user] = [one for one in self._wrap_ups.get(user, ()) if one.attempt != attempt]
        if in_hand:
            if SHAKING.intersection(filing.flags):
                self._shaken(user)
            self._floor.act(user, AgentEvent.FILED, self._clock.wall())
            self._offer_wrap_up(user)
            self._legs.keep()
            self._on_free()
        return self.agent(user)

    async def undo(self, user: UserId, attempt: AttemptId) -> AgentView:
        """Take the agent's own filing back, for a while: its wrap-up comes back as soon as the hands are free."""
        self._check()
        await self._settled(user, attempt)
        await self._outcomes.undo(user, attempt)
        self.remember(await self._duty.find(user))
        self._offer_wrap_up(user, attempt)
        return self.agent(user)

    async def _settled(self, *keys: UserId | AttemptId) -> None:
        """What happened to these before stands in the ledger. Raises UnavailableError."""
        try:
            async with asyncio.timeout(_SETTLE_SECONDS):
                await self._journal.settled(*keys)
        except TimeoutError:
            raise UnavailableError("the database does not answer; try it again in a moment") from None

    def _offer_wrap_up(self, user: UserId, first: AttemptId | None = None) -> None:
        """An unfinished wrap-up goes before the next call: `first`, else the oldest."""
        waiting = [wrap_up.attempt for wrap_up in self._wrap_ups.get(user, ())]
        if waiting and self._floor.agent(user).state in (AgentState.AVAILABLE, AgentState.PAUSED):
            offered = first if first in waiting else waiting[0]
            self._floor.act(user, AgentEvent.WRAP_UP_BACK, self._clock.wall(), attempt=offered)

    def name_of(self, user: UserId) -> str:
        """As colleagues see it."""
        return self._names.get(user, "")

    # -- views --------------------------------------------------------------------------------------------

    def _check(self) -> None:
        if not self._serves():
            raise UnavailableError("this process does not run the calls, or does not know them yet")

    def agent(self, user: UserId) -> AgentView:
        """The agent now. Raises UnavailableError while this process does not know."""
        self._check()
        return self.view(user)

    def view(self, user: UserId) -> AgentView:
        """The agent, as far as is known."""
        return self._view(self._floor.agent(user))

    def floor(self) -> FloorView:
        """Everything now."""
        positions = {live.call.attempt: place for place, live in enumerate(self._floor.queue(), start=1)}
        calls = [self.call_view(live, positions.get(live.call.attempt)) for live in self._floor.calls()]
        return FloorView(
            at=self._clock.wall(),
            link_up=self._telephony.up,
            database_up=self._journal.healthy,
            stopped=self._stopped(),
            agents=[of_another(self._view(agent)) for agent in self._floor.agents()],
            calls=calls,
            campaigns=self._campaigns(),
            site=self._site,
        )

    def standing(self) -> FloorView:
        """The links and the campaigns alone: cheap, and no event of the floor tells of them."""
        return FloorView(
            at=self._clock.wall(),
            link_up=self._telephony.up,
            database_up=self._journal.healthy,
            stopped=self._stopped(),
            agents=(),
            calls=(),
            campaigns=self._campaigns(),
            site=self._site,
        )

    def call_view(self, live: LiveCall, position: int | None = None) -> CallView:
        """One call as the screens show it."""
        call = live.call
        return CallView(
            attempt=call.attempt,
            campaign=live.info.campaign,
            case=live.info.case,
            direction=call.direction.value,
            state=call.state.value,
            agent=call.agent,
            since=call.joined_at or call.answered_at or call.ringing_at or call.claimed_at,
            position=position,
            call_back=live.info.callback is not None,
            listener=None if live.info.listener is None else listener_view(live.info.listener),
        )

    def _view(self, agent: Agent) -> AgentView:
        live = self._floor.busy_with(agent.user)
        messages, abilities = self._messages(agent.user), self._abilities(agent.user)
        return AgentView(
            user=agent.user,
            name=self._names.get(agent.user, ""),
            state=agent.state.value,
            since=agent.since,
            reason=agent.reason,
            wish="" if agent.wish is None else agent.wish.value,
            phone=_phone(agent),
            attempt=agent.attempt,
            direction="" if live is None else live.call.direction.value,
            wrap_ups=tuple(self._wrap_ups.get(agent.user, ())),
            call_back=live is not None and live.info.callback is not None,
            line_silent=live is not None and live.call.state is CallState.JOINED and live.info.silent,
            phone_kind=kind_of_phone(agent.device),
            listener=None if live is None or live.info.listener is None else listener_view(live.info.listener),
            recording="" if live is None or live.info.recording is None else live.info.recording.state.value,
            transfer=self._transfer(agent.user),
            colleague_call=self._colleague_call(agent.user),
            help_since=self._help.get(agent.user),
            unread=len(messages),
            messages=messages,
            languages=sorted(abilities.languages),
            skills=sorted(abilities.skills),
        )

    # -- restart ------------------------------------------------------------------------------------------

    def remember(self, record: DutyRecord) -> None:
        """Name and unfinished wrap-ups as stored; those of this moment stay."""
        self._names[record.user] = record.name
        known = self._wrap_ups.setdefault(record.user, [])
        present = {wrap_up.attempt for wrap_up in known}
        known.extend(wrap_up for wrap_up in record.wrap_ups if wrap_up.attempt not in present)

    def _act(self, user: UserId, event: AgentEvent, *, reason: str = "") -> None:
        try:
            self._floor.act(user, event, self._clock.wall(), reason=reason)
        except IllegalTransitionError as error:
            raise ConflictError(f"not possible while {error.state}") from error

    def _agent_changed(self, before: Agent, after: Agent, at: float) -> None:
        del at
        if after.state in (AgentState.AVAILABLE, AgentState.OFF) and before.state is not after.state:
            self._help.pop(after.user, None)
        if after.state is AgentState.WRAP_UP and after.attempt is not None:
            self._begin_wrap_up(after.user, after.attempt)
        stored = (before.state, before.reason, before.attempt, before.device)
        if stored == (after.state, after.reason, after.attempt, after.device):
            return
        change = DutyChange(before=before.state, agent=after, at=self._clock.now(), wall_at=self._clock.wall_utc())
        about = [attempt for attempt in (before.attempt, after.attempt) if attempt is not None]
        self._journal.together("duty", self._duty.save, change, after.user, *about)

    def _begin_wrap_up(self, user: UserId, attempt: AttemptId) -> None:
        waiting = self._wrap_ups.setdefault(user, [])
        if any(wrap_up.attempt == attempt for wrap_up in waiting):
            return
        live = self._floor.busy_with(user)
        direction = Direction.OUT if live is None else live.call.direction
        waiting.append(WrapUp(attempt=attempt, ended_at=self._clock.now(), direction=direction.value, outcome=""))


def device_of(user: UserId) -> str:
    """SIP account name of an agent: says nothing about who it is."""
    return own_device(user)


def _phone(agent: Agent) -> str:
    match agent.leg:
        case LegState.NONE:
            return "none"
        case LegState.CALLING:
            return "calling"
        case _ if not agent.hears:
            return "silent"
        case LegState.IDLE:
            return "ready"
        case LegState.IN_CALL:
            return "in_call"
