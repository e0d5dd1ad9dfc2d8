"""The running centre: floor, tracker, matcher, legs, inbound and engine wired to each other, and their pulse.

It knows ports only, so the same centre runs over the real Asterisk and over the simulated one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from functools import partial
from uuid import UUID

from dialer.domain.errors import DialerError, UnavailableError
from dialer.domain.ids import AttemptId, CampaignId, CaseId, DeliveryId, PhoneId, UserId
from dialer.services.answered_numbers import AnsweredNumbers
from dialer.services.centre_parts import CentrePorts, CentreSettings
from dialer.services.colleagues import ColleagueLine
from dialer.services.desk import AgentDesk
from dialer.services.engine import Engine
from dialer.services.floor import Floor, LiveCall
from dialer.services.inbound import Inbound
from dialer.services.journal import Journal
from dialer.services.legs import Legs
from dialer.services.lines import Lines
from dialer.services.listening import Listening
from dialer.services.matching import Matcher
from dialer.services.messages import Messages
from dialer.services.phones import BrowserPhones
from dialer.services.ports.telephony import (
    CallerArrived,
    CallerChose,
    CallerReady,
    ChannelFact,
    GivenBack,
    LinkDown,
    LinkUp,
    TelephonyError,
    TelephonyEvent,
)
from dialer.services.proof_calls import ProofCalls
from dialer.services.reconcile import Reconciler
from dialer.services.recorder import Recorder
from dialer.services.rest import Rests
from dialer.services.ring_back import RingBack
from dialer.services.surveys import Surveys
from dialer.services.tasks import Tasks
from dialer.services.tracker import Tracker
from dialer.services.transfers import TransferDesk
from dialer.services.turn import Turn

log = logging.getLogger(__name__)

_PULSE = 0.2
_SECOND = 1.0
_SLOW_EVERY = 5.0
_STAND_BY = 0.5
_HAND_BACK_SECONDS = 3.0
_PUT_RIGHT_EVERY = 15.0
_TELL_SECONDS = 3.0
_STRAY_AFTER = 30.0
"""An attempt that the ledger calls live and nobody here knows is a stray after this: longer than any claim takes."""


class Centre:
    """One process's calls and agents."""

    def __init__(self, ports: CentrePorts, settings: CentreSettings, turn: Turn | None = None) -> None:
        """`turn`: the one that `ports.telephony` asks whether this process may act."""
        self._ports = ports
        clock, telephony = ports.clock, ports.telephony
        self.turn = turn or Turn(ports.ledger, clock, settings.owner, settings.site)
        self.tasks = Tasks()
        self.floor = Floor()
        self.journal = Journal(ports.ledger, lanes=settings.journal_lanes)
        self.rests = Rests(self.floor, settings.rest)
        self.matcher = Matcher(
            self.floor,
            telephony,
            clock,
            self.tasks,
            may_serve=self._may_serve,
            speaks=lambda user, language: self.engine.serving.speaks(user, language),
            rests=self.rests,
            in_vain=self._put_right_soon,
        )
        self.legs = Legs(
            self.floor,
            telephony,
            clock,
            self.tasks,
            new_id=lambda: ports.ids.new().hex[-12:],
            on_free=self.somebody_free,
        )
        self.lines = Lines(self.floor, telephony, clock)
        self.inbound = Inbound(
            self.floor,
            telephony,
            self.journal,
            ports.store,
            clock,
            ports.ids,
            self.tasks,
            line=lambda dialed: self.engine.line(dialed),
            campaign=lambda campaign: self.engine.campaign(campaign),
            staffed=lambda campaign: self.engine.staffed(campaign),
            dialed=lambda attempt: self.engine.departure.number_of(attempt),
            on_waiting=self.matcher.match,
            borrowed=lambda dialed: self.engine.borrowed(dialed),
        )
        self.tracker = Tracker(
            self.floor,
            self.journal,
            clock,
            on_caller=self._caller,
            on_link=self._link,
            on_waiting=self.somebody_free,
            on_leg=self.legs.changed,
            on_listener=lambda event: self.listening.handle(event),
            on_switch=self._switched,
        )
        self.engine = Engine(
            self.floor,
            self.tracker,
            telephony,
            ports.ledger,
            ports.store,
            clock,
            self.tasks,
            owner=settings.owner,
            healthy=lambda: self.journal.healthy,
            rings_us=self.inbound.calls_from,
            rests=self.rests,
            trunk=settings.trunk,
            written=ports.journal,
        )
        self.ring_back = RingBack(
            self.floor,
            self.engine,
            ports.ledger,
            ports.store,
            clock,
            self.tasks,
            owner=settings.owner,
            rings_us=self.inbound.calls_from,
        )
        self.proof_calls = ProofCalls(
            self.floor,
            self.engine,
            ports.ledger,
            ports.store,
            clock,
            self.tasks,
            owner=settings.owner,
            rings_us=self.inbound.calls_from,
        )
        self.messages = Messages(self.floor, ports.audit, clock, new_id=ports.ids.new, serves=self._serves)
        self.surveys = Surveys(
            self.floor,
            telephony,
            ports.surveys,
            clock,
            self.tasks,
            campaign=lambda campaign: self.engine.campaign(campaign),
        )
        self.desk = AgentDesk(
            self.floor,
            telephony,
            self.legs,
            self.journal,
            ports.duty,
            ports.outcomes,
            clock,
            sip_domain=settings.sip_domain,
            sip_port=settings.sip_port,
            campaigns=self.engine.views,
            stopped=lambda: self.engine.stopped,
            on_free=self.somebody_free,
            serves=self._serves,
            shaken=self.rests.shake,
            messages=self.messages.of,
            transfer=lambda user: self.transfers.view_of(user),
            abilities=self.engine.serving.of,
            colleague_call=lambda user: self.colleagues.view_of(user),
            surveys=self.surveys,
            site=settings.site,
        )
        self.colleagues = ColleagueLine(
            self.floor,
            telephony,
            self.journal,
            ports.audit,
            clock,
            self.tasks,
            new_id=ports.ids.new,
            name_of=self.desk.name_of,
            serves=self._serves,
        )
        self.phones = BrowserPhones(
            self.floor,
            telephony,
            self.legs,
            ports.duty,
            clock,
            self.tasks,
            sip_domain=settings.sip_domain,
            serves=self._serves,
            relay=settings.relay,
            on_gone=lambda user: self.listening.phone_gone(user),
        )
        self.listening = Listening(
            self.floor,
            telephony,
            self.journal,
            ports.audit,
            clock,
            self.tasks,
            new_id=lambda: ports.ids.new().hex,
            campaign=lambda campaign: self.engine.campaign(campaign),
            device=self.phones.line_of,
            serves=self._serves,
        )
        self.transfers = TransferDesk(
            self.floor,
            telephony,
            self.journal,
            ports.audit,
            clock,
            self.tasks,
            ports.transfer_targets,
            new_id=lambda: ports.ids.new().hex,
            campaign=lambda campaign: self.engine.campaign(campaign),
            line=lambda campaign: self.engine.run_of(campaign).line,
            may_serve=self._may_serve,
            name_of=self.desk.name_of,
            serves=self._serves,
            languages=lambda user: self.engine.serving.of(user).languages,
            others=self.colleagues.legs,
        )
        self.recorder = Recorder(
            self.floor,
            telephony,
            ports.recordings,
            ports.spool,
            clock,
            self.tasks,
            campaign=lambda campaign: self.engine.campaign(campaign),
            alone=lambda attempt: not self.transfers.under_way(attempt),
            serves=self._serves,
        )
        self.reconciler = Reconciler(
            self.floor,
            self.tracker,
            telephony,
            ports.ledger,
            clock,
            listeners=self.listening.compare,
            transfers=self._compare,
            person_within=self.engine.person_within,
            borrowed=self.engine.borrowed_line,
        )
        self._site = settings.site
        self._adopted: set[CampaignId] = set()
        self._doubts = 0
        self._caught_up = False  # the channels have been read since events were last missed
        self._begun = False  # what was before us has been read
        self._begun_at = 0.0  # monotonic
        self._knows = False  # ... and compared with the channels at least once
        self._settled = False
        self._since_put_right = 0.0  # seconds
        self.numbers = AnsweredNumbers(telephony, ports.store, self.engine.campaigns, self.engine.borrowed_lines)
        self._loops: list[asyncio.Task[None]] = []
        self.on_second: Callable[[], None] = lambda: None
        """Called each second, standing by too."""

    # -- life ---------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Begin, or stand by until it is our turn. Raises UnavailableError when the database is not there."""
        self.journal.start()
        await self.engine.refresh()
        await self.turn.keep(self._ports.telephony)
        await self._look_after()
        loops = (
            ("pulse", self._pulse()),
            ("turn", self._keep_turn()),
            ("part", self._take_part()),
            ("second", self._each_second()),
            ("slow", self._slowly()),
            ("legs", self.legs.run()),
            ("lines", self.lines.run()),
        )
        self._loops = [asyncio.create_task(loop, name=name) for name, loop in loops]

    async def stop(self) -> None:
        """Stop dialling, write what is left, give the campaigns back. Conversations go on in Asterisk."""
        if self.turn.lost.is_set():
            self.journal.forget("duty")  # the new owner's agents are the true ones
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        await self.tasks.stop()
        await self.journal.stop()
        dropping = asyncio.create_task(self._guarded(self._hand_back), name="hand-back")
        await asyncio.wait({dropping}, timeout=_HAND_BACK_SECONDS)
        if not dropping.done():
            dropping.cancel()
            log.warning("leases not handed back, the database does not answer: they run out by themselves")

    async def _hand_back(self) -> None:
        await self.engine.ownership.drop_leases()
        await self.turn.drop()

    # -- whose turn it is ---------------------------------------------------------------------------------

    async def _keep_turn(self) -> None:
        """Apart from all else: whatever hangs must not keep us from learning that our turn is over."""
        while not self.turn.lost.is_set():
            await asyncio.sleep(_SECOND if self.turn.held else _STAND_BY)
            await self._guarded(partial(self.turn.keep, self._ports.telephony))

    async def _take_part(self) -> None:
        while not self.turn.lost.is_set():
            await asyncio.sleep(_SECOND if self._begun else _STAND_BY)
            await self._guarded(self._look_after)

    async def _look_after(self) -> None:
        """While it is our turn: own the campaigns, and know what happened while nobody looked."""
        if not self.turn.sure():
            return
        if not self._begun:
            await self._begin()
            self._begun, self._begun_at = True, self._ports.clock.monotonic()
        await self._own()
        if self.turn.doubts != self._doubts:  # what happened while we stood still was thrown away
            self._doubts = self.turn.doubts
            self._caught_up = False
        await self._catch_up()

    async def _catch_up(self) -> None:
        """Once after each moment in which events may have been missed."""
        if self._caught_up or not self._ports.telephony.up:
            return
        self._caught_up = True
        try:
            await self._link_up()
        except BaseException:
            self._caught_up = False
            raise
        self._knows = True

    def _serves(self) -> bool:
        """Agents are answered by who knows what they do. Asterisk gets a moment to tell it; without it, they go on."""
        if not self._begun or self.turn.lost.is_set():
            return False
        return self._knows or self._ports.clock.monotonic() - self._begun_at > _TELL_SECONDS

    async def _begin(self) -> None:
        """Our turn: agents as they were stored. Their calls are adopted with the campaigns."""
        await self.engine.refresh()
        for record in await self._ports.duty.load():
            self.desk.remember(record)
            self.reconciler.restore_agents([record])
        log.info("our turn site=%s", self._site)

    async def _recall_learned(self, campaigns: Sequence[CampaignId]) -> None:
        """What pacing knew of campaigns that became ours, whoever had them."""
        if self._ports.pacing is not None:
            for campaign, state in (await self._ports.pacing.load()).items():
                if campaign in campaigns:
                    self.engine.pacemaker.recall(campaign, state)

    # -- what others tell us ------------------------------------------------------------------------------

    def handle(self, event: TelephonyEvent) -> None:
        """One event of the telephone system; not for us unless it is our turn. Never raises."""
        if isinstance(event, LinkUp | LinkDown) or (self._begun and self.turn.sure()):
            self.tracker.handle(event)

    def _switched(self, event: TelephonyEvent) -> None:
        self.transfers.handle(event)
        self.colleagues.handle(event)

    def _compare(self, facts: Collection[ChannelFact]) -> None:
        self.colleagues.compare(facts)  # first: who is known there is nobody's stray
        self.transfers.compare(facts)

    def _caller(self, event: CallerArrived | CallerReady | CallerChose | GivenBack) -> None:
        if isinstance(event, CallerArrived):
            borrowed, own = self.engine.borrowed(event.dialed), self.engine.line(event.dialed)
            campaign = borrowed.line.campaign if borrowed is not None else None if own is None else own.campaign
            if campaign is not None:
                self.engine.pacemaker.caller(campaign, event.at)
        self.inbound.handle(event)

    async def keep_learned(self) -> None:
        """What pacing has learned since the last time outlives this process."""
        memory = self._ports.pacing
        if memory is not None and self._begun and self.turn.sure():
            for campaign, state in self.engine.pacemaker.learned().items():
                await memory.save(campaign, state, self._ports.clock.now())

    def changed(self, kind: str, subject: str) -> None:
        """The database says that something changed, whoever did it."""
        match kind:
            case "campaign" | "ability" | "emergency" | "all":
                self.tasks.spawn("refresh", self._guarded(self.engine.refresh))
            case "delivery":
                self.tasks.spawn("recall", self.engine.delivery_recalled(DeliveryId(UUID(subject))))
            case "case":
                self.tasks.spawn("case", self.engine.case_changed(CaseId(UUID(subject))))
            case "number":
                self.tasks.spawn("number", self.engine.number_closed(PhoneId(UUID(subject))))
            case "case_number":
                case, _, phone = subject.partition("/")
                self.tasks.spawn("number", self.engine.number_closed(PhoneId(UUID(phone)), CaseId(UUID(case))))

    def somebody_free(self) -> None:
        """An agent is free or somebody waits: first those on the line, then new dials."""
        self.matcher.match()
        self.engine.wake()

    def _may_serve(self, user: UserId, live: LiveCall) -> bool:
        return self.engine.may_serve(user, live.info.campaign)

    def _put_right_soon(self) -> None:
        self._since_put_right = _PUT_RIGHT_EVERY

    def _link(self, up: bool) -> None:
        self._settled = False
        self._caught_up = False
        self.engine.ownership.lines_lost()
        if up and self._begun and self.turn.sure():
            self.tasks.spawn("link-up", self._guarded(self._catch_up))

    async def _link_up(self) -> None:
        """What happened meanwhile is read from the channels, before anything new is dialled."""
        await self.turn.mark(self._ports.telephony)
        await self._put_right()
        await self._guarded(self.recorder.adopt)
        self.numbers.forget()
        await self._guarded(self.numbers.tend)
        await self._ports.telephony.alive()
        await self.inbound.collect()
        await self._guarded(self.surveys.collect)

    async def _put_right(self) -> None:
        if await self.reconciler.put_right():
            await self.engine.ownership.open_lines()
            self._settled = True
            self.legs.keep()
            self.somebody_free()

    async def _own(self) -> None:
        """Renew leases; adopt the live calls of campaigns that became ours."""
        taken = [campaign for campaign in await self.engine.ownership.keep_leases() if campaign not in self._adopted]
        if taken:
            await self._adopt(taken)
            await self._recall_learned(taken)
            self._adopted.update(taken)
            self._caught_up = False
        self._adopted &= set(self.engine.ownership.owned())

    async def _adopt(
        self, campaigns: Sequence[CampaignId], *, older: float = 0.0, but: Collection[AttemptId] = ()
    ) -> None:
        for record in await self.reconciler.adopt(campaigns, older=older, but=but):
            number = record.number
            if number is None and record.callback is not None:
                number = await self._number_asked(record.callback)
            if number is not None and not record.direction.comes_in:
                self.engine.departure.know_number(record.attempt, number)
            elif number is not None:
                self.inbound.know(record.attempt, number)

    async def _number_asked(self, callback: UUID) -> str | None:
        """A number on no list: the request alone knows it. Adopting does not fail for it."""
        try:
            return (await self._ports.store.asked_callback(callback)).number
        except DialerError as error:
            log.warning("number of a call-back not read callback=%s reason=%s", callback, error.code)
            return None

    async def _strays(self) -> None:
        """Attempts that were committed and whose owner never learnt of it: a reply that got lost on its way to us."""
        async with asyncio.timeout(_SLOW_EVERY):
            known = {live.call.attempt for live in self.floor.calls()}
            await self.journal.settled()
            await self._adopt(self.engine.ownership.owned(), older=_STRAY_AFTER, but=known)

    # -- the pulse ----------------------------------------------------------------------------------------

    async def _pulse(self) -> None:
        """Several times a second: nobody waits for an event that never comes."""
        while True:
            await asyncio.sleep(_PULSE)
            self.turn.beat()
            if self.floor.rescues() or self.floor.queue() or self.floor.unjoined(self._ports.clock.wall()):
                self.matcher.match()

    def clock_put(self, seconds: float) -> None:
        """A wall clock that is put forth (or back) changes nothing of how long anybody rings or waits."""
        log.warning("the clock was put forth seconds=%+.1f", seconds)
        self.rests.shift(seconds)
        self.floor.shift(seconds)

    async def _each_second(self) -> None:
        while True:
            await asyncio.sleep(_SECOND)
            self.on_second()
            if not self.turn.sure():
                continue
            for beat in (
                self._keep_legs,
                self.listening.keep,
                self.recorder.keep,
                self.transfers.keep,
                self.colleagues.keep,
                self.engine.cut_overdue,
                self.engine.wake,
                self.inbound.announce,
                self.inbound.send_home,
                self.inbound.overflow.keep,
            ):
                beat()
                await asyncio.sleep(0)  # answers come first: each of these looks at everybody or at every call

    def _keep_legs(self) -> None:
        """Not before the channels were read: a phone that is rung again drops the conversation that its leg is in."""
        if self._serves():
            self.legs.keep()

    async def _slowly(self) -> None:
        while True:
            await asyncio.sleep(_SLOW_EVERY)
            await self._slow_beat()

    async def _slow_beat(self) -> None:
        if not self._ports.telephony.up or not (self._begun and self.turn.sure()):
            return
        await self._guarded(self._ports.telephony.alive)
        await self._guarded(self.engine.appointments.look)
        await self._guarded(self.engine.ownership.look)
        await self._guarded(self.numbers.tend)
        await self._guarded(self.inbound.collect)
        await self._guarded(self.surveys.collect)
        self._since_put_right += _SLOW_EVERY
        if self._since_put_right >= _PUT_RIGHT_EVERY or not self._settled:
            self._since_put_right = 0.0
            await self._guarded(self._strays)
            await self._guarded(self._put_right)
            await self._guarded(self.recorder.adopt)

    async def _guarded(self, job: Callable[[], Awaitable[object]]) -> None:
        """A part that fails is said and tried again at the next beat.

        Called only here: who is cancelled before his first step leaves no coroutine that nobody awaits.
        """
        try:
            await job()
        except (UnavailableError, TelephonyError, TimeoutError) as error:
            log.warning("not now reason=%s", type(error).__name__)
        except DialerError:
            log.exception("beat failed")
