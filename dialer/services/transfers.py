"""An agent gives a call to a colleague, a desk or an interpreter: the port `Transfers`.

The table in `domain.transfer` says what follows what; here its words become orders, and the telephone system's words
its events. Only numbers of the client's own list are ever rung. The audit has it before anything rings.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import replace
from uuid import UUID

from dialer.domain.agent import AgentEvent
from dialer.domain.call import CallEvent, CallState
from dialer.domain.errors import (
    ForbiddenError,
    IllegalTransitionError,
    NotFoundError,
    NotNowError,
    UnavailableError,
)
from dialer.domain.ids import AttemptId, CampaignId, ChannelId, UserId
from dialer.domain.transfer import (
    LONGEST,
    WISHES,
    TargetKind,
    Transfer,
    TransferEvent,
    TransferState,
    Way,
    advance,
)
from dialer.domain.transfer_target import TransferTarget
from dialer.schedule.holidays import Holiday
from dialer.schedule.windows import DAYS, Calendar, parse
from dialer.services.floor import Floor, LiveCall
from dialer.services.journal import Journal
from dialer.services.ports.audit import AuditEntry, AuditLog
from dialer.services.ports.clock import Clock
from dialer.services.ports.engine import EngineCampaign
from dialer.services.ports.ledger import CallFact
from dialer.services.ports.switching import Gathered, HandedOver, Met, OnHold, TargetReady
from dialer.services.ports.telephony import (
    AgentLost,
    ChannelFact,
    Ended,
    Joined,
    Refused,
    Telephony,
    TelephonyEvent,
)
from dialer.services.ports.transfers import (
    ColleagueChoice,
    TargetChoice,
    TransferChoices,
    TransferTargetStore,
    TransferView,
    transfer_view,
)
from dialer.services.tasks import Tasks
from dialer.services.transfer_hands import TransferHands

log = logging.getLogger(__name__)

_SAID_GOODBYE = 16  # Q.850: whoever it was hung up


class TransferRefusedError(NotNowError):
    """Not now; `code` says why."""


TRANSFER_CODES = frozenset(
    {"transfer-no-conversation", "transfer-under-way", "transfer-closed", "transfer-not-free", "transfer-not-now"}
)
"""Every code of a refusal that an agent can read."""


class TransferDesk:
    """Transfers of this process."""

    def __init__(
        self,
        floor: Floor,
        telephony: Telephony,
        journal: Journal,
        audit: AuditLog,
        clock: Clock,
        tasks: Tasks,
        targets: TransferTargetStore,
        *,
        new_id: Callable[[], str],
        campaign: Callable[[CampaignId], EngineCampaign | None],
        line: Callable[[CampaignId], str],
        may_serve: Callable[[UserId, LiveCall], bool],
        name_of: Callable[[UserId], str],
        serves: Callable[[], bool],
        languages: Callable[[UserId], Collection[str]] = lambda _: (),
        others: Callable[[], Collection[ChannelId]] = lambda: (),
        on_change: Callable[[UserId], None] = lambda _: None,
    ) -> None:
        """`line`: the way out of a campaign that is ours; empty: none. `on_change`: an agent's view has changed.

        `others`: legs that ask somebody beside any call.
        """
        self._floor = floor
        self._journal = journal
        self._audit = audit
        self._clock = clock
        self._targets = targets
        self._new_id = new_id
        self._hands = TransferHands(
            floor,
            telephony,
            clock,
            tasks,
            campaign=campaign,
            line=line,
            number=lambda transfer: self._numbers.get(transfer.attempt),
            on_refused=self._refused,
            on_ready=self._colleague_ready,
        )
        self._may_serve = may_serve
        self._languages = languages
        self._name_of = name_of
        self._others = others
        self._serves = serves
        self.on_change = on_change
        self._open: dict[AttemptId, Transfer] = {}
        self._numbers: dict[AttemptId, str] = {}  # to ring, of those under way
        self._last: dict[UserId, Transfer] = {}  # how an agent's last one ended, while its call lives
        floor.listen(calls=self._call_changed)

    # -- what agents ask ----------------------------------------------------------------------------------

    async def choices(self, user: UserId, attempt: AttemptId) -> TransferChoices:
        """To whom the call may go now. Raises NotFoundError, ForbiddenError, UnavailableError."""
        live = self._own(user, attempt)
        at = self._clock.now()
        targets = [
            TargetChoice(
                id=one.id,
                kind=one.kind,
                name=one.name,
                languages=one.languages,
                open=(closes := calendar(one).closes(at)) is not None,
                closes_at=closes,
                opens_at=calendar(one).next_open(at) if closes is None else None,
                protocol=one.protocol,
            )
            for one in await self._targets.of(live.info.client)
            if one.active
        ]
        colleagues = [
            ColleagueChoice(
                user=agent.user, name=self._name_of(agent.user), languages=sorted(self._languages(agent.user))
            )
            for agent in self._floor.free_agents()
            if agent.user != user and self._may_serve(agent.user, live)
        ]
        colleagues.sort(key=lambda one: live.info.language not in one.languages)  # who speaks it first
        return TransferChoices(targets=targets, colleagues=colleagues)

    async def start(
        self, user: UserId, attempt: AttemptId, way: Way, *, target: UUID | None, colleague: UserId | None
    ) -> Transfer:
        """Music for the resident; the target is rung. Raises as `choices`, and TransferRefusedError."""
        live = self._own(user, attempt)
        self._check_free(live)
        leg = self._floor.agent(user).leg_channel
        if leg is None:
            raise TransferRefusedError("transfer-no-conversation")
        transfer = Transfer(
            attempt=attempt,
            agent=user,
            leg=leg,
            resident=live.call.channel,
            way=way,
            kind=TargetKind.COLLEAGUE,
            name="",
            target=target,
            channel=ChannelId(f"transfer.{attempt.hex}.{self._new_id()[-6:]}"),
            since=self._clock.wall(),
        )
        if target is not None:
            row = await self._row(target, live)
            if way is Way.BLIND and row.kind is TargetKind.CRISIS:
                raise TransferRefusedError("transfer-not-now")  # nobody in danger is given away unspoken for
            transfer = replace(transfer, kind=row.kind, name=row.name)
            self._numbers[attempt] = row.number
        elif colleague is not None:
            transfer = self._with_colleague(transfer, live, colleague)
        else:
            raise TransferRefusedError("transfer-not-free")
        await self._audit.record(self._entry("transfer.start", transfer, live, way=way.value))
        live = self._own(user, attempt)  # it may be over meanwhile
        self._check_free(live)
        if transfer.colleague is not None and not self._reserve(transfer.colleague, attempt):
            raise TransferRefusedError("transfer-not-free")
        transfer = replace(transfer, since=self._clock.wall())
        self._put(transfer)
        self._hands.begin(transfer)
        return transfer

    async def step(self, user: UserId, attempt: AttemptId, event: TransferEvent) -> Transfer:
        """What an agent asks in the midst of it. Raises NotFoundError, TransferRefusedError."""
        self._check()
        transfer = self._open.get(attempt)
        if transfer is None or transfer.agent != user or event not in WISHES:
            raise NotFoundError("no transfer of this call is under way")
        after = self._advance(transfer, event, self._clock.wall())
        if after is None:
            raise TransferRefusedError("transfer-not-now")
        return after

    def under_way(self, attempt: AttemptId) -> bool:
        """Whether this call goes, or has gone, to somebody else."""
        return attempt in self._open

    def view_of(self, user: UserId) -> TransferView | None:
        """The transfer in which this agent stands, on either side."""
        for one in self._open.values():
            if one.agent == user:
                return transfer_view(one)
            if one.colleague == user:
                return transfer_view(one, incoming=self._name_of(one.agent) or "-")
        last = self._last.get(user)
        return None if last is None else transfer_view(last)

    def _check(self) -> None:
        if not self._serves():
            raise UnavailableError("this process does not run the calls, or does not know them yet")

    def _own(self, user: UserId, attempt: AttemptId) -> LiveCall:
        self._check()
        live = self._floor.call(attempt)
        if live.call.agent != user:
            raise ForbiddenError("this is somebody else's call")
        return live

    def _check_free(self, live: LiveCall) -> None:
        if live.call.attempt in self._open:
            raise TransferRefusedError("transfer-under-way")
        if live.call.state is not CallState.JOINED:
            raise TransferRefusedError("transfer-no-conversation")

    async def _row(self, target: UUID, live: LiveCall) -> TransferTarget:
        row = await self._targets.find(target)
        if row.client != live.info.client or not row.active:
            raise NotFoundError("no such target")
        if not calendar(row).is_open(self._clock.now()):
            raise TransferRefusedError("transfer-closed")
        return row

    def _with_colleague(self, transfer: Transfer, live: LiveCall, colleague: UserId) -> Transfer:
        agent = self._floor.agent(colleague)
        if colleague == transfer.agent or not agent.free or agent.leg_channel is None:
            raise TransferRefusedError("transfer-not-free")
        if not self._may_serve(colleague, live):
            raise TransferRefusedError("transfer-not-free")
        return replace(transfer, colleague=colleague, channel=agent.leg_channel, name=self._name_of(colleague))

    def _reserve(self, colleague: UserId, attempt: AttemptId) -> bool:
        free = self._floor.agent(colleague).free
        return free and self._floor.try_act(colleague, AgentEvent.RESERVE, self._clock.wall(), attempt=attempt)

    # -- what happens -------------------------------------------------------------------------------------

    def handle(self, event: TelephonyEvent) -> None:
        """The telephone system's word, after the floor has it."""
        if isinstance(event, Ended):
            self._goodbye(event)
        for transfer in list(self._open.values()):
            meant = self._meaning(transfer, event)
            if meant is not None:
                self._advance(transfer, meant, event.at)
        if isinstance(event, TargetReady) and not any(one.channel == event.channel for one in self._open.values()):
            self._hands.hang_up(event.channel)  # it picked up after we had given it up

    def _meaning(self, transfer: Transfer, event: TelephonyEvent) -> TransferEvent | None:
        ours, theirs, resident = transfer.leg, transfer.channel, transfer.resident
        match event:
            case OnHold(channel=channel) if channel == resident:
                return TransferEvent.HELD
            case TargetReady(channel=channel) if channel == theirs:
                return TransferEvent.ANSWERED
            case Met(channels=channels) if channels == {ours, theirs}:
                return TransferEvent.MET
            case Gathered(channel=channel) if channel == resident:
                return TransferEvent.GATHERED
            case HandedOver(channel=channel, target=target) if channel == resident and target == theirs:
                return TransferEvent.HANDED
            case Joined(channel=channel, leg=leg) if channel == resident:
                return TransferEvent.HANDED if leg == theirs else TransferEvent.JOINED
            case AgentLost(channel=channel) if channel == resident:
                return TransferEvent.LOST
            case Ended(channel=channel) | Refused(channel=channel) if channel == theirs:
                return TransferEvent.TARGET_GONE
            case Ended(channel=channel) if channel == ours:
                return TransferEvent.AGENT_GONE
        return None

    def _goodbye(self, event: Ended) -> None:
        """Whom the resident was given to has hung up: then the call is over. A line that broke is no goodbye."""
        if event.cause != _SAID_GOODBYE:
            return
        for live in self._floor.given_away():
            if live.info.target == event.channel:
                self._hands.hang_up(live.call.channel)

    def _call_changed(self, live: LiveCall, event: CallEvent, at: float) -> None:
        del event
        if live.call.live:
            return
        attempt = live.call.attempt
        for user in [user for user, one in self._last.items() if one.attempt == attempt]:
            del self._last[user]
            self.on_change(user)
        transfer = self._open.get(attempt)
        if transfer is not None:
            self._advance(transfer, TransferEvent.CALL_OVER, at)

    def keep(self) -> None:
        """Now and then: nobody waits for a word that never comes."""
        now = self._clock.wall()
        for transfer in list(self._open.values()):
            if transfer.state in LONGEST and now >= transfer.late:
                log.warning("transfer late attempt=%s state=%s", transfer.attempt, transfer.state)
                self._advance(transfer, TransferEvent.LATE, now)

    # -- keeping ------------------------------------------------------------------------------------------

    def _advance(self, transfer: Transfer, event: TransferEvent, at: float) -> Transfer | None:
        try:
            after, todo = advance(transfer, event, at)
        except IllegalTransitionError as error:
            log.info("transfer out of order state=%s event=%s", error.state, error.event)
            return None
        if after.state is TransferState.OVER:
            self._over(after)
        else:
            self._put(after)
        self._hands.do(after, todo)
        return after

    def _put(self, transfer: Transfer) -> None:
        self._open[transfer.attempt] = transfer
        self._last.pop(transfer.agent, None)
        self._changed(transfer)

    def _changed(self, transfer: Transfer) -> None:
        for user in (transfer.agent, transfer.colleague):
            if user is not None:
                self.on_change(user)

    def _over(self, transfer: Transfer) -> None:
        self._open.pop(transfer.attempt, None)
        self._numbers.pop(transfer.attempt, None)
        live = self._floor.live(transfer.attempt)
        if live is not None and live.call.agent == transfer.agent:
            self._last[transfer.agent] = transfer
        why = "" if transfer.why is None else transfer.why.value
        entry = self._entry("transfer.end", transfer, live, why=why)
        self._journal.write("transfer", lambda: self._audit.record(entry), transfer.attempt)
        self._note(transfer, live, why)
        self._changed(transfer)

    def _note(self, transfer: Transfer, live: LiveCall | None, why: str) -> None:
        """The call's own record says to whom it went, while the call lives."""
        if live is None:
            return
        self._journal.fact(
            CallFact(
                attempt=transfer.attempt,
                kind="transfer",
                at=self._clock.now(),
                wall_at=self._clock.wall_utc(),
                actor=f"user:{transfer.agent}",
                state=live.call.state.value,
                data={"way": transfer.way.value, "kind": transfer.kind.value, "why": why, **_whom(transfer)},
            )
        )

    def _entry(self, action: str, transfer: Transfer, live: LiveCall | None, **detail: object) -> AuditEntry:
        return AuditEntry(
            actor=f"user:{transfer.agent}",
            action=action,
            subject_kind="attempt",
            subject=str(transfer.attempt),
            client=None if live is None else live.info.client,
            detail={**detail, "kind": transfer.kind.value, **_whom(transfer)},
        )

    # -- orders -------------------------------------------------------------------------------------------

    def _refused(self, transfer: Transfer) -> None:
        """It was refused, or nobody knows: what comes late comes now."""
        now = self._open.get(transfer.attempt)
        if now is not None and now.state is transfer.state and now.state in LONGEST:
            self._advance(now, TransferEvent.LATE, self._clock.wall())

    def _colleague_ready(self, transfer: Transfer) -> None:
        """A colleague's leg stands already: nothing is rung."""
        now = self._open.get(transfer.attempt)
        if now is not None and now.state is TransferState.RINGING:
            self._advance(now, TransferEvent.ANSWERED, self._clock.wall())

    def compare(self, facts: Collection[ChannelFact]) -> None:
        """Told at each look which channels there are."""
        for fact in facts:
            self._found_together(fact)
        mine = {one for t in self._open.values() for one in (t.resident, t.leg, t.channel)} | set(self._others())
        self._hands.compare(facts, mine)

    def _found_together(self, fact: ChannelFact) -> None:
        """Three who speak with each other since before this process: their agent may leave them, as before."""
        live = self._floor.find(fact.channel) if fact.target is not None and fact.talking_to is not None else None
        agent = None if fact.talking_to is None else self._floor.agent_of_leg(fact.talking_to)
        if live is None or agent is None or fact.target is None or fact.talking_to is None:
            return
        if live.call.attempt in self._open or live.call.agent != agent.user:
            return
        self._put(
            Transfer(
                attempt=live.call.attempt,
                agent=agent.user,
                leg=fact.talking_to,
                resident=fact.channel,
                way=Way.WARM,
                kind=TargetKind.DESK,
                name="",
                target=None,
                channel=fact.target,
                state=TransferState.TOGETHER,
                since=self._clock.wall(),
            )
        )


def calendar(target: TransferTarget) -> Calendar:
    """When somebody answers there. An office is closed on public holidays, a crisis desk keeps its week."""
    week = {day: [list(span) for span in spans] for day, spans in zip(DAYS, target.hours, strict=True)}
    closed = {} if target.kind is not TargetKind.CRISIS else {holiday.value: False for holiday in Holiday}
    return parse({"week": week, "early_closings": False, "holidays": closed})


def _whom(transfer: Transfer) -> dict[str, str]:
    """Ids alone."""
    target = {} if transfer.target is None else {"target": str(transfer.target)}
    return target | ({} if transfer.colleague is None else {"colleague": str(transfer.colleague)})
