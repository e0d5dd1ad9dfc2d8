"""One engine for the campaigns this process owns: who may be dialled, how many now, and out they go.

A dial leaves only through `Departure`: committed first, checked again at that instant, then ordered. There is no
other way.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Sequence
from functools import partial
from itertools import islice
from typing import cast
from uuid import UUID

from dialer.domain.agent import Agent, AgentEvent, AgentState
from dialer.domain.call import PERSON_WITHIN, CallEvent, Direction
from dialer.domain.errors import NotFoundError, UnavailableError
from dialer.domain.ids import CampaignId, CaseId, ClientId, DeliveryId, PhoneId, UserId
from dialer.pacing.model import Decision, Limit
from dialer.pacing.pool import Share
from dialer.services.appointments import Appointments
from dialer.services.claims import Claims
from dialer.services.departure import Departure
from dialer.services.floor import Floor, LiveCall
from dialer.services.happenings import LINES_OF, RATES, in_words
from dialer.services.ownership import Ownership
from dialer.services.pacemaker import Ask, Pacemaker, Written
from dialer.services.ports.campaigns import EngineFacts
from dialer.services.ports.clock import Clock
from dialer.services.ports.desk import CampaignView
from dialer.services.ports.engine import BorrowedLine, EngineCampaign, EngineStore
from dialer.services.ports.ledger import Claim, ClaimOrder, Ledger
from dialer.services.ports.telephony import Telephony
from dialer.services.rest import Rests
from dialer.services.rings import RingCutter
from dialer.services.room import Room, TrunkBounds
from dialer.services.runs import Run
from dialer.services.serving import Known, Serving
from dialer.services.tasks import Tasks
from dialer.services.tracker import Tracker

log = logging.getLogger(__name__)

_LARGE_TEAM = 150
_LARGE_TEAM_EVERY = 0.05
"""Seconds between decisions of a team larger than that: a person's patience ends far later."""
_A_MOMENT = 0.01  # seconds after a rest: it is over then


