"""The running centre: floor, tracker, matcher, legs, inbound and engine wired to each other, and their pulse.

It knows ports only, so the same centre runs over the real Asterisk and over the simulated one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from functools import partial
from uuid import UUID

from dialer.domain.ids import CaseId, DeliveryId, PhoneId, UserId
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
    TelephonyEvent,
)
from dialer.services.proof_calls import ProofCalls
from dialer.services.reconcile import Reconciler
from dialer.services.recorder import Recorder
from dialer.services.rest import Rests
from dialer.services.ring_back import RingBack
from dialer.services.surveys import Surveys
from dialer.services.takeover import Takeover
from dialer.services.tasks import Tasks, guarded
from dialer.services.tracker import Tracker
from dialer.services.transfers import TransferDesk
from dialer.services.turn import Turn

log = logging.getLogger(__name__)

_PULSE = 0.2
_SECOND = 1.0
_SLOW_EVERY = 5.0
_STAND_BY = 0.5
_HAND_BACK_SECONDS = 3.0


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
            in_vain=lambda: self.takeover.put_right_soon(),
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
            on_link=lambda up: self.takeover.link(up),
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
            phones=settings.phones,
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
        self.takeover = Takeover(
            ports,
            self.turn,
            self.floor,
            self.journal,
            self.engine,
            self.reconciler,
            self.tasks,
            desk=self.desk,
            inbound=self.inbound,
            legs=self.legs,
            recorder=self.recorder,
            surveys=self.surveys,
            on_free=self.somebody_free,
            site=settings.site,
        )
        self._loops: list[asyncio.Task[None]] = []
        self.on_second: Callable[[], None] = lambda: None
        """Called each second, standing by too."""

    # -- life ---------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Begin, or stand by until it is our turn. Raises UnavailableError when the database is not there."""
        self.journal.start()
        await self.engine.refresh()
        await self.turn.keep(self._ports.telephony)
        await self.takeover.look_after()
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
        dropping = asyncio.create_task(guarded(self._hand_back), name="hand-back")
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
            await guarded(partial(self.turn.keep, self._ports.telephony))

    async def _take_part(self) -> None:
        while not self.turn.lost.is_set():
            await asyncio.sleep(_SECOND if self.takeover.whole else _STAND_BY)
            await guarded(self.takeover.look_after)

    def _serves(self) -> bool:
        return self.takeover.serves()

    # -- what others tell us ------------------------------------------------------------------------------

    def handle(self, event: TelephonyEvent) -> None:
        """One event of the telephone system; not for us unless it is our turn. Never raises."""
        if isinstance(event, LinkUp | LinkDown) or self.takeover.acts:
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
        if memory is not None and self.takeover.acts:
            for campaign, state in self.engine.pacemaker.learned().items():
                await memory.save(campaign, state, self._ports.clock.now())

    def changed(self, kind: str, subject: str) -> None:
        """The database says that something changed, whoever did it."""
        match kind:
            case "campaign" | "ability" | "emergency" | "all":
                self.tasks.spawn("refresh", guarded(self.engine.refresh))
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
            await self.slow_beat()

    async def slow_beat(self) -> None:
        """What is looked at every few seconds, while it is our turn."""
        if not self._ports.telephony.up or not self.takeover.acts:
            return
        await guarded(self._ports.telephony.alive)
        await guarded(self.engine.appointments.look)
        await guarded(self.engine.ownership.look)
        await self.takeover.look(_SLOW_EVERY)
