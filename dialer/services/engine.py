"""One engine for the campaigns this process owns: who may be dialled, how many now, and out they go.

A dial leaves only through `_dial`: committed first, checked again at that instant, then ordered. There is no other way.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dialer.domain import call as calls
from dialer.domain.agent import Agent, AgentEvent, AgentState
from dialer.domain.call import CallEvent, CallState, Direction, Intent
from dialer.domain.causes import OUR_FAULT, machine_result
from dialer.domain.errors import NotFoundError, UnavailableError
from dialer.domain.ids import AttemptId, CampaignId, CaseId, DeliveryId, UserId
from dialer.pacing.model import Decision, Limit, Snapshot
from dialer.pacing.progressive import decide as pace
from dialer.services.floor import CallInfo, Floor, LiveCall
from dialer.services.ports.campaigns import EngineFacts
from dialer.services.ports.clock import Clock
from dialer.services.ports.desk import CampaignView
from dialer.services.ports.engine import EngineCampaign, EngineStore
from dialer.services.ports.ledger import Claim, ClaimOrder, Ledger, LostLeaseError
from dialer.services.ports.telephony import DialOrder, Telephony, TelephonyError
from dialer.services.tasks import Tasks
from dialer.services.tracker import Tracker
from dialer.services.turn import LEASE_SECONDS

log = logging.getLogger(__name__)

CLAIM_SECONDS = 3.0
"""A claim that takes longer is given up: its agents are wanted elsewhere, and what it brings after all is withdrawn."""
_BURST_SECONDS = 0.1
_STOP_AFTER_FAULTS = 5
_FAULT_PAUSE_FIRST, _FAULT_PAUSE_MOST = 15.0, 300.0


@dataclass(slots=True)
class _Run:
    """What the engine remembers of one campaign."""

    campaign: EngineCampaign
    epoch: int = 0
    line: str = ""  # the way out that our epoch opened; calls leave over no other
    overdue: bool = False  # a claim has not come back in time
    busy: bool = False  # a claim is under way
    again: bool = False  # something changed meanwhile
    rest_until: float = 0.0  # monotonic; nothing was due, or the carrier is ill
    tokens: float = 1.0  # dials that may leave now: refilled at the permitted rate, so they leave evenly, not in bursts
    refilled: float = 0.0  # monotonic
    waker: asyncio.TimerHandle | None = None
    faults: int = 0  # carrier faults in a row
    fault_pause: float = _FAULT_PAUSE_FIRST
    decision: Decision | None = None
    reason: str = ""


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
    ) -> None:
        """`healthy`: the database takes what happens; `rings_us`: a caller is on the line from this number."""
        self._floor = floor
        self._tracker = tracker
        self._telephony = telephony
        self._ledger = ledger
        self._store = store
        self._clock = clock
        self._tasks = tasks
        self._owner = owner
        self._healthy = healthy
        self._rings_us = rings_us
        self._runs: dict[CampaignId, _Run] = {}
        self._assigned: Mapping[UserId, frozenset[CampaignId]] = {}
        self._numbers: dict[AttemptId, str] = {}
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

    def owned(self) -> list[CampaignId]:
        """Campaigns whose lease this process holds."""
        return [campaign for campaign, run in self._runs.items() if run.epoch]

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
            run = self._runs.setdefault(campaign, _Run(found))
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

    # -- leases -------------------------------------------------------------------------------------------

    async def keep_leases(self) -> list[CampaignId]:
        """Take or renew the lease of every campaign; returns those newly taken."""
        taken = []
        for campaign, run in list(self._runs.items()):
            if run.campaign.state not in ("running", "draining", "paused"):
                run.epoch = 0
                continue
            name = lease_name(campaign)
            lease = await self._ledger.take_lease(name, self._owner, self._clock.wall_utc(), LEASE_SECONDS)
            if lease is not None and lease.epoch != run.epoch:
                taken.append(campaign)
                run.line = ""
            run.epoch = 0 if lease is None else lease.epoch
        return taken

    async def open_lines(self) -> None:
        """Open a way out for each campaign that has none yet, and shut its earlier owners'. Raises TelephonyError."""
        for campaign, run in list(self._runs.items()):
            if run.epoch and not run.line:
                line = f"{campaign.hex}-{run.epoch}"
                await self._telephony.open_line(line, run.campaign.trunk)
                run.line = line

    def lines_lost(self) -> None:
        """The telephone system may have lost what it was told."""
        for run in self._runs.values():
            run.line = ""

    async def drop_leases(self) -> None:
        """Hand the campaigns back at a clean stop."""
        for campaign in self.owned():
            self._runs[campaign].epoch = 0
            await self._ledger.drop_lease(lease_name(campaign), self._owner)

    # -- dialling -----------------------------------------------------------------------------------------

    def wake(self) -> None:
        """Decide anew for every campaign: an agent is free, a call ended, a second passed."""
        for run in self._runs.values():
            if run.campaign.state in ("running", "draining"):
                self._wake(run)

    def _wake(self, run: _Run) -> None:
        if run.busy:
            run.again = True
            return
        decision = self.decide(run)
        if decision.start > 0:
            run.busy = True
            run.tokens -= decision.start
            self._tasks.spawn("dial", self._start(run, decision.start))
        if decision.limit is Limit.RATE and run.waker is None:
            wait = (1.0 - min(run.tokens, 0.99)) / run.campaign.calls_per_second
            run.waker = asyncio.get_running_loop().call_later(wait, self._token_due, run)

    def _token_due(self, run: _Run) -> None:
        run.waker = None
        self._wake(run)

    def _refill(self, run: _Run, now: float) -> None:
        rate = run.campaign.calls_per_second
        most = max(1.0, rate * _BURST_SECONDS)
        run.tokens = min(most, run.tokens + (now - run.refilled) * rate)
        run.refilled = now

    def decide(self, run: _Run) -> Decision:
        """What the pacer says now, after what stands outside pacing has been looked at."""
        now = self._clock.monotonic()
        run.reason = self._blocked(run, now)
        self._refill(run, now)
        decision = pace(self._snapshot(run, now))
        run.decision = decision
        if not run.reason and decision.start == 0:
            run.reason = decision.limit.value
        if run.reason and decision.start:
            decision = Decision.hold(Limit.STATE)
        return decision

    def _blocked(self, run: _Run, now: float) -> str:
        """The first rule that holds this campaign's calls back, or nothing."""
        if run.campaign.state != "running":
            return "campaign_" + run.campaign.state
        checks = (
            (not self._telephony.up, "link_down"),
            (not self._healthy() or run.overdue, "database_away"),
            (not run.epoch, "lease_elsewhere"),
            (not run.line, "link_down"),
            (not run.campaign.runs_on(self._clock.now()), "outside_window"),
            (run.faults >= _STOP_AFTER_FAULTS and now < run.rest_until, "trunk_faults"),
            (now < run.rest_until, "nothing_due"),
        )
        return next((reason for holds, reason in checks if holds), "")

    def _free_for(self, campaign: CampaignId) -> list[Agent]:
        return [agent for agent in self._floor.free_agents() if self.may_serve(agent.user, campaign)]

    def _snapshot(self, run: _Run, now: float) -> Snapshot:
        campaign = run.campaign.campaign
        return Snapshot(
            now=now,
            open=True,
            free_agents=len(self._free_for(campaign)),
            in_ring=len(self._floor.in_flight(campaign)),
            inbound_waiting=self._floor.inbound_waiting(),
            lines_free=max(0, run.campaign.lines - self._floor.lines()),
            starts_allowed=int(run.tokens),
            due=None,
        )

    async def _start(self, run: _Run, count: int) -> None:
        """Reserve agents, claim as many attempts, dial them; give back what came to nothing."""
        reserved: list[UserId] = []
        try:
            at = self._clock.wall()
            for agent in self._free_for(run.campaign.campaign)[:count]:
                self._floor.act(agent.user, AgentEvent.RESERVE, at)
                reserved.append(agent.user)
            claims = await self._claim(run, reserved) if reserved else []
            if not claims:
                run.rest_until = max(run.rest_until, self._clock.monotonic() + 1.0)
            deliveries = await self._deliveries(claims)
            for claim in claims:
                self._add(claim, deliveries.get(claim.case))
            await asyncio.gather(*(self._dial(run, claim) for claim in claims))
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

    async def _deliveries(self, claims: Sequence[Claim]) -> dict[CaseId, DeliveryId]:
        try:
            return await self._store.deliveries_of([claim.case for claim in claims]) if claims else {}
        except UnavailableError:
            return {}

    async def _claim(self, run: _Run, agents: Sequence[UserId]) -> Sequence[Claim]:
        order = ClaimOrder(
            campaign=run.campaign.campaign,
            owner=self._owner,
            epoch=run.epoch,
            agents=agents,
            at=self._clock.now(),
            wall_at=self._clock.wall_utc(),
        )
        claim = self._tasks.spawn("claim", self._ledger.claim(order))
        await asyncio.wait({claim}, timeout=CLAIM_SECONDS)
        if not claim.done():
            run.overdue = True
            self._tasks.spawn("late-claim", self._late(run, claim))
            log.warning("claim is late campaign=%s", run.campaign.campaign)
            return []
        return await self._claimed(run, claim)

    async def _claimed(self, run: _Run, claim: Awaitable[Sequence[Claim]]) -> Sequence[Claim]:
        try:
            return await claim
        except LostLeaseError:
            run.epoch = 0
            log.warning("lease lost campaign=%s", run.campaign.campaign)
        except UnavailableError:
            run.rest_until = self._clock.monotonic() + 1.0
            log.warning("no claim, database away campaign=%s", run.campaign.campaign)
        return []

    async def _late(self, run: _Run, claim: Awaitable[Sequence[Claim]]) -> None:
        """What was claimed after its agents had been given back never leaves."""
        try:
            for late in await self._claimed(run, claim):
                self._add(replace(late, agent=None), None)
                self._tracker.withdraw(self._floor.call(late.attempt))
        finally:
            run.overdue = False

    def _add(self, claim: Claim, delivery: DeliveryId | None) -> None:
        at = self._clock.wall()
        info = CallInfo(
            campaign=claim.campaign,
            client=claim.client,
            case=claim.case,
            phone=claim.phone,
            delivery=delivery,
            seq=claim.seq,
            reserved=claim.agent,
        )
        self._floor.add(LiveCall(calls.outbound(claim.attempt, claim.agent, at), info))
        if claim.agent is not None:
            agent = self._floor.agent(claim.agent)
            self._floor.put(agent, replace(agent, attempt=claim.attempt), at)
        self._numbers[claim.attempt] = claim.number

    async def _dial(self, run: _Run, claim: Claim) -> None:
        """The one place from which a call leaves."""
        live = self._floor.call(claim.attempt)
        campaign = run.campaign
        if not self._may_leave(run, claim, self._clock.now()):
            self._tracker.withdraw(live)
            return
        order = DialOrder(
            attempt=claim.attempt,
            number=claim.number,
            caller_id=campaign.caller_id,
            ring_seconds=campaign.ring_seconds,
            trunk=run.line,
            sounds=campaign.sounds,
        )
        try:
            await self._telephony.dial(order)
        except TelephonyError as error:
            log.warning("dial not placed attempt=%s reason=%s", claim.attempt, error)
            await self._settle_unsure(claim.attempt)

    def _may_leave(self, run: _Run, claim: Claim, now: datetime) -> bool:
        campaign = run.campaign
        return (
            bool(run.line)
            and campaign.state == "running"
            and campaign.runs_on(now)
            and self._telephony.up
            and not self._rings_us(claim.number)
        )

    async def _settle_unsure(self, attempt: AttemptId) -> None:
        """The order failed or had no answer: only the list of channels tells whether a call is out."""
        try:
            present = {fact.channel for fact in await self._telephony.channels()}
        except TelephonyError:
            return  # the link is down: reconciling at its return decides
        try:
            live = self._floor.call(attempt)
        except NotFoundError:
            return
        if live.call.channel not in present and live.call.state is CallState.CLAIMED:
            self._tracker.vanished(live)

    @property
    def quiet(self) -> bool:
        """True while no call is live and none is being claimed."""
        return not any(True for _ in self._floor.calls()) and not any(run.busy for run in self._runs.values())

    def rested(self) -> None:
        """The calendar has leapt: what was not due may be now."""
        for run in self._runs.values():
            run.rest_until = 0.0
        self.wake()

    def know_number(self, attempt: AttemptId, number: str) -> None:
        """An attempt that an earlier owner dialled goes to this number."""
        self._numbers[attempt] = number

    def number_of(self, attempt: AttemptId) -> str | None:
        """The number a live attempt was dialled on."""
        return self._numbers.get(attempt)

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
        self._numbers.pop(call.attempt, None)
        run = self._runs.get(live.info.campaign)
        if run is None or call.direction is not Direction.OUT:
            return
        run.rest_until = 0.0 if run.faults < _STOP_AFTER_FAULTS else run.rest_until
        self._watch_trunk(run, live, event)

    def _watch_trunk(self, run: _Run, live: LiveCall, event: CallEvent) -> None:
        """Five carrier faults in a row: pause the trunk, longer each time, and say so."""
        if live.call.intent is not Intent.NONE or event is CallEvent.REFUSED:
            return
        if machine_result(live.call) not in OUR_FAULT:
            run.faults, run.fault_pause = 0, _FAULT_PAUSE_FIRST
            return
        run.faults += 1
        if run.faults >= _STOP_AFTER_FAULTS:
            run.rest_until = self._clock.monotonic() + run.fault_pause
            run.fault_pause = min(run.fault_pause * 2, _FAULT_PAUSE_MOST)
            log.error("trunk paused after faults campaign=%s faults=%d", run.campaign.campaign, run.faults)

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


def lease_name(campaign: CampaignId) -> str:
    """Name of a campaign's lease row."""
    return f"campaign:{campaign}"
