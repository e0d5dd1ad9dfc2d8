"""Calls on the client's number: greeting, then the agent longest idle, before any new outbound dial.

The caller's line is answered and routed whether or not the database is there; what must be kept goes through the
journal. A key press stays in the telephone system until it is committed here, so that a crash loses none.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import replace

from dialer.domain import call as calls
from dialer.domain.call import CallEvent, CallState, Direction
from dialer.domain.errors import DialerError
from dialer.domain.ids import AttemptId, CampaignId, ClientId
from dialer.services.floor import CallInfo, Floor, LiveCall
from dialer.services.journal import Journal
from dialer.services.overflow import Overflow
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.engine import BorrowedLine, CallbackRequest, EngineCampaign, EngineStore
from dialer.services.ports.ledger import InboundCall
from dialer.services.ports.telephony import (
    CallerArrived,
    CallerChoice,
    CallerChose,
    CallerReady,
    CallerRoute,
    GivenBack,
    LeftCallback,
    Route,
    Telephony,
    TelephonyError,
)
from dialer.services.tasks import Tasks

log = logging.getLogger(__name__)

_TALKS_REMEMBERED = 40
_MISSED = "missed"
_FIRST_GUESS_SECONDS = 180.0


class Inbound:
    """The client's number."""

    def __init__(
        self,
        floor: Floor,
        telephony: Telephony,
        journal: Journal,
        store: EngineStore,
        clock: Clock,
        ids: Ids,
        tasks: Tasks,
        *,
        line: Callable[[str], EngineCampaign | None],
        campaign: Callable[[CampaignId], EngineCampaign | None],
        staffed: Callable[[CampaignId], int],
        dialed: Callable[[AttemptId], str | None],
        on_waiting: Callable[[], None],
        borrowed: Callable[[str], BorrowedLine | None] = lambda _: None,
    ) -> None:
        """`line`: who answers a dialled number; `staffed`: agents on duty for a campaign; `dialed`: a dial's number.

        `borrowed`: the line of another team's queue with this number.
        """
        self._floor = floor
        self._telephony = telephony
        self._journal = journal
        self._store = store
        self._clock = clock
        self._ids = ids
        self._tasks = tasks
        self._line = line
        self._campaign = campaign
        self._staffed = staffed
        self._dialed = dialed
        self._on_waiting = on_waiting
        self._numbers: dict[AttemptId, str] = {}
        self._talks: deque[float] = deque(maxlen=_TALKS_REMEMBERED)
        self._announced: dict[AttemptId, tuple[int, int | None]] = {}
        self._spoken: list[str] = []  # numbers whose row in the telephone system is about to go
        self._chose: set[AttemptId] = set()  # pressed a key: what they want is known
        self._borrowed = borrowed
        self.overflow = Overflow(floor, journal, clock, ids, staffed=staffed, tell=self._tell)
        floor.listen(calls=self._call_changed)

    def handle(self, event: CallerArrived | CallerReady | CallerChose | GivenBack) -> None:
        """One thing a caller did."""
        match event:
            case CallerArrived():
                self._arrived(event)
            case CallerReady():
                self._ready(event)
            case CallerChose():
                self._pressed(event)
            case GivenBack():
                self.overflow.given_back(event)

    def calls_from(self, number: str) -> bool:
        """True while somebody rings us from this number: a dial to it never leaves."""
        return number in self._numbers.values()

    def number_of(self, attempt: AttemptId) -> str | None:
        """Where a live caller rings from."""
        return self._numbers.get(attempt)

    def _arrived(self, event: CallerArrived) -> None:
        if self._floor.find(event.channel) is not None:
            return
        if (borrowed := self._borrowed(event.dialed)) is not None:
            self.overflow.arrived(event, borrowed)
            return
        campaign = self._line(event.dialed)
        if campaign is None:
            log.warning("caller on a number of no campaign")
            return
        attempt = AttemptId(self._ids.new())
        call = calls.inbound(attempt, event.channel, event.at)
        number = None if campaign.after_care else event.number  # nothing of a caller is kept any more
        open_now = (
            not campaign.after_care
            and campaign.calendar.is_open(self._clock.now())
            and self._staffed(campaign.campaign) > 0
        )
        info = CallInfo(campaign=campaign.campaign, client=campaign.client, case=None, closed=not open_now)
        if number is not None:
            self._numbers[attempt] = number
        self._floor.add(LiveCall(call, info))
        self._journal.inbound(
            InboundCall(
                attempt=attempt,
                channel=event.channel,
                client=campaign.client,
                campaign=campaign.campaign,
                number=number,
                case=None,
                at=self._clock.now(),
                wall_at=self._clock.wall_utc(),
            )
        )
        if number is not None and open_now:
            self._tasks.spawn("caller-language", self._learn_language(attempt, campaign.client, number))
        route = Route.QUEUE if open_now else Route.CLOSED
        self._tell(CallerRoute(channel=event.channel, route=route, sounds=campaign.sounds))

    async def _learn_language(self, attempt: AttemptId, client: ClientId, number: str) -> None:
        """While the greeting is heard: what the client's list says of whoever has this number."""
        try:
            language = await self._store.caller_language(client, number)
        except DialerError as error:
            log.warning("language of a caller not read reason=%s", error.code)
            return
        live = self._floor.live(attempt)
        if live is not None and language:
            self._floor.amend(live, info=replace(live.info, language=language))

    def _ready(self, event: CallerReady) -> None:
        live = self._floor.find(event.channel)
        # Whoever is told that we are closed hears it now: a join would cross the message.
        if live is None or live.call.state is not CallState.WAITING or live.info.closed:
            return
        self._floor.amend(live, info=replace(live.info, ready_at=event.at))
        self._on_waiting()
        self.announce()

    def _pressed(self, event: CallerChose) -> None:
        live = self._floor.find(event.channel)
        if live is None:
            return
        number = self._numbers.get(live.call.attempt)
        if number is None:
            self._forget_after_care(live)
            return
        self._chose.add(live.call.attempt)
        at, client = self._clock.now(), live.info.client
        if event.choice is CallerChoice.BLOCK_NUMBER:
            self._write(live, number, "block", lambda: self._store.block_number(client, number, at, "caller_key"))
        else:
            self._ask_back(live, number, "closed" if live.info.closed else "queue")
        self._write(live, number, "callback-forget", self.collect)

    def _forget_after_care(self, live: LiveCall) -> None:
        """What the telephone system noted of a key press goes, too."""
        campaign = self._campaign(live.info.campaign)
        if campaign is not None and campaign.after_care:
            self._tasks.spawn("after-care", self.collect())

    async def collect(self) -> None:
        """Commit what callers left in the telephone system, then let it forget. Safe to repeat."""
        if not self._telephony.up:
            return
        try:
            left = await self._telephony.collect_callbacks()
            for request in left:
                if request.wish == _MISSED and request.number in {*self._numbers.values(), *self._spoken}:
                    continue  # on the line now, or looked after: the row goes when that is committed
                await self._commit(request)
                await self._telephony.forget_callback(request)
        except TelephonyError as error:
            log.warning("callbacks not collected reason=%s", error)

    async def _commit(self, request: LeftCallback) -> None:
        campaign = self._line(request.dialed) or await self._store.line_elsewhere(request.dialed)
        if campaign is None:
            log.error("callback for a number of no campaign")
            return
        if campaign.after_care:
            return  # whatever was pressed: there is nobody who calls back
        at = self._clock.now()
        if request.wish == CallerChoice.BLOCK_NUMBER:
            await self._store.block_number(campaign.client, request.number, at, "caller_key")
            return
        await self._store.open_callback(
            CallbackRequest(
                campaign=campaign.campaign,
                client=campaign.client,
                number=request.number,
                attempt=None,
                origin="missed" if request.wish == _MISSED else "closed",
                at=at,
            )
        )

    # -- the queue ----------------------------------------------------------------------------------------

    def announce(self) -> None:
        """Tell each waiting caller the place and the expected wait, where they changed."""
        for place, live in enumerate(self._floor.queue(), start=1):
            wait = self.expected_wait(live, place)
            if self._announced.get(live.call.attempt) == (place, wait):
                continue
            self._announced[live.call.attempt] = (place, wait)
            sounds = self._sounds(live)
            if sounds is not None:
                route = CallerRoute(
                    channel=live.call.channel, route=Route.QUEUE, sounds=sounds, position=place, wait_seconds=wait
                )
                self._tell(route)

    def send_home(self) -> None:
        """Nobody is on duty any more: those who wait hear so and may ask to be rung back."""
        for live in self._floor.queue():
            sounds = self._sounds(live)
            if sounds is not None and self._staffed(live.info.campaign) == 0:
                self._floor.amend(live, info=replace(live.info, closed=True))
                self._tell(CallerRoute(channel=live.call.channel, route=Route.CLOSED, sounds=sounds))

    def _sounds(self, live: LiveCall) -> str | None:
        """Whose voice this caller hears; None: of a campaign that is gone."""
        if live.info.borrowed is not None:
            return live.info.borrowed.sounds
        campaign = self._campaign(live.info.campaign)
        return None if campaign is None else campaign.sounds

    def expected_wait(self, live: LiveCall, place: int) -> int | None:
        """Seconds until an agent is likely free: place x mean conversation / agents on duty, in whole minutes."""
        agents = self._staffed(live.info.campaign)
        if agents == 0:
            return None
        mean = sum(self._talks) / len(self._talks) if self._talks else _FIRST_GUESS_SECONDS
        return 60 * max(1, round(place * mean / agents / 60))

    def _tell(self, route: CallerRoute) -> None:
        self._tasks.spawn("route-caller", self._route(route))

    async def _route(self, route: CallerRoute) -> None:
        try:
            await self._telephony.route_caller(route)
        except TelephonyError as error:
            log.warning("caller not routed reason=%s", error)  # the dialplan says sorry by itself

    def _ask_back(self, live: LiveCall, number: str, origin: str) -> None:
        """Somebody was left without a person: one task, however often it happens."""
        request = CallbackRequest(
            campaign=live.info.campaign,
            client=live.info.client,
            number=number,
            attempt=live.call.attempt,
            origin=origin,
            at=self._clock.now(),
        )
        self._write(live, number, "callback", lambda: self._store.open_callback(request))

    def _write(self, live: LiveCall, number: str, what: str, write: Callable[[], Awaitable[None]]) -> None:
        """After everything that was written of this call and of this number."""
        self._journal.write(what, write, live.call.attempt, number)

    def know(self, attempt: AttemptId, number: str) -> None:
        """A caller whom an earlier owner greeted rings from this number."""
        self._numbers[attempt] = number

    def _looked_after(self, live: LiveCall) -> None:
        """What is to be kept of this caller is committed with everything before: the line need not remember."""
        number, campaign = self._numbers.get(live.call.attempt), self._campaign(live.info.campaign)
        if number is None or campaign is None:
            return
        left = LeftCallback(number=number, dialed=campaign.caller_id, at=0.0, wish=_MISSED)
        self._spoken.append(number)
        self._write(live, number, "missed-forget", lambda: self._forget(left))

    async def _forget(self, left: LeftCallback) -> None:
        try:
            await self._telephony.forget_callback(left)
        except TelephonyError as error:
            log.warning("missed caller not forgotten reason=%s", error)  # one call-back too many, none too few
        finally:
            self._spoken.remove(left.number)

    def _left_alone(self, live: LiveCall, event: CallEvent) -> None:
        """A caller who never had an agent, and anybody whose agent was lost for good, is rung back."""
        call = live.call
        if call.direction is Direction.PROOF:
            return  # one of our own people, who knows what he hears
        number = self._numbers.get(call.attempt) or self._dialed(call.attempt)
        if number is None:
            return
        if event is CallEvent.MESSAGE_STARTED and call.talked:
            self._ask_back(live, number, "rescue")
        elif call.direction is Direction.IN and not call.live and not call.talked and call.attempt not in self._chose:
            self._ask_back(live, number, "missed")

    def _call_changed(self, live: LiveCall, event: CallEvent, at: float) -> None:
        call = live.call
        self._left_alone(live, event)
        if call.direction.comes_in and (event is CallEvent.JOINED or not call.live):
            self._looked_after(live)
        if not call.live and call.joined_at is not None:
            self._talks.append(at - call.joined_at)
        if call.direction.comes_in and not call.live:
            self._numbers.pop(call.attempt, None)
            self._chose.discard(call.attempt)
            self._announced.pop(call.attempt, None)
        if call.direction.comes_in and event in (CallEvent.JOINED, CallEvent.ENDED):
            self.announce()
