"""One engine for the campaigns this process owns: who may be dialled, how many now, and out they go.

A dial leaves only through `Departure`: committed first, checked again at that instant, then ordered. There is no
other way.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from dialer.domain.agent import Agent, AgentEvent, AgentState
from dialer.domain.call import CallEvent, CallState, Direction, Intent
from dialer.domain.errors import NotFoundError, UnavailableError
from dialer.domain.ids import CampaignId, CaseId, DeliveryId, UserId
from dialer.pacing.model import Decision, Limit, Snapshot
from dialer.pacing.progressive import decide as pace
from dialer.pacing.view import Mode
from dialer.services.departure import Departure
from dialer.services.floor import Floor, LiveCall
from dialer.services.ownership import Ownership
from dialer.services.pacemaker import PREDICTS, Pacemaker, Written, in_words
from dialer.services.ports.campaigns import EngineFacts
from dialer.services.ports.clock import Clock
from dialer.services.ports.desk import CampaignView
from dialer.services.ports.engine import EngineCampaign, EngineStore
from dialer.services.ports.ledger import Claim, ClaimOrder, Ledger, LostLeaseError
from dialer.services.ports.telephony import Telephony, TelephonyError
from dialer.services.runs import Run
from dialer.services.tasks import Tasks
from dialer.services.tracker import Tracker

log = logging.getLogger(__name__)

CLAIM_SECONDS = 3.0
"""A claim that takes longer is given up: its agents are wanted elsewhere, and what it brings after all is withdrawn."""


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
        written: Written | None = None,
    ) -> None:
        """`healthy`: the database takes what happens; `rings_us`: a caller is on the line from this number.

        `written` takes the lines of pacing's journal.
        """
        self._floor = floor
        self._tracker = tracker
        self._telephony = telephony
        self._ledger = ledger
        self._store = store
        self._clock = clock
        self._tasks = tasks
        self._owner = owner
        self._healthy = healthy
        self._runs: dict[CampaignId, Run] = {}
        self._assigned: Mapping[UserId, frozenset[CampaignId]] = {}
        self.departure = Departure(floor, tracker, telephony, clock, rings_us=rings_us)
        self.ownership = Ownership(self._runs, ledger, telephony, clock, owner=owner)
        self.pacemaker = Pacemaker(floor, clock, may_serve=self.may_serve, written=written)
        floor.listen(calls=self._call_changed)

    # -- campaigns ----------------------------------------------------------------------------------------

    def campaign(self, campaign: CampaignId) -> EngineCampaign | None:
        """The campaign as it runs now."""
        run = self._runs.get(campaign)
        return None if run is None else run.campaign

    def line(self, dialed: str) -> EngineCampaign | None:
        """Who answers a client's number: its running campaign, else any."""
        found = [run.campaign for run in self._runs.values() if run.campaign.caller_id == dialed]
        return min(found, key=lambda c: (c.state != "running", not c.takes_inbound, str(c.campaign)), default=None)

    def campaigns(self) -> list[EngineCampaign]:
        """All campaigns known to the engine."""
        return [run.campaign for run in self._runs.values()]

    def staffed(self, campaign: CampaignId) -> int:
        """Agents on duty who work for this campaign and are not on a pause."""
        off = (AgentState.OFF, AgentState.PAUSED)
        return sum(a.state not in off and self.may_serve(a.user, campaign) for a in self._floor.agents())

    def may_serve(self, user: UserId, campaign: CampaignId) -> bool:
        """Whether this agent works for this campaign."""
        assigned = self._assigned.get(user)
        return assigned is None or campaign in assigned

    async def refresh(self) -> None:
        """Read the campaigns anew, and act on what changed."""
        fresh = {c.campaign: c for c in await self._store.campaigns()}
        self._assigned = await self._store.assignments()
        for campaign, found in fresh.items():
            run = self._runs.setdefault(campaign, Run(found))
            run.campaign = found
            run.rest_until = 0.0
        for campaign in set(self._runs) - set(fresh):
            del self._runs[campaign]
        for run in self._runs.values():
            if run.campaign.state in ("paused", "stopped"):
                self._cut_campaign(run.campaign.campaign)
        self.wake()

    def _cut_campaign(self, campaign: CampaignId) -> None:
        self._cut(lambda live: live.info.campaign == campaign)

    async def campaign_changed(self, campaign: CampaignId) -> None:
        """EngineControl: the campaign's state, calendar or settings are new."""
        del campaign
        await self.refresh()

    async def delivery_recalled(self, delivery: DeliveryId) -> None:
        """EngineControl: nothing in ring goes on for this delivery."""
        self._cut(lambda live: live.info.delivery == delivery)

    async def case_changed(self, case: CaseId) -> None:
        """EngineControl: nothing in ring goes on for this case."""
        self._cut(lambda live: live.info.case == case)

    def _cut(self, which: Callable[[LiveCall], bool]) -> None:
        """Hang up what rings; conversations go on."""
        for live in self._floor.calls():
            ringing = live.call.state in (CallState.DIALING, CallState.RINGING)
            if live.call.direction is Direction.OUT and ringing and which(live):
                self._tasks.spawn("cut-ring", self.cut(live, Intent.CANCEL))

    async def cut(self, live: LiveCall, intent: Intent) -> None:
        """Hang up a dial that is not answered, for a reason the ledger keeps."""
        try:
            live = self._floor.call(live.call.attempt)
        except NotFoundError:
            return
        if live.call.state not in (CallState.DIALING, CallState.RINGING):
            return
        self._floor.amend(live, intent=intent)
        try:
            await self._telephony.hang_up(live.call.channel, 16)
        except TelephonyError as error:
            log.warning("ring not cut attempt=%s reason=%s", live.call.attempt, error)

    # -- dialling -----------------------------------------------------------------------------------------

    def wake(self) -> None:
        """Decide anew for every campaign: an agent is free, a call ended, a second passed."""
        for run in self._runs.values():
            if run.campaign.state in ("running", "draining"):
                self._wake(run)

    def _wake(self, run: Run) -> None:
        if run.busy:
            run.again = True
            return
        decision = self.decide(run)
        if decision.start > 0:
            run.busy = True
            run.tokens -= decision.start
            self._tasks.spawn("dial", self._start(run, decision.start, run.unreserved))
        if decision.limit is Limit.RATE and run.waker is None:
            wait = (1.0 - min(run.tokens, 0.99)) / run.campaign.calls_per_second
            run.waker = asyncio.get_running_loop().call_later(wait, self._token_due, run)

    def _token_due(self, run: Run) -> None:
        run.waker = None
        self._wake(run)

    def decide(self, run: Run) -> Decision:
        """What the pacer says now, after what stands outside pacing has been looked at."""
        now = self._clock.monotonic()
        run.reason = self._blocked(run, now)
        run.refill(now)
        decision = self._predicted(run) if run.campaign.mode in PREDICTS else pace(self._snapshot(run, now))
        run.unreserved = run.unreserved and run.campaign.mode in PREDICTS
        run.decision = decision
        if not run.reason and decision.start == 0:
            run.reason = decision.limit.value
        if run.reason and decision.start:
            decision = Decision.hold(Limit.STATE)
        return decision

    def _predicted(self, run: Run) -> Decision:
        found = self.pacemaker.decide(run.campaign, lines_free=self._lines_free(run), starts_allowed=int(run.tokens))
        run.unreserved = found.reasons.mode == Mode.PREDICTIVE
        return in_words(found, inbound_waiting=self._floor.inbound_waiting())

    def hold(self, campaign: CampaignId) -> str:
        """The first rule that holds a call of this campaign back that somebody asks for now, or nothing."""
        run = self._runs.get(campaign)
        if run is None:
            return "lease_elsewhere"
        reason = self._blocked(run, self._clock.monotonic())
        if reason in ("", "nothing_due") and self._lines_free(run) == 0:
            return Limit.LINES.value
        return "" if reason == "nothing_due" else reason

    def spare_agents(self, campaign: CampaignId) -> int:
        """Free agents for this campaign beyond those whom callers need: callers go first."""
        return max(0, len(self._free_for(campaign)) - self._floor.inbound_waiting())

    def run_of(self, campaign: CampaignId) -> Run:
        """What is remembered of a campaign that runs. Raises NotFoundError."""
        try:
            return self._runs[campaign]
        except KeyError:
            raise NotFoundError("no such campaign runs") from None

    def _lines_free(self, run: Run) -> int:
        return max(0, run.campaign.lines - self._floor.lines())

    def _blocked(self, run: Run, now: float) -> str:
        """The first rule that holds this campaign's calls back, or nothing."""
        if run.campaign.state != "running":
            return "campaign_" + run.campaign.state
        checks = (
            (not self._telephony.up, "link_down"),
            (not self._healthy() or run.overdue, "database_away"),
            (not run.epoch, "lease_elsewhere"),
            (not run.line, "link_down"),
            (not run.campaign.runs_on(self._clock.now()), "outside_window"),
            (run.trunk.ill and now < run.rest_until, "trunk_faults"),
            (now < run.rest_until, "nothing_due"),
        )
        return next((reason for holds, reason in checks if holds), "")

    def _free_for(self, campaign: CampaignId) -> list[Agent]:
        return [agent for agent in self._floor.free_agents() if self.may_serve(agent.user, campaign)]

    def _snapshot(self, run: Run, now: float) -> Snapshot:
        campaign = run.campaign.campaign
        return Snapshot(
            now=now,
            open=True,
            free_agents=len(self._free_for(campaign)),
            in_ring=len(self._floor.in_flight(campaign)),
            inbound_waiting=self._floor.inbound_waiting(),
            lines_free=self._lines_free(run),
            starts_allowed=int(run.tokens),
            due=None,
        )

    async def _start(self, run: Run, count: int, unreserved: bool) -> None:
        """Reserve agents, claim as many attempts, dial them; give back what came to nothing."""
        reserved: list[UserId] = []
        try:
            at = self._clock.wall()
            free = [agent.user for agent in self._free_for(run.campaign.campaign)[:count]]
            if not unreserved:
                for user in free:
                    self._floor.act(user, AgentEvent.RESERVE, at)
                    reserved.append(user)
            claims = await self._claim(run, free, count if unreserved else 0) if free or unreserved else []
            if not claims:
                run.rest_until = max(run.rest_until, self._clock.monotonic() + 1.0)
            deliveries = await self._deliveries([claim.case for claim in claims if claim.case is not None])
            begun = [
                claim
                for claim in claims
                if self.departure.begin(claim, deliveries.get(claim.case) if claim.case else None, reserve=unreserved)
            ]
            await asyncio.gather(*(self.departure.dial(run, claim) for claim in begun))
        finally:
            used = {live.call.agent for live in self._floor.calls()}
            for user in reserved:
                agent = self._floor.agent(user)
                if user not in used and agent.state is AgentState.RESERVED and agent.attempt is None:
                    self._floor.try_act(user, AgentEvent.RELEASE, self._clock.wall())
            run.busy = False
            if run.again:
                run.again = False
                self._wake(run)

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
        )
        claim = self._tasks.spawn("claim", self._ledger.claim(order))
        await asyncio.wait({claim}, timeout=CLAIM_SECONDS)
        if not claim.done():
            run.overdue = True
            self._tasks.spawn("late-claim", self._late(run, claim))
            log.warning("claim is late campaign=%s", run.campaign.campaign)
            return []
        return await self._claimed(run, claim)

    async def _claimed(self, run: Run, claim: Awaitable[Sequence[Claim]]) -> Sequence[Claim]:
        try:
            return await claim
        except LostLeaseError:
            run.epoch = 0
            log.warning("lease lost campaign=%s", run.campaign.campaign)
        except UnavailableError:
            run.rest_until = self._clock.monotonic() + 1.0
            log.warning("no claim, database away campaign=%s", run.campaign.campaign)
        return []

    async def _late(self, run: Run, claim: Awaitable[Sequence[Claim]]) -> None:
        """What was claimed after its agents had been given back never leaves."""
        try:
            for late in await self._claimed(run, claim):
                self.departure.add(replace(late, agent=None), None)
                self._tracker.withdraw(self._floor.call(late.attempt))
        finally:
            run.overdue = False

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

    def heartbeat(self) -> None:
        """About once a second: cut rings that have lasted long enough, decide anew."""
        now = self._clock.wall()
        for live in self._floor.calls():
            run = self._runs.get(live.info.campaign)
            begun = live.call.ringing_at or live.call.dialed_at
            if run is None or begun is None or live.call.state not in (CallState.DIALING, CallState.RINGING):
                continue
            if live.call.direction is Direction.OUT and now - begun >= run.campaign.ring_seconds:
                self._tasks.spawn("ring-timeout", self.cut(live, Intent.RING_TIMEOUT))
        self.wake()

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
        self.decide(run)
        return EngineFacts(
            reason=run.reason,
            owned=bool(run.epoch),
            on_duty=self.staffed(campaign),
            free_agents=len(self._free_for(campaign)),
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
        ]