class Engine:
    """Dials for all campaigns of this process."""

    def __init__(
        self,
        floor: Floor,
        tracker: Tracker,
        telephony: Telephony,
        ledger: Ledger,
        store: EngineStore,
        clock: Clock,
        tasks: Tasks,
        *,
        owner: str,
        healthy: Callable[[], bool],
        rings_us: Callable[[str], bool],
        rests: Rests,
        trunk: TrunkBounds | None = None,
        written: Written | None = None,
    ) -> None:
        """`healthy`: the database takes what happens; `rings_us`: a caller is on the line from this number.

        `trunk`: what the carrier takes. `written` takes the lines of pacing's journal.
        """
        self._floor = floor
        self._telephony = telephony
        self._ledger = ledger
        self._store = store
        self._clock = clock
        self._tasks = tasks
        self._owner = owner
        self._healthy = healthy
        self._rests = rests
        self._decided = -math.inf  # monotonic seconds
        self._later: asyncio.TimerHandle | None = None  # the next decision of a large team, or at the end of a rest
        self._runs: dict[CampaignId, Run] = {}
        self._lines: dict[str, BorrowedLine] = {}  # of other teams' queues, by number
        self.stopped = False
        """An emergency stop stands: nothing leaves."""
        self.serving = Serving()
        self.room = Room(floor, self.campaigns, trunk)
        self.appointments = Appointments(store, clock)
        self.rings = RingCutter(floor, telephony, clock, tasks)
        self.departure = Departure(
            floor,
            tracker,
            telephony,
            clock,
            rings_us=rings_us,
            called_off=lambda live: self.stopped or self.rings.called_off(live),
            person_within=self.person_within,
        )
        self.claims = Claims(floor, tracker, self.departure, self.room, clock, tasks)
        self.ownership = Ownership(self._runs, ledger, telephony, clock, owner=owner)
        self.pacemaker = Pacemaker(
            floor, clock, may_serve=self.serving.may_serve, rests=rests, client_of=self._client_of, written=written
        )
        floor.listen(calls=self._call_changed)

    # -- campaigns ----------------------------------------------------------------------------------------

    def campaign(self, campaign: CampaignId) -> EngineCampaign | None:
        """The campaign as it runs now."""
        run = self._runs.get(campaign)
        return None if run is None else run.campaign

    def _client_of(self, campaign: CampaignId) -> ClientId | None:
        run = self._runs.get(campaign)
        return None if run is None else run.campaign.client

    def line(self, dialed: str) -> EngineCampaign | None:
        """Who answers a client's number: its running campaign, else any but a draft."""
        found = [one for one in self.campaigns() if one.caller_id == dialed and one.state != "draft"]
        return min(found, key=lambda c: (c.state != "running", not c.takes_inbound, str(c.campaign)), default=None)

    def borrowed(self, dialed: str) -> BorrowedLine | None:
        """The line of another team's queue with this number, while its campaign is known."""
        found = self._lines.get(dialed)
        return found if found is not None and found.line.active and found.line.campaign in self._runs else None

    def borrowed_line(self, line: UUID) -> BorrowedLine | None:
        """One line by its id."""
        return next((one for one in self._lines.values() if one.line.id == line), None)

    def borrowed_lines(self) -> list[BorrowedLine]:
        """All lines, also those out of use."""
        return list(self._lines.values())

    def campaigns(self) -> list[EngineCampaign]:
        """All campaigns known to the engine."""
        return [run.campaign for run in self._runs.values()]

    def staffed(self, campaign: CampaignId) -> int:
        """Agents on duty who work for this campaign and are not on a pause."""
        off = (AgentState.OFF, AgentState.PAUSED)
        return sum(a.state not in off and self.may_serve(a.user, campaign) for a in self._floor.agents())

    def _unpractised(self, campaign: CampaignId) -> int:
        off = (AgentState.OFF, AgentState.PAUSED)
        working = [a.user for a in self._floor.agents() if a.state not in off]
        return sum(self.serving.must_practise(user, campaign) for user in working)

    def may_serve(self, user: UserId, campaign: CampaignId) -> bool:
        """Whether this agent works for this campaign, and has all that it asks for."""
        return self.serving.may_serve(user, campaign)

    async def refresh(self) -> None:
        """Read the campaigns anew, and act on what changed."""
        self.stopped = await self._store.stopped()
        if self.stopped:
            self._end_all_ringing()  # before all that takes longer
        fresh = {c.campaign: c for c in await self._store.campaigns()}
        lines = {one.line.number: one for one in await self._store.overflow_lines()}
        known = Known(
            assigned=await self._store.assignments(),
            abilities=await self._store.abilities(),
            practised=await self._store.practised(),
        )
        self._lines = lines
        self.serving.read(known, fresh.values())
        for campaign, found in fresh.items():
            run = self._runs.setdefault(campaign, Run(found))
            run.campaign = found
            run.rest_until = 0.0
        for campaign in set(self._runs) - set(fresh):
            del self._runs[campaign]
        halted = {run.campaign.campaign for run in self._runs.values() if run.campaign.state in ("paused", "stopped")}
        self.rings.cancel(lambda live: live.info.campaign in halted)
        self.wake()

    async def campaign_changed(self, campaign: CampaignId) -> None:
        """EngineControl: the campaign's state, calendar or settings are new."""
        del campaign
        await self.refresh()

    async def delivery_recalled(self, delivery: DeliveryId) -> None:
        """EngineControl: nothing that is claimed or in ring goes on for this delivery."""
        self.rings.cancel(lambda live: live.info.delivery == delivery, coming=True)

    async def case_changed(self, case: CaseId) -> None:
        """EngineControl: nothing that is claimed or in ring goes on for this case."""
        self.rings.cancel(lambda live: live.info.case == case, coming=True)

    async def number_closed(self, phone: PhoneId, case: CaseId | None = None) -> None:
        """Nothing that is claimed or in ring goes on to this number: blocked (for everybody), or closed in one case."""
        self.rings.cancel(
            lambda live: live.info.phone == phone and (case is None or live.info.case == case), coming=True
        )

    # -- dialling -----------------------------------------------------------------------------------------

    def wake(self) -> None:
        """Decide anew: an agent is free, a call ended, a second passed. At once, but for large teams."""
        now = self._clock.monotonic()
        if self._large_team() and now - self._decided < _LARGE_TEAM_EVERY:
            self._ask_again(self._decided + _LARGE_TEAM_EVERY - now)
            return
        self._decided = now
        shares = self._decide(now)
        for campaign, share in shares.items():
            self._follow(self._runs[campaign], share)
        if any(share.decision.ask_again < 1.0 for share in shares.values()):
            self._ask_again(min(share.decision.ask_again for share in shares.values()))
        if self._large_team():
            return  # something happens many times a second: whoever has rested is seen soon enough
        rest = self._rests.ends_in(self._floor.free_agents(), self._clock.wall())
        if rest is not None and rest < 1.0:
            self._ask_again(rest + _A_MOMENT)

    def _large_team(self) -> bool:
        return len(self._floor.agents()) > _LARGE_TEAM

    def _ask_again(self, seconds: float) -> None:
        if self._later is None:
            self._later = asyncio.get_running_loop().call_later(seconds, self._asked_again)

    def _asked_again(self) -> None:
        self._later = None
        self.wake()

    def _decide(self, now: float, *, record: bool = True) -> dict[CampaignId, Share]:
        """One decision for all campaigns, after what stands outside pacing has been looked at."""
        runs = [run for run in self._runs.values() if run.campaign.state in ("running", "draining")]
        for run in runs:
            run.reason = self._blocked(run, now)
            run.left = self.room.left(run.campaign, now)
        shares = self.pacemaker.decide([self._ask(run) for run in runs], record=record)
        for run in runs:
            run.again = run.again or (run.busy and record)
            share = shares.get(run.campaign.campaign)
            run.decision = self._held(run) if share is None else self._in_words(run, share)
            if not run.reason and run.decision.start == 0 and not run.busy:
                run.reason = run.decision.limit.value
        return shares

    def _ask(self, run: Run) -> Ask:
        return Ask(
            campaign=run.campaign,
            lines_free=run.left.lines,
            starts_allowed=run.left.starts,
            appointments_due=self.appointments.due(run.campaign.campaign),
            served=run.served,
            pending=run.pending,
            asks=not run.reason and not run.busy,
            soon=not run.reason and run.busy,
        )

    def _held(self, run: Run) -> Decision:
        """Nothing was decided: a rule outside pacing holds it back, or calls that go first are on their way."""
        if not run.reason and run.decision is not None:
            return run.decision
        campaign = run.campaign.campaign
        facts = {
            "free_agents": len(self._free_for(campaign)),
            "in_ring": len(self._floor.in_flight(campaign)),
            "inbound_waiting": self._floor.callers_of(campaign),
        }
        return Decision(start=0, limit=Limit.STATE, facts=facts)

    def _in_words(self, run: Run, share: Share) -> Decision:
        return in_words(
            share.decision,
            left=run.left,
            inbound_waiting=share.state.inbound_waiting,
            appointments_due=share.state.appointments_due,
            in_ring=len(self._floor.in_flight(run.campaign.campaign)),
        )

    def _follow(self, run: Run, share: Share) -> None:
        """Do what was decided: first hang up, then start."""
        self.rings.spare(run.campaign.campaign, share.decision.cancel)
        campaign = run.campaign
        # Others of this client or trunk, who share no agent with it, may have taken what was left.
        start = min(share.decision.start, self.room.left(campaign, self._clock.monotonic()).calls)
        if start > 0:
            run.busy = True
            self.room.take(campaign, start)
            self.room.coming(campaign.campaign, start)
            run.served = self._clock.monotonic()
            at = self._clock.wall()
            kept = [cast(UserId, agent) for agent in share.agents[:start]]
            reserved = [user for user in kept if self._floor.try_act(user, AgentEvent.RESERVE, at)]
            unreserved = 0 if kept else start
            run.pending = unreserved
            self._tasks.spawn("dial", self._start(run, reserved, unreserved, start))
        if run.decision is not None and run.decision.limit in RATES and run.waker is None:
            run.waker = asyncio.get_running_loop().call_later(self.room.wait(campaign), self._token_due, run)

    def _token_due(self, run: Run) -> None:
        run.waker = None
        self.wake()

    def hold(self, campaign: CampaignId) -> str:
        """The first rule that holds a call of this campaign back that somebody asks for now, or nothing."""
        run = self._runs.get(campaign)
        if run is None:
            return "lease_elsewhere"
        reason = self._blocked(run, self._clock.monotonic())
        left = self.room.left(run.campaign, self._clock.monotonic())
        if reason in ("", "nothing_due") and left.lines == 0:
            return LINES_OF[left.lines_of].value
        return "" if reason == "nothing_due" else reason

    def hold_proof(self, campaign: CampaignId) -> str:
        """The first rule that holds a call to our own people back, or nothing; the hour and a pause do not."""
        run = self._runs.get(campaign)
        if run is None:
            return "lease_elsewhere"
        if run.campaign.state == "stopped":
            return "campaign_stopped"
        now = self._clock.monotonic()
        left = self.room.left(run.campaign, now)
        return self._apart(run) or ("" if left.lines else LINES_OF[left.lines_of].value)

    def free(self, campaign: CampaignId) -> int:
        """Agents who may be given a new call of this campaign now."""
        return len(self._free_for(campaign))

    def first_free(self, campaign: CampaignId) -> UserId | None:
        """Whom a call of this campaign may have now, callers served first."""
        free = self._free_for(campaign, 1)
        return free[0].user if free and self.spare_agents(campaign) > 0 else None

    def spare_agents(self, campaign: CampaignId) -> int:
        """Free agents for this campaign beyond those whom callers need: callers go first."""
        return max(0, len(self._free_for(campaign)) - self._floor.inbound_waiting())

    def run_of(self, campaign: CampaignId) -> Run:
        """What is remembered of a campaign that runs. Raises NotFoundError."""
        try:
            return self._runs[campaign]
        except KeyError:
            raise NotFoundError("no such campaign runs") from None

    def _blocked(self, run: Run, now: float) -> str:
        """The first rule that holds this campaign's calls back, or nothing."""
        if run.campaign.state != "running":
            return "campaign_" + run.campaign.state
        checks = (
            (not run.campaign.runs_on(self._clock.now()), "outside_window"),
            (run.trunk.ill and now < run.rest_until, "trunk_faults"),
            (now < run.rest_until, "nothing_due"),
        )
        return self._apart(run) or next((reason for holds, reason in checks if holds), "")

    def _apart(self, run: Run) -> str:
        """Which part that every call needs is not there, or nothing."""
        checks = (
            (self.stopped, "emergency_stop"),
            (not self._telephony.up, "link_down"),
            (not self._healthy() or run.overdue, "database_away"),
            (not run.epoch, "lease_elsewhere"),
            (not run.line, "link_down"),
        )
        return next((reason for holds, reason in checks if holds), "")

    def _free_for(self, campaign: CampaignId, most: int | None = None) -> list[Agent]:
        """Who may be given a new call now: free, and has had his rest. The first `most` of them are enough."""
        now = self._clock.wall()
        free = (agent for agent in self._floor.free_agents() if self.may_serve(agent.user, campaign))
        return list(islice((agent for agent in free if self._rests.spares(agent, now)), most))

    async def _start(self, run: Run, reserved: Sequence[UserId], unreserved: int, coming: int) -> None:
        """Claim as many attempts as agents are kept, or `unreserved`; dial them; give back what came to nothing."""
        begun: list[Claim] = []
        try:
            begun = await self._begun(run, reserved, unreserved)
        finally:
            for user in reserved:
                agent = self._floor.agent(user)
                if agent.state is AgentState.RESERVED and agent.attempt is None:
                    self._floor.try_act(user, AgentEvent.RELEASE, self._clock.wall())
            self.room.coming(run.campaign.campaign, -coming)
            run.busy, run.pending = False, 0  # they are on the floor: the next decision sees them there
            for claim in begun:
                self._tasks.spawn("dial-one", self.departure.dial(run, claim))
            if run.again:
                run.again = False
                self.wake()

    async def _begun(self, run: Run, reserved: Sequence[UserId], unreserved: int) -> list[Claim]:
        """Claims that are on the floor and about to leave."""
        free = reserved or self._free_users(run.campaign.campaign, unreserved)
        claims = await self._claim(run, free, unreserved) if free or unreserved else []
        if not claims:
            run.rest_until = max(run.rest_until, self._clock.monotonic() + 1.0)
        deliveries = await self._deliveries([claim.case for claim in claims if claim.case is not None])
        return [
            claim
            for claim in claims
            if self.departure.begin(claim, deliveries.get(claim.case) if claim.case else None, reserve=bool(unreserved))
        ]

    def _free_users(self, campaign: CampaignId, most: int) -> list[UserId]:
        """The first `most`, and whoever else speaks more than Dutch: residents wait for him."""
        if not self.serving.spoken(campaign):
            return [agent.user for agent in self._free_for(campaign, most)]
        free = [agent.user for agent in self._free_for(campaign)]
        return [*free[:most], *self.serving.languages(free[most:])]

    async def _deliveries(self, cases: Sequence[CaseId]) -> dict[CaseId, DeliveryId]:
        try:
            return await self._store.deliveries_of(cases) if cases else {}
        except UnavailableError:
            return {}

    async def _claim(self, run: Run, agents: Sequence[UserId], unreserved: int) -> Sequence[Claim]:
        order = ClaimOrder(
            campaign=run.campaign.campaign,
            owner=self._owner,
            epoch=run.epoch,
            agents=agents,
            at=self._clock.now(),
            wall_at=self._clock.wall_utc(),
            unreserved=unreserved,
            speaks=self.serving.languages(agents),
            spoken=self.serving.spoken(run.campaign.campaign),
        )
        try:
            return await self.claims.in_time(run, "claim", partial(self._ledger.claim, order))
        except UnavailableError as error:
            run.rest_until = self._clock.monotonic() + 1.0
            log.warning("no claim campaign=%s reason=%s", run.campaign.campaign, error)
        return []

    @property
    def quiet(self) -> bool:
        """True while no call is live and none is being claimed."""
        return not any(True for _ in self._floor.calls()) and not any(run.busy for run in self._runs.values())

    def rested(self) -> None:
        """The calendar has leapt: what was not due may be now."""
        for run in self._runs.values():
            run.rest_until = 0.0
        self.wake()

    # -- time ---------------------------------------------------------------------------------------------

    def cut_overdue(self) -> None:
        """About once a second: rings that have lasted long enough end."""
        self.rings.overdue(self._ring_seconds)
        if self.stopped:
            self._end_all_ringing()  # also what was adopted from an earlier owner

    def _end_all_ringing(self) -> None:
        self.rings.cancel(lambda _live: True, coming=True)

    def _ring_seconds(self, campaign: CampaignId) -> float | None:
        run = self._runs.get(campaign)
        return None if run is None else run.campaign.ring_seconds

    def person_within(self, campaign: CampaignId) -> float:
        """Seconds from the answer to a person, as the campaign promises; as usual where it is not known."""
        run = self._runs.get(campaign)
        return PERSON_WITHIN if run is None else run.campaign.person_within_seconds

    def _call_changed(self, live: LiveCall, event: CallEvent, at: float) -> None:
        del at
        call = live.call
        if call.live:
            return
        run = self._runs.get(live.info.campaign)
        if run is None or call.direction is not Direction.OUT:
            return
        run.rest_until = run.rest_until if run.trunk.ill else 0.0
        rest = run.trunk.ended(call, event)
        if rest is not None:
            run.rest_until = self._clock.monotonic() + rest
            log.error("trunk paused after faults campaign=%s faults=%d", run.campaign.campaign, run.trunk.faults)

    # -- views --------------------------------------------------------------------------------------------

    def facts(self, campaign: CampaignId) -> EngineFacts | None:
        """What this process says of a campaign, for whoever asks why nothing is dialled."""
        run = self._runs.get(campaign)
        if run is None:
            return None
        self._decide(self._clock.monotonic(), record=False)
        free = [agent.user for agent in self._free_for(campaign)]
        return EngineFacts(
            reason=run.reason,
            owned=bool(run.epoch),
            on_duty=self.staffed(campaign),
            unpractised=self._unpractised(campaign),
            free_agents=len(free),
            waited_for=self.serving.waited_for(campaign, free),
            facts=dict(run.decision.facts) if run.decision is not None else {},
        )

    def views(self) -> list[CampaignView]:
        """Each campaign with the present reason for what it does."""
        return [
            CampaignView(
                campaign=campaign,
                state=run.campaign.state,
                owned=bool(run.epoch),
                in_window=run.campaign.runs_on(self._clock.now()),
                reason=run.reason,
                started_last=run.decision.start if run.decision is not None else 0,
            )
            for campaign, run in self._runs.items()
            if run.campaign.state != "draft"
        ]
